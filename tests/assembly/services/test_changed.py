"""What is told of a changed event: its title and time until now, to the public nothing from when it was not open."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Event, Openness, User
from assembly.services.messages import noting
from assembly.services.programme import changed, events
from assembly.services.programme.changed import Told
from tests.assembly.queries import counted
from tests.assembly.services.test_programme import DAY, add, values


@pytest.fixture(autouse=True)
def traveller() -> Any:
    """All happens before the events of these tests."""
    with time_machine.travel(dt.datetime(2035, 1, 1, tzinfo=dt.UTC), tick=True) as moved:
        yield moved


@pytest.fixture
def event(session: Session, assembly: Assembly, organiser: User) -> Event:
    """An event that everybody may see; it had another title as a draft."""
    made = add(session, assembly, organiser, title="Arbeitstitel", openness=Openness.PUBLIC)
    events.change_event(session, made, {"title": "Auftakt"}, by=organiser)
    events.publish(session, made, by=organiser)
    return made


def told(session: Session, event: Event, *, in_public: bool = True) -> Told | None:
    """Return what is told of an event, if anything is."""
    return changed.told_of(session, [event], in_public=in_public).get(event.id)


def test_a_new_title_is_told_with_the_one_before_until_it_is_taken_back(
    session: Session, event: Event, organiser: User
) -> None:
    assert told(session, event) is None  # drafts were seen by nobody
    for title, before in (("Beginn", "Auftakt"), ("Anfang", "Beginn"), ("Auftakt", None)):
        events.change_event(session, event, {"title": title}, by=organiser)
        assert told(session, event) == told(session, event, in_public=False) == Told(title_before=before)
    events.change_event(session, event, {"title": "Start", "description": "Wir beginnen."}, by=organiser)
    events.cancel(session, event, reason="Sturm", by=organiser)
    assert told(session, event) == Told(title_before="Auftakt")  # by which some look for it


def test_members_are_told_once_of_a_new_title_and_of_that_which_they_know(
    session: Session, event: Event, organiser: User, traveller: Any
) -> None:
    found = []
    for title in ("Beginn", "Beginn", "Auftakt", "Anfang"):  # the second time the place alone changes
        traveller.shift(60)
        link = f"https://example.org/{len(found)}"
        events.change_event(session, event, {"title": title, "online_link": link}, by=organiser)
        newest = noting.histories_of(session, [event])[event.id][-1]
        found.append(changed.title_before(session, newest))
        traveller.shift(60)
        newest.told_at = now()
        assert changed.title_before(session, newest) == found[-1]  # also for whoever is called after that
        session.flush()
    assert found == ["Auftakt", None, "Beginn", "Auftakt"]
    events.change_event(session, event, {"title": "Zwischendurch"}, by=organiser)
    events.cancel(session, event, reason="Sturm", by=organiser)
    assert changed.title_before(session, noting.histories_of(session, [event])[event.id][-1]) == "Anfang"


def test_the_public_is_not_told_of_a_link_for_members(session: Session, event: Event, organiser: User) -> None:
    events.change_event(session, event, {"online_link": "https://example.org/neu"}, by=organiser)
    assert told(session, event) == Told()
    assert told(session, event, in_public=False) == Told(is_elsewhere=True)


def test_time_and_title_are_told_together(session: Session, event: Event, organiser: User) -> None:
    before = event.starts_at
    events.change_event(session, event, values(starts=11, ends=13, title="Beginn"), by=organiser)
    assert told(session, event) == Told("Auftakt", before, is_elsewhere=True)


def test_the_public_is_told_nothing_from_the_time_when_an_event_was_for_members_only(
    session: Session, event: Event, organiser: User, traveller: Any
) -> None:
    for change in (
        {"title": "Krisensitzung", "openness": Openness.MEMBERS},
        values(starts=11, ends=13, title="Treffen"),
        {"title": "Zweites Treffen", "openness": Openness.PUBLIC},
    ):
        traveller.shift(60)
        events.change_event(session, event, change, by=organiser)
    assert told(session, event) == Told()
    members = told(session, event, in_public=False)
    assert members is not None
    assert (members.title_before, members.is_elsewhere) == ("Treffen", True)
    traveller.shift(60)
    events.change_event(session, event, {"title": "Drittes Treffen"}, by=organiser)
    assert told(session, event) == Told(title_before="Zweites Treffen")


def test_many_events_take_as_many_queries_as_one(
    session: Session, assembly: Assembly, event: Event, organiser: User
) -> None:
    more = [add(session, assembly, organiser, DAY + dt.timedelta(days)) for days in range(1, 4)]
    for one in more:
        events.publish(session, one, by=organiser)
    for one in (event, *more):
        events.change_event(session, one, {"title": f"Neu {one.id}"}, by=organiser)
    with counted(session.get_bind()) as statements:  # type: ignore[arg-type]  # an engine
        found = changed.told_of(session, [event, *more])
    assert (len(statements), {one.title_before for one in found.values()}) == (2, {"Auftakt"})
