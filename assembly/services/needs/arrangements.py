"""How every need stands for every event, computed from what was said, answered and booked; totals, and what is due.

A booking provides for as many people as it says, in the order in which they said what they need; whoever comes after
them stays open. So the people whose need nobody provides are never told that it is arranged.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    Assembly,
    Attendance,
    AttendanceState,
    Booking,
    BookingState,
    Event,
    EventNeed,
    EventState,
    Member,
    NeedKind,
    NeedState,
    Respondent,
    SupportNeed,
)
from assembly.services.needs.bookings import bookings_of
from assembly.services.needs.kinds import INTERPRETING, Key, key_of, lead_times_of
from assembly.services.needs.people import ON_THE_PANEL
from assembly.services.programme import times

SOON = dt.timedelta(days=14)
IN_WORK = (BookingState.TO_BOOK, BookingState.ASKED)


@dataclasses.dataclass(frozen=True, slots=True)
class Arrangement:
    """How a need stands for an event. `answer` is what support said about it; `booking` provides it."""

    need: SupportNeed
    event: Event
    is_needed: bool
    state: NeedState
    answer: str = ""
    booking: Booking | None = None

    @property
    def with_whom(self) -> str:
        """Who provides it, if it was booked."""
        return self.booking.provider.name if self.booking and self.booking.provider else ""


class Urgency(enum.StrEnum):
    """How soon something has to be booked."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"


@dataclasses.dataclass(frozen=True, slots=True)
class Total:
    """How much of one kind is needed at an event, without saying by whom; `until` it has to be booked."""

    event: Event
    kind: NeedKind
    language: str
    until: dt.date
    people: int
    arranged: int
    declined: int
    bookings: tuple[Booking, ...]

    @property
    def open(self) -> int:
        """For how many people nothing is arranged."""
        return self.people - self.arranged - self.declined

    @property
    def is_work(self) -> bool:
        """Whether something is still to be done."""
        return self.open > 0 or any(booking.state in IN_WORK for booking in self.bookings)

    @property
    def urgency(self) -> Urgency:
        """How soon it has to be booked, seen from today."""
        today = times.day_of(now())
        if self.until < today:
            return Urgency.OVERDUE
        return Urgency.SOON if self.until <= today + SOON else Urgency.LATER


def arrangements_of(
    session: Session, assembly: Assembly, events: Sequence[Event], *, kinds: Iterable[NeedKind] = NeedKind
) -> Mapping[int, Sequence[Arrangement]]:
    """Return how every need of some kinds stands for each of some events, by its number; in four queries for all.

    Whoever is excused from an event needs nothing there.
    """
    needs = session.scalars(
        sa.select(SupportNeed)
        .join(Respondent, Respondent.id == SupportNeed.respondent_id)
        .where(
            Respondent.assembly_id == assembly.id,
            Respondent.status.in_(ON_THE_PANEL),
            SupportNeed.kind.in_(tuple(kinds)),
        )
        .order_by(SupportNeed.id)
    ).all()
    said = sa.select(EventNeed).where(EventNeed.event_id.in_([event.id for event in events]))
    rows = {(row.event_id, row.need_id): row for row in session.scalars(said)}
    booked: dict[int, list[Booking]] = defaultdict(list)
    for booking in bookings_of(session, events):
        if booking.state is BookingState.BOOKED:
            booked[booking.event_id].append(booking)
    away = _excused(session, events)
    return {event.id: _for_one(event, needs, rows, booked[event.id], away[event.id]) for event in events}


def _excused(session: Session, events: Sequence[Event]) -> Mapping[int, set[int]]:
    """Return who is excused from which event, by its number."""
    found = sa.select(Attendance.event_id, Attendance.respondent_id).where(
        Attendance.event_id.in_([event.id for event in events]), Attendance.state == AttendanceState.EXCUSED
    )
    away: dict[int, set[int]] = defaultdict(set)
    for event_id, respondent_id in session.execute(found):
        away[event_id].add(respondent_id)
    return away


def _for_one(
    event: Event,
    needs: Sequence[SupportNeed],
    rows: Mapping[tuple[int, int], EventNeed],
    booked: Sequence[Booking],
    away: Collection[int],
) -> list[Arrangement]:
    free = {booking: booking.people for booking in booked}
    found = []
    for need in needs:
        row = rows.get((event.id, need.id))
        is_needed = need.respondent_id not in away and (need.for_all_events if row is None else row.is_needed)
        state, answer, provides = (row.state, row.answer, None) if row else (NeedState.REQUESTED, "", None)
        if is_needed and state is NeedState.REQUESTED:
            provides = _with_room(need, free)
            if provides is not None:
                free[provides] -= need.people
                state = NeedState.ARRANGED
        found.append(Arrangement(need, event, is_needed, state, answer, provides))
    return found


def _with_room(need: SupportNeed, free: Mapping[Booking, int]) -> Booking | None:
    """Return the first booking that can still provide for a need."""
    wanted = key_of(need.kind, need.language)
    fitting = (one for one, left in free.items() if key_of(one.kind, one.language) == wanted and left >= need.people)
    return next(fitting, None)


