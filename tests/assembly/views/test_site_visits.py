"""The pages of site visits: what staff describe, members read on paper and screen, and everyone sees of it later."""

from __future__ import annotations

import datetime as dt
import io
import json
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy.orm import Session

from assembly.extensions import db
from assembly.models import (
    ConsentKind,
    Event,
    EventKind,
    Member,
    ObservationSheet,
    Openness,
    Role,
    Status,
    Surface,
    User,
    VisitPhoto,
)
from assembly.services import accounts
from assembly.services.attendance import people
from assembly.services.members import access, consents
from assembly.services.programme import events
from assembly.services.site_visits import observations, photos, visits
from assembly.services.site_visits.pictures import photo_from
from tests.assembly.conftest import sign_in
from tests.assembly.photographs import CAMERA, bomb, photograph
from tests.assembly.queries import counted
from tests.assembly.services.panels import DrawnPanel, members_in
from tests.assembly.services.test_site_visits import SAID
from tests.assembly.views.conftest import link_of
from tests.assembly.views.test_member_schedule import plan
from tests.assembly.web import overwrites_nothing

PHONE = SAID["safety_phone"]
WORDS = "Ein leerer Platz"


@pytest.fixture
def event(session: Session, panel: DrawnPanel) -> Event:
    """A published site visit in three days, with two stops; its agenda is public."""
    _, organiser = panel.load(session)
    about = {"kind": EventKind.SITE_VISIT, "openness": Openness.AGENDA_PUBLIC, "to_bring": "Hut"}
    planned = plan(session, panel, "Ortsbegehung", 3, publish=False, **about)
    visits.describe(session, planned, SAID | {"weather_plan": "Im Bahnhof"}, by=organiser)
    for name, surface in (("Brunnen", Surface.COBBLES), ("Allee", Surface.GRASS)):
        values = {"name": name, "metres": 1250, "surface": surface, "about": "Schatten"}
        visits.add_stop(session, planned, values, by=organiser)
    session.commit()
    events.publish(session, planned, by=organiser)
    session.commit()
    return planned


def staff(app: Flask, session: Session, panel: DrawnPanel, role: Role | None = None) -> FlaskClient:
    """Return a browser of an organiser, or of an account with this role, who reads English."""
    assembly, account = panel.load(session)
    if role is not None:
        account = accounts.create_account(session, email=f"{role.value}@example.org", name=f"Name {role.value}")
        accounts.grant(session, account, role, assembly=assembly, by=None)
        session.commit()
    client = app.test_client()
    sign_in(client, account)
    with client.session_transaction() as cookie:
        cookie["language"] = "en"
    return client


def begin(panel: DrawnPanel, event: Event) -> None:
    panel.traveller.move_to(event.starts_at + dt.timedelta(hours=1))


def base(event: Event) -> str:
    return f"/assemblies/{event.assembly_id}/programme/visits/{event.id}"


def opened(session: Session, app: Flask, member: Member) -> FlaskClient:
    client = app.test_client()
    client.get(f"/m/{link_of(session, member)}")
    return client


def test_the_member_reads_where_to_meet_the_way_and_how_to_take_part_from_home(
    panel: DrawnPanel, event: Event, member_client: FlaskClient
) -> None:
    wanted = (SAID["meeting_point"], SAID["step_free_way"], SAID["remote_text"], "Im Bahnhof", "2,500 metres", "Hut")
    for address in ("/m/", f"/m/events/{event.id}"):
        page = member_client.get(address).text
        assert [word for word in wanted if word not in page] == []
        assert PHONE not in page, "days before, nobody needs it"
    page = member_client.get(f"/m/events/{event.id}").text
    assert "grass or earth" in page
    assert "/observations" not in page
    assert member_client.get(f"/m/events/{event.id}/observations").status_code == 404


