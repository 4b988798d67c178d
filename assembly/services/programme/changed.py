"""What members and the public are told of a changed event: its title, and when it was planned, until now.

Changes of time and place are noted to be told at once. A new title is told to nobody by itself, so it stands in the
log alone, from which it is read here.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Event, EventChange, EventState, LogEntry, Openness
from assembly.services.messages import noting
from assembly.services.programme.events import subject_of

PUBLISHED, CHANGED = "event_published", "event_changed"
"""Actions of the log."""
OF_MEMBERS = frozenset({"online_link"})
"""What of a place is for members alone."""


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """What an event was called, if it has another title since; when it was to begin, if it was moved.

    `is_elsewhere`: whether its time or place are other than at first.
    """

    title_before: str | None = None
    planned_before: dt.datetime | None = None
    is_elsewhere: bool = False


def told_of(session: Session, events: Sequence[Event], *, in_public: bool = False) -> Mapping[int, Told]:
    """Return what is told of those events of an assembly that were changed, by their numbers, in two queries.

    Of cancelled ones that is their title alone.
    In public, what an event was as long as it was for members only is not told.
    """
    changed = [event for event in events if event.state in {EventState.CHANGED, EventState.CANCELLED}]
    if not changed:
        return {}
    logged, histories = _logged(session, changed), noting.histories_of(session, changed)
    return {event.id: _told(event, logged[event.id], histories[event.id], in_public=in_public) for event in changed}


def title_before(session: Session, change: EventChange) -> str | None:
    """Return what an event was called as far as its members knew before a change was told; None if it has that title.

    They read its title last when they were told of another change, or when it was published.
    """
    event = change.event
    told = [
        one.told_at
        for one in noting.histories_of(session, [event])[event.id]
        if one.id < change.id and one.told_at and (change.told_at is None or one.told_at < change.told_at)
    ]
    titles = _titles([one for one in _logged(session, [event])[event.id] if not told or one.at > max(told)])
    return titles[0] if titles and titles[0] != event.title else None


def _told(event: Event, logged: Sequence[LogEntry], history: Sequence[EventChange], *, in_public: bool) -> Told:
    opened = [place for place, entry in enumerate(logged) if _opens(entry)] if in_public else []
    if opened:
        history = [one for one in history if one.at > logged[opened[-1]].at]
        logged = logged[opened[-1] + 1 :]
    titles = _titles(logged)
    title = titles[-1] if titles and titles[0] != event.title else None
    if event.state is EventState.CANCELLED:
        return Told(title)
    is_elsewhere = noting.is_elsewhere(history, OF_MEMBERS if in_public else ())
    return Told(title, noting.planned_before(history, event), is_elsewhere)


def _titles(logged: Sequence[LogEntry]) -> list[str]:
    return [entry.details["title"]["before"] for entry in logged if "title" in entry.details]


def _opens(entry: LogEntry) -> bool:
    return bool(entry.details.get("openness", {}).get("before") == Openness.MEMBERS)


def _logged(session: Session, events: Sequence[Event]) -> dict[int, list[LogEntry]]:
    """Return how the log says that events of an assembly were changed since they were published."""
    numbers = {subject_of(event): event.id for event in events}
    entries = session.scalars(
        sa.select(LogEntry)
        .where(
            LogEntry.assembly_id == events[0].assembly_id,
            LogEntry.action.in_((PUBLISHED, CHANGED)),
            LogEntry.subject.in_(numbers),
        )
        .order_by(LogEntry.number)
    )
    found: dict[int, list[LogEntry]] = {event.id: [] for event in events}
    for entry in entries:
        if entry.action == PUBLISHED:
            found[numbers[entry.subject]].clear()
        else:
            found[numbers[entry.subject]].append(entry)
    return found
