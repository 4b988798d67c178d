"""The respondents file: ids, one value per feature, and who lives together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sortition.files import households
from sortition.files.columns import require_column
from sortition.files.folding import fold, listed, nearest, shown
from sortition.files.headers import fit
from sortition.files.households import HouseholdRule
from sortition.files.ids import Ids, report_surplus
from sortition.files.problems import ProblemReport, ProblemsError
from sortition.files.tables import Row, Table, open_table
from sortition.files.target_rows import is_not_stated
from sortition.files.targets import TargetsTable
from sortition.message import Message
from sortition.model import NOT_STATED, Entry

SPELLINGS_SHOWN = 10
"""Spellings other than the targets' that the notes show."""

_UNKNOWN = ""
"""Stands for a cell that is no value of its feature."""


@dataclass(frozen=True, slots=True)
class RespondentOptions:
    """How a respondents file is to be read: the wanted columns by name; None or empty means to find out."""

    id_column: str | None = None
    household_columns: tuple[str, ...] = ()
    address_only: bool = False
    one_per_household: bool = True
    columns_to_keep: tuple[str, ...] = ()
    sheet: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class RespondentsTable:
    """What a respondents file says: the entries, and in which columns it was found.

    `id_column` is the header of the ids, None if they are row numbers; `columns` maps features to headers.
    """

    entries: tuple[Entry, ...]
    id_column: str | None
    columns: Mapping[str, str]
    notes: tuple[Message, ...]
    warnings: tuple[Message, ...]

    def __repr__(self) -> str:
        return f"RespondentsTable({len(self.entries)} entries)"


def read_respondents(
    path: Path, *, targets: TargetsTable, options: RespondentOptions, report: ProblemReport
) -> RespondentsTable:
    """Read a respondents file, adding what is wrong to `report`; empty if it could not be read to the end.

    Values are compared with the targets' regardless of case, whitespace and Unicode form, and become the targets'.
    """
    try:
        with open_table(path, score=lambda header: _score(header, targets, options), sheet=options.sheet) as table:
            reader = _Reader(table, targets, options, report)
            for row in table:
                reader.read(row)
    except ProblemsError as error:
        report.extend(error.problems)
        return RespondentsTable((), None, {}, (), ())
    return reader.result()


def _score(header: Sequence[str], targets: TargetsTable, options: RespondentOptions) -> int:
    wanted = [*targets.values, *options.household_columns, *options.columns_to_keep]
    if options.id_column is not None:
        wanted.append(options.id_column)
    return fit(header, wanted, targets.values)


@dataclass(slots=True)
class _Feature:
    """A feature, where its cells stand, and what the cells met so far mean."""

    name: str
    position: int
    column: str
    voluntary: bool
    values: Mapping[str, str]
    meaning: dict[str, str] = field(default_factory=dict)
    respelled: Counter[str] = field(default_factory=Counter)

    def value(self, text: str) -> str:
        """Return the value that a cell means, or _UNKNOWN."""
        known = self.meaning.get(text)
        if known is None:
            known = self.values.get(fold(text))
            if known is None:
                known = NOT_STATED if self.voluntary and is_not_stated(text) else _UNKNOWN
            self.meaning[text] = known
        if known is not text and known != text and known not in {_UNKNOWN, NOT_STATED}:
            self.respelled[text] += 1
        return known


