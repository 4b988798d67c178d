"""What happened in the follow-up, newest first: the steps, and what was not done until its day."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Case, CaseStep
from assembly.services.daily import today
from assembly.services.follow_up import register
from assembly.services.follow_up.cases import WITH_COURSE, course_of_case
from assembly.services.follow_up.courses import Owed
from assembly.services.follow_up.reading import Read, read
from assembly.services.follow_up.register import Filter
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


def news_of(
    session: Session, assembly: Assembly | None, asked: Filter, *, since: dt.datetime | None = None
) -> list[News]:
    """Return the newest of what happened in what is asked for of the public register, of one assembly or of all.

    If what is overdue is asked for, nothing but what became overdue. With `since`, all that is younger, however much.
    """
    every = dataclasses.replace(asked, is_overdue=False)
    newest = register.ids_of(assembly, every).join(CaseStep, CaseStep.case_id == Case.id)
    newest = newest.order_by(CaseStep.recorded_at.desc(), Case.id, CaseStep.number.desc())
    newest = newest.limit(MOST) if since is None else newest.where(CaseStep.recorded_at > since)
    late = register.ids_of(assembly, every).where(sa.or_(Case.late > 0, Case.due_on < today()))
    ids = {*session.scalars(late), *(() if asked.is_overdue else session.scalars(newest))}
    cases = session.scalars(sa.select(Case).where(Case.id.in_(ids)).options(*WITH_COURSE)).all()
    found = [one for case in cases for one in (*(() if asked.is_overdue else _steps(case)), *_overdue(case))]
    wanted = [one for one in found if since is None or one.at > since]
    return sorted(wanted, key=lambda one: (one.at, one.anchor), reverse=True)[: MOST if since is None else None]


def _steps(case: Case) -> Iterator[News]:
    for one in read(case):
        yield News(case, f"case-{case.id}-step-{one.step.number}", one.step.recorded_at, step=one)


def _overdue(case: Case) -> Iterator[News]:
    """Yield what is or was done too late, as news of the morning after its day."""
    for one in course_of_case(case).owed:
        if one.is_overdue(today()):
            morning = times.moment(one.due + dt.timedelta(days=1), dt.time())
            yield News(case, f"case-{case.id}-{one.duty}-{one.due.isoformat()}", morning, overdue=one)
