"""Last accepted code of the second factor."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_totp_counter", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take it back to the one before."""
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("last_totp_counter")
