"""Places and their rooms: added, described, and removed while no event is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from assembly.models import AgendaItem, Assembly, Event, Place, Room, User
from assembly.services import logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked

PLACE_FIELDS = (
    *("name", "street", "postcode", "city", "map_link", "transit_stop", "directions"),
    *("is_step_free", "has_accessible_toilet", "has_quiet_room"),
)
ROOM_FIELDS = ("name", "capacity", "is_step_free", "has_induction_loop")


def places_of(session: Session, assembly: Assembly) -> Sequence[Place]:
    """Return the places of an assembly with their rooms, by name."""
    found = sa.select(Place).where(Place.assembly_id == assembly.id).options(selectinload(Place.rooms))
    return session.scalars(found.order_by(Place.name, Place.id)).all()


def rooms_of(session: Session, assembly: Assembly) -> Sequence[Room]:
    """Return the rooms of an assembly with their places, by place and name."""
    found = sa.select(Room).join(Place).where(Place.assembly_id == assembly.id).options(joinedload(Room.place))
    return session.scalars(found.order_by(Place.name, Room.name, Room.id)).all()


def get_place(session: Session, assembly: Assembly, place_id: int) -> Place:
    """Return a place of an assembly. Raises NotFoundError."""
    place = session.get(Place, place_id)
    if place is None or place.assembly_id != assembly.id:
        raise NotFoundError
    return place


def get_room(session: Session, assembly: Assembly, room_id: int) -> Room:
    """Return a room of an assembly. Raises NotFoundError."""
    room = session.get(Room, room_id)
    if room is None or room.place.assembly_id != assembly.id:
        raise NotFoundError
    return room


def add_place(session: Session, assembly: Assembly, values: Mapping[str, Any], *, by: User) -> Place:
    """Add a place."""
    place = Place(assembly_id=assembly.id, **{field: values[field] for field in PLACE_FIELDS if field in values})
    session.add(place)
    session.flush()
    logbook.record(session, assembly, "place_added", by=by, subject=f"place:{place.id}", details={"name": place.name})
    return place


def change_place(session: Session, assembly: Assembly, place: Place, values: Mapping[str, Any], *, by: User) -> None:
    """Describe a place anew."""
    _change(session, assembly, place, PLACE_FIELDS, values, by=by)


def remove_place(session: Session, assembly: Assembly, place: Place, *, by: User) -> None:
    """Remove a place with its rooms. Raises ConflictError while an event is in one of them."""
    _require_unused(session, [room.id for room in place.rooms])
    session.delete(place)
    session.flush()
    logbook.record(session, assembly, "place_removed", by=by, subject=f"place:{place.id}", details={"name": place.name})


def add_room(session: Session, assembly: Assembly, place: Place, values: Mapping[str, Any], *, by: User) -> Room:
    """Add a room to a place. Raises RuleError if the place has one of this name."""
    _require_free_name(place, values["name"], None)
    room = Room(**{field: values[field] for field in ROOM_FIELDS if field in values})
    place.rooms.append(room)
    session.flush()
    logbook.record(session, assembly, "room_added", by=by, subject=f"room:{room.id}", details={"name": room.name})
    return room


def change_room(session: Session, assembly: Assembly, room: Room, values: Mapping[str, Any], *, by: User) -> None:
    """Describe a room anew. Raises RuleError if its place has another one of this name."""
    _require_free_name(room.place, values.get("name", room.name), room)
    _change(session, assembly, room, ROOM_FIELDS, values, by=by)


def remove_room(session: Session, assembly: Assembly, room: Room, *, by: User) -> None:
    """Remove a room. Raises ConflictError while an event is in it."""
    _require_unused(session, [room.id])
    room.place.rooms.remove(room)
    session.flush()
    logbook.record(session, assembly, "room_removed", by=by, subject=f"room:{room.id}", details={"name": room.name})


def _change(
    session: Session,
    assembly: Assembly,
    row: Place | Room,
    fields: tuple[str, ...],
    values: Mapping[str, Any],
    *,
    by: User,
) -> None:
    if changes := logbook.assign(row, values, fields):
        kind = "place" if isinstance(row, Place) else "room"
        logbook.record(session, assembly, f"{kind}_changed", by=by, subject=f"{kind}:{row.id}", details=changes)


def _require_free_name(place: Place, name: str, room: Room | None) -> None:
    if any(other.name == name for other in place.rooms if other is not room):
        raise RuleError(marked("This place has a room of this name already."), field="name")


def _require_unused(session: Session, room_ids: Sequence[int]) -> None:
    there = Event.room_id.in_(room_ids) | Event.agenda.any(AgendaItem.room_id.in_(room_ids))
    event = session.scalar(sa.select(Event).where(there).order_by(Event.starts_at).limit(1))
    if event is not None:
        raise ConflictError(
            marked("“%(event)s” is there. Move it to another room, or remove it, first."), event=event.title
        )
