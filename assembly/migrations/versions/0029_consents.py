"""What members agree to: their name in public, photos, contact with each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "member_consents",
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "name", "photo", "contact", name="consentkind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["users.id"], name=op.f("fk_member_consents_recorded_by_id_users")),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["members.respondent_id"],
            name=op.f("fk_member_consents_respondent_id_members"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("respondent_id", "kind", name=op.f("pk_member_consents")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("member_consents")
