"""Observation sheets: what was seen, heard and asked on a visit, without names; the one door for what readers see."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from assembly.clock import now
from assembly.models import (
    Assembly,
    Event,
    EventKind,
    EventState,
    Member,
    ObservationSheet,
    User,
    VisitPhoto,
    VisitStop,
)
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.marks import mark_of
from assembly.services.programme.events import VISIBLE
from assembly.services.site_visits import visits

TEXTS = ("seen", "heard", "questions")
FIELDS = ("stop_id", *TEXTS)
LONGEST_TEXT = 3000
STALE = marked("Somebody else changed this while you wrote. Compare both texts. Then save again.")
NOT_LOOKED_AT = marked("The text changed since you looked at it. Read it again before you publish it.")
MOST_OF_MEMBER = 20
"""Sheets of one member about one visit."""


def sheets_of(session: Session, event: Event) -> Sequence[ObservationSheet]:
    """Return all sheets of a visit, in the order of its stops."""
    return session.scalars(_sheets().where(ObservationSheet.event_id == event.id)).unique().all()


def published_of(session: Session, planned: Collection[Event]) -> dict[int, list[ObservationSheet]]:
    """Return what readers see of these events, by the event's number, in a fixed number of queries."""
    ids = [event.id for event in planned if visits.is_visit(event)]
    if not ids:
        return {}
    wanted = _sheets().where(ObservationSheet.event_id.in_(ids), ObservationSheet.is_published)
    found: dict[int, list[ObservationSheet]] = {}
    for sheet in session.scalars(wanted).unique():
        found.setdefault(sheet.event_id, []).append(sheet)
    return found


def visited(session: Session, assembly: Assembly) -> Sequence[Event]:
    """Return the site visits that have begun, the last one first."""
    found = sa.select(Event).where(
        Event.assembly_id == assembly.id,
        Event.kind == EventKind.SITE_VISIT,
        Event.state.in_(VISIBLE),
        Event.starts_at <= now(),
    )
    return session.scalars(found.order_by(Event.starts_at.desc(), Event.id.desc())).all()


def own_sheets(session: Session, member: Member, event: Event) -> Sequence[ObservationSheet]:
    """Return what a member wrote about a visit."""
    wanted = _sheets().where(
        ObservationSheet.event_id == event.id, ObservationSheet.respondent_id == member.respondent_id
    )
    return session.scalars(wanted).unique().all()


def get_sheet(session: Session, event: Event, sheet_id: int) -> ObservationSheet:
    """Return a sheet of a visit. Raises NotFoundError."""
    wanted = _sheets().where(ObservationSheet.event_id == event.id, ObservationSheet.id == sheet_id)
    sheet = session.scalars(wanted).unique().one_or_none()
    if sheet is None:
        raise NotFoundError
    return sheet


def get_own_sheet(session: Session, member: Member, event: Event, sheet_id: int) -> ObservationSheet:
    """Return a sheet that a member wrote. Raises NotFoundError."""
    sheet = get_sheet(session, event, sheet_id)
    if sheet.respondent_id != member.respondent_id:
        raise NotFoundError
    return sheet


def is_open(event: Event) -> bool:
    """Whether sheets can be written: from the beginning of a visit that was not cancelled."""
    return visits.is_visit(event) and event.state is not EventState.CANCELLED and event.starts_at <= now()


def write(
    session: Session, event: Event, values: Mapping[str, Any], *, respondent_id: int | None = None, by: User | None
) -> ObservationSheet:
    """Write a sheet: members from their page (without `by`), staff for a member, or staff alone.

    Raises ConflictError before the visit, or after too many; RuleError if nothing is written, or the stop is another's.
    """
    _lock(session, event)
    if not is_open(event):
        raise ConflictError(marked("What was seen can be written down once the visit has begun."))
    _check(session, event, values)
    if respondent_id is not None and _count_of(session, event, respondent_id) >= MOST_OF_MEMBER:
        raise ConflictError(
            marked("There are %(most)s sheets already. Please add to one of them."), most=MOST_OF_MEMBER
        )
    sheet = ObservationSheet(
        event_id=event.id,
        respondent_id=respondent_id,
        written_at=now(),
        **{field: values[field] for field in FIELDS if field in values},
    )
    session.add(sheet)
    session.flush()
    log(session, sheet, "observation_written", by=by)
    return sheet


def version_of(sheet: ObservationSheet) -> str:
    """Return what tells a sheet from what it was before: it changes with the texts, and with who reads them."""
    return mark_of([sheet.is_published, *(getattr(sheet, field) for field in FIELDS)])