def test_the_number_for_emergencies_is_on_the_page_from_the_day_before_and_never_public(
    session: Session, app: Flask, panel: DrawnPanel, event: Event, member: Member
) -> None:
    assembly, _ = panel.load(session)
    assembly.is_public = True
    session.commit()
    panel.traveller.move_to(event.starts_at - dt.timedelta(hours=12))
    assert PHONE in opened(session, app, member).get(f"/m/events/{event.id}").text
    client = app.test_client()
    for name in ("programme", "programme.json", "programme.atom", "programme.ics"):
        answer = client.get(f"/a/{assembly.slug}/{name}")
        assert answer.status_code == 200
        assert PHONE not in answer.text
        assert SAID["meeting_point"] not in answer.text, "the visit is for members alone"
    assert "cobbles" in client.get(f"/a/{assembly.slug}/programme", headers={"Accept-Language": "en"}).text
    event.openness = Openness.PUBLIC
    session.commit()
    assert SAID["meeting_point"] in client.get(f"/a/{assembly.slug}/programme").text
    assert SAID["meeting_point"] in client.get(f"/a/{assembly.slug}/programme.atom").text
    for address, content in (
        ("public", client.get(f"/a/{assembly.slug}/programme.ics").data),
        ("own", app.test_client().get(f"/m/calendar/{_calendar_of(session, member)}.ics").data),
    ):
        [entry] = [one for one in Calendar.from_ical(content).walk("VEVENT") if one["uid"].startswith(event.uid)]
        assert (address, entry["location"]) == (address, SAID["meeting_point"])
    [visit] = json.loads(client.get(f"/a/{assembly.slug}/programme.json").text)["site_visits"]
    assert (visit["event"], visit["meeting_point"]) == (event.uid, SAID["meeting_point"])
    assert [stop["surface"] for stop in visit["stops"]] == ["cobbles", "grass"]
    panel.traveller.move_to(event.ends_at + dt.timedelta(minutes=1))
    assert PHONE not in opened(session, app, member).get(f"/m/events/{event.id}").text


def test_staff_describe_a_visit_and_members_see_that_it_changed(
    session: Session, app: Flask, panel: DrawnPanel, event: Event, member_client: FlaskClient
) -> None:
    client = staff(app, session, panel)
    fresh = plan(session, panel, "Neu", 9, publish=False, kind=EventKind.SITE_VISIT)
    page = client.get(f"/assemblies/{fresh.assembly_id}/programme/events/{fresh.id}").text
    assert page.count("The site visit is not described yet.") == 1
    assert "has no meeting point yet" not in page
    assert "Nothing is said about this visit yet" in client.get(base(fresh)).text
    both = client.post(f"{base(event)}/edit", data=SAID | {"no_step_free_reason": "Treppen"})
    assert (both.status_code, "leave one of them empty" in both.text) == (422, True)
    wrong = client.post(f"{base(event)}/edit", data=SAID | {"group_size": "0", "remote_link": "keine"})
    assert (wrong.status_code, "Invalid URL" in wrong.text) == (422, True)
    moved = SAID | {"meeting_point": "Am Südausgang", "note": "Wir treffen uns im Süden."}
    assert client.post(f"{base(event)}/edit", data=moved).status_code == 302
    page = member_client.get("/m/").text
    wanted = ("Am Südausgang", "Wir treffen uns im Süden.", "Something has changed")
    assert [word for word in wanted if word not in page] == []
    stop = {"name": "Schule", "metres": "70", "surface": "steps"}
    assert client.post(f"{base(event)}/stops", data=stop | {"metres": "-1"}).status_code == 422
    assert client.post(f"{base(event)}/stops", data=stop | {"surface": "lava"}).status_code == 422
    assert client.post(f"{base(event)}/stops", data=stop).status_code == 302
    for address in (base(event), f"/assemblies/{event.assembly_id}/programme/events/{event.id}/running-order"):
        page = client.get(address).text
        assert [word for word in ("Schule", "steps", PHONE, "Am Südausgang") if word not in page] == []
    visit = visits.visit_of(session, event)
    assert visit is not None
    session.refresh(visit, ["stops"])
    last = visit.stops[-1].id
    assert client.post(f"{base(event)}/stops/{last}/up").status_code == 302
    assert client.post(f"{base(event)}/stops/{last}", data=stop | {"name": "Schulhof"}).status_code == 302
    session.refresh(visit, ["stops"])
    assert [one.name for one in visit.stops] == ["Brunnen", "Schulhof", "Allee"]
    overwrites_nothing(client, f"{base(event)}/stops/{last}", **stop | {"about": "Zu sehen: …"})
    overwrites_nothing(client, f"{base(event)}/edit", **SAID | {"benches": "Bank …"})
    assert client.get(f"{base(event)}/stops/999").status_code == 404
    plenary = plan(session, panel, "Plenum", 10)
    assert client.get(base(plenary)).status_code == 404


