"""Who is to be told about an event on the phone, since nothing written would come in time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from assembly.clock import now
from assembly.models import (
    Assembly,
    AttemptOutcome,
    Attendance,
    AttendanceState,
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
    User,
)
from assembly.models.base import UtcDateTime
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.messages.people import Reader
from assembly.services.messages.truth import REMINDERS, TAKES_PLACE
from assembly.services.respondents import subject_of

OUTCOMES = (AttemptOutcome.REACHED, AttemptOutcome.LEFT_MESSAGE, AttemptOutcome.NO_ANSWER)
"""What a call can lead to; only who was reached leaves the list, since nobody knows who hears a message."""
LONGEST_NOTE = 500
MISSED_FOR = dt.timedelta(days=30)
"""How long it is shown who was not reached."""
_SHOWN = (
    joinedload(EventCall.member).joinedload(Member.respondent).joinedload(Respondent.contact),
    joinedload(EventCall.event).joinedload(Event.room).joinedload(Room.place),
    joinedload(EventCall.change),
)
"""What callers see of a call."""


def add(
    session: Session, event: Event, kind: MessageKind, readers: Iterable[Reader], change: EventChange | None = None
) -> int:
    """Put members on the list who are not on it for this; return how many. Whoever calls holds the pool's lock."""
    about = f"change-{change.id}" if change else f"{kind.value}-{int(event.starts_at.timestamp())}"
    wanted = {f"{event.id}:{about}:{reader.respondent_id}": reader.respondent_id for reader in readers}
    listed = set(session.scalars(sa.select(EventCall.deed).where(EventCall.event_id == event.id)))
    rows = [
        {
            "deed": deed,
            "respondent_id": respondent_id,
            "event_id": event.id,
            "kind": kind,
            "starts_at": event.starts_at,
            "change_id": change.id if change else None,
            "made_at": now(),
            "note": "",
        }
        for deed, respondent_id in wanted.items()
        if deed not in listed
    ]
    if rows:
        session.execute(sa.insert(EventCall), rows)
    return len(rows)


def open_calls(session: Session, assembly: Assembly) -> Sequence[EventCall]:
    """Return whom to call now, the next event first, with all that callers see of them."""
    return session.scalars(_open(assembly).options(*_SHOWN).order_by(Event.starts_at, EventCall.id)).all()


def missed_calls(session: Session, assembly: Assembly, *, limit: int) -> Sequence[EventCall]:
    """Return who was not reached until an event of the last weeks began and did not come, as `open_calls` does.

    The newest come first, each member once for an event. Of one that was cancelled they may have come all the same;
    of one that took place they are those alone who were noted as absent.
    """
    absent = sa.exists().where(
        Attendance.event_id == EventCall.event_id,
        Attendance.respondent_id == EventCall.respondent_id,
        Attendance.state == AttendanceState.ABSENT,
    )
    later = aliased(EventCall)
    another = sa.exists().where(
        later.event_id == EventCall.event_id,
        later.respondent_id == EventCall.respondent_id,
        later.id > EventCall.id,
    )
    missed = _unreached(sa.literal(assembly.id)).where(
        ~another,
        Event.starts_at.between(now() - MISSED_FOR, now()),
        sa.or_(Event.state == EventState.CANCELLED, absent),
    )
    return session.scalars(
        missed.options(*_SHOWN).order_by(Event.starts_at.desc(), EventCall.id.desc()).limit(limit)
    ).all()


def count_open(session: Session, assembly: Assembly) -> int:
    """Return how many are to be called."""
    return session.scalar(sa.select(sa.func.count()).select_from(_open(assembly).subquery())) or 0