class _Reader:
    """Reads the rows of one respondents file."""

    def __init__(self, table: Table, targets: TargetsTable, options: RespondentOptions, report: ProblemReport) -> None:
        self._table = table
        self._options = options
        self._report = report
        self._ids = Ids(table, options.id_column, targets.values, report)
        self._features = self._find_features(targets)
        for name in options.columns_to_keep:
            missing = Message("There is no column “{column}”, which the settings keep.", {"column": shown(name)})
            require_column(table, name, report, missing=missing)
        self._rule = self._find_rule()
        self._entries: list[Entry] = []
        self._households: dict[tuple[str, ...], list[str]] = {}
        self._without_household = 0
        self._skipped: list[int] = []

    def read(self, row: Row) -> None:
        """Take in one row."""
        if report_surplus(row, self._table, self._report):
            return
        entry_id = self._ids.of(row)
        if not entry_id and not any(row.cells[feature.position] for feature in self._features):
            self._skipped.append(row.number)
            return
        self._ids.require_unique(row)
        values = {feature.name: self._value(row, feature) for feature in self._features}
        self._entries.append(Entry(entry_id, values))
        if self._rule is not None:
            key = self._rule.key(row.cells)
            if key is None:
                self._without_household += 1
            else:
                self._households.setdefault(key, []).append(entry_id)

    def result(self) -> RespondentsTable:
        """Put together what was read."""
        if not self._entries:
            self._report.add(
                Message("There are no people below the header."),
                Message("Give a row for each person who registered."),
                file=self._table.file,
                sheet=self._table.sheet,
            )
        notes, warnings = self._remarks()
        entries = self._entries
        if self._rule is not None:
            of = households.household_names(self._households)
            entries = [Entry(e.id, e.values, of.get(e.id)) for e in entries]
        return RespondentsTable(
            entries=tuple(entries),
            id_column=self._ids.column,
            columns={feature.name: feature.column for feature in self._features},
            notes=notes,
            warnings=warnings,
        )

    def _find_features(self, targets: TargetsTable) -> list[_Feature]:
        features = []
        for name, values in targets.values.items():
            missing = Message("There is no column for the feature “{feature}”.", {"feature": shown(name)})
            position = require_column(self._table, name, self._report, missing=missing)
            if position is not None:
                by_fold = {fold(value): value for value in values}
                column = self._table.header[position]
                features.append(_Feature(name, position, column, name in targets.voluntary, by_fold))
        return features

    def _find_rule(self) -> HouseholdRule | None:
        if not self._options.one_per_household:
            return None
        return households.household_rule(
            self._table,
            self._options.household_columns,
            address_only=self._options.address_only,
            report=self._report,
        )

    def _value(self, row: Row, feature: _Feature) -> str:
        text = row.cells[feature.position]
        value = feature.value(text)
        if value != _UNKNOWN:
            return value
        if not text:
            self._problem(
                row.number,
                feature.column,
                Message("The cell is blank."),
                Message("Fill it in, or make the feature voluntary (--voluntary)."),
            )
            return value
        guess = nearest(text, feature.values.values())
        what = Message(
            "“{value}” has no target in “{feature}”.", {"value": shown(text), "feature": shown(feature.name)}
        )
        advice = Message("Correct it, or add the value to the targets.")
        if guess is not None:
            advice = Message("Did you mean “{guess}”? Else add the value to the targets.", {"guess": shown(guess)})
        if is_not_stated(text):
            advice = Message("Make the feature voluntary (--voluntary), or add the value to the targets.")
        self._problem(row.number, feature.column, what, advice)
        return value

    def _remarks(self) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
        file = shown(self._table.file)
        notes = list(self._table.notes)
        warnings = list(self._table.warnings)
        notes += self._ids.notes()
        if unused := self._unused_columns():
            notes.append(
                Message(
                    "Columns of {file} that the lottery does not use: {columns}.",
                    {"file": file, "columns": listed(unused)},
                )
            )
        for feature in self._features:
            if feature.respelled:
                values = {
                    "feature": shown(feature.name),
                    "spellings": listed(list(feature.respelled), at_most=SPELLINGS_SHOWN),
                    "count": sum(feature.respelled.values()),
                }
                notes.append(
                    Message(
                        "{count} values of “{feature}” are spelled otherwise than the targets: {spellings}.", values
                    )
                )
        if self._skipped:
            values = {"file": file, "count": len(self._skipped), "row": self._skipped[0]}
            warnings.append(
                Message("{count} rows of {file} without id and values were skipped, the first row {row}.", values)
            )
        if self._rule is not None:
            rows = {key: [self._ids.row_of[entry_id] for entry_id in ids] for key, ids in self._households.items()}
            more = households.remarks(self._rule, rows, without=self._without_household)
            notes.extend(more[0])
            warnings.extend(more[1])
        return tuple(notes), tuple(warnings)

    def _unused_columns(self) -> list[str]:
        used = {feature.position for feature in self._features} | set(self._rule.columns if self._rule else ())
        return [
            text
            for position, text in enumerate(self._table.header)
            if text and position not in {*used, self._ids.position}
        ]

    def _problem(self, row: int, column: str | None, what: Message, what_to_do: Message) -> None:
        self._report.add(what, what_to_do, file=self._table.file, sheet=self._table.sheet, row=row, column=column)
