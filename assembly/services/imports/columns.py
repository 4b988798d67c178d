"""What the columns of a file of registrations mean, guessed from their headers in German and English."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from assembly.models import Feature
from sortition.files.folding import fold_loosely
from sortition.files.headers import guess_id_column, is_street, positions

IGNORED = ""
"""The meaning of a column that is not used."""
CODE = "code"
REGISTERED_AT = "registered_at"

_LETTER_CODES = frozenset(
    {
        *("code", "briefcode", "anmeldecode", "einladungscode", "zugangscode", "teilnahmecode", "registrierungscode"),
        *("lettercode", "invitationcode", "accesscode", "registrationcode"),
    }
)
"""Headers of the code in the letter: it is the same in every file, other than a running number."""

HEADERS: Mapping[str, frozenset[str]] = {
    "first_name": frozenset({"vorname", "vornamen", "rufname", "firstname", "forename", "givenname"}),
    "last_name": frozenset({"nachname", "familienname", "zuname", "lastname", "surname", "familyname", "name"}),
    "email": frozenset({"email", "emailadresse", "mail", "mailadresse", "emailaddress"}),
    "phone": frozenset(
        {
            *("telefon", "telefonnummer", "tel", "telnr", "telefonnr", "handy", "handynummer", "mobil", "mobilnummer"),
            *("mobiltelefon", "festnetz", "rufnummer", "phone", "phonenumber", "telephone", "mobile", "mobilephone"),
        }
    ),
    "house_number": frozenset({"hausnummer", "hausnr", "hnr", "housenumber", "houseno"}),
    "postcode": frozenset({"plz", "postleitzahl", "postcode", "postalcode", "zip", "zipcode"}),
    "city": frozenset({"ort", "wohnort", "stadt", "gemeinde", "city", "town"}),
    "birth_date": frozenset(
        {
            *("geburtsdatum", "gebdatum", "gebdat", "geburtstag", "geborenam", "geboren"),
            *("birthdate", "dateofbirth", "birthday", "dob"),
        }
    ),
    "language": frozenset({"sprache", "bevorzugtesprache", "language", "preferredlanguage"}),
    REGISTERED_AT: frozenset(
        {
            *("eingang", "eingangsdatum", "eingegangenam", "anmeldedatum", "angemeldetam", "anmeldungam"),
            *("zeitstempel", "registeredat", "registeredon", "registrationdate", "timestamp", "submitdate"),
        }
    ),
}
"""Meaning → headers, folded loosely. Streets are told by the engine's rule."""

_SAME_FEATURES = (
    frozenset({"geschlecht", "gender", "sex"}),
    frozenset({"altersgruppe", "altersklasse", "agegroup", "ageband"}),
    frozenset({"stadtteil", "stadtbezirk", "bezirk", "ortsteil", "district", "borough"}),
    frozenset({"bildungsabschluss", "bildung", "schulabschluss", "hoechsterabschluss", "education", "educationlevel"}),
    frozenset({"migrationshintergrund", "einwanderungsgeschichte", "migrationbackground"}),
)
_NUMBERS = frozenset({"nr", "no"})


def meaning_of_feature(feature_id: int) -> str:
    """Return the meaning of the column that holds a feature."""
    return f"feature:{feature_id}"


def possible_meanings(features: Sequence[Feature]) -> list[str]:
    """Return every meaning that a column can have."""
    fields = ("first_name", "last_name", "email", "phone", "street", "house_number", "postcode", "city")
    own = (CODE, *fields, "birth_date", "language", REGISTERED_AT)
    return [IGNORED, *own, *(meaning_of_feature(feature.id) for feature in features)]


def guess_columns(header: Sequence[str], features: Sequence[Feature]) -> list[str]:
    """Return the meaning of each column; no meaning is given twice."""
    folded = [fold_loosely(text) for text in header]
    meanings = [IGNORED] * len(header)
    for position, meaning in _guesses(header, folded, features):
        if not meanings[position] and meaning not in meanings:
            meanings[position] = meaning
    for before, (position, text) in itertools.pairwise(enumerate(folded)):
        is_number = text in _NUMBERS and meanings[before[0]] == "street" and not meanings[position]
        if is_number and "house_number" not in meanings:
            meanings[position] = "house_number"
    return meanings


def _guesses(header: Sequence[str], folded: Sequence[str], features: Sequence[Feature]) -> Iterator[tuple[int, str]]:
    """Yield positions and what they may mean, the surest first."""
    for feature in features:
        found = positions(header, feature.name)
        if len(found) == 1:
            yield found[0], meaning_of_feature(feature.id)
    yield from ((position, CODE) for position, text in enumerate(folded) if text in _LETTER_CODES)
    if (id_column := guess_id_column(header, [feature.name for feature in features])) is not None:
        yield id_column, CODE
    for position, text in enumerate(folded):
        yield from ((position, meaning) for meaning, names in HEADERS.items() if text in names)
        if is_street(header[position]):
            yield position, "street"
    for feature in features:
        names = next((group for group in _SAME_FEATURES if fold_loosely(feature.name) in group), frozenset())
        yield from ((position, meaning_of_feature(feature.id)) for position, text in enumerate(folded) if text in names)


def understood(header: Sequence[str], features: Sequence[Feature]) -> int:
    """Return how many columns of a header mean something."""
    return sum(meaning != IGNORED for meaning in guess_columns(header, features))
