"""The targets file: features, values, and for each value a quota or a population share."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

from sortition.files.folding import fold, listed, nearest, shown
from sortition.files.headers import positions_among
from sortition.files.problems import ProblemReport, ProblemsError
from sortition.files.tables import Table, open_table
from sortition.files.target_rows import TargetRows
from sortition.message import Message
from sortition.model import Quota, Quotas

Shares: TypeAlias = Mapping[str, Mapping[str, Fraction]]
"""Feature → value → share of the population; the shares of a feature add up to 1."""

_ROLE_NAMES = {
    "min": ("min", "minimum", "mindestens", "untergrenze", "lower"),
    "max": ("max", "maximum", "hoechstens", "obergrenze", "upper"),
    "min_flex": ("minflex", "flexmin", "minimumflex", "minflexibel"),
    "max_flex": ("maxflex", "flexmax", "maximumflex", "maxflexibel"),
    "share": ("share", "anteil", "populationshare", "bevoelkerungsanteil", "prozent", "percent", "anteilinprozent"),
    "voluntary": ("voluntary", "freiwillig", "freiwilligeangabe"),
}
_FEATURE_NAMES = ("feature", "merkmal")
_CATEGORY_NAMES = ("category", "kategorie")
_VALUE_NAMES = ("value", "auspraegung", "merkmalsauspraegung", "wert", "categoryvalue", "featurevalue")
_NAME_NAMES = ("name", "bezeichnung")


@dataclass(frozen=True, slots=True)
class TargetsTable:
    """What a targets file says.

    `values` has every feature and value in the file's order, `not_stated` among them for voluntary features.
    `quotas` has the features of which every value has one; `shares` those of which every value (but perhaps
    `not_stated`) has one. A feature may be in both: then its quotas count. `fixed` holds the quotas given for
    single values of the features that have only shares, that is for `not_stated`.
    `voluntary` are the features that people need not state.
    """

    values: Mapping[str, tuple[str, ...]]
    quotas: Quotas
    shares: Shares
    fixed: Quotas
    voluntary: frozenset[str]
    notes: tuple[Message, ...] = ()
    warnings: tuple[Message, ...] = ()


NO_TARGETS = TargetsTable({}, {}, {}, {}, frozenset())
"""What is known of a targets file that cannot be read."""


def read_targets(
    path: Path, *, size: int, report: ProblemReport, voluntary: Collection[str] = (), sheet: str | None = None
) -> TargetsTable:
    """Read a targets file, adding what is wrong to `report`; empty if nothing could be read.

    Headers: `feature,value,…`, `category,name,…`, `category,feature,…` (category is the feature) or German ones;
    `min`, `max` (numbers of seats), optionally `min_flex`, `max_flex`; or `share`; optionally `voluntary`.
    `voluntary` names further features that people need not state: they get the value `not_stated` with the quota
    0 to `size`, unless the file sets it.
    """
    try:
        with open_table(path, score=lambda header: len(_find_columns(header)), sheet=sheet) as table:
            columns = _usable_columns(table, report)
            if columns is None:
                return NO_TARGETS
            rows = TargetRows(table, columns, report)
            for row in table:
                rows.add(row)
    except ProblemsError as error:
        report.extend(error.problems)
        return NO_TARGETS
    if not rows.drafts:
        report.add(
            Message("There are no targets below the header."),
            Message("Add a row for each value of each feature."),
            file=table.file,
            sheet=table.sheet,
        )
    rows.complete(size=size, voluntary=voluntary)
    return _put_together(rows, table, columns)


def _put_together(rows: TargetRows, table: Table, columns: Mapping[str, int]) -> TargetsTable:
    values: dict[str, tuple[str, ...]] = {}
    quotas: dict[str, Mapping[str, Quota]] = {}
    fixed: dict[str, Mapping[str, Quota]] = {}
    shares: dict[str, Mapping[str, Fraction]] = {}
    for draft in rows.drafts.values():
        values[draft.name] = tuple(draft.rows)
        if draft.quotas.keys() == draft.rows.keys():
            quotas[draft.name] = {value: draft.quotas[value] for value in draft.rows}
        elif draft.shares:
            fixed[draft.name] = draft.quotas
        if draft.shares:
            shares[draft.name] = draft.shares
    voluntary = frozenset(draft.name for draft in rows.drafts.values() if draft.voluntary)
    unused = [text for position, text in enumerate(table.header) if text and position not in columns.values()]
    notes = table.notes
    if unused:
        named = {"file": shown(table.file), "columns": listed(unused)}
        notes += (Message("Columns of {file} that are not used: {columns}.", named),)
    return TargetsTable(values, quotas, shares, fixed, voluntary, notes, table.warnings)


def is_targets_header(header: Sequence[str]) -> bool:
    """Tell whether a row is the header of targets: a feature, a value, and a share or both bounds of a quota.

    >>> is_targets_header(["Merkmal", "Ausprägung", "min", "max"]), is_targets_header(["id", "Name", "Geschlecht"])
    (True, False)
    """
    columns = _find_columns(header)
    return columns.keys() >= {"feature", "value"} and ("share" in columns or columns.keys() >= {"min", "max"})


def _find_columns(header: Sequence[str]) -> dict[str, list[int]]:
    """Return role → positions of the columns with a header that means it."""
    columns = {role: found for role, names in _ROLE_NAMES.items() if (found := positions_among(header, names))}
    if "share" not in columns and (percent := [p for p, text in enumerate(header) if fold(text) == "%"]):
        columns["share"] = percent
    feature, category, value, name = (
        positions_among(header, names) for names in (_FEATURE_NAMES, _CATEGORY_NAMES, _VALUE_NAMES, _NAME_NAMES)
    )
    if value:
        pair = (feature or category, value)
    elif name:
        pair = (category or feature, name)
    elif category and feature:
        pair = (category, feature)
    else:
        pair = (feature or category, [])
    return columns | {role: found for role, found in zip(("feature", "value"), pair, strict=True) if found}


def _usable_columns(table: Table, report: ProblemReport) -> dict[str, int] | None:
    """Return role → position, or None after reporting needed columns that are missing or columns there twice."""
    columns = _find_columns(table.header)
    needed = ("feature", "value") if "share" in columns else ("feature", "value", "min", "max")
    missing = [role for role in needed if role not in columns]
    twice = [table.header[found[0]] for found in columns.values() if len(found) > 1]
    for role in missing:
        taken = {position for found in columns.values() for position in found}
        guess = nearest(role, [text for position, text in enumerate(table.header) if position not in taken])
        values = {"headers": listed(table.header), "guess": shown(guess or "")}
        advice = Message("Give the file the headers feature, value, min and max; it has {headers}.", values)
        if guess is not None:
            advice = Message("Is it the column “{guess}”? Then rename that; the file has {headers}.", values)
        report.add(
            Message("The column “{column}” is missing.", {"column": role}),
            advice,
            file=table.file,
            sheet=table.sheet,
            row=table.header_row,
        )
    for text in twice:
        report.add(
            Message("Several columns are headed like this."),
            Message("Keep one of them, or rename the others."),
            file=table.file,
            sheet=table.sheet,
            row=table.header_row,
            column=text,
        )
    return None if missing or twice else {role: found[0] for role, found in columns.items()}
