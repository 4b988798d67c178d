"""PostgreSQL searches by an index of the parts of texts, instead of going through all of them."""

from __future__ import annotations

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision. SQLite has no such index, and goes through the one that it has."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_index(
        "ix_contacts_search_parts",
        "contacts",
        ["search"],
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.drop_index("ix_contacts_search", "contacts")


def downgrade() -> None:
    """Take it back to the one before; the extension stays, since others may use it, too."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.create_index("ix_contacts_search", "contacts", ["search", "respondent_id"])
    op.drop_index("ix_contacts_search_parts", "contacts")
