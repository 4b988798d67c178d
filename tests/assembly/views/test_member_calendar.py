"""A member's calendar, as two readers that share nothing read it: icalendar, which also writes it, and vobject."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.models import Event, Member, Status, SupportNeed
from assembly.services import respondents
from assembly.services.members import access
from assembly.services.programme import events, times
from tests.assembly.services.panels import DrawnPanel
from tests.assembly.views.test_member_schedule import plan, room

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = {
    "before summer time": dt.date(2036, 3, 29),
    "on the day summer time begins": dt.date(2036, 3, 30),
    "on the day it ends": dt.date(2036, 10, 26),
    "leap day": dt.date(2036, 2, 29),
}


@pytest.fixture
def address(session: Session, member: Member) -> str:
    access.renew_calendar(session, member, by=None)
    session.commit()
    return f"/m/calendar/{access.calendar_token(session, member)}.ics"


def on(session: Session, panel: DrawnPanel, title: str, day: dt.date, hour: int = 10, **more: Any) -> Event:
    at = {"starts_at": times.moment(day, dt.time(hour)), "ends_at": times.moment(day, dt.time(hour + 2))}
    return plan(session, panel, title, 1, **at, **more)


def entries(content: bytes) -> dict[str, icalendar.Event]:
    return {str(one["uid"]).split("@")[0]: one for one in icalendar.Calendar.from_ical(content).walk("VEVENT")}


def by_the_other(content: bytes) -> dict[str, Any]:
    calendar = vobject.readOne(content.decode())
    return {one.uid.value.split("@")[0]: one for one in calendar.contents.get("vevent", [])}


def test_two_readers_read_the_same_times_on_difficult_days(
    app: Flask, session: Session, panel: DrawnPanel, address: str
) -> None:
    planned = {on(session, panel, title, day).uid: day for title, day in DAYS.items()}
    answer = app.test_client().get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    content = answer.data
    assert b"BEGIN:VTIMEZONE" in content
    assert b"TZID=Europe/Berlin:20360330T100000" in content
    one, other = entries(content), by_the_other(content)
    assert set(one) == set(other) == set(planned)
    for uid, day in planned.items():
        start = dt.datetime.combine(day, dt.time(10), tzinfo=BERLIN)
        for read in (one[uid]["dtstart"].dt, other[uid].dtstart.value):
            assert read.astimezone(dt.UTC) == start.astimezone(dt.UTC)
        for read in (one[uid]["dtend"].dt, other[uid].dtend.value):
            assert read.astimezone(dt.UTC) == (start + dt.timedelta(hours=2)).astimezone(dt.UTC)


def test_a_change_counts_up_and_what_is_cancelled_stays_without_alarms(
    app: Flask, session: Session, panel: DrawnPanel, address: str
) -> None:
    _, organiser = panel.load(session)
    event = on(session, panel, "Auftakt", DAYS["leap day"], room_id=room(session, panel))
    client = app.test_client()
    first = client.get(address)
    before = entries(first.data)[event.uid]
    triggers = [alarm["trigger"].dt for alarm in before.walk("VALARM")]
    assert triggers == [-dt.timedelta(days=7), -dt.timedelta(days=1)]
    assert len(by_the_other(first.data)[event.uid].contents["valarm"]) == 2
    assert (before["sequence"], before["status"]) == (0, "CONFIRMED")
    assert "Rathaus (Großer Saal)" in before["location"]
    assert str(before["url"]).endswith(f"/m/events/{event.id}")
    events.cancel(session, event, reason="Sturm", by=organiser)
    session.commit()
    second = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    after, other = entries(second.data)[event.uid], by_the_other(second.data)[event.uid]
    assert (after["uid"], after["sequence"], after["status"]) == (before["uid"], 1, "CANCELLED")
    assert (other.sequence.value, other.status.value) == ("1", "CANCELLED")
    assert after.walk("VALARM") == []
    assert "Sturm" in after["description"]


def test_who_has_the_newest_one_is_told_so(app: Flask, session: Session, panel: DrawnPanel, address: str) -> None:
    on(session, panel, "Auftakt", DAYS["leap day"])
    client = app.test_client()
    first = client.get(address)
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_what_a_member_needs_is_not_in_it(
    app: Flask, session: Session, panel: DrawnPanel, member: Member, address: str
) -> None:
    _, organiser = panel.load(session)
    need = {"recorded_at": member.drawn_at, "recorded_by_id": organiser.id, "text": "Gebärdensprache"}
    session.add(SupportNeed(respondent_id=member.respondent_id, **need))
    on(session, panel, "Auftakt", DAYS["leap day"])
    content = app.test_client().get(address).text
    contact = member.respondent.contact
    assert contact
    about = ("Gebärdensprache", contact.last_name, contact.email, member.respondent.code)
    assert [text for text in about if text in content] == []


def test_the_address_is_shown_and_a_new_one_ends_the_old_one(
    app: Flask, session: Session, member: Member, member_client: FlaskClient
) -> None:
    assert ".ics" not in member_client.get("/m/calendar").text
    assert member_client.post("/m/calendar").location == "/m/calendar"
    first = access.calendar_token(session, member)
    session.commit()
    page = member_client.get("/m/calendar").text
    assert page.count(f"{first}.ics") == 2
    assert member_client.get("/m/calendar").text.count(f"{first}.ics") == 2
    member_client.post("/m/calendar")
    second = access.calendar_token(session, member)
    session.commit()
    assert second != first
    statuses = [app.test_client().get(f"/m/calendar/{token}.ics").status_code for token in (first, second)]
    assert statuses == [404, 200]
    access.revoke(session, member, by=None)
    session.commit()
    assert app.test_client().get(f"/m/calendar/{second}.ics").status_code == 404


@pytest.mark.parametrize("token", ["1", "1-", "x-y", "99999999999999999999-a", "١-x", "1-" + "0" * 64, "💥"])
def test_other_addresses_do_not_exist(app: Flask, address: str, token: str) -> None:
    assert app.test_client().get(f"/m/calendar/{token}.ics").status_code == 404


def test_who_has_left_keeps_what_was_and_loses_what_comes(
    app: Flask, session: Session, panel: DrawnPanel, member: Member, address: str
) -> None:
    _, organiser = panel.load(session)
    past = plan(session, panel, "Vorher", 1)
    on(session, panel, "Nachher", DAYS["leap day"])
    panel.traveller.shift(dt.timedelta(days=2))
    respondents.move(session, session.get_one(Member, member.respondent_id).respondent, Status.WITHDRAWN, by=organiser)
    session.commit()
    assert set(entries(app.test_client().get(address).data)) == {past.uid}
