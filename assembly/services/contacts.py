"""What is kept of a contact beside its fields: a text to search in, and keys under which two of them are the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from assembly.models.respondents import LONGEST_KEY
from sortition.files.folding import fold, fold_loosely, spell_out
from sortition.files.households import fold_address

CONTACT_FIELDS = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "street",
    "house_number",
    "postcode",
    "city",
    "birth_date",
    "language",
)
KEYS = ("search", "email_key", "name_key", "surname_key", "address_key", "sort_key")
LONGEST_FIELD = 200
LONGEST_SEARCH_TEXT = 600
"""Characters of the text to search in; databases keep it in an index, and PostgreSQL none of over 2,700 bytes."""
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_SORTED_AS = _UMLAUTS | str.maketrans(
    {"đ": "d", "ð": "d", "ł": "l", "ø": "oe", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h", "’": "", "'": ""}
)
"""Letters that are no other one with a mark, which falls away."""


def contact_keys(contact: Mapping[str, Any], code: str) -> dict[str, str]:
    """Return the text to search in and the keys of a respondent with this code.

    A key is blank where nothing could be compared.

    Surname and address are folded as the engine folds them, so households are the same here and on the command line.

    >>> contact_keys({"last_name": "Groß", "street": "Haupt-Straße", "house_number": "3"}, "K1")["address_key"]
    'hauptstr 3|'
    """
    texts = {field: str(contact.get(field) or "") for field in CONTACT_FIELDS}
    first, surname = _key(texts["first_name"]), _key(texts["last_name"])
    address = _key(f"{texts['street']} {texts['house_number']}") if fold_loosely(texts["street"]) else ""
    keys = {
        "email_key": texts["email"].casefold(),
        "name_key": f"{first}|{surname}" if first and surname else "",
        "surname_key": surname,
        "address_key": f"{address}|{_key(texts['postcode'])}" if address else "",
        "sort_key": sort_key(texts["last_name"], texts["first_name"]),
    }
    searched = ("first_name", "last_name", "email", "street", "house_number")
    return {
        "search": search_form(" ".join([code, *(texts[field] for field in searched)]))[:LONGEST_SEARCH_TEXT],
        **{name: key[:LONGEST_KEY] for name, key in keys.items()},
    }


def sort_key(last_name: str, first_name: str) -> str:
    """Return the text by which people are listed: as names are in German (DIN 5007, variant 2), ä as ae, đ as d.

    >>> sorted(["Scholz", "Đặng", "Schäfer", "Schade", "Deng"], key=lambda name: sort_key(name, ""))
    ['Đặng', 'Deng', 'Schade', 'Schäfer', 'Scholz']
    >>> sorted(["Meyer Schulz", "Meyer", "Meyers"], key=lambda name: sort_key(name, "Ada"))
    ['Meyer', 'Meyer Schulz', 'Meyers']
    """
    return f"{_sorted_as(last_name)}  {_sorted_as(first_name)}"[:LONGEST_KEY]  # two blanks come before any other


def _sorted_as(text: str) -> str:
    parts = unicodedata.normalize("NFKD", fold(text).translate(_SORTED_AS))
    letters = "".join(part if part.isalnum() else " " for part in parts if not unicodedata.combining(part))
    return " ".join(letters.split())


def search_form(text: str) -> str:
    """Return the form in which texts are searched: folded, umlauts written out.

    >>> search_form("MÜLLER ") == search_form("Mueller")
    True
    """
    return spell_out(fold(text))


def _key(text: str) -> str:
    return fold_address(text) if fold_loosely(text) else ""
