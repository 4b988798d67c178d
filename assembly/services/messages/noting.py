"""Noting what members have to know at once about an event; the events' own door calls it.

It knows nothing of that door, so that the two do not depend on each other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import ChangeKind, Event, EventChange, User
from assembly.services import jobs

TELL = "event_changes"
"""The kind of the job that writes to the members."""
TIME = frozenset({"starts_at", "ends_at"})
PLACE = frozenset({"room_id", "mode", "online_link"})


def kind_of(fields: Collection[str]) -> ChangeKind | None:
    """Return what members have to know at once when these fields of an event changed; None if nothing."""
    if TIME & set(fields):
        return ChangeKind.MOVED
    return ChangeKind.PLACE if PLACE & set(fields) else None


def note(session: Session, changed: Sequence[tuple[Event, dt.datetime]], kind: ChangeKind, *, by: User) -> None:
    """Let the members be told of events, each with when it was to begin before; of those that are over, nobody is."""
    new = [
        EventChange(event_id=event.id, kind=kind, at=now(), before_starts_at=before)
        for event, before in changed
        if max(event.starts_at, before) > now()
    ]
    if new:
        session.add_all(new)
        session.flush()
        jobs.enqueue(session, TELL, {}, assembly=changed[0][0].assembly, by=by)
