"""What of an event changed, so that what is taken back before anybody read of it is told nobody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision; of earlier changes nothing is known, so they cannot be taken back."""
    with op.batch_alter_table("event_changes") as table:
        table.add_column(sa.Column("fields", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("event_changes") as table:
        table.alter_column("fields", server_default=None)


def downgrade() -> None:
    """Take it back to the one before."""
    with op.batch_alter_table("event_changes") as table:
        table.drop_column("fields")
