"""The panel: seats, attempts, consents, needs; replacement lotteries beside the drawn one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "panels",
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replacements_end_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assembly_id"], ["assemblies.id"], name=op.f("fk_panels_assembly_id_assemblies")),
        sa.PrimaryKeyConstraint("assembly_id", name=op.f("pk_panels")),
    )
    op.create_table(
        "contact_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column(
            "channel",
            sa.Enum(
                "phone",
                "mail",
                "sms",
                "letter",
                "visit",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "reached",
                "call_back",
                "no_answer",
                "left_message",
                "sent",
                "undeliverable",
                name="attemptoutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("callback_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_contact_attempts_by_id_users")),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["respondents.id"],
            name=op.f("fk_contact_attempts_respondent_id_respondents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_attempts")),
    )
    with op.batch_alter_table("contact_attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_attempts_respondent_id"), ["respondent_id"], unique=False)

    op.create_table(
        "guardian_consents",
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("guardian", sa.String(length=200), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "phone",
                "mail",
                "sms",
                "letter",
                "visit",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_guardian_consents_recorded_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["respondents.id"],
            name=op.f("fk_guardian_consents_respondent_id_respondents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("respondent_id", name=op.f("pk_guardian_consents")),
    )
    op.create_table(
        "support_needs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["users.id"], name=op.f("fk_support_needs_recorded_by_id_users")),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["respondents.id"],
            name=op.f("fk_support_needs_respondent_id_respondents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_needs")),
    )
    with op.batch_alter_table("support_needs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_support_needs_respondent_id"), ["respondent_id"], unique=False)

    op.create_table(
        "members",
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "channel",
            sa.Enum(
                "phone",
                "mail",
                "sms",
                "letter",
                "visit",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(["assembly_id"], ["assemblies.id"], name=op.f("fk_members_assembly_id_assemblies")),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitments.id"], name=op.f("fk_members_commitment_id_commitments")
        ),
        sa.ForeignKeyConstraint(
            ["respondent_id"], ["respondents.id"], name=op.f("fk_members_respondent_id_respondents")
        ),
        sa.PrimaryKeyConstraint("respondent_id", name=op.f("pk_members")),
    )
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_members_assembly_id"), ["assembly_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_members_commitment_id"), ["commitment_id"], unique=False)

    with op.batch_alter_table("lotteries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replaces_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("vacated", sa.JSON(none_as_null=True), nullable=True))
        batch_op.drop_index("uq_lotteries_standing")
        batch_op.create_index(
            "uq_lotteries_standing",
            ["assembly_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('committed', 'drawn') AND replaces_id IS NULL"),
            postgresql_where=sa.text("state IN ('committed', 'drawn') AND replaces_id IS NULL"),
        )
        batch_op.create_index(
            "uq_lotteries_replacing",
            ["replaces_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('committed', 'drawn')"),
            postgresql_where=sa.text("state IN ('committed', 'drawn')"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_lotteries_replaces_id_lotteries"), "lotteries", ["replaces_id"], ["id"]
        )


def downgrade() -> None:
    """Take it back to the one before."""
    with op.batch_alter_table("lotteries", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_lotteries_replaces_id_lotteries"), type_="foreignkey")
        batch_op.drop_index("uq_lotteries_standing")
        batch_op.drop_index(
            "uq_lotteries_replacing",
            sqlite_where=sa.text("state IN ('committed', 'drawn')"),
            postgresql_where=sa.text("state IN ('committed', 'drawn')"),
        )
        batch_op.drop_column("vacated")
        batch_op.drop_column("replaces_id")
        batch_op.create_index(
            "uq_lotteries_standing",
            ["assembly_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('committed', 'drawn')"),
            postgresql_where=sa.text("state IN ('committed', 'drawn')"),
        )

    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_members_commitment_id"))
        batch_op.drop_index(batch_op.f("ix_members_assembly_id"))

    op.drop_table("members")
    with op.batch_alter_table("support_needs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_support_needs_respondent_id"))

    op.drop_table("support_needs")
    op.drop_table("guardian_consents")
    with op.batch_alter_table("contact_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_attempts_respondent_id"))

    op.drop_table("contact_attempts")
    op.drop_table("panels")
