"""A key by which people are listed in German order, on both databases alike."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.services.contacts import sort_key

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BATCH = 1000


def upgrade() -> None:
    """Bring the schema up to this revision, and the contacts that are there."""
    op.add_column(
        "contacts",
        sa.Column(
            "sort_key",
            sa.String(length=300).with_variant(sa.String(length=300, collation="C"), "postgresql"),
            server_default="",
            nullable=False,
        ),
    )
    connection = op.get_bind()
    people = connection.execute(sa.text("SELECT respondent_id, last_name, first_name FROM contacts")).all()
    statement = sa.text("UPDATE contacts SET sort_key = :sort_key WHERE respondent_id = :respondent_id")
    for start in range(0, len(people), BATCH):
        connection.execute(
            statement,
            [
                {"respondent_id": one, "sort_key": sort_key(last, first)}
                for one, last, first in people[start : start + BATCH]
            ],
        )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("contacts", "sort_key")
