"""Whether what was written to a member still holds at the moment when it would go out."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from assembly.clock import ZONE, now
from assembly.models import (
    Assembly,
    Attendance,
    AttendanceState,
    BodyMeeting,
    ConsentKind,
    Event,
    EventChange,
    EventState,
    Mail,
    MailState,
    MeetingTold,
    Member,
    MemberConsent,
    MemberMessage,
    MessageKind,
    Respondent,
    Status,
)
from assembly.services import mail as outbox
from assembly.services.messages import quiet
from assembly.services.site import settings

REMINDER, CHANGE, MESSAGE = "member_reminder", "member_change", "member_message"
FOLLOW_UP, MEETINGS = "member_follow_up", "member_meetings"
SMS = {
    REMINDER: outbox.REMINDER_SMS,
    CHANGE: outbox.CHANGE_SMS,
    MESSAGE: outbox.MESSAGE_SMS,
    FOLLOW_UP: outbox.FOLLOW_UP_SMS,
    MEETINGS: outbox.MEETINGS_SMS,
}
"""The template of the SMS that says the same in short."""
TEMPLATES = frozenset({*SMS, *SMS.values()})
REMINDERS = (MessageKind.REMINDER_WEEK, MessageKind.REMINDER_DAY, MessageKind.REMINDER_LETTER)
TAKES_PLACE = (EventState.PUBLISHED, EventState.CHANGED)


def is_outdated() -> sa.ColumnElement[bool]:
    """Return the condition that a mail is about an event, or to a member, and no longer holds.

    A reminder holds as long as the event is as the reminder says it is, and its member comes; a change as long as
    there is no newer one; news of meetings as long as one of them is to come, and as it says. Nothing holds for whoever
    has left.
    """
    newer = aliased(EventChange)
    superseded = sa.exists().where(
        newer.event_id == MemberMessage.event_id, newer.id > sa.func.coalesce(MemberMessage.change_id, 0)
    )
    excused = sa.exists().where(
        Attendance.event_id == MemberMessage.event_id,
        Attendance.respondent_id == Respondent.id,  # by Mail, it would be anybody who ever got one
        Attendance.state == AttendanceState.EXCUSED,
    )
    untrue_reminder = sa.and_(
        MemberMessage.kind.in_(REMINDERS),
        sa.or_(
            Event.state.not_in(TAKES_PLACE),
            Event.sequence != MemberMessage.sequence,
            Event.starts_at != MemberMessage.starts_at,
            Event.starts_at <= now(),
            excused,
        ),
    )
    untrue_change = sa.and_(MemberMessage.kind == MessageKind.CHANGE, sa.or_(superseded, Event.ends_at <= now()))
    has_left = sa.or_(Respondent.id.is_(None), Respondent.status != Status.CONFIRMED, Member.replaced_at.is_not(None))
    found = (
        sa.select(MemberMessage.mail_id)
        .outerjoin(Event, Event.id == MemberMessage.event_id)
        .outerjoin(Respondent, Respondent.id == Mail.respondent_id)
        .outerjoin(Member, Member.respondent_id == Mail.respondent_id)
        .where(MemberMessage.mail_id == Mail.id, sa.or_(has_left, untrue_reminder, untrue_change, _untrue_news()))
        .correlate(Mail)
    )
    return sa.and_(Mail.template.in_(TEMPLATES), found.exists())


def _untrue_news() -> sa.ColumnElement[bool]:
    """Return the condition that a message is about meetings, and no longer says anything that its reader is to know."""
    still = sa.exists().where(
        MeetingTold.mail_id == MemberMessage.mail_id,
        BodyMeeting.id == MeetingTold.meeting_id,
        BodyMeeting.held_on >= now().astimezone(ZONE).date(),
        MeetingTold.takes_place == sa.and_(BodyMeeting.is_public, BodyMeeting.cancelled_at.is_(None)),
    )
    agrees = sa.exists().where(
        MemberConsent.respondent_id == Respondent.id,
        MemberConsent.kind == ConsentKind.FOLLOW_UP,
        MemberConsent.ended_at.is_(None),
    )
    return sa.and_(MemberMessage.kind == MessageKind.MEETINGS, sa.or_(~still, ~agrees))


def may_go_to(session: Session, written: Mail, _person: Respondent) -> bool:
    """Whether a message still holds, as the rule of its first sending demands."""
    return not session.scalar(sa.select(sa.exists().where(Mail.id == written.id, is_outdated())))


def is_held_back(session: Session, claimed: Mail) -> bool:
    """Whether a mail that was just claimed must not go now; it is set aside, or put back for the end of quiet hours."""
    if claimed.template not in TEMPLATES or claimed.user_id is not None:  # the organiser's own test is about nobody
        return False
    if claimed.respondent is None or not may_go_to(session, claimed, claimed.respondent):
        aside: dict[str, Any] = {"finished_at": now(), "deed": None}
        outbox.move(session, claimed.id, MailState.OUTDATED, only={MailState.SENDING}, **aside)
        return True
    message = session.get_one(MemberMessage, claimed.id)
    if message.kind is MessageKind.FROM_STAFF:  # a person chose its moment
        return False
    at = now()
    until = quiet.next_moment(
        at, starts_at=_begins(session, message), state=settings.state_of(session, claimed.assembly_id)
    )
    if until > at:
        outbox.put_back(session, claimed, until=until)
    return until > at


def set_aside(session: Session, assembly: Assembly) -> int:
    """Mark everything that waits and no longer holds as outdated; return how much that was."""
    return outbox.set_aside(session, sa.and_(Mail.assembly_id == assembly.id, is_outdated()))


def _begins(session: Session, message: MemberMessage) -> Any:
    """Return when a message's event begins; of a moved one, the earlier of both, since somebody might come."""
    change = session.get(EventChange, message.change_id) if message.change_id is not None else None
    moments = [message.starts_at, change.before_starts_at if change is not None else None]
    return min((moment for moment in moments if moment is not None), default=None)
