"""Last accepted code of the second factor, who somebody is at the city's provider, city-wide roles held once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CITY_WIDE = "revoked_at IS NULL AND assembly_id IS NULL"


def upgrade() -> None:
    """Bring the schema up to this revision."""
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_totp_counter", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("openid_subject", sa.String(length=512), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_users_openid_subject"), ["openid_subject"])
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index(
            "uq_memberships_city_wide",
            ["user_id", "role"],
            unique=True,
            sqlite_where=sa.text(CITY_WIDE),
            postgresql_where=sa.text(CITY_WIDE),
        )


def downgrade() -> None:
    """Take it back to the one before."""
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_memberships_city_wide", sqlite_where=sa.text(CITY_WIDE), postgresql_where=sa.text(CITY_WIDE)
        )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_users_openid_subject"), type_="unique")
        batch_op.drop_column("openid_subject")
        batch_op.drop_column("last_totp_counter")