@pytest.mark.parametrize("role", [None, Role.FACILITATOR])
def test_who_must_not_be_photographed_is_on_the_sheet_by_number_and_by_name_only_for_those_who_see_names(
    session: Session, app: Flask, panel: DrawnPanel, event: Event, *, member: Member, role: Role | None
) -> None:
    consents.give(session, member, ConsentKind.PHOTO, by=None)
    session.commit()
    numbers = people.numbers_of(session, event.assembly_id)
    others = members_in(session, Status.DRAWN)
    page = staff(app, session, panel, role).get(f"{base(event)}/take-along").text
    assert "1 person who is expected has agreed" in page
    seats = sorted(numbers[one.id] for one in others)
    names = [one.contact.last_name for one in others if one.contact]
    assert len(names) == 3
    assert [name in page for name in names] == [role is None] * 3
    if role is not None:
        assert f"Seats: {', '.join(map(str, seats))}" in page
    agreed = member.respondent.contact
    assert agreed is not None
    assert f"{agreed.last_name}," not in page
    assert PHONE in page


def test_a_member_writes_down_what_was_seen_with_a_photo_or_is_told_what_is_wrong_with_it(
    session: Session, app: Flask, panel: DrawnPanel, event: Event, member: Member
) -> None:
    begin(panel, event)
    client = opened(session, app, member)
    page = f"/m/events/{event.id}/observations"
    assert page in client.get(f"/m/events/{event.id}").text
    assert client.post(page, data={"seen": "  "}).status_code == 422

    def send(content: bytes, **more: str) -> tuple[int, str]:
        values = {"seen": "Kein Schatten", "alt_text": WORDS} | more
        answer = client.post(page, data=values | {"file": (io.BytesIO(content), "foto.jpg")})
        return answer.status_code, answer.text

    for content, message in ((bomb(20_000, 20_000), "million pixels"), (b"GIF89a", "no photo")):
        status, text = send(content)
        assert (status, message in text) == (422, True)
    status, text = send(photograph(), alt_text=" ")
    assert (status, "Describe the photo" in text) == (422, True)
    assert session.scalar(sa.select(sa.func.count(ObservationSheet.id))) == 0, "neither the text nor the photo is kept"
    assert send(photograph())[0] == 302
    [sheet] = session.scalars(sa.select(ObservationSheet))
    [photo] = sheet.photos
    own = client.get(f"{page}/{sheet.id}")
    assert WORDS in own.text
    large = f"/m/photos/{photo.id}/large"
    answer = client.get(large)
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert CAMERA.encode() not in answer.data
    assert client.post(f"{page}/{sheet.id}/photos", data={}).status_code == 422
    assert client.post(f"{page}/{sheet.id}/photos/{photo.id}/remove").status_code == 302
    assert client.get(large).status_code == 404
    assert client.post(f"{page}/{sheet.id}", data={"seen": "Anders"}).status_code == 302
    assert client.post(f"{page}/{sheet.id}/remove").status_code == 302
    assert session.scalar(sa.select(sa.func.count(ObservationSheet.id))) == 0


