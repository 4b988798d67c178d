"""The one door for attendance: what members say before an event, and what is noted there."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Attendance, AttendanceState, Event, EventState, Member, User
from assembly.services import freezing, logbook
from assembly.services.attendance import people
from assembly.services.attendance.people import NOTED
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.programme import times
from assembly.services.respondents import subject_of

OWN: Mapping[AttendanceState, frozenset[AttendanceState]] = {
    AttendanceState.INVITED: frozenset({AttendanceState.CONFIRMED, AttendanceState.EXCUSED}),
    AttendanceState.CONFIRMED: frozenset({AttendanceState.EXCUSED}),
    AttendanceState.EXCUSED: frozenset({AttendanceState.CONFIRMED}),
}
"""What members may say themselves after what; staff may correct everything."""
LONGEST_REASON = 1000


def note(
    session: Session, event: Event, respondent_id: int, state: AttendanceState, *, reason: str | None = None, by: User
) -> None:
    """Note, as staff, how a member stands to an event; without a `reason`, that of an earlier excuse stays.

    Raises NotFoundError for who is not on the list, ConflictError for drafts, cancelled events, and presence before
    the day of the event.
    """
    member = _lock(session, event, respondent_id)
    if state in NOTED and not is_the_day(event):
        raise ConflictError(marked("Who is there can be noted from the day of the event on."))
    _move(session, event, member, state, reason=reason, by=by)


def say(session: Session, event: Event, member: Member, state: AttendanceState, *, reason: str = "") -> None:
    """Let a member confirm, or excuse themselves. Raises ConflictError once the event has begun."""
    member = _lock(session, event, member.respondent_id)
    if event.starts_at <= now():
        raise ConflictError(marked("The event has begun. Please call us instead."))
    before = state_of(session, event, member.respondent_id)
    if state is before:
        return
    if state not in OWN.get(before, frozenset()):
        raise ConflictError(marked("This cannot be said for this event any more. Please call us instead."))
    _move(session, event, member, state, reason=reason, by=None)


def close_list(session: Session, event: Event, *, by: User) -> int:
    """Note everybody as absent who was neither there nor excused; return how many. Raises ConflictError."""
    _require_listed(session, event)
    if event.starts_at > now():
        raise ConflictError(marked("The list can be closed once the event has begun."))
    waiting = [
        one
        for one in people.people_of(session, event)
        if one.state in {AttendanceState.INVITED, AttendanceState.CONFIRMED}
    ]
    for one in waiting:
        _move(session, event, one.member, AttendanceState.ABSENT, reason=None, by=by)
    if waiting:
        details = {"event": event.id, "people": len(waiting)}
        logbook.record(session, event.assembly, "attendance_closed", by=by, details=details)
    return len(waiting)


def is_the_day(event: Event) -> bool:
    """Whether the day of an event has come."""
    return times.day_of(now()) >= times.day_of(event.starts_at)


def state_of(session: Session, event: Event, respondent_id: int) -> AttendanceState:
    """Return how somebody stands to an event."""
    row = session.get(Attendance, (event.id, respondent_id))
    return row.state if row else AttendanceState.INVITED


def _require_listed(session: Session, event: Event) -> None:
    freezing.lock_pool(session, event.assembly_id)
    session.refresh(event, ["state"])
    if event.state in {EventState.DRAFT, EventState.CANCELLED}:
        raise ConflictError(marked("There is attendance only of events that are published and not cancelled."))


def _lock(session: Session, event: Event, respondent_id: int) -> Member:
    _require_listed(session, event)
    row = session.get(Attendance, (event.id, respondent_id))
    if row is not None:
        session.refresh(row)
    member = session.scalar(
        sa.select(Member)
        .where(Member.respondent_id == respondent_id, *people.on_the_list(event))
        .join(Member.respondent)
        .outerjoin(Attendance, people.at(event))
    )
    if member is None:
        raise NotFoundError
    return member


def _move(
    session: Session, event: Event, member: Member, state: AttendanceState, *, reason: str | None, by: User | None
) -> None:
    if reason is not None and len(reason) > LONGEST_REASON:
        raise RuleError(marked("The reason is too long."), field="reason")
    row = session.get(Attendance, (event.id, member.respondent_id))
    if row is None:
        row = Attendance(event_id=event.id, respondent_id=member.respondent_id, state=AttendanceState.INVITED)
        session.add(row)
    before = row.state
    if state is not AttendanceState.EXCUSED:
        row.reason = None
    elif reason is not None:
        row.reason = reason.strip() or None
    row.state, row.noted_at = state, now()
    session.flush()
    if state is not before:
        details = {"event": event.id, "before": before.value, "after": state.value}
        subject = subject_of(member.respondent)
        logbook.record(session, event.assembly, "attendance_noted", by=by, subject=subject, details=details)
