"""The pages of attendance: the list at the door, a member's own word, the QR code, who misses too much."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.models import AttendanceState, Member, Role, Status
from assembly.services import accounts, paper
from assembly.services.attendance import noting, people
from tests.assembly.conftest import sign_in
from tests.assembly.services.panels import DrawnPanel
from tests.assembly.views.test_member_schedule import plan


def test_a_member_confirms_and_is_excused_after_a_question(
    session: Session, panel: DrawnPanel, member: Member, member_client: FlaskClient
) -> None:
    event = plan(session, panel, "Auftakt", 3)
    page = f"/m/events/{event.id}"
    assert "I will come" in member_client.get(page).text
    assert member_client.post(f"{page}/confirm").headers["Location"] == page
    assert "You said that you will come." in member_client.get("/m/").text
    assert "Can you really not come?" in member_client.get(f"{page}/excuse").text
    assert noting.state_of(session, event, member.respondent_id) is AttendanceState.CONFIRMED
    assert member_client.post(f"{page}/excuse", data={"reason": "Prüfung"}).headers["Location"] == page
    shown = member_client.get(page).text
    assert "You are excused." in shown
    assert "<svg" in shown[shown.index("My QR code") :]
    panel.traveller.move_to(event.ends_at + dt.timedelta(minutes=1))
    assert "I will come" not in member_client.get(page).text


def test_at_the_door_people_are_found_noted_and_the_list_is_closed(
    client: FlaskClient, session: Session, panel: DrawnPanel, member: Member
) -> None:
    assembly, organiser = panel.load(session)
    event = plan(session, panel, "Auftakt", 0.01)
    noting.say(session, event, member, AttendanceState.EXCUSED, reason="Geheimgrund")
    caller = accounts.create_account(session, email="c@example.org", name="C")
    accounts.grant(session, caller, Role.CALLER, assembly=assembly, by=None)
    session.commit()
    base = f"/assemblies/{assembly.id}/programme"
    page = f"{base}/events/{event.id}/attendance"
    sign_in(client, caller)
    assert "Geheimgrund" not in client.get(page).text + client.get(f"{page}/{member.respondent_id}").text
    for said in ({"state": "excused"}, {"state": "excused", "reason": "erfunden"}):
        assert client.post(f"{page}/{member.respondent_id}", data=said).status_code == 302
    sign_in(client, organiser)
    assert "Geheimgrund" in client.get(page).text
    found = client.get(f"{page}?q=2").text
    assert found.count('class="check-in__person"') == 1
    code = people.code_of(session, member.respondent_id)
    assert client.get(f"{base}/check-in/{code}").headers["Location"] == f"{page}/{member.respondent_id}"
    assert client.get(f"{base}/check-in/AAAAAAAAAA").status_code == 404
    assert client.post(f"{page}/{member.respondent_id}", data={"state": "present"}).status_code == 302
    assert client.post(f"{page}/{member.respondent_id}", data={"state": "asleep"}).status_code == 422
    panel.traveller.move_to(event.starts_at + dt.timedelta(minutes=1))
    assert client.post(f"{page}/close").status_code == 302
    states = {one.state for one in people.people_of(session, event) if one.member.respondent_id != member.respondent_id}
    assert states == {AttendanceState.ABSENT}
    assert noting.state_of(session, event, member.respondent_id) is AttendanceState.PRESENT
    assert client.get(f"{page}/sheet").text.count("☐") == 8
    assert "<svg" in client.get(page).text  # those present against the quotas
    assert client.post(f"{base}/attendance", data={"missed": "1", "last": "1"}).status_code == 302
    panel.traveller.move_to(event.ends_at + dt.timedelta(minutes=1))
    assert client.get(f"{base}/attendance").text.count("/panel/") >= 3
    refused = client.post(f"{base}/attendance", data={"missed": "3", "last": "2"})
    assert (refused.status_code, "Niemand kann mehr Veranstaltungen" in refused.text) == (422, True)


def test_the_list_says_at_the_door_and_on_paper_whose_seat_is_not_confirmed(
    client: FlaskClient, session: Session, panel: DrawnPanel, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was drawn may still come and take the seat: staff find them on the list, and ask."""
    assembly, organiser = panel.load(session)
    event = plan(session, panel, "Auftakt", 0.01)
    sign_in(client, organiser)
    with client.session_transaction() as cookie:
        cookie["language"] = "en"
    page = f"/assemblies/{assembly.id}/programme/events/{event.id}/attendance"
    open_ones = [one for one in people.people_of(session, event) if one.member.respondent_id != member.respondent_id]
    assert {one.member.respondent.status for one in open_ones} == {Status.DRAWN}
    drawn_up: list[dict[str, Any]] = []
    monkeypatch.setattr(paper, "compiled", lambda _template, data, **_more: drawn_up.append(data) or b"%PDF-")
    client.get(f"{page}/list.pdf")
    [data] = drawn_up
    on_paper = {row["number"] for row in data["rows"] if row["note"] == "seat not confirmed"}
    assert on_paper == {str(one.number) for one in open_ones}
    shown = client.get(page).text
    assert shown.count("Seat not confirmed") == len(open_ones)
    assert client.get(f"{page}/sheet").text.count("seat not confirmed") == len(open_ones)
    who = open_ones[0].member.respondent_id
    asked = client.get(f"{page}/{who}").text
    assert ("has not said yet that they take the seat" in asked, f"/panel/{who}" in asked) == (True, True)
    assert "take the seat" not in client.get(f"{page}/{member.respondent_id}").text


def test_nobody_is_offered_a_way_that_is_closed_to_them(
    client: FlaskClient, session: Session, panel: DrawnPanel
) -> None:
    assembly, _ = panel.load(session)
    for role in (Role.ORGANISER, Role.CALLER, Role.SUPPORT, Role.FACILITATOR, Role.WITNESS, Role.AUDITOR):
        user = accounts.create_account(session, email=f"role-{role.value}@example.org", name=role.value)
        accounts.grant(session, user, role, assembly=assembly, by=None)
        session.commit()
        sign_in(client, user)
        for start in ("programme/", "programme/month", "programme/places/"):
            page = client.get(f"/assemblies/{assembly.id}/{start}").text
            offered = set(re.findall(rf'href="(/assemblies/{assembly.id}/[^"#?]+)"', page[page.index("<main") :]))
            assert len(offered) > 4
            assert [one for one in offered if client.get(one).status_code not in {200, 302}] == [], role
