"""Departments: who works in them, which cases they contribute to, and until when before the public date."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "units",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("approves", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("name", name=op.f("uq_units_name")),
    )
    op.create_table(
        "unit_members",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_members_unit_id_units")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_unit_members_user_id_users")),
        sa.PrimaryKeyConstraint("unit_id", "user_id", name=op.f("pk_unit_members")),
    )
    op.create_index(op.f("ix_unit_members_user_id"), "unit_members", ["user_id"], unique=False)
    op.create_table(
        "contributing_units",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_contributing_units_case_id_cases")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_contributing_units_unit_id_units")),
        sa.PrimaryKeyConstraint("case_id", "unit_id", name=op.f("pk_contributing_units")),
    )
    op.create_index(op.f("ix_contributing_units_unit_id"), "contributing_units", ["unit_id"], unique=False)
    op.create_table(
        "internal_deadlines",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("days_before", sa.Integer(), nullable=False),
        sa.CheckConstraint("days_before BETWEEN 0 AND 60", name=op.f("ck_internal_deadlines_days_before")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_internal_deadlines_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_internal_deadlines")),
    )


def downgrade() -> None:
    """Take it back to the one before."""
    for table in ("internal_deadlines", "contributing_units", "unit_members", "units"):
        op.drop_table(table)
