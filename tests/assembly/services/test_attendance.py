"""Attendance: what members say before, what is noted there, who is on the list, who is absent too often."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Attendance, AttendanceState, Event, EventKind, Member, Status
from assembly.services import logbook, respondents
from assembly.services.attendance import absences, noting, people
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.panel import calling, make_up
from assembly.services.programme import events
from tests.assembly.services.panels import DrawnPanel, members_in

State = AttendanceState
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def session(drawn: DrawnPanel) -> Iterator[Session]:
    """A transaction after the draw."""
    with drawn.sessions() as opened:
        yield opened


def meet(drawn: DrawnPanel, session: Session, days: int = 7) -> Event:
    """Publish an event so many days from now."""
    assembly, organiser = drawn.load(session)
    start = now() + days * DAY
    values = {"kind": EventKind.PLENARY, "title": "Treffen", "starts_at": start, "ends_at": start + 3 * HOUR}
    event = events.add_event(session, assembly, values, by=organiser)
    events.publish(session, event, by=organiser)
    return event


def members(session: Session) -> list[Member]:
    """Return the four, by code."""
    drawn = [*members_in(session, Status.DRAWN), *members_in(session, Status.CONFIRMED)]
    return [session.get_one(Member, one.id) for one in drawn]


def test_members_say_it_before_and_staff_note_it_on_the_day(drawn: DrawnPanel, session: Session) -> None:
    _, organiser = drawn.load(session)
    event, one = meet(drawn, session), members(session)[0]

    def state() -> AttendanceState:
        return noting.state_of(session, event, one.respondent_id)

    def kept() -> str | None:
        return session.get_one(Attendance, (event.id, one.respondent_id)).reason

    assert state() is State.INVITED
    noting.say(session, event, one, State.EXCUSED, reason=" Prüfung ")
    assert (state(), kept()) == (State.EXCUSED, "Prüfung")
    noting.say(session, event, one, State.CONFIRMED)
    assert (state(), kept()) == (State.CONFIRMED, None)  # the reason is gone with the excuse
    noting.say(session, event, one, State.EXCUSED, reason="Prüfung")
    noting.note(session, event, one.respondent_id, State.EXCUSED, by=organiser)
    assert kept() == "Prüfung"  # by somebody who does not read reasons
    noting.say(session, event, one, State.CONFIRMED)
    with pytest.raises(ConflictError, match="cannot be said"):
        noting.say(session, event, one, State.PRESENT)
    with pytest.raises(ConflictError, match="from the day of the event on"):
        noting.note(session, event, one.respondent_id, State.PRESENT, by=organiser)
    drawn.traveller.move_to(event.starts_at + HOUR)
    with pytest.raises(ConflictError, match="has begun"):
        noting.say(session, event, one, State.EXCUSED)
    for noted in (State.PRESENT, State.PRESENT_HALF, State.PRESENT_HALF, State.ABSENT):
        noting.note(session, event, one.respondent_id, noted, by=organiser)
    with pytest.raises(RuleError, match="too long"):
        noting.note(session, event, one.respondent_id, State.EXCUSED, reason="x" * 1001, by=organiser)
    entries = list(logbook.entries_with(session, event.assembly, "attendance_noted"))
    assert [entry.details["after"] for entry in reversed(entries)] == [
        *["excused", "confirmed"] * 2,
        "present",
        "present_half",
        "absent",
    ]
    assert "Prüfung" not in str([entry.details for entry in entries])


def test_the_list_is_closed_and_counts_as_a_number(drawn: DrawnPanel, session: Session) -> None:
    _, organiser = drawn.load(session)
    event = meet(drawn, session)
    first, second, third, fourth = members(session)
    noting.say(session, event, fourth, State.EXCUSED)
    with pytest.raises(ConflictError, match="once the event has begun"):
        noting.close_list(session, event, by=organiser)
    drawn.traveller.move_to(event.starts_at + HOUR)
    noting.note(session, event, first.respondent_id, State.PRESENT, by=organiser)
    noting.note(session, event, second.respondent_id, State.PRESENT_HALF, by=organiser)
    assert people.present_at(session, [event]) == {}  # fewer than three are not published
    assert noting.close_list(session, event, by=organiser) == 1
    assert noting.close_list(session, event, by=organiser) == 0
    [absent, *_] = logbook.entries_with(session, event.assembly, "attendance_noted")
    assert (absent.subject, absent.details["after"]) == (f"respondent:{third.respondent_id}", "absent")
    states = {one.member.respondent_id: one.state for one in people.people_of(session, event)}
    assert states == {
        first.respondent_id: State.PRESENT,
        second.respondent_id: State.PRESENT_HALF,
        third.respondent_id: State.ABSENT,
        fourth.respondent_id: State.EXCUSED,
    }
    noting.note(session, event, third.respondent_id, State.PRESENT, by=organiser)
    assert people.present_at(session, [event]) == {event.id: 3}
    [feature] = make_up.presence_of(session, event)
    assert sum(value.confirmed for value in feature.values) == 2
    assert sum(value.open for value in feature.values) == 1
    assert [(value.lower, value.upper) for value in feature.values] == [(2, 2), (2, 2)]


def test_drafts_cancelled_events_and_strangers_have_no_attendance(drawn: DrawnPanel, session: Session) -> None:
    assembly, organiser = drawn.load(session)
    event, one = meet(drawn, session), members(session)[0]
    with pytest.raises(NotFoundError):
        noting.note(session, event, 99_999, State.CONFIRMED, by=organiser)
    events.cancel(session, event, reason="Sturm", by=organiser)
    with pytest.raises(ConflictError, match="published and not cancelled"):
        noting.say(session, event, one, State.CONFIRMED)
    start = now() + DAY
    values = {"kind": EventKind.PLENARY, "title": "Entwurf", "starts_at": start, "ends_at": start + HOUR}
    draft = events.add_event(session, assembly, values, by=organiser)
    with pytest.raises(ConflictError, match="published and not cancelled"):
        noting.note(session, draft, one.respondent_id, State.CONFIRMED, by=organiser)


def test_who_left_is_on_the_lists_of_what_was_theirs_alone(drawn: DrawnPanel, session: Session) -> None:
    _, organiser = drawn.load(session)
    before, after = meet(drawn, session, 1), meet(drawn, session, 20)
    one = members(session)[0]
    calling.confirm(session, one.respondent, channel=calling.Channel.MAIL, language="de", by=organiser)
    noting.say(session, before, one, State.CONFIRMED)
    drawn.traveller.move_to(before.ends_at + DAY)
    calling.withdraw(session, one.respondent, by=organiser)
    assert one.respondent_id in {listed.member.respondent_id for listed in people.people_of(session, before)}
    assert one.respondent_id not in {listed.member.respondent_id for listed in people.people_of(session, after)}


def test_what_was_said_of_an_event_counts_no_more_for_who_left_before_it(drawn: DrawnPanel, session: Session) -> None:
    _, organiser = drawn.load(session)
    event = meet(drawn, session)
    leaves, stays, comes, _ = members(session)
    for one in (leaves, stays, comes):
        calling.confirm(session, one.respondent, channel=calling.Channel.MAIL, language="de", by=organiser)
        noting.say(session, event, one, State.CONFIRMED)
    calling.withdraw(session, leaves.respondent, by=organiser)

    def listed() -> set[int]:
        return {one.member.respondent_id for one in people.people_of(session, event)}

    assert leaves.respondent_id not in listed()
    drawn.traveller.move_to(event.starts_at + HOUR)
    noting.note(session, event, comes.respondent_id, State.PRESENT, by=organiser)
    for one in (stays, comes):
        calling.withdraw(session, one.respondent, by=organiser)
    drawn.traveller.move_to(event.ends_at + DAY)
    assert {stays.respondent_id, comes.respondent_id} <= listed()
    assert leaves.respondent_id not in listed()
    with pytest.raises(NotFoundError):
        noting.note(session, event, leaves.respondent_id, State.ABSENT, by=organiser)


def test_lists_on_paper_say_who_is_excused_and_whose_seat_is_not_confirmed(drawn: DrawnPanel, session: Session) -> None:
    _, organiser = drawn.load(session)
    event = meet(drawn, session)
    first, second, *_ = members(session)
    noting.say(session, event, first, State.EXCUSED)
    calling.confirm(session, second.respondent, channel=calling.Channel.MAIL, language="de", by=organiser)
    notes = {one.member.respondent_id: one.notes for one in people.people_of(session, event)}
    assert notes.pop(first.respondent_id) == ["excused", "seat not confirmed"]
    assert notes.pop(second.respondent_id) == []
    assert list(notes.values()) == [["seat not confirmed"]] * 2
    respondents.move(session, first.respondent, Status.NOT_REACHED, by=organiser)
    [still] = [one for one in people.people_of(session, event) if one.member is first]
    assert still.notes == ["excused", "seat not confirmed"]  # they may take it after all


def test_people_are_found_by_name_seat_and_code(drawn: DrawnPanel, session: Session) -> None:
    event = meet(drawn, session)
    everybody = people.people_of(session, event)
    assert sorted(one.number for one in everybody) == [1, 2, 3, 4]
    assert len({one.number for one in everybody}) == 4
    third = next(one for one in everybody if one.number == 3)
    assert [one.number for one in people.found_among(everybody, "3")] == [3]
    assert third.number in {one.number for one in people.found_among(everybody, third.name.split()[1])}
    code = people.code_of(session, third.member.respondent_id)
    assert people.member_by_code(session, event.assembly, code.lower()) == third.member.respondent_id
    assert third.name not in code
    with pytest.raises(NotFoundError):
        people.member_by_code(session, event.assembly, "AAAAAAAAAA")
    assert people.event_of_today(session, event.assembly) is None
    drawn.traveller.move_to(event.starts_at - HOUR)
    assert people.event_of_today(session, event.assembly) is event


def test_whoever_misses_two_of_three_is_named_by_the_rule(drawn: DrawnPanel, session: Session) -> None:
    assembly, organiser = drawn.load(session)
    met = [meet(drawn, session, days) for days in (1, 2, 3, 4)]
    one, other, *_ = members(session)
    drawn.traveller.move_to(met[-1].ends_at + HOUR)
    noted = {one: (State.ABSENT, State.PRESENT, State.ABSENT, State.EXCUSED), other: (State.ABSENT, State.ABSENT)}
    for member, states in noted.items():
        for event, state in zip(met, states, strict=False):
            noting.note(session, event, member.respondent_id, state, by=organiser)
    noting.note(session, met[3], other.respondent_id, State.PRESENT, by=organiser)

    def named() -> list[tuple[int, int, int, int]]:
        found = absences.absent_too_often(session, assembly)
        return [(found_.member.respondent_id, found_.missed, found_.excused, found_.of) for found_ in found]

    assert named() == [(other.respondent_id, 2, 0, 3)], "whoever was excused was not absent"
    assert absences.count_too_often(session, assembly) == 1
    for missed, last, field in ((3, 2, "missed"), (1, 21, "last")):
        with pytest.raises(RuleError) as refused:
            absences.set_rule(session, assembly, missed=missed, last=last, by=organiser)
        assert refused.value.field == field
    absences.set_rule(session, assembly, missed=2, last=4, by=organiser)
    assert set(named()) == {(one.respondent_id, 2, 1, 4), (other.respondent_id, 2, 0, 3)}
    assert absences.count_too_often(session, assembly) == 2
