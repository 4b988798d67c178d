"""Notices about what is owed: reminders before its day, and what follows once it is overdue.

Which notices are due follows from the course of a case and the day. Each is given once: its row, its mails and its
entry in the log are written in one transaction, and the row is unique.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import (
    EVERY_ADDRESSEE,
    Assembly,
    Case,
    CaseNotice,
    CaseState,
    ContactRole,
    Duty,
    FollowUpContact,
    NoticeKind,
)
from assembly.services import freezing, logbook
from assembly.services.daily import today
from assembly.services.follow_up import cases, contacts, notice_mails
from assembly.services.follow_up.agenda_items import LOGGED
from assembly.services.follow_up.courses import BY_ITSELF, Course, Owed
from assembly.services.follow_up.notice_mails import Pages

DAYS_AFTER: Mapping[NoticeKind, int] = {
    NoticeKind.BEFORE_30: -30,
    NoticeKind.BEFORE_14: -14,
    NoticeKind.BEFORE_3: -3,
    NoticeKind.OVERDUE_14: 14,
    NoticeKind.OVERDUE_30: 30,
}
"""How many days after the day on which something is due each notice is given."""
EARLIEST = dt.timedelta(days=30)
"""How long before that day there are notices at all."""
_OFFICE = frozenset({ContactRole.OFFICE})
RECIPIENTS: Mapping[NoticeKind, frozenset[ContactRole]] = {
    NoticeKind.BEFORE_30: _OFFICE,
    NoticeKind.BEFORE_14: _OFFICE,
    NoticeKind.BEFORE_3: _OFFICE,
    NoticeKind.OVERDUE_14: frozenset({ContactRole.MAYOR, ContactRole.CHAIR}),
    NoticeKind.OVERDUE_30: frozenset(ContactRole),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Notice:
    """A notice about a duty that is due, or was, on a day."""

    duty: Duty
    due_on: dt.date
    kind: NoticeKind


def due_notices(course: Course, day: dt.date, given: Collection[Notice] = ()) -> list[Notice]:
    """Return the notices that are due on a day and were not given yet, at most one for each duty.

    Of those whose days have passed only the last is given: no reminder once something is overdue, and none whose day is
    not after the one since which it is owed. What ended needs none.
    """
    open_ = [one for one in course.open if one.duty not in BY_ITSELF]
    due = [Notice(one.duty, one.due, kind) for one in open_ if (kind := _last_kind(one, day)) is not None]
    return [one for one in dict.fromkeys(due) if one not in given]


def _last_kind(one: Owed, day: dt.date) -> NoticeKind | None:
    days = {kind: one.due + dt.timedelta(days=after) for kind, after in DAYS_AFTER.items()}
    reached = [kind for kind, when in days.items() if one.since < when <= day]
    if not reached or (DAYS_AFTER[reached[-1]] < 0 and one.is_overdue(day)):
        return None
    return reached[-1]


def assemblies_to_look_at(session: Session) -> list[int]:
    """Return the numbers of the assemblies in which notices may be due."""
    return list(session.scalars(sa.select(Case.assembly_id).where(*_soon()).distinct().order_by(Case.assembly_id)))


def give_due(session: Session, assembly: Assembly, *, pages: Pages) -> list[CaseNotice]:
    """Give the notices that are due in an assembly, to each address in one mail.

    Whoever does so at the same time waits, and finds them given.
    """
    freezing.lock_pool(session, assembly.id)
    found, day = cases.cases_of(session, assembly, *_soon()), today()
    given = _given(session, assembly)
    due = [
        (case, one) for case in found for one in due_notices(cases.course_of_case(case), day, given.get(case.id, ()))
    ]
    known = contacts.contacts_of(session, assembly) if due else ()
    to_write: dict[str, list[CaseNotice]] = defaultdict(list)
    rows = []
    for case, one in due:
        recipients = [contact for contact in known if _concerns(contact, case, one.kind)]
        roles = [role.value for role in ContactRole if role in {contact.role for contact in recipients}]
        row = CaseNotice(case=case, duty=one.duty, due_on=one.due_on, kind=one.kind, noted_on=day, told=roles)
        session.add(row)
        rows.append(row)
        for email in {contact.email for contact in recipients}:
            to_write[email].append(row)
    session.flush()
    for row in rows:
        _record(session, assembly, row)
    for email, theirs in sorted(to_write.items()):
        notice_mails.write(session, assembly, theirs, to=email, pages=pages)
    return rows


def notices_of(session: Session, cases_: Collection[Case]) -> dict[int, list[CaseNotice]]:
    """Return the notices that were given in cases, by the number of the case, in their order."""
    ids = [case.id for case in cases_]
    by_day = (CaseNotice.noted_on, CaseNotice.due_on, CaseNotice.id)
    found: dict[int, list[CaseNotice]] = defaultdict(list)
    for row in session.scalars(sa.select(CaseNotice).where(CaseNotice.case_id.in_(ids)).order_by(*by_day)):
        found[row.case_id].append(row)
    return found


def _soon() -> Sequence[sa.ColumnElement[bool]]:
    return (Case.state != CaseState.CLOSED, Case.due_on <= today() + EARLIEST)


def _given(session: Session, assembly: Assembly) -> Mapping[int, set[Notice]]:
    rows = session.scalars(sa.select(CaseNotice).join(CaseNotice.case).where(Case.assembly_id == assembly.id))
    given: dict[int, set[Notice]] = defaultdict(set)
    for row in rows:
        given[row.case_id].add(Notice(row.duty, row.due_on, row.kind))
    return given


def _concerns(contact: FollowUpContact, case: Case, kind: NoticeKind) -> bool:
    return contact.role in RECIPIENTS[kind] and contact.addressee in {EVERY_ADDRESSEE, case.addressee.number}


def _record(session: Session, assembly: Assembly, row: CaseNotice) -> None:
    """Log a notice, and as what those were written to who were, without their addresses."""
    details = {
        "duty": row.duty.value,
        "due_on": row.due_on.isoformat(),
        "kind": row.kind.value,
        "told": row.told,
    }
    logbook.record(session, assembly, LOGGED, by=None, subject=cases.subject_of(row.case), details=details)
