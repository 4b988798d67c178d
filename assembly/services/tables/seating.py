"""Reading seats: who sits where, of the draft that staff see and of the plan that members see."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import AttendanceState, Event, Member, Seated, TablePlan, TableSeat
from assembly.services.attendance import people
from assembly.services.attendance.people import Listed

State = AttendanceState
COMING = frozenset({State.CONFIRMED, State.PRESENT, State.PRESENT_HALF})
TAKEN: Mapping[Seated, frozenset[State]] = {
    Seated.EXPECTED: frozenset({State.INVITED, *COMING}),
    Seated.CONFIRMED: COMING,
    Seated.PRESENT: frozenset({State.PRESENT, State.PRESENT_HALF}),
}
"""How those stand to the event who get a seat."""

Places = Mapping[int, Mapping[int, int]]
"""For each round, the number of the table of each respondent."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Move:
    """Somebody whose tables in the draft are not those that members see; no table where there is no seat."""

    person: Listed
    before: tuple[int | None, ...]
    after: tuple[int | None, ...]


def plan_of(session: Session, event: Event) -> TablePlan | None:
    """Return what the tables of an event are to be like, if anybody has said."""
    return session.get(TablePlan, event.id)


def taken_of(listed: Collection[Listed], seated: Seated) -> list[Listed]:
    """Return those of an event's list who get a seat: of those who were drawn but have not confirmed, whoever came."""
    here = TAKEN[Seated.PRESENT]
    return [one for one in listed if one.state in TAKEN[seated] and (one.state in here or one.has_confirmed_seat)]


def places_of(session: Session, event: Event, *, is_draft: bool) -> dict[int, dict[int, int]]:
    """Return who sits where in each round."""
    return _places(session, [event.id], is_draft=is_draft).get(event.id, {})


def published_places_of(session: Session, event_ids: Collection[int]) -> Mapping[int, Places]:
    """Return who sits where at each of some events, as members see it."""
    return _places(session, event_ids, is_draft=False)


def _places(session: Session, event_ids: Collection[int], *, is_draft: bool) -> dict[int, dict[int, dict[int, int]]]:
    found: dict[int, dict[int, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    rows = session.execute(
        sa.select(TableSeat.event_id, TableSeat.round, TableSeat.respondent_id, TableSeat.number)
        .where(TableSeat.event_id.in_(event_ids), TableSeat.is_draft.is_(is_draft))
        .order_by(TableSeat.round)
    )
    for event_id, number, respondent_id, table in rows:
        found[event_id][number][respondent_id] = table
    return found


def own_tables(session: Session, respondent_id: int, events: Collection[Event]) -> Mapping[int, Mapping[int, int]]:
    """Return a member's table in each round of some events, by the event's number, as members see it; in one query."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    rows = session.execute(
        sa.select(TableSeat.event_id, TableSeat.round, TableSeat.number)
        .where(
            TableSeat.respondent_id == respondent_id,
            TableSeat.is_draft.is_(False),
            TableSeat.event_id.in_([event.id for event in events]),
        )
        .order_by(TableSeat.round)
    )
    for event_id, number, table in rows:
        found[event_id][number] = table
    return found


def sits_at(event_id: int | None, table: int | None) -> sa.ColumnElement[bool]:
    """Return the condition that a member sits at a table of an event in any round, as members see it."""
    return sa.exists().where(
        TableSeat.respondent_id == Member.respondent_id,
        TableSeat.event_id == event_id,
        TableSeat.is_draft.is_(False),
        TableSeat.number == table,
    )


def moves_between(listed: Sequence[Listed], published: Places, draft: Places) -> list[Move]:
    """Return whose tables differ between what members see and the draft, in the order of the list."""
    numbers = sorted({*published, *draft})
    found = []
    for one in listed:
        who = one.member.respondent_id
        before, after = (tuple(places.get(n, {}).get(who) for n in numbers) for places in (published, draft))
        if before != after:
            found.append(Move(one, before, after))
    return found


def people_at(session: Session, event: Event) -> dict[int, Listed]:
    """Return everybody on the list of an event, by the respondent's number, in the order of the list."""
    return {one.member.respondent_id: one for one in people.people_of(session, event)}


def left_of(session: Session, event: Event, listed: Mapping[int, Listed], *plans: Places) -> dict[int, Listed]:
    """Return those who have a seat in one of the plans and are not on the list any more, by the respondent's number."""
    seated = {who for places in plans for of_round in places.values() for who in of_round}
    return {one.member.respondent_id: one for one in people.as_listed(session, event, seated - listed.keys())}
