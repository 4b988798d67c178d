"""Local time: events are at a time of the clock on the wall, whatever the sun does in between."""

from __future__ import annotations

import dataclasses
import datetime as dt

from assembly.clock import ZONE


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """From when to when; in a sentence for people it stands as a day with its times."""

    starts_at: dt.datetime
    ends_at: dt.datetime


def moment(day: dt.date, time: dt.time) -> dt.datetime:
    """Return the moment at which the clocks show this time on this day."""
    return dt.datetime.combine(day, time, tzinfo=ZONE)


def day_of(at: dt.datetime) -> dt.date:
    """Return the day on which a moment is here."""
    return at.astimezone(ZONE).date()


def time_of(at: dt.datetime) -> dt.time:
    """Return what the clocks show at a moment."""
    return at.astimezone(ZONE).time()


def days_later(at: dt.datetime, days: int) -> dt.datetime:
    """Return the moment so many days later at which the clocks show the same, also if summer begins or ends between."""
    return moment(day_of(at) + dt.timedelta(days=days), time_of(at))
