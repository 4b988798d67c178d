"""Receipts; whom a mail was written to, and its QR code."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.add_column(sa.Column("respondent_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("qr", sa.Text(), nullable=True))
        batch_op.create_index(batch_op.f("ix_mails_respondent_id"), ["respondent_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_mails_respondent_id_respondents"),
            "respondents",
            ["respondent_id"],
            ["id"],
            ondelete="SET NULL",
        )
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("leaf", sa.String(length=64), nullable=False),
        sa.Column("tickets", sa.JSON(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column(
            "obstacle",
            sa.Enum("no_address", "withdrawn", name="obstacle", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("mail_id IS NULL OR obstacle IS NULL", name=op.f("ck_receipts_sent_or_not")),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitments.id"], name=op.f("fk_receipts_commitment_id_commitments")
        ),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name=op.f("fk_receipts_mail_id_mails")),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["respondents.id"],
            name=op.f("fk_receipts_respondent_id_respondents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("code", name=op.f("uq_receipts_code")),
        sa.UniqueConstraint("commitment_id", "leaf", name=op.f("uq_receipts_commitment_id_leaf")),
        sa.UniqueConstraint("commitment_id", "respondent_id", name=op.f("uq_receipts_commitment_id_respondent_id")),
        sa.UniqueConstraint("mail_id", name=op.f("uq_receipts_mail_id")),
    )
    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receipts_respondent_id"), ["respondent_id"], unique=False)


def downgrade() -> None:
    """Take it back to the one before."""
    op.drop_table("receipts")
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_mails_respondent_id_respondents"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_mails_respondent_id"))
        batch_op.drop_column("qr")
        batch_op.drop_column("respondent_id")