def done_calls(session: Session, assembly: Assembly, *, limit: int) -> Sequence[tuple[EventCall, str | None]]:
    """Return who was reached, the newest first, each with the name of the account that noted it."""
    found = session.execute(
        sa.select(EventCall, User.name)
        .join(Event, Event.id == EventCall.event_id)
        .outerjoin(User, User.id == EventCall.noted_by_id)
        .where(Event.assembly_id == assembly.id, EventCall.outcome == AttemptOutcome.REACHED)
        .options(
            joinedload(EventCall.member).joinedload(Member.respondent).joinedload(Respondent.contact),
            joinedload(EventCall.event),
        )
        .order_by(EventCall.noted_at.desc(), EventCall.id.desc())
        .limit(limit)
    )
    return [(call, name) for call, name in found]


def get_call(session: Session, assembly: Assembly, call_id: int) -> EventCall:
    """Return a call of an assembly. Raises NotFoundError."""
    call = session.get(EventCall, call_id, options=[joinedload(EventCall.event), joinedload(EventCall.member)])
    if call is None or call.event.assembly_id != assembly.id:
        raise NotFoundError
    return call


def note(session: Session, call: EventCall, outcome: AttemptOutcome, *, note: str, by: User) -> None:
    """Note what a call led to. Raises ConflictError if somebody noted already that the member was reached."""
    if outcome not in OUTCOMES:
        raise RuleError(marked("Choose an outcome from the list."), field="outcome")
    freezing.lock_pool(session, call.event.assembly_id)
    session.refresh(call)
    if call.outcome is AttemptOutcome.REACHED:
        raise ConflictError(marked("Somebody has reached this person already. Load the page again."))
    call.outcome, call.note, call.noted_at, call.noted_by_id = outcome, note.strip()[:LONGEST_NOTE], now(), by.id
    session.flush()
    person = call.member.respondent
    details = {"event": call.event.title, "outcome": outcome.value}
    logbook.record(session, person.assembly, "event_call_noted", by=by, subject=subject_of(person), details=details)


def _open(assembly: Assembly) -> sa.Select[EventCall]:
    return open_in(sa.literal(assembly.id), sa.literal(now(), UtcDateTime()))


def open_in(assembly_id: sa.ColumnElement[int], moment: sa.ColumnElement[dt.datetime]) -> sa.Select[EventCall]:
    """Select the calls that are still of use: the event has not begun, and their member was not reached."""
    return _unreached(assembly_id).where(Event.starts_at > moment)


def _unreached(assembly_id: sa.ColumnElement[int]) -> sa.Select[EventCall]:
    """Select the calls whose member comes and was not reached, if what they say still holds."""
    newer = aliased(EventChange)
    superseded = sa.exists().where(newer.event_id == EventCall.event_id, newer.id > EventCall.change_id)
    excused = sa.exists().where(
        Attendance.event_id == EventCall.event_id,
        Attendance.respondent_id == EventCall.respondent_id,
        Attendance.state == AttendanceState.EXCUSED,
    )
    went_after_all = sa.exists().where(
        EventCall.kind == MessageKind.REMINDER_DAY,
        MemberMessage.kind == MessageKind.REMINDER_DAY,
        MemberMessage.event_id == EventCall.event_id,
        MemberMessage.starts_at == EventCall.starts_at,
        MemberMessage.is_copy.is_(False),
        Mail.id == MemberMessage.mail_id,
        Mail.respondent_id == EventCall.respondent_id,
        Mail.state == MailState.SENT,
    )
    holds = sa.or_(
        sa.and_(
            ~went_after_all,
            EventCall.kind.in_(REMINDERS),
            Event.state.in_(TAKES_PLACE),
            Event.starts_at == EventCall.starts_at,
            ~excused,
        ),
        sa.and_(EventCall.kind == MessageKind.CHANGE, ~superseded),
    )
    return (
        sa.select(EventCall)
        .join(Event, Event.id == EventCall.event_id)
        .join(Member, Member.respondent_id == EventCall.respondent_id)
        .join(Respondent, Respondent.id == Member.respondent_id)
        .where(
            Event.assembly_id == assembly_id,
            Respondent.status == Status.CONFIRMED,
            Member.replaced_at.is_(None),
            sa.or_(EventCall.outcome.is_(None), EventCall.outcome != AttemptOutcome.REACHED),
            holds,
        )
    )
