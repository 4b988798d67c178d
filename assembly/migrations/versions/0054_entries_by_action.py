"""Entries of the log are found by what they say; a programme without a state follows the site's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

INDEX = "ix_log_entries_assembly_id_action"


def upgrade() -> None:
    """Bring the schema up to this revision; an empty state stood there by itself once a template was filled in."""
    op.create_index(INDEX, "log_entries", ["assembly_id", "action"], unique=False)
    programmes = sa.table("programmes", sa.column("state"))
    op.execute(sa.delete(programmes).where(programmes.c.state == ""))


def downgrade() -> None:
    """Take it back to the one before; no row of a programme says the same as an empty one."""
    op.drop_index(INDEX, table_name="log_entries")
