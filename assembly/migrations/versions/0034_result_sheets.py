"""Result sheets with entries and versions; versions of materials are withdrawn one by one; when things were published.

Feeds say when an entry was changed, so publications have their moment from now on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

KINDS = ("argument_for", "argument_against", "open_question", "disagreement", "draft_recommendation")
MOMENTS = (
    ("materials", "published_at"),
    ("material_versions", "withdrawn_at"),
    ("request_answers", "published_at"),
    ("feedback_publications", "published_at"),
)


def upgrade() -> None:
    """Bring the schema up to this revision."""
    _add_sheets()
    op.create_table(
        "sheet_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="entrykind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["result_sheets.id"], name=op.f("fk_sheet_entries_sheet_id_result_sheets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_entries")),
    )
    op.create_index(op.f("ix_sheet_entries_sheet_id"), "sheet_entries", ["sheet_id"])
    op.create_table(
        "result_sheet_versions",
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.Column("saved_by_id", sa.Integer(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["saved_by_id"], ["users.id"], name=op.f("fk_result_sheet_versions_saved_by_id_users")),
        sa.ForeignKeyConstraint(
            ["sheet_id"],
            ["result_sheets.id"],
            name=op.f("fk_result_sheet_versions_sheet_id_result_sheets"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sheet_id", "number", name=op.f("pk_result_sheet_versions")),
    )
    for table, column in MOMENTS:
        op.add_column(table, sa.Column(column, UtcDateTime(), nullable=True))


def _add_sheets() -> None:
    op.create_table(
        "result_sheets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("table_number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("round BETWEEN 1 AND 50", name=op.f("ck_result_sheets_round")),
        sa.CheckConstraint("table_number BETWEEN 1 AND 200", name=op.f("ck_result_sheets_table_number")),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_result_sheets_assembly_id_assemblies")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_result_sheets_event_id_events"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_items.id"], name=op.f("fk_result_sheets_item_id_agenda_items"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["assembly_questions.id"],
            name=op.f("fk_result_sheets_question_id_assembly_questions"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_sheets")),
        sa.UniqueConstraint(
            "item_id", "round", "table_number", name=op.f("uq_result_sheets_item_id_round_table_number")
        ),
    )
    for column in ("assembly_id", "event_id", "question_id"):
        op.create_index(op.f(f"ix_result_sheets_{column}"), "result_sheets", [column])


def downgrade() -> None:
    """Take it back."""
    for table, column in reversed(MOMENTS):
        op.drop_column(table, column)
    op.drop_table("result_sheet_versions")
    op.drop_table("sheet_entries")
    op.drop_table("result_sheets")
