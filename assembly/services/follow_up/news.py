"""What happened in the follow-up, newest first: the steps, what was not done until its day, and what came of that.

Orders to redact a recommendation are news, too: with ground and day, never with the words.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Case, CaseStep, Recommendation, RecommendationRedaction
from assembly.services.daily import today
from assembly.services.follow_up import agenda_items, register
from assembly.services.follow_up.agenda_items import AgendaItem
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
    """A step, what has become overdue, an item for the council’s agenda, or that the recommendation was redacted.

    `anchor` names it for good. A redaction is about all cases of the recommendation; `case` is the first of them.
    """

    case: Case
    anchor: str
    at: dt.datetime
    step: Read | None = None
    overdue: Owed | None = None
    agenda: AgendaItem | None = None
    redaction: RecommendationRedaction | None = None

    @property
    def text(self) -> str:
        """What the step says, in short; empty if it says nothing, or if that was taken away."""
        said = {one.name: one.value for one in self.step.said} if self.step else {}
        return next((str(said[name]) for name in TEXTS if said.get(name)), "")


def news_of(
    session: Session, assembly: Assembly | None, asked: Filter, *, since: dt.datetime | None = None
) -> list[News]:
    """Return the newest of what happened in what is asked for of the public register, of one assembly or of all.

    If what is overdue is asked for, nothing but what became overdue, and what was written for the agenda about it.
    With `since`, all that is younger, however much.
    """
    every = dataclasses.replace(asked, is_overdue=False)
    newest = register.ids_of(assembly, every).join(CaseStep, CaseStep.case_id == Case.id)
    newest = newest.order_by(CaseStep.recorded_at.desc(), Case.id, CaseStep.number.desc())
    newest = newest.limit(MOST) if since is None else newest.where(CaseStep.recorded_at > since)
    late = register.ids_of(assembly, every).where(sa.or_(Case.late > 0, Case.due_on < today()))
    redacted = {} if asked.is_overdue else _redacted(session, assembly, every, since)
    ids = {*session.scalars(late), *redacted.values(), *(() if asked.is_overdue else session.scalars(newest))}
    cases = session.scalars(sa.select(Case).where(Case.id.in_(ids)).options(*WITH_COURSE)).all()
    items = agenda_items.items_of(session, cases)
    found = [
        one
        for case in cases
        for one in (*(() if asked.is_overdue else _steps(case)), *_overdue(case), *map(_agenda, items[case.id]))
    ]
    found += [_redaction(one, case) for one, number in redacted.items() for case in cases if case.id == number]
    wanted = [one for one in found if since is None or one.at > since]
    return sorted(wanted, key=lambda one: (one.at, one.anchor), reverse=True)[: MOST if since is None else None]


def _steps(case: Case) -> Iterator[News]:
    for one in read(case):
        yield News(case, f"case-{case.id}-step-{one.step.number}", one.step.recorded_at, step=one)


def _redacted(
    session: Session, assembly: Assembly | None, asked: Filter, since: dt.datetime | None
) -> dict[RecommendationRedaction, int]:
    """Return the newest redactions, each with the number of the recommendation’s first case that is asked for."""
    found = register.ids_of(assembly, asked, RecommendationRedaction, sa.func.min(Case.id))
    found = found.join(RecommendationRedaction, RecommendationRedaction.recommendation_id == Recommendation.id)
    found = found.group_by(RecommendationRedaction.id).order_by(RecommendationRedaction.redacted_at.desc())
    found = found.limit(MOST) if since is None else found.where(RecommendationRedaction.redacted_at > since)
    return {redaction: number for redaction, number in session.execute(found)}  # noqa: C416  # rows are no pairs for the type checker


def _redaction(one: RecommendationRedaction, case: Case) -> News:
    return News(case, f"redaction-{one.id}", one.redacted_at, redaction=one)


def _agenda(item: AgendaItem) -> News:
    return News(item.case, f"case-{item.case.id}-agenda-item-{item.number}", item.given_at, agenda=item)


def _overdue(case: Case) -> Iterator[News]:
    """Yield what is or was done too late, as news of the morning after its day."""
    for one in course_of_case(case).owed:
        if one.is_overdue(today()):
            morning = times.moment(one.due + dt.timedelta(days=1), dt.time())
            yield News(case, f"case-{case.id}-{one.duty}-{one.due.isoformat()}", morning, overdue=one)
