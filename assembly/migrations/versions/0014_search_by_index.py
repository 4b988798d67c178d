"""The text to search in holds the code, too, and has an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.services.contacts import CONTACT_FIELDS, contact_keys

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BATCH = 1000


def upgrade() -> None:
    """Bring the schema up to this revision, and the contacts that are there."""
    _write_search_texts()
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.create_index("ix_contacts_search", ["search", "respondent_id"], unique=False)


def downgrade() -> None:
    """Take it back to the one before; a code in the text does no harm."""
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.drop_index("ix_contacts_search")


def _write_search_texts() -> None:
    """Compute the texts to search in as the application does: databases fold letters in ways of their own."""
    connection = op.get_bind()
    fields = ", ".join(f"contacts.{field}" for field in CONTACT_FIELDS)
    found = connection.execute(
        sa.text(
            f"SELECT respondents.id, respondents.code, {fields} "  # noqa: S608  # names of columns
            "FROM contacts JOIN respondents ON respondents.id = contacts.respondent_id"
        )
    )
    people = found.mappings().all()
    statement = sa.text("UPDATE contacts SET search = :search WHERE respondent_id = :respondent_id")
    for start in range(0, len(people), BATCH):
        connection.execute(
            statement,
            [
                {"respondent_id": one["id"], "search": contact_keys(dict(one), one["code"])["search"]}
                for one in people[start : start + BATCH]
            ],
        )
