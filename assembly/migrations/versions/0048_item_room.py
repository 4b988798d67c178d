"""The room of an item of an agenda."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    with op.batch_alter_table("agenda_items", schema=None) as batch_op:
        batch_op.add_column(sa.Column("room_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_agenda_items_room_id"), ["room_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_agenda_items_room_id_rooms"), "rooms", ["room_id"], ["id"])


def downgrade() -> None:
    """Take it back to the one before."""
    with op.batch_alter_table("agenda_items", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_agenda_items_room_id_rooms"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_agenda_items_room_id"))
        batch_op.drop_column("room_id")
