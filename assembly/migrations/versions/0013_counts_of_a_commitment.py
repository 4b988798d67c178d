"""The counts of the registrations, as they were when a pool was committed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.add_column("commitments", sa.Column("registrations", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("commitments", "registrations")
