"""The pages of tables: described, computed, moved by hand with warnings, published, printed, seen by the member."""

from __future__ import annotations

import io

import openpyxl
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.extensions import db
from assembly.models import (
    Assembly,
    AttendanceState,
    Event,
    ItemKind,
    Member,
    NeedKind,
    Respondent,
    Role,
    Seated,
    Status,
    User,
)
from assembly.services import accounts, respondents
from assembly.services.attendance import noting
from assembly.services.needs.people import Wish, add_need
from assembly.services.programme import agenda
from assembly.services.tables import plans, seating
from tests.assembly.conftest import sign_in
from tests.assembly.queries import counted
from tests.assembly.services.panels import DrawnPanel, members_in, perform
from tests.assembly.views.test_member_schedule import plan

DESCRIBED = {"seated": "expected", "tables": "2", "rounds": "2", "near": "1", "leads": "Tilda\nTom"}
MOST_QUERIES = 40


def last_names(session: Session, event: Event) -> set[str]:
    """Return the last names of who is on the list of an event."""
    contacts = [one.member.respondent.contact for one in seating.people_at(session, event).values()]
    return {contact.last_name for contact in contacts if contact and contact.last_name}


def rows_of(workbook: bytes) -> list[str]:
    """Return the rows of a workbook's first sheet as text."""
    sheet = openpyxl.load_workbook(io.BytesIO(workbook)).worksheets[0]
    return [str(row) for row in sheet.iter_rows(values_only=True)]


def facilitator(session: Session, assembly: Assembly) -> User:
    """Return who leads the event, and sees no last names."""
    leader = accounts.create_account(session, email="f@example.org", name="F", language="en")
    accounts.grant(session, leader, Role.FACILITATOR, assembly=assembly, by=None)
    session.commit()
    return leader


def confirmed(session: Session, panel: DrawnPanel) -> Event:
    """Return an event in three days; all who were drawn have confirmed."""
    _, organiser = panel.load(session)
    for one in members_in(session, Status.DRAWN):
        respondents.move(session, one, Status.CONFIRMED, by=organiser)
    return plan(session, panel, "Treffen", 3)


def test_a_facilitator_makes_tables_that_the_member_sees(
    client: FlaskClient, session: Session, panel: DrawnPanel, member: Member, member_client: FlaskClient
) -> None:
    """From the empty page to the member's own; what the member needs stands on no page and in no file."""
    assembly, _ = panel.load(session)
    event = confirmed(session, panel)
    add_need(session, member.respondent, Wish(NeedKind.SPOKEN_LANGUAGE, language="Rumänisch"), by=None)
    add_need(session, member.respondent, Wish(NeedKind.MOBILITY), by=None)
    sign_in(client, leader := facilitator(session, assembly))
    base = f"/assemblies/{assembly.id}/programme/events/{event.id}/tables"
    told = [client.get(f"{base}/").text]
    assert 'name="tables" required type="number" value="1"' in told[0] or 'value="1"' in told[0]
    for wrong in ({"near": "1, x"}, {"near": "3"}, {"tables": "0"}, {"seated": "asleep"}, {"diverse": "0"}):
        assert client.post(f"{base}/describe", data=DESCRIBED | wrong).status_code == 422, wrong
    assert client.post(f"{base}/describe", data=DESCRIBED).headers["Location"] == f"{base}/"
    assert client.post(f"{base}/compute").headers["Location"] == f"{base}/"
    running = client.get(f"{base}/").text
    assert ("<progress" in running, f"{base}/cancel" in running, f"{base}/publish" in running) == (True, True, False)
    assert "HX-Refresh" not in client.get(f"{base}/progress").headers
    assert client.post(f"{base}/describe", data=DESCRIBED).status_code == 422
    assert client.post(f"{base}/cancel").status_code == 302
    told.append(client.get(f"{base}/").text)
    assert "Cancelled." in told[-1]
    client.post(f"{base}/compute")
    perform(panel.sessions, panel.config)
    assert client.get(f"{base}/progress").headers["HX-Refresh"] == "true"
    told.append(client.get(f"{base}/").text)
    assert "Draft: members do not see it" in told[-1]
    assert "My table" not in member_client.get("/m/").text
    assert client.post(f"{base}/publish").status_code == 302
    assert "Members see this plan" in client.get(f"{base}/").text
    session.expire_all()
    [first, second] = seating.own_tables(session, member.respondent_id, [event])[event.id].values()
    assert (first, second) == (1, 1)  # the table that is easily reached, in both rounds
    assert "Table 1" in member_client.get("/m/").text
    person = str(member.respondent_id)
    assert "What was arranged for people is not checked here" in client.get(f"{base}/").text
    moved = {"person": person, "round": "1", "table": "2"}
    assert "would still hold" not in client.post(f"{base}/move", data=moved).text  # trying tells nothing
    assert client.post(f"{base}/move", data=moved | {"is_sure": "y"}).status_code == 302
    assert "Members see an earlier plan" in client.get(f"{base}/").text
    client.post(f"{base}/publish")
    assert "Round 1: table 2" in member_client.get("/m/").text
    for sheet in ("by-table", "by-name", "badges", "signs"):
        assert client.get(f"{base}/{sheet}.pdf").data.startswith(b"%PDF-")
    told.append(client.get(f"{base}/").text)
    hidden = last_names(session, event)
    assert [name for name in hidden for text in told if name in text] == []
    assert (client.post(f"{base}/export").status_code, "/export" in told[-1]) == (403, False)
    accounts.grant(session, leader, Role.ORGANISER, assembly=assembly, by=None)
    session.commit()
    assert [name for name in hidden if name not in client.get(f"{base}/").text] == []
    told += rows_of(client.post(f"{base}/export").data)
    told.append(client.get(f"/a/{assembly.slug}").text)
    assert [text for text in told if "Rumänisch" in text or "obility" in text] == []


