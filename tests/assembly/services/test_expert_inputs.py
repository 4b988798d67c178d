"""Where experts speak: at one event at a time, within their item, counted once for each perspective."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from sqlalchemy.orm import Session, sessionmaker

from assembly.models import (
    Assembly,
    Event,
    EventKind,
    Expert,
    ExpertInput,
    ExpertRole,
    ExpertState,
    Role,
    User,
)
from assembly.services import accounts, assemblies
from assembly.services.errors import ConflictError, RuleError
from assembly.services.experts import balance, inputs, inviting, questions
from assembly.services.programme import agenda, events, times
from tests.assembly.conftest import WORDS
from tests.assembly.queries import counted
from tests.assembly.services.test_jobs import at_once

DAY = dt.date(2035, 3, 10)
ACCEPTED = (ExpertState.INVITED, ExpertState.ACCEPTED)


@pytest.fixture(autouse=True)
def before_it_begins() -> Any:
    """All happens before the events of these tests."""
    with time_machine.travel(dt.datetime(2035, 1, 1, tzinfo=dt.UTC), tick=True):
        yield


def plan(
    session: Session, assembly: Assembly, by: User, title: str = "Hitze", *, day: dt.date = DAY, hour: int = 10
) -> Event:
    values = {
        "kind": EventKind.EXPERT_INPUT,
        "title": title,
        "starts_at": times.moment(day, dt.time(hour)),
        "ends_at": times.moment(day, dt.time(hour + 2)),
    }
    return events.add_event(session, assembly, values, by=by)


def propose(session: Session, assembly: Assembly, by: User, name: str = "Ada Blume", **more: Any) -> Expert:
    stands_for, moves = more.pop("perspectives", ()), more.pop("moves", ())
    values = {"name": name, "role": ExpertRole.SCIENCE, "chosen_by": "Beirat"} | more
    expert = inviting.add_expert(session, assembly, values, perspectives=stands_for, by=by)
    for state in moves:
        inviting.move(session, expert, state, by=by)
    return expert


def test_a_cancelled_event_takes_nobody(session: Session, assembly: Assembly, organiser: User) -> None:
    first, second = plan(session, assembly, organiser), plan(session, assembly, organiser, "Pflege", hour=11)
    expert = propose(session, assembly, organiser)
    inputs.add_input(session, expert, first, None, minutes=20, by=organiser)
    events.publish(session, first, by=organiser)
    events.cancel(session, first, reason="Sturm", by=organiser)
    inputs.add_input(session, expert, second, None, minutes=20, by=organiser)
    with pytest.raises(ConflictError, match="is cancelled"):
        inputs.add_input(session, propose(session, assembly, organiser), first, None, minutes=20, by=organiser)


def test_minutes_fit_into_the_item_and_an_item_that_goes_leaves_them(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    event = plan(session, assembly, organiser)
    item = agenda.add_item(session, event, {"kind": "input", "title": "Input", "minutes": 30}, by=organiser)
    expert = propose(session, assembly, organiser)
    for at, minutes, most in ((item, 31, 30), (None, 121, 120)):
        with pytest.raises(RuleError, match=f"only {most} minutes"):
            inputs.add_input(session, expert, event, at, minutes=minutes, by=organiser)
    made = inputs.add_input(session, expert, event, item, minutes=30, by=organiser)
    with pytest.raises(ConflictError, match="speaks there already"):
        inputs.add_input(session, expert, event, item, minutes=5, by=organiser)
    agenda.remove_item(session, event, item, by=organiser)
    session.refresh(made)
    assert (made.item_id, made.minutes) == (None, 30)
    events.remove_draft(session, event, by=organiser)
    assert session.query(ExpertInput).count() == 0


def test_whoever_is_asked_again_must_be_free_again(session: Session, assembly: Assembly, organiser: User) -> None:
    first, second = plan(session, assembly, organiser), plan(session, assembly, organiser, "Pflege", hour=14)
    expert = propose(session, assembly, organiser)
    for event in (first, second):
        inputs.add_input(session, expert, event, None, minutes=20, by=organiser)
    inviting.move(session, expert, ExpertState.WITHDRAWN, by=organiser)
    events.change_event(session, second, {"starts_at": first.starts_at, "ends_at": first.ends_at}, by=organiser)
    with pytest.raises(ConflictError, match="Ada Blume speaks at “Pflege” at this time"):
        inviting.move(session, expert, ExpertState.PROPOSED, by=organiser)


def test_two_organisers_at_once_cannot_take_the_same_expert(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        user = accounts.create_account(session, email="orga@example.org", name="Olga Organ")
        accounts.grant(session, user, Role.COUNCIL_OFFICE, by=None)
        made = assemblies.create_assembly(session, WORDS, by=user)
        planned = [plan(session, made, user, title).id for title in ("Hitze", "Pflege")]
        ids = made.id, user.id, propose(session, made, user).id
    refused = []

    def take(event_id: int) -> None:
        try:
            with sessions.begin() as session:
                assembly, by = session.get_one(Assembly, ids[0]), session.get_one(User, ids[1])
                expert = inviting.get_expert(session, assembly, ids[2])
                event = events.get_event(session, assembly, event_id)
                inputs.add_input(session, expert, event, None, minutes=10, by=by)
        except ConflictError as error:
            refused.append(error.field)

    at_once(lambda: take(planned[0]), lambda: take(planned[1]))
    assert refused == ["place"]


def test_whoever_stands_for_two_perspectives_counts_twice_there_and_once_by_role(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    question = questions.add_question(session, assembly, "Wie kühlen?", ["Klima", "Pflege"], by=organiser)
    ids = [one.id for one in question.perspectives]
    expert = propose(session, assembly, organiser, perspectives=ids, moves=ACCEPTED)
    inputs.add_input(session, expert, plan(session, assembly, organiser), None, minutes=30, by=organiser)
    (found,) = balance.balance_of(session, assembly)
    assert [one.minutes.total for one in found.perspectives] == [30, 30]
    assert found.roles[ExpertRole.SCIENCE].total == 30


def test_the_number_of_experts_changes_nothing_in_the_number_of_queries(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    event, sizes = plan(session, assembly, organiser), []
    question = questions.add_question(session, assembly, "Wie kühlen?", ["Klima"], by=organiser)
    for number in range(6):
        stands_for = [question.perspectives[0].id]
        expert = propose(session, assembly, organiser, f"Nr. {number}", perspectives=stands_for, moves=ACCEPTED)
        inputs.add_input(session, expert, event, None, minutes=5, by=organiser)
        if number in {0, 5}:
            session.commit()
            with counted(session.get_bind()) as sent:  # type: ignore[arg-type]  # an engine
                balance.balance_of(session, session.get_one(Assembly, assembly.id))
            sizes.append(len(sent))
    assert sizes[0] == sizes[1]
