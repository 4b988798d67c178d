"""Periods such as 90 days or 6 months, and the day on which they end, as German law counts them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re

from dateutil.relativedelta import relativedelta

KNOWN_DAYS = 16384
"""Ends of months that are known: rules are tried with every day of four years, several times each."""
_WRITTEN = re.compile(r"P(\d{1,4})([DM])")


@dataclasses.dataclass(frozen=True, slots=True)
class Period:
    """A number of days or of months; never of both."""

    number: int
    is_months: bool = False

    @classmethod
    def parse(cls, written: str) -> Period:
        """Return the period that is written in ISO 8601, such as P90D or P6M. Raises ValueError for anything else."""
        found = _WRITTEN.fullmatch(written)
        if found is None:
            raise ValueError("A period is written as P90D or P6M.")
        return cls(int(found[1]), found[2] == "M")

    def __str__(self) -> str:
        """Write it in ISO 8601."""
        return f"P{self.number}{'M' if self.is_months else 'D'}"

    def after(self, day: dt.date) -> dt.date:
        """Return the day on which it ends when it begins with an event on `day`, which itself does not count.

        Months end on the day with the same number, or on the last day of a month that has none (§§ 187(1), 188 BGB).
        """
        return months_after(day, self.number) if self.is_months else day + dt.timedelta(days=self.number)


@functools.lru_cache(maxsize=KNOWN_DAYS)
def months_after(day: dt.date, number: int) -> dt.date:
    """Return the day so many months later, or the last day of a month that has none with the same number."""
    return day + relativedelta(months=number)


def days(number: int) -> Period:
    """Return a period of days."""
    return Period(number)


def months(number: int) -> Period:
    """Return a period of months."""
    return Period(number, is_months=True)
