"""When the sample city's assemblies are drawn, resolved on and handed over, whatever day the demo is started on."""

from __future__ import annotations

import dataclasses
import datetime as dt

from demo_days import Days, numbered, working_from
from demo_plans import FOLLOWED, PLANS, Plan

from assembly.clock import ZONE

RESULT, DECISION, BUDGET = 119, 287, 315
"""Days from the draw to the sittings of the council in which the result is handed over, decided on and paid for."""
MADE, RESOLVED = 60, 61
"""Days before the draw: when an assembly is entered here, and until when the council has resolved on it."""
REFILLED = (14, 42, 77)
"""Days from the draw to the draws of seats that have become free."""
EARLY = 5
"""A sitting, like a draw that is over, may be so many days early because of holidays."""


@dataclasses.dataclass(frozen=True, slots=True)
class Timetable:
    """The days of all assemblies; days that are numbers are counted from today."""

    days: Days

    @property
    def plans(self) -> list[Plan]:
        """Return the plans, each drawn on a working day."""
        return [dataclasses.replace(plan, draw=self.days.working(plan.draw)) for plan in PLANS]

    @property
    def handed_over(self) -> int:
        """Return the Tuesday of the handover; on a holiday it was the working day before."""
        return self.days.offset(self.days.tuesday) + FOLLOWED.draw + RESULT

    @property
    def followed(self) -> Plan:
        """Return the plan whose result was handed over."""
        return dataclasses.replace(FOLLOWED, draw=self.days.working(self.handed_over - RESULT))

    def resolved_on(self, plan: Plan) -> dt.date:
        """Return the sitting in which the council resolved on an assembly."""
        return self.days.sitting_until(self.days.day(plan.draw - RESOLVED))

    def resolution(self, plan: Plan) -> str:
        """Return the number of that resolution: of those of one sitting each has its own."""
        place = [one.key for one in (*PLANS, FOLLOWED)].index(plan.key) + 1
        return numbered(self.resolved_on(plan), place)

    def sitting(self, plan: Plan, after_draw: int) -> dt.date:
        """Return the sitting of the council that is so many days after the draw, or the next one."""
        return self.days.sitting_from(self.days.day(plan.draw + after_draw - EARLY))

    def working_date(self, offset: int) -> dt.date:
        """Return the date of a working day."""
        return self.days.day(self.days.working(offset))

    def registration_until(self, plan: Plan) -> dt.date:
        """Return the last day of registration: some assemblies have been drawn since, or soon will be."""
        return self.working_date((plan.draw if plan.key == "collecting" else min(plan.draw, 0)) - 10)

    def refilled(self, plan: Plan) -> int:
        """Return the day of the first draw of free seats."""
        return self.days.offset(working_from(self.days.day(plan.draw + REFILLED[0])))


def refills(moment: dt.datetime) -> tuple[dt.datetime, ...]:
    """Return the moments of the draws of free seats after a draw, at the same time of working days."""
    days = (working_from(moment.date() + dt.timedelta(days=days)) for days in REFILLED)
    return tuple(dt.datetime.combine(day, moment.time(), ZONE) for day in days)
