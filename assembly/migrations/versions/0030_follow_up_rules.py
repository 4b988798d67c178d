"""The rules of the follow-up with their addressees, and the meetings of the bodies that decide."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "body_meetings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(length=200), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_body_meetings_assembly_id_assemblies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_body_meetings")),
        sa.UniqueConstraint("assembly_id", "body", "held_on", name=op.f("uq_body_meetings_assembly_id_body_held_on")),
    )
    op.create_table(
        "follow_up_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("assigned", sa.String(length=6), nullable=False),
        sa.Column("answered", sa.String(length=6), nullable=False),
        sa.Column("debated", sa.String(length=6), nullable=False),
        sa.Column("minutes", sa.String(length=6), nullable=False),
        sa.Column("decided", sa.String(length=6), nullable=False),
        sa.Column("first_report", sa.String(length=6), nullable=False),
        sa.Column("report", sa.String(length=6), nullable=False),
        sa.Column("review", sa.String(length=6), nullable=False),
        sa.Column("members_reply", sa.String(length=6), nullable=False),
        sa.Column("better_answer", sa.String(length=6), nullable=False),
        sa.Column("forwarded", sa.String(length=6), nullable=False),
        sa.Column("examined", sa.String(length=6), nullable=False),
        sa.Column("postponed", sa.String(length=6), nullable=False),
        sa.Column("objection", sa.String(length=6), nullable=False),
        sa.Column("longest_extension", sa.Integer(), nullable=False),
        sa.Column("adoption_percent", sa.Integer(), nullable=False),
        sa.Column("quorum_percent", sa.Integer(), nullable=False),
        sa.Column("minority_size", sa.Integer(), nullable=False),
        sa.Column("who_answers", sa.Text(), nullable=False),
        sa.Column("who_decides", sa.Text(), nullable=False),
        sa.Column("participation", sa.Text(), nullable=False),
        sa.CheckConstraint("(published_at IS NULL) = (digest IS NULL)", name=op.f("ck_follow_up_rules_published")),
        sa.CheckConstraint("adoption_percent BETWEEN 50 AND 99", name=op.f("ck_follow_up_rules_adoption_percent")),
        sa.CheckConstraint("longest_extension BETWEEN 0 AND 60", name=op.f("ck_follow_up_rules_longest_extension")),
        sa.CheckConstraint("minority_size BETWEEN 1 AND 100", name=op.f("ck_follow_up_rules_minority_size")),
        sa.CheckConstraint("quorum_percent BETWEEN 1 AND 100", name=op.f("ck_follow_up_rules_quorum_percent")),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_follow_up_rules_assembly_id_assemblies")
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["users.id"], name=op.f("fk_follow_up_rules_published_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_rules")),
        sa.UniqueConstraint("assembly_id", "version", name=op.f("uq_follow_up_rules_assembly_id_version")),
    )
    op.create_index(op.f("ix_follow_up_rules_published_by_id"), "follow_up_rules", ["published_by_id"], unique=False)
    op.create_table(
        "addressees",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rules_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("body", sa.String(length=200), nullable=False),
        sa.Column(
            "binding",
            sa.Enum("bound", "asked", name="binding", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("resolution", sa.String(length=200), nullable=False),
        sa.Column("resolution_link", sa.String(length=500), nullable=False),
        sa.Column("resolved_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "binding = 'asked' OR (resolution <> '' AND resolved_on IS NOT NULL)", name=op.f("ck_addressees_resolution")
        ),
        sa.ForeignKeyConstraint(
            ["rules_id"], ["follow_up_rules.id"], name=op.f("fk_addressees_rules_id_follow_up_rules")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addressees")),
        sa.UniqueConstraint("rules_id", "number", name=op.f("uq_addressees_rules_id_number")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("addressees")
    op.drop_index(op.f("ix_follow_up_rules_published_by_id"), table_name="follow_up_rules")
    op.drop_table("follow_up_rules")
    op.drop_table("body_meetings")
