"""The pages of the programme: from a template to a cancelled event; what is refused is said at its field."""

from __future__ import annotations

import datetime as dt
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
from assembly.models import Assembly, Event, EventState, Feedback, Place, Room, User
from tests.assembly.conftest import sign_in
from tests.assembly.queries import counted
from tests.assembly.web import post

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
    post(client, f"{page}/publish")
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
    assert (clash.status_code, "The room is taken by “Auftakt” at this time." in clash.text) == (422, True)
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

    assert post(client, f"{page}/publish").status_code == 302
    assert post(client, f"{page}/publish").status_code == 409
    changed = EVENT | {"room_id": str(room.id), "starts": "11:00", "note": "Wir beginnen eine Stunde später."}
    assert post(client, f"{page}/edit", **changed).status_code == 302
    assert "Wir beginnen eine Stunde später." in client.get(page).text
    assert post(client, f"{page}/remove").status_code == 409
    assert post(client, f"{page}/cancel", reason="").status_code == 422
    assert post(client, f"{page}/cancel", reason="Sturm").status_code == 302
    assert only_event(session).state is EventState.CANCELLED
    assert "Cancelled" in client.get(f"{base}/month?month=2027-03").text


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


def test_a_whole_programme_takes_no_more_queries_than_one_event(
    client: FlaskClient, session: Session, base: str
) -> None:
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
        assert post(client, f"{base}/events/{event.id}/publish").status_code == 302
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


def test_programs_read_what_the_public_page_says(
    client: FlaskClient, session: Session, assembly: Assembly, base: str
) -> None:
    assembly.is_public = True
    session.commit()
    for title, openness in (("Auftakt & Fest", "public"), ("Klausur", "members")):
        post(client, f"{base}/events/new", **EVENT | {"title": title, "openness": openness})
    for event in session.scalars(sa.select(Event)):
        post(client, f"{base}/events/{event.id}/publish")
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
    post(client, f"{base}/events/{event.id}/publish")
    with time_machine.travel(event.ends_at + dt.timedelta(hours=1), tick=True):
        sign_in(client, organiser)
        with client.session_transaction() as cookie:
            cookie["language"] = "en"
        assert f"{event.id}/feedback/" in client.get(f"{base}/events/{event.id}").text
        page = f"{base}/events/{event.id}/feedback/"
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
