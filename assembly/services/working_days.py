"""Public holidays, and the working day to which the end of a period moves."""

from __future__ import annotations

import calendar
import datetime as dt
import functools
from collections.abc import Mapping

import holidays

STATES = tuple(state for state in holidays.list_supported_countries()["DE"] if len(state) == 2)
"""The sixteen states by their official letters."""
ONE_DAY = dt.timedelta(days=1)
KNOWN_DAYS = 8192
"""Days and states whose next working day is known: rules are tried with every day of four years."""


def public_holiday(day: dt.date, state: str) -> str | None:
    """Return the German name of the public holiday of a state, by its two letters; without state, of all Germany."""
    return _of_year(state, day.year).get(day)


def is_working_day(day: dt.date, state: str) -> bool:
    """Whether a day is neither Saturday, Sunday nor a public holiday of the state."""
    return day.weekday() < calendar.SATURDAY and public_holiday(day, state) is None


@functools.lru_cache(maxsize=KNOWN_DAYS)
def working_day_from(day: dt.date, state: str) -> dt.date:
    """Return the day itself if it is a working day, else the next one (§ 193 BGB)."""
    while not is_working_day(day, state):
        day += ONE_DAY
    return day


def working_days_before(day: dt.date, count: int, state: str) -> dt.date:
    """Return the working day that is so many working days before a day; with none, the last one until it."""
    while not is_working_day(day, state):
        day -= ONE_DAY
    for _ in range(count):
        day -= ONE_DAY
        while not is_working_day(day, state):
            day -= ONE_DAY
    return day


@functools.cache
def _of_year(state: str, year: int) -> Mapping[dt.date, str]:
    """Return those of one year: the library's own tables fill up when asked, which threads must not do at once."""
    return dict(holidays.country_holidays("DE", subdiv=state or None, years=year, language="de", expand=False))
