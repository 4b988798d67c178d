"""Whether a respondents file is still the one that a lottery was made from."""

from __future__ import annotations

from collections.abc import Mapping

from sortition.files.columns import require_column
from sortition.files.folding import fold, listed, shown
from sortition.files.problems import ProblemReport
from sortition.files.tables import Row, Table
from sortition.files.target_rows import is_not_stated
from sortition.message import Message
from sortition.model import NOT_STATED

_FILE = Message("Give the file of respondents that the lottery was made from, and the same column of ids.")
_MISSING = Message(
    "Give the file that the lottery was made from, with all rows; if somebody left since, they count as drawn all the "
    "same. Without --respondents, --selected and --remaining the draw needs no file."
)
_CELL = Message("Give the file as it was: what was committed to can no longer be changed.")


class Comparison:
    """Holds the rows of a respondents file against the pool, and reports every difference.

    `pool` {id: {feature: value}} is what the lottery was made from. Of `erased` further people nothing is known any
    more; so many unknown ids may be theirs. Cells are compared as they were read: regardless of case and whitespace.
    """

    def __init__(
        self, table: Table, pool: Mapping[str, Mapping[str, str]], *, erased: int, report: ProblemReport
    ) -> None:
        self._table = table
        self._pool = pool
        self._erased = erased
        self._report = report
        self._row_of: dict[str, int] = {}
        self._unknown: list[tuple[str, int]] = []
        features = dict.fromkeys(feature for values in pool.values() for feature in values)
        self._positions = {feature: self._find(feature) for feature in features}

    def _find(self, feature: str) -> int | None:
        missing = Message("There is no column for the feature “{feature}”.", {"feature": shown(feature)})
        return require_column(self._table, feature, self._report, missing=missing)

    def take(self, entry_id: str, row: Row) -> None:
        """Compare one row, of the person with this id."""
        if not entry_id:
            if any(row.cells[place] for place in self._positions.values() if place is not None):
                self._problem(Message("The id is blank."), _FILE, row.number)
            return
        if (first := self._row_of.setdefault(entry_id, row.number)) != row.number:
            what = Message("Row {row} already has this id.", {"row": first})
            self._problem(what, Message("Delete the row that was not in the lottery."), row.number)
        elif (values := self._pool.get(entry_id)) is None:
            self._unknown.append((entry_id, row.number))
        else:
            self._compare(values, row)

    def _compare(self, values: Mapping[str, str], row: Row) -> None:
        for feature, value in values.items():
            place = self._positions[feature]
            if place is not None and not _means(row.cells[place], value):
                what = Message("The value is not the one in the lottery, “{value}”.", {"value": shown(value)})
                self._problem(what, _CELL, row.number, self._table.header[place])

    def finish(self) -> None:
        """Report who is in one of the two only; call it after the last row."""
        if len(self._unknown) > self._erased:
            for entry_id, number in self._unknown:
                what = Message("Nobody in the lottery has the id “{id}”.", {"id": shown(entry_id)})
                self._problem(what, _FILE, number)
        missing = self._pool.keys() - self._row_of.keys()
        if missing:
            values = {"count": len(missing), "ids": listed(sorted(missing))}
            what = Message("{count} of those in the lottery are not in the file: {ids}.", values)
            self._report.add(what, _MISSING, file=self._table.file, sheet=self._table.sheet)

    def _problem(self, what: Message, what_to_do: Message, row: int, column: str | None = None) -> None:
        self._report.add(what, what_to_do, file=self._table.file, sheet=self._table.sheet, row=row, column=column)


def _means(cell: str, value: str) -> bool:
    return fold(cell) == fold(value) or (value == NOT_STATED and is_not_stated(cell))
