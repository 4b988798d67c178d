"""Organisers write to members and call those who read letters; members and staff read what was written."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.extensions import db
from assembly.models import Channel, EventCall, GuardianConsent, Mail, Member, Role, User
from assembly.services import accounts, logbook
from assembly.services.messages import reminders, telling
from assembly.services.programme import events
from tests.assembly.conftest import sign_in
from tests.assembly.queries import counted
from tests.assembly.services.panels import DrawnPanel
from tests.assembly.views.test_member_schedule import plan

WORDS = {"audience": "all", "event_id": "", "subject": "Weather", "text": "Bring a coat.\n\nIt may rain."}
PAGE = "http://127.0.0.1:8000/m/"


@pytest.fixture
def organiser_client(app: Flask, session: Session, panel: DrawnPanel) -> FlaskClient:
    return signed_in(app, session.get_one(User, panel.organiser_id))


def signed_in(app: Flask, user: User) -> FlaskClient:
    client = app.test_client()
    sign_in(client, user)
    with client.session_transaction() as cookie:
        cookie["language"] = "en"
    return client


def pages_of(panel: DrawnPanel) -> str:
    return f"/assemblies/{panel.assembly_id}/programme/messages/"


def mails(session: Session) -> list[Mail]:
    session.expire_all()
    return list(session.scalars(sa.select(Mail).where(Mail.template.like("member_%")).order_by(Mail.id)))


def test_a_message_is_written_seen_tried_and_sent_once(
    session: Session, panel: DrawnPanel, organiser_client: FlaskClient, member: Member, member_client: FlaskClient
) -> None:
    base = pages_of(panel)
    assert organiser_client.post(f"{base}new", data=WORDS | {"subject": ""}).status_code == 422
    assert organiser_client.post(f"{base}new", data=WORDS | {"text": "  "}).status_code == 422
    assert organiser_client.post(f"{base}new", data=WORDS | {"audience": "excused"}).status_code == 422
    assert organiser_client.post(f"{base}new", data=WORDS | {"table_number": "x"}).status_code == 422
    address = organiser_client.post(f"{base}new", data=WORDS).location
    page = organiser_client.get(address).text
    assert "Bring a coat." in page
    assert "Send to 1 person" not in page
    question = organiser_client.get(f"{address}/send").text
    assert ("Send to 1 person" in question, "Bring a coat." in question) == (True, True)
    assert mails(session) == []
    assert organiser_client.post(f"{address}/edit", data=WORDS | {"subject": "Rain"}).location == address
    organiser_client.post(f"{address}/test")
    (test,) = mails(session)
    assert (test.recipient, test.subject) == (session.get_one(User, panel.organiser_id).email, "Rain")
    for _ in range(2):
        assert organiser_client.post(f"{address}/send").location == address
    assert "This message was sent already." in organiser_client.get(address).text
    assert organiser_client.get(f"{address}/send").location == address
    _, sent = mails(session)
    assert (sent.respondent_id, sent.subject) == (member.respondent_id, "Rain")
    assert "It may rain." in sent.text
    assert organiser_client.post(f"{address}/discard").location == base
    assert "Rain" in organiser_client.get(base).text
    assert "It may rain." in member_client.get("/m/messages").text
    assembly, _ = panel.load(session)
    (entry,) = [one for one in logbook.entries_of(session, assembly) if one.action == "message_sent"]
    assert entry.details == {"title": "Rain", "members": 1}


def test_a_draft_is_thrown_away(session: Session, panel: DrawnPanel, organiser_client: FlaskClient) -> None:
    address = organiser_client.post(f"{pages_of(panel)}new", data=WORDS).location
    organiser_client.post(f"{address}/discard")
    assert organiser_client.get(address).status_code == 404


def test_the_member_and_staff_read_a_reminder_and_a_member_reads_nobody_elses(
    app: Flask, session: Session, panel: DrawnPanel, member: Member, member_client: FlaskClient
) -> None:
    assert "We have not written to you yet." in member_client.get("/m/messages").text
    plan(session, panel, "Opening", 1)
    assembly, organiser = panel.load(session)
    reminders.write_due(session, assembly, page=PAGE, has_gateway=False)
    session.commit()
    page = member_client.get("/m/messages").text
    assert "Reminder: Opening" in page
    assert PAGE in page
    support = accounts.create_account(session, email="support@example.org", name="Sina Support")
    accounts.grant(session, support, Role.SUPPORT, assembly=assembly, by=organiser)
    session.commit()
    theirs = f"/assemblies/{panel.assembly_id}/panel/access/{member.respondent_id}"
    client = signed_in(app, support)
    assert f"{theirs}/messages/" in client.get(theirs).text
    assert "Reminder: Opening" in client.get(f"{theirs}/messages/").text


def test_the_text_of_a_message_is_no_html(
    session: Session, panel: DrawnPanel, organiser_client: FlaskClient, member_client: FlaskClient
) -> None:
    address = organiser_client.post(f"{pages_of(panel)}new", data=WORDS | {"text": "<b>now</b>"}).location
    organiser_client.post(f"{address}/send")
    (sent,) = mails(session)
    assert "<b>now" not in sent.html
    for page in (organiser_client.get(address).text, member_client.get("/m/messages").text):
        assert "&lt;b&gt;now" in page


def test_a_caller_sees_whom_to_call_what_to_say_and_notes_what_came_of_it(
    app: Flask, session: Session, panel: DrawnPanel, member: Member, organiser_client: FlaskClient
) -> None:
    event = plan(session, panel, "Opening", 3)
    member.channel = Channel.LETTER
    assembly, organiser = panel.load(session)
    assert member.respondent.contact is not None
    member.respondent.contact.birth_date = now().date() - dt.timedelta(days=17 * 365)
    consent = GuardianConsent(respondent_id=member.respondent_id, guardian="Petra Person", channel=Channel.LETTER)
    consent.recorded_at, consent.recorded_by_id = now(), organiser.id
    session.add(consent)
    events.cancel(session, event, reason="Storm", by=organiser)
    telling.tell(session, assembly, page=PAGE, has_gateway=False)
    caller = accounts.create_account(session, email="karl@example.org", name="Karl Kontakt")
    accounts.grant(session, caller, Role.CALLER, assembly=assembly, by=organiser)
    session.commit()
    base = f"/assemblies/{panel.assembly_id}/panel/calls/"
    (call,) = session.scalars(sa.select(EventCall)).all()
    client = signed_in(app, caller)
    assert member.respondent.contact.last_name in client.get(base).text
    page = client.get(f"{base}{call.id}").text
    assert "Storm" in page
    assert "Petra Person, guardian" in page
    assert "1 member to be called" in organiser_client.get(pages_of(panel)).text  # what comes next, on every page
    assert client.post(f"{base}{call.id}", data={"outcome": "sent"}).status_code == 422
    client.post(f"{base}{call.id}", data={"outcome": "no_answer"})
    assert "No answer" in client.get(base).text
    assert client.post(f"{base}{call.id}", data={"outcome": "reached", "note": "knows"}).location == base
    page = client.get(base).text
    assert "Nobody is to be called." in page
    assert "Karl Kontakt" in page
    assert client.post(f"{base}{call.id}", data={"outcome": "reached"}).status_code == 422
    noted = [one.details for one in logbook.entries_of(session, assembly) if one.action == "event_call_noted"]
    assert [one["outcome"] for one in noted] in (["reached", "no_answer"], ["no_answer", "reached"])


def test_the_pages_take_the_same_number_of_queries_for_any_number_of_messages(
    session: Session, panel: DrawnPanel, organiser_client: FlaskClient, member: Member, member_client: FlaskClient
) -> None:
    def visit() -> list[int]:
        numbers = []
        for client, address in (
            (member_client, "/m/messages"),
            (organiser_client, pages_of(panel)),
            (organiser_client, f"/assemblies/{panel.assembly_id}/panel/access/{member.respondent_id}/messages/"),
        ):
            with counted(db.engine) as statements:
                assert client.get(address).status_code == 200
            numbers.append(len(statements))
        return numbers

    def write() -> None:
        address = organiser_client.post(f"{pages_of(panel)}new", data=WORDS).location
        organiser_client.post(f"{address}/send")

    write()
    visit()
    before = visit()
    for _ in range(5):
        write()
    visit()
    assert visit() == before
