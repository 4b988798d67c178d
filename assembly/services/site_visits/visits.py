"""The details of a site visit and the stops on its way; what members see of them marks a published event as changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from assembly.clock import ZONE, now
from assembly.models import (
    Assembly,
    Attendance,
    AttendanceState,
    Event,
    EventKind,
    EventState,
    Material,
    SiteVisit,
    Surface,
    User,
    VisitStop,
)
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.messages import noting
from assembly.services.programme import events, times
from assembly.services.programme.events import subject_of
from sortition.message import Message

FIELDS = (
    *("meeting_point", "step_free_way", "no_step_free_reason", "benches", "toilets", "group_size", "transport"),
    *("transport_seats", "weather_plan", "safety_contact", "safety_phone", "remote_text", "remote_link"),
    *("remote_material_id", "plain_text"),
)
STAFF_ONLY = frozenset({"group_size", "transport_seats", "safety_contact", "safety_phone"})
"""What members do not need to know days before: changing it is no news to them."""
STOP_FIELDS = ("name", "metres", "surface", "about")
MOST_STOPS = 30


def is_visit(event: Event) -> bool:
    """Whether an event is a site visit."""
    return event.kind is EventKind.SITE_VISIT


def get_visit_event(session: Session, assembly: Assembly, event_id: int) -> Event:
    """Return a site visit of an assembly. Raises NotFoundError, also for any other event."""
    event = events.get_event(session, assembly, event_id)
    if not is_visit(event):
        raise NotFoundError
    return event


def visit_of(session: Session, event: Event) -> SiteVisit | None:
    """Return the details of a site visit with its stops; None for any other event, or as long as there are none."""
    return visits_of(session, [event]).get(event.id)


def visits_of(session: Session, planned: Collection[Event]) -> dict[int, SiteVisit]:
    """Return the details of those events that are site visits, by the event's number; no query if none is one."""
    ids = [event.id for event in planned if is_visit(event)]
    if not ids:
        return {}
    found = session.scalars(
        sa.select(SiteVisit)
        .where(SiteVisit.event_id.in_(ids))
        .options(selectinload(SiteVisit.stops), joinedload(SiteVisit.remote_material).selectinload(Material.versions))
    )
    return {visit.event_id: visit for visit in found}


def meeting_point_of(session: Session, event: Event) -> str:
    """Return where a site visit begins; empty for any other event, or as long as nobody has said."""
    visit = session.get(SiteVisit, event.id) if is_visit(event) else None
    return visit.meeting_point if visit is not None else ""


def meeting_points_of(session: Session, planned: Collection[Event]) -> dict[int, str]:
    """Return where site visits begin, by the event's number, as far as that is said; no query if none is one."""
    ids = [event.id for event in planned if is_visit(event)]
    if not ids:
        return {}
    found = sa.select(SiteVisit.event_id, SiteVisit.meeting_point)
    rows = session.execute(found.where(SiteVisit.event_id.in_(ids), SiteVisit.meeting_point != ""))
    return {row.event_id: row.meeting_point for row in rows}


def get_stop(visit: SiteVisit | None, stop_id: int) -> VisitStop:
    """Return a stop of a visit. Raises NotFoundError."""
    found = next((stop for stop in visit.stops if stop.id == stop_id), None) if visit else None
    if found is None:
        raise NotFoundError
    return found


def describe(session: Session, event: Event, values: Mapping[str, Any], *, note: str = "", by: User) -> SiteVisit:
    """Say what members and staff must know of a visit; a published event is marked as changed, with the note.

    Raises ConflictError if the event is cancelled, RuleError or NotFoundError for impossible values.
    """
    _lock(session, event)
    visit = _own(session, event)
    _check(session, event, values)
    changed = logbook.assign(visit, values, FIELDS)
    session.flush()
    if not changed:
        return visit
    session.refresh(visit, ["remote_material"])
    if changed.keys() - STAFF_ONLY:
        _mark_changed(session, event, note)
    if event.state is not EventState.DRAFT:
        noting.note(session, [(event, changed)], by=by)
    details = {"event": event.title, "fields": sorted(changed)}
    logbook.record(session, event.assembly, "site_visit_described", by=by, subject=subject_of(event), details=details)
    return visit


def add_stop(session: Session, event: Event, values: Mapping[str, Any], *, note: str = "", by: User) -> VisitStop:
    """Add a stop at the end of the way. Raises ConflictError after too many, or if the event is cancelled."""
    _lock(session, event)
    visit = _own(session, event)
    if len(visit.stops) >= MOST_STOPS:
        raise ConflictError(marked("A visit has at most %(most)s stops."), most=MOST_STOPS)
    position = max((stop.position for stop in visit.stops), default=-1) + 1
    stop = VisitStop(position=position, **{field: values[field] for field in STOP_FIELDS if field in values})
    visit.stops.append(stop)
    session.flush()
    _way_changed(session, event, "visit_stop_added", stop.name, note=note, by=by)
    return stop


def change_stop(
    session: Session, event: Event, stop: VisitStop, values: Mapping[str, Any], *, note: str = "", by: User
) -> None:
    """Describe a stop anew. Raises ConflictError if the event is cancelled."""
    _lock(session, event)
    if logbook.assign(stop, values, STOP_FIELDS):
        session.flush()
        _way_changed(session, event, "visit_stop_changed", stop.name, note=note, by=by)


