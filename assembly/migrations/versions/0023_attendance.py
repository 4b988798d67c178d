"""Attendance of members at events, and when somebody is absent too often."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

STATES = ("invited", "confirmed", "excused", "present", "present_half", "absent")


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "attendances",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="attendancestate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_attendances_event_id_events"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["members.respondent_id"],
            name=op.f("fk_attendances_respondent_id_members"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", "respondent_id", name=op.f("pk_attendances")),
    )
    op.create_index(op.f("ix_attendances_respondent_id"), "attendances", ["respondent_id"], unique=False)
    op.create_table(
        "attendance_rules",
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("missed BETWEEN 1 AND last AND last <= 20", name=op.f("ck_attendance_rules_missed")),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_attendance_rules_assembly_id_assemblies")
        ),
        sa.PrimaryKeyConstraint("assembly_id", name=op.f("pk_attendance_rules")),
    )


def downgrade() -> None:
    """Take it back to the one before."""
    op.drop_table("attendance_rules")
    op.drop_table("attendances")
