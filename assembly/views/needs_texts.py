"""Needs in words: kinds, how they stand, how far bookings are, how soon something has to be booked."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from assembly.models import BookingState, NeedKind, NeedState
from assembly.services.needs.arrangements import Urgency

KINDS = {
    NeedKind.SIGN_LANGUAGE: _l("Sign language interpreting"),
    NeedKind.SPEECH_TO_TEXT: _l("Speech-to-text interpreting"),
    NeedKind.SPOKEN_LANGUAGE: _l("Interpreting into another language"),
    NeedKind.PLAIN_LANGUAGE: _l("Plain language"),
    NeedKind.CHILDCARE: _l("Childcare"),
    NeedKind.CARE_COVER: _l("Cover for the care of relatives"),
    NeedKind.MOBILITY: _l("Access without barriers"),
    NeedKind.DIET: _l("Food and drink"),
    NeedKind.DEVICE: _l("A device, and how to use it"),
    NeedKind.TRAVEL: _l("Help with getting there"),
    NeedKind.OTHER: _l("Something else"),
}
STATES = {
    NeedState.REQUESTED: _l("Requested"),
    NeedState.ARRANGED: _l("Arranged"),
    NeedState.DECLINED: _l("Not possible"),
}
BADGES = {NeedState.REQUESTED: "info", NeedState.ARRANGED: "success", NeedState.DECLINED: "danger"}
BOOKING_STATES = {
    BookingState.TO_BOOK: _l("To be booked"),
    BookingState.ASKED: _l("Asked"),
    BookingState.BOOKED: _l("Booked"),
    BookingState.CANCELLED: _l("Cancelled"),
}
BOOKING_BADGES = {
    BookingState.TO_BOOK: "warning",
    BookingState.ASKED: "info",
    BookingState.BOOKED: "success",
    BookingState.CANCELLED: "danger",
}
MOVES = {
    BookingState.TO_BOOK: _l("Book again"),
    BookingState.ASKED: _l("They are asked"),
    BookingState.BOOKED: _l("They are booked"),
    BookingState.CANCELLED: _l("Cancel the booking"),
}
URGENCIES = {Urgency.OVERDUE: _l("Overdue"), Urgency.SOON: _l("Soon"), Urgency.LATER: _l("Later")}
URGENCY_BADGES = {Urgency.OVERDUE: "danger", Urgency.SOON: "warning", Urgency.LATER: "info"}