def test_everyone_reads_what_a_member_saw_once_it_is_published_and_no_longer_when_it_is_taken_back(
    session: Session, app: Flask, panel: DrawnPanel, event: Event, member: Member
) -> None:
    assembly, _ = panel.load(session)
    assembly.is_public = True
    session.commit()
    begin(panel, event)
    client, organiser = opened(session, app, member), staff(app, session, panel)
    page = f"/m/events/{event.id}/observations"
    file = (io.BytesIO(photograph()), "foto.jpg")
    client.post(page, data={"seen": "Kein Schatten", "alt_text": WORDS, "file": file})
    [sheet] = session.scalars(sa.select(ObservationSheet))
    [photo] = sheet.photos
    public, published = f"/a/{assembly.slug}/photos/{photo.id}/small", f"/a/{assembly.slug}/programme"
    assert app.test_client().get(public).status_code == 404
    assert "Kein Schatten" not in app.test_client().get(published).text
    address = f"{base(event)}/observations/{sheet.id}"
    assert "By a member" in organiser.get(address).text
    leader = staff(app, session, panel, Role.FACILITATOR)
    assert leader.post(f"{address}/photos/{photo.id}/agree").status_code == 403, "organisers show photos"
    back = {"seen": "Kein Schatten", "version": observations.version_of(sheet)}
    assert leader.post(address, data={"seen": "Schatten"}).status_code == 302
    stale = client.post(f"{page}/{sheet.id}", data=back)
    shown = ("Compare both texts" in stale.text, ">Kein Schatten<" in stale.text.replace("\r\n", ""))
    assert (stale.status_code, *shown, '<p class="kern-body multiline">Schatten<' in stale.text) == (
        422,
        True,
        True,
        True,
    )
    assert organiser.post(f"{address}/publish", data={"version": back["version"]}).status_code == 422
    session.expire_all()
    back["version"] = observations.version_of(sheet)
    assert client.post(f"{page}/{sheet.id}", data=back).status_code == 302
    session.expire_all()
    assert organiser.post(f"{address}/publish", data={"version": observations.version_of(sheet)}).status_code == 302
    assert "organisers change it" in leader.get(address).text
    for deed in (address, f"{address}/remove"):
        assert leader.post(deed, data={"seen": "Geheim"}).status_code == 403
    text = app.test_client().get(published).text
    assert "Kein Schatten" in text
    assert WORDS not in text, "nobody has noted that the people in it agreed"
    assert organiser.post(f"{address}/photos/{photo.id}/agree").status_code == 302
    assert f'alt="{WORDS}"' in app.test_client().get(published).text
    assert app.test_client().get(public).mimetype == "image/jpeg"
    [visit] = json.loads(app.test_client().get(f"{published}.json").text)["site_visits"]
    [seen] = visit["observations"]
    assert (seen["seen"], [one["alt_text"] for one in seen["photos"]]) == ("Kein Schatten", [WORDS])
    assert seen["photos"][0]["address"].endswith(f"/a/{assembly.slug}/photos/{photo.id}/large")
    contact = member.respondent.contact
    assert contact is not None
    assert contact.last_name not in app.test_client().get(published).text

    assert "Kein Schatten" in client.get("/m/observations").text
    assert client.post(f"{page}/{sheet.id}", data={"seen": "Anders"}).status_code == 422
    assert organiser.post(f"{address}/withhold").status_code == 302
    assert "Kein Schatten" not in app.test_client().get(published).text
    assert app.test_client().get(public).status_code == 404
    assert "Kein Schatten" not in client.get("/m/observations").text


def test_staff_write_for_a_member_by_the_number_of_their_seat(
    session: Session, app: Flask, panel: DrawnPanel, event: Event, member: Member
) -> None:
    begin(panel, event)
    client, number = staff(app, session, panel, Role.FACILITATOR), people.numbers_of(session, event.assembly_id)
    page = f"{base(event)}/observations/new"
    wrong = client.post(page, data={"seen": "x", "seat": "99"})
    assert (wrong.status_code, "Nobody has this seat number" in wrong.text) == (422, True)
    assert client.post(page, data={"seen": "x", "seat": str(number[member.respondent_id])}).status_code == 302
    [sheet] = session.scalars(sa.select(ObservationSheet))
    assert sheet.respondent_id == member.respondent_id
    assert f"/observations/{sheet.id}" in opened(session, app, member).get(f"/m/events/{event.id}/observations").text
    assert client.post(f"{base(event)}/observations/{sheet.id}/publish").status_code == 403, "organisers publish"
    auditor = staff(app, session, panel, Role.AUDITOR)
    assert "Nobody has written anything yet" in auditor.get(base(event)).text
    knowledge = f"/assemblies/{event.assembly_id}/knowledge/"
    assert ("(Draft)" in client.get(knowledge).text, "Draft" in auditor.get(knowledge).text) == (True, False)
    other = session.get_one(Member, members_in(session, Status.DRAWN)[0].id)
    assert observations.own_sheets(session, other, event) == []


