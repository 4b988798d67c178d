"""Rates: what is paid for half and whole days, ways, childcare and care; an event may have its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, AssemblyRates, Event, EventRates, Presence, User
from assembly.models.allowances import Rates
from assembly.services import freezing, logbook
from assembly.services.programme import events

FIELDS = ("whole_day", "half_day", "per_km", "childcare_hour", "care_hour", "cost_centre")
LONGEST_HALF_DAY = dt.timedelta(hours=5)
"""An event that lasts longer, with a meal in it and the ways beside it, leaves no half of a working day."""


def rates_of(session: Session, assembly: Assembly) -> Rates:
    """Return the rates of an assembly; all are 0 until somebody enters them."""
    return session.get(AssemblyRates, assembly.id) or AssemblyRates(**_nothing())


def rates_at(session: Session, event: Event) -> Rates:
    """Return the rates that hold for an event: its own, or else those of its assembly."""
    return session.get(EventRates, event.id) or rates_of(session, event.assembly)


def presence_at(event: Event, rates: Rates) -> Presence:
    """Return what being at all of an event counts as: a whole day if it is long, or if half days are not paid."""
    is_long = event.ends_at - event.starts_at > LONGEST_HALF_DAY
    return Presence.WHOLE_DAY if is_long or not rates.half_day else Presence.HALF_DAY


def events_with_own(session: Session, assembly: Assembly) -> frozenset[int]:
    """Return the numbers of the events that have their own rates."""
    here = sa.select(Event.id).where(Event.assembly_id == assembly.id)
    return frozenset(session.scalars(sa.select(EventRates.event_id).where(EventRates.event_id.in_(here))))


def change_rates(session: Session, assembly: Assembly, values: Mapping[str, Any], *, by: User) -> None:
    """Change the rates of an assembly. Claims that were saved before keep their amounts."""
    freezing.lock_pool(session, assembly.id)
    row = session.get(AssemblyRates, assembly.id)
    if row is None:
        row = AssemblyRates(assembly_id=assembly.id, **_nothing())
        session.add(row)
    if changed := logbook.assign(row, values, FIELDS):
        logbook.record(session, assembly, "rates_changed", by=by, details=changed)


def change_event_rates(session: Session, event: Event, values: Mapping[str, Any], *, by: User) -> None:
    """Give an event its own rates, or change them."""
    freezing.lock_pool(session, event.assembly_id)
    row = session.get(EventRates, event.id)
    if row is None:
        general = rates_of(session, event.assembly)
        row = EventRates(event_id=event.id, **{field: getattr(general, field) for field in FIELDS})
        session.add(row)
    changed = logbook.assign(row, values, FIELDS)
    subject = events.subject_of(event)
    logbook.record(session, event.assembly, "rates_changed", by=by, subject=subject, details=changed)


def _nothing() -> dict[str, Any]:
    return dict.fromkeys(FIELDS, 0) | {"cost_centre": ""}
