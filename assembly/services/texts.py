"""The catalogues: texts in a reader's language, for pages (through assembly.i18n) as for mails, letters and jobs."""

from __future__ import annotations

import functools
import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

CATALOGUES = Path(__file__).resolve().parent.parent / "translations"
MOMENTS = {
    "de": {
        "date.short": "dd.MM.y",
        "date.medium": "d. MMMM y",
        "date.full": "EEEE, d. MMMM y",
        "time.short": "HH:mm",
        "datetime.short": "dd.MM.y, HH:mm",
        "datetime.medium": "d. MMMM y, HH:mm 'Uhr'",
    },
    "en": {
        "date.short": "d MMM y",
        "date.medium": "d MMMM y",
        "date.full": "EEEE, d MMMM y",
        "time.short": "HH:mm",
        "datetime.short": "d MMM y, HH:mm",
        "datetime.medium": "d MMMM y, HH:mm",
    },
}
"""How days and moments are written, as Babel's patterns: with the whole year, and without seconds."""
PLAIN = "de-plain"
"""German in plain words, for members' pages, mails and letters: what it does not say otherwise is said in German."""
MOMENTS[PLAIN] = MOMENTS["de"]


def locale_of(language: str) -> str:
    """Return how days and numbers are written in a language of ours."""
    return "de" if language == PLAIN else language


def joined(language: str) -> Catalog:
    """Return all source files of a language as one; each part of the application may have its own.

    Plain German stands above the German.
    """
    locale = locale_of(language)
    catalogue = joined("de") if language == PLAIN else Catalog(locale=locale)
    for source in sorted(CATALOGUES.glob(f"{language}/LC_MESSAGES/*.po")):
        with source.open("rb") as file:
            for message in read_po(file, locale=locale):
                if message.id:
                    catalogue.delete(message.id)  # else what was there first would stay
                    catalogue[message.id] = message
    return catalogue


@functools.cache
def catalogue(language: str) -> Translations:
    """Return the texts of a language, in memory: no compiled file can be older than its source, or lack a place.

    Ours are written in English, so there is no source for it, and each sentence stands for itself.
    """
    compiled = io.BytesIO()
    write_mo(compiled, joined(language))
    compiled.seek(0)
    return Translations(compiled)
