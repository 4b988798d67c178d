"""Quiet hours: nothing leaves at night, on Sundays or on public holidays, unless a person sends it at that moment."""

from __future__ import annotations

import calendar
import datetime as dt

from assembly.clock import ZONE
from assembly.services.programme import times
from assembly.services.working_days import public_holiday

BEGINS = dt.time(20)
ENDS = dt.time(8)
URGENT = dt.timedelta(hours=36)
"""Before an event, Sundays and holidays are like other days, nights are not."""


def next_moment(at: dt.datetime, *, starts_at: dt.datetime | None, state: str) -> dt.datetime:
    """Return the first moment from `at` on at which something about an event may leave, in UTC.

    `starts_at` is when the event begins, `state` that of the assembly, by its two letters, or none.
    """
    while (later := _end_of_quiet(at, starts_at, state)) is not None:
        at = later.astimezone(dt.UTC)
    return at.astimezone(dt.UTC)


def _end_of_quiet(at: dt.datetime, starts_at: dt.datetime | None, state: str) -> dt.datetime | None:
    """Return until when to wait at least, if it is quiet."""
    day, time = times.day_of(at), at.astimezone(ZONE).time()
    if time < ENDS:
        return times.moment(day, ENDS)
    next_morning = times.moment(day + dt.timedelta(days=1), ENDS)
    if time >= BEGINS:
        return next_morning
    if not is_day_of_rest(day, state):
        return None
    urgent_at = starts_at.astimezone(dt.UTC) - URGENT if starts_at is not None else None
    if urgent_at is None:
        return next_morning
    return None if urgent_at <= at else min(next_morning.astimezone(dt.UTC), urgent_at)


def is_day_of_rest(day: dt.date, state: str) -> bool:
    """Whether a day is a Sunday, or a public holiday of a state."""
    return day.weekday() == calendar.SUNDAY or public_holiday(day, state) is not None
