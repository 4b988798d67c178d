"""The pages of the programme: from a template to a cancelled event; what is refused is said at its field."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy.orm import Session

from assembly.clock import ZONE
from assembly.extensions import db
from assembly.models import (
    AgendaItem,
    Assembly,
    BookingState,
    Event,
    EventState,
    Feedback,
    Material,
    MaterialKind,
    NeedKind,
    Place,
    Room,
    User,
)
from assembly.services import assemblies
from assembly.services.needs import bookings, providers
from assembly.services.programme import events, templates, times
from assembly.services.site import settings
from tests.assembly.conftest import WORDS, sign_in
from tests.assembly.queries import counted
from tests.assembly.web import mark_in, overwrites_nothing, post, texts

EVENT = {
    "title": "Auftakt",
    "kind": "plenary",
    "day": "2027-03-06",
    "starts": "10:00",
    "ends": "17:00",
    "mode": "on_site",
    "room_id": "",
    "openness": "members",
}

AUFTAKT = "Saturday, 6 March 2027, 10:00 to 17:00"


@pytest.fixture
def base(client: FlaskClient, assembly: Assembly, organiser: User) -> Iterator[str]:
    """The address of the programme, before it begins; an organiser is signed in and reads English."""
    with time_machine.travel(dt.datetime(2027, 1, 1, tzinfo=dt.UTC), tick=True):
        sign_in(client, organiser)
        with client.session_transaction() as cookie:
            cookie["language"] = "en"
        yield f"/assemblies/{assembly.id}/programme"


def only_event(session: Session) -> Event:
    """Return the one event there is."""
    session.expire_all()
    return session.scalars(sa.select(Event)).one()


def test_past_events_stand_apart_and_cannot_be_cancelled(
    client: FlaskClient, session: Session, base: str, organiser: User
) -> None:
    post(client, f"{base}/events/new", **EVENT)
    page = f"{base}/events/{only_event(session).id}"
    post(client, f"{page}/publish", looked_at="1")
    assert "past event" not in client.get(f"{base}/").text
    assert "Cancel the event" in client.get(page).text
    with time_machine.travel(dt.datetime(2027, 3, 6, 17, tzinfo=ZONE), tick=False):
        sign_in(client, organiser)
        with client.session_transaction() as cookie:
            cookie["language"] = "en"
        assert "1 past event" in client.get(f"{base}/").text
        assert "Cancel the event" not in client.get(page).text
        answer = post(client, f"{page}/cancel", reason="Sturm")
        assert (answer.status_code, "This event is over" in answer.text) == (422, True)
    assert only_event(session).state is EventState.PUBLISHED


def test_from_nothing_to_a_changed_and_a_cancelled_event(client: FlaskClient, session: Session, base: str) -> None:
    assert "No event has been planned yet" in client.get(f"{base}/").text
    answer = post(client, f"{base}/places/new", name="Rathaus", city="Auenfurt")
    place = session.scalars(sa.select(Place)).one()
    assert answer.headers["Location"].endswith(f"/places/{place.id}")
    assert post(client, f"{base}/places/{place.id}/rooms", name="Saal", capacity="60").status_code == 302
    room = session.scalars(sa.select(Room)).one()
    twice = post(client, f"{base}/places/{place.id}/rooms", name="Saal", capacity="60")
    assert (twice.status_code, "has a room of this name" in twice.text) == (422, True)

    assert post(client, f"{base}/events/new", **EVENT | {"room_id": str(room.id)}).status_code == 302
    event = only_event(session)
    page = f"{base}/events/{event.id}"
    clash = post(client, f"{base}/events/new", **EVENT | {"room_id": str(room.id), "title": "Zweite"})
    assert (clash.status_code, f"The room is taken by “Auftakt” at this time: {AUFTAKT}." in clash.text) == (422, True)
    early = post(client, f"{page}/edit", **EVENT | {"ends": "09:00"})
    assert (early.status_code, "An event ends after it begins." in early.text) == (422, True)

    item = {"title": "Begrüßung", "kind": "plenary", "minutes": "150", "is_public": "y"}
    assert post(client, f"{page}/agenda", **item).status_code == 302
    assert (
        post(client, f"{page}/agenda", **item | {"title": "Pause", "kind": "break", "minutes": "30"}).status_code == 302
    )
    second = only_event(session).agenda[1].id
    assert post(client, f"{page}/agenda/{second}/up").status_code == 302
    shown = client.get(page).text
    assert "There are 150 minutes without a break." in shown
    assert shown.index("Pause") < shown.index("Begrüßung")
    assert "10:30" in client.get(f"{page}/running-order").text

    asked = post(client, f"{page}/publish")  # what should be looked at is said before, not after
    assert ("There are 150 minutes without a break." in asked.text, only_event(session).state) == (True, "draft")
    assert post(client, f"{page}/publish", looked_at="1").location.endswith(page)
    assert "Nobody was written to." in client.get(page).text
    assert post(client, f"{page}/publish", looked_at="1").status_code == 409
    changed = EVENT | {"room_id": str(room.id), "starts": "11:00", "note": "Wir beginnen eine Stunde später."}
    assert post(client, f"{page}/edit", **changed).status_code == 302
    shown = client.get(page).text
    assert ("Saved. Members are told at once." in shown, "Wir beginnen eine Stunde später." in shown) == (True, True)
    assert post(client, f"{page}/remove").status_code == 409
    assert post(client, f"{page}/cancel", reason="").status_code == 422
    assert post(client, f"{page}/cancel", reason="Sturm").status_code == 302
    assert only_event(session).state is EventState.CANCELLED
    assert "Cancelled" in client.get(f"{base}/month?month=2027-03").text


def test_an_item_in_another_room_says_so_where_people_read_of_it(
    client: FlaskClient, session: Session, base: str, assembly: Assembly
) -> None:
    for name, room in (("Rathaus", "Saal"), ("Schule", "Aula")):
        page = post(client, f"{base}/places/new", name=name).headers["Location"]
        post(client, f"{page}/rooms", name=room, capacity="60")
    hall, aula = (str(one.id) for one in session.scalars(sa.select(Room).order_by(Room.id)))
    post(client, f"{base}/events/new", **EVENT | {"room_id": hall, "openness": "public"})
    page = f"{base}/events/{only_event(session).id}"
    item = {"title": "Begrüßung", "kind": "plenary", "minutes": "60", "is_public": "y", "room_id": ""}
    assert post(client, f"{page}/agenda", **item).status_code == 302
    assert "Other room" not in client.get(page).text
    assert post(client, f"{page}/agenda", **item | {"title": "Gruppe A", "room_id": aula}).status_code == 302
    post(client, f"{page}/publish", looked_at="1")
    assembly.is_public = True
    session.commit()
    public = f"/a/{assembly.slug}/programme"
    for address in (page, f"{page}/running-order", public):
        shown = client.get(address).text
        assert ("Other room" in shown, shown.count("Schule, Aula")) == (True, 1)
    items = client.get(f"{public}.json").json["events"][0]["agenda"]
    assert [one["room"] for one in items] == [None, "Schule, Aula"]
    other = EVENT | {"title": "Zweite", "starts": "11:30", "ends": "12:00", "room_id": aula}
    clash = post(client, f"{base}/events/new", **other)
    taken = "The room is taken by “Auftakt” at this time: Saturday, 6 March 2027, 11:00 to 12:00."  # while the item is
    assert (clash.status_code, taken in clash.text) == (422, True)
    assert post(client, f"{base}/events/new", **other | {"starts": "12:00", "ends": "13:00"}).status_code == 302
    late = post(client, f"{page}/agenda/{only_item(session, 'Begrüßung')}", **item | {"minutes": "90"})
    assert (late.status_code, "The room of “Gruppe A” is taken by “Zweite” at this time" in late.text) == (422, True)


def headings(page: str) -> list[str]:
    """Return the headings of the first order on a page: one."""
    return re.findall(r"<h1[^>]*>(.*?)</h1>", page)


def test_a_kind_is_named_where_it_says_more_than_the_title(
    client: FlaskClient, session: Session, base: str, assembly: Assembly
) -> None:
    assembly.is_public = True
    session.commit()
    visit = EVENT | {"title": "Site visit: the square", "kind": "site_visit", "openness": "agenda_public"}
    post(client, f"{base}/events/new", **visit)
    page = f"{base}/events/{only_event(session).id}"
    post(client, f"{page}/agenda", title="Break", kind="break", minutes="30")
    post(client, f"{page}/publish", looked_at="1")
    public = f"/a/{assembly.slug}/programme"
    for address in (f"{base}/", f"{base}/timeline", page, public, f"{public}/{only_event(session).id}"):
        shown = " ".join(texts(client.get(address).text))
        assert (visit["title"] in shown, "Site visit" in shown.replace(visit["title"], "")) == (True, False), address
    assert texts(client.get(f"{page}/running-order").text).count("Break") == 1
    session.execute(sa.update(Event).values(title="Der Platz"))
    session.execute(sa.update(AgendaItem).values(title="Kaffee"))
    session.commit()
    for address in (f"{base}/", f"{base}/timeline", page, public, f"{public}/{only_event(session).id}"):
        assert "Site visit" in " ".join(texts(client.get(address).text))
    assert "Break" in texts(client.get(f"{page}/running-order").text)


def test_no_public_agenda_is_said_of_an_event_that_has_none(
    client: FlaskClient, session: Session, base: str, assembly: Assembly
) -> None:
    assembly.is_public = True
    session.commit()
    post(client, f"{base}/events/new", **EVENT | {"openness": "agenda_public"})
    event = only_event(session)
    page, public = f"{base}/events/{event.id}", f"/a/{assembly.slug}/programme"
    post(client, f"{page}/publish", looked_at="1")
    said = [
        "For members, with a public agenda",
        "For members only",
        "There is no agenda yet",
        "No agenda was published",
    ]
    agenda_page = client.get(f"{public}/{event.id}").text
    assert [one in client.get(public).text for one in said[:2]] == [False, True]
    assert [one in agenda_page for one in said] == [False, True, True, False]
    with time_machine.travel(event.ends_at, tick=True):
        visitor = client.application.test_client()
        over = visitor.get(f"{public}/{event.id}", headers={"Accept-Language": "en"}).text
        assert [one in over for one in said] == [False, True, False, True]
    post(client, f"{page}/agenda", title="Begrüßung", kind="plenary", minutes="30", is_public="y")
    assert [one in client.get(public).text for one in said[:2]] == [True, False]


def test_a_month_holds_its_own_days_alone(client: FlaskClient, session: Session, base: str) -> None:
    for day in ("2027-03-30", "2027-04-02"):  # both in the week in which April begins
        post(client, f"{base}/events/new", **EVENT | {"title": f"Am {day}", "day": day})
    march, april, may = (client.get(f"{base}/month?month=2027-0{month}").text for month in (3, 4, 5))
    assert ["Am 2027-03-30" in march, "Am 2027-04-02" in march] == [True, False]
    assert ["Am 2027-03-30" in april, "Am 2027-04-02" in april] == [False, True]
    assert [len(re.findall(r"month__number", page)) for page in (march, april, may)] == [31, 30, 31]
    assert ["No event is planned in this month." in page for page in (march, april, may)] == [False, False, True]


def test_every_page_for_editing_says_what_is_edited(client: FlaskClient, session: Session, base: str) -> None:
    page = post(client, f"{base}/places/new", name="Rathaus").headers["Location"]
    post(client, f"{page}/rooms", name="Saal", capacity="60")
    post(client, f"{base}/events/new", **EVENT)
    event = f"{base}/events/{only_event(session).id}"
    post(client, f"{event}/agenda", title="Pause", kind="break", minutes="30")
    item, room = session.scalars(sa.select(AgendaItem.id)).one(), session.scalars(sa.select(Room.id)).one()
    assert headings(client.get(page).text) == ["Edit the place “Rathaus”"]
    assert headings(client.get(f"{base}/places/rooms/{room}").text) == ["Edit the room “Saal”"]
    assert headings(client.get(f"{event}/edit").text) == ["Edit “Auftakt”"]
    assert headings(post(client, f"{event}/edit", **EVENT | {"title": ""}).text) == ["Edit “Auftakt”"]
    assert headings(client.get(f"{event}/agenda/{item}").text) == ["Edit the agenda item “Pause”"]


def ways_in(page: str) -> list[str]:
    """Return what the page of an event leads to, in its order."""
    [ways] = re.findall(r'aria-label="More about this event".*?</nav>', page, re.DOTALL)
    return re.findall(r">([^<>]+)</a>", ways)


def test_an_event_leads_first_to_what_is_done_next(
    client: FlaskClient, session: Session, base: str, assembly: Assembly, organiser: User
) -> None:
    post(client, f"{base}/events/new", **EVENT | {"kind": "site_visit"})
    event = only_event(session)
    page = f"{base}/events/{event.id}"
    prepared = ["Way and stops", "Experts", "Materials", "Support", "Tables"]
    assert ways_in(client.get(page).text) == [*prepared, "Attendance"]
    post(client, f"{page}/publish", looked_at="1")
    shown = client.get(page).text
    assert ways_in(shown) == [*prepared, "Write to the members", "Attendance", "Result sheets"]
    assert (
        shown.index(">Edit<") < shown.index("Way and stops") < shown.index("For members only") < shown.index("Agenda")
    )
    expert = {"name": "Ada Blume", "role": "science", "affiliation": "", "gender": "", "interests": "keine"}
    address = post(client, f"/assemblies/{assembly.id}/experts/new", **expert, chosen_by="Beirat").location or ""
    assert post(client, f"{address}/inputs", place=str(event.id), minutes="20").status_code == 302
    link = {"title": "Stadtklima", "kind": MaterialKind.LINK, "event_id": event.id, "language": "de"}
    session.add(Material(assembly_id=assembly.id, **link))
    session.commit()
    shown = client.get(page).text
    assert f'<a class="kern-link" href="{address}">Ada Blume</a> (Proposed)' in shown
    assert re.search(r'href="[^"]*/materials/\d+">Stadtklima</a> \(Draft\)', shown)
    [message] = re.findall(r'href="([^"]*)">Write to the members<', shown)
    assert f'<option selected value="{event.id}">' in client.get(message).text
    with time_machine.travel(event.ends_at, tick=True):
        sign_in(client, organiser)
        with client.session_transaction() as cookie:
            cookie["language"] = "en"
        over = ways_in(client.get(page).text)
        assert over[:3] == ["Attendance", "Result sheets", "Feedback of the members"]


def test_the_form_for_another_item_is_folded_unless_items_are_being_added(
    client: FlaskClient, session: Session, base: str
) -> None:
    post(client, f"{base}/events/new", **EVENT)
    page = f"{base}/events/{only_event(session).id}"
    folded, opened = '<details class="kern-accordion">', '<details class="kern-accordion" open>'
    item = {"title": "Begrüßung", "kind": "plenary", "minutes": "30"}
    empty = client.get(page).text.split('id="agenda"')[1]
    assert ('id="item-form"' in empty, "<details" in empty) == (True, False)
    after = post(client, f"{page}/agenda", **item).location or ""
    assert (folded in client.get(page).text, opened in client.get(after).text) == (True, True)
    assert opened in post(client, f"{page}/agenda", **item | {"minutes": "0"}).text


def test_nobody_overwrites_events_items_places_and_rooms(client: FlaskClient, session: Session, base: str) -> None:
    place = post(client, f"{base}/places/new", name="Rathaus").headers["Location"]
    post(client, f"{place}/rooms", name="Saal", capacity="60")
    post(client, f"{base}/events/new", **EVENT)
    page = f"{base}/events/{only_event(session).id}"
    item = {"title": "Begrüßung", "kind": "plenary", "minutes": "60"}
    post(client, f"{page}/agenda", **item)
    room = session.scalars(sa.select(Room)).one().id
    overwrites_nothing(client, f"{page}/edit", **EVENT | {"title": "Auftakt …"})
    overwrites_nothing(client, f"{page}/agenda/{only_item(session, 'Begrüßung')}", **item | {"goal": "Ziel …"})
    overwrites_nothing(client, place, name="Rathaus …")
    overwrites_nothing(client, f"{base}/places/rooms/{room}", name="Saal …", capacity="60")
    post(client, f"{page}/publish", looked_at="1")
    overwrites_nothing(client, f"{page}/edit", **EVENT | {"title": "Beginn …"})


def test_whoever_is_overtaken_reads_what_stands_there_now_before_anything_else_is_asked(
    client: FlaskClient, session: Session, base: str, assembly: Assembly, organiser: User
) -> None:
    templates.choose_state(session, assembly, "BY", by=organiser)
    session.commit()
    may_day = EVENT | {"day": "2027-05-01"}
    post(client, f"{base}/events/new", **may_day, nevertheless="y", day_seen="2027-05-01")
    page = f"{base}/events/{only_event(session).id}"
    post(client, f"{page}/publish", looked_at="1")
    mark = mark_in(client.get(f"{page}/edit").text)
    post(client, f"{page}/edit", mark=mark, **EVENT | {"day": "2027-05-08", "starts": "11:00"})
    refused = post(client, f"{page}/edit", mark=mark, **may_day | {"description": "Worum es geht"}).text
    assert "public holiday" not in refused
    told = re.findall(r"Here stands now: ([^<]*)", refused)
    assert set(told) == {"8 May 2027", "11:00", "–"}
    assert ("Worum es geht" in refused, 'value="2027-05-01"' in refused) == (True, True)


def test_nobody_takes_facilitators_away_whom_somebody_else_chose_meanwhile(
    client: FlaskClient, session: Session, base: str, organiser: User
) -> None:
    post(client, f"{base}/events/new", **EVENT)
    page = f"{base}/events/{only_event(session).id}/edit"
    mark = mark_in(client.get(page).text)
    assert post(client, page, mark=mark, **EVENT, facilitators=str(organiser.id)).status_code == 302
    refused = post(client, page, mark=mark, **EVENT)
    assert (refused.status_code, "Somebody else changed this while you wrote." in refused.text) == (422, True)
    assert [one.id for one in only_event(session).facilitators] == [organiser.id]


def test_an_item_whose_room_would_be_taken_stays_where_it_is_and_the_agenda_says_why(
    client: FlaskClient, session: Session, base: str
) -> None:
    place = post(client, f"{base}/places/new", name="Rathaus").headers["Location"]
    post(client, f"{place}/rooms", name="Atelier", capacity="60")
    studio = str(session.scalars(sa.select(Room)).one().id)
    post(client, f"{base}/events/new", **EVENT)
    page = f"{base}/events/{only_event(session).id}"
    item = {"title": "Begrüßung", "kind": "plenary", "minutes": "60"}
    post(client, f"{page}/agenda", **item)
    post(client, f"{page}/agenda", **item | {"title": "Gruppe A", "room_id": studio})
    post(client, f"{base}/events/new", **EVENT | {"title": "Zweite", "ends": "11:00", "room_id": studio})
    for title, deed in (("Begrüßung", "remove"), ("Gruppe A", "up")):
        answer = post(client, f"{page}/agenda/{only_item(session, title)}/{deed}")
        clash = "The room of “Gruppe A” is taken by “Zweite” at this time: Saturday, 6 March 2027, 10:00 to 11:00."
        assert (answer.status_code, clash in answer.text, "Look at “Zweite”" in answer.text) == (422, True, True)
    down = post(client, f"{page}/agenda/{only_item(session, 'Gruppe A')}/down")  # it is the last one
    assert down.headers["Location"].endswith(f"{page}#agenda")


def test_a_clash_says_with_what_and_when_and_leads_there(
    client: FlaskClient, session: Session, base: str, organiser: User
) -> None:
    post(client, f"{base}/events/new", **EVENT, facilitators=str(organiser.id))
    first = only_event(session)
    taken = post(client, f"{base}/events/new", **EVENT, facilitators=str(organiser.id)).text
    assert f"Olga Organ leads “Auftakt” of “Bürgerrat Mobilität” at this time: {AUFTAKT}." in taken
    assert f'<a class="kern-link" href="{base}/events/{first.id}">Look at “Auftakt”</a>' in taken


def test_the_way_to_an_event_of_another_assembly_is_not_shown(
    client: FlaskClient, session: Session, base: str, organiser: User
) -> None:
    other = assemblies.create_assembly(session, WORDS | {"title": "Zweiter Rat"}, by=organiser)
    day = dt.date(2027, 3, 6)
    values = {"kind": "plenary", "title": "Dort", "starts_at": times.moment(day, dt.time(9))}
    values |= {"ends_at": times.moment(day, dt.time(11))}
    events.add_event(session, other, values, facilitators=[organiser.id], by=organiser)
    session.commit()
    taken = post(client, f"{base}/events/new", **EVENT, facilitators=str(organiser.id)).text
    assert "leads “Dort” of “Zweiter Rat” at this time: Saturday, 6 March 2027, 09:00 to 11:00." in taken
    assert "Look at" not in taken


def only_item(session: Session, title: str) -> int:
    """Return the number of the item of this title."""
    return session.scalars(sa.select(AgendaItem.id).where(AgendaItem.title == title)).one()


def test_an_event_is_planned_on_and_moved_to_a_holiday_by_those_alone_who_mean_it(
    client: FlaskClient, session: Session, base: str, assembly: Assembly, organiser: User
) -> None:
    templates.choose_state(session, assembly, "BY", by=organiser)
    session.commit()
    may_day = EVENT | {"day": "2027-05-01"}
    box = "This day is a public holiday (Erster Mai). Yes, plan it nevertheless"
    assert "nevertheless" not in client.get(f"{base}/events/new").text
    new = post(client, f"{base}/events/new", **may_day | {"title": "Draft"})
    assert (new.status_code, new.text.count(box)) == (422, 2)  # at the top, and beside the box
    assert re.findall(r'<input[^>]* name="nevertheless"[^>]*>', new.text)[0].count("checked") == 0
    meant = {"nevertheless": "y", "day_seen": "2027-05-01"}
    assert post(client, f"{base}/events/new", **may_day | {"title": "Draft"} | meant).status_code == 302
    draft = session.scalars(sa.select(Event.id).where(Event.title == "Draft")).one()
    school = post(client, f"{base}/events/{draft}/edit", **EVENT | {"day": "2027-08-10"}).text
    assert "This day is in the school holidays (Sommerferien). Yes, plan it nevertheless" in school
    assert "The day is a public holiday: Erster Mai." in client.get(f"{base}/events/{draft}").text
    assert post(client, f"{base}/events/new", **EVENT).status_code == 302
    page = f"{base}/events/{session.scalars(sa.select(Event.id).where(Event.title == 'Auftakt')).one()}"
    post(client, f"{page}/publish", looked_at="1")
    asked = post(client, f"{page}/edit", **may_day)
    assert (asked.status_code, box in asked.text) == (422, True)
    assert 'name="day_seen" type="hidden" value="2027-05-01"' in asked.text
    other = post(client, f"{page}/edit", **may_day | meant | {"day": "2027-12-25"})  # ticked for another day
    assert (other.status_code, "public holiday (Erster Weihnachtstag)" in other.text) == (422, True)
    assert post(client, f"{page}/edit", **may_day | {"day_seen": "2027-05-01"}).status_code == 422
    assert post(client, f"{page}/edit", **may_day | meant).status_code == 302
    assert post(client, f"{page}/edit", **may_day | {"starts": "11:00"}).status_code == 302  # the day stays


def test_the_page_of_an_event_says_whom_a_change_would_be_told_and_what_is_booked(
    client: FlaskClient, session: Session, base: str, assembly: Assembly, organiser: User
) -> None:
    post(client, f"{base}/events/new", **EVENT)
    event = only_event(session)
    page = f"{base}/events/{event.id}"
    assert "Members are told at once" not in client.get(page).text  # a draft
    post(client, f"{page}/publish", looked_at="1")
    assert "That would be: nobody." in client.get(page).text
    values = {"name": "Hände hoch", "kinds": [NeedKind.SIGN_LANGUAGE.value], "contact": "", "is_one_person": True}
    provider = providers.add_provider(session, assembly, values, by=organiser)
    booking = {"kind": NeedKind.SIGN_LANGUAGE, "provider_id": provider.id, "people": 2}
    made = bookings.add_booking(session, only_event(session), booking, by=organiser)
    bookings.move(session, made, BookingState.ASKED, by=organiser)
    session.commit()
    for address in (page, f"{page}/edit"):
        shown = client.get(address).text
        assert "What is booked would have to be arranged anew:" in shown
        assert "Sign language interpreting, Hände hoch" in shown


def test_a_template_is_shown_before_anything_is_planned(client: FlaskClient, session: Session, base: str) -> None:
    chosen = {"template": "weekends", "first_day": "2027-02-06", "state": "BY"}
    shown = post(client, f"{base}/template", **chosen)
    assert (shown.status_code, "Oster-/Frühjahrsferien" in shown.text) == (200, True)
    assert session.scalars(sa.select(Event)).all() == []
    assert post(client, f"{base}/template", **chosen, take="1").status_code == 302
    planned = session.scalars(sa.select(Event).order_by(Event.starts_at)).all()
    assert (len(planned), planned[0].title) == (10, "Einander und die Frage kennenlernen")
    assert post(client, f"{base}/move", weeks="-30").status_code == 422
    assert post(client, f"{base}/move", weeks="1").status_code == 302
    session.expire_all()
    moved = session.scalars(sa.select(Event).order_by(Event.starts_at)).first()
    assert moved is not None
    assert moved.starts_at.date() == dt.date(2027, 2, 27)
    assert post(client, f"{base}/template", template="weekends", first_day="x", state="BY").status_code == 422


def test_a_template_that_goes_beyond_the_handover_says_so_before_and_after_it_is_filled_in(
    client: FlaskClient, session: Session, base: str, assembly: Assembly, organiser: User
) -> None:
    chosen = {"template": "weekends", "first_day": "2027-02-06", "state": "BY"}
    assert "handover" not in post(client, f"{base}/template", **chosen).text  # as long as nobody said when it is
    assemblies.set_timeline(session, assembly, {"result_date": dt.date(2027, 5, 29)}, by=organiser)
    session.commit()
    said = "2 events are after the handover of the result on 29 May 2027."
    shown = post(client, f"{base}/template", **chosen).text
    late = re.findall(r"<li[^>]*>((?:Satur|Sun)day, .*? 2027: .*?)</li>", shown)
    assert said in shown
    assert [one.split(": ")[1] for one in late] == ["Deciding on recommendations"] * 2
    assert post(client, f"{base}/template", **chosen, take="1").status_code == 302  # nothing is blocked
    page = client.get(f"{base}/").text
    assert said in page
    assert [day.split(": ")[0] for day in re.findall(r"<li[^>]*>((?:Satur|Sun)day, .*? 2027: .*?)</li>", page)] == [
        day.split(": ")[0] for day in late
    ]
    assert f'href="/assemblies/{assembly.id}/timeline"' in page
    assert "events already" not in shown
    assert "10 of these days have events already." in post(client, f"{base}/template", **chosen).text


def test_a_new_assembly_is_asked_for_the_state_of_the_site_first(
    client: FlaskClient, session: Session, base: str, assembly: Assembly, organiser: User
) -> None:
    def chosen() -> list[str]:
        return re.findall(r'<option[^>]*selected[^>]*value="(..)"|<option[^>]*value="(..)"[^>]*selected', page)[0]

    settings.save(session, settings.DEFAULTS | {"state": "NW"}, by=organiser)
    session.commit()
    page = client.get(f"{base}/").text
    assert "".join(chosen()) == "NW"
    templates.choose_state(session, assembly, "BY", by=organiser)
    session.commit()
    page = client.get(f"{base}/").text
    assert "".join(chosen()) == "BY"


def test_a_whole_programme_takes_no_more_queries_than_one_event(
    client: FlaskClient, session: Session, base: str, assembly: Assembly, organiser: User
) -> None:
    templates.choose_state(session, assembly, "BY", by=organiser)
    session.commit()

    def ask() -> int:
        with counted(db.engine) as statements:
            assert client.get(f"{base}/").status_code == 200
        return len(statements)

    post(client, f"{base}/events/new", **EVENT)
    few = ask()
    post(client, f"{base}/template", template="weekends", first_day="2027-04-06", state="BY", take="1")
    assert ask() == few


def test_what_is_not_there_is_not_found(client: FlaskClient, base: str) -> None:
    for page in ("events/7", "events/7/edit", "events/7/running-order", "places/7", "places/rooms/7"):
        assert client.get(f"{base}/{page}").status_code == 404


def test_the_public_sees_what_is_open_and_calendars_follow_its_changes(
    client: FlaskClient, session: Session, assembly: Assembly, base: str
) -> None:
    assembly.is_public = True
    session.commit()
    open_to_all, closed = EVENT | {"openness": "agenda_public"}, EVENT | {"title": "Klausur", "day": "2027-03-07"}
    for values in (open_to_all, closed, open_to_all | {"title": "Entwurf", "day": "2027-03-08"}):
        post(client, f"{base}/events/new", **values)
    seen, hidden, draft = session.scalars(sa.select(Event).order_by(Event.starts_at)).all()
    for title, is_public in (("Begrüßung", "y"), ("Teamrunde", "")):
        values = {"title": title, "kind": "plenary", "minutes": "30"} | ({"is_public": "y"} if is_public else {})
        post(client, f"{base}/events/{seen.id}/agenda", **values)
    for event in (seen, hidden):
        assert post(client, f"{base}/events/{event.id}/publish", looked_at="1").status_code == 302
    visitor = client.application.test_client()
    page = visitor.get(f"/a/{assembly.slug}/programme").text
    shown = [word in page for word in ("Auftakt", "Begrüßung", "Teamrunde", "Klausur", "Entwurf")]
    assert shown == [True, True, False, False, False]
    agenda = visitor.get(f"/a/{assembly.slug}/programme/{seen.id}").text
    assert [word in agenda for word in ("Auftakt", "Begrüßung", "Teamrunde")] == [True, True, False]
    for event in (hidden, draft):
        assert visitor.get(f"/a/{assembly.slug}/programme/{event.id}").status_code == 404

    address = f"/a/{assembly.slug}/programme.ics"
    first = visitor.get(address)
    [entry] = Calendar.from_ical(first.data).walk("VEVENT")
    assert (entry["summary"], int(entry["sequence"]), entry["status"]) == ("Auftakt", 0, "CONFIRMED")
    assert entry["dtstart"].dt == dt.datetime(2027, 3, 6, 10, tzinfo=ZONE)
    assert visitor.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    post(client, f"{base}/events/{seen.id}/cancel", reason="Sturm")
    changed = visitor.get(address, headers={"If-None-Match": first.headers["ETag"]})
    [again] = Calendar.from_ical(changed.data).walk("VEVENT")
    assert (again["uid"], int(again["sequence"]), again["status"]) == (entry["uid"], 1, "CANCELLED")


ATOM = {"a": "http://www.w3.org/2005/Atom"}


def test_the_public_reads_what_an_event_was_called_and_when_it_was_planned(
    client: FlaskClient, session: Session, assembly: Assembly, base: str
) -> None:
    assembly.is_public = True
    session.commit()
    values = EVENT | {"openness": "agenda_public"}
    post(client, f"{base}/events/new", **values)
    event = only_event(session)
    page = f"{base}/events/{event.id}"
    post(client, f"{page}/publish", looked_at="1")
    visitor, public = client.application.test_client(), f"/a/{assembly.slug}/programme"
    addresses = (public, f"{public}/{event.id}", f"{public}.atom")
    called, planned = (
        "Until now the title was “Auftakt”.",
        "Until now it was planned for Saturday, 6 March 2027, 10:00.",
    )

    def said() -> list[tuple[bool, bool]]:
        read = [visitor.get(address, headers={"Accept-Language": "en"}).text for address in addresses]
        return [(called in text, planned in text) for text in read]

    assert said() == [(False, False)] * 3
    assert post(client, f"{page}/edit", **values | {"title": "Beginn"}).status_code == 302
    assert said() == [(True, False)] * 3
    later = values | {"title": "Beginn", "starts": "11:00", "note": "Der Zug kommt später."}
    assert post(client, f"{page}/edit", **later).status_code == 302
    assert said() == [(True, True)] * 3
    assert "Der Zug kommt später." in visitor.get(public).text
    with time_machine.travel(dt.datetime(2027, 4, 1, tzinfo=dt.UTC), tick=True):
        assert said() == [(False, False)] * 3
    post(client, f"{page}/cancel", reason="Sturm")
    assert said() == [(True, False)] * 3


def test_programs_read_what_the_public_page_says(
    client: FlaskClient, session: Session, assembly: Assembly, base: str
) -> None:
    assembly.is_public = True
    session.commit()
    for title, openness in (("Auftakt & Fest", "public"), ("Klausur", "members")):
        post(client, f"{base}/events/new", **EVENT | {"title": title, "openness": openness})
    for event in session.scalars(sa.select(Event)):
        post(client, f"{base}/events/{event.id}/publish", looked_at="1")
    shown = session.scalars(sa.select(Event).where(Event.title != "Klausur")).one()
    post(client, f"{base}/events/{shown.id}/agenda", title="Begrüßung", kind="plenary", minutes="30", is_public="y")
    post(client, f"{base}/events/{shown.id}/agenda", title="Teamrunde", kind="plenary", minutes="30")
    post(client, f"{base}/events/{shown.id}/cancel", reason="Sturm <und> Hagel")
    visitor = client.application.test_client()
    page = f"http://127.0.0.1:8000/a/{assembly.slug}/programme"

    answer = visitor.get(f"/a/{assembly.slug}/programme.json")
    [found] = answer.json["events"]
    assert (found["title"], found["state"], found["change_note"]) == (
        "Auftakt & Fest",
        "cancelled",
        "Sturm <und> Hagel",
    )
    assert (found["starts_at"], found["page"]) == ("2027-03-06T10:00:00+01:00", f"{page}#event-{shown.id}")
    assert (found["place"], found["agenda"]) == (None, [])
    assert "Klausur" not in answer.text

    answer = visitor.get(f"/a/{assembly.slug}/programme.atom", headers={"Accept-Language": "en"})
    feed = ET.fromstring(answer.data)  # noqa: S314  # we wrote it
    [entry] = feed.findall("a:entry", ATOM)
    assert entry.findtext("a:title", namespaces=ATOM) == "Cancelled: Auftakt & Fest"
    assert "Sturm <und> Hagel" in (entry.findtext("a:content", namespaces=ATOM) or "")
    assert entry.findtext("a:id", namespaces=ATOM) == f"urn:uuid:{shown.uid}"
    session.refresh(shown)
    assert shown.changed_at is not None
    for updated in (entry, feed):
        moment = dt.datetime.fromisoformat(updated.findtext("a:updated", namespaces=ATOM) or "")
        assert moment == shown.changed_at.replace(microsecond=0)
    known = {"If-None-Match": answer.headers["ETag"], "Accept-Language": "en"}
    assert visitor.get(answer.request.path, headers=known).status_code == 304


def test_the_timeline_joins_invitation_events_and_decision(
    client: FlaskClient, session: Session, assembly: Assembly, base: str
) -> None:
    assert "No day is known yet" in client.get(f"{base}/timeline").text
    assembly.is_public = True
    assembly.result_date, assembly.decision_date = dt.date(2027, 3, 6), dt.date(2027, 9, 1)
    session.commit()
    post(client, f"{base}/events/new", **EVENT)
    found = client.get(f"{base}/timeline").text.partition('<ol class="process">')[2]
    words = ["March 2027", "Auftakt", "hands over its result", "September 2027", "Decision"]
    positions = [found.index(word) for word in words]
    assert positions == sorted(positions)
    public = client.application.test_client().get(f"/a/{assembly.slug}/programme", headers={"Accept-Language": "en"})
    assert "hands over its result" in public.text
    assert "Auftakt" not in public.text  # a draft


def test_feedback_is_shown_to_those_who_lead_and_published_as_numbers_only(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User, base: str
) -> None:
    assembly.is_public = True
    session.commit()
    post(client, f"{base}/events/new", **EVENT | {"openness": "public"})
    event = only_event(session)
    post(client, f"{base}/events/{event.id}/publish", looked_at="1")
    with time_machine.travel(event.ends_at + dt.timedelta(hours=1), tick=True):
        sign_in(client, organiser)
        with client.session_transaction() as cookie:
            cookie["language"] = "en"
        assert f"{event.id}/feedback/" in client.get(f"{base}/events/{event.id}").text
        page = f"{base}/events/{event.id}/feedback/"
        assert "Nobody has answered so far." in client.get(page).text
        session.add_all(Feedback(event_id=event.id, ratings={"heard": rating}, good="Suppe <3") for rating in (5, 4))
        session.commit()
        assert "2 members have answered so far" in client.get(page).text
        post(client, f"{page}publish")
        assert "Fewer than three" in client.get(page).text
        session.add(Feedback(event_id=event.id, ratings={"heard": 1}, good=""))
        session.commit()
        shown = client.get(page).text
        assert "Suppe &lt;3" in shown
        assert "3.3 of 5" in shown
        public = f"/a/{assembly.slug}/programme"
        visitor = client.application.test_client()
        assert "3.3 of 5" not in visitor.get(public, headers={"Accept-Language": "en"}).text
        post(client, f"{page}publish")
        found = visitor.get(public, headers={"Accept-Language": "en"}).text
        assert ("3.3 of 5" in found, "Suppe" in found) == (True, False)
        post(client, f"{page}withhold")
        assert "3.3 of 5" not in visitor.get(public, headers={"Accept-Language": "en"}).text
