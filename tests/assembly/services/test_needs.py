"""Needs: said once, changed for one event, arranged by bookings or answers, due in time; interpreters at one place."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import (
    Assembly,
    AttendanceState,
    Booking,
    BookingState,
    Event,
    EventKind,
    EventNeed,
    LogEntry,
    Member,
    Mode,
    NeedKind,
    NeedState,
    Provider,
    Respondent,
    Status,
    SupportNeed,
    User,
)
from assembly.services import respondents
from assembly.services.attendance import noting
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.needs import arrangements, bookings, kinds, people, providers
from assembly.services.needs.arrangements import Urgency
from assembly.services.needs.people import Wish
from assembly.services.privacy import programme
from assembly.services.privacy.deadlines import schedule_of
from assembly.services.privacy.declaring import Deadline
from assembly.services.programme import events, times
from tests.assembly.queries import counted
from tests.assembly.services.panels import REPLACEMENT, DrawnPanel, members_in
from tests.assembly.services.privacy.search import found_in_database
from tests.assembly.services.test_jobs import at_once

DAY = dt.date(2035, 6, 2)
"""Twelve weeks after the draw."""
SIGN = Wish(NeedKind.SIGN_LANGUAGE, language="Deutsche Gebärdensprache")
TO_BOOK, ASKED, BOOKED, CANCELLED = BookingState


def plan(
    session: Session, assembly: Assembly, by: User, title: str = "Auftakt", day: dt.date = DAY, **more: Any
) -> Event:
    """Plan an event from ten to twelve, and publish it."""
    values = {
        "kind": EventKind.PLENARY,
        "title": title,
        "starts_at": times.moment(day, dt.time(10)),
        "ends_at": times.moment(day, dt.time(12)),
    }
    event = events.add_event(session, assembly, values | more, by=by)
    events.publish(session, event, by=by)
    return event


def interpreter(session: Session, assembly: Assembly, by: User, **more: Any) -> Provider:
    """Add somebody who interprets into sign language."""
    values = {"name": "Dana Sommer", "contact": "0170 4711", "kinds": ["sign_language"]} | more
    return providers.add_provider(session, assembly, values, by=by)


def book(
    session: Session, event: Event, provider: Provider, by: User, *, people: int = 1, state: BookingState = BOOKED
) -> Booking:
    """Ask or book somebody for an event."""
    values = {"kind": NeedKind(provider.kinds[0]), "people": people, "provider_id": provider.id}
    booking = bookings.add_booking(session, event, values, by=by)
    bookings.move(session, booking, state, by=by)
    return booking


def drawn_people(session: Session) -> list[Respondent]:
    """Return the four who were drawn."""
    return members_in(session, Status.DRAWN)


def states_at(session: Session, assembly: Assembly, event: Event) -> list[str]:
    """Return how all needs stand for an event, in the order in which they were said."""
    found = arrangements.arrangements_of(session, assembly, [event])[event.id]
    return [one.state.value if one.is_needed else "not needed" for one in found]


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Wish(NeedKind.SPOKEN_LANGUAGE, language=" "), "language"),
        (Wish(NeedKind.CHILDCARE, ages="3"), "children"),
        (Wish(NeedKind.CHILDCARE, children=21), "children"),
        (Wish(NeedKind.OTHER, text="  "), "text"),
    ],
)
def test_what_is_missing_is_said_at_its_field(drawn: DrawnPanel, wish: Wish, field: str) -> None:
    with drawn.sessions() as session, pytest.raises(RuleError) as refused:
        people.add_need(session, drawn_people(session)[0], wish, by=None)
    assert refused.value.field == field


def test_a_need_keeps_what_belongs_to_its_kind(drawn: DrawnPanel) -> None:
    everything = Wish(NeedKind.DIET, " Türkisch ", 2, "3 und 6", " vegan ")
    with drawn.sessions.begin() as session:
        one = drawn_people(session)[0]
        need = people.add_need(session, one, everything, by=None)
        assert (need.language, need.children, need.ages, need.text) == ("", None, "", "vegan")
        assert need.recorded_by_id is None
        people.change_need(session, need, one, Wish(NeedKind.CHILDCARE, "Türkisch", 2, "3 und 6"), by=None)
        assert (need.language, need.children, need.ages, need.text, need.people) == ("", 2, "3 und 6", "", 2)


def test_a_need_holds_for_all_events_but_those_that_are_taken_out_and_can_be_added_to_one(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        first, second, *_ = drawn_people(session)
        auftakt, closing = plan(session, assembly, by), plan(session, assembly, by, "Abschluss", dt.date(2035, 7, 7))
        always = people.add_need(session, first, SIGN, by=by)
        once = people.add_need(session, second, Wish(NeedKind.TRAVEL, for_all_events=False), by=None)
        assert states_at(session, assembly, auftakt) == ["requested", "not needed"]
        people.set_for_event(session, always, first, auftakt, is_needed=False, by=None)
        people.set_for_event(session, once, second, auftakt, is_needed=True, by=None)
        assert states_at(session, assembly, auftakt) == ["not needed", "requested"]
        assert states_at(session, assembly, closing) == ["requested", "not needed"]
        mine = arrangements.arranged_for(session, session.get_one(Member, first.id), [auftakt, closing])
        assert [len(mine[event.id]) for event in (auftakt, closing)] == [0, 1]


def test_whoever_is_excused_needs_nothing_there_and_keeps_no_booking_from_others(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        event, later = plan(session, assembly, by), plan(session, assembly, by, "Abschluss", dt.date(2035, 7, 7))
        first, second, *_ = drawn_people(session)
        for one in (first, second):
            people.add_need(session, one, SIGN, by=by)
        book(session, event, interpreter(session, assembly, by), by, people=1)
        assert states_at(session, assembly, event) == ["arranged", "requested"]
        noting.note(session, event, first.id, AttendanceState.EXCUSED, by=by)
        assert states_at(session, assembly, event) == ["not needed", "arranged"]
        assert states_at(session, assembly, later) == ["requested", "requested"]
        [total] = arrangements.totals_of(session, assembly, [event])
        assert (total.people, total.open) == (1, 0)


def test_a_booking_arranges_for_as_many_as_it_says_and_whoever_said_it_first(drawn: DrawnPanel) -> None:
    """Nobody is told that something is arranged for which there is no room."""
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        event = plan(session, assembly, by)
        house = interpreter(session, assembly, by, name="Kinderhaus", kinds=["childcare"], is_one_person=False)
        for one, children in zip(drawn_people(session), (2, 2, 1), strict=False):
            people.add_need(session, one, Wish(NeedKind.CHILDCARE, children=children), by=by)
        booking = book(session, event, house, by, people=3, state=ASKED)
        assert states_at(session, assembly, event) == ["requested"] * 3
        bookings.move(session, booking, BOOKED, by=by)
        assert states_at(session, assembly, event) == ["arranged", "requested", "arranged"]
        [total] = arrangements.totals_of(session, assembly, [event])
        assert (total.people, total.arranged, total.open) == (5, 3, 2)
        bookings.change_booking(session, booking, {"people": 5}, by=by)
        assert states_at(session, assembly, event) == ["arranged"] * 3
        bookings.move(session, booking, CANCELLED, by=by)
        assert states_at(session, assembly, event) == ["requested"] * 3


def test_a_booking_into_one_language_is_none_into_another(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        event = plan(session, assembly, by)
        speaker = interpreter(session, assembly, by, kinds=["spoken_language"])
        for one, language in zip(drawn_people(session), ("türkisch", "Ukrainisch"), strict=False):
            people.add_need(session, one, Wish(NeedKind.SPOKEN_LANGUAGE, language=language), by=by)
        values = {"kind": NeedKind.SPOKEN_LANGUAGE, "people": 5, "provider_id": speaker.id}
        with pytest.raises(RuleError, match="which language"):
            bookings.add_booking(session, event, values, by=by)
        booking = bookings.add_booking(session, event, values | {"language": " Türkisch"}, by=by)
        bookings.move(session, booking, BOOKED, by=by)
        assert states_at(session, assembly, event) == ["arranged", "requested"]
        found = arrangements.totals_of(session, assembly, [event])
        assert [(total.language.casefold(), total.open) for total in found] == [("türkisch", 0), ("ukrainisch", 1)]


def test_support_answers_and_the_member_reads_with_whom_or_why_not(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        one, event = drawn_people(session)[0], plan(session, assembly, by)
        need = people.add_need(session, one, SIGN, by=by)
        for state in (NeedState.ARRANGED, NeedState.DECLINED):
            with pytest.raises(RuleError) as refused:
                people.answer(session, need, one, event, state=state, text=" ", by=by)
            assert refused.value.field == "answer"
        people.answer(session, need, one, event, state=NeedState.DECLINED, text="Niemand frei", by=by)
        member = session.get_one(Member, one.id)
        [mine] = arrangements.arranged_for(session, member, [event])[event.id]
        assert (mine.state, mine.answer, mine.with_whom) == (NeedState.DECLINED, "Niemand frei", "")
        people.answer(session, need, one, event, state=NeedState.REQUESTED, text="doch nicht", by=by)
        book(session, event, interpreter(session, assembly, by), by)
        [mine] = arrangements.arranged_for(session, member, [event])[event.id]
        assert (mine.state, mine.answer, mine.with_whom) == (NeedState.ARRANGED, "", "Dana Sommer")
        people.change_need(session, need, one, Wish(NeedKind.SPEECH_TO_TEXT), by=None)
        assert states_at(session, assembly, event) == ["requested"]
        people.set_for_event(session, need, one, event, is_needed=False, by=None)
        with pytest.raises(ConflictError, match="does not need this"):
            people.answer(session, need, one, event, state=NeedState.ARRANGED, text="x", by=by)


def test_what_is_due_comes_overdue_first_and_warns_but_never_blocks(drawn: DrawnPanel) -> None:
    """Sign language eight weeks before, as long as the assembly does not say otherwise."""
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        first, second, *_ = drawn_people(session)
        people.add_need(session, first, SIGN, by=by)
        people.add_need(session, second, Wish(NeedKind.DIET, text="vegan"), by=by)
        far = plan(session, assembly, by)
        near = plan(session, assembly, by, "Bald", dt.date(2035, 3, 24))
        totals = arrangements.totals_of(session, assembly, arrangements.events_to_come(session, assembly))
        work = [(total.event.title, total.kind, total.urgency) for total in arrangements.work_in(totals)]
        assert work == [
            ("Bald", NeedKind.SIGN_LANGUAGE, Urgency.OVERDUE),
            ("Bald", NeedKind.DIET, Urgency.SOON),
            ("Auftakt", NeedKind.SIGN_LANGUAGE, Urgency.LATER),
            ("Auftakt", NeedKind.DIET, Urgency.LATER),
        ]
        assert arrangements.late_for(session, far) == []
        [late] = arrangements.late_for(session, near)
        assert (late.kind, late.open, late.until) == (NeedKind.SIGN_LANGUAGE, 1, dt.date(2035, 1, 27))
        cancelled = plan(session, assembly, by, "Abgesagt", dt.date(2035, 3, 25))
        events.cancel(session, cancelled, reason="x", by=by)
        assert arrangements.late_at(session, assembly, [near, far, cancelled]) == {
            near.id: [late],
            far.id: [],
            cancelled.id: [],
        }
        book(session, near, interpreter(session, assembly, by), by)
        assert arrangements.late_for(session, near) == []
        kinds.set_lead_times(session, assembly, {NeedKind.SIGN_LANGUAGE: 100}, by=by)
        [late] = arrangements.late_for(session, far)
        assert late.until == DAY - dt.timedelta(days=100)
        with pytest.raises(RuleError) as refused:
            kinds.set_lead_times(session, assembly, {NeedKind.DIET: 366}, by=by)
        assert refused.value.field == "diet"


def later(session: Session, event: Event, by: User) -> None:
    moved = {"starts_at": times.days_later(event.starts_at, 1), "ends_at": times.days_later(event.ends_at, 1)}
    events.change_event(session, event, moved, by=by)


def online(session: Session, event: Event, by: User) -> None:
    events.change_event(session, event, {"mode": Mode.ONLINE}, by=by)


def whole_programme(session: Session, event: Event, by: User) -> None:
    events.move_programme(session, event.assembly, weeks=1, by=by)


@pytest.mark.parametrize("deed", [later, online, whole_programme])
def test_moving_an_event_reopens_what_was_arranged(
    drawn: DrawnPanel, deed: Callable[[Session, Event, User], None]
) -> None:
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        one, event = drawn_people(session)[0], plan(session, assembly, by)
        need = people.add_need(session, one, Wish(NeedKind.MOBILITY), by=by)
        people.add_need(session, one, SIGN, by=by)
        people.answer(session, need, one, event, state=NeedState.ARRANGED, text="Platz vorn", by=by)
        booking = book(session, event, interpreter(session, assembly, by), by)
        events.change_event(session, event, {"title": "Beginn"}, by=by)
        assert states_at(session, assembly, event) == ["arranged", "arranged"]
        deed(session, event, by)
        assert states_at(session, assembly, event) == ["requested", "requested"]
        assert (booking.state, booking.is_to_be_told) == (TO_BOOK, True)
        assert arrangements.to_be_told(session, assembly) == [booking]
        bookings.move(session, booking, BOOKED, by=by)
        assert (states_at(session, assembly, event), booking.is_to_be_told) == (["requested", "arranged"], False)


def test_a_cancelled_event_cancels_its_bookings_and_who_was_asked_is_to_be_told(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        event, dana = plan(session, assembly, by), interpreter(session, assembly, by)
        asked = book(session, event, dana, by, state=ASKED)
        noted = bookings.add_booking(session, event, {"kind": NeedKind.DIET, "people": 1}, by=by)
        events.cancel(session, event, reason="Sturm", by=by)
        assert [(one.state, one.is_to_be_told) for one in (asked, noted)] == [(CANCELLED, True), (CANCELLED, False)]
        bookings.tell(session, asked, by=by)
        assert arrangements.to_be_told(session, assembly) == []
        with pytest.raises(ConflictError, match="cancelled"):
            bookings.move(session, asked, TO_BOOK, by=by)
        with pytest.raises(ConflictError, match="cancelled"):
            bookings.add_booking(session, event, {"kind": NeedKind.DIET, "people": 1}, by=by)


def test_a_draft_for_which_somebody_was_asked_is_not_removed_in_silence(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        at = times.moment(DAY, dt.time(10))
        values = {"kind": EventKind.PLENARY, "title": "x", "starts_at": at, "ends_at": at + dt.timedelta(hours=1)}
        draft = events.add_event(session, assembly, values, by=by)
        need = people.add_need(session, one := drawn_people(session)[0], SIGN, by=by)
        people.set_for_event(session, need, one, draft, is_needed=False, by=by)
        booking = book(session, draft, interpreter(session, assembly, by), by, state=ASKED)
        with pytest.raises(ConflictError, match="asked or booked"):
            events.remove_draft(session, draft, by=by)
        bookings.move(session, booking, CANCELLED, by=by)
        with pytest.raises(ConflictError, match="tell them"):
            events.remove_draft(session, draft, by=by)
        bookings.tell(session, booking, by=by)
        events.remove_draft(session, draft, by=by)
        assert [session.scalar(sa.select(sa.func.count()).select_from(table)) for table in (Booking, EventNeed)] == [
            *(0, 0)
        ]


def test_an_interpreter_is_at_one_event_at_a_time_and_a_company_at_several(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        first, second = plan(session, assembly, by), plan(session, assembly, by, "Nebenan")
        after = plan(session, assembly, by, "Danach", starts_at=first.ends_at, ends_at=times.moment(DAY, dt.time(13)))
        dana = interpreter(session, assembly, by)
        house = interpreter(session, assembly, by, name="Agentur", is_one_person=False)
        book(session, first, dana, by)
        book(session, after, dana, by)  # one begins when the other ends
        note = bookings.add_booking(
            session, second, {"kind": NeedKind.SIGN_LANGUAGE, "people": 1, "provider_id": dana.id}, by=by
        )
        with pytest.raises(ConflictError, match="Dana Sommer is asked or booked for “Auftakt”") as refused:
            bookings.move(session, note, ASKED, by=by)
        assert (refused.value.field, note.state) == ("provider_id", TO_BOOK)
        book(session, first, house, by)
        book(session, second, house, by)
        with pytest.raises(ConflictError, match="Agentur is asked or booked"):
            providers.change_provider(session, assembly, house, {"kinds": house.kinds, "is_one_person": True}, by=by)
    with drawn.sessions.begin() as session:
        _, by = drawn.load(session)
        events.cancel(
            session, session.scalars(sa.select(Event).where(Event.title == "Auftakt")).one(), reason="x", by=by
        )
        moved = session.scalars(sa.select(Booking).where(Booking.state == TO_BOOK)).one()
        bookings.move(session, moved, BOOKED, by=by)


def test_two_at_once_cannot_book_one_interpreter_twice(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        dana = interpreter(session, assembly, by)
        values = {"kind": NeedKind.SIGN_LANGUAGE, "people": 1, "provider_id": dana.id}
        made = [
            bookings.add_booking(session, plan(session, assembly, by, title), values, by=by).id for title in ("a", "b")
        ]
    refused = []

    def take(number: int) -> Callable[[], None]:
        def deed() -> None:
            try:
                with drawn.sessions.begin() as session:
                    assembly, by = drawn.load(session)
                    bookings.move(session, bookings.get_booking(session, assembly, number), BOOKED, by=by)
            except ConflictError as error:
                refused.append(error.field)

        return deed

    at_once(*map(take, made))
    assert refused == ["provider_id"]


def test_the_same_booking_is_asked_about_and_two_that_are_meant_are_entered(drawn: DrawnPanel) -> None:
    """The same kind at the same event from the same provider: a doubt, whoever enters or changes it."""
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        event, other = plan(session, assembly, by), plan(session, assembly, by, "Nebenan")
        both = ["sign_language", "spoken_language"]
        dana, house = (
            interpreter(session, assembly, by, name=name, is_one_person=False, kinds=both) for name in ("Dana", "Haus")
        )
        values = {"kind": NeedKind.SIGN_LANGUAGE, "people": 1, "provider_id": dana.id}
        first = bookings.add_booking(session, event, values, by=by)
        spoken = {"kind": NeedKind.SPOKEN_LANGUAGE, "provider_id": dana.id, "people": 1}
        for language in ("Türkisch", "Arabisch"):
            bookings.add_booking(session, event, spoken | {"language": language}, by=by)
        bookings.add_booking(session, other, values, by=by)
        second = bookings.add_booking(session, event, values | {"provider_id": house.id}, by=by)
        numbers = first.id, second.id, dana.id
    with drawn.sessions() as session:
        assembly, by = drawn.load(session)
        event = session.get_one(Booking, numbers[0]).event
        for said in (values, spoken | {"language": " türkisch "}):
            with pytest.raises(RuleError, match="already, with") as refused:
                bookings.add_booking(session, event, said, by=by)
            assert (refused.value.field, refused.value.values) == ("is_sure", {"name": "Dana"})
        nobody = {"kind": NeedKind.DIET, "people": 1}
        bookings.add_booking(session, event, nobody, by=by)
        with pytest.raises(RuleError, match="without a provider"):
            bookings.add_booking(session, event, nobody, by=by)
        second = bookings.get_booking(session, assembly, numbers[1])
        with pytest.raises(RuleError, match="already, with"):
            bookings.change_booking(session, second, {"provider_id": numbers[2]}, by=by)
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        first, second = (bookings.get_booking(session, assembly, number) for number in numbers[:2])
        bookings.change_booking(session, second, {"provider_id": numbers[2]}, by=by, is_sure=True)
        bookings.change_booking(session, second, {"people": 4}, by=by)  # that was asked before
        for one in (first, second):
            bookings.move(session, one, CANCELLED, by=by)
        bookings.add_booking(session, first.event, values, by=by)  # what is cancelled is in nobody's way
        bookings.add_booking(session, first.event, values, by=by, is_sure=True)


def test_a_booking_goes_its_way_and_no_other(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        event, dana = plan(session, assembly, by), interpreter(session, assembly, by)
        booking = bookings.add_booking(session, event, {"kind": NeedKind.SIGN_LANGUAGE, "people": 1}, by=by)
        with pytest.raises(RuleError, match="Choose a provider"):
            bookings.move(session, booking, ASKED, by=by)
        diet = interpreter(session, assembly, by, name="Küche", kinds=["diet"])
        numbers = booking.id, dana.id, diet.id
    with drawn.sessions() as session:
        assembly, by = drawn.load(session)
        found = bookings.get_booking(session, assembly, numbers[0])
        with pytest.raises(RuleError, match="Küche does not provide this"):
            bookings.change_booking(session, found, {"provider_id": numbers[2]}, by=by)
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        booking, dana = bookings.get_booking(session, assembly, numbers[0]), session.get_one(Provider, numbers[1])
        bookings.change_booking(session, booking, {"provider_id": dana.id}, by=by)
        bookings.move(session, booking, ASKED, by=by)
        with pytest.raises(ConflictError, match="asked for this already"):
            bookings.change_booking(session, booking, {"provider_id": None}, by=by)
        session.refresh(booking)
        bookings.move(session, booking, BOOKED, by=by)
        with pytest.raises(ConflictError, match="changed meanwhile"):
            bookings.move(session, booking, ASKED, by=by)
        bookings.move(session, booking, CANCELLED, by=by)
        assert booking.is_to_be_told
        with pytest.raises(ConflictError, match="stay on the list"):
            providers.remove_provider(session, assembly, dana, by=by)
        with pytest.raises(NotFoundError):
            bookings.get_booking(session, assembly, 999)


def test_nothing_is_arranged_for_what_is_over(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        one, event = drawn_people(session)[0], plan(session, assembly, by)
        need = people.add_need(session, one, SIGN, by=by)
        drawn.traveller.move_to(event.ends_at + dt.timedelta(minutes=1))
        with pytest.raises(ConflictError, match="is over"):
            people.set_for_event(session, need, one, event, is_needed=False, by=None)
        assert (arrangements.late_for(session, event), arrangements.events_to_come(session, assembly)) == ([], [])


def test_interpreted_events_are_those_where_it_is_booked_or_needed(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        one = drawn_people(session)[0]
        needed, booked, diet = (plan(session, assembly, by, title) for title in ("a", "b", "c"))
        need = people.add_need(session, one, replace(SIGN, for_all_events=False), by=by)
        people.set_for_event(session, need, one, needed, is_needed=True, by=by)
        people.add_need(session, one, Wish(NeedKind.DIET), by=by)
        bookings.add_booking(session, booked, {"kind": NeedKind.SPEECH_TO_TEXT, "people": 1}, by=by)
        assert diet in arrangements.events_to_come(session, assembly)
        assert arrangements.interpreted_events(session, assembly) == [needed, booked]


def replace(wish: Wish, **values: Any) -> Wish:
    return Wish(**{"kind": wish.kind, "language": wish.language} | values)


def test_the_log_says_that_something_was_done_never_what_is_needed(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        one, event = drawn_people(session)[0], plan(session, assembly, by)
        before = session.scalar(sa.select(sa.func.count()).select_from(LogEntry))
        need = people.add_need(session, one, SIGN, by=None)
        people.change_need(session, need, one, Wish(NeedKind.CHILDCARE, children=2, ages="drei"), by=by)
        people.set_for_event(session, need, one, event, is_needed=False, by=by)
        people.set_for_event(session, need, one, event, is_needed=True, by=by)
        people.answer(session, need, one, event, state=NeedState.DECLINED, text="Niemand frei", by=by)
        dana = interpreter(session, assembly, by)
        providers.change_provider(session, assembly, dana, {"contact": "0170 1", "kinds": dana.kinds}, by=by)
        bookings.tell(session, book(session, event, dana, by), by=by)
        people.remove_need(session, need, one, by=by)
        logged = session.scalars(sa.select(LogEntry).order_by(LogEntry.number).offset(before)).all()
        assert [entry.action for entry in logged] == [
            *("need_recorded", "need_changed", "need_for_event_changed", "need_for_event_changed", "need_answered"),
            *("provider_added", "provider_changed", "booking_added", "booking_moved", "need_removed"),
        ]
        told = json.dumps([[entry.subject, entry.details] for entry in logged])
        for word in ("sign", "Gebärden", "child", "drei", "Niemand", "Dana", "0170", "declined", "people"):
            assert word not in told


def test_what_was_arranged_goes_with_the_need_and_the_need_with_the_person(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        event = plan(session, assembly, by)
        for one, deed in zip(drawn_people(session), ("erase", "withdraw", "remove"), strict=False):
            need = people.add_need(session, one, Wish(NeedKind.OTHER, text=f"Brauche-{deed}"), by=by)
            people.answer(session, need, one, event, state=NeedState.ARRANGED, text=f"Antwort-{deed}", by=by)
            session.flush()
            marks = {f"Brauche-{deed}", f"Antwort-{deed}"}
            assert {mark for mark, _ in found_in_database(session, marks)} == marks
            if deed == "erase":
                respondents.erase(session, one, by=by)
            elif deed == "withdraw":
                respondents.move(session, one, Status.WITHDRAWN, by=by)
            else:
                people.remove_need(session, need, one, by=by)
            session.flush()
            assert found_in_database(session, marks) == set()


def test_bookings_and_providers_go_with_the_needs_a_month_after_the_result(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        assembly.result_date = (REPLACEMENT + dt.timedelta(days=100)).date()
        people.add_need(session, drawn_people(session)[0], SIGN, by=by)
        book(session, plan(session, assembly, by), interpreter(session, assembly, by), by)
        due = schedule_of(session, assembly).due[Deadline.NEEDS]
        assert due
        assert programme.delete_needs(session, assembly) == {}
        drawn.traveller.move_to(due + dt.timedelta(hours=1))
        assert programme.delete_needs(session, assembly) == {"needs": 1, "providers": 1}
        assert programme.delete_needs(session, assembly) == {}
        for table in (SupportNeed, EventNeed, Booking, Provider):
            assert session.scalars(sa.select(table)).all() == []


def test_all_events_take_as_many_queries_as_one(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, by = drawn.load(session)
        planned = [plan(session, assembly, by, str(day), dt.date(2035, 6, day)) for day in range(1, 8)]
        dana = interpreter(session, assembly, by)
        for event in planned:
            book(session, event, dana, by)
        for one in drawn_people(session):
            people.add_need(session, one, SIGN, by=by)
    with drawn.sessions() as session:
        assembly, by = drawn.load(session)
        to_come = arrangements.events_to_come(session, assembly)
        numbers = []
        for some in (to_come[:1], to_come):
            with counted(session.get_bind()) as statements:
                arrangements.totals_of(session, assembly, some)
            numbers.append(len(statements))
        assert len(to_come) == 7
        assert numbers[0] == numbers[1]
