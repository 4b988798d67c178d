"""Templates: whole programmes as drafts, on days that are no public or school holidays of the assembly's state."""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
import functools
from collections.abc import Sequence
from typing import Any

import holidays
from sqlalchemy.orm import Session

from assembly.models import Assembly, Event, EventKind, Programme, User
from assembly.services import logbook
from assembly.services.errors import RuleError, marked
from assembly.services.programme import events, times
from assembly.services.site import settings
from assembly.services.working_days import STATES, public_holiday

MOST_WEEKS_MOVED = 12
"""A gathering is moved by so many weeks at most to get out of the holidays; summer holidays last six."""
WEEK = dt.timedelta(weeks=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """One event of a gathering: how many days after its first, when, and what for; `title` is translatable."""

    day: int
    starts: dt.time
    ends: dt.time
    kind: EventKind
    title: str


@dataclasses.dataclass(frozen=True, slots=True)
class Template:
    """A programme: its gatherings in order, and the weeks between them; `name` is translatable."""

    name: str
    gatherings: Sequence[Sequence[Part]]
    weeks: int


@dataclasses.dataclass(frozen=True, slots=True)
class Holiday:
    """Why a day is better left free: a public holiday, or the holidays of the schools; the name is German."""

    name: str
    is_of_schools: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Planned:
    """An event on its day; `avoided` are the holidays that it would have been in without being moved."""

    part: Part
    day: dt.date
    avoided: tuple[str, ...] = ()


def _weekend(title: str) -> tuple[Part, Part]:
    return (
        Part(0, dt.time(10), dt.time(17), EventKind.PLENARY, title),
        Part(1, dt.time(10), dt.time(15), EventKind.SMALL_GROUPS, title),
    )


def _evening(title: str, kind: EventKind = EventKind.PLENARY) -> tuple[Part]:
    return (Part(0, dt.time(18), dt.time(21), kind, title),)


ARRIVING = marked("Getting to know each other and the question")
INPUTS = marked("Experts and perspectives")
VISITING = marked("Looking at the place itself")
WEIGHING = marked("Weighing up")
DRAFTING = marked("Drafting recommendations")
DECIDING = marked("Deciding on recommendations")
HANDING_OVER = marked("Handing over the results")
TEMPLATES = {
    "weekends": Template(
        marked("Five weekends, three weeks apart"),
        [_weekend(title) for title in (ARRIVING, INPUTS, WEIGHING, DRAFTING, DECIDING)],
        weeks=3,
    ),
    "evenings": Template(
        marked("Eight evenings, two weeks apart"),
        [
            _evening(ARRIVING),
            _evening(INPUTS, EventKind.EXPERT_INPUT),
            _evening(INPUTS, EventKind.EXPERT_INPUT),
            _evening(VISITING, EventKind.SITE_VISIT),
            _evening(WEIGHING, EventKind.SMALL_GROUPS),
            _evening(DRAFTING, EventKind.SMALL_GROUPS),
            _evening(DECIDING),
            _evening(HANDING_OVER, EventKind.CLOSING),
        ],
        weeks=2,
    ),
    "year": Template(
        marked("One year with an event each quarter"),
        [(_weekend(title)[0],) for title in (ARRIVING, INPUTS, DRAFTING, DECIDING)],
        weeks=13,
    ),
}


def choose_state(session: Session, assembly: Assembly, state: str, *, by: User) -> None:
    """Say in which state an assembly is, by its two letters, or none; the site's holds anyway. Raises RuleError."""
    if state and state not in STATES:
        raise RuleError(marked("Choose a state from the list."), field="state")
    changes = logbook.changes({"state": settings.state_of(session, assembly.id)}, {"state": state})
    if not changes:
        return
    programme = session.get(Programme, assembly.id) or Programme(assembly_id=assembly.id)
    programme.state = state
    session.add(programme)
    session.flush()
    logbook.record(session, assembly, "holidays_chosen", by=by, details=changes)


def plan(template: Template, first_day: dt.date, state: str) -> list[Planned]:
    """Return the events of a template from a first day on, each gathering a week later as long as it is in holidays."""
    planned: list[Planned] = []
    day = first_day
    for gathering in template.gatherings:
        avoided: list[str] = []
        for _ in range(MOST_WEEKS_MOVED):
            names = [found.name for part in gathering if (found := holiday_on(_on(part, day), state))]
            if not names:
                break
            avoided += names
            day += WEEK
        planned += [Planned(part, _on(part, day), tuple(dict.fromkeys(avoided))) for part in gathering]
        day += template.weeks * WEEK
    return planned


def fill_in(session: Session, assembly: Assembly, planned: Sequence[Planned], titles: Any, *, by: User) -> list[Event]:
    """Plan all events as drafts; `titles` translates their titles into the assembly's language.

    Raises ConflictError if a room or facilitator is taken.
    """
    return [
        events.add_event(
            session,
            assembly,
            {
                "kind": one.part.kind,
                "title": titles(one.part.title),
                "starts_at": times.moment(one.day, one.part.starts),
                "ends_at": times.moment(one.day, one.part.ends),
            },
            by=by,
        )
        for one in planned
    ]


def holiday_on(day: dt.date, state: str) -> Holiday | None:
    """Return the holiday, public or of schools, on a day; without state, of those of all Germany.

    A weekend before or after school holidays belongs to them: that is when families travel.
    """
    if (name := public_holiday(day, state)) is not None:
        return Holiday(name, is_of_schools=False)
    near = [_school_holidays(state, one.year).get(one) for one in _with_its_week(day)] if state else []
    return next((Holiday(str(name), is_of_schools=True) for name in near if name), None)


def are_school_holidays_known(day: dt.date, state: str) -> bool:
    """Whether the library knows the school holidays of a year: the ministries fix them some years ahead."""
    return bool(state) and bool(_school_holidays(state, day.year))


def _with_its_week(day: dt.date) -> tuple[dt.date, ...]:
    """Return a day, with the Friday before and the Monday after it if it is on a weekend."""
    past_friday = day.weekday() - calendar.FRIDAY
    if past_friday <= 0:
        return (day,)
    return day, day - dt.timedelta(days=past_friday), day + dt.timedelta(days=3 - past_friday)


def _on(part: Part, day: dt.date) -> dt.date:
    return day + dt.timedelta(days=part.day)


@functools.cache
def _school_holidays(state: str, year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("DE", subdiv=state, years=year, language="de", categories="school", expand=False)
