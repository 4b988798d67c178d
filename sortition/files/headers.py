"""Finding columns by their headers, in English and German, however they are spelled."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sortition.files.folding import fold, fold_loosely

ID_NAMES = (
    *("uniqueid", "nationbuilderid", "externalid", "respondentid", "registrationid", "participantid", "personid"),
    *("memberid", "userid", "uuid", "kennung", "personenkennung", "idnummer", "idnr", "registrierungsnummer"),
    *("anmeldenummer", "anmeldenr", "teilnehmernummer", "teilnehmernr", "personennummer", "laufendenummer"),
    *("laufendenr", "lfdnr", "lfdnummer", "id", "identifier", "nr", "nummer", "no", "number"),
)
"""Headers of id columns, folded loosely, the most telling first."""

_SHORT_ID_NAMES = frozenset({"nr", "nummer", "no", "number"})
"""Names that are as often a house number; they are one when they follow a street."""

_STREET_PARTS = ("strasse", "street", "adresse", "address", "anschrift")
_NOT_A_STREET = ("mail", "web", "internet")


def positions(header: Sequence[str], name: str) -> list[int]:
    """Return the positions of the columns called `name`: those that fold equal, else those that fold loosely equal."""
    wanted = fold(name)
    found = [position for position, text in enumerate(header) if fold(text) == wanted]
    if found or not (loose := fold_loosely(name)):
        return found
    return [position for position, text in enumerate(header) if fold_loosely(text) == loose]


def positions_among(header: Sequence[str], loose_names: Collection[str]) -> list[int]:
    """Return the positions of the columns whose loosely folded header is one of `loose_names`."""
    return [position for position, text in enumerate(header) if fold_loosely(text) in loose_names]


def guess_id_column(header: Sequence[str], features: Collection[str]) -> int | None:
    """Return the position of the column that most likely holds the ids, or None.

    A column of one of the `features` holds their values, even if it is called like an id.
    """
    taken = {position for name in features for position in positions(header, name)}
    folded = ["" if position in taken else fold_loosely(text) for position, text in enumerate(header)]
    for name in ID_NAMES:
        for position, text in enumerate(folded):
            if text == name and not (name in _SHORT_ID_NAMES and _follows_street(header, position)):
                return position
    return None


def fit(header: Sequence[str], wanted: Collection[str], features: Collection[str]) -> int:
    """Return how well a row serves as header: by the wanted columns in it, then by whether one holds ids."""
    has_id = guess_id_column(header, features) is not None
    return 2 * sum(bool(positions(header, name)) for name in wanted) + has_id


def is_street(text: str) -> bool:
    """Tell whether a header names a street or a whole address."""
    folded = fold_loosely(text)
    if any(part in folded for part in _NOT_A_STREET):
        return False
    return folded == "str" or any(part in folded for part in _STREET_PARTS)


def _follows_street(header: Sequence[str], position: int) -> bool:
    return position > 0 and is_street(header[position - 1])