def test_photos_are_looked_at_again_after_somebody_took_back_the_agreement(
    session: Session, app: Flask, panel: DrawnPanel, event: Event, member: Member
) -> None:
    _, organiser = panel.load(session)
    begin(panel, event)
    consents.give(session, member, ConsentKind.PHOTO, by=None)
    sheet = _pictured(session, event, organiser)
    address = f"{base(event)}/observations/{sheet.id}"
    client = staff(app, session, panel)
    assert "Look at the photos again" not in client.get(address).text
    overview, hint = f"/assemblies/{event.assembly_id}/programme/", "Observation sheets to be looked at again: 1."
    [before] = re.findall(r"\d+ hints?|nothing", client.get(overview).text)
    panel.traveller.shift(dt.timedelta(minutes=5))
    consents.end(session, member, ConsentKind.PHOTO, by=None)
    session.commit()
    assert "Look at the photos again" in client.get(address).text
    assert [hint in client.get(page).text for page in (base(event), f"{overview}events/{event.id}")] == [True, True]
    assert (before, re.findall(r"\d+ hints?", client.get(overview).text)) == ("nothing", ["1 hint"])


def test_words_that_may_be_a_members_name_are_pointed_out_on_a_sheet(
    session: Session, app: Flask, panel: DrawnPanel, event: Event, member: Member
) -> None:
    _, organiser = panel.load(session)
    begin(panel, event)
    assert member.respondent.contact is not None
    member.respondent.contact.last_name = name = "Kranich"
    client, warning = staff(app, session, panel), "These words may be names of members"
    for seen, is_named in (("Kein Schatten", False), (f"{name} zeigte uns den Hof", True)):
        sheet = observations.write(session, event, {"seen": seen}, by=organiser)
        session.commit()
        page = client.get(f"{base(event)}/observations/{sheet.id}").text
        assert bool(re.search(f"{warning}: [^.]*{name}", page)) == is_named


def _pictured(session: Session, event: Event, by: User) -> ObservationSheet:
    stops = visits.visit_of(session, event)
    assert stops is not None
    sheet = observations.write(session, event, {"seen": "Schatten", "stop_id": stops.stops[0].id}, by=by)
    photo = photos.add_photo(session, sheet, photo_from(photograph(), clamd=None), WORDS, by=by)
    photos.agree(session, sheet, photo, by=by)
    observations.publish(session, sheet, version=observations.version_of(sheet), by=by)
    session.commit()
    return sheet


def test_the_number_of_queries_does_not_grow_with_stops_sheets_and_photos(
    session: Session, app: Flask, panel: DrawnPanel, event: Event, member: Member
) -> None:
    assembly, organiser = panel.load(session)
    assembly.is_public = True
    begin(panel, event)
    _pictured(session, event, organiser)
    visits.add_stop(session, event, {"name": "Erster", "metres": 10, "surface": Surface.GRASS}, by=organiser)
    session.commit()
    member_client, organiser_client = opened(session, app, member), staff(app, session, panel)
    pages = [
        (app.test_client(), f"/a/{assembly.slug}/programme"),
        (app.test_client(), f"/a/{assembly.slug}/programme.json"),
        (member_client, "/m/observations"),
        (member_client, f"/m/events/{event.id}"),
        (organiser_client, base(event)),
        (organiser_client, f"{base(event)}/take-along"),
    ]

    def queries() -> list[int]:
        found = []
        for client, address in pages:
            session.expire_all()
            with counted(db.engine) as sent:
                assert client.get(address).status_code == 200
            found.append(len(sent))
            assert not any("visit_photos.content" in one or "visit_photos.thumbnail" in one for one in sent), address
        return found

    queries()
    few = queries()
    for _ in range(4):
        _pictured(session, event, organiser)
        visits.add_stop(session, event, {"name": "Mehr", "metres": 10, "surface": Surface.GRASS}, by=organiser)
    session.commit()
    assert session.scalar(sa.select(sa.func.count(VisitPhoto.id))) == 5
    assert queries() == few


def _calendar_of(session: Session, member: Member) -> str:
    access.renew_calendar(session, member, by=None)
    session.commit()
    token = access.calendar_token(session, member)
    assert token
    return token
