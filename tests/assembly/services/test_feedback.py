"""Feedback: once per member, without a trace of whose it is, shown and published only when there is enough of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Event, EventKind, Feedback, FeedbackGiven, Status
from assembly.services import logbook
from assembly.services.errors import ConflictError, RuleError
from assembly.services.privacy import programme
from assembly.services.privacy.deadlines import schedule_of
from assembly.services.privacy.declaring import Deadline
from assembly.services.programme import events, feedback
from assembly.services.programme.feedback import Statement
from tests.assembly.services.panels import DrawnPanel, members_in

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def session(drawn: DrawnPanel) -> Iterator[Session]:
    """A transaction in which the panel has met, and has gone home."""
    with drawn.sessions() as opened:
        yield opened


@pytest.fixture
def event(drawn: DrawnPanel, session: Session) -> Event:
    """An event that is just over."""
    assembly, organiser = drawn.load(session)
    start = now() + HOUR
    values = {"kind": EventKind.PLENARY, "title": "Auftakt", "starts_at": start, "ends_at": start + 2 * HOUR}
    planned = events.add_event(session, assembly, values, by=organiser)
    events.publish(session, planned, by=organiser)
    drawn.traveller.move_to(start + 3 * HOUR)
    return planned


def members(session: Session) -> list[int]:
    """Return the numbers of the four who were drawn."""
    return [one.id for one in members_in(session, Status.DRAWN)]


def test_it_is_given_once_between_the_end_and_two_weeks_later(
    drawn: DrawnPanel, session: Session, event: Event
) -> None:
    one, other, *_ = members(session)

    def give(who: int, **answers: Any) -> None:
        feedback.give(session, event, who, **({"ratings": {Statement.HEARD: 4}} | answers))

    for moment in (event.ends_at - HOUR, event.ends_at + feedback.OPEN_FOR):
        drawn.traveller.move_to(moment)
        with pytest.raises(ConflictError, match="no longer be given, or not yet"):
            give(one)
    drawn.traveller.move_to(event.ends_at)
    with pytest.raises(RuleError, match="Rate at least one"):
        give(one, ratings={}, good="  ")
    give(one, ratings={}, better=" Mehr Pausen ")
    with pytest.raises(ConflictError, match="already"):
        give(one)
    give(other)
    assert feedback.given_by(session, one, [event]) == {event.id}
    assert feedback.given_by(session, members(session)[3], [event]) == set()
    answers = {(one.ratings.get("heard"), one.better) for one in session.scalars(sa.select(Feedback))}
    assert answers == {(None, "Mehr Pausen"), (4, "")}


def test_results_need_three_answers_and_are_published_by_choice(
    drawn: DrawnPanel, session: Session, event: Event
) -> None:
    _, organiser = drawn.load(session)
    for who, rating in zip(members(session)[:2], (5, 4), strict=True):
        feedback.give(session, event, who, ratings={Statement.HEARD: rating}, good=f"Gut {rating}")
    assert feedback.results_of(session, event) is None
    with pytest.raises(ConflictError, match="Fewer than three"):
        feedback.publish(session, event, by=organiser)
    feedback.give(session, event, members(session)[2], ratings={Statement.HEARD: 1, Statement.FAIR: 3})
    results = feedback.results_of(session, event)
    assert results is not None
    assert (results.answers, results.good, results.better) == (3, ["Gut 4", "Gut 5"], [])
    rated = {one.statement: one for one in results.rated}
    assert rated[Statement.HEARD].counts == [1, 0, 0, 1, 1]
    assert rated[Statement.HEARD].mean == pytest.approx(10 / 3)
    assert rated[Statement.SPEAK].mean is None
    for deed, is_public in ((feedback.publish, True), (feedback.publish, True), (feedback.withhold, False)):
        deed(session, event, by=organiser)
        session.flush()
        found = feedback.results_of(session, event)
        assert found is not None
        assert found.is_public is is_public
    actions = [entry.action for entry in logbook.entries_of(session, event.assembly)]
    assert [one for one in actions if one.startswith("feedback")].count("feedback_published") == 1
    assert not any("given" in one for one in actions)


def test_nothing_joins_an_answer_to_its_member(session: Session, event: Event) -> None:
    for who in members(session):
        feedback.give(session, event, who, ratings={Statement.HEARD: 3})
    assert {column.name for column in Feedback.__table__.columns} == {"id", "event_id", "ratings", "good", "better"}
    assert {column.name for column in FeedbackGiven.__table__.columns} == {"event_id", "respondent_id"}
    if session.get_bind().dialect.name == "sqlite":
        for table in ("feedback", "feedback_given"):
            with pytest.raises(sa.exc.OperationalError, match="no such column: rowid"):
                session.execute(sa.text(f"SELECT rowid FROM {table}"))  # noqa: S608  # names from above


def test_texts_go_with_the_members(drawn: DrawnPanel, session: Session, event: Event) -> None:
    assembly, _ = drawn.load(session)
    feedback.give(session, event, members(session)[0], ratings={Statement.HEARD: 2}, better="Kein Aufzug")
    assembly.result_date = (event.ends_at + dt.timedelta(days=60)).date()
    assert programme.delete_feedback(session, assembly) == {}
    due = schedule_of(session, assembly).due[Deadline.MEMBERS]
    assert due
    drawn.traveller.move_to(due + HOUR)
    assert programme.delete_feedback(session, assembly) == {"feedback": 1}
    assert programme.delete_feedback(session, assembly) == {}
    assert [(one.better, one.ratings) for one in session.scalars(sa.select(Feedback))] == [("", {"heard": 2})]
