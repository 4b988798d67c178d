"""Experts: invited through one door, in one place at a time, heard in balance; members' requests; slides in time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    AssemblyQuestion,
    Event,
    EventKind,
    Expert,
    ExpertRole,
    ExpertState,
    Gender,
    MaterialKind,
    Member,
    NeedKind,
    RequestKind,
    Status,
)
from assembly.services import logbook, respondents
from assembly.services.errors import ConflictError, RuleError
from assembly.services.experts import asking, balance, inputs, inviting, questions, slides
from assembly.services.materials import publishing
from assembly.services.materials.publishing import Content
from assembly.services.needs import people
from assembly.services.needs.people import Wish
from assembly.services.panel import calling
from assembly.services.programme import events
from tests.assembly.services.panels import DrawnPanel, members_in

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
State = ExpertState


@pytest.fixture
def session(drawn: DrawnPanel) -> Iterator[Session]:
    """A transaction after the draw."""
    with drawn.sessions() as opened:
        yield opened


@pytest.fixture
def question(drawn: DrawnPanel, session: Session) -> AssemblyQuestion:
    """A question with two perspectives that should be heard."""
    assembly, organiser = drawn.load(session)
    return questions.add_question(session, assembly, "Wie bleibt es kühl?", ["Bäume", "Parkplätze"], by=organiser)


def meet(drawn: DrawnPanel, session: Session, start: dt.datetime, title: str = "Treffen") -> Event:
    assembly, organiser = drawn.load(session)
    values = {"kind": EventKind.EXPERT_INPUT, "title": title, "starts_at": start, "ends_at": start + 2 * HOUR}
    event = events.add_event(session, assembly, values, by=organiser)
    events.publish(session, event, by=organiser)
    return event


def expert(drawn: DrawnPanel, session: Session, name: str, *, perspectives: list[int], **more: Any) -> Expert:
    """Return somebody who has accepted."""
    assembly, organiser = drawn.load(session)
    values = {"name": name, "role": ExpertRole.SCIENCE, "interests": "keine", "chosen_by": "Mitglieder"} | more
    made = inviting.add_expert(session, assembly, values, perspectives=perspectives, by=organiser)
    for state in (State.INVITED, State.ACCEPTED):
        inviting.move(session, made, state, by=organiser)
    return made


def test_an_invitation_goes_through_one_door(drawn: DrawnPanel, session: Session, question: AssemblyQuestion) -> None:
    assembly, organiser = drawn.load(session)
    made = inviting.add_expert(session, assembly, {"name": "Ada", "role": ExpertRole.SCIENCE}, by=organiser)
    with pytest.raises(RuleError, match="who chose this person") as refused:
        inviting.move(session, made, State.INVITED, by=organiser)
    assert refused.value.field == "chosen_by"
    inviting.change_expert(
        session, made, {"chosen_by": "Rat"}, perspectives=[question.perspectives[0].id], by=organiser
    )
    for before, to in ((State.PROPOSED, State.ACCEPTED), (State.PROPOSED, State.DECLINED)):
        assert made.state is before
        with pytest.raises(ConflictError, match="changed meanwhile"):
            inviting.move(session, made, to, by=organiser)
    for to in (State.INVITED, State.DECLINED, State.INVITED, State.ACCEPTED):
        inviting.move(session, made, to, by=organiser)
    with pytest.raises(ConflictError, match="has accepted"):
        inviting.remove_expert(session, made, by=organiser)
    with pytest.raises(ConflictError, match="Experts stand for"):
        questions.remove_perspective(session, assembly, question.perspectives[0], by=organiser)
    with pytest.raises(RuleError, match="no longer on the list"):
        inviting.change_expert(session, made, {}, perspectives=[9999], by=organiser)
    moved = [entry.details["after"] for entry in logbook.entries_with(session, assembly, "expert_moved")]
    assert list(reversed(moved)) == ["invited", "declined", "invited", "accepted"]
    assert inviting.public_experts_of(session, assembly) == [made]


def test_nobody_speaks_in_two_places_at_once(drawn: DrawnPanel, session: Session, question: AssemblyQuestion) -> None:
    _, organiser = drawn.load(session)
    start = now().replace(microsecond=0) + 20 * DAY
    here, there = meet(drawn, session, start, "Hier"), meet(drawn, session, start + HOUR, "Dort")
    later = meet(drawn, session, start + 5 * HOUR, "Später")
    ada = expert(drawn, session, "Ada", perspectives=[question.perspectives[0].id])
    inputs.add_input(session, ada, here, None, minutes=30, by=organiser)
    for minutes, event, message in (
        (20, there, "speaks at"),
        (20, here, "speaks there already"),
        (500, later, "There are only"),
    ):
        with pytest.raises((ConflictError, RuleError), match=message):
            inputs.add_input(session, ada, event, None, minutes=minutes, by=organiser)
    inputs.add_input(session, ada, later, None, minutes=20, by=organiser)
    values = {"starts_at": start + HOUR, "ends_at": start + 3 * HOUR}
    with pytest.raises(ConflictError) as clash:
        events.change_event(session, later, values, by=organiser)
    assert clash.value.values["event"] == "Hier"
    assert clash.value.values["name"] == "Ada"


def test_the_balance_names_who_is_missing_and_never_blocks(
    drawn: DrawnPanel, session: Session, question: AssemblyQuestion
) -> None:
    assembly, organiser = drawn.load(session)
    trees, cars = (one.id for one in question.perspectives)
    event = meet(drawn, session, now().replace(microsecond=0) + 20 * DAY)

    def warnings() -> str:
        [found] = balance.balance_of(session, assembly)
        return " ".join(str(one.template) % one.values for one in found.warnings)

    assert "Nobody speaks for “Bäume” yet" in warnings()
    ada = expert(drawn, session, "Ada", perspectives=[trees], gender=Gender.FEMALE, interests="")
    inputs.add_input(session, ada, event, None, minutes=50, by=organiser)
    said = warnings()
    assert "“Bäume”" not in said
    assert [part in said for part in ("“Parkplätze” yet", "No people affected", "declared their interests")] == [
        True
    ] * 3
    eva = expert(drawn, session, "Eva", perspectives=[cars], gender=Gender.FEMALE, role=ExpertRole.AFFECTED)
    inputs.add_input(session, eva, event, None, minutes=20, by=organiser)
    said = warnings()
    assert "“Bäume” has 50 minutes, “Parkplätze” only 20." in said
    assert "the same one" in said
    assert "No people affected" not in said
    [found] = balance.balance_of(session, assembly)
    assert found.roles[ExpertRole.AFFECTED].planned == 20
    assert found.genders[Gender.FEMALE].total == 70
    events.cancel(session, event, reason="Sturm", by=organiser)
    session.expire_all()
    assert "Nobody speaks for “Bäume” yet" in warnings()


def test_members_ask_and_the_answer_is_published_in_other_words(drawn: DrawnPanel, session: Session) -> None:
    assembly, organiser = drawn.load(session)
    one = members_in(session, Status.DRAWN)[0]
    calling.confirm(session, one, channel=calling.Channel.MAIL, language="de", by=organiser)
    member = session.get_one(Member, one.id)
    for text, match in ((" ", "Write what"), ("x" * 1001, "Shorten it")):
        with pytest.raises(RuleError, match=match):
            asking.ask(session, member, RequestKind.QUESTION, text)
    request = asking.ask(session, member, RequestKind.QUESTION, "Ich, Zerlina, frage: Wer zahlt die Bäume?")
    values = {"kind": RequestKind.QUESTION, "wording": "Wer zahlt?", "answer": "Die Stadt.", "is_published": True}
    answer = asking.add_answer(session, assembly, values, request=request, by=organiser)
    with pytest.raises(ConflictError, match="answered this meanwhile"):
        asking.add_answer(session, assembly, values, request=request, by=organiser)
    assert [asked.answer for asked in asking.own_requests(session, member)] == [answer]
    assert [found.wording for found in asking.published_answers_of(session, assembly)] == ["Wer zahlt?"]
    asking.change_answer(session, assembly, answer, {"is_published": False}, by=organiser)
    assert asking.published_answers_of(session, assembly) == []
    for number in range(asking.MOST_OPEN):
        asking.ask(session, member, RequestKind.EXPERT, f"Frage {number}")
    with pytest.raises(ConflictError, match="still open"):
        asking.ask(session, member, RequestKind.EXPERT, "noch eine")
    calling.withdraw(session, one, by=organiser)
    respondents.erase(session, one, by=organiser)
    session.expire_all()
    assert asking.requests_of(session, assembly) == []
    assert [found.wording for found in asking.answers_of(session, assembly)] == ["Wer zahlt?"]


def test_slides_are_due_ten_days_before_an_interpreted_event(
    drawn: DrawnPanel, session: Session, question: AssemblyQuestion
) -> None:
    assembly, organiser = drawn.load(session)
    event = meet(drawn, session, now().replace(microsecond=0) + 12 * DAY)
    ada = expert(drawn, session, "Ada", perspectives=[question.perspectives[0].id])
    inputs.add_input(session, ada, event, None, minutes=30, by=organiser)
    assert slides.missing_slides(session, assembly) == []
    one = members_in(session, Status.DRAWN)[0]
    calling.confirm(session, one, channel=calling.Channel.MAIL, language="de", by=organiser)
    people.add_need(session, one, Wish(NeedKind.SIGN_LANGUAGE), by=None)
    [due] = slides.missing_slides(session, assembly)
    assert (due.expert, due.event, due.is_overdue) == (ada, event, False)
    assert due.until == (event.starts_at - 10 * DAY).date()
    drawn.traveller.move_to(event.starts_at - 8 * DAY)
    assert slides.missing_slides(session, assembly)[0].is_overdue
    values = {"title": "Folien", "expert_id": ada.id, "event_id": event.id}
    content = Content(address="https://example.org/folien.pdf")
    publishing.add_material(session, assembly, MaterialKind.LINK, values, content, by=organiser)
    assert slides.missing_slides(session, assembly) == []
