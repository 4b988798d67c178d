"""Keys of contacts, distinctions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "distinctions",
        sa.Column(
            "kind",
            sa.Enum("person", "household", name="resemblance", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_distinctions_order")),
        sa.ForeignKeyConstraint(
            ["one_id"], ["respondents.id"], name=op.f("fk_distinctions_one_id_respondents"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["respondents.id"], name=op.f("fk_distinctions_other_id_respondents"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kind", "one_id", "other_id", name=op.f("pk_distinctions")),
    )
    with op.batch_alter_table("distinctions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_distinctions_other_id"), ["other_id"], unique=False)

    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("search", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("email_key", sa.String(length=300), server_default="", nullable=False))
        batch_op.add_column(sa.Column("name_key", sa.String(length=300), server_default="", nullable=False))
        batch_op.add_column(sa.Column("surname_key", sa.String(length=300), server_default="", nullable=False))
        batch_op.add_column(sa.Column("address_key", sa.String(length=300), server_default="", nullable=False))
        batch_op.create_index(batch_op.f("ix_contacts_email_key"), ["email_key"], unique=False)
        batch_op.create_index("ix_contacts_name_key_address_key", ["name_key", "address_key"], unique=False)
        batch_op.create_index("ix_contacts_surname_key_birth_date", ["surname_key", "birth_date"], unique=False)


def downgrade() -> None:
    """Take it back to the one before."""
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.drop_index("ix_contacts_surname_key_birth_date")
        batch_op.drop_index("ix_contacts_name_key_address_key")
        batch_op.drop_index(batch_op.f("ix_contacts_email_key"))
        batch_op.drop_column("address_key")
        batch_op.drop_column("surname_key")
        batch_op.drop_column("name_key")
        batch_op.drop_column("email_key")
        batch_op.drop_column("search")

    with op.batch_alter_table("distinctions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_distinctions_other_id"))

    op.drop_table("distinctions")
