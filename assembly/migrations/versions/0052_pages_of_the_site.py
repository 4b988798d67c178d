"""Pages of the site that the law wants, what holds for all of it, and barriers that are reported there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

PAGES = ("imprint", "privacy", "accessibility", "easy-language", "sign-language")
STATES = ("open", "answered", "closed")
WAYS = ("mail", "phone", "letter", "nobody")


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "site_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("enforcement", sa.Text(), nullable=False),
        sa.Column("answer_period", sa.String(length=6), nullable=False),
        sa.Column("remind_days", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_site_settings_one")),
        sa.CheckConstraint("remind_days BETWEEN 0 AND 30", name=op.f("ck_site_settings_remind_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_settings")),
    )
    op.create_table(
        "site_pages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*PAGES, name="pagekind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("text_de", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("video", sa.String(length=500), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["changed_by_id"], ["users.id"], name=op.f("fk_site_pages_changed_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_pages")),
        sa.UniqueConstraint("kind", name=op.f("uq_site_pages_kind")),
    )
    op.create_table(
        "barriers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reported_at", UtcDateTime(), nullable=False),
        sa.Column("page", sa.String(length=500), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="barrierstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column(
            "answer_way",
            sa.Enum(*WAYS, name="answerway", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["answered_by_id"], ["users.id"], name=op.f("fk_barriers_answered_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_barriers")),
    )
    op.create_index(op.f("ix_barriers_state"), "barriers", ["state"])


def downgrade() -> None:
    """Take it back to the one before."""
    op.drop_table("barriers")
    op.drop_table("site_pages")
    op.drop_table("site_settings")
