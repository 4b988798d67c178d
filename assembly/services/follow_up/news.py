"""What happened in the follow-up, newest first: the steps, and what was not done until its day."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator

from assembly.models import Case
from assembly.services.daily import today
from assembly.services.follow_up.cases import course_of_case
from assembly.services.follow_up.courses import Owed
from assembly.services.follow_up.reading import Read, read
from assembly.services.programme import times

MOST = 100
"""Entries of a feed."""
TEXTS = ("summary", "reply", "reasons", "reason", "progress", "measure", "text")
"""Of what a step says, the first of these is what a feed says of it."""


@dataclasses.dataclass(frozen=True, slots=True)
class News:
    """A step, or what has become overdue; `anchor` names it for good."""

    case: Case
    anchor: str
    at: dt.datetime
    step: Read | None = None
    overdue: Owed | None = None

    @property
    def text(self) -> str:
        """What the step says, in short; empty if it says nothing, or if that was taken away."""
        said = {one.name: one.value for one in self.step.said} if self.step else {}
        return next((str(said[name]) for name in TEXTS if said.get(name)), "")


def news_of(cases: Iterable[Case]) -> list[News]:
    """Return the newest of what happened in cases that are loaded with their steps."""
    found = [one for case in cases for one in (*_steps(case), *_overdue(case))]
    return sorted(found, key=lambda one: (one.at, one.anchor), reverse=True)[:MOST]


def _steps(case: Case) -> Iterator[News]:
    for one in read(case):
        yield News(case, f"case-{case.id}-step-{one.step.number}", one.step.recorded_at, step=one)


def _overdue(case: Case) -> Iterator[News]:
    """Yield what is or was done too late, as news of the morning after its day."""
    for one in course_of_case(case).owed:
        if one.is_overdue(today()):
            morning = times.moment(one.due + dt.timedelta(days=1), dt.time())
            yield News(case, f"case-{case.id}-{one.duty}-{one.due.isoformat()}", morning, overdue=one)
