"""Who lives together: by a column that says so, or by address and surname, however they are spelled."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sortition.files.columns import require_column
from sortition.files.folding import fold, fold_loosely, shown, spell_out
from sortition.files.headers import is_street, positions_among
from sortition.files.problems import ProblemReport
from sortition.files.tables import Table
from sortition.message import Message

CROWDED = 4
"""People at one address above which it is more likely a house with several flats than one household."""

GROUPS_SHOWN = 5
"""Largest groups that are shown when the address alone decides."""

ROWS_SHOWN = 8
"""Rows of one group that are shown."""

_SURNAMES = ("nachname", "familienname", "zuname", "lastname", "surname", "familyname")
_ADDRESS_PARTS = (
    *("plz", "postleitzahl", "postcode", "postalcode", "zip", "zipcode", "ort", "wohnort", "stadt", "city", "town"),
    *("hausnummer", "hausnr", "hnr", "hausnummerzusatz", "primaryzip", "ziproyalmail", "primarycity"),
)
_ABBREVIATIONS = {
    "strasse": "str",
    "platz": "pl",
    "weg": "wg",
    "allee": "al",
    "sankt": "st",
    "saint": "st",
    "street": "st",
    "road": "rd",
    "avenue": "ave",
    "lane": "ln",
    "drive": "dr",
    "doktor": "dr",
    "professor": "prof",
}
_ENDINGS = {"strasse": "str", "str": "str", "platz": "pl", "pl": "pl", "weg": "wg", "wg": "wg", "allee": "al"}
_TOKENS = re.compile(r"[0-9]+|[^\W\d_]+")
_COUNTRY = re.compile(r"^d[-\s]*(?=[0-9]{5}\b)")

Kind = Literal["column", "address and surname", "address"]
_KINDS: dict[Kind, Message] = {
    "column": Message("column"),
    "address and surname": Message("address and surname"),
    "address": Message("address"),
}


def fold_address(text: str) -> str:
    """Return the form under which two addresses, or parts of one, count as the same.

    Numbers stay apart from each other; words run together, so that it makes no difference how they were joined.

    >>> fold_address("Haupt-Straße 12 a") == fold_address("hauptstr. 12A")
    True
    """
    folded = _COUNTRY.sub("", spell_out(fold(text)))
    parts: list[str] = []
    for token in _TOKENS.findall(folded):
        if token[0].isdigit():
            parts.append(f" {token.lstrip('0') or '0'} ")
        else:
            parts.append(_shorten(token))
    return " ".join("".join(parts).split())


def _shorten(word: str) -> str:
    if word in _ABBREVIATIONS:
        return _ABBREVIATIONS[word]
    for ending, short in _ENDINGS.items():
        if word.endswith(ending):
            return word[: -len(ending)] + short
    return word


@dataclass(frozen=True, slots=True)
class HouseholdRule:
    """How a household is told from a row: `columns` (positions) must all agree, `required` ones be filled."""

    kind: Kind
    columns: tuple[int, ...]
    required: tuple[int, ...]

    def key(self, cells: Sequence[str]) -> tuple[str, ...] | None:
        """Return what members of one household have in common; None if a required cell is blank."""
        folded: Callable[[str], str] = fold if self.kind == "column" else fold_address
        if not all(fold_loosely(cells[position]) for position in self.required):
            return None
        return tuple(folded(cells[position]) for position in self.columns)


def household_rule(
    table: Table, names: Sequence[str], *, address_only: bool, report: ProblemReport
) -> HouseholdRule | None:
    """Return the rule for the named columns, adding names that the file lacks to the report.

    If a street is among them, they are an address: the surname is added unless `address_only`, and every person
    needs a street (other parts, such as a second address line, may be blank). Other columns are taken as they are.
    Without names there is no rule, unless `address_only` asks for all columns that look like parts of an address.
    """
    header = table.header
    if not names and address_only:
        names = [text for text in header if is_street(text) or fold_loosely(text) in _ADDRESS_PARTS]
        if not names:
            _report(
                table,
                report,
                Message("There are no columns of an address."),
                Message("Name them with --household, one by one."),
            )
    found = [
        require_column(
            table,
            name,
            report,
            missing=Message("There is no column “{column}” to tell households by.", {"column": shown(name)}),
        )
        for name in names
    ]
    columns = tuple(dict.fromkeys(position for position in found if position is not None))
    if None in found or not columns:
        return None
    streets = tuple(position for position in columns if is_street(header[position]))
    if address_only:
        return HouseholdRule("address", columns, streets[:1] or columns)
    if not streets:
        return HouseholdRule("column", columns, columns)
    surnames = positions_among(header, _SURNAMES) or positions_among(header, ("name",))
    if not surnames:
        _report(
            table,
            report,
            Message("Households cannot be told by address and surname: there is no column of surnames."),
            Message("Head it surname (Nachname), or take the address alone with --address-only."),
        )
        return None
    surname = next((position for position in surnames if position in columns), surnames[0])
    return HouseholdRule("address and surname", tuple(dict.fromkeys((*columns, surname))), (streets[0], surname))


def _report(table: Table, report: ProblemReport, what: Message, what_to_do: Message) -> None:
    report.add(what, what_to_do, file=table.file, sheet=table.sheet, row=table.header_row)


def household_names(groups: Mapping[tuple[str, ...], Sequence[str]]) -> dict[str, str]:
    """Return id → household for everybody who shares one, from household key → ids.

    The names are mere numbers, given in the order of the smallest ids: no address can leave the files by them, and
    they do not depend on the order of the rows.
    """
    shared = sorted(sorted(ids) for ids in groups.values() if len(ids) > 1)
    return {entry_id: f"h{number}" for number, ids in enumerate(shared, start=1) for entry_id in ids}


def remarks(
    rule: HouseholdRule, groups: Mapping[tuple[str, ...], Sequence[int]], *, without: int
) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    """Return notes and warnings on the households found; `groups` are their rows, `without` the people without key."""
    shared = sorted((rows for rows in groups.values() if len(rows) > 1), key=lambda rows: (-len(rows), list(rows)))
    notes = [
        Message(
            "Households with several registrations: {households} ({people} people), told by {kind}.",
            {"households": len(shared), "people": sum(map(len, shared)), "kind": _KINDS[rule.kind]},
        )
    ]
    if without:
        notes.append(
            Message("{count} people with blank cells there are taken as living alone.", {"count": without}),
        )
    if rule.kind == "column":
        return tuple(notes), ()
    warnings = []
    for rows in shared[:GROUPS_SHOWN]:
        listed = ", ".join(map(str, rows[:ROWS_SHOWN])) + (", …" if len(rows) > ROWS_SHOWN else "")
        notes.append(Message("One household with {count} people: rows {rows}.", {"count": len(rows), "rows": listed}))
    if crowded := sum(len(rows) > CROWDED for rows in shared):
        warnings.append(
            Message(
                "Households with more than {limit} people: {count}, the largest with {largest}; that is probably a "
                "house with several flats or an institution, and only one of these people can be drawn.",
                {"count": crowded, "limit": CROWDED, "largest": len(shared[0])},
            )
        )
    return tuple(notes), tuple(warnings)
