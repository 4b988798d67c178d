"""What every table of people has: an id in each row, and no row that goes on beyond the header."""

from __future__ import annotations

from collections.abc import Collection

from sortition.files.columns import require_column
from sortition.files.folding import shown
from sortition.files.headers import guess_id_column
from sortition.files.problems import ProblemReport
from sortition.files.tables import Row, Table
from sortition.message import Message


class Ids:
    """The ids of a table: in the column of a name, else in the one that looks like it, else the row numbers.

    `position` is the column's, `column` its header; both are None if the row numbers are taken. `row_of` are the first
    rows of the ids read so far.
    """

    def __init__(self, table: Table, name: str | None, features: Collection[str], report: ProblemReport) -> None:
        self._table, self._report = table, report
        guess = guess_id_column(table.header, features)
        self._guessed = name is None and guess is not None
        self.row_of: dict[str, int] = {}
        self.position: int | None = None
        if name is not None or guess is not None:
            wanted = table.header[guess] if name is None and guess is not None else str(name)
            missing = Message("There is no column “{column}” of ids.", {"column": shown(wanted)})
            self.position = require_column(table, wanted, report, missing=missing)
        self.column = None if self.position is None else table.header[self.position]

    def of(self, row: Row) -> str:
        """Return the id of a row, which may be blank."""
        return str(row.number) if self.position is None else row.cells[self.position]

    def require_unique(self, row: Row) -> None:
        """Report an id that is blank, or that an earlier row has."""
        who = self.of(row)
        if not who:
            advice = Message("Give every person an id.")
            if self._guessed:
                advice = Message("Give every person an id, or name another column with --id-column.")
            self._problem(row, Message("The id is blank."), advice)
        elif (first := self.row_of.get(who)) is not None:
            self._problem(
                row,
                Message("Row {row} already has this id.", {"row": first}),
                Message(
                    "Delete the row if it is the same person, else correct the id (or choose another --id-column)."
                ),
            )
        self.row_of.setdefault(who, row.number)

    def notes(self) -> tuple[Message, ...]:
        """Return what was assumed."""
        if self.position is None:
            file = shown(self._table.file)
            return (Message("{file} has no column of ids; the row numbers are taken instead.", {"file": file}),)
        if self._guessed:
            column = shown(self._table.header[self.position])
            return (Message("“{column}” is taken as the column of ids.", {"column": column}),)
        return ()

    def _problem(self, row: Row, what: Message, what_to_do: Message) -> None:
        self._report.add(
            what, what_to_do, file=self._table.file, sheet=self._table.sheet, row=row.number, column=self.column
        )


def report_surplus(row: Row, table: Table, report: ProblemReport) -> bool:
    """Report a row of a text file that has more cells than the header, and say whether it has."""
    if not row.surplus or table.sheet is not None:
        return False
    report.add(
        Message("The row has more cells than the header."),
        Message("Put cells that contain the delimiter into quotation marks, or save the file as .xlsx."),
        file=table.file,
        sheet=table.sheet,
        row=row.number,
    )
    return True