def arranged_for(session: Session, member: Member, events: Sequence[Event]) -> Mapping[int, Sequence[Arrangement]]:
    """Return what a member needs at each of some events and how that stands, by the number of the event."""
    found: dict[int, list[Arrangement]] = {event.id: [] for event in events}
    for one in own_arrangements(session, member, events):
        if one.is_needed:
            found[one.event.id].append(one)
    return found


def own_arrangements(session: Session, member: Member, events: Sequence[Event]) -> Sequence[Arrangement]:
    """Return how a member's needs stand for some events, also where they are not needed, in the order of the events."""
    own = sa.select(SupportNeed.kind).where(SupportNeed.respondent_id == member.respondent_id)
    kinds = session.scalars(own.distinct()).all()
    if not kinds:
        return []
    found = arrangements_of(session, member.respondent.assembly, events, kinds=kinds)
    return [one for event in events for one in found[event.id] if one.need.respondent_id == member.respondent_id]


def totals_of(session: Session, assembly: Assembly, events: Sequence[Event]) -> Sequence[Total]:
    """Return how much of each kind is needed and booked at each of some events, in the order of the events."""
    lead_times = lead_times_of(session, assembly)
    arranged = arrangements_of(session, assembly, events)
    bookings: dict[int, list[Booking]] = defaultdict(list)
    for booking in bookings_of(session, events):
        if booking.state is not BookingState.CANCELLED:
            bookings[booking.event_id].append(booking)
    found = []
    for event in events:
        found += _totals_of_one(event, arranged[event.id], bookings[event.id], lead_times)
    return found


def _totals_of_one(
    event: Event,
    arranged: Sequence[Arrangement],
    bookings: Sequence[Booking],
    lead_times: Mapping[NeedKind, int],
) -> list[Total]:
    languages: dict[Key, str] = {}
    people: dict[Key, dict[NeedState, int]] = defaultdict(lambda: dict.fromkeys(NeedState, 0))
    booked: dict[Key, list[Booking]] = defaultdict(list)
    for one in arranged:
        if one.is_needed:
            key = key_of(one.need.kind, one.need.language)
            languages.setdefault(key, one.need.language if key[1] else "")
            people[key][one.state] += one.need.people
    for booking in bookings:
        key = key_of(booking.kind, booking.language)
        languages.setdefault(key, booking.language if key[1] else "")
        booked[key].append(booking)
    order = list(NeedKind)
    return [
        Total(
            event=event,
            kind=key[0],
            language=languages[key],
            until=times.day_of(event.starts_at) - dt.timedelta(days=lead_times[key[0]]),
            people=sum(people[key].values()),
            arranged=people[key][NeedState.ARRANGED],
            declined=people[key][NeedState.DECLINED],
            bookings=tuple(booked[key]),
        )
        for key in sorted(languages, key=lambda key: (order.index(key[0]), key[1]))
    ]


def events_to_come(session: Session, assembly: Assembly) -> Sequence[Event]:
    """Return the events for which something can still be arranged, in the order of time."""
    found = sa.select(Event).where(
        Event.assembly_id == assembly.id, Event.state != EventState.CANCELLED, Event.ends_at > now()
    )
    return session.scalars(found.order_by(Event.starts_at, Event.id)).all()


def work_in(totals: Sequence[Total]) -> Sequence[Total]:
    """Return what is still to be done, what is due first before the rest."""
    return sorted((total for total in totals if total.is_work), key=lambda total: (total.until, total.event.starts_at))


def late_for(session: Session, event: Event) -> Sequence[Total]:
    """Return what is needed at an event and not arranged, though the time in which it can be booked is over."""
    return late_at(session, event.assembly, [event])[event.id]


def late_at(session: Session, assembly: Assembly, events: Sequence[Event]) -> Mapping[int, Sequence[Total]]:
    """Return what is late at each of some events, by its number, as `late_for`; in as many queries as for one."""
    to_come = [event for event in events if event.state is not EventState.CANCELLED and event.ends_at > now()]
    found: dict[int, list[Total]] = {event.id: [] for event in events}
    for total in totals_of(session, assembly, to_come) if to_come else ():
        if total.open > 0 and total.urgency is Urgency.OVERDUE:
            found[total.event.id].append(total)
    return found


def to_be_told(session: Session, assembly: Assembly) -> Sequence[Booking]:
    """Return the bookings whose providers do not know yet that the event was moved or cancelled."""
    statement = (
        sa.select(Booking)
        .join(Event, Event.id == Booking.event_id)
        .where(Event.assembly_id == assembly.id, Booking.is_to_be_told, Booking.provider_id.is_not(None))
        .options(sa.orm.joinedload(Booking.event), sa.orm.joinedload(Booking.provider))
        .order_by(Event.starts_at, Booking.id)
    )
    return session.scalars(statement).all()


def interpreted_events(session: Session, assembly: Assembly) -> Sequence[Event]:
    """Return the events to come at which something is interpreted or written along, in the order of time.

    Booked or only needed: in both cases slides are sent to interpreters beforehand. It says nothing about who needs it.
    """
    events = events_to_come(session, assembly)
    wanted = {total.event.id for total in totals_of(session, assembly, events) if total.kind in INTERPRETING}
    return [event for event in events if event.id in wanted]
