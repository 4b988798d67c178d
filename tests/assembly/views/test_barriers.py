"""Reporting a barrier from any page, and answering it."""

from __future__ import annotations

import re
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask, url_for
from flask.testing import FlaskClient
from flask_security.recoverable import generate_reset_password_token
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Barrier, BarrierState, Mail, MailState, Role, User
from assembly.services import accounts
from assembly.services.barriers import reminding
from assembly.views import public_barriers
from tests.assembly.conftest import sign_in
from tests.assembly.web import post

FORM = "/report-a-barrier"
RECEIVED = f"{FORM}/received"
EN = {"Accept-Language": "en"}


@pytest.fixture
def administrator(session: Session) -> User:
    user = accounts.create_account(session, email="admin@example.org", name="Anke Admin")
    user.language = "en"
    accounts.grant(session, user, Role.SITE_ADMINISTRATOR, by=None)
    session.commit()
    return user


def report(client: FlaskClient, **changes: str) -> str:
    answer = post(client, FORM, **({"page": "/", "text": "Zu klein", "email": "eva@example.org"} | changes))
    assert (answer.status_code, answer.location) == (302, RECEIVED)
    return client.get(RECEIVED).text


def link_in(client: FlaskClient, page: str) -> str:
    text = client.get(page).text
    [found] = re.findall(rf'href="({FORM}[^"]*)"', text[text.index("<footer") :])
    return unescape(found)


def test_every_footer_leads_to_the_form_with_the_page_that_it_is_about(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User
) -> None:
    assembly.is_public = True
    session.commit()
    page = f"/a/{assembly.slug}"
    link = link_in(client, page)
    assert link == f"{FORM}?page=/a/{assembly.slug}"
    assert f'value="{page}"' in client.get(link).text
    sign_in(client, organiser)
    assert link_in(client, f"/assemblies/{assembly.id}") == f"{FORM}?page=/assemblies/{assembly.id}"
    assert link_in(client, link) == FORM


def test_no_secret_of_an_address_gets_into_the_form(
    client: FlaskClient, assembly: Assembly, organiser: User, administrator: User
) -> None:
    addresses = (
        "/follow-up/subscription/sehr-geheim",
        f"/m/{32 * 'g'}",
        "/m/calendar/sehr-geheim.ics",
        f"/account/reset/{generate_reset_password_token(administrator)}",
    )
    assert {page: link_in(client, page) for page in addresses} == dict.fromkeys(addresses, FORM)
    code = f"/assemblies/{assembly.id}/programme/check-in/SEHRGEHEIM"
    sign_in(client, organiser)
    assert link_in(client, code) == FORM


def test_whoever_reports_reads_the_number_and_the_day(client: FlaskClient, session: Session) -> None:
    shown = report(client)
    barrier = session.scalars(sa.select(Barrier)).one()
    assert (barrier.page, barrier.text, barrier.email, barrier.language) == ("/", "Zu klein", "eva@example.org", "de")
    assert f"Sie hat die Fallnummer {barrier.id}." in shown
    assert "Wir antworten Ihnen bis zum" in shown


