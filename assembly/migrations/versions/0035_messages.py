"""What members are written about events, who is to be called, and a state for what no longer holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

STATES = ("queued", "sending", "sent", "refused", "perhaps_sent", "to_print", "printed", "erased")
WITHOUT_ADDRESS = ("to_print", "printed", "erased")
OUTDATED = "outdated"


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _kinds() -> sa.Enum:
    return _enum("messagekind", "reminder_week", "reminder_day", "reminder_letter", "change", "from_staff")


def upgrade() -> None:
    """Bring the schema up to this revision."""
    _allow_states((*STATES, OUTDATED), (*WITHOUT_ADDRESS, OUTDATED))
    op.create_table(
        "event_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", _enum("changekind", "moved", "place", "cancelled"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("before_starts_at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_changes_event_id_events"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_changes")),
    )
    op.create_index(op.f("ix_event_changes_event_id"), "event_changes", ["event_id"], unique=False)
    _create_announcements()
    _create_member_messages()
    _create_event_calls()


def _create_announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("audience", _enum("audience", "all", "unanswered", "excused"), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("plain_text", sa.Text(), nullable=False),
        sa.Column("english_subject", sa.String(length=200), nullable=False),
        sa.Column("english_text", sa.Text(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("queued_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_announcements_assembly_id_assemblies")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_announcements_event_id_events"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["written_by_id"], ["users.id"], name=op.f("fk_announcements_written_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_index(op.f("ix_announcements_assembly_id"), "announcements", ["assembly_id"], unique=False)
    op.create_index(op.f("ix_announcements_event_id"), "announcements", ["event_id"], unique=False)


def _create_member_messages() -> None:
    op.create_table(
        "member_messages",
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("kind", _kinds(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", UtcDateTime(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("change_id", sa.Integer(), nullable=True),
        sa.Column("announcement_id", sa.Integer(), nullable=True),
        sa.Column("is_copy", sa.Boolean(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_member_messages_{column}_{table}"), ondelete="CASCADE"
            )
            for column, table in (
                ("mail_id", "mails"),
                ("event_id", "events"),
                ("change_id", "event_changes"),
                ("announcement_id", "announcements"),
            )
        ),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("pk_member_messages")),
    )
    for column in ("event_id", "change_id", "announcement_id"):
        op.create_index(op.f(f"ix_member_messages_{column}"), "member_messages", [column], unique=False)


def _create_event_calls() -> None:
    outcomes = ("reached", "call_back", "no_answer", "left_message", "sent", "undeliverable")
    op.create_table(
        "event_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deed", sa.String(length=120), nullable=False),
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", _kinds(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("outcome", _enum("attemptoutcome", *outcomes), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=True),
        sa.Column("noted_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["members.respondent_id"],
            name=op.f("fk_event_calls_respondent_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_calls_event_id_events"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["change_id"], ["event_changes.id"], name=op.f("fk_event_calls_change_id_event_changes"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["noted_by_id"], ["users.id"], name=op.f("fk_event_calls_noted_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_calls")),
        sa.UniqueConstraint("deed", name=op.f("uq_event_calls_deed")),
    )
    for column in ("respondent_id", "event_id", "change_id"):
        op.create_index(op.f(f"ix_event_calls_{column}"), "event_calls", [column], unique=False)


def downgrade() -> None:
    """Take it back."""
    for table in ("event_calls", "member_messages", "announcements", "event_changes"):
        op.drop_table(table)
    op.execute("UPDATE mails SET state = 'erased' WHERE state = 'outdated'")
    _allow_states(STATES, WITHOUT_ADDRESS)


def _allow_states(states: tuple[str, ...], without_address: tuple[str, ...]) -> None:
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_mails_mailstate"), type_="check")
        batch_op.drop_constraint(op.f("ck_mails_recipient"), type_="check")
        batch_op.create_check_constraint(op.f("ck_mails_mailstate"), f"state IN {_listed(states)}")
        batch_op.create_check_constraint(
            op.f("ck_mails_recipient"), f"recipient IS NOT NULL OR state IN {_listed(without_address)}"
        )


def _listed(values: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"
