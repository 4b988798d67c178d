"""Subscriptions by mail to the public follow-up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=True),
        sa.Column("recommendation", sa.Integer(), nullable=True),
        sa.Column("theme", sa.String(length=200), nullable=False),
        sa.Column("is_overdue", sa.Boolean(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_subscriptions_assembly_id_assemblies"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    with op.batch_alter_table("subscriptions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subscriptions_assembly_id"), ["assembly_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_subscriptions_email"), ["email"], unique=False)

    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unsubscribe", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take it back to the one before."""
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.drop_column("unsubscribe")

    with op.batch_alter_table("subscriptions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_subscriptions_email"))
        batch_op.drop_index(batch_op.f("ix_subscriptions_assembly_id"))

    op.drop_table("subscriptions")
