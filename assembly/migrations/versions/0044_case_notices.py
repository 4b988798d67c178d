"""Notices about what is owed in the follow-up, and to whom they go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0040"
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


def downgrade() -> None:
    """Take it back to the one before."""
    op.drop_table("follow_up_contacts")
