"""Counts of the registrations, as they were when a pool was committed; fingerprints of the codes of erased people."""

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
    op.add_column("respondents", sa.Column("erased_code", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("respondents", "erased_code")
    op.drop_column("commitments", "registrations")
