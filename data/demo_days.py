"""The days of the sample city: whatever day the demo is started on, what is official happens on a working day."""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt

from assembly.services.working_days import working_day_from, working_days_before

STATE = "BY"
"""Where the city is: it says which days are public holidays."""
BETWEEN = dt.timedelta(weeks=4)
"""From one sitting of the council to the next."""
WEEK = 7
NOTICE = dt.timedelta(days=12)
"""From the day of a paper to that of its sitting."""
PAPER = "VO"
"""The papers of the council have numbers of their own, which begin so."""


@dataclasses.dataclass(frozen=True, slots=True)
class Days:
    """The city's days, seen from the day of the demo."""

    today: dt.date

    @property
    def tuesday(self) -> dt.date:
        """Return the last Tuesday before today: the council sits on it, and on each fourth one before and after."""
        return self.today - dt.timedelta(days=(self.today.weekday() - calendar.TUESDAY - 1) % WEEK + 1)

    def sitting(self, number: int) -> dt.date:
        """Return a sitting of the council: 0 is the last one before today; on a holiday it is held before."""
        return working_until(self.tuesday + number * BETWEEN)

    def sitting_from(self, day: dt.date) -> dt.date:
        """Return the first sitting from a day on."""
        number = (day - self.tuesday) // BETWEEN
        return next(sitting for sitting in map(self.sitting, range(number, number + 3)) if sitting >= day)

    def sitting_until(self, day: dt.date) -> dt.date:
        """Return the last sitting until a day."""
        number = (day - self.tuesday) // BETWEEN
        return next(sitting for sitting in map(self.sitting, (number + 1, number, number - 1)) if sitting <= day)

    def sittings_after(self, day: dt.date, count: int) -> list[dt.date]:
        """Return so many sittings after a day."""
        first = (day - self.tuesday) // BETWEEN
        return [one for one in map(self.sitting, range(first, first + count + 2)) if one > day][:count]

    def offset(self, day: dt.date) -> int:
        """Return how many days a day is from today; days that are over are negative."""
        return (day - self.today).days

    def day(self, offset: int) -> dt.date:
        """Return the day so many days from today."""
        return self.today + dt.timedelta(days=offset)

    def working(self, offset: int) -> int:
        """Return the offset of the next working day if it is to come, else of the last one until then."""
        return self.offset((working_from if offset > 0 else working_until)(self.day(offset)))


def working_from(day: dt.date) -> dt.date:
    """Return the day itself if the city works on it, else the next one on which it does."""
    return working_day_from(day, STATE)


def working_until(day: dt.date) -> dt.date:
    """Return the day itself if the city works on it, else the last one before on which it did."""
    return working_days_before(day, 0, STATE)


def numbered(day: dt.date, place: int) -> str:
    """Return the number of a resolution, the `place`-th of its kind on a day: they are counted on through the year."""
    return f"{day.year}/{day.timetuple().tm_yday + place}"
