"""How members reach their own page; mails in plain language."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "member_accesses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "link", "code", "calendar", name="accesskind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["members.respondent_id"],
            name=op.f("fk_member_accesses_respondent_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["users.id"], name=op.f("fk_member_accesses_made_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_accesses")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_member_accesses_fingerprint")),
    )
    op.create_index(op.f("ix_member_accesses_respondent_id"), "member_accesses", ["respondent_id"], unique=False)
    op.create_table(
        "one_time_codes",
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["members.respondent_id"],
            name=op.f("fk_one_time_codes_respondent_id_members"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("respondent_id", name=op.f("pk_one_time_codes")),
    )
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.alter_column("language", existing_type=sa.String(length=2), type_=sa.String(length=8))


def downgrade() -> None:
    """Take it back to the one before."""
    op.execute("UPDATE mails SET language = substr(language, 1, 2)")
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.alter_column("language", existing_type=sa.String(length=8), type_=sa.String(length=2))
    op.drop_table("one_time_codes")
    op.drop_table("member_accesses")
