"""The days of the demo: whatever day it is started on, what is official happens on working days, in order and on time.

All start days of four years are tried; how the city is seeded on one of them is the matter of `test_demo.py`.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest

from assembly.models import Duty, FollowUpRules, Move
from assembly.services.follow_up import dates
from assembly.services.working_days import is_working_day
from tests.project import ROOT

SCRIPTS = ("cases", "council", "days", "registrations", "timetable")
FIRST_YEAR, YEARS = 2026, 4
YESTERDAY = -1
LATE = ("Busse fahren auch abends", 2, Move.ASSIGN)
"""The one step that was late, so that the demo has one."""


@pytest.fixture(scope="module")
def demo() -> Iterator[SimpleNamespace]:
    """The scripts of the demo that say when something happens."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "data")
        yield SimpleNamespace(**{name: import_module(f"demo_{name}") for name in SCRIPTS})


@pytest.fixture(params=range(YEARS))
def timetables(request: pytest.FixtureRequest, demo: SimpleNamespace) -> Iterator[Any]:
    """The timetables of all start days of a year."""
    first = dt.date(FIRST_YEAR + request.param, 1, 1)
    days = range((dt.date(first.year + 1, 1, 1) - first).days)
    return (demo.timetable.Timetable(demo.days.Days(first + dt.timedelta(days=number))) for number in days)


def steps_of(timetable: Any, demo: SimpleNamespace) -> list[tuple[Any, dt.date]]:
    """Return the steps of the follow-up with the days on which they are taken."""
    return [(step, timetable.working_date(timetable.handed_over + step.days)) for step in demo.cases.steps()]


def test_what_is_official_happens_on_working_days(timetables: Iterator[Any], demo: SimpleNamespace) -> None:
    for timetable in timetables:
        plans, days = [*timetable.plans, timetable.followed], timetable.days
        found = {demo.council.day_of(number, days) for number in range(demo.council.MEETINGS)}
        found |= {timetable.sitting(plan, demo.timetable.RESULT) for plan in plans}
        found |= {timetable.resolved_on(plan) for plan in plans}
        found |= {days.day(plan.draw) for plan in plans} | {timetable.registration_until(plan) for plan in plans}
        found |= {moment.date() for plan in plans for moment in demo.timetable.refills(drawn_at(timetable, plan))}
        found |= {day for _, day in steps_of(timetable, demo)}
        assert [day for day in sorted(found) if not is_working_day(day, demo.days.STATE)] == [], days.today


def drawn_at(timetable: Any, plan: Any) -> dt.datetime:
    """Return the moment of a draw."""
    return dt.datetime.combine(timetable.days.day(plan.draw), dt.time(18))


def test_the_council_does_everything_in_its_sittings(timetables: Iterator[Any], demo: SimpleNamespace) -> None:
    together = {Move.DEBATE, Move.DECIDE, Move.REVIEW, Move.CLOSE}
    for timetable in timetables:
        plan, days = timetable.followed, timetable.days
        sittings = days.sittings_after(timetable.resolved_on(plan), 25)
        handed_over = timetable.working_date(timetable.handed_over)
        taken = [
            (s, day)
            for s, day in steps_of(timetable, demo)
            if s.addressee == demo.cases.ADMINISTRATION and s.move in together
        ]
        assert {handed_over, *(day for _, day in taken)} <= set(sittings), days.today
        assert timetable.sitting(plan, demo.timetable.RESULT) == handed_over
        assert {timetable.sitting(plan, demo.timetable.DECISION)} == {
            day for step, day in taken if step.move is Move.DECIDE
        }


def test_steps_are_over_in_order_and_all_but_one_on_time(timetables: Iterator[Any], demo: SimpleNamespace) -> None:
    terms = ("assigned", "answered", "debated", "decided")
    rules: Any = SimpleNamespace(**{name: FollowUpRules.__table__.c[name].default.arg for name in terms})
    owed = {Move.ASSIGN: Duty.ASSIGN, Move.ANSWER: Duty.ANSWER, Move.DEBATE: Duty.DEBATE, Move.DECIDE: Duty.DECIDE}
    for timetable in timetables:
        handed_over, last = timetable.working_date(timetable.handed_over), timetable.working_date(YESTERDAY)
        due = dates.due_from_handover(rules, handed_over, demo.days.STATE)
        taken = steps_of(timetable, demo)
        assert all(handed_over < day <= last for _, day in taken), timetable.days.today
        for (earlier, before), (later, after) in itertools.pairwise(taken):
            if (earlier.title, earlier.addressee) == (later.title, later.addressee) and earlier.days < later.days:
                assert before < after, (timetable.days.today, later)
        firsts = {(step.title, step.addressee, step.move): day for step, day in reversed(taken)}
        late = [key for key, day in firsts.items() if key[-1] in owed and day > due[owed[key[-1]]]]
        assert late == [LATE], timetable.days.today


def test_what_the_council_resolved_comes_first_and_has_a_number_of_its_own(
    timetables: Iterator[Any], demo: SimpleNamespace
) -> None:
    for timetable in timetables:
        plans = [*timetable.plans, timetable.followed]
        assert len({timetable.resolution(plan) for plan in plans}) == len(plans)
        for plan in plans:
            assert timetable.resolved_on(plan) < timetable.days.day(plan.draw - demo.timetable.MADE)
        drawn = plans[-2]
        assert timetable.resolved_on(drawn) == demo.council.day_of(0, timetable.days)
        assert drawn.draw + 13 < timetable.refilled(drawn) <= YESTERDAY - 2


def test_resolutions_of_a_sitting_have_numbers_one_after_the_other(demo: SimpleNamespace) -> None:
    assert [demo.days.numbered(dt.date(2027, 3, 1), place) for place in (1, 2)] == ["2027/61", "2027/62"]


def test_registrations_come_until_the_day_of_the_import(demo: SimpleNamespace) -> None:
    """Those of years ago would be deleted: the demo has to work for longer than its sample is fresh."""
    book = openpyxl.load_workbook(BytesIO(demo.registrations.workbook(dt.date(2031, 7, 1))), read_only=True)
    received = [row[1] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)]
    days = [one.date() for one in received if isinstance(one, dt.datetime)]
    assert (max(days), len(days) > 600) == (dt.date(2031, 7, 1), True)
