"""Bookings: who provides what at which event; the one door for their state, and nobody at two events at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.models import Assembly, Booking, BookingState, Event, EventState, NeedKind, Provider, User
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.needs import reopening
from assembly.services.needs.kinds import INTERPRETING, key_of
from assembly.services.needs.reopening import PROMISED
from assembly.services.programme import clashes

TRANSITIONS: Mapping[BookingState, frozenset[BookingState]] = {
    BookingState.TO_BOOK: frozenset({BookingState.ASKED, BookingState.BOOKED, BookingState.CANCELLED}),
    BookingState.ASKED: frozenset({BookingState.BOOKED, BookingState.TO_BOOK, BookingState.CANCELLED}),
    BookingState.BOOKED: frozenset({BookingState.CANCELLED}),
    BookingState.CANCELLED: frozenset({BookingState.TO_BOOK}),
}
"""What may follow what by hand; moved and cancelled events move their bookings themselves."""
FIELDS = ("kind", "language", "provider_id", "people")


def bookings_of(session: Session, events: Sequence[Event]) -> Sequence[Booking]:
    """Return the bookings of events with their providers, in the order in which they were made."""
    found = sa.select(Booking).where(Booking.event_id.in_([event.id for event in events]))
    return session.scalars(found.options(joinedload(Booking.provider)).order_by(Booking.id)).all()


def get_booking(session: Session, assembly: Assembly, booking_id: int) -> Booking:
    """Return a booking of an assembly. Raises NotFoundError."""
    booking = session.get(Booking, booking_id, options=[joinedload(Booking.event), joinedload(Booking.provider)])
    if booking is None or booking.event.assembly_id != assembly.id:
        raise NotFoundError
    return booking


def add_booking(
    session: Session, event: Event, values: Mapping[str, Any], *, by: User, is_sure: bool = False
) -> Booking:
    """Note that something is to be booked for an event.

    Raises RuleError, without being sure also if the same is entered already; ConflictError if the event is cancelled.
    """
    freezing.lock_pool(session, event.assembly_id)
    session.refresh(event, ["state"])
    if event.state is EventState.CANCELLED:
        raise ConflictError(marked("This event is cancelled: nothing is booked for it."))
    booking = Booking(event_id=event.id, **{field: values[field] for field in FIELDS if field in values})
    _check(session, event.assembly, booking)
    if not is_sure:
        _require_first(session, booking)
    session.add(booking)
    session.flush()
    logbook.record(session, event.assembly, "booking_added", by=by, subject=reopening.subject_of(booking))
    return booking


def change_booking(
    session: Session, booking: Booking, values: Mapping[str, Any], *, by: User, is_sure: bool = False
) -> None:
    """Change a booking.

    Raises RuleError, without being sure also if it becomes the same as another one; ConflictError for all but the
    people once somebody was asked.
    """
    _lock(session, booking)
    if not (changed := logbook.assign(booking, values, FIELDS)):
        return
    if booking.state is not BookingState.TO_BOOK and changed.keys() != {"people"}:
        raise ConflictError(
            marked("Somebody was asked for this already. Cancel the booking, and add another one instead.")
        )
    _check(session, booking.event.assembly, booking)
    if not is_sure and changed.keys() != {"people"}:
        _require_first(session, booking)
    session.flush()
    logbook.record(session, booking.event.assembly, "booking_changed", by=by, subject=reopening.subject_of(booking))


def move(session: Session, booking: Booking, to: BookingState, *, by: User) -> None:
    """Move a booking to another state; whoever had been asked and is cancelled is to be told.

    Raises ConflictError if that does not follow, the event is cancelled, or the provider is elsewhere then; RuleError
    without a provider.
    """
    _lock(session, booking)
    if to not in TRANSITIONS[booking.state]:
        raise ConflictError(marked("The state of this booking has changed meanwhile. Load the page again."))
    if to is not BookingState.CANCELLED and booking.event.state is EventState.CANCELLED:
        raise ConflictError(marked("This event is cancelled: nothing is booked for it."))
    if to in PROMISED and booking.provider_id is None:
        raise RuleError(marked("Choose a provider first."), field="provider_id")
    was_promised = booking.state in PROMISED
    is_to_be_told = to is BookingState.CANCELLED and (was_promised or booking.is_to_be_told)
    if to in PROMISED and booking.provider is not None:
        require_free(session, booking.provider, booking.event)
    reopening.move(session, booking, to, is_to_be_told=is_to_be_told, by=by)


def tell(session: Session, booking: Booking, *, by: User) -> None:
    """Note that the provider knows that the event was moved or cancelled."""
    _lock(session, booking)
    if booking.is_to_be_told:
        booking.is_to_be_told = False
        session.flush()
        logbook.record(session, booking.event.assembly, "provider_told", by=by, subject=reopening.subject_of(booking))


def require_free(session: Session, provider: Provider, event: Event) -> None:
    """Raise ConflictError, naming the other event, if a person is asked or booked for another one at the same time.

    The lock of the assembly, which everybody who books holds, lets no two bookings take them at the same moment.
    """
    if not provider.is_one_person:
        return
    other = session.scalars(
        sa.select(Event)
        .join(Booking, Booking.event_id == Event.id)
        .where(
            Booking.provider_id == provider.id,
            Booking.state.in_(PROMISED),
            Event.id != event.id,
            Event.state != EventState.CANCELLED,
            Event.starts_at < event.ends_at,
            Event.ends_at > event.starts_at,
        )
        .order_by(Event.starts_at, Event.id)
        .limit(1)
    ).first()
    if other is not None:
        raise ConflictError(
            marked("%(name)s is asked or booked for “%(event)s” at this time: %(when)s."),
            field="provider_id",
            elsewhere=clashes.elsewhere_of(other),
            when=clashes.span_of(other),
            name=provider.name,
            event=other.title,
        )


def _check(session: Session, assembly: Assembly, booking: Booking) -> None:
    booking.language = (booking.language or "").strip() if booking.kind in INTERPRETING else ""
    if booking.kind is NeedKind.SPOKEN_LANGUAGE and not booking.language:
        raise RuleError(marked("Enter which language."), field="language")
    if booking.provider_id is None:
        return
    with session.no_autoflush:
        provider = session.get(Provider, booking.provider_id)
    if provider is None or provider.assembly_id != assembly.id:
        raise NotFoundError
    if booking.kind not in provider.kinds:
        raise RuleError(marked("%(name)s does not provide this."), field="provider_id", name=provider.name)


def _require_first(session: Session, booking: Booking) -> None:
    """Raise RuleError if the same work is entered for the same event and provider already: two may be meant."""
    with session.no_autoflush:
        others = session.scalars(
            sa.select(Booking)
            .where(
                Booking.event_id == booking.event_id,
                Booking.provider_id.is_not_distinct_from(booking.provider_id),
                Booking.state != BookingState.CANCELLED,
                Booking.id.is_distinct_from(booking.id),
            )
            .options(joinedload(Booking.provider))
        ).all()
    wanted = key_of(booking.kind, booking.language)
    twin = next((one for one in others if key_of(one.kind, one.language) == wanted), None)
    if twin is None:
        return
    if twin.provider is None:
        raise RuleError(
            marked("This event has such a booking already, without a provider. Tick the box if another one is meant."),
            field="is_sure",
        )
    raise RuleError(
        marked("This event has such a booking already, with %(name)s. Tick the box if another one is meant."),
        field="is_sure",
        name=twin.provider.name,
    )


def _lock(session: Session, booking: Booking) -> None:
    freezing.lock_pool(session, booking.event.assembly_id)
    session.refresh(booking, ["state", "provider_id", "provider", "is_to_be_told"])
    session.refresh(booking.event, ["state", "starts_at", "ends_at"])
