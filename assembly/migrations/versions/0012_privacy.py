"""Daily deletion and published heads of the log; whose data were deleted on time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "daily_runs",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("deleted", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_daily_runs")),
    )
    op.create_table(
        "published_heads",
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_published_heads_assembly_id_assemblies")
        ),
        sa.PrimaryKeyConstraint("assembly_id", "day", name=op.f("pk_published_heads")),
    )
    op.add_column("respondents", sa.Column("cleared_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("respondents", "cleared_at")  # never by batch: SQLite would drop the table, and contacts with it
    op.drop_table("published_heads")
    op.drop_table("daily_runs")
