"""The pages of the panel: who sees what, what they record, and the way of a replacement through the pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from assembly.extensions import db
from assembly.models import Commitment, Mail, Receipt, Respondent, Role, Status, SupportNeed, User
from assembly.services import accounts
from assembly.services.panel import replacing
from tests.assembly.conftest import sign_in
from tests.assembly.queries import counted
from tests.assembly.services.panels import REPLACEMENT, REPLACEMENT_VALUE, START, DrawnPanel, draw_panel, perform

NEED = "Gebärdensprache"


@pytest.fixture
def drawn(app: Flask, tmp_path: Path) -> Iterator[DrawnPanel]:
    """A panel of four in the application's own database, an hour after the draw."""
    app.config["WTF_CSRF_ENABLED"] = False  # tokens have tests of their own
    with time_machine.travel(START, tick=True) as traveller:
        yield draw_panel(sessionmaker(db.engine, expire_on_commit=False), tmp_path, traveller)


def become(client: FlaskClient, user: User) -> None:
    """Sign an account in, and forget who was before: the tests' context outlives the requests."""
    g.pop("_login_user", None)
    sign_in(client, user)
    with client.session_transaction() as cookie:
        cookie["language"] = "en"


def someone(session: Session, drawn: DrawnPanel, role: Role) -> User:
    """Return an account with one role in the assembly."""
    assembly, _ = drawn.load(session)
    user = accounts.create_account(session, email=f"one-{role.value}@example.org", name=role.value)
    accounts.grant(session, user, role, assembly=assembly, by=None)
    session.commit()
    return user


def first(session: Session, status: Status) -> Respondent:
    """Return the first respondent in a status."""
    session.expire_all()
    found = session.scalars(sa.select(Respondent).where(Respondent.status == status).order_by(Respondent.code)).first()
    assert found is not None
    return found


def test_a_caller_confirms_and_does_not_see_the_need_that_support_sees(
    client: FlaskClient, session: Session, drawn: DrawnPanel
) -> None:
    base = f"/assemblies/{drawn.assembly_id}/panel"
    one = first(session, Status.DRAWN)
    become(client, someone(session, drawn, Role.CALLER))
    attempt = {"channel": "phone", "outcome": "reached", "note": "meldet sich"}
    assert client.post(f"{base}/{one.id}/attempts", data=attempt).status_code == 302
    answer = client.post(f"{base}/{one.id}/confirm", data={"channel": "mail", "language": "de", "needs": NEED})
    assert answer.status_code == 302
    assert first(session, Status.CONFIRMED).id == one.id
    page = client.get(f"{base}/{one.id}").text
    assert ("meldet sich" in page, NEED in page) == (True, False)
    assert client.get(f"{base}/needs").status_code == 403
    become(client, someone(session, drawn, Role.SUPPORT))
    assert NEED in client.get(f"{base}/needs").text
    assert [client.get(f"{base}/{page}").status_code for page in ("", one.id)] == [403, 403]


def test_an_auditor_reads_all_but_needs_and_changes_nothing(
    client: FlaskClient, session: Session, drawn: DrawnPanel
) -> None:
    base = f"/assemblies/{drawn.assembly_id}/panel"
    one = first(session, Status.DRAWN)
    become(client, someone(session, drawn, Role.AUDITOR))
    pages = [client.get(f"{base}/{page}").status_code for page in ("", one.id, "replacement", "needs", "mails")]
    assert pages == [200, 200, 200, 403, 403]
    deeds = ("attempts", "consent", "confirm", "needs", "status")
    assert [client.post(f"{base}/{one.id}/{deed}").status_code for deed in deeds] == [403] * len(deeds)
    assert client.post(f"{base}/replacement/start").status_code == 403


@pytest.mark.parametrize("role", [Role.WITNESS, Role.FACILITATOR, Role.SUPPORT])
def test_others_see_no_contacts(client: FlaskClient, session: Session, drawn: DrawnPanel, role: Role) -> None:
    become(client, someone(session, drawn, role))
    base = f"/assemblies/{drawn.assembly_id}/panel"
    assert [client.get(f"{base}/{page}").status_code for page in ("", first(session, Status.DRAWN).id)] == [403, 403]


def test_somebody_who_was_not_drawn_does_not_exist_here(
    client: FlaskClient, session: Session, drawn: DrawnPanel
) -> None:
    become(client, someone(session, drawn, Role.CALLER))
    other = first(session, Status.REGISTERED)
    assert client.get(f"/assemblies/{drawn.assembly_id}/panel/{other.id}").status_code == 404


