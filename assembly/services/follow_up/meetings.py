"""The calendars of the bodies that debate and decide, and whether they meet in time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Addressee, Assembly, BodyMeeting, Case, Duty, FollowUpRules, User
from assembly.services import freezing, jobs, logbook
from assembly.services.daily import MEETINGS, today
from assembly.services.errors import ConflictError, NotFoundError, marked


def calendar_of(session: Session, assembly: Assembly) -> Sequence[BodyMeeting]:
    """Return the meetings of all bodies, by day, with those that were cancelled after members were invited."""
    found = sa.select(BodyMeeting).where(BodyMeeting.assembly_id == assembly.id)
    return session.scalars(found.order_by(BodyMeeting.held_on, BodyMeeting.body)).all()


def meetings_of(session: Session, assembly: Assembly) -> list[BodyMeeting]:
    """Return the meetings of all bodies that take place, by day."""
    return [one for one in calendar_of(session, assembly) if one.cancelled_at is None]


def cancelled_to_come(session: Session, assembly: Assembly) -> list[BodyMeeting]:
    """Return the meetings from today on that do not take place, though members were invited, by day."""
    return [one for one in calendar_of(session, assembly) if one.cancelled_at is not None and one.held_on >= today()]


def public_meetings_to_come(session: Session, assembly: Assembly) -> Sequence[BodyMeeting]:
    """Return the public meetings from today on of the bodies that owe something to a recommendation, by day."""
    owing = (
        sa.select(Addressee.body)
        .join(Case, Case.addressee_id == Addressee.id)
        .where(Case.assembly_id == assembly.id, Case.closed_on.is_(None))
    )
    found = sa.select(BodyMeeting).where(
        BodyMeeting.assembly_id == assembly.id,
        BodyMeeting.is_public,
        BodyMeeting.cancelled_at.is_(None),
        BodyMeeting.held_on >= today(),
        BodyMeeting.body.in_(owing),
    )
    return session.scalars(found.order_by(BodyMeeting.held_on, BodyMeeting.body)).all()


def add_meeting(session: Session, assembly: Assembly, values: Mapping[str, Any], *, by: User) -> BodyMeeting:
    """Enter a meeting of a body into the calendar; one that was cancelled takes place after all.

    Raises ConflictError if it is there already.
    """
    freezing.lock_pool(session, assembly.id)
    same = (values["body"], values["held_on"])
    entered = next((one for one in calendar_of(session, assembly) if (one.body, one.held_on) == same), None)
    if entered is not None and entered.cancelled_at is None:
        raise ConflictError(marked("This meeting is entered already."), field="held_on")
    meeting = entered or BodyMeeting(assembly_id=assembly.id)
    for name, value in ({"is_public": True, "link": "", "cancelled_at": None} | dict(values)).items():
        setattr(meeting, name, value)
    session.add(meeting)
    session.flush()
    details = {"body": meeting.body, "held_on": meeting.held_on.isoformat()}
    logbook.record(session, assembly, "meeting_added", by=by, details=details)
    return meeting


def remove_meeting(session: Session, assembly: Assembly, meeting_id: int, *, by: User) -> bool:
    """Take a meeting out of the calendar; return whether members are told so, since they were invited to it.

    It stays as cancelled then. They are told with the next daily run, so that a slip of the hand can be set right
    before anybody reads of it, but at once on the day itself. Raises NotFoundError.
    """
    freezing.lock_pool(session, assembly.id)
    meeting = session.get(BodyMeeting, meeting_id, populate_existing=True)
    if meeting is None or meeting.assembly_id != assembly.id or meeting.cancelled_at is not None:
        raise NotFoundError
    details = {"body": meeting.body, "held_on": meeting.held_on.isoformat()}
    is_told = meeting.told_at is not None and meeting.held_on >= today()
    if is_told:
        meeting.cancelled_at = now()
    else:
        session.delete(meeting)
    session.flush()
    logbook.record(session, assembly, "meeting_removed", by=by, details=details)
    if is_told and meeting.held_on == today():
        jobs.enqueue(session, MEETINGS, {}, unique_key=MEETINGS)
    return is_told


def meetings_in_time(
    meetings: Sequence[BodyMeeting], due: Mapping[Duty, dt.date], body: str
) -> dict[Duty, list[BodyMeeting]]:
    """Return the meetings of a body in which it could debate, publicly, and decide: after what precedes, in time."""
    of_body = [one for one in meetings if one.body == body]
    return {
        Duty.DEBATE: [one for one in of_body if one.is_public and due[Duty.ASSIGN] < one.held_on <= due[Duty.DEBATE]],
        Duty.DECIDE: [one for one in of_body if due[Duty.ASSIGN] < one.held_on <= due[Duty.DECIDE]],
    }


def bodies_of(rules: FollowUpRules | None) -> list[str]:
    """Return the bodies that decide for the addressees, by name."""
    return sorted({one.body for one in rules.addressees if one.body}) if rules else []


def bodies_without(
    meetings: Sequence[BodyMeeting], due: Mapping[Duty, dt.date], rules: FollowUpRules
) -> list[tuple[str, Duty]]:
    """Return the bodies that meet too late to debate, or to decide, as after an election or in the summer recess."""
    return [
        (body, duty)
        for body in bodies_of(rules)
        for duty, found in meetings_in_time(meetings, due, body).items()
        if not found
    ]
