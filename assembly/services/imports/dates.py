"""Dates and moments as people and programs write them."""

from __future__ import annotations

import datetime as dt
import re

from assembly.clock import ZONE

EARLIEST = dt.date(1900, 1, 1)

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:$|[ T])")
_GERMAN = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})")
_SLASHES = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_UNAMBIGUOUS = 12
"""A part above this is no month."""


def parse_date(text: str) -> dt.date | None:
    """Return a date, or None if the text is none or could be two.

    >>> parse_date("3.7.1985"), parse_date("1985-07-03"), parse_date("25/12/1985"), parse_date("3/7/1985")
    (datetime.date(1985, 7, 3), datetime.date(1985, 7, 3), datetime.date(1985, 12, 25), None)
    """
    if match := _ISO.match(text):
        return _date(*map(int, match.groups()))
    if match := _GERMAN.fullmatch(text):
        day, month, year = map(int, match.groups())
        return _date(year, month, day)
    if match := _SLASHES.fullmatch(text):
        one, other, year = map(int, match.groups())
        if one > _UNAMBIGUOUS or one == other:
            return _date(year, other, one)
        return _date(year, one, other) if other > _UNAMBIGUOUS else None
    return None


def parse_moment(text: str) -> dt.datetime | None:
    """Return a moment; a mere date is its noon, so that no zone makes another day of it."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        date_text, _, time_text = text.partition(" ")
        date = parse_date(date_text)
        if date is None:
            return None
        try:
            time = dt.time.fromisoformat(time_text) if time_text else dt.time(12)
        except ValueError:
            return None
        moment = dt.datetime.combine(date, time, tzinfo=ZONE)
    if moment.tzinfo is None:
        is_date = len(text) <= len("2026-03-15")
        moment = moment.replace(tzinfo=ZONE, **({"hour": 12} if is_date else {}))
    return moment


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
