"""The programme's services: places, events and their states, clashes, agendas, templates, moving everything."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from sqlalchemy.orm import Session, sessionmaker

from assembly.models import Assembly, Event, EventKind, EventState, ItemKind, Role, User
from assembly.services import accounts, assemblies, logbook, stages
from assembly.services.errors import ConflictError, Elsewhere, NotFoundError, RuleError
from assembly.services.programme import agenda, events, places, templates, times, timetables
from assembly.services.programme.templates import Holiday
from assembly.services.programme.timetables import stays_of
from assembly.services.site import settings
from assembly.services.working_days import STATES
from tests.assembly.conftest import WORDS
from tests.assembly.services.test_jobs import at_once

DAY = dt.date(2035, 3, 10)


@pytest.fixture(autouse=True)
def before_it_begins() -> Any:
    """All happens before the events of these tests."""
    with time_machine.travel(dt.datetime(2035, 1, 1, tzinfo=dt.UTC), tick=True):
        yield


def values(day: dt.date = DAY, starts: int = 10, ends: int = 12, **more: Any) -> dict[str, Any]:
    """Return the values of an event."""
    return {
        "kind": EventKind.PLENARY,
        "title": "Auftakt",
        "starts_at": times.moment(day, dt.time(starts)),
        "ends_at": times.moment(day, dt.time(ends)),
        **more,
    }


def add(session: Session, assembly: Assembly, by: User, *arguments: Any, **more: Any) -> Event:
    """Plan an event."""
    led_by = more.pop("facilitators", ())
    return events.add_event(session, assembly, values(*arguments, **more), facilitators=led_by, by=by)


def room_in(session: Session, assembly: Assembly, by: User, name: str = "Saal") -> int:
    """Return a room of the town hall."""
    found = places.places_of(session, assembly)
    place = found[0] if found else places.add_place(session, assembly, {"name": "Rathaus"}, by=by)
    return places.add_room(session, assembly, place, {"name": name, "capacity": 60}, by=by).id


def test_an_event_goes_from_draft_to_cancelled_and_members_see_each_change(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    event = add(session, assembly, organiser)
    events.change_event(session, event, {"title": "Auftakt!"}, by=organiser)
    assert (event.state, event.sequence, event.changed_at) == (EventState.DRAFT, 0, None)
    events.publish(session, event, by=organiser)
    assert (event.state, event.sequence, event.published_at is None) == (EventState.PUBLISHED, 0, False)
    events.change_event(session, event, {"title": "Auftakt!"}, note="nichts", by=organiser)
    assert (event.state, event.change_note) == (EventState.PUBLISHED, "")  # nothing has changed
    events.change_event(session, event, values(starts=11, ends=13), note="Eine Stunde später", by=organiser)
    assert (event.state, event.sequence, event.change_note) == (EventState.CHANGED, 1, "Eine Stunde später")
    events.change_event(session, event, {"title": "Beginn"}, by=organiser)
    assert (event.sequence, event.change_note) == (2, "")
    with pytest.raises(ConflictError, match="cancel it instead"):
        events.remove_draft(session, event, by=organiser)
    with pytest.raises(RuleError, match="Say why"):
        events.cancel(session, event, reason=" ", by=organiser)
    events.cancel(session, event, reason="Sturm", by=organiser)
    assert (event.state, event.sequence, event.change_note) == (EventState.CANCELLED, 3, "Sturm")
    for deed in (
        lambda: events.publish(session, event, by=organiser),
        lambda: events.cancel(session, event, reason="Sturm", by=organiser),
        lambda: events.change_event(session, event, {"title": "x"}, by=organiser),
    ):
        with pytest.raises(ConflictError):
            deed()
    actions = [entry.action for entry in logbook.entries_of(session, assembly) if entry.subject == f"event:{event.id}"]
    assert sorted(actions) == sorted(["event_planned", *["event_changed"] * 3, "event_published", "event_cancelled"])


def test_a_draft_that_is_not_wanted_is_removed(session: Session, assembly: Assembly, organiser: User) -> None:
    event = add(session, assembly, organiser)
    event_id = event.id
    agenda.add_item(session, event, {"kind": ItemKind.INPUT, "title": "Begrüßung", "minutes": 10}, by=organiser)
    events.remove_draft(session, event, by=organiser)
    with pytest.raises(NotFoundError):
        events.get_event(session, assembly, event_id)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ends_at": times.moment(DAY, dt.time(9))}, "ends_at"),
        ({"ends_at": times.moment(DAY + dt.timedelta(days=2), dt.time(9))}, "ends_at"),
    ],
)
def test_impossible_times_are_refused(
    session: Session, assembly: Assembly, organiser: User, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(RuleError) as refused:
        events.add_event(session, assembly, values() | wrong, by=organiser)
    assert refused.value.field == field


def test_a_room_is_taken_once_and_free_again_when_cancelled(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    room = room_in(session, assembly, organiser)
    small = room_in(session, assembly, organiser, "Kleiner Saal")
    add(session, assembly, organiser, room_id=room, title="Auftakt")
    session.commit()
    with pytest.raises(ConflictError, match="taken by “Auftakt”") as refused:
        add(session, assembly, organiser, DAY, 11, 14, room_id=room)
    assert refused.value.field == "room_id"
    session.rollback()
    add(session, assembly, organiser, DAY, 12, 14, room_id=room)  # one begins when the other ends
    add(session, assembly, organiser, DAY, 10, 11, room_id=small)


def test_a_room_of_an_item_is_taken_while_the_item_lasts(session: Session, assembly: Assembly, organiser: User) -> None:
    studio = room_in(session, assembly, organiser, "Atelier")
    first = add(session, assembly, organiser, DAY, 9, 12, title="Auftakt")
    item = {"kind": ItemKind.SMALL_GROUPS, "title": "Gruppe A", "minutes": 60}
    agenda.add_item(session, first, item | {"title": "Begrüßung"}, by=organiser)
    agenda.add_item(session, first, item | {"room_id": studio}, by=organiser)  # from 10 to 11
    add(session, assembly, organiser, DAY, 9, 10, room_id=studio, title="Sitzung")
    add(session, assembly, organiser, DAY, 11, 12, room_id=studio, title="Sitzung")
    session.commit()
    with pytest.raises(ConflictError, match="taken by “Auftakt”"):
        add(session, assembly, organiser, DAY, 10, 11, room_id=studio)
    session.rollback()
    for values_of_it in ({"minutes": 61}, {"minutes": 50}):  # those after it would be later or earlier
        with pytest.raises(ConflictError, match="The room of “Gruppe A” is taken by “Sitzung”") as refused:
            agenda.change_item(session, first, first.agenda[0], values_of_it, by=organiser)
        assert refused.value.field == "minutes"  # of what was changed: it is not the changed item that clashes
        session.rollback()
    earlier = {"starts_at": times.moment(DAY, dt.time(8)), "ends_at": times.moment(DAY, dt.time(11))}
    with pytest.raises(ConflictError, match="The room of “Gruppe A” is taken by “Sitzung”") as refused:
        events.change_event(session, first, earlier, by=organiser)
    assert refused.value.field == "starts_at"
    session.rollback()
    with pytest.raises(ConflictError, match="The room of “Gruppe A” is taken"):
        agenda.move_item(session, first, first.agenda[1], up=True, by=organiser)
    session.rollback()
    with pytest.raises(ConflictError, match="The room of “Gruppe A” is taken"):
        agenda.remove_item(session, first, first.agenda[0], by=organiser)
    session.rollback()
    second = add(session, assembly, organiser, DAY, 10, 11, title="Daneben")
    with pytest.raises(ConflictError, match="The room of “Gruppe B” is taken by “Auftakt”") as refused:
        agenda.add_item(session, second, item | {"title": "Gruppe B", "room_id": studio}, by=organiser)
    assert refused.value.values["when"] == times.Span(second.starts_at, second.ends_at)  # not all of “Auftakt”
    assert (refused.value.field, refused.value.elsewhere) == ("room_id", Elsewhere(assembly.id, first.id, "Auftakt"))
    session.rollback()
    with pytest.raises(ConflictError, match="“Auftakt” is there"):
        places.remove_room(session, assembly, places.get_room(session, assembly, studio), by=organiser)


def test_what_an_agenda_has_after_its_event_takes_no_room_nor_does_an_item_twice(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    studio, hall = room_in(session, assembly, organiser, "Atelier"), room_in(session, assembly, organiser)
    first = add(session, assembly, organiser, DAY, 9, 12, room_id=hall)
    for room_id in (hall, studio, studio):
        item = {"kind": ItemKind.SMALL_GROUPS, "title": "Gruppe", "minutes": 120, "room_id": room_id}
        agenda.add_item(session, first, item, by=organiser)
    stays = [
        (one.room_id, times.time_of(one.starts_at).hour, times.time_of(one.ends_at).hour) for one in stays_of(first)
    ]
    assert stays == [(hall, 9, 12), (studio, 11, 12)]
    assert [one.where for one in timetables.timetable(first)] == ["", "Atelier", "Atelier"]
    add(session, assembly, organiser, DAY, 12, 14, room_id=studio)


def test_a_room_of_another_assembly_is_no_room_of_an_item(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    other = assemblies.create_assembly(session, WORDS, by=organiser)
    room = room_in(session, other, organiser)
    event = add(session, assembly, organiser)
    with pytest.raises(NotFoundError):
        agenda.add_item(
            session, event, {"kind": ItemKind.INPUT, "title": "x", "minutes": 5, "room_id": room}, by=organiser
        )


def test_a_cancelled_event_takes_nothing(session: Session, assembly: Assembly, organiser: User) -> None:
    room = room_in(session, assembly, organiser)
    first = add(session, assembly, organiser, room_id=room)
    events.publish(session, first, by=organiser)
    events.cancel(session, first, reason="Sturm", by=organiser)
    add(session, assembly, organiser, room_id=room)


def test_nobody_leads_two_events_at_once_not_even_of_two_assemblies(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    other = assemblies.create_assembly(session, WORDS | {"title": "Bürgerrat Wasser"}, by=organiser)
    add(session, assembly, organiser, facilitators=[organiser.id])
    with pytest.raises(ConflictError, match="Olga Organ leads “Auftakt” of “Bürgerrat Mobilität”"):
        add(session, other, organiser, DAY, 11, 12, facilitators=[organiser.id])
    stranger = accounts.create_account(session, email="s@example.org", name="Sina")
    with pytest.raises(RuleError, match="can lead"):
        add(session, assembly, organiser, DAY, 14, 15, facilitators=[stranger.id])


def test_two_organisers_at_once_cannot_take_the_same_room(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        user = accounts.create_account(session, email="orga@example.org", name="Olga Organ")
        accounts.grant(session, user, Role.COUNCIL_OFFICE, by=None)
        made = assemblies.create_assembly(session, WORDS, by=user)
        ids = made.id, user.id, room_in(session, made, user)
    refused = []

    def take() -> None:
        try:
            with sessions.begin() as session:
                assembly, by = session.get_one(Assembly, ids[0]), session.get_one(User, ids[1])
                add(session, assembly, by, room_id=ids[2])
        except ConflictError as error:
            refused.append(error.field)

    at_once(take, take)
    assert refused == ["room_id"]


def test_a_place_with_an_event_stays(session: Session, assembly: Assembly, organiser: User) -> None:
    room = room_in(session, assembly, organiser)
    [place] = places.places_of(session, assembly)
    with pytest.raises(RuleError, match="of this name"):
        places.add_room(session, assembly, place, {"name": "Saal", "capacity": 5}, by=organiser)
    event = add(session, assembly, organiser, room_id=room)
    for deed in (
        lambda: places.remove_place(session, assembly, place, by=organiser),
        lambda: places.remove_room(session, assembly, places.get_room(session, assembly, room), by=organiser),
    ):
        with pytest.raises(ConflictError, match="“Auftakt” is there"):
            deed()
    events.remove_draft(session, event, by=organiser)
    places.change_place(session, assembly, place, {"is_step_free": True}, by=organiser)
    places.change_room(session, assembly, place.rooms[0], {"capacity": 80}, by=organiser)
    places.remove_room(session, assembly, place.rooms[0], by=organiser)
    places.remove_place(session, assembly, place, by=organiser)
    assert places.places_of(session, assembly) == []


def test_another_assemblys_rows_do_not_exist(session: Session, assembly: Assembly, organiser: User) -> None:
    other = assemblies.create_assembly(session, WORDS, by=organiser)
    room = room_in(session, other, organiser)
    with pytest.raises(NotFoundError):
        add(session, assembly, organiser, room_id=room)
    event = add(session, other, organiser)
    for load, number in ((events.get_event, event.id), (places.get_room, room), (places.get_place, 1)):
        with pytest.raises(NotFoundError):
            load(session, assembly, number)  # type: ignore[operator]  # functions of one shape


def test_times_follow_from_lengths_and_order(session: Session, assembly: Assembly, organiser: User) -> None:
    event = add(session, assembly, organiser)
    for title, minutes in (("Begrüßung", 15), ("Vortrag", 45), ("Pause", 20)):
        kind = ItemKind.BREAK if title == "Pause" else ItemKind.INPUT
        agenda.add_item(session, event, {"kind": kind, "title": title, "minutes": minutes}, by=organiser)
    agenda.move_item(session, event, event.agenda[2], up=True, by=organiser)
    agenda.move_item(session, event, event.agenda[0], up=True, by=organiser)  # the first stays
    agenda.change_item(session, event, event.agenda[0], {"minutes": 10}, by=organiser)
    begins = [
        (one.item.title, times.time_of(one.starts_at).isoformat("minutes")) for one in timetables.timetable(event)
    ]
    assert begins == [("Begrüßung", "10:00"), ("Pause", "10:10"), ("Vortrag", "10:30")]
    agenda.remove_item(session, event, agenda.get_item(session, event, event.agenda[1].id), by=organiser)
    assert [item.title for item in event.agenda] == ["Begrüßung", "Vortrag"]
    with pytest.raises(NotFoundError):
        agenda.get_item(session, event, 99)


def test_what_is_wrong_with_a_day_is_pointed_out(session: Session, assembly: Assembly, organiser: User) -> None:
    event = add(session, assembly, organiser, DAY, 10, 14)
    assert agenda.warnings_of(event) == []
    for minutes in (100, 60, 100):
        agenda.add_item(session, event, {"kind": ItemKind.INPUT, "title": "x", "minutes": minutes}, by=organiser)
    other = add(session, assembly, organiser, DAY, 13, 17)
    add(session, assembly, organiser, DAY + dt.timedelta(days=1), 8, 20)
    told = [
        message.template % message.values for message in agenda.warnings_of(event, events.events_of(session, assembly))
    ]
    assert told == [
        "The agenda is 20 minutes longer than the event.",
        "There are 260 minutes without a break.",
        "The day has 8:00 hours; more than seven are too many for most people.",
        f"At the same time there is “{other.title}”.",
    ]


def test_the_programme_moves_by_weeks_and_keeps_its_times_across_summer_time(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    before_summer, cancelled = dt.date(2035, 3, 24), add(session, assembly, organiser, dt.date(2035, 3, 17))
    draft, seen = (add(session, assembly, organiser, before_summer, at, at + 1) for at in (10, 12))
    for event in (seen, cancelled):
        events.publish(session, event, by=organiser)
    events.cancel(session, cancelled, reason="Sturm", by=organiser)
    assert events.move_programme(session, assembly, weeks=1, note="Eine Woche später", by=organiser) == 2
    assert [times.day_of(event.starts_at) for event in (draft, seen)] == [dt.date(2035, 3, 31)] * 2
    assert [times.time_of(event.starts_at).hour for event in (draft, seen)] == [10, 12]
    assert (draft.state, seen.state, seen.change_note) == (EventState.DRAFT, EventState.CHANGED, "Eine Woche später")
    assert times.day_of(cancelled.starts_at) == dt.date(2035, 3, 17)
    with pytest.raises(RuleError, match="in the past"):
        events.move_programme(session, assembly, weeks=-20, by=organiser)


def test_templates_keep_out_of_holidays(session: Session, assembly: Assembly, organiser: User) -> None:
    template = templates.TEMPLATES["weekends"]
    planned = templates.plan(template, dt.date(2027, 2, 6), "BY")
    assert len(planned) == 10
    assert all(templates.holiday_on(one.day, "BY") is None for one in planned)
    assert {one.day.weekday() for one in planned} == {5, 6}
    moved = [(one.day, one.avoided) for one in planned if one.avoided]
    assert any("Oster" in name for _, names in moved for name in names)
    made = templates.fill_in(session, assembly, planned, str, by=organiser)
    assert [event.state for event in made] == [EventState.DRAFT] * 10
    assert [times.day_of(event.starts_at) for event in made] == [one.day for one in planned]
    assert templates.are_school_holidays_known(dt.date(2027, 2, 6), "BY")
    assert not templates.are_school_holidays_known(dt.date(2060, 2, 6), "BY")


def test_the_state_is_one_of_sixteen(session: Session, assembly: Assembly, organiser: User) -> None:
    assert len(STATES) == 16
    with pytest.raises(RuleError, match="from the list"):
        templates.choose_state(session, assembly, "XX", by=organiser)
    templates.choose_state(session, assembly, "BY", by=organiser)
    assert settings.state_of(session, assembly.id) == "BY"
    kings = Holiday("Heilige Drei Könige", is_of_schools=False)
    assert templates.holiday_on(dt.date(2027, 1, 6), "BY") == kings
    assert templates.holiday_on(dt.date(2027, 1, 6), "NW") == Holiday("Weihnachtsferien", is_of_schools=True)


def test_the_choice_of_a_state_begins_with_that_of_the_site(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    settings.save(session, settings.DEFAULTS | {"state": "NW"}, by=organiser)
    templates.choose_state(session, assembly, "NW", by=organiser)
    settings.save(session, settings.DEFAULTS | {"state": "HE"}, by=organiser)
    assert settings.state_of(session, assembly.id) == "HE"  # what holds anyway was no choice
    for chosen in ("BY", ""):  # none is a choice, too
        templates.choose_state(session, assembly, chosen, by=organiser)
        assert settings.state_of(session, assembly.id) == chosen
    changed = {"state": {"before": "HE", "after": "BY"}}
    assert [one.details for one in logbook.entries_with(session, assembly, "holidays_chosen")][-1] == changed


def test_a_holiday_a_small_room_and_steps_are_pointed_out(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    room = places.get_room(session, assembly, room_in(session, assembly, organiser))
    room.capacity = 20
    event = add(session, assembly, organiser, dt.date(2035, 5, 1), room_id=room.id)
    told = [message.template % message.values for message in agenda.warnings_of(event, state="BY")]
    assert told == [
        "The day is a public holiday: Erster Mai.",
        "The room has 20 seats for 48 members.",
        "The room is not said to be without steps.",
    ]
    room.capacity, room.is_step_free, room.place.is_step_free = 48, True, True
    events.change_event(session, event, values(), by=organiser)
    assert agenda.warnings_of(event, state="BY") == []


def test_a_draft_after_the_handover_is_pointed_out_until_it_is_published(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    event, told = add(session, assembly, organiser), "The panel hands over its result before this day."
    said = []
    for day in (None, DAY, DAY - dt.timedelta(1)):
        assemblies.set_timeline(session, assembly, {"result_date": day}, by=organiser)
        said.append(told in [message.template for message in agenda.warnings_of(event)])
    assert said == [False, False, True]
    events.publish(session, event, by=organiser)
    assert agenda.warnings_of(event) == []


def test_the_programme_has_begun_once_people_have_met(session: Session, assembly: Assembly, organiser: User) -> None:
    for days in (0, 7):
        events.publish(session, add(session, assembly, organiser, DAY + dt.timedelta(days)), by=organiser)

    def state(days: int) -> str:
        with time_machine.travel(dt.datetime.combine(DAY, dt.time(20), dt.UTC) + dt.timedelta(days)):
            return {one.step: one.state for one in stages.stages_of(session, assembly)}[stages.Step.PROGRAMME]

    assert [state(-1), state(0), state(7)] == ["next", "begun", "done"]