def test_wrong_input_is_said_at_its_field(client: FlaskClient, session: Session, drawn: DrawnPanel) -> None:
    one = first(session, Status.DRAWN)
    become(client, someone(session, drawn, Role.CALLER))
    base = f"/assemblies/{drawn.assembly_id}/panel/{one.id}"
    for deed, data in (
        ("attempts", {"channel": "phone", "outcome": "call_back"}),
        ("attempts", {"channel": "pigeon", "outcome": "sent"}),
        ("consent", {"guardian": ""}),
        ("confirm", {}),
        ("needs", {}),
        ("status", {"status": "not_reached"}),
        ("status", {"status": "confirmed"}),
    ):
        assert client.post(f"{base}/{deed}", data=data).status_code == 422
    assert first(session, Status.DRAWN).id == one.id
    assert session.scalars(sa.select(SupportNeed)).all() == []


def test_a_replacement_goes_through_the_pages(client: FlaskClient, session: Session, drawn: DrawnPanel) -> None:
    base = f"/assemblies/{drawn.assembly_id}/panel"
    organiser, witness = (session.get_one(User, one) for one in (drawn.organiser_id, drawn.witness_id))
    become(client, organiser)
    one = first(session, Status.DRAWN)
    code = one.code
    assert client.post(f"{base}/{one.id}/status", data={"status": "declined"}).status_code == 302
    assert client.post(f"{base}/replacement/start", data={}).status_code == 302
    assert client.get(f"{base}/replacement").status_code == 200
    session.rollback()  # nobody writes while this session reads
    perform(drawn.sessions, drawn.config)
    session.expire_all()
    assert "solved and proven" in client.get(f"{base}/replacement").text
    assert client.post(f"{base}/replacement/commit").status_code == 302
    assert client.post(f"{base}/replacement/number", data={"value": REPLACEMENT_VALUE}).status_code == 422
    drawn.traveller.move_to(REPLACEMENT + dt.timedelta(minutes=5))
    for account in (organiser, witness):
        become(client, account)
        assert client.post(f"{base}/replacement/number", data={"value": REPLACEMENT_VALUE}).status_code == 302
    assert first(session, Status.REPLACED).code == code
    assembly, _ = drawn.load(session)
    assert replacing.standing_commitment(session, assembly) is None


def test_a_replacement_that_was_stopped_says_so(client: FlaskClient, session: Session, drawn: DrawnPanel) -> None:
    base = f"/assemblies/{drawn.assembly_id}/panel"
    become(client, session.get_one(User, drawn.organiser_id))
    client.post(f"{base}/{first(session, Status.DRAWN).id}/status", data={"status": "declined"})
    assert client.post(f"{base}/replacement/start", data={}).status_code == 302
    assert 'hx-get="/assemblies/1/panel/replacement/progress"' in client.get(f"{base}/replacement").text
    assert client.post(f"{base}/replacement/cancel").status_code == 302
    assert "Warning: Cancelled." in client.get(f"{base}/replacement").text


def test_a_fixed_replacement_is_voided_with_a_reason_and_another_takes_the_same_moment(
    client: FlaskClient, session: Session, drawn: DrawnPanel
) -> None:
    base = f"/assemblies/{drawn.assembly_id}/panel"
    become(client, session.get_one(User, drawn.organiser_id))
    assert "4/10/35" in client.get(f"{base}/replacement").text
    left = [first(session, Status.DRAWN).id]
    client.post(f"{base}/{left[0]}/status", data={"status": "declined"})
    session.rollback()
    before = drawn.commit_replacement()
    assert client.get(f"{base}/replacement/progress").headers["HX-Refresh"] == "true"
    assert client.post(f"{base}/replacement/place", data={"place": "Sports hall, 7 pm"}).status_code == 302
    page = client.get(f"{base}/replacement").text
    assert ("Sports hall, 7 pm" in page, "fixed, not drawn yet" in page) == (True, True)
    assert [client.post(f"{base}/replacement/{deed}", data={}).status_code for deed in ("void", "place")] == [422, 422]
    assert client.post(f"{base}/replacement/void", data={"reason": "Another seat is free."}).status_code == 302
    assert "voided: Another seat is free." in client.get(f"{base}/replacement").text
    assert client.post(f"{base}/replacement/void", data={"reason": "Again"}).status_code == 404
    left.append(first(session, Status.DRAWN).id)
    client.post(f"{base}/{left[1]}/status", data={"status": "declined"})
    session.rollback()
    after = drawn.commit_replacement()
    session.expire_all()
    old, new = (session.get_one(Commitment, one) for one in (before, after))
    assert (old.moment, old.void_reason) == (new.moment, "Another seat is free.")
    assert (len(old.lottery.vacated or []), len(new.lottery.vacated or [])) == (1, 2)
    drawn.traveller.move_to(REPLACEMENT + dt.timedelta(minutes=5))
    become(client, session.get_one(User, drawn.organiser_id))
    assert client.post(f"{base}/replacement/void", data={"reason": "Too late"}).status_code == 422


