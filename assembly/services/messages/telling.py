"""Telling members what has changed about an event: at once, and the whole of it, as it is now."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.clock import now
from assembly.models import (
    Assembly,
    AttemptOutcome,
    Attendance,
    AttendanceState,
    Booking,
    ChangeKind,
    Channel,
    Event,
    EventCall,
    EventChange,
    EventState,
    Mail,
    MailState,
    Member,
    MemberMessage,
    MessageKind,
    Respondent,
    Room,
    Status,
)
from assembly.services import freezing
from assembly.services.messages import calls, noting, people, quiet, truth, waiting, writing
from assembly.services.messages.people import Reader
from assembly.services.messages.reminders import TOO_LATE_FOR_LETTERS
from assembly.services.messages.writing import About, Addressed, Texts
from assembly.services.needs.reopening import PROMISED
from assembly.services.programme import changed, times
from assembly.services.site import settings

NOT_SENT = (MailState.QUEUED, MailState.SENDING, MailState.TO_PRINT, MailState.OUTDATED)
"""States in which nobody has read a message; a newer change lets it be outdated."""
READ = (MailState.SENDING, MailState.SENT, MailState.PERHAPS_SENT, MailState.PRINTED)
"""States in which a message may have been read."""


@dataclasses.dataclass(frozen=True, slots=True)
class Outlook:
    """Whom a change of time, or a cancellation, would be told now: how many by which way, who is to be called.

    Mails and SMS leave at `leaves_at`, in quiet hours after them; `bookings` would have to be made anew, or cancelled.
    """

    ways: Counter[Channel]
    calls: int
    leaves_at: dt.datetime
    bookings: Sequence[Booking]

    @property
    def waits(self) -> bool:
        """Whether it is quiet now."""
        return self.leaves_at > now()


def outlook(session: Session, event: Event, *, has_gateway: bool) -> Outlook | None:
    """Return whom a change of an event would be told; None of what nobody knows, or is over."""
    if event.state not in truth.TAKES_PLACE or event.starts_at <= now():
        return None
    readers = people.readers_of(session, event.assembly, *_reads(event, excused_too=True), has_gateway=has_gateway)
    leaves_at, called, written = _split(session, event.assembly_id, readers, event.starts_at)
    promised = sa.select(Booking).where(Booking.event_id == event.id, Booking.state.in_(PROMISED)).order_by(Booking.id)
    bookings = session.scalars(promised.options(joinedload(Booking.provider))).all()
    return Outlook(Counter(one.way for one in written), len(called), leaves_at, bookings)


def assemblies_to_tell(session: Session) -> Sequence[int]:
    """Return the assemblies with changes that their members were not told of, or that do not reach them."""
    of_changes = sa.select(Event.assembly_id).join(EventChange, EventChange.event_id == Event.id)
    untold = of_changes.where(EventChange.told_at.is_(None))
    held_back = _with_mails(of_changes).where(waiting.in_vain())
    return session.scalars(sa.union(untold, held_back)).all()


def tell(session: Session, assembly: Assembly, *, page: str, has_gateway: bool) -> int:
    """Write to the members about all changes of events that they were not told yet; return how many messages.

    Whom an earlier one does not reach for hours is put on the list of those to be called.
    """
    freezing.lock_pool(session, assembly.id)
    truth.set_aside(session, assembly)
    _call_unreached(session, assembly, has_gateway=has_gateway)
    untold = session.scalars(
        sa.select(EventChange)
        .join(EventChange.event)
        .where(Event.assembly_id == assembly.id, EventChange.told_at.is_(None))
        .options(joinedload(EventChange.event).joinedload(Event.room).joinedload(Room.place))
        .order_by(EventChange.event_id, EventChange.id)
        .execution_options(populate_existing=True)
    ).all()
    written = 0
    for _, group in groupby(untold, key=lambda change: change.event_id):
        written += _tell_event(session, assembly, list(group), page=page, has_gateway=has_gateway)
    return written


def _call_unreached(session: Session, assembly: Assembly, *, has_gateway: bool) -> None:
    """Let those be called whose mail or SMS about the last change of an event does not leave."""
    held_back = _with_mails(sa.select(EventChange.id).join(EventChange.event)).where(
        Event.assembly_id == assembly.id, Event.starts_at > now(), waiting.in_vain()
    )
    changes = sa.select(EventChange).where(EventChange.id.in_(held_back)).options(joinedload(EventChange.event))
    for change in session.scalars(changes).all():
        unreached = waiting.members(session, MemberMessage.change_id == change.id)
        theirs = Member.respondent_id.in_(unreached)
        readers = people.readers_of(session, assembly, theirs, has_gateway=has_gateway)
        calls.add(session, change.event, MessageKind.CHANGE, [one for one in readers if not one.is_copy], change)


def _with_mails(changes: sa.Select[Any]) -> sa.Select[Any]:
    return changes.join(MemberMessage, MemberMessage.change_id == EventChange.id).join(
        Mail, Mail.id == MemberMessage.mail_id
    )


def _tell_event(
    session: Session, assembly: Assembly, changes: Sequence[EventChange], *, page: str, has_gateway: bool
) -> int:
    newest, event, pending = changes[-1], changes[-1].event, _not_delivered(session, changes[0])
    since = [*pending, *changes]
    is_known = bool(pending) and _has_reached_anybody(session, pending[0])
    before, earliest = _times(event, changes[0], pending, is_known=is_known)
    came_to = noting.net(since)
    is_taken_back = not came_to and not is_known and all(change.fields for change in since)
    told_at = now()
    for change in changes:
        change.told_at = told_at
    newest.before_starts_at = before
    newest.fields = {} if is_known else came_to  # what somebody knows of is not taken back in silence later
    newest.kind = _kind_of(since, came_to, is_known=is_known)
    session.flush()
    if is_taken_back or max(before, event.starts_at) <= now():
        return 0
    excused_too = newest.kind is not ChangeKind.PLACE
    readers = people.readers_of(session, assembly, *_reads(event, excused_too=excused_too), has_gateway=has_gateway)
    due_at, by_phone, written = _split(session, assembly.id, readers, earliest)
    calls.add(session, event, MessageKind.CHANGE, by_phone, newest)
    addressed = [Addressed(one, MessageKind.CHANGE, _deed(newest, one), due_at) for one in written]
    facts = writing.facts_of(session, event, assembly, page=page) | {
        "before": before if before != event.starts_at else None,
        "title_before": changed.title_before(session, since[0]),
        "is_cancelled": event.state is EventState.CANCELLED,
        "note": event.change_note,
    }
    return writing.write(
        session, assembly, Texts(truth.CHANGE, writing.alike(facts)), addressed, About(event, newest.id)
    )


def _not_delivered(session: Session, change: EventChange) -> list[EventChange]:
    """Return the change before this one, if somebody was not told of it yet; it holds what the ones before it said."""
    before = session.scalar(
        sa.select(EventChange)
        .where(EventChange.event_id == change.event_id, EventChange.id < change.id, EventChange.told_at.is_not(None))
        .order_by(EventChange.id.desc())
        .limit(1)
    )
    if before is None:
        return []
    waiting = sa.exists().where(
        MemberMessage.change_id == before.id,
        Mail.id == MemberMessage.mail_id,
        Mail.state.in_(NOT_SENT),
        Respondent.id == Mail.respondent_id,
        Respondent.status == Status.CONFIRMED,
    )
    to_be_called = sa.exists().where(
        EventCall.change_id == before.id,
        sa.or_(EventCall.outcome.is_(None), EventCall.outcome != AttemptOutcome.REACHED),
    )
    return [before] if session.scalar(sa.select(sa.or_(waiting, to_be_called))) else []


def _kind_of(since: Sequence[EventChange], came_to: Mapping[str, Any], *, is_known: bool) -> ChangeKind:
    """Return what several changes are told as: what they came to, or what matters most of what somebody knows of."""
    if not is_known and (kind := noting.kind_of(came_to)) and all(change.fields for change in since):
        return kind
    kinds = {change.kind for change in since}
    return next(kind for kind in (ChangeKind.CANCELLED, ChangeKind.MOVED, ChangeKind.PLACE) if kind in kinds)


def _has_reached_anybody(session: Session, change: EventChange) -> bool:
    """Whether somebody may know of a change from us."""
    written = sa.exists().where(
        MemberMessage.change_id == change.id, Mail.id == MemberMessage.mail_id, Mail.state.in_(READ)
    )
    called = sa.exists().where(
        EventCall.change_id == change.id,
        EventCall.outcome.in_((AttemptOutcome.REACHED, AttemptOutcome.LEFT_MESSAGE)),
    )
    return bool(session.scalar(sa.select(sa.or_(written, called))))


def _times(
    event: Event, change: EventChange, pending: Sequence[EventChange], *, is_known: bool
) -> tuple[dt.datetime, dt.datetime]:
    """Return when members might think that an event begins, and the earliest of all times that they might know.

    `is_known`: whether somebody knows of those pending, so that what they came to is the time which they know.
    """
    known = [one.before_starts_at for one in pending if one.before_starts_at > now()]
    if is_known or not known:
        known.append(change.before_starts_at)
    before = next((moment for moment in known if moment != event.starts_at), event.starts_at)
    return before, min(*known, event.starts_at)


def _split(
    session: Session, assembly_id: int, readers: Sequence[Reader], earliest: dt.datetime
) -> tuple[dt.datetime, list[Reader], list[Reader]]:
    """Return when a change leaves, who is to be called about it, and who is written to, before an event begins."""
    due_at = quiet.next_moment(now(), starts_at=earliest, state=settings.state_of(session, assembly_id))
    late = now() >= times.days_later(earliest, -TOO_LATE_FOR_LETTERS)
    called = [one for one in readers if _is_to_be_called(one, late=late, too_late=due_at >= earliest)]
    written = [
        one for one in readers if one.way in {Channel.MAIL, Channel.SMS} or (one.way is Channel.LETTER and not late)
    ]
    return due_at, called, written


def _is_to_be_called(reader: Reader, *, late: bool, too_late: bool) -> bool:
    """Whether a letter would not arrive in time, nothing can be written, or the night ends only after the beginning.

    For a guardian, the minor stands on the list.
    """
    return reader.way is Channel.PHONE or (late and reader.way is Channel.LETTER) or too_late


def _reads(event: Event, *, excused_too: bool) -> tuple[sa.ColumnElement[bool], ...]:
    """Return who is told: whoever is excused, too, if they might come now, or need not keep away; not a new place."""
    if excused_too:
        return ()
    return (
        ~sa.exists().where(
            Attendance.event_id == event.id,
            Attendance.respondent_id == Member.respondent_id,
            Attendance.state == AttendanceState.EXCUSED,
        ),
    )


def _deed(change: EventChange, reader: Reader) -> str:
    copy = ":copy" if reader.is_copy else ""
    return f"{MessageKind.CHANGE.value}:{change.id}:{reader.respondent_id}{copy}"
