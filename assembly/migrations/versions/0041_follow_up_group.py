"""The members’ follow-up group, the consent to be written to for it, and messages to it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

REMINDERS = ("reminder_week", "reminder_day", "reminder_letter")


ENUMERATIONS = (
    ("member_consents", "kind", "consentkind", ("name", "photo", "contact")),
    ("announcements", "audience", "audience", ("all", "unanswered", "excused", "table")),
    ("member_messages", "kind", "messagekind", (*REMINDERS, "change", "from_staff")),
    ("event_calls", "kind", "messagekind", (*REMINDERS, "change", "from_staff")),
)
NEW = "follow_up"


def upgrade() -> None:
    """Bring the schema up to this revision."""
    for table, column, check, values in ENUMERATIONS:
        _allow(table, column, check, (*values, NEW))
    op.create_table(
        "group_elections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("took_part", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("size >= 1 AND took_part >= size", name=op.f("ck_group_elections_elected")),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_group_elections_assembly_id_assemblies")
        ),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["users.id"], name=op.f("fk_group_elections_recorded_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_elections")),
    )
    with op.batch_alter_table("group_elections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_elections_assembly_id"), ["assembly_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_group_elections_recorded_by_id"), ["recorded_by_id"], unique=False)

    op.create_table(
        "group_proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column(
            "move",
            sa.Enum(
                "assign",
                "begin_review",
                "extend",
                "answer",
                "ask_better",
                "reply",
                "debate",
                "minutes",
                "decide",
                "implement",
                "report",
                "review",
                "send_back",
                "forward",
                "forwarded_reply",
                "resume",
                "new_term",
                "on_agenda",
                "close",
                "correct",
                "redact",
                name="move",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("about", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "voting",
                "published",
                "dropped",
                name="proposalstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("voted_from", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("yes", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("abstained", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_group_proposals_assembly_id_assemblies")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_group_proposals_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_proposals")),
    )
    with op.batch_alter_table("group_proposals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_proposals_assembly_id"), ["assembly_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_group_proposals_case_id"), ["case_id"], unique=False)

    op.create_table(
        "group_seats",
        sa.Column("election_id", sa.Integer(), nullable=False),
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["election_id"], ["group_elections.id"], name=op.f("fk_group_seats_election_id_group_elections")
        ),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["members.respondent_id"],
            name=op.f("fk_group_seats_respondent_id_members"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("election_id", "respondent_id", name=op.f("pk_group_seats")),
    )
    with op.batch_alter_table("group_seats", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_seats_respondent_id"), ["respondent_id"], unique=False)

    op.create_table(
        "group_votes",
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column(
            "choice",
            sa.Enum("yes", "no", "abstained", name="groupchoice", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("cast_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["group_proposals.id"], name=op.f("fk_group_votes_proposal_id_group_proposals")
        ),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["members.respondent_id"],
            name=op.f("fk_group_votes_respondent_id_members"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("proposal_id", "respondent_id", name=op.f("pk_group_votes")),
    )
    with op.batch_alter_table("group_votes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_votes_respondent_id"), ["respondent_id"], unique=False)


def downgrade() -> None:
    """Take it back to the one before; what there is only now goes."""
    for table, column, check, values in ENUMERATIONS:
        rows = sa.table(table, sa.column(column, sa.String))
        op.execute(sa.delete(rows).where(rows.c[column] == NEW))
        _allow(table, column, check, values)
    with op.batch_alter_table("group_votes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_votes_respondent_id"))

    op.drop_table("group_votes")
    with op.batch_alter_table("group_seats", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_seats_respondent_id"))

    op.drop_table("group_seats")
    with op.batch_alter_table("group_proposals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_proposals_case_id"))
        batch_op.drop_index(batch_op.f("ix_group_proposals_assembly_id"))

    op.drop_table("group_proposals")
    with op.batch_alter_table("group_elections", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_elections_recorded_by_id"))
        batch_op.drop_index(batch_op.f("ix_group_elections_assembly_id"))

    op.drop_table("group_elections")


def _allow(table: str, column: str, check: str, values: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{value}'" for value in values)
    name = op.f(f"ck_{table}_{check}")
    with op.batch_alter_table(table) as changed:
        changed.drop_constraint(name, type_="check")
        changed.create_check_constraint(name, f"{column} IN ({listed})")
