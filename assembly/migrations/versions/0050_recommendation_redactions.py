"""Redactions of recommendations, by order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "recommendation_redactions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column(
            "ground",
            sa.Enum(
                "personal_data",
                "court",
                "law",
                name="redactionground",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("redacted_at", UtcDateTime(), nullable=False),
        sa.Column("redacted_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recommendation_id"],
            ["recommendations.id"],
            name=op.f("fk_recommendation_redactions_recommendation_id_recommendations"),
        ),
        sa.ForeignKeyConstraint(
            ["redacted_by_id"], ["users.id"], name=op.f("fk_recommendation_redactions_redacted_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation_redactions")),
    )
    for column in ("recommendation_id", "redacted_by_id"):
        op.create_index(op.f(f"ix_recommendation_redactions_{column}"), "recommendation_redactions", [column])


def downgrade() -> None:
    """Take it back to the one before."""
    op.drop_table("recommendation_redactions")
