"""Agenda items for the council: one for each case and day on which notice was given that something is 30 days overdue.

An item is what the notice says, so it stands for good: it is written from the steps that were recorded until then, and
the log has that moment. What is taken away by order since is gone from it, too.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Case, CaseNotice, Duty, LogEntry, NoticeKind
from assembly.services.errors import NotFoundError
from assembly.services.follow_up import cases
from assembly.services.follow_up.courses import BY_ITSELF, Course, Owed

LOGGED = "case_notice"
"""The action under which the log has notices."""


@dataclasses.dataclass(frozen=True, slots=True)
class AgendaItem:
    """An item about a case. `number` is that of its first notice, `given_at` the moment at which this was given."""

    case: Case
    number: int
    day: dt.date
    given_at: dt.datetime

    @property
    def course(self) -> Course:
        """The course of the case as it was when the notice was given."""
        return cases.course_of_case(self.case, self.given_at)

    @property
    def missed(self) -> list[Owed]:
        """What was overdue then, the longest first."""
        return [one for one in self.course.open if one.duty not in BY_ITSELF and one.is_overdue(self.day)]


def items_of(session: Session, cases_: Collection[Case]) -> dict[int, list[AgendaItem]]:
    """Return the agenda items about cases, by the number of the case, in their order; in two queries."""
    by_id = {case.id: case for case in cases_}
    wanted = (CaseNotice.case_id.in_(by_id), CaseNotice.kind == NoticeKind.OVERDUE_30)
    notices = session.scalars(sa.select(CaseNotice).where(*wanted).order_by(CaseNotice.id)).all()
    moments = _moments(session, [by_id[one.case_id] for one in notices])
    of_a_day: dict[tuple[int, dt.date], list[CaseNotice]] = defaultdict(list)
    for one in notices:
        of_a_day[one.case_id, one.noted_on].append(one)
    found: dict[int, list[AgendaItem]] = defaultdict(list)
    for (case_id, day), given in of_a_day.items():
        given_at = max(moments[case_id, one.duty, one.due_on] for one in given)
        found[case_id].append(AgendaItem(by_id[case_id], given[0].id, day, given_at))
    return found


def get_item(session: Session, assembly: Assembly, recommendation: int, notice: int) -> AgendaItem:
    """Return the item about a recommendation that a notice belongs to. Raises NotFoundError if it belongs to none."""
    found = session.get(CaseNotice, notice)
    if found is None or found.kind is not NoticeKind.OVERDUE_30:
        raise NotFoundError
    case = cases.get_case(session, assembly, found.case_id)
    if case.recommendation.number != recommendation:
        raise NotFoundError
    return next(one for one in items_of(session, [case])[case.id] if one.day == found.noted_on)


def _moments(session: Session, cases_: Collection[Case]) -> dict[tuple[int, Duty, dt.date], dt.datetime]:
    """Return when the notices were given, as the log has it, by case, duty, and the day on which this was due."""
    if not cases_:
        return {}
    subjects = {cases.subject_of(case): case.id for case in cases_}
    logged = (
        LogEntry.assembly_id.in_({case.assembly_id for case in cases_}),
        LogEntry.action == LOGGED,
        LogEntry.subject.in_(subjects),
    )
    return {
        (subjects[one.subject], Duty(one.details["duty"]), dt.date.fromisoformat(one.details["due_on"])): one.at
        for one in session.scalars(sa.select(LogEntry).where(*logged))
        if one.details["kind"] == NoticeKind.OVERDUE_30
    }
