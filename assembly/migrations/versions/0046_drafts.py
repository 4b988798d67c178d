"""Drafts in versions, with comments and sign-offs; deputies; who wants no weekly mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime, enumeration
from assembly.models.cases import Move
from assembly.models.drafts import DraftDeed, DraftState

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("move", enumeration(Move), nullable=False),
        sa.Column("state", enumeration(DraftState), nullable=False),
        sa.Column("submitted_by_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.CheckConstraint("(state = 'published') = (step IS NOT NULL)", name=op.f("ck_drafts_published")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_drafts_case_id_cases")),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["users.id"], name=op.f("fk_drafts_submitted_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )
    op.create_index(op.f("ix_drafts_case_id"), "drafts", ["case_id"], unique=False)
    op.create_index(op.f("ix_drafts_submitted_by_id"), "drafts", ["submitted_by_id"], unique=False)
    op.create_index(
        "uq_drafts_open",
        "drafts",
        ["case_id", "move"],
        unique=True,
        sqlite_where=sa.text("state <> 'published'"),
        postgresql_where=sa.text("state <> 'published'"),
    )
    op.create_table(
        "draft_versions",
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.Column("saved_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name=op.f("fk_draft_versions_draft_id_drafts")),
        sa.ForeignKeyConstraint(["saved_by_id"], ["users.id"], name=op.f("fk_draft_versions_saved_by_id_users")),
        sa.PrimaryKeyConstraint("draft_id", "number", name=op.f("pk_draft_versions")),
    )
    op.create_index(op.f("ix_draft_versions_saved_by_id"), "draft_versions", ["saved_by_id"], unique=False)
    op.create_table(
        "draft_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("deed", enumeration(DraftDeed), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name=op.f("fk_draft_notes_draft_id_drafts")),
        sa.ForeignKeyConstraint(["written_by_id"], ["users.id"], name=op.f("fk_draft_notes_written_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_notes")),
    )
    op.create_index(op.f("ix_draft_notes_draft_id"), "draft_notes", ["draft_id"], unique=False)
    op.create_index(op.f("ix_draft_notes_written_by_id"), "draft_notes", ["written_by_id"], unique=False)
    op.create_table(
        "deputies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_deputies_days")),
        sa.CheckConstraint("user_id <> deputy_id", name=op.f("ck_deputies_another")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_deputies_user_id_users")),
        sa.ForeignKeyConstraint(["deputy_id"], ["users.id"], name=op.f("fk_deputies_deputy_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputies")),
    )
    op.create_index(op.f("ix_deputies_user_id"), "deputies", ["user_id"], unique=False)
    op.create_index(op.f("ix_deputies_deputy_id"), "deputies", ["deputy_id"], unique=False)
    op.create_table(
        "digest_stops",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_digest_stops_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_digest_stops")),
    )


def downgrade() -> None:
    """Take it back to the one before."""
    for table in ("digest_stops", "deputies", "draft_notes", "draft_versions", "drafts"):
        op.drop_table(table)
