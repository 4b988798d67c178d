"""Departments: who sees which cases, what they owe by when, and what of an assignment becomes public."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from assembly.models import Assembly, Case, Duty, LogEntry, Move, Role, Unit, User
from assembly.services import accounts
from assembly.services.daily import today
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.follow_up import assigning, cases, desks, units
from assembly.services.follow_up.transitions import Actor
from assembly.services.working_days import is_working_day, working_days_before
from tests.assembly.services.follow_up.offices import clerk, unit
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import said

HANDED_OVER = dt.date(2035, 3, 1)


@pytest.fixture(autouse=True)
def clock() -> Any:
    """All begins on the day of the handover."""
    with time_machine.travel(dt.datetime(2035, 3, 1, 12, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def opened(session: Session, assembly: Assembly, organiser: User) -> list[Case]:
    """Three recommendations that were handed over."""
    return hand_over(session, assembly, by=organiser, on=HANDED_OVER, count=3)


@pytest.fixture
def roads(session: Session, organiser: User) -> Unit:
    """A department."""
    return unit(session, "Tiefbauamt", organiser)


@pytest.fixture
def parks(session: Session, organiser: User) -> Unit:
    """Another one."""
    return unit(session, "Grünflächenamt", organiser)


def assign(session: Session, case: Case, lead: Unit, *others: Unit, by: User, days: int = 10, why: str = "") -> None:
    assigning.assign(session, case, lead, others, days_before=days, reason=why, by=by)


def numbers(session: Session, user: User) -> list[int]:
    """Return the recommendations at somebody’s desk, in their order."""
    return [task.case.recommendation.number for task in desks.tasks_of(session, user)]


def test_a_department_sees_exactly_the_cases_of_its_units(
    session: Session, opened: list[Case], roads: Unit, parks: Unit, organiser: User
) -> None:
    """Those it is in charge of, and those it contributes to; whoever works nowhere sees none."""
    assign(session, opened[0], roads, by=organiser)
    assign(session, opened[1], parks, roads, by=organiser)
    assign(session, opened[2], parks, by=organiser)
    digger, gardener, nobody = clerk(session, "Dora", roads), clerk(session, "Gero", parks), clerk(session, "Nele")
    seen = {user.name: numbers(session, user) for user in (digger, gardener, nobody)}
    assert seen == {"Dora": [1, 2], "Gero": [2, 3], "Nele": []}
    assert [task.is_lead for task in desks.tasks_of(session, digger)] == [True, False]
    assert desks.get_task(session, opened[1].id, user=digger).case is opened[1]
    for user in (digger, nobody):
        with pytest.raises(NotFoundError):
            desks.get_task(session, opened[2].id, user=user)


def test_whoever_loses_the_role_or_the_department_sees_nothing(
    session: Session, opened: list[Case], roads: Unit, organiser: User
) -> None:
    assign(session, opened[0], roads, by=organiser)
    without_role, elsewhere = clerk(session, "Dora", roads), clerk(session, "Emil", roads)
    accounts.revoke(session, without_role.memberships[0], by=organiser)
    units.leave(session, roads, elsewhere.id, by=organiser)
    for user in (without_role, elsewhere):
        assert numbers(session, user) == []
        with pytest.raises(NotFoundError):
            desks.get_task(session, opened[0].id, user=user)


def test_the_internal_date_is_so_many_working_days_before_the_public_one(
    session: Session, opened: list[Case], roads: Unit, organiser: User
) -> None:
    """It is ten without a word of the office, and moves with what is owed next; the earlier date comes first."""
    assign(session, opened[0], roads, by=organiser)
    assign(session, opened[1], roads, by=organiser, days=20)
    digger = clerk(session, "Dora", roads)
    later, sooner = reversed(desks.tasks_of(session, digger))
    assert (sooner.case, later.case) == (opened[1], opened[0])
    assert later.duty is sooner.duty is Duty.ANSWER
    assert later.due == sooner.due == dt.date(2035, 5, 30)
    assert later.internal == working_days_before(later.due, 10, "")
    assert sooner.internal == working_days_before(later.due, 20, "")


def test_what_only_the_council_owes_is_no_task_of_a_department(
    session: Session, opened: list[Case], roads: Unit, organiser: User
) -> None:
    """After the answer the debate is owed, by others: the case stays at the desk, at the end."""
    assign(session, opened[0], roads, by=organiser)
    assign(session, opened[1], roads, by=organiser)
    for move in (Move.BEGIN_REVIEW, Move.ANSWER):
        cases.move(session, opened[0], move, said(move, today()), actor=Actor.UNIT, by=organiser)
    found = desks.tasks_of(session, clerk(session, "Dora", roads))
    assert [(task.case, task.duty) for task in found] == [(opened[1], Duty.ANSWER), (opened[0], None)]


def test_another_department_in_charge_is_a_correction_with_its_reason(
    session: Session, opened: list[Case], roads: Unit, parks: Unit, organiser: User
) -> None:
    """The public reads both; who contributes, and the internal date, stay inside."""
    assign(session, opened[0], roads, by=organiser)
    with pytest.raises(RuleError) as refused:
        assign(session, opened[0], parks, by=organiser)
    assert refused.value.field == "reason"
    assign(session, opened[0], parks, roads, by=organiser, days=5, why="Der Radweg liegt im Park.")
    assert opened[0].unit == "Grünflächenamt"
    assert [step.move for step in opened[0].steps] == [Move.ASSIGN, Move.CORRECT]
    assign(session, opened[0], parks, by=organiser, days=7)
    assert len(opened[0].steps) == 2
    assert assigning.days_before_of(session, opened[0]) == 7
    assert list(assigning.contributing_to(session, opened[0])) == []
    entry = session.scalars(sa.select(LogEntry).where(LogEntry.action == "case_shared").order_by(LogEntry.number)).all()
    assert [one.details["days_before"] for one in entry] == [10, 5, 7]


@pytest.mark.parametrize("days", [-1, 61])
def test_an_impossible_number_of_days_is_refused(
    session: Session, opened: list[Case], roads: Unit, organiser: User, days: int
) -> None:
    with pytest.raises(RuleError) as refused:
        assign(session, opened[0], roads, by=organiser, days=days)
    assert refused.value.field == "days_before"
    assert list(opened[0].steps) == []


def test_a_department_and_a_person_in_it_are_there_once(session: Session, roads: Unit, organiser: User) -> None:
    digger = clerk(session, "Dora", roads)
    with pytest.raises(ConflictError) as twice:
        unit(session, " Tiefbauamt ", organiser)
    assert twice.value.field == "name"
    with pytest.raises(ConflictError):
        units.join(session, roads, digger, by=organiser)
    assert [one.name for one in roads.members] == ["Dora"]


def test_a_deputy_does_the_work_on_these_days_and_no_others(
    session: Session, opened: list[Case], roads: Unit, organiser: User, clock: Any
) -> None:
    """All of it, but not what others hand on to the one who is away; nothing once that one has lost the role."""
    assign(session, opened[0], roads, by=organiser)
    dora, emil, fred = clerk(session, "Dora", roads), clerk(session, "Emil"), clerk(session, "Fred")
    days = {"first_day": today() + dt.timedelta(days=1), "last_day": today() + dt.timedelta(days=2)}
    units.name_deputy(session, dora, emil.id, **days)
    units.name_deputy(session, emil, fred.id, **days)
    seen = []
    for _ in range(4):
        seen.append((numbers(session, emil), numbers(session, fred)))
        clock.shift(dt.timedelta(days=1))
    assert seen == [([], []), ([1], []), ([1], []), ([], [])]
    clock.shift(dt.timedelta(days=-3))
    accounts.revoke(session, dora.memberships[0], by=organiser)
    assert numbers(session, emil) == []


def test_who_is_deputy_is_an_account_of_departments_and_days_to_come(
    session: Session, roads: Unit, organiser: User
) -> None:
    dora, emil = clerk(session, "Dora", roads), clerk(session, "Emil")
    for number in (dora.id, organiser.id, 999_999):
        with pytest.raises(NotFoundError):
            units.name_deputy(session, dora, number, first_day=today(), last_day=today())
    yesterday = today() - dt.timedelta(days=1)
    for first, last in ((yesterday, yesterday), (today(), yesterday)):
        with pytest.raises(RuleError) as refused:
            units.name_deputy(session, dora, emil.id, first_day=first, last_day=last)
        assert refused.value.field == "last_day"
    named = units.name_deputy(session, dora, emil.id, first_day=today(), last_day=today())
    with pytest.raises(NotFoundError):
        units.end_deputy(session, emil, named.id)
    units.end_deputy(session, dora, named.id)
    assert list(units.deputies_of(session, dora)) == []


def test_whoever_leaves_hands_all_over_in_one_step(
    session: Session, opened: list[Case], roads: Unit, parks: Unit, organiser: User
) -> None:
    """The successor has both departments, once each; the one who leaves, and a deputy of theirs, have nothing."""
    assign(session, opened[0], roads, by=organiser)
    assign(session, opened[1], parks, by=organiser)
    dora, emil, fred = clerk(session, "Dora", roads, parks), clerk(session, "Emil", parks), clerk(session, "Fred")
    units.name_deputy(session, dora, fred.id, first_day=today(), last_day=today())
    with pytest.raises(NotFoundError):
        units.hand_over(session, dora, dora.id, by=organiser)
    units.hand_over(session, dora, emil.id, by=organiser)
    assert [numbers(session, user) for user in (dora, emil, fred)] == [[], [1, 2], []]


def test_the_council_office_reads_every_case_as_departments_do(
    session: Session, opened: list[Case], organiser: User
) -> None:
    assert Role.COUNCIL_OFFICE in {membership.role for membership in organiser.memberships}
    assert desks.get_task(session, opened[2].id, user=organiser).case is opened[2]
    assert desks.tasks_of(session, organiser) == []


@pytest.mark.parametrize("state", ["", "BY"])
def test_working_days_are_counted_back_over_weekends_and_holidays(state: str) -> None:
    """By hand: one after the other."""
    for offset in range(40):
        day = dt.date(2035, 12, 1) + dt.timedelta(days=offset)
        expected, left = day, 5
        while not is_working_day(expected, state):
            expected -= dt.timedelta(days=1)
        while left:
            expected -= dt.timedelta(days=1)
            left -= is_working_day(expected, state)
        assert working_days_before(day, 5, state) == expected