def test_receipts_for_the_free_seats_have_their_page(client: FlaskClient, session: Session, drawn: DrawnPanel) -> None:
    """Sent and looked up like those of the first draw, but on a page of their own."""
    base, english = f"/assemblies/{drawn.assembly_id}", {"Accept-Language": "en"}
    assembly, organiser = drawn.load(session)
    assembly.is_public, slug = True, assembly.slug
    session.commit()
    become(client, organiser)
    client.post(f"{base}/panel/{first(session, Status.DRAWN).id}/status", data={"status": "declined"})
    session.rollback()
    own = f"{base}/draw/receipts/{drawn.commit_replacement()}"
    assert f'href="{own}"' in client.get(f"{base}/panel/replacement").text
    assert "Receipts for the draw of the free seats" in client.get(own).text
    assert client.post(f"{own}/send").headers["Location"] == own
    page = client.get(own).text
    assert "There is a receipt for everyone in the pool." in page
    assert page.count('<td class="kern-table__cell kern-table__cell--numeric">8</td>') == 3  # people, mails, waiting
    assert "free seats" not in client.get(f"{base}/draw/receipts").text
    code = session.scalars(sa.select(Receipt.code)).first()
    shown = client.post(f"/a/{slug}/receipt", data={"code": code}, headers=english).text
    assert "hold for this draw alone" in shown


def test_who_cannot_be_written_to_is_listed(client: FlaskClient, session: Session, drawn: DrawnPanel) -> None:
    become(client, session.get_one(User, drawn.organiser_id))
    mails = f"/assemblies/{drawn.assembly_id}/panel/mails"
    assert "neither an e-mail nor a postal address" not in client.get(mails).text
    one = first(session, Status.DRAWN)
    assert one.contact is not None
    one.contact.email = one.contact.street = ""
    one.contact.phone = "0123 987654"
    session.commit()
    page = client.get(mails).text
    assert "1 person has neither an e-mail nor a postal address" in page
    assert (one.code in page, "0123 987654" in page, "Send to 3 people" in page) == (True, True, True)


def test_mails_are_previewed_tested_and_sent_once(client: FlaskClient, session: Session, drawn: DrawnPanel) -> None:
    base = f"/assemblies/{drawn.assembly_id}/panel"
    _, organiser = drawn.load(session)
    by_post = first(session, Status.DRAWN).contact
    assert by_post is not None
    by_post.email = ""
    session.commit()
    become(client, organiser)
    page = client.get(f"{base}/mails").text
    assert ("Send to 4 people" in page, "Send to 8 people" in page) == (True, True)
    assert client.post(f"{base}/mails/panel_drawn/test").status_code == 302
    assert client.post(f"{base}/mails/panel_drawn/send").status_code == 302
    session.rollback()  # nobody writes while this session reads
    perform(drawn.sessions, drawn.config)
    session.expire_all()
    told = session.scalars(sa.select(Mail.recipient).where(Mail.template == "panel_drawn")).all()
    assert len(told) == 5
    assert told.count(organiser.email) == 1
    assert client.post(f"{base}/mails/panel_drawn/send").status_code == 409
    assert client.get(f"{base}/letters.pdf").data[:5] == b"%PDF-"
    assert client.post(f"{base}/letters/printed").status_code == 302
    assert client.get(f"{base}/letters.pdf").status_code == 409


def test_the_contact_list_asks_the_database_no_more_often_for_more_people(
    client: FlaskClient, session: Session, drawn: DrawnPanel
) -> None:
    become(client, session.get_one(User, drawn.organiser_id))
    with counted(db.engine) as statements:
        assert client.get(f"/assemblies/{drawn.assembly_id}/panel/").status_code == 200
    assert len(statements) < 45
