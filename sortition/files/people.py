"""The people to be split into tables: ids, and their values of some features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sortition.files.columns import require_column
from sortition.files.folding import fold, listed, shown
from sortition.files.headers import fit
from sortition.files.ids import Ids, report_surplus
from sortition.files.problems import ProblemReport
from sortition.files.tables import open_table
from sortition.files.target_rows import is_not_stated
from sortition.message import Message
from sortition.model import NOT_STATED
from sortition.tables.task import Person


@dataclass(frozen=True, slots=True, repr=False)
class PeopleTable:
    """The people of a file in its order, and what should be known about how it was read."""

    people: tuple[Person, ...]
    notes: tuple[Message, ...]

    def __repr__(self) -> str:
        return f"PeopleTable({len(self.people)} people)"


def read_people(
    path: Path, features: Sequence[str], *, id_column: str | None = None, sheet: str | None = None
) -> PeopleTable:
    """Read people from CSV or XLSX, with their values of some features.

    Values that differ in case, whitespace or Unicode form only are one, spelled as it was met first; what is not stated
    becomes the value `not_stated`. Raises ProblemsError with everything that is wrong.
    """
    report = ProblemReport()
    wanted = [*features, *([] if id_column is None else [id_column])]
    with open_table(path, score=lambda header: fit(header, wanted, features), sheet=sheet) as table:
        ids = Ids(table, id_column, features, report)
        columns: dict[str, int] = {}
        for feature in dict.fromkeys(features):
            missing = Message("There is no column for the feature “{feature}”.", {"feature": shown(feature)})
            position = require_column(table, feature, report, missing=missing)
            if position is not None:
                columns[feature] = position
        report.raise_if_any()
        spelled: dict[tuple[str, str], str] = {}
        people = []
        for row in table:
            if report_surplus(row, table, report):
                continue
            ids.require_unique(row)
            texts = {feature: row.cells[position] for feature, position in columns.items()}
            values = {
                feature: NOT_STATED if is_not_stated(text) else spelled.setdefault((feature, fold(text)), text)
                for feature, text in texts.items()
            }
            people.append(Person(ids.of(row), values))
        if not people:
            report.add(
                Message("There are no people below the header."),
                Message("Give a row for each person."),
                file=table.file,
                sheet=table.sheet,
            )
        report.raise_if_any()
        notes = (*table.notes, *table.warnings, *ids.notes(), *_unused(table.header, {*columns.values(), ids.position}))
        return PeopleTable(tuple(people), notes)


def _unused(header: Sequence[str], used: set[int | None]) -> tuple[Message, ...]:
    unused = [text for position, text in enumerate(header) if text and position not in used]
    return (Message("Columns that the tables do not use: {columns}.", {"columns": listed(unused)}),) if unused else ()
