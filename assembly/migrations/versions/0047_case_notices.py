"""Notices about what is owed in the follow-up, and to whom they go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "follow_up_contacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "office",
                "mayor",
                "chair",
                name="contactrole",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("addressee", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_follow_up_contacts_assembly_id_assemblies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_contacts")),
        sa.UniqueConstraint(
            "assembly_id",
            "role",
            "addressee",
            "email",
            name=op.f("uq_follow_up_contacts_assembly_id_role_addressee_email"),
        ),
    )
    op.create_table(
        "case_notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column(
            "duty",
            sa.Enum(
                "assign",
                "answer",
                "debate",
                "decide",
                "first_report",
                "review",
                "minutes",
                "report",
                "forward",
                "forwarded_reply",
                "resume",
                "agenda",
                name="duty",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "before_30",
                "before_14",
                "before_3",
                "overdue_14",
                "overdue_30",
                name="noticekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_notices_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notices")),
        sa.UniqueConstraint("case_id", "duty", "due_on", "kind", name=op.f("uq_case_notices_case_id_duty_due_on_kind")),
    )
    op.create_table(
        "case_notice_mails",
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name=op.f("fk_case_notice_mails_mail_id_mails")),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["case_notices.id"], name=op.f("fk_case_notice_mails_notice_id_case_notices")
        ),
        sa.PrimaryKeyConstraint("mail_id", "notice_id", name=op.f("pk_case_notice_mails")),
    )


def downgrade() -> None:
    """Take it back to the one before."""
    op.drop_table("case_notice_mails")
    op.drop_table("case_notices")
    op.drop_table("follow_up_contacts")