def change(
    session: Session, sheet: ObservationSheet, values: Mapping[str, Any], *, version: str, by: User | None
) -> None:
    """Write a sheet anew, as somebody does who read this `version`.

    Raises RuleError as `write` does, ConflictError if a member's is published by now, or it changed since.
    """
    _lock(session, sheet.event)
    require_changeable(session, sheet, by=by)
    _require_version(session, sheet, version, STALE)
    _check(session, sheet.event, values)
    changed = sorted(logbook.assign(sheet, values, FIELDS))
    session.flush()
    if changed:
        session.refresh(sheet, ["stop"])
        log(session, sheet, "observation_changed", {"fields": changed}, by=by)


def publish(session: Session, sheet: ObservationSheet, *, version: str, by: User) -> None:
    """Show a sheet to members and everyone, with those photos to which the people in them agreed.

    Raises ConflictError if it is shown already, or is not any more the `version` that was looked at.
    """
    _lock(session, sheet.event)
    session.refresh(sheet, ["is_published"])
    if sheet.is_published:
        raise ConflictError(marked("It is published already."))
    _require_version(session, sheet, version, NOT_LOOKED_AT)
    sheet.is_published = True
    log(session, sheet, "observation_published", by=by)


def withhold(session: Session, sheet: ObservationSheet, *, by: User) -> None:
    """Take a sheet back from its readers. Raises ConflictError if it is a draft already."""
    _lock(session, sheet.event)
    session.refresh(sheet, ["is_published"])
    if not sheet.is_published:
        raise ConflictError(marked("It is a draft already."))
    sheet.is_published = False
    log(session, sheet, "observation_withheld", by=by)


def remove(session: Session, sheet: ObservationSheet, *, by: User | None) -> None:
    """Remove a sheet with its photos; nothing of them is left."""
    _lock(session, sheet.event)
    log(session, sheet, "observation_removed", by=by)
    session.delete(sheet)
    session.flush()


def require_changeable(session: Session, sheet: ObservationSheet, *, by: User | None) -> None:
    """Raise ConflictError if a member wants to change what everybody reads by now; staff may."""
    session.refresh(sheet, ["is_published"])
    if by is None and sheet.is_published:
        raise ConflictError(marked("This is published by now. Tell us what should be different."))


def shown_photos(sheet: ObservationSheet) -> list[VisitPhoto]:
    """Return the photos of a sheet that readers see, if they see the sheet."""
    return [photo for photo in sheet.photos if photo.agreed_at is not None]


def log(
    session: Session, sheet: ObservationSheet, action: str, details: Mapping[str, Any] | None = None, *, by: User | None
) -> None:
    """Write what was done with a sheet into the log: never its text, nor whose it is."""
    session.flush()
    assembly = session.get_one(Assembly, sheet.event.assembly_id)
    said = {"event": sheet.event.title} | dict(details or {})
    logbook.record(session, assembly, action, by=by, subject=f"observation:{sheet.id}", details=said)


def _sheets() -> sa.Select[ObservationSheet]:
    return (
        sa.select(ObservationSheet)
        .outerjoin(VisitStop, VisitStop.id == ObservationSheet.stop_id)
        .options(
            joinedload(ObservationSheet.stop),
            joinedload(ObservationSheet.event),
            selectinload(ObservationSheet.photos),
        )
        .order_by(VisitStop.position.is_(None), VisitStop.position, ObservationSheet.id)
    )


def _count_of(session: Session, event: Event, respondent_id: int) -> int:
    wanted = sa.select(sa.func.count()).where(
        ObservationSheet.event_id == event.id, ObservationSheet.respondent_id == respondent_id
    )
    return session.scalar(wanted) or 0


def _check(session: Session, event: Event, values: Mapping[str, Any]) -> None:
    if not any(values.get(name) for name in TEXTS):
        raise RuleError(marked("Write something into at least one of the fields."), field="seen")
    if values.get("stop_id") is not None:
        visits.get_stop(visits.visit_of(session, event), values["stop_id"])


def _require_version(session: Session, sheet: ObservationSheet, version: str, refusal: str) -> None:
    session.refresh(sheet, ["is_published", *FIELDS])
    if version != version_of(sheet):
        raise ConflictError(refusal)


def _lock(session: Session, event: Event) -> None:
    freezing.lock_pool(session, event.assembly_id)
    session.refresh(event, ["state"])
