"""What moving or cancelling events does to what was arranged for them; the events' own door calls it.

It knows nothing of that door, so that the two do not depend on each other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Booking, BookingState, Event, EventNeed, NeedState, User
from assembly.services import logbook
from assembly.services.errors import ConflictError, marked

TIME_AND_PLACE = frozenset({"starts_at", "ends_at", "room_id", "mode"})
"""The fields of an event after whose change nobody knows any more whether what was arranged still holds."""
PROMISED = (BookingState.ASKED, BookingState.BOOKED)
"""Somebody else has been spoken to."""


def subject_of(booking: Booking) -> str:
    """Return how the log names a booking."""
    return f"booking:{booking.id}"


def reopen(session: Session, events: Collection[Event], *, by: User) -> None:
    """Have everything that was arranged for moved events arranged again; who was asked or booked is to be told."""
    for booking in _bookings_of(session, events, PROMISED):
        move(session, booking, BookingState.TO_BOOK, is_to_be_told=True, by=by)
    session.execute(
        sa.update(EventNeed)
        .where(EventNeed.event_id.in_([event.id for event in events]), EventNeed.state != NeedState.REQUESTED)
        .values(state=NeedState.REQUESTED, answer="")
    )


def cancel(session: Session, event: Event, *, by: User) -> None:
    """Cancel all that was booked for a cancelled event; who was asked or booked is to be told."""
    standing = (BookingState.TO_BOOK, *PROMISED)
    for booking in _bookings_of(session, [event], standing):
        is_to_be_told = booking.is_to_be_told or booking.state in PROMISED
        move(session, booking, BookingState.CANCELLED, is_to_be_told=is_to_be_told, by=by)


def require_nothing_promised(session: Session, event: Event) -> None:
    """Raise ConflictError if somebody was asked or booked for an event that is to be removed, or is to be told."""
    if any(booking.state in PROMISED or booking.is_to_be_told for booking in _bookings_of(session, [event])):
        raise ConflictError(
            marked("Somebody was asked or booked for this event. Cancel these bookings, and tell them, first.")
        )


def move(session: Session, booking: Booking, to: BookingState, *, is_to_be_told: bool, by: User) -> None:
    """Set and log the state of a booking; whether it may follow the present one is checked before."""
    details = {"before": booking.state.value, "after": to.value}
    booking.state, booking.is_to_be_told = to, is_to_be_told
    session.flush()
    logbook.record(
        session, booking.event.assembly, "booking_moved", by=by, subject=subject_of(booking), details=details
    )


def _bookings_of(
    session: Session, events: Collection[Event], states: Collection[BookingState] = tuple(BookingState)
) -> Sequence[Booking]:
    found = sa.select(Booking).where(Booking.event_id.in_([event.id for event in events]), Booking.state.in_(states))
    return session.scalars(found.order_by(Booking.id).with_for_update()).all()
