"""The pages of support: what is to be booked for everybody who books, who needs it for support and the member alone."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.extensions import db
from assembly.models import (
    Booking,
    BookingState,
    Event,
    EventKind,
    EventNeed,
    Member,
    NeedKind,
    NeedState,
    Provider,
    Role,
    Status,
    SupportNeed,
    User,
)
from assembly.services.needs import bookings, people
from assembly.services.needs.people import Wish
from assembly.services.programme import events, times
from tests.assembly.queries import counted
from tests.assembly.services.panels import DrawnPanel, members_in
from tests.assembly.views.conftest import confirmed
from tests.assembly.views.test_panel import become, someone
from tests.assembly.web import mark_in

SIGN = Wish(NeedKind.SIGN_LANGUAGE, language="Deutsche Gebärdensprache")
SOON, LATER = dt.date(2035, 3, 24), dt.date(2035, 9, 1)


def plan(session: Session, panel: DrawnPanel, title: str, day: dt.date = SOON) -> int:
    """Plan an event from ten to twelve, and publish it."""
    assembly, by = panel.load(session)
    values = {
        "kind": EventKind.PLENARY,
        "title": title,
        "starts_at": times.moment(day, dt.time(10)),
        "ends_at": times.moment(day, dt.time(12)),
    }
    event = events.add_event(session, assembly, values, by=by)
    events.publish(session, event, by=by)
    session.commit()
    return event.id


def need_of(session: Session, member: Member, wish: Wish = SIGN) -> int:
    """Record a need of a member."""
    made = people.add_need(session, member.respondent, wish, by=None).id
    session.commit()
    return made


def test_an_organiser_books_an_interpreter_and_the_member_reads_with_whom(
    client: FlaskClient, member_client: FlaskClient, session: Session, panel: DrawnPanel, member: Member
) -> None:
    """Through the pages, from the warning to the member's own page; nobody's name is shown on the way."""
    event, other = plan(session, panel, "Auftakt"), plan(session, panel, "Nebenan")
    need_of(session, member)
    name = "Person"  # all contacts of the panel are called so
    become(client, session.get_one(User, panel.organiser_id))
    base = f"/assemblies/{panel.assembly_id}"
    page = client.get(f"{base}/programme/events/{event}").text
    assert "Sign language interpreting has to be booked until 27 Jan 2035, and that is over." in page
    work = client.get(f"{base}/needs/").text
    assert ("Overdue" in work, name in work) == (True, False)
    assert client.post(f"{base}/needs/providers", data={"name": "Dana"}).status_code == 422
    dana = {"name": "Dana Sommer", "contact": "0170 1", "kinds": ["sign_language"], "is_one_person": "y"}
    assert client.post(f"{base}/needs/providers", data=dana).status_code == 302
    provider = session.scalars(sa.select(Provider.id)).one()
    wanted = {"kind": "sign_language", "people": "1", "provider_id": str(provider)}
    for number in (event, other):
        assert client.post(f"{base}/needs/events/{number}/bookings", data=wanted).status_code == 302
    first, second = session.scalars(sa.select(Booking.id).order_by(Booking.id))
    assert client.post(f"{base}/needs/bookings/{first}/booked").status_code == 302
    clash = client.post(f"{base}/needs/bookings/{second}/booked")
    assert clash.status_code == 422
    assert "Dana Sommer is asked or booked for “Auftakt” at this time: Saturday, 24 March 2035, 10:00" in clash.text
    assert "Look at “Auftakt”" in clash.text
    assert name not in client.get(f"{base}/needs/events/{event}").text
    assert "has to be booked until" not in client.get(f"{base}/programme/events/{event}").text
    own = confirmed(session, member_client, member).get("/m/needs").text
    assert ("Arranged" in own, "Dana Sommer" in own, "Requested" in own) == (True, True, True)
    moved = {"title": "Auftakt", "kind": "plenary", "day": "2035-03-25", "starts": "10:00", "ends": "12:00"}
    rest = {"mode": "on_site", "room_id": "", "openness": "members", "note": "Einen Tag später"}
    assert client.post(f"{base}/programme/events/{event}/edit", data=moved | rest).status_code == 302
    assert "Dana Sommer" not in member_client.get("/m/needs").text
    assert "Providers who are to be told" in client.get(f"{base}/needs/").text
    assert client.post(f"{base}/needs/bookings/{first}/told").status_code == 302
    assert "Providers who are to be told" not in client.get(f"{base}/needs/").text


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.FACILITATOR, Role.WITNESS, Role.CALLER])
def test_others_learn_nothing_of_it_not_even_by_a_warning(
    client: FlaskClient, session: Session, panel: DrawnPanel, member: Member, role: Role
) -> None:
    event = plan(session, panel, "Auftakt")
    need_of(session, member)
    become(client, someone(session, panel, role))
    base = f"/assemblies/{panel.assembly_id}"
    page = client.get(f"{base}/programme/events/{event}")
    assert page.status_code == 200
    assert "Sign language" not in page.text
    assert "support" not in client.get(f"{base}/programme/").text.casefold()
    addresses = ("needs/", f"needs/events/{event}", "needs/people/", "needs/providers", "needs/lead-times")
    assert [client.get(f"{base}/{address}").status_code for address in addresses] == [403] * 5


def test_the_programme_counts_what_is_not_booked_in_time_without_a_query_for_each_event(
    client: FlaskClient, session: Session, panel: DrawnPanel, member: Member
) -> None:
    """The count alone, and the way to the page of what the event needs; nothing of an event with time left."""
    event = plan(session, panel, "Auftakt")
    need_of(session, member)
    become(client, session.get_one(User, panel.organiser_id))
    base = f"/assemblies/{panel.assembly_id}"

    def hints() -> list[tuple[str, str]]:
        page = client.get(f"{base}/programme/").text
        return re.findall(r'href="([^"]*/needs/events/\d+)">([^<]*)<', page)

    def queries() -> int:
        with counted(db.engine) as statements:
            client.get(f"{base}/programme/")
        return len(statements)

    assert hints() == [(f"{base}/needs/events/{event}", "1 kind of support is not booked in time")]
    few = queries()
    need_of(session, member, Wish(NeedKind.CHILDCARE, children=2))
    other = plan(session, panel, "Morgen", dt.date(2035, 3, 25))
    plan(session, panel, "Im Herbst", LATER)
    assert hints() == [
        (f"{base}/needs/events/{number}", "2 kinds of support are not booked in time") for number in (event, other)
    ]
    assert queries() == few


def test_an_organiser_does_not_read_who(
    client: FlaskClient, session: Session, panel: DrawnPanel, member: Member
) -> None:
    need = need_of(session, member)
    become(client, session.get_one(User, panel.organiser_id))
    base = f"/assemblies/{panel.assembly_id}/needs"
    assert [client.get(f"{base}/people/{address}").status_code for address in ("", need)] == [403, 403]
    assert "Who needs what" not in client.get(f"{base}/").text


def test_support_answers_for_one_event_and_takes_another_out(
    client: FlaskClient, member_client: FlaskClient, session: Session, panel: DrawnPanel, member: Member
) -> None:
    event, other = plan(session, panel, "Auftakt"), plan(session, panel, "Abschluss", LATER)
    need = need_of(session, member)
    become(client, someone(session, panel, Role.SUPPORT))
    base = f"/assemblies/{panel.assembly_id}/needs/people"
    assert "2 open" in client.get(f"{base}/").text
    answer = f"{base}/{need}/events/{event}"
    empty = client.post(answer, data={"state": "declined", "answer": ""})
    assert (empty.status_code, "Say why" in empty.text) == (422, True)
    assert client.post(answer, data={"state": "declined", "answer": "Niemand frei"}).status_code == 302
    assert client.post(f"{base}/{need}/events/{other}/needed", data={"needed": "0"}).status_code == 302
    page = client.get(f"{base}/{need}").text
    assert ["Niemand frei" in page, "Not needed" in page] == [True, True]
    own = confirmed(session, member_client, member).get("/m/needs").text
    assert ["Niemand frei" in own, "Not possible" in own] == [True, True]


def test_a_member_says_changes_and_takes_back_what_they_need_after_a_code(
    member_client: FlaskClient, session: Session, panel: DrawnPanel, member: Member
) -> None:
    event = plan(session, panel, "Auftakt")
    wish = {"kind": "childcare", "children": "2", "ages": "3 und 6", "for_all_events": "y"}
    for asked in (member_client.get("/m/needs"), member_client.post("/m/needs", data=wish)):
        assert (asked.status_code, (asked.location or "").startswith("/m/confirm")) == (302, True)
    assert session.scalars(sa.select(SupportNeed)).all() == []
    confirmed(session, member_client, member)
    wrong = member_client.post("/m/needs", data={"kind": "childcare"})
    assert (wrong.status_code, "Enter for how many children." in wrong.text) == (422, True)
    wrong = member_client.post("/m/needs", data={"kind": "other"})
    assert (wrong.status_code, "Say what you need." in wrong.text) == (422, True)
    assert member_client.post("/m/needs", data=wish).status_code == 302
    need = session.scalars(sa.select(SupportNeed.id)).one()
    assert member_client.post(f"/m/needs/{need}/events/{event}", data={"needed": "0"}).status_code == 302
    assert session.scalars(sa.select(EventNeed.is_needed)).all() == [False]
    assert member_client.post(f"/m/needs/{need}", data=wish | {"children": "99"}).status_code == 422
    assert member_client.post(f"/m/needs/{need}", data=wish | {"children": "3"}).status_code == 302
    session.expire_all()
    found = session.scalars(sa.select(SupportNeed)).one()
    assert (found.children, found.recorded_by_id) == (3, None)
    assert member_client.post(f"/m/needs/{need}/remove").status_code == 302
    assert member_client.get(f"/m/needs/{need}").status_code == 404


def test_a_member_sees_neither_drafts_nor_what_others_need(
    member_client: FlaskClient, session: Session, panel: DrawnPanel, member: Member
) -> None:
    assembly, by = panel.load(session)
    at = times.moment(SOON, dt.time(10))
    values = {"kind": EventKind.PLENARY, "title": "Geheim", "starts_at": at, "ends_at": at + dt.timedelta(hours=1)}
    draft = events.add_event(session, assembly, values, by=by).id
    other = people.add_need(session, members_in(session, Status.DRAWN)[0], Wish(NeedKind.OTHER, text="Rampe"), by=by).id
    mine = need_of(session, member)
    confirmed(session, member_client, member)
    page = member_client.get("/m/needs").text
    assert ["Geheim" in page, "Rampe" in page, "Sign language" in page] == [False, False, True]
    for address in (f"{other}/remove", f"{other}/events/{draft}", f"{mine}/events/{draft}"):
        assert member_client.post(f"/m/needs/{address}", data={"needed": "0"}).status_code == 404


def test_the_confirmation_asks_by_kind(client: FlaskClient, session: Session, panel: DrawnPanel) -> None:
    one = members_in(session, Status.DRAWN)[0]
    become(client, someone(session, panel, Role.CALLER))
    address = f"/assemblies/{panel.assembly_id}/panel/{one.id}/confirm"
    wishes = {"confirm-channel": "mail", "confirm-language": "de", "confirm-kinds": ["spoken_language", "childcare"]}
    answer = client.post(address, data=wishes | {"confirm-children": "2"})
    assert (answer.status_code, "Enter which language." in answer.text) == (422, True)
    assert session.scalars(sa.select(SupportNeed)).all() == []
    said = {"confirm-spoken": "Türkisch", "confirm-children": "2", "confirm-ages": "3", "confirm-needs": "Rampe"}
    assert client.post(address, data=wishes | said).status_code == 302
    session.expire_all()
    found = session.scalars(sa.select(SupportNeed).order_by(SupportNeed.id)).all()
    assert [(need.kind, need.language, need.children, need.text) for need in found] == [
        (NeedKind.SPOKEN_LANGUAGE, "Türkisch", None, ""),
        (NeedKind.CHILDCARE, "", 2, ""),
        (NeedKind.OTHER, "", None, "Rampe"),
    ]


def test_lead_times_and_providers_are_changed(client: FlaskClient, session: Session, panel: DrawnPanel) -> None:
    become(client, someone(session, panel, Role.SUPPORT))
    base = f"/assemblies/{panel.assembly_id}/needs"
    days = {kind.value: "10" for kind in NeedKind}
    assert client.post(f"{base}/lead-times", data=days | {"diet": "-1"}).status_code == 422
    assert client.post(f"{base}/lead-times", data=days).status_code == 302
    assert 'value="10"' in client.get(f"{base}/lead-times").text
    dana = {"name": "Dana Sommer", "kinds": ["sign_language"]}
    assert client.post(f"{base}/providers", data=dana).status_code == 302
    provider = session.scalars(sa.select(Provider.id)).one()
    assert client.post(f"{base}/providers/{provider}", data=dana | {"name": ""}).status_code == 422
    assert client.post(f"{base}/providers/{provider}", data=dana | {"name": "Dana Winter"}).status_code == 302
    assert "Dana Winter" in client.get(f"{base}/providers").text
    event = plan(session, panel, "Auftakt")
    wanted = {"kind": "sign_language", "people": "1", "provider_id": str(provider)}
    assert client.post(f"{base}/events/{event}/bookings", data=wanted | {"kind": "diet"}).status_code == 422
    assert client.post(f"{base}/events/{event}/bookings", data=wanted).status_code == 302
    assert client.post(f"{base}/providers/{provider}/remove").status_code == 409
    booking = session.scalars(sa.select(Booking.id)).one()
    assert client.post(f"{base}/bookings/{booking}", data=wanted | {"people": "3"}).status_code == 302
    assert client.post(f"{base}/bookings/{booking}/cancelled").status_code == 302
    assert client.post(f"{base}/bookings/{booking}/asked").status_code == 422
    session.expire_all()
    found = session.get_one(Booking, booking)
    assert (found.people, found.state) == (3, BookingState.CANCELLED)
    with_log = client.get(f"/assemblies/{panel.assembly_id}/log")
    assert with_log.status_code == 403
    become(client, session.get_one(User, panel.organiser_id))
    log = client.get(f"/assemblies/{panel.assembly_id}/log").text
    assert "Sign language interpreting: 56 → 10" in log
    assert "To be booked → Cancelled" in log


def test_a_booking_offers_those_alone_who_provide_it(
    client: FlaskClient, session: Session, panel: DrawnPanel, member: Member
) -> None:
    event = plan(session, panel, "Auftakt")
    need_of(session, member)
    become(client, someone(session, panel, Role.SUPPORT))
    base = f"/assemblies/{panel.assembly_id}/needs"
    page = f"{base}/events/{event}"

    def offered(address: str) -> list[str]:
        chosen = re.findall(r'<select[^>]*name="provider_id".*?</select>', client.get(address).text, re.DOTALL)
        return re.findall(r"<option[^>]*>([^<]*)<", "".join(chosen))

    for name, kind in (("Dana Sommer", "sign_language"), ("Kita Sonne", "childcare")):
        client.post(f"{base}/providers", data={"name": name, "kinds": [kind]})
    assert offered(page) == []  # first it is said what for
    assert f"{page}?kind=sign_language#add" in client.get(page).text
    assert offered(f"{page}?kind=sign_language") == ["Nobody yet", "Dana Sommer"]
    assert offered(f"{page}?kind=childcare") == ["Nobody yet", "Kita Sonne"]
    nobody = client.get(f"{page}?kind=diet").text
    assert "Nobody on the list provides this yet." in nobody
    [add] = re.findall(r'href="([^"]*)#provider-form"', nobody)
    ticked = re.findall(r"<input[^>]*checked[^>]*value=\"(\w+)\"", client.get(add).text)
    assert ticked == ["diet", "y"]  # one person, too
    kita = session.scalars(sa.select(Provider.id).where(Provider.name == "Kita Sonne")).one()
    wrong = client.post(f"{page}/bookings", data={"kind": "diet", "people": "1", "provider_id": str(kita)})
    assert (wrong.status_code, "Kita Sonne does not provide this." in wrong.text) == (422, True)
    assert client.post(f"{page}/bookings", data={"kind": "childcare", "people": "1"}).status_code == 302
    booking = session.scalars(sa.select(Booking.id)).one()
    assert offered(f"{base}/bookings/{booking}") == ["Nobody yet", "Kita Sonne"]


def test_the_same_booking_is_entered_twice_by_those_alone_who_mean_it(
    client: FlaskClient, session: Session, panel: DrawnPanel
) -> None:
    event = plan(session, panel, "Auftakt")
    become(client, someone(session, panel, Role.SUPPORT))
    base = f"/assemblies/{panel.assembly_id}/needs"
    page = f"{base}/events/{event}"
    for name in ("Dana Sommer", "Agentur"):
        client.post(f"{base}/providers", data={"name": name, "kinds": ["sign_language"]})
    dana, house = map(str, session.scalars(sa.select(Provider.id).order_by(Provider.id)))
    wanted = {"kind": "sign_language", "people": "1", "provider_id": dana}
    said = "This event has such a booking already, with Dana Sommer. Tick the box if another one is meant."
    assert 'name="is_sure"' not in client.get(f"{page}?kind=sign_language").text
    assert client.post(f"{page}/bookings", data=wanted).status_code == 302
    asked = client.post(f"{page}/bookings", data=wanted)
    assert (asked.status_code, said in asked.text, 'name="is_sure"' in asked.text) == (422, True, True)
    assert client.post(f"{page}/bookings", data=wanted | {"provider_id": house}).status_code == 302
    other = f"{base}/bookings/{session.scalars(sa.select(Booking.id).order_by(Booking.id.desc())).first()}"
    shown = client.get(other).text
    assert 'name="is_sure"' not in shown
    changed = wanted | {"mark": mark_in(shown)}
    asked = client.post(other, data=changed)
    assert (asked.status_code, said in asked.text) == (422, True)
    assert client.post(other, data=changed | {"is_sure": "y"}).status_code == 302
    assert client.post(f"{page}/bookings", data=wanted | {"is_sure": "y"}).status_code == 302
    assert client.get(page).text.count("Dana Sommer") == 3


def test_the_pages_take_as_many_queries_for_many_as_for_one(
    client: FlaskClient, member_client: FlaskClient, session: Session, panel: DrawnPanel, member: Member
) -> None:
    become(client, someone(session, panel, Role.SUPPORT))
    confirmed(session, member_client, member)
    base = f"/assemblies/{panel.assembly_id}/needs"

    def ask() -> list[int]:
        found = []
        for who, address in ((client, f"{base}/"), (client, f"{base}/people/"), (member_client, "/m/needs")):
            with counted(db.engine) as statements:
                assert who.get(address).status_code == 200
            found.append(len(statements))
        return found

    plan(session, panel, "Auftakt")
    need_of(session, member)
    few = ask()
    for day in range(1, 6):
        event = session.get_one(Event, plan(session, panel, f"Tag {day}", dt.date(2035, 9, day)))
        bookings.add_booking(
            session, event, {"kind": NeedKind.DIET, "people": 1}, by=session.get_one(User, panel.organiser_id)
        )
    for one in members_in(session, Status.DRAWN):
        people.add_need(session, one, SIGN, by=None)
    need_of(session, member, Wish(NeedKind.DIET, text="vegan"))
    session.commit()
    assert ask() == few


def test_an_answer_that_was_given_meanwhile_counts(
    client: FlaskClient, session: Session, panel: DrawnPanel, member: Member
) -> None:
    """A member who does not need something any more gets no answer for it."""
    event, need = plan(session, panel, "Auftakt"), need_of(session, member)
    found = session.get_one(SupportNeed, need)
    people.set_for_event(session, found, member.respondent, session.get_one(Event, event), is_needed=False, by=None)
    session.commit()
    become(client, someone(session, panel, Role.SUPPORT))
    address = f"/assemblies/{panel.assembly_id}/needs/people/{need}/events/{event}"
    answer = client.post(address, data={"state": NeedState.ARRANGED.value, "answer": "Dana"})
    assert (answer.status_code, "does not need this" in answer.text) == (422, True)
