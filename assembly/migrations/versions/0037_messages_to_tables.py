"""A message of the organisers may go to those who sit at one table of an event."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

AUDIENCES = ("all", "unanswered", "excused")
TABLE = "table"


def upgrade() -> None:
    """Bring the schema up to this revision."""
    with op.batch_alter_table("announcements") as table:
        table.add_column(sa.Column("table_number", sa.Integer(), nullable=True))
    _allow((*AUDIENCES, TABLE))


def downgrade() -> None:
    """Take it back to the one before: what went to a table went to nobody else."""
    announcements = sa.table("announcements", sa.column("audience", sa.String), sa.column("queued_at"))
    is_for_table = announcements.c.audience == TABLE
    op.execute(sa.delete(announcements).where(is_for_table, announcements.c.queued_at.is_(None)))
    op.execute(sa.update(announcements).where(is_for_table).values(audience="unanswered"))
    _allow(AUDIENCES)
    with op.batch_alter_table("announcements") as table:
        table.drop_column("table_number")


def _allow(values: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{value}'" for value in values)
    with op.batch_alter_table("announcements") as table:
        table.drop_constraint(op.f("ck_announcements_audience"), type_="check")
        table.create_check_constraint(op.f("ck_announcements_audience"), f"audience IN ({listed})")
