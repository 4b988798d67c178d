"""Columns that must be there, once."""

from __future__ import annotations

from sortition.files.folding import nearest, shown
from sortition.files.headers import positions
from sortition.files.problems import ProblemReport
from sortition.files.tables import Table
from sortition.message import Message


def require_column(table: Table, name: str, report: ProblemReport, *, missing: Message) -> int | None:
    """Return the position of the column called `name`; None after reporting that it is `missing` or there twice."""
    found = positions(table.header, name)
    if len(found) == 1:
        return found[0]
    if found:
        what = Message("Several columns are headed “{column}”.", {"column": shown(name)})
        advice = Message("Keep one of them, or rename the others.")
    else:
        what = missing
        guess = nearest(name, [text for text in table.header if text])
        advice = Message(
            "Add the column, or correct the name; the headers are in row {row}.", {"row": table.header_row}
        )
        if guess is not None:
            advice = Message("Did you mean the column “{guess}”? Then use one name for both.", {"guess": shown(guess)})
    report.add(what, advice, file=table.file, sheet=table.sheet, row=table.header_row)
    return None
