"""Invitation records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "invitation_records",
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("register_office", sa.String(length=200), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("sampling_method", sa.Text(), nullable=False),
        sa.Column("invited_on", sa.Date(), nullable=True),
        sa.Column("registration_until", sa.Date(), nullable=True),
        sa.Column("letters_sent", sa.Integer(), nullable=False),
        sa.Column("undeliverable", sa.Integer(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "letters_sent >= 0 AND undeliverable >= 0 AND reminders >= 0", name=op.f("ck_invitation_records_counts")
        ),
        sa.CheckConstraint(
            "undeliverable <= letters_sent AND reminders <= letters_sent",
            name=op.f("ck_invitation_records_of_the_letters"),
        ),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_invitation_records_assembly_id_assemblies")
        ),
        sa.PrimaryKeyConstraint("assembly_id", name=op.f("pk_invitation_records")),
    )
    op.create_table(
        "outreach",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "door_visits",
                "multipliers",
                "information_stand",
                "phone_calls",
                "other",
                name="outreachkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("people_reached", sa.Integer(), nullable=False),
        sa.Column("registrations", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("people_reached >= 0 AND registrations >= 0", name=op.f("ck_outreach_counts")),
        sa.ForeignKeyConstraint(
            ["record_id"], ["invitation_records.assembly_id"], name=op.f("fk_outreach_record_id_invitation_records")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outreach")),
    )
    with op.batch_alter_table("outreach", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outreach_record_id"), ["record_id"], unique=False)


def downgrade() -> None:
    """Take it back to the one before."""
    with op.batch_alter_table("outreach", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outreach_record_id"))

    op.drop_table("outreach")
    op.drop_table("invitation_records")
