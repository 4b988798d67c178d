"""Texts in the reader's language, without a request: mails, letters, jobs."""

from __future__ import annotations

import functools
import io
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

CATALOGUES = Path(__file__).resolve().parent.parent / "translations"


@functools.cache
def catalogue(language: str) -> NullTranslations:
    """Return the texts of a language, from the same sources as those of the pages; ours are written in English."""
    texts: NullTranslations = Translations()
    for source in sorted(CATALOGUES.glob(f"{language}/LC_MESSAGES/*.po")):
        compiled = io.BytesIO()
        with source.open("rb") as file:
            write_mo(compiled, read_po(file))
        compiled.seek(0)
        texts.merge(Translations(compiled))  # type: ignore[attr-defined]  # of Translations
    return texts
