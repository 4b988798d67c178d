"""Events: planned as drafts, published, changed and cancelled; the one door for their state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from assembly.clock import now
from assembly.models import Assembly, Event, EventState, Membership, Openness, Role, Room, User
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.messages import noting
from assembly.services.needs import reopening
from assembly.services.programme import clashes, times
from assembly.services.programme.places import get_room

TRANSITIONS: Mapping[EventState, frozenset[EventState]] = {
    EventState.DRAFT: frozenset({EventState.PUBLISHED}),
    EventState.PUBLISHED: frozenset({EventState.CHANGED, EventState.CANCELLED}),
    EventState.CHANGED: frozenset({EventState.CHANGED, EventState.CANCELLED}),
    EventState.CANCELLED: frozenset(),
}
"""What may follow what. A draft that is not wanted is removed; what members have seen stays, cancelled."""
VISIBLE = frozenset({EventState.PUBLISHED, EventState.CHANGED, EventState.CANCELLED})
FIELDS = (
    *("kind", "mode", "openness", "title", "description", "plain_description", "to_bring"),
    *("starts_at", "ends_at", "room_id", "online_link"),
)
LONGEST = dt.timedelta(hours=24)


def events_of(session: Session, assembly: Assembly) -> Sequence[Event]:
    """Return the events of an assembly with rooms and places, in the order of time."""
    found = (
        sa.select(Event)
        .where(Event.assembly_id == assembly.id)
        .options(
            joinedload(Event.room).joinedload(Room.place),
            selectinload(Event.facilitators),
            selectinload(Event.agenda),
            joinedload(Event.assembly),
        )
    )
    return session.scalars(found.order_by(Event.starts_at, Event.id)).all()


def public_events_of(session: Session, assembly: Assembly) -> Sequence[Event]:
    """Return what everyone may see of the programme, in the order of time: no drafts, nothing for members only."""
    return [
        event
        for event in events_of(session, assembly)
        if event.state in VISIBLE and event.openness is not Openness.MEMBERS
    ]


def get_event(session: Session, assembly: Assembly, event_id: int) -> Event:
    """Return an event of an assembly. Raises NotFoundError."""
    event = session.get(Event, event_id, options=[joinedload(Event.room).joinedload(Room.place)])
    if event is None or event.assembly_id != assembly.id:
        raise NotFoundError
    return event


def get_public_event(session: Session, assembly: Assembly, event_id: int) -> Event:
    """Return an event that everyone may see. Raises NotFoundError."""
    event = get_visible_event(session, assembly, event_id)
    if event.openness is Openness.MEMBERS:
        raise NotFoundError
    return event


def get_visible_event(session: Session, assembly: Assembly, event_id: int) -> Event:
    """Return an event that members see. Raises NotFoundError."""
    event = get_event(session, assembly, event_id)
    if event.state not in VISIBLE:
        raise NotFoundError
    return event


def possible_facilitators(session: Session, assembly: Assembly) -> Sequence[User]:
    """Return the accounts that may lead an event: the organisers and facilitators of the assembly, by name."""
    roles = (Role.ORGANISER, Role.FACILITATOR)
    held = sa.exists().where(
        Membership.user_id == User.id,
        Membership.assembly_id == assembly.id,
        Membership.role.in_(roles),
        Membership.revoked_at.is_(None),
    )
    return session.scalars(sa.select(User).where(held).order_by(User.name, User.id)).all()


def add_event(
    session: Session, assembly: Assembly, values: Mapping[str, Any], *, facilitators: Sequence[int] = (), by: User
) -> Event:
    """Plan an event as a draft; `facilitators` are numbers of accounts.

    Raises RuleError for impossible values, ConflictError if the room or a facilitator is taken.
    """
    freezing.lock_pool(session, assembly.id)
    event = Event(assembly_id=assembly.id, **{field: values[field] for field in FIELDS if field in values})
    _check(session, assembly, event, facilitators)
    session.add(event)
    session.flush()
    clashes.require_free(session, event)
    logbook.record(session, assembly, "event_planned", by=by, subject=subject_of(event), details={"title": event.title})
    return event


def change_event(
    session: Session,
    event: Event,
    values: Mapping[str, Any],
    *,
    facilitators: Sequence[int] | None = None,
    note: str = "",
    by: User,
) -> None:
    """Change an event; if members can see it already, they see that it was changed, with the note.

    Raises RuleError for impossible values, ConflictError if it is cancelled, or the room or a facilitator is taken.
    """
    _lock(session, event)
    if event.state is EventState.CANCELLED:
        raise ConflictError(marked("A cancelled event can no longer be changed. Plan a new one."))
    before = _state_of(event)
    for field in FIELDS:
        if field in values:
            setattr(event, field, values[field])
    led_by = [user.id for user in event.facilitators] if facilitators is None else facilitators
    _check(session, event.assembly, event, led_by)
    session.flush()
    clashes.require_free(session, event)
    changes = logbook.changes(before, _state_of(event))
    if not changes:
        return
    if event.state is not EventState.DRAFT:
        _move(event, EventState.CHANGED)
        event.change_note = note.strip()
    session.flush()
    if changes.keys() & reopening.TIME_AND_PLACE:
        reopening.reopen(session, [event], by=by)
    if event.state is not EventState.DRAFT:
        noting.note(session, [(event, changes)], by=by)
    logbook.record(session, event.assembly, "event_changed", by=by, subject=subject_of(event), details=changes)


def mark_changed(session: Session, event: Event, *, note: str = "") -> None:
    """Mark an event as changed if members see it; for its parts, which lock, check and log by themselves."""
    if event.state is not EventState.DRAFT:
        _move(event, EventState.CHANGED)
        event.change_note = note.strip()
    session.flush()


def publish(session: Session, event: Event, *, by: User) -> None:
    """Show a draft to the members, and to the public as far as it is open. Raises ConflictError."""
    _lock(session, event)
    _move(event, EventState.PUBLISHED)
    event.published_at = now()
    _log(session, event, "event_published", by=by)


def cancel(session: Session, event: Event, *, reason: str, by: User) -> None:
    """Cancel an event that members could see; it stays listed with the reason.

    Raises ConflictError if it is over or not to be cancelled, RuleError without a reason.
    """
    _lock(session, event)
    if is_over(event):
        raise ConflictError(marked("This event is over, so it can no longer be cancelled."))
    if not reason.strip():
        raise RuleError(marked("Say why, in a sentence that members understand."), field="reason")
    _move(event, EventState.CANCELLED)
    event.change_note = reason.strip()
    reopening.cancel(session, event, by=by)
    noting.note_cancelled(session, event, by=by)
    _log(session, event, "event_cancelled", by=by)


def remove_draft(session: Session, event: Event, *, by: User) -> None:
    """Remove an event that nobody has seen. Raises ConflictError for any other."""
    _lock(session, event)
    if event.state is not EventState.DRAFT:
        raise ConflictError(marked("Members have seen this event already: cancel it instead."))
    reopening.require_nothing_promised(session, event)
    _log(session, event, "event_removed", by=by)
    session.delete(event)
    session.flush()


def move_programme(session: Session, assembly: Assembly, *, weeks: int, note: str = "", by: User) -> int:
    """Move everything that has not begun by some weeks, to the same time of the day; return how many events.

    Raises RuleError if something would lie in the past, ConflictError if a facilitator leads another assembly then.
    """
    freezing.lock_pool(session, assembly.id)
    to_come = [
        event
        for event in events_of(session, assembly)
        if event.starts_at > now() and event.state is not EventState.CANCELLED
    ]
    moved: list[tuple[Event, dict[str, Any]]] = []
    for event in to_come:
        later = {field: times.days_later(getattr(event, field), 7 * weeks) for field in ("starts_at", "ends_at")}
        changes = logbook.assign(event, later, later)
        if event.starts_at <= now():
            raise RuleError(marked("“%(event)s” would lie in the past."), field="weeks", event=event.title)
        if event.state is not EventState.DRAFT:
            _move(event, EventState.CHANGED)
            event.change_note = note.strip()
            moved.append((event, changes))
    session.flush()
    for event in to_come:
        clashes.require_free(session, event)
    if to_come and weeks:
        reopening.reopen(session, to_come, by=by)
        noting.note(session, moved, by=by)
        details = {"weeks": weeks, "events": len(to_come)}
        logbook.record(session, assembly, "programme_moved", by=by, details=details)
    return len(to_come) if weeks else 0


def is_over(event: Event) -> bool:
    """Whether an event has ended, as it was planned."""
    return event.ends_at <= now()


def subject_of(event: Event) -> str:
    """Return how the log names an event."""
    return f"event:{event.id}"


def _check(session: Session, assembly: Assembly, event: Event, facilitators: Sequence[int]) -> None:
    if event.ends_at <= event.starts_at:
        raise RuleError(marked("An event ends after it begins."), field="ends_at")
    if event.ends_at - event.starts_at > LONGEST:
        raise RuleError(marked("An event lasts at most a day. Plan one for each day."), field="ends_at")
    if event.room_id is not None:
        get_room(session, assembly, event.room_id)
    possible = {user.id: user for user in possible_facilitators(session, assembly)}
    current = {user.id: user for user in event.facilitators}
    try:
        event.facilitators = [possible.get(number) or current[number] for number in facilitators]
    except KeyError:
        raise RuleError(
            marked("Only organisers and facilitators of this assembly can lead an event."), field="facilitators"
        ) from None


def _lock(session: Session, event: Event) -> None:
    freezing.lock_pool(session, event.assembly_id)
    session.refresh(event, ["state", "sequence"])


def _move(event: Event, to: EventState) -> None:
    if to not in TRANSITIONS[event.state]:
        raise ConflictError(marked("The state of this event has changed meanwhile. Load the page again."))
    if event.state in VISIBLE:
        event.sequence += 1
        event.changed_at = now()
    event.state = to


def _state_of(event: Event) -> dict[str, Any]:
    values = {field: getattr(event, field) for field in FIELDS}
    return values | {"facilitators": [user.id for user in event.facilitators]}


def _log(session: Session, event: Event, action: str, *, by: User) -> None:
    session.flush()
    logbook.record(session, event.assembly, action, by=by, subject=subject_of(event), details={"title": event.title})
