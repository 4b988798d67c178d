"""Telling members what has changed about an event: at once, and the whole of it, as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.clock import now
from assembly.models import (
    Assembly,
    Attendance,
    AttendanceState,
    ChangeKind,
    Channel,
    Event,
    EventChange,
    EventState,
    Member,
    MessageKind,
    Room,
)
from assembly.services import freezing
from assembly.services.messages import calls, people, quiet, truth, writing
from assembly.services.messages.people import Reader
from assembly.services.messages.reminders import TOO_LATE_FOR_LETTERS
from assembly.services.messages.writing import About, Addressed, Texts
from assembly.services.programme import times


def tell(session: Session, assembly: Assembly, *, page: str, has_gateway: bool) -> int:
    """Write to the members about all changes of events that they were not told yet; return how many messages."""
    freezing.lock_pool(session, assembly.id)
    truth.set_aside(session, assembly)
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


def _tell_event(
    session: Session, assembly: Assembly, changes: Sequence[EventChange], *, page: str, has_gateway: bool
) -> int:
    newest, event, before = changes[-1], changes[-1].event, changes[0].before_starts_at
    for change in changes:
        change.told_at = now()
    newest.before_starts_at = before
    session.flush()
    if max(before, event.starts_at) <= now():
        return 0
    matters = {change.kind for change in changes} & {ChangeKind.MOVED, ChangeKind.CANCELLED}
    readers = people.readers_of(session, assembly, *_reads(event, excused_too=bool(matters)), has_gateway=has_gateway)
    earliest = min(before, event.starts_at)
    due_at = quiet.next_moment(now(), starts_at=earliest, state=truth.state_of(session, assembly.id))
    late = now() >= times.days_later(earliest, -TOO_LATE_FOR_LETTERS)
    by_phone = [
        one for one in readers if not one.is_copy and _is_to_be_called(one, late=late, too_late=due_at >= earliest)
    ]
    calls.add(session, event, MessageKind.CHANGE, by_phone, newest)
    addressed = [
        Addressed(one, MessageKind.CHANGE, _deed(newest, one), due_at)
        for one in readers
        if one.way in {Channel.MAIL, Channel.SMS} or (one.way is Channel.LETTER and not late)
    ]
    facts = writing.facts_of(event, assembly, page=page) | {
        "before": before if before != event.starts_at else None,
        "is_cancelled": event.state is EventState.CANCELLED,
        "note": event.change_note,
    }
    return writing.write(
        session, assembly, Texts(truth.CHANGE, writing.alike(facts)), addressed, About(event, newest.id)
    )


def _is_to_be_called(reader: Reader, *, late: bool, too_late: bool) -> bool:
    """Whether a letter would not arrive in time, nothing can be written, or the night ends only after the beginning."""
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
