"""The files of a drawn panel, with the columns that `sortition-algorithms` writes, in its order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sortition.errors import InputError
from sortition.files.columns import require_column
from sortition.files.comparison import Comparison
from sortition.files.folding import fold, listed, shown
from sortition.files.headers import fit, guess_id_column
from sortition.files.problems import ProblemReport
from sortition.files.settings import FileSettings
from sortition.files.tables import Row, Table, open_table
from sortition.files.writing import write_tables
from sortition.message import Message

ROW_NUMBER_HEADER = "row"
"""Header of the ids where the respondents file has none."""


@dataclass(frozen=True, slots=True)
class _Output:
    """What is copied: the position of the id (None: the row number), and headers with their positions."""

    id_header: str
    id_position: int | None
    columns: tuple[tuple[str, int], ...]

    def id_of(self, row: Row) -> str:
        return str(row.number) if self.id_position is None else row.cells[self.id_position]

    def header(self) -> list[str]:
        return [self.id_header, *(name for name, _ in self.columns)]

    def cells(self, row: Row) -> list[str]:
        return [self.id_of(row), *(row.cells[position] for _, position in self.columns)]


def write_selected_and_remaining(
    respondents_path: Path,
    *,
    selected_path: Path,
    remaining_path: Path,
    selected_ids: Collection[str],
    features: Sequence[str],
    settings: FileSettings | None = None,
    id_column: str | None = None,
    sheet: str | None = None,
    pool: Mapping[str, Mapping[str, str]] | None = None,
    erased: int = 0,
) -> tuple[int, int]:
    """Copy the respondents to two files, the drawn ones and all others, and return how many each holds.

    With settings the columns are the id, those to keep, the address columns if checked, and the features not among
    them; without, the id and all others of the file. Rows keep the file's order; cells are as in the file.
    `pool` {id: {feature: value}} is what the lottery was made from, but for `erased` people; see `Comparison`.
    Nothing is written, and ProblemsError raised, if a column or one of `selected_ids` is missing, or if the file
    differs from the pool.
    """
    _require_different_files(respondents_path, selected_path, remaining_path)
    report = ProblemReport()
    named_id = id_column or (settings.id_column if settings else None)
    wanted = [*features, *(settings.output_columns() if settings else ()), *([named_id] if named_id else ())]
    missing = set(selected_ids)
    counts = [0, 0]
    with open_table(respondents_path, score=lambda header: fit(header, wanted, features), sheet=sheet) as table:
        output = _output(table, features, settings, named_id, report)
        comparison = None if pool is None else Comparison(table, pool, erased=erased, report=report)
        report.raise_if_any()
        with write_tables(selected_path, remaining_path) as writers:
            for writer in writers:
                writer.write(output.header())
            for row in table:
                entry_id = output.id_of(row)
                if comparison is not None:
                    comparison.take(entry_id, row)
                if entry_id:
                    place = 0 if entry_id in selected_ids else 1
                    missing.discard(entry_id)
                    counts[place] += 1
                    writers[place].write(output.cells(row))
            if comparison is not None:
                comparison.finish()
            _require_all_found(missing, table, report)
    return counts[0], counts[1]


def _output(
    table: Table, features: Sequence[str], settings: FileSettings | None, named_id: str | None, report: ProblemReport
) -> _Output:
    header = table.header
    guess = guess_id_column(header, features)
    id_position, id_header = guess, ROW_NUMBER_HEADER if guess is None else header[guess]
    if named_id is not None:
        id_position, id_header = _position(table, named_id, report), named_id
    if settings is None:
        columns = [(name, position) for position, name in enumerate(header) if position != id_position]
        return _Output(id_header, id_position, tuple(columns))
    names = list(settings.output_columns())
    already = {fold(name) for name in names}
    names += [feature for feature in features if fold(feature) not in already]
    found = [(name, _position(table, name, report)) for name in names]
    return _Output(id_header, id_position, tuple((name, place) for name, place in found if place is not None))


def _position(table: Table, name: str, report: ProblemReport) -> int | None:
    missing = Message("There is no column “{column}”.", {"column": shown(name)})
    return require_column(table, name, report, missing=missing)


def _require_all_found(missing: Collection[str], table: Table, report: ProblemReport) -> None:
    if missing:
        report.add(
            Message(
                "{count} of those drawn are not in the file: {ids}.",
                {"count": len(missing), "ids": listed(sorted(missing))},
            ),
            Message("Give the file of respondents that the lottery was made from, and the same column of ids."),
            file=table.file,
            sheet=table.sheet,
        )
    report.raise_if_any()


def _require_different_files(respondents: Path, selected: Path, remaining: Path) -> None:
    if len({respondents.resolve(), selected.resolve(), remaining.resolve()}) < 3:
        raise InputError("The files of respondents, selected and remaining people must be three different ones.")
