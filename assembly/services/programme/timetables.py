"""When and where the parts of an event are: one after the other, each as long as it is said to be."""

from __future__ import annotations

import dataclasses
import datetime as dt

from assembly.models import AgendaItem, Event


@dataclasses.dataclass(frozen=True, slots=True)
class Timed:
    """An item with the moments between which it is."""

    item: AgendaItem
    starts_at: dt.datetime
    ends_at: dt.datetime

    @property
    def room_id(self) -> int | None:
        """In which room it is, if that is another one than the event's."""
        return self.item.room_id if self.item.room_id != self.item.event.room_id else None

    @property
    def where(self) -> str:
        """Return the name of that room, with its place if that is another one too; nothing if it is the event's."""
        room, own = self.item.room, self.item.event.room
        if room is None or self.room_id is None:
            return ""
        return room.name if own is not None and own.place_id == room.place_id else f"{room.place.name}, {room.name}"


@dataclasses.dataclass(frozen=True, slots=True)
class Stay:
    """That a room is used between two moments, by an item alone if one is named."""

    room_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    item: AgendaItem | None = None

    def meets(self, other: Stay) -> bool:
        """Whether both are in one room at one time."""
        return self.room_id == other.room_id and self.starts_at < other.ends_at and self.ends_at > other.starts_at


def timetable(event: Event) -> list[Timed]:
    """Return the items of an event with their times, one after the other."""
    timed, at = [], event.starts_at
    for item in event.agenda:
        ends_at = at + dt.timedelta(minutes=item.minutes)
        timed.append(Timed(item, at, ends_at))
        at = ends_at
    return timed


def stays_of(event: Event) -> list[Stay]:
    """Return when an event is in which rooms: in its own all the time, in that of an item as long as the item is.

    What an agenda has after the end of its event takes no room: that it is too long is pointed out.
    """
    own = [Stay(event.room_id, event.starts_at, event.ends_at)] if event.room_id is not None else []
    elsewhere = [
        Stay(one.room_id, one.starts_at, min(one.ends_at, event.ends_at), one.item)
        for one in timetable(event)
        if one.room_id is not None and one.starts_at < event.ends_at
    ]
    return own + elsewhere
