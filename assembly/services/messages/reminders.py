"""Reminders hold an offset: whoever has none yet gets one once the moment has come, at the time that holds then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.clock import now
from assembly.models import (
    Assembly,
    Attendance,
    AttendanceState,
    Channel,
    Event,
    EventCall,
    Mail,
    MailState,
    MemberMessage,
    MessageKind,
    Room,
)
from assembly.services import freezing
from assembly.services.messages import calls, people, quiet, truth, waiting, writing
from assembly.services.messages.people import Reader
from assembly.services.messages.writing import About, Addressed, Texts
from assembly.services.programme import times
from assembly.services.site import settings

WEEK, DAY, LETTER = 7, 1, 14
"""Days before an event."""
WEEK_UNTIL = 2
"""A late reminder, such as of an event that was published late, is of use until so many days before."""
TOO_LATE_FOR_LETTERS = 5
"""Days before an event from which on a letter might not arrive, so that members are called."""
AHEAD = dt.timedelta(hours=1)
"""How long before their moment reminders are written, so that they leave at that moment."""


def assemblies_with_events(session: Session) -> Sequence[int]:
    """Return the assemblies some of whose events members could be reminded of now."""
    return session.scalars(sa.select(Event.assembly_id).where(*_soon()).distinct().order_by(Event.assembly_id)).all()


def write_due(session: Session, assembly: Assembly, *, page: str, has_gateway: bool) -> int:
    """Write all reminders whose moment has come and that their members do not have yet; return how many.

    Who cannot be written to in time is put on the list of those to be called, and so is whom the reminder of the day
    before does not reach, because no mail goes out or theirs is refused: as long as there is time for a call.
    """
    freezing.lock_pool(session, assembly.id)
    truth.set_aside(session, assembly)
    found = sa.select(Event).where(Event.assembly_id == assembly.id, *_soon())
    events = session.scalars(
        found.options(joinedload(Event.room).joinedload(Room.place))
        .order_by(Event.starts_at, Event.id)
        .execution_options(populate_existing=True)
    ).all()
    readers = people.readers_of(session, assembly, has_gateway=has_gateway) if events else []
    excused = _excused(session, events)
    state = settings.state_of(session, assembly.id)
    written = 0
    for event in events:
        coming = [one for one in readers if (event.id, one.respondent_id) not in excused]
        known = writing.known_deeds(session, event)
        due = [one for one in _due(event, coming, state) if one.deed not in known]
        texts = Texts(truth.REMINDER, writing.alike(writing.facts_of(session, event, assembly, page=page)))
        written += writing.write(
            session, assembly, texts, [one for one in due if one.due_at < event.starts_at], About(event)
        )
        too_late = [one.reader for one in due if one.due_at >= event.starts_at]
        calls.add(session, event, MessageKind.REMINDER_DAY, [*too_late, *_held_back(session, event, coming)])
        calls.add(session, event, MessageKind.REMINDER_LETTER, _to_be_called(session, event, coming))
    return written


def _soon() -> tuple[sa.ColumnElement[bool], ...]:
    last = now() + dt.timedelta(days=LETTER + 1)  # a day of 25 hours may be among them
    return Event.state.in_(truth.TAKES_PLACE), Event.starts_at > now(), Event.starts_at <= last


def _excused(session: Session, events: Iterable[Event]) -> set[tuple[int, int]]:
    found = session.execute(
        sa.select(Attendance.event_id, Attendance.respondent_id).where(
            Attendance.event_id.in_([event.id for event in events]), Attendance.state == AttendanceState.EXCUSED
        )
    )
    return {(event_id, respondent_id) for event_id, respondent_id in found}


def _due(event: Event, readers: Iterable[Reader], state: str) -> Iterator[Addressed]:
    """Yield the reminders of an event whose moment has come and is not over."""
    windows = {
        MessageKind.REMINDER_WEEK: (WEEK, WEEK_UNTIL),
        MessageKind.REMINDER_DAY: (DAY, 0),
        MessageKind.REMINDER_LETTER: (LETTER, TOO_LATE_FOR_LETTERS),
    }
    open_ = {
        kind: max(before(event, first), now())
        for kind, (first, last) in windows.items()
        if before(event, first) <= now() + AHEAD and now() < before(event, last)
    }
    for reader in readers:
        by_letter = reader.way is Channel.LETTER
        for kind, moment in open_.items():
            if reader.way is not Channel.PHONE and by_letter == (kind is MessageKind.REMINDER_LETTER):
                due_at = moment if by_letter else quiet.next_moment(moment, starts_at=event.starts_at, state=state)
                yield Addressed(reader, kind, writing.deed_of(kind, event, reader), due_at)


def _held_back(session: Session, event: Event, readers: Iterable[Reader]) -> list[Reader]:
    """Return whose reminder of the day before should have left hours ago, and did not."""
    about_it = (MemberMessage.event_id == event.id, MemberMessage.starts_at == event.starts_at)
    unreached = waiting.members(session, *about_it, MemberMessage.kind == MessageKind.REMINDER_DAY)
    return [one for one in readers if one.respondent_id in unreached and not one.is_copy]


def _to_be_called(session: Session, event: Event, readers: Iterable[Reader]) -> list[Reader]:
    """Return who got no letter in time, and who can be written to in no way.

    Whoever is called about a change of the event hears of it then.
    """
    if now() < before(event, WEEK):
        return []
    printed = set(
        session.scalars(
            sa.select(Mail.respondent_id)
            .join(MemberMessage, MemberMessage.mail_id == Mail.id)
            .where(
                MemberMessage.event_id == event.id,
                MemberMessage.kind == MessageKind.REMINDER_LETTER,
                MemberMessage.starts_at == event.starts_at,
                Mail.state == MailState.PRINTED,
            )
        )
    )
    told = set(
        session.scalars(
            sa.select(EventCall.respondent_id).where(
                EventCall.event_id == event.id,
                EventCall.kind == MessageKind.CHANGE,
                EventCall.starts_at == event.starts_at,
            )
        )
    )
    is_late = now() >= before(event, TOO_LATE_FOR_LETTERS)
    return [
        one
        for one in readers
        if one.respondent_id not in told
        and (
            one.way is Channel.PHONE
            or (is_late and one.way is Channel.LETTER and not one.is_copy and one.respondent_id not in printed)
        )
    ]


def before(event: Event, days: int) -> dt.datetime:
    """Return the moment so many days before an event begins, at the same time of the clock on the wall."""
    return times.days_later(event.starts_at, -days).astimezone(dt.UTC)
