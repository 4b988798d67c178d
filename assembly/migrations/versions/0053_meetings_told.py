"""Which members were told of which public meetings, and meetings that were cancelled after that."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

KINDS = ("reminder_week", "reminder_day", "reminder_letter", "change", "from_staff", "follow_up")
NEW = "meetings"
TABLES = ("member_messages", "event_calls")


def upgrade() -> None:
    """Bring the schema up to this revision; of no meeting that is there members were told yet."""
    for name in TABLES:
        _allow(name, (*KINDS, NEW))
    with op.batch_alter_table("body_meetings") as table:
        table.add_column(sa.Column("told_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("cancelled_at", UtcDateTime(), nullable=True))
    op.create_table(
        "meetings_told",
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("takes_place", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mail_id"],
            ["member_messages.mail_id"],
            name=op.f("fk_meetings_told_mail_id_member_messages"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["body_meetings.id"],
            name=op.f("fk_meetings_told_meeting_id_body_meetings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("mail_id", "meeting_id", name=op.f("pk_meetings_told")),
    )
    with op.batch_alter_table("meetings_told") as table:
        table.create_index(table.f("ix_meetings_told_meeting_id"), ["meeting_id"], unique=False)


def downgrade() -> None:
    """Take it back to the one before; meetings that were cancelled, and messages about meetings, go."""
    with op.batch_alter_table("meetings_told") as table:
        table.drop_index(table.f("ix_meetings_told_meeting_id"))
    op.drop_table("meetings_told")
    meetings = sa.table("body_meetings", sa.column("cancelled_at"))
    op.execute(sa.delete(meetings).where(meetings.c.cancelled_at.is_not(None)))
    with op.batch_alter_table("body_meetings") as table:
        table.drop_column("cancelled_at")
        table.drop_column("told_at")
    for name in TABLES:
        rows = sa.table(name, sa.column("kind", sa.String))
        op.execute(sa.delete(rows).where(rows.c.kind == NEW))
        _allow(name, KINDS)


def _allow(table: str, values: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{value}'" for value in values)
    name = op.f(f"ck_{table}_messagekind")
    with op.batch_alter_table(table) as changed:
        changed.drop_constraint(name, type_="check")
        changed.create_check_constraint(name, f"kind IN ({listed})")
