"""Texts to begin a page with: offered, never published by themselves, with gaps in square brackets to fill."""

from __future__ import annotations

from collections.abc import Mapping

from assembly.models import PageKind
from assembly.resources import resource_folder

LANGUAGES = ("de", "en")
_CITY = ("[Name der Stadt]", "[Name of the city]")
_ADDRESS = ("[Adresse der Website]", "[Address of the site]")


def starting_texts(kind: PageKind, *, city: str, address: str) -> Mapping[str, str]:
    """Return the texts of a page by language; what the application knows of the city is filled in."""
    folder = resource_folder("data") / "site_pages"
    found = {}
    for language in LANGUAGES:
        path = folder / f"{kind.value}.{language}.txt"
        if path.exists():
            found[language] = _filled(path.read_text(encoding="utf-8").strip(), city, address)
    return found


def _filled(text: str, city: str, address: str) -> str:
    known = {**dict.fromkeys(_CITY, city), **dict.fromkeys(_ADDRESS, address)}
    for gap, value in known.items():
        text = text.replace(gap, value or gap)
    return text
