"""Public holidays, and the working day to which the end of a period moves."""

from __future__ import annotations

import calendar
import datetime as dt
import functools

import holidays

ONE_DAY = dt.timedelta(days=1)


@functools.cache
def public_holidays(state: str) -> holidays.HolidayBase:
    """Return the public holidays of a German state by its two letters, or without state those of all Germany."""
    return holidays.country_holidays("DE", subdiv=state or None, language="de")


def is_working_day(day: dt.date, state: str) -> bool:
    """Whether a day is neither Saturday, Sunday nor a public holiday of the state."""
    return day.weekday() < calendar.SATURDAY and day not in public_holidays(state)


def working_day_from(day: dt.date, state: str) -> dt.date:
    """Return the day itself if it is a working day, else the next one (§ 193 BGB)."""
    while not is_working_day(day, state):
        day += ONE_DAY
    return day
