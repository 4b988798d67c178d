"""A member's own schedule: the events that are theirs, each with all that concerns them there."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from assembly.clock import now
from assembly.models import AttendanceState, Event, EventState, Material, Member, Place, Room, SiteVisit
from assembly.services.attendance import people
from assembly.services.errors import NotFoundError
from assembly.services.materials.reading import read_before_for
from assembly.services.members.access import left_at
from assembly.services.needs import arrangements
from assembly.services.needs.arrangements import Arrangement
from assembly.services.programme import feedback, timetables
from assembly.services.programme.changed import Told, told_of
from assembly.services.programme.events import VISIBLE
from assembly.services.site_visits import observations, visits
from assembly.services.tables.seating import own_tables


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class OwnEvent:
    """An event of one member. What other parts know of it they load for all events at once, in `own_events`.

    `attendance` is what was said or noted of the member's coming; `tables` their table in each round, as published;
    `arranged` what is arranged for their needs; `to_read` what to read before; `may_rate` whether they can say how it
    was; `told` what has changed; `visit` the way and what helps on it, of a site visit.
    """

    event: Event
    attendance: AttendanceState | None = None
    tables: Mapping[int, int] = dataclasses.field(default_factory=dict)
    arranged: Sequence[Arrangement] = ()
    to_read: Sequence[Material] = ()
    may_rate: bool = False
    told: Told = dataclasses.field(default_factory=Told)
    visit: SiteVisit | None = None

    @property
    def place(self) -> Place | None:
        """Where it is, if it is anywhere."""
        return self.event.room.place if self.event.room else None

    @property
    def table(self) -> str | None:
        """The number of the member's table, or those in the order of the rounds if they are several."""
        numbers = list(map(str, self.tables.values()))
        return ", ".join(numbers if len(set(numbers)) > 1 else numbers[:1]) or None

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.event.ends_at <= now()

    @property
    def shows_phone(self) -> bool:
        """Whether the number for emergencies on a site visit stands there."""
        return visits.shows_phone(self.event)

    @property
    def has_observations(self) -> bool:
        """Whether what was seen can be written down and read."""
        return observations.is_open(self.event)

    @property
    def is_to_come(self) -> bool:
        """Whether it has not begun, and people are expected."""
        return self.event.starts_at > now() and not self.is_cancelled

    @property
    def is_cancelled(self) -> bool:
        """Whether nobody comes."""
        return self.event.state is EventState.CANCELLED

    @property
    def timetable(self) -> Sequence[timetables.Timed]:
        """What happens when, as far as it is for more than the facilitators."""
        return [one for one in timetables.timetable(self.event) if one.item.is_public]


@dataclasses.dataclass(frozen=True, slots=True)
class Schedule:
    """A member's events: the next one, all that are to come (with it, and those that are cancelled), and those past."""

    next: OwnEvent | None
    to_come: Sequence[OwnEvent]
    past: Sequence[OwnEvent]


def schedule_of(session: Session, member: Member) -> Schedule:
    """Return what is a member's: from their draw on, and until they left, in a fixed number of queries."""
    own = own_events(session, member)
    to_come = [one for one in own if not one.is_over]
    following = next((one for one in to_come if not one.is_cancelled), None)
    past = [one for one in reversed(own) if one.is_over]
    return Schedule(_with_arrangements(session, member, following) if following else None, to_come, past)


def own_events(session: Session, member: Member) -> list[OwnEvent]:
    """Return the events of a member, in the order of time, without agendas, ways and what is arranged for each."""
    return _with_all(session, member, events_of(session, member))


def events_of(session: Session, member: Member) -> Sequence[Event]:
    """Return the events that are a member's, in the order of time, in one query for them all."""
    return session.scalars(_theirs(session, member).order_by(Event.starts_at, Event.id)).all()


def get_own_event(session: Session, member: Member, event_id: int) -> OwnEvent:
    """Return one event of a member, with its agenda. Raises NotFoundError, also for what was never theirs."""
    wanted = _theirs(session, member).where(Event.id == event_id).options(selectinload(Event.agenda))
    event = session.scalar(wanted)
    if event is None:
        raise NotFoundError
    [own] = _with_all(session, member, [event])
    return _with_arrangements(session, member, own)


def _theirs(session: Session, member: Member) -> sa.Select[Event]:
    left = left_at(session, member)
    found = (
        sa.select(Event)
        .where(Event.assembly_id == member.assembly_id, Event.state.in_(VISIBLE), Event.ends_at > member.drawn_at)
        .options(joinedload(Event.room).joinedload(Room.place))
    )
    return found if left is None else found.where(Event.starts_at < left)


def _with_all(session: Session, member: Member, events: Sequence[Event]) -> list[OwnEvent]:
    attendance = people.states_of(session, member.respondent_id, events)
    to_read = read_before_for(session, member.respondent.assembly, [one for one in events if one.ends_at > now()])
    rated = feedback.given_by(session, member.respondent_id, events)
    tables = own_tables(session, member.respondent_id, events)
    return [
        OwnEvent(
            event=event,
            attendance=attendance.get(event.id),
            tables=tables.get(event.id, {}),
            to_read=to_read.get(event.id, ()),
            may_rate=feedback.is_open(event) and event.id not in rated,
        )
        for event in events
    ]


def _with_arrangements(session: Session, member: Member, one: OwnEvent) -> OwnEvent:
    one = dataclasses.replace(one, visit=visits.visit_of(session, one.event))
    if one.is_over:
        return one
    arranged = arrangements.arranged_for(session, member, [one.event])
    told = told_of(session, [one.event]).get(one.event.id, Told())
    return dataclasses.replace(one, arranged=arranged[one.event.id], told=told)
