"""What happened in the public follow-up month by month, from the first handover until today."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter

from dateutil.relativedelta import relativedelta
from sqlalchemy.orm import Session

from assembly.models import Assembly, Case, CaseStep, Handover, Move
from assembly.services.daily import today
from assembly.services.follow_up import register
from assembly.services.follow_up.register import Filter

MOST_MONTHS = 36
SHOWN = (Move.ANSWER, Move.DECIDE, Move.REPORT, Move.CLOSE)
"""The steps that are counted by themselves; all others together."""


@dataclasses.dataclass(frozen=True, slots=True)
class Month:
    """A month by its first day: how many cases were opened, and how many steps of each kind were taken."""

    first: dt.date
    opened: int
    taken: Counter[Move]

    @property
    def others(self) -> int:
        """How many steps are none of those that are shown by themselves."""
        return self.taken.total() - sum(self.taken[move] for move in SHOWN)


def timeline_of(session: Session, assembly: Assembly | None) -> list[Month]:
    """Return the months of the follow-up of an assembly, or of all, the newest last; in two queries."""
    handovers = register.ids_of(assembly, Filter(), Handover.handed_over_on).join(Case.handover)
    opened = Counter(_first(day) for (day,) in session.execute(handovers))
    taken: dict[dt.date, Counter[Move]] = {}
    for move, day in session.execute(
        register.ids_of(assembly, Filter(), CaseStep.move, CaseStep.taken_on).join(Case.steps)
    ):
        taken.setdefault(_first(day), Counter())[move] += 1
    months: list[Month] = []
    month = _first(today())
    first = min([*opened, *taken], default=None)
    while first is not None and month >= first and len(months) < MOST_MONTHS:
        months.append(Month(month, opened[month], taken.get(month, Counter())))
        month -= relativedelta(months=1)
    return months[::-1]


def _first(day: dt.date) -> dt.date:
    return day.replace(day=1)
