"""Files with answers, kept from the upload until they are taken over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "answer_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("publishes", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_answer_files_assembly_id_assemblies")
        ),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["users.id"], name=op.f("fk_answer_files_uploaded_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_files")),
    )
    with op.batch_alter_table("answer_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_files_assembly_id"), ["assembly_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_answer_files_uploaded_by_id"), ["uploaded_by_id"], unique=False)


def downgrade() -> None:
    """Take it back to the one before."""
    with op.batch_alter_table("answer_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_files_uploaded_by_id"))
        batch_op.drop_index(batch_op.f("ix_answer_files_assembly_id"))

    op.drop_table("answer_files")
