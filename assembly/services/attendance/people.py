"""Who stands on the list of an event, and how they are found at the door: by name, seat number or code."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.clock import now
from assembly.models import Assembly, Attendance, AttendanceState, Event, EventState, Member, Respondent, Status
from assembly.services.contacts import search_form
from assembly.services.errors import NotFoundError, marked
from assembly.services.members import tokens
from assembly.services.members.access import had_left
from assembly.services.panel.seats import WAITING
from assembly.services.programme import times

SEATED = (Status.CONFIRMED, Status.DRAWN)
THERE = frozenset({AttendanceState.PRESENT, AttendanceState.PRESENT_HALF})
NOTED = frozenset({*THERE, AttendanceState.ABSENT})
"""What is noted on the day itself, or later."""
CODE_LENGTH = 10
"""Of 30 letters: 49 bits. A code opens nothing without an account that may check people in."""
FEWEST = 3
"""Numbers below are not published."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Listed:
    """A person on the list of an event. `number` is their seat's: it never changes, and nobody else gets it."""

    member: Member
    number: int
    state: AttendanceState
    reason: str | None

    @property
    def name(self) -> str:
        """How they are called at the door; the code once their contact data are gone."""
        contact = self.member.respondent.contact
        return f"{contact.last_name}, {contact.first_name}" if contact else self.member.respondent.code

    @property
    def has_confirmed_seat(self) -> bool:
        """Whether they have said that they take their seat; whoever has not may still come."""
        return self.member.respondent.status not in WAITING

    @property
    def notes(self) -> Sequence[str]:
        """What stands beside the name on lists to print, to be translated; never why somebody is excused."""
        excused = [marked("excused")] if self.state is AttendanceState.EXCUSED else []
        return excused if self.has_confirmed_seat else [*excused, marked("seat not confirmed")]

    @property
    def place(self) -> tuple[str, int]:
        """Where they stand in the list."""
        contact = self.member.respondent.contact
        return contact.sort_key if contact else "", self.number


def at(event: Event) -> sa.ColumnElement[bool]:
    """Return the condition that a row is of an event and the member beside it."""
    return sa.and_(Attendance.respondent_id == Member.respondent_id, Attendance.event_id == event.id)


def on_the_list(event: Event) -> Sequence[sa.ColumnElement[bool]]:
    """Return the conditions for who is on the list: whoever has a seat then, and whoever has a row already.

    Of those who left before the event, what they had said of it counts no more: only what was noted there.
    """
    seated = sa.and_(
        Member.drawn_at < event.ends_at,
        sa.or_(Member.replaced_at.is_(None), Member.replaced_at > event.starts_at),
        Respondent.status.in_(SEATED),
    )
    stayed = sa.and_(Attendance.state.is_not(None), ~had_left(event.assembly_id, event.starts_at))
    return Member.assembly_id == event.assembly_id, sa.or_(seated, stayed, Attendance.state.in_(NOTED))


def people_of(session: Session, event: Event) -> list[Listed]:
    """Return who is on the list of an event, by name."""
    return _listed(session, event, *on_the_list(event))


def as_listed(session: Session, event: Event, respondent_ids: Collection[int]) -> list[Listed]:
    """Return members as the list of an event would have them, also those who are not on it, by name."""
    return _listed(session, event, Member.respondent_id.in_(respondent_ids)) if respondent_ids else []


def _listed(session: Session, event: Event, *conditions: sa.ColumnElement[bool]) -> list[Listed]:
    numbers = numbers_of(session, event.assembly_id)
    rows = session.execute(
        sa.select(Member, Attendance)
        .join(Member.respondent)
        .outerjoin(Attendance, at(event))
        .where(*conditions)
        .options(joinedload(Member.respondent).joinedload(Respondent.contact))
    )
    listed = [
        Listed(
            member,
            numbers[member.respondent_id],
            row.state if row else AttendanceState.INVITED,
            row.reason if row else None,
        )
        for member, row in rows
    ]
    return sorted(listed, key=lambda one: one.place)


def found_among(listed: Iterable[Listed], search: str) -> list[Listed]:
    """Return those of a list whose name or seat number fits."""
    return [one for one in listed if _fits(one, search)]


def get_listed(session: Session, event: Event, respondent_id: int) -> Listed:
    """Return one person on the list of an event. Raises NotFoundError."""
    found = next((one for one in people_of(session, event) if one.member.respondent_id == respondent_id), None)
    if found is None:
        raise NotFoundError
    return found


def numbers_of(session: Session, assembly_id: int) -> dict[int, int]:
    """Return the number of each member's seat: the order in which they were drawn."""
    drawn = sa.select(Member.respondent_id).where(Member.assembly_id == assembly_id)
    ordered = session.scalars(drawn.order_by(Member.drawn_at, Member.respondent_id))
    return {respondent_id: number for number, respondent_id in enumerate(ordered, start=1)}


def code_of(session: Session, respondent_id: int) -> str:
    """Return what a member's QR code holds: it says nothing about them, and follows from the application's secret."""
    number, letters = int(tokens.fingerprint(session, "check-in", str(respondent_id)), 16), ""
    for _ in range(CODE_LENGTH):
        number, digit = divmod(number, len(tokens.LETTERS))
        letters += tokens.LETTERS[digit]
    return letters


def member_by_code(session: Session, assembly: Assembly, code: str) -> int:
    """Return the number of the respondent whose code this is. Raises NotFoundError."""
    typed = tokens.typed(code)
    for respondent_id in session.scalars(sa.select(Member.respondent_id).where(Member.assembly_id == assembly.id)):
        if code_of(session, respondent_id) == typed:
            return respondent_id
    raise NotFoundError


def event_of_today(session: Session, assembly: Assembly) -> Event | None:
    """Return today's event; of several, the first that is not over yet."""
    today = [
        event
        for event in session.scalars(
            sa.select(Event)
            .where(Event.assembly_id == assembly.id, Event.state.in_((EventState.PUBLISHED, EventState.CHANGED)))
            .order_by(Event.starts_at, Event.id)
        )
        if times.day_of(event.starts_at) <= times.day_of(now()) <= times.day_of(event.ends_at)
    ]
    return next((event for event in today if event.ends_at > now()), today[-1] if today else None)


def states_of(session: Session, respondent_id: int, events: Collection[Event]) -> dict[int, AttendanceState]:
    """Return how a member stands to each of these events, by the event's number, in one query."""
    found = session.execute(
        sa.select(Attendance.event_id, Attendance.state).where(
            Attendance.respondent_id == respondent_id, Attendance.event_id.in_([event.id for event in events])
        )
    )
    return {event_id: state for event_id, state in found}  # noqa: C416  # rows are no pairs for the type checker


def present_at(session: Session, events: Collection[Event]) -> dict[int, int]:
    """Return how many were there, by the event's number, for everyone to see: no number below three."""
    counted = session.execute(
        sa.select(Attendance.event_id, sa.func.count())
        .where(Attendance.event_id.in_([event.id for event in events]), Attendance.state.in_(THERE))
        .group_by(Attendance.event_id)
    )
    return {event_id: count for event_id, count in counted if count >= FEWEST}


def _fits(one: Listed, search: str) -> bool:
    wanted = search.strip()
    if not wanted:
        return True
    if wanted.isdecimal():
        return int(wanted) == one.number
    return all(part in search_form(one.name) for part in search_form(wanted).split())