def test_pairs_and_late_changes(client: FlaskClient, session: Session, panel: DrawnPanel, member: Member) -> None:
    assembly, organiser = panel.load(session)
    event = confirmed(session, panel)
    sign_in(client, organiser)
    base = f"/assemblies/{assembly.id}/programme/events/{event.id}/tables"
    listed = seating.people_at(session, event)
    one, other = (str(who) for who in list(listed)[:2])
    assert client.post(f"{base}/pairs", data={"one": one, "other": one, "kind": "apart"}).status_code == 422
    assert client.post(f"{base}/pairs", data={"one": one, "other": other, "kind": "apart"}).status_code == 302
    client.post(f"{base}/describe", data=DESCRIBED | {"rounds": "1"})
    client.post(f"{base}/compute")
    perform(panel.sessions, panel.config)
    client.post(f"{base}/publish")
    noting.say(session, event, member, AttendanceState.EXCUSED)
    session.commit()
    page = client.get(f"{base}/").text
    assert listed[member.respondent_id].name in page[page.index("kern-alert--warning") :]
    assert client.post(f"{base}/mend", data={"from_round": "2"}).status_code == 422
    assert client.post(f"{base}/mend", data={"from_round": "1"}).status_code == 302
    perform(panel.sessions, panel.config)
    with counted(db.engine) as sent:
        page = client.get(f"{base}/").text
    assert len(sent) < MOST_QUERIES
    assert 'id="moves"' in page
    [address] = [part.split('"')[0] for part in page.split('action="')[1:] if "/pairs/" in part.split('"')[0]]
    assert client.post(address).status_code == 302
    assert client.post(address).status_code == 404


def test_staff_read_who_left_the_panel_and_publish_a_plan_without_them(
    client: FlaskClient, session: Session, panel: DrawnPanel, member: Member
) -> None:
    assembly, organiser = panel.load(session)
    event = confirmed(session, panel)
    sign_in(client, organiser)
    with client.session_transaction() as cookie:
        cookie["language"] = "en"
    base = f"/assemblies/{assembly.id}/programme/events/{event.id}/tables"
    name = seating.people_at(session, event)[member.respondent_id].name
    client.post(f"{base}/describe", data=DESCRIBED | {"rounds": "1"})
    client.post(f"{base}/compute")
    perform(panel.sessions, panel.config)
    client.post(f"{base}/publish")
    assert "does not fit" not in client.get(f"{base}/").text
    respondents.move(session, session.get_one(Respondent, member.respondent_id), Status.WITHDRAWN, by=organiser)
    session.commit()
    page = client.get(f"{base}/").text
    assert f"Have left the panel, but have a seat: {name}" in page
    assert 'href="#mend"' in page
    client.post(f"{base}/mend", data={"from_round": "1"})
    perform(panel.sessions, panel.config)
    page = client.get(f"{base}/").text
    assert ("does not fit" in page, "Members see an earlier plan" in page, f"{base}/publish" in page) == (
        False,
        True,
        True,
    )
    with counted(db.engine) as sent:
        client.get(f"{base}/")
    assert len(sent) < MOST_QUERIES
    client.post(f"{base}/publish")
    assert "Members see this plan" in client.get(f"{base}/").text
    leader = facilitator(session, assembly)
    plans.replace_seats(session, event, {1: {member.respondent_id: 1}}, is_draft=True)
    session.commit()
    sign_in(client, leader)
    page = client.get(f"{base}/").text
    last, first = name.split(", ")
    assert (f"Have left the panel, but have a seat: {first} (" in page, last in page) == (True, False)


def test_the_running_order_has_each_rounds_tables_and_names_only_for_who_leads(
    client: FlaskClient, session: Session, panel: DrawnPanel
) -> None:
    assembly, organiser = panel.load(session)
    event = confirmed(session, panel)
    agenda.add_item(session, event, {"kind": ItemKind.SMALL_GROUPS, "title": "Gespräch", "minutes": 30}, by=organiser)
    listed = list(seating.people_at(session, event).values())
    plans.describe(
        session, event, {"seated": Seated.EXPECTED, "tables": 2, "rounds": 1, "leads": ["Tilda"]}, by=organiser
    )
    places = {1: {one.member.respondent_id: 1 + number % 2 for number, one in enumerate(listed)}}
    plans.replace_seats(session, event, places, is_draft=False)
    session.commit()
    address = f"/assemblies/{assembly.id}/programme/events/{event.id}/running-order"
    firsts = {contact.first_name for one in listed if (contact := one.member.respondent.contact)}
    sign_in(client, facilitator(session, assembly))
    shown = client.get(address).text
    assert ("Tables: Gespräch" in shown, "Tilda" in shown, "None" in shown) == (
        True,
        True,
        False,
    )
    assert sorted(name for name in firsts if name and name not in shown) == []
    assert sorted(name for name in last_names(session, event) if name in shown) == []
    auditor = accounts.create_account(session, email="w@example.org", name="W", language="en")
    accounts.grant(session, auditor, Role.WITNESS, assembly=assembly, by=None)
    session.commit()
    sign_in(client, auditor)
    counted_only = client.get(address).text
    assert "2 people" in counted_only
    assert sorted(name for name in firsts if name and name in counted_only) == []
