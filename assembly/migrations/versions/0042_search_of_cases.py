"""Cases are found by the stems of their words."""

from __future__ import annotations

import re

import snowballstemmer
import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_CASES = sa.table("cases", *map(sa.column, ("id", "recommendation_id", "addressee_id", "search")))
_RECOMMENDATIONS = sa.table("recommendations", *map(sa.column, ("id", "title", "text", "reasons", "plain", "theme")))
_ADDRESSEES = sa.table("addressees", *map(sa.column, ("id", "name")))
_STEPS = sa.table("case_steps", sa.column("case_id"), sa.column("number"), sa.column("facts", sa.JSON))


def upgrade() -> None:
    """Bring the schema up to this revision."""
    with op.batch_alter_table("cases") as table:
        table.add_column(sa.Column("search", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("cases") as table:
        table.alter_column("search", server_default=None)
    connection = op.get_bind()
    texts = sa.select(
        _CASES.c.id, *(_RECOMMENDATIONS.c[name] for name in ("title", "text", "reasons", "plain", "theme"))
    )
    found = texts.add_columns(_ADDRESSEES.c.name).where(
        _RECOMMENDATIONS.c.id == _CASES.c.recommendation_id, _ADDRESSEES.c.id == _CASES.c.addressee_id
    )
    for case_id, *said in connection.execute(found).all():
        steps = sa.select(_STEPS.c.facts).where(_STEPS.c.case_id == case_id).order_by(_STEPS.c.number)
        said += [text for facts in connection.scalars(steps) for text in facts.values() if isinstance(text, str)]
        connection.execute(sa.update(_CASES).where(_CASES.c.id == case_id).values(search=_stems(said)))


def downgrade() -> None:
    """Take it back to the one before."""
    with op.batch_alter_table("cases") as table:
        table.drop_column("search")


def _stems(texts: list[str]) -> str:
    stemmer = snowballstemmer.stemmer("german")
    words = [word for text in texts for word in re.findall(r"[^\W_]+", text.casefold())]
    return f" {' '.join(dict.fromkeys(map(stemmer.stemWord, words)))} "
