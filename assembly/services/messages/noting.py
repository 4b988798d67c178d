"""Noting what members have to know at once about an event; the events' own door calls it.

It knows nothing of that door, so that the two do not depend on each other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import ChangeKind, Event, EventChange, User
from assembly.services import jobs

TELL = "event_changes"
"""The kind of the job that writes to the members."""
TIME = frozenset({"starts_at", "ends_at"})
PLACE = frozenset({"room_id", "mode", "online_link", "meeting_point"})


def kind_of(fields: Collection[str]) -> ChangeKind | None:
    """Return what members must know at once when these fields of an event changed; None if nothing."""
    if TIME & set(fields):
        return ChangeKind.MOVED
    return ChangeKind.PLACE if PLACE & set(fields) else None


def note(session: Session, changed: Iterable[tuple[Event, Mapping[str, Any]]], *, by: User) -> None:
    """Let the members be told what changed about events (`logbook.changes`), if that is their time or place."""
    _add(session, [_change(event, changes, kind) for event, changes in changed if (kind := kind_of(changes))], by=by)


def note_cancelled(session: Session, event: Event, *, by: User) -> None:
    """Let the members be told that an event does not take place."""
    _add(session, [_change(event, {}, ChangeKind.CANCELLED)], by=by)


def net(changes: Iterable[EventChange]) -> dict[str, Any]:
    """Return what several changes of an event came to, as `EventChange.fields`: nothing of what was taken back."""
    found: dict[str, Any] = {}
    for change in changes:
        for field, values in change.fields.items():
            found[field] = values | {"before": found.get(field, values)["before"]}
    return {field: values for field, values in found.items() if values["before"] != values["after"]}


def is_waiting(session: Session, event: Event) -> bool:
    """Whether members are about to be told of a change of an event."""
    return bool(
        session.scalar(sa.select(sa.exists().where(EventChange.event_id == event.id, EventChange.told_at.is_(None))))
    )


def histories_of(session: Session, events: Collection[Event]) -> dict[int, list[EventChange]]:
    """Return all changes of the time and place of events, by their numbers, the first one first."""
    found: dict[int, list[EventChange]] = {event.id: [] for event in events}
    for change in session.scalars(
        sa.select(EventChange).where(EventChange.event_id.in_(found)).order_by(EventChange.id)
    ):
        found[change.event_id].append(change)
    return found


def planned_before(history: Sequence[EventChange], event: Event) -> dt.datetime | None:
    """Return when a moved event was to begin as far as its members know; None of one that was not moved."""
    moved = [one for one in history if one.kind is ChangeKind.MOVED]
    untold = [one for one in moved if one.told_at is None]
    known = next(iter(untold or moved[-1:]), None)
    return known.before_starts_at if known and known.before_starts_at != event.starts_at else None


def is_elsewhere(history: Sequence[EventChange], hidden: Collection[str] = ()) -> bool:
    """Whether time or place are other than at first, as far as is known: what was taken back counts for nothing.

    Nor do fields that are `hidden` from whoever asks.
    """
    return bool(net(history).keys() - hidden) or not all(one.fields for one in history)


def _change(event: Event, changes: Mapping[str, Any], kind: ChangeKind) -> EventChange:
    fields = {field: values for field, values in changes.items() if field in PLACE}
    for field in TIME & changes.keys():  # each moment is written in one way, whatever zone it came in
        fields[field] = {when: _moment(text).isoformat() for when, text in changes[field].items()}
    before = _moment(changes["starts_at"]["before"]) if "starts_at" in changes else event.starts_at
    return EventChange(event=event, kind=kind, at=now(), before_starts_at=before, fields=fields)


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


def _add(session: Session, noted: Sequence[EventChange], *, by: User) -> None:
    """Nobody is told of what was and is over."""
    new = [one for one in noted if max(one.event.starts_at, one.before_starts_at) > now()]
    if new:
        session.add_all(new)
        session.flush()
        jobs.enqueue(session, TELL, {}, assembly=new[0].event.assembly, by=by)
