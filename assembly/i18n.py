"""Two languages: which one a page is in, and the catalogue behind it."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Mapping

from babel import dates
from babel.support import Translations
from flask import Flask, g, request, session
from flask_babel import Babel, Domain, get_locale, refresh
from flask_login import current_user

from assembly.clock import ZONE
from assembly.services.errors import marked
from assembly.services.texts import MOMENTS, PLAIN, catalogue, locale_of

LANGUAGES = ("de", "en")
"""German first: it is what a visitor gets who asks for neither."""
PERIOD = marked("%(day)s, %(start)s to %(end)s")


class Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """The application's texts, from where mails and letters take theirs, too."""

    def get_translations(self) -> Translations:
        """Return the catalogue of the page's language."""
        return catalogue(text_language())


class Moments(Mapping[str, str | None]):
    """How days and moments are written in the language of the page, where nothing else is asked for."""

    def __getitem__(self, key: str) -> str | None:
        locale = get_locale()
        patterns = MOMENTS[locale.language if locale else LANGUAGES[0]]
        return patterns.get(key) if "." in key else "medium"

    def __iter__(self) -> Iterator[str]:
        return iter(MOMENTS[LANGUAGES[0]])

    def __len__(self) -> int:
        return len(MOMENTS[LANGUAGES[0]])


class Languages(Babel):  # type: ignore[misc]  # as above
    """Flask-Babel, which by itself reads compiled files of one name."""

    @property
    def domain_instance(self) -> Catalogues:
        """Where the texts come from."""
        return Catalogues()


def init_app(app: Flask) -> None:
    """Choose the language per request, and let pages speak it."""
    Languages(app, Moments(), default_locale=LANGUAGES[0], default_timezone=ZONE.key, locale_selector=language)
    app.jinja_env.globals["get_locale"] = get_locale
    app.jinja_env.globals["text_language"] = text_language
    app.jinja_env.globals["period"] = period
    app.jinja_env.filters["dateformat"] = day


def text_language() -> str:
    """Return the language of the page's texts; plain German is one of its own there, and German everywhere else."""
    if g.get("language") == PLAIN:
        return PLAIN
    locale = get_locale()
    return str(locale.language) if locale else LANGUAGES[0]


def speak(wanted: str | None) -> None:
    """Let the page speak a member's language from here on, if there are texts in it."""
    if wanted in {*LANGUAGES, PLAIN}:
        g.language = wanted
        refresh()


def language() -> str:
    """Return the language of the current request: a member's, chosen, of the account, or asked for by the browser."""
    if "language" in g:
        return locale_of(str(g.language))
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    if getattr(current_user, "is_authenticated", False) and current_user.language in LANGUAGES:
        return str(current_user.language)
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def day(written: dt.date, style: str = "medium") -> str:
    """Return a day, or the day of a moment here, as the page's language writes it."""
    if isinstance(written, dt.datetime):
        written = written.astimezone(ZONE).date()
    return _day(text_language(), written, style)


@functools.lru_cache(maxsize=4096)
def _day(language: str, written: dt.date, style: str) -> str:
    """Write a day once for everybody: the same few stand on a page again and again."""
    return str(dates.format_date(written, MOMENTS[language].get(f"date.{style}", style), locale_of(language)))


def period(starts_at: dt.datetime, ends_at: dt.datetime) -> str:
    """Return when something is: its day, and from when to when."""
    return _period(text_language(), starts_at.astimezone(ZONE), ends_at.astimezone(ZONE))


@functools.lru_cache(maxsize=4096)
def _period(language: str, starts_at: dt.datetime, ends_at: dt.datetime) -> str:
    """Everybody who reads a language reads the same, and some pages say it of sixty events."""
    moments, locale = MOMENTS[language], locale_of(language)
    return catalogue(language).ugettext(PERIOD) % {
        "day": _day(language, starts_at.date(), "full"),
        "start": dates.format_time(starts_at.time(), moments["time.short"], locale=locale),
        "end": dates.format_time(ends_at.time(), moments["time.short"], locale=locale),
    }