def test_loading_the_answer_again_reports_nothing_and_strangers_read_nothing(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    assert report(client) == client.get(RECEIVED).text
    assert link_in(client, RECEIVED) == FORM
    barrier = session.scalars(sa.select(Barrier)).one()
    assert app.test_client().get(RECEIVED).location == FORM
    barrier.erased_at = now()
    session.commit()
    assert client.get(RECEIVED).location == FORM


def test_without_address_nobody_is_promised_an_answer(client: FlaskClient, session: Session) -> None:
    assert "Sie haben keine Adresse angegeben" in report(client, email="")
    assert session.scalars(sa.select(Barrier)).one().email is None


@pytest.mark.parametrize("changes", [{"text": ""}, {"text": "x" * 5001}, {"email": "eva"}, {"page": "x" * 501}])
def test_what_cannot_be_is_refused_and_stays_in_the_form(
    client: FlaskClient, session: Session, changes: dict[str, str]
) -> None:
    said = {"page": "/", "text": "Zu klein", "email": "eva@example.org"} | changes
    assert post(client, FORM, **said).status_code == 422
    assert session.scalars(sa.select(Barrier)).all() == []


def test_a_visitor_reports_twenty_barriers_an_hour_at_most(app: Flask, client: FlaskClient) -> None:
    app.config["RATELIMIT_ENABLED"] = True
    most = int(public_barriers.REPORTED.split()[0])
    statuses = [post(client, FORM, text="Zu klein").status_code for _ in range(most + 1)]
    assert statuses == [302] * most + [429]


def test_an_administrator_answers_and_closes(client: FlaskClient, session: Session, administrator: User) -> None:
    report(client, text="Der <Kontrast> fehlt")
    barrier = session.scalars(sa.select(Barrier)).one()
    sign_in(client, administrator)
    assert f"Case {barrier.id}" in client.get("/administration/barriers/").text
    page = f"/administration/barriers/{barrier.id}"
    assert "Der &lt;Kontrast&gt; fehlt" in client.get(page).text
    assert post(client, page, way="mail", text="").status_code == 422
    assert post(client, page, way="mail", text="Ist jetzt da.").status_code == 302
    assert post(client, page, way="mail", text="Noch einmal.").status_code == 422
    [mail] = session.scalars(sa.select(Mail).where(Mail.template == "barrier_answered"))
    assert (mail.recipient, "Ist jetzt da." in mail.text) == ("eva@example.org", True)
    assert "Ist jetzt da." in client.get(page).text
    assert post(client, f"{page}/close").status_code == 302
    assert session.scalars(sa.select(Barrier.state)).one() is BarrierState.CLOSED


@pytest.mark.parametrize("deed", ["answer", "dismiss"])
def test_whoever_answers_second_is_told_and_keeps_the_words(
    client: FlaskClient, session: Session, administrator: User, deed: str
) -> None:
    report(client)
    page = f"/administration/barriers/{session.scalars(sa.select(Barrier.id)).one()}"
    sign_in(client, administrator)
    assert "which nobody has got" not in client.get(page).text
    if deed == "answer":
        post(client, page, way="mail", text="Ist jetzt da.")
    else:
        post(client, f"{page}/dismiss")
    refused = post(client, page, way="mail", text="Daran <arbeiten> wir noch.")
    assert refused.status_code == 422
    assert "This case has another state by now: somebody else was faster." in refused.text
    assert "Daran &lt;arbeiten&gt; wir noch." in refused.text
    assert ("Ist jetzt da." in refused.text) == (deed == "answer")


def test_an_administrator_closes_what_is_no_report(client: FlaskClient, session: Session, administrator: User) -> None:
    report(client)
    page = f"/administration/barriers/{session.scalars(sa.select(Barrier.id)).one()}"
    sign_in(client, administrator)
    assert "Close: not a report" in client.get(page).text
    assert post(client, f"{page}/dismiss").status_code == 302
    assert "without an answer" in client.get(page).text
    assert post(client, f"{page}/dismiss").status_code == 409
    assert session.scalars(sa.select(Mail.template)).all() == ["barrier_received"]


def test_an_administrator_sees_that_the_mail_server_refused_the_answer(
    client: FlaskClient, session: Session, administrator: User
) -> None:
    report(client)
    page = f"/administration/barriers/{session.scalars(sa.select(Barrier.id)).one()}"
    sign_in(client, administrator)
    assert post(client, page, way="mail", text="Ist jetzt da.").status_code == 302
    assert "The mail: Waiting to be sent" in client.get(page).text
    session.execute(sa.update(Mail).values(state=MailState.REFUSED))
    session.commit()
    assert "The mail: Refused by the mail server" in client.get(page).text
    assert "answer not arrived" in client.get("/administration/barriers/").text


def test_an_administrator_decides_about_an_answer_that_did_not_arrive(
    client: FlaskClient, session: Session, administrator: User
) -> None:
    report(client)
    page = f"/administration/barriers/{session.scalars(sa.select(Barrier.id)).one()}"
    sign_in(client, administrator)
    post(client, page, way="mail", text="Ist jetzt da.")
    assert post(client, f"{page}/answer/again").status_code == 409
    offered = []
    for state in (MailState.REFUSED, MailState.PERHAPS_SENT):
        session.execute(sa.update(Mail).where(Mail.template == "barrier_answered").values(state=state))
        session.commit()
        offered.append(sorted(re.findall(rf'{page}/answer/(\w+)"', client.get(page).text)))
    assert offered == [["again", "another_way"], ["again", "another_way", "was_sent"]]
    assert post(client, f"{page}/answer/another_way").status_code == 302
    shown = client.get(page).text
    assert ("Ist jetzt da.</textarea>" in shown, 'value="nobody"' in shown) == (True, True)
    assert post(client, page, way="phone", text="Ist jetzt da, am Telefon gesagt.").status_code == 302
    assert "On the phone" in client.get(page).text


def test_reminders_lead_to_the_list(app: Flask) -> None:
    with app.test_request_context():
        assert url_for("barriers.index") == reminding.PAGE
