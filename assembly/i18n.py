"""Two languages: which one a page is in, and the catalogue behind it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, request, session
from flask_babel import Babel, get_locale
from flask_login import current_user

LANGUAGES = ("de", "en")
"""German first: it is what a visitor gets who asks for neither."""
CATALOGUES = Path(__file__).parent / "translations"
TIME_ZONE = "Europe/Berlin"


def init_app(app: Flask, folder: Path) -> None:
    """Choose the language per request; catalogues are compiled from their sources into a folder of the application.

    So no compiled file is in the repository or in the wheel, and none can be older than its source.
    """
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(_compiled(folder))
    Babel(app, default_locale=LANGUAGES[0], default_timezone=TIME_ZONE, locale_selector=language)
    app.jinja_env.globals["get_locale"] = get_locale


def language() -> str:
    """Return the language of the current request: chosen, of the account, or asked for by the browser."""
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    if getattr(current_user, "is_authenticated", False) and current_user.language in LANGUAGES:
        return str(current_user.language)
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def _compiled(folder: Path) -> Path:
    """Write one catalogue per language, from all its source files: each part of the application has its own."""
    sources = sorted(CATALOGUES.glob("*/LC_MESSAGES/*.po"))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    target = folder / "translations" / digest
    for language_folder in sorted({source.parent for source in sources}):
        compiled = target / language_folder.relative_to(CATALOGUES) / "messages.mo"
        if not compiled.exists():
            compiled.parent.mkdir(parents=True, exist_ok=True)
            draft = compiled.with_suffix(".part")
            with draft.open("wb") as output:
                write_mo(output, _merged(language_folder))
            draft.replace(compiled)
    return target


def _merged(language_folder: Path) -> Catalog:
    merged = Catalog(locale=language_folder.parent.name)
    for source in sorted(language_folder.glob("*.po")):
        with source.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    merged.add(message.id, message.string, flags=message.flags, context=message.context)
    return merged