def move_stop(session: Session, event: Event, stop: VisitStop, *, up: bool, by: User) -> None:
    """Exchange a stop with the one before or after it; nothing happens at the ends. Raises ConflictError."""
    _lock(session, event)
    visit = _own(session, event)
    place = visit.stops.index(stop)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(visit.stops):
        return
    first, second = sorted((stop, visit.stops[other]), key=lambda one: one.position)
    low, high = first.position, second.position
    first.position = max(one.position for one in visit.stops) + 1  # no two may have the same at any moment
    session.flush()
    second.position = low
    session.flush()
    first.position = high
    session.flush()
    session.expire(visit, ["stops"])
    _way_changed(session, event, "visit_stop_moved", stop.name, by=by)


def remove_stop(session: Session, event: Event, stop: VisitStop, *, by: User) -> None:
    """Remove a stop; what was seen there stays, as seen on the whole visit. Raises ConflictError."""
    _lock(session, event)
    name = stop.name
    _own(session, event).stops.remove(stop)
    session.flush()
    _way_changed(session, event, "visit_stop_removed", name, by=by)


def coming(session: Session, event: Event) -> int:
    """Return how many members said that they will come."""
    return _coming(session, [event]).get(event.id, 0)


def warnings_of(session: Session, planned: Collection[Event]) -> dict[int, list[Message]]:
    """Return for each of these events what should be mended before members read of it; it blocks nothing."""
    described = visits_of(session, planned)
    limited = [event for event in planned if event.id in described and described[event.id].transport_seats is not None]
    people = _coming(session, limited) if limited else {}
    return {event.id: _warnings_of(event, described.get(event.id), people.get(event.id, 0)) for event in planned}


def _warnings_of(event: Event, visit: SiteVisit | None, people: int) -> list[Message]:
    if not is_visit(event) or event.state is EventState.CANCELLED or event.ends_at <= now():
        return []
    if visit is None:
        return [Message(marked("The site visit is not described yet."), {})]
    found = []
    if not visit.meeting_point:
        found.append(Message(marked("The site visit has no meeting point yet."), {}))
    if not visit.step_free_way and not visit.no_step_free_reason:
        text = marked("Say which way is step-free, or why there is none.")
        found.append(Message(text, {}))
    if not visit.has_remote_way:
        found.append(Message(marked("Say how those take part who cannot come to the site visit."), {}))
    if not visit.safety_phone:
        found.append(Message(marked("There is no telephone number for emergencies on the way."), {}))
    found += [
        Message(marked("The way to “%(stop)s” has steps, and no step-free way is named."), {"stop": stop.name})
        for stop in visit.stops
        if stop.surface is Surface.STEPS and not visit.step_free_way
    ]
    if visit.transport_seats is not None and people > visit.transport_seats:
        values = {"seats": visit.transport_seats, "people": people}
        found.append(
            Message(marked("The transport has %(seats)s seats, and %(people)s members said they come."), values)
        )
    return found


def groups_of(visit: SiteVisit, people: int) -> int | None:
    """Return into how many groups so many people are divided, if groups have a size."""
    return -(-people // visit.group_size) if visit.group_size and people else None


def shows_phone(event: Event) -> bool:
    """Whether members see the number for emergencies: from the day before until the visit is over."""
    eve = dt.datetime.combine(times.day_of(event.starts_at) - dt.timedelta(days=1), dt.time(), ZONE)
    return event.state is not EventState.CANCELLED and eve <= now() < event.ends_at


def possible_materials(session: Session, event: Event) -> Sequence[Material]:
    """Return what those can read or watch who cannot come: what is published."""
    found = sa.select(Material).where(Material.assembly_id == event.assembly_id, Material.is_published)
    return session.scalars(found.order_by(Material.title, Material.id)).all()


def _coming(session: Session, planned: Collection[Event]) -> dict[int, int]:
    said = (
        sa.select(Attendance.event_id, sa.func.count())
        .where(Attendance.event_id.in_([event.id for event in planned]), Attendance.state == AttendanceState.CONFIRMED)
        .group_by(Attendance.event_id)
    )
    return {event_id: count for event_id, count in session.execute(said)}  # noqa: C416  # rows are no pairs for mypy


def _own(session: Session, event: Event) -> SiteVisit:
    visit = session.get(SiteVisit, event.id)
    if visit is None:
        visit = SiteVisit(event_id=event.id)
        session.add(visit)
        session.flush()
    session.refresh(visit, ["stops"])
    return visit


def _check(session: Session, event: Event, values: Mapping[str, Any]) -> None:
    if values.get("step_free_way") and values.get("no_step_free_reason"):
        raise RuleError(
            marked("Either there is a step-free way, or there is a reason why there is none: leave one of them empty."),
            field="no_step_free_reason",
        )
    material_id = values.get("remote_material_id")
    if material_id is not None:
        material = session.get(Material, material_id)
        if material is None or material.assembly_id != event.assembly_id:
            raise NotFoundError


def _lock(session: Session, event: Event) -> None:
    freezing.lock_pool(session, event.assembly_id)
    session.refresh(event, ["state", "sequence"])
    if event.state is EventState.CANCELLED:
        raise ConflictError(marked("A cancelled event can no longer be changed. Plan a new one."))


def _mark_changed(session: Session, event: Event, note: str) -> None:
    """Tell members who are still to come."""
    if event.ends_at > now():
        events.mark_changed(session, event, note=note)


def _way_changed(session: Session, event: Event, action: str, name: str, *, note: str = "", by: User) -> None:
    _mark_changed(session, event, note)
    details = {"event": event.title, "stop": name}
    logbook.record(session, event.assembly, action, by=by, subject=subject_of(event), details=details)
