"""What is kept of who sits at which table."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from assembly.models import TablePair, TablePlan, TableSeat
from assembly.services.errors import marked
from assembly.services.privacy.declaring import Basis, Deadline, Declared, Kept, by_column, table_of
from assembly.services.privacy.fields_of_panel import POOL_AND_PANEL


def _one_of_both(respondent_ids: Collection[int]) -> sa.ColumnElement[bool]:
    return sa.or_(TablePair.one_id.in_(respondent_ids), TablePair.other_id.in_(respondent_ids))


TABLES_OF_EVENTS = (
    Declared(
        table_of(TablePlan),
        marked("Tables of events"),
        kept=(
            Kept(
                ("leads",),
                marked("Names of those who lead the tables"),
                marked("Stand on the plan and on the table’s sign."),
                Basis.TASK,
                (Deadline.MEMBERS,),
            ),
        ),
        others=frozenset(
            {
                *("event_id", "seated", "tables", "rounds", "diverse", "together", "near", "figures"),
                "published_at",
            }
        ),
    ),
    Declared(
        table_of(TablePair),
        marked("Who is to sit together, or apart"),
        kept=(
            Kept(
                ("event_id", "kind"),
                marked("That two members are to sit at one table, or are not to"),
                marked("So that the tables are made accordingly. No reason is kept."),
                Basis.TASK,
                POOL_AND_PANEL,
            ),
        ),
        others=frozenset({"id", "one_id", "other_id"}),
        rows=_one_of_both,
        own=True,
    ),
    Declared(
        table_of(TableSeat),
        marked("Who sits at which table"),
        kept=(
            Kept(
                ("event_id", "is_draft", "round", "respondent_id", "number"),
                marked("Table of a member in each round of an event"),
                marked("Shows members their table, and lets as many as possible meet over all events."),
                Basis.TASK,
                POOL_AND_PANEL,
            ),
        ),
        rows=by_column(TableSeat),
        own=True,
    ),
)
