"""The text to search in holds the code, too, and has an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.execute(
        sa.text(
            "UPDATE contacts SET search = substr("
            "lower((SELECT code FROM respondents WHERE respondents.id = contacts.respondent_id)) || ' ' || search, "
            "1, 600)"
        )
    )
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.create_index("ix_contacts_search", ["search", "respondent_id"], unique=False)


def downgrade() -> None:
    """Take it back to the one before; a code in the text does no harm."""
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.drop_index("ix_contacts_search")
