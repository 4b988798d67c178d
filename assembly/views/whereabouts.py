"""A list to choose an event or an item of its agenda from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import format_date, gettext

from assembly.models import AgendaItem, Event, EventState
from assembly.views.forms import choice

Whereabouts = tuple[Event | None, AgendaItem | None]


def place_choices(events: Iterable[Event], *, nowhere: str | None = None) -> list[Any]:
    """Return events that are not cancelled, each with its items below it; `nowhere` names the choice of none."""
    found = [] if nowhere is None else [choice("", nowhere)]
    for event in events:
        if event.state is EventState.CANCELLED:
            continue
        day = format_date(event.starts_at, "short")
        found.append(choice(place_value(event, None), f"{event.title}, {day}"))
        for item in event.agenda:
            label = gettext(
                "%(event)s, %(day)s: %(item)s (%(minutes)s min)",
                event=event.title,
                day=day,
                item=item.title,
                minutes=item.minutes,
            )
            found.append(choice(place_value(event, item), label))
    return found


def place_value(event: Event | None, item: AgendaItem | None) -> str:
    """Return how the list names an event, or an item of it."""
    if event is None:
        return ""
    return f"{event.id}-{item.id}" if item is not None else str(event.id)


def chosen_place(events: Iterable[Event], value: str) -> Whereabouts:
    """Return what was chosen."""
    found: dict[str, Whereabouts] = {}
    for event in events:
        found[place_value(event, None)] = (event, None)
        found |= {place_value(event, item): (event, item) for item in event.agenda}
    return found.get(value, (None, None))
