"""The public programme as data: what everyone may read on its page, for other programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from assembly.clock import ZONE
from assembly.models import Assembly, Event, EventState
from assembly.services.programme import timetables


def document_of(assembly: Assembly, events: Iterable[Event], *, page: str) -> dict[str, Any]:
    """Return the public programme for JSON: times as ISO 8601 with offset, kinds and states by their English names.

    `uid` and `sequence` are those of the calendar (RFC 5545); `page` is the address of the programme's page. An agenda
    holds its public items only, that of a cancelled event none. Nothing about any member is in it.
    """
    return {
        "assembly": {"title": assembly.title, "question": assembly.question},
        "page": page,
        "events": [_event(event, page) for event in events],
    }


def _event(event: Event, page: str) -> dict[str, Any]:
    items = [] if event.state is EventState.CANCELLED else timetables.timetable(event)
    return {
        "uid": event.uid,
        "sequence": event.sequence,
        "page": f"{page}#event-{event.id}",
        "title": event.title,
        "kind": event.kind.value,
        "state": event.state.value,
        "mode": event.mode.value,
        "openness": event.openness.value,
        "starts_at": event.starts_at.astimezone(ZONE).isoformat(),
        "ends_at": event.ends_at.astimezone(ZONE).isoformat(),
        "place": _place(event),
        "description": event.description,
        "plain_description": event.plain_description,
        "change_note": event.change_note,
        "agenda": [
            {
                "starts_at": one.starts_at.astimezone(ZONE).isoformat(),
                "ends_at": one.ends_at.astimezone(ZONE).isoformat(),
                "title": one.item.title,
                "kind": one.item.kind.value,
                "in_charge": one.item.in_charge,
                "room": one.where or None,
            }
            for one in items
            if one.item.is_public
        ],
    }


def _place(event: Event) -> dict[str, Any] | None:
    if event.room is None:
        return None
    place = event.room.place
    return {
        "name": place.name,
        "room": event.room.name,
        "street": place.street,
        "postcode": place.postcode,
        "city": place.city,
        "is_step_free": place.is_step_free and event.room.is_step_free,
        "has_accessible_toilet": place.has_accessible_toilet,
        "has_induction_loop": event.room.has_induction_loop,
        "has_quiet_room": place.has_quiet_room,
        "transit_stop": place.transit_stop,
    }
