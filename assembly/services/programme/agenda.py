"""Agendas: items in their order; their times follow from their lengths, and what is wrong with a day is pointed out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from assembly.models import AgendaItem, Event, EventState, ItemKind, User
from assembly.services import freezing, logbook
from assembly.services.assemblies import is_after_handover
from assembly.services.errors import NotFoundError, marked
from assembly.services.programme import clashes, templates, times
from assembly.services.programme.events import subject_of
from assembly.services.programme.places import get_room
from sortition.message import Message

FIELDS = ("kind", "title", "minutes", "in_charge", "room_id", "goal", "materials", "is_public")
LONGEST_WITHOUT_BREAK = dt.timedelta(hours=2)
LONGEST_DAY = dt.timedelta(hours=7)
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)


def warnings_of(event: Event, others: Sequence[Event] = (), *, state: str = "") -> list[Message]:
    """Return what should be looked at in the plan of an event, beside the `others` of its assembly; it blocks nothing.

    Pointed out are a draft after the handover of the result, a holiday in the `state`, a room with too few seats or
    with steps, an agenda longer than the event, more than two hours without a break, more than seven hours on one day,
    and other events at the same time.
    """
    if event.state is EventState.CANCELLED:
        return []
    found = _warnings_about_day_and_room(event, state)
    if is_late_draft(event):
        found.insert(0, Message(marked("The panel hands over its result before this day."), {}))
    planned = dt.timedelta(minutes=sum(item.minutes for item in event.agenda))
    if planned > (length := event.ends_at - event.starts_at):
        minutes = _minutes(planned - length)
        found.append(Message(marked("The agenda is %(minutes)s minutes longer than the event."), {"minutes": minutes}))
    if (longest := _longest_without_break(event)) > LONGEST_WITHOUT_BREAK:
        minutes = _minutes(longest)
        found.append(Message(marked("There are %(minutes)s minutes without a break."), {"minutes": minutes}))
    same_day = [other for other in others if other is not event and _is_on_the_day_of(event, other)]
    hours = sum((other.ends_at - other.starts_at for other in [event, *same_day]), dt.timedelta())
    if hours > LONGEST_DAY:
        values = {"hours": f"{hours // HOUR}:{hours % HOUR // MINUTE:02}"}
        found.append(
            Message(marked("The day has %(hours)s hours; more than seven are too many for most people."), values)
        )
    found += [
        Message(marked("At the same time there is “%(event)s”."), {"event": other.title})
        for other in same_day
        if other.starts_at < event.ends_at and other.ends_at > event.starts_at
    ]
    return found


def is_late_draft(event: Event) -> bool:
    """Whether an event is planned after the handover of the result; whoever published it nevertheless has seen that."""
    return event.state is EventState.DRAFT and is_after_handover(event.assembly, times.day_of(event.starts_at))


def _warnings_about_day_and_room(event: Event, state: str) -> list[Message]:
    found, room, people = [], event.room, event.assembly.panel_size
    if (holiday := templates.holiday_on(times.day_of(event.starts_at), state)) is not None:
        said = (
            marked("The day is in the school holidays: %(name)s.")
            if holiday.is_of_schools
            else marked("The day is a public holiday: %(name)s.")
        )
        found.append(Message(said, {"name": holiday.name}))
    if room is not None and room.capacity < people:
        seats = {"seats": room.capacity, "people": people}
        found.append(Message(marked("The room has %(seats)s seats for %(people)s members."), seats))
    if room is not None and not (room.is_step_free and room.place.is_step_free):
        found.append(Message(marked("The room is not said to be without steps."), {}))
    return found


def get_item(session: Session, event: Event, item_id: int) -> AgendaItem:
    """Return an item of an event. Raises NotFoundError."""
    item = session.get(AgendaItem, item_id)
    if item is None or item.event_id != event.id:
        raise NotFoundError
    return item


def add_item(session: Session, event: Event, values: Mapping[str, Any], *, by: User) -> AgendaItem:
    """Add an item at the end. Raises ConflictError if its room is taken at that time."""
    _lock(session, event)
    _require_room(session, event, values)
    position = max((item.position for item in event.agenda), default=-1) + 1
    item = AgendaItem(position=position, **{field: values[field] for field in FIELDS if field in values})
    event.agenda.append(item)
    session.flush()
    clashes.require_rooms_free(session, event, changed=item)
    _log(session, event, "agenda_item_added", {"title": item.title, "minutes": item.minutes}, by=by)
    return item


def change_item(session: Session, event: Event, item: AgendaItem, values: Mapping[str, Any], *, by: User) -> None:
    """Change an item. Raises ConflictError if its room, or that of one after it, is taken at its time then."""
    _lock(session, event)
    _require_room(session, event, values)
    changes = logbook.assign(item, values, FIELDS)
    session.flush()
    session.expire(item, ["room"])
    clashes.require_rooms_free(session, event, changed=item)
    if changes:
        _log(session, event, "agenda_item_changed", changes, by=by)


def move_item(session: Session, event: Event, item: AgendaItem, *, up: bool, by: User) -> None:
    """Exchange an item with the one before or after it; nothing happens at the ends.

    Raises ConflictError if the room of one is taken at its new time; so does the next.
    """
    _lock(session, event)
    place = event.agenda.index(item)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(event.agenda):
        return
    order = [*event.agenda]
    order[place], order[other] = order[other], order[place]
    _number(session, event, order)
    clashes.require_rooms_free(session, event)
    _log(session, event, "agenda_item_moved", {"title": item.title}, by=by)


def remove_item(session: Session, event: Event, item: AgendaItem, *, by: User) -> None:
    """Remove an item."""
    _lock(session, event)
    event.agenda.remove(item)
    session.flush()
    clashes.require_rooms_free(session, event)
    _log(session, event, "agenda_item_removed", {"title": item.title}, by=by)


def _require_room(session: Session, event: Event, values: Mapping[str, Any]) -> None:
    if (room_id := values.get("room_id")) is not None:
        get_room(session, event.assembly, room_id)


def _number(session: Session, event: Event, order: Sequence[AgendaItem]) -> None:
    """Give items their positions, past the present ones first: no two of an event may have the same at any moment."""
    beyond = max(item.position for item in order) + 1
    for start in (beyond, 0):
        for position, item in enumerate(order, start=start):
            item.position = position
        session.flush()
    session.expire(event, ["agenda"])


def _longest_without_break(event: Event) -> dt.timedelta:
    longest = current = dt.timedelta()
    for item in event.agenda:
        current = dt.timedelta() if item.kind is ItemKind.BREAK else current + dt.timedelta(minutes=item.minutes)
        longest = max(longest, current)
    return longest


def _is_on_the_day_of(event: Event, other: Event) -> bool:
    return other.state is not EventState.CANCELLED and times.day_of(other.starts_at) == times.day_of(event.starts_at)


def _minutes(length: dt.timedelta) -> int:
    return round(length / dt.timedelta(minutes=1))


def _lock(session: Session, event: Event) -> None:
    freezing.lock_pool(session, event.assembly_id)
    session.refresh(event, ["agenda"])


def _log(session: Session, event: Event, action: str, details: Mapping[str, Any], *, by: User) -> None:
    logbook.record(session, event.assembly, action, by=by, subject=subject_of(event), details=details)
