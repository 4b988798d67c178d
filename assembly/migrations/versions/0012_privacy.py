"""Daily deletion and published heads of the log; whom a mail is to; whose data were deleted on time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0012"
down_revision = "0010"
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
    with op.batch_alter_table("mails") as table:
        table.add_column(sa.Column("respondent_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_mails_respondent_id_respondents"), "respondents", ["respondent_id"], ["id"], ondelete="SET NULL"
        )
        table.create_index(op.f("ix_mails_respondent_id"), ["respondent_id"])


def downgrade() -> None:
    """Take this revision back."""
    with op.batch_alter_table("mails") as table:
        table.drop_index(op.f("ix_mails_respondent_id"))
        table.drop_constraint(op.f("fk_mails_respondent_id_respondents"), type_="foreignkey")
        table.drop_column("respondent_id")
    op.drop_column("respondents", "cleared_at")  # never by batch: SQLite would drop the table, and contacts with it
    op.drop_table("published_heads")
    op.drop_table("daily_runs")
