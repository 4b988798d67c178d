"""The pages of allowances: entered by members and staff, checked by two, paid by lists, and who sees what of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.extensions import db
from assembly.models import AttendanceState, BankAccount, Claim, ClaimState, Event, Member, PaymentList, Role, User
from assembly.services.allowances import bank, claims, payments, rates
from assembly.services.allowances.receipts import receipts_of
from assembly.services.attendance import noting
from assembly.services.panel import calling
from assembly.services.programme import events
from tests.assembly.queries import counted
from tests.assembly.scanner import EICAR
from tests.assembly.services.panels import DrawnPanel
from tests.assembly.services.test_allowances import IBAN, RATES
from tests.assembly.views.conftest import confirmed
from tests.assembly.views.test_needs import plan
from tests.assembly.views.test_panel import become, someone

PHOTO = b"\x89PNG\r\n\x1a\n a photo of a ticket"
WHOLE = {"presence": "whole_day", "kilometres": "12", "ticket_cents": "2,90", "childcare_minutes": "1:30"}


@pytest.fixture
def event_id(session: Session, panel: DrawnPanel, member: Member) -> int:
    """An event that is over, at which the member was, and rates of the assembly."""
    assembly, by = panel.load(session)
    made = plan(session, panel, "Auftakt")
    session.get_one(Event, made).ends_at += dt.timedelta(hours=4)  # until four: a whole day
    panel.traveller.move_to(dt.datetime(2035, 3, 25, 9, tzinfo=dt.UTC))
    noting.note(session, session.get_one(Event, made), member.respondent_id, AttendanceState.PRESENT, by=by)
    rates.change_rates(session, assembly, RATES, by=by)
    session.commit()
    return made


def the_claim(session: Session) -> Claim:
    """Return the only claim, as it is now."""
    session.expire_all()
    return session.query(Claim).one()


def handed_in(session: Session, member: Member, event_id: int, *, by: User | None = None) -> Claim:
    """Return a claim that was handed in as it was proposed."""
    claim = claims.add_claim(session, member, session.get_one(Event, event_id), by=by)
    claims.submit(session, claim, by=by)
    session.commit()
    return claim


def on_a_list(session: Session, panel: DrawnPanel, member: Member, event_id: int) -> PaymentList:
    """Return a payment list with the member's claim."""
    assembly, by = panel.load(session)
    claim = handed_in(session, member, event_id)
    claims.check(session, claim, by=by)
    claims.approve(session, claim, by=someone(session, panel, Role.SUPPORT))
    made = payments.make_list(session, assembly, by=by)
    session.commit()
    return made


def test_a_member_claims_with_a_receipt_and_hands_in(
    session: Session, event_id: int, member_client: FlaskClient
) -> None:
    assert "Nothing claimed yet" in member_client.get("/m/expenses").text
    page = member_client.post(f"/m/expenses/events/{event_id}").headers["Location"]
    assert the_claim(session).cents == 8000  # as it was noted at the event
    assert "An event of at most 5 hours counts as half a day" in member_client.get(page).text
    answer = member_client.post(page, data=WHOLE | {"hand_in": "1"})
    assert (answer.status_code, "Tickets are paid by receipt" in answer.text) == (422, True)
    assert the_claim(session).kilometres == 0  # all or nothing
    file = (io.BytesIO(PHOTO), "IMG_1.exe")
    answer = member_client.post(page, data=WHOLE | {"file": file, "hand_in": "1"})
    assert answer.headers["Location"] == page
    claim = the_claim(session)
    assert (claim.state, claim.entered_by_id) == (ClaimState.SUBMITTED, None)
    assert claim.cents == 8000 + 12 * 30 + 290 + 2250
    [receipt] = receipts_of(session, claim)
    shown = member_client.get(f"{page}/receipts/{receipt.id}")
    assert (shown.data, shown.content_type, shown.headers["Content-Security-Policy"]) == (
        *(PHOTO, "image/png"),
        "default-src 'none'; sandbox",
    )
    again = member_client.post(page, data=WHOLE)
    assert (again.status_code, "This claim was submitted" in again.text) == (422, True)
    member_client.post(f"{page}/receipts/{receipt.id}/remove")
    assert len(receipts_of(session, claim)) == 1


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"ticket_cents": "2,9o"}, "Enter a number such as 12.50"),
        ({"ticket_cents": "-3"}, "Enter a number such as 12.50"),
        ({"ticket_cents": "1000.01"}, "At most 1000.00"),
        ({"childcare_minutes": "2:75"}, "Enter a number such as 2.5"),
        ({"childcare_minutes": "49"}, "At most 48"),
        ({"kilometres": "2001"}, "between 0 and 2000"),
        ({"presence": "always"}, "presence-error"),
        ({"file": (io.BytesIO(b"MZ\x00\x01"), "receipt.pdf")}, "Files of this kind are not taken"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    session: Session, event_id: int, member_client: FlaskClient, wrong: dict[str, Any], problem: str
) -> None:
    page = member_client.post(f"/m/expenses/events/{event_id}").headers["Location"]
    answer = member_client.post(page, data=WHOLE | wrong)
    assert (answer.status_code, problem in answer.text) == (422, True)
    assert the_claim(session).kilometres == 0


def test_an_infected_receipt_is_refused_and_nothing_typed_is_lost(
    app: Flask, session: Session, event_id: int, member_client: FlaskClient, clamds: tuple[str, str]
) -> None:
    """What was kept before stays, what was typed comes back in the form, and without the file it is taken."""
    app.extensions["assembly.config"] = dataclasses.replace(app.extensions["assembly.config"], clamd=clamds[0])
    page = member_client.post(f"/m/expenses/events/{event_id}").headers["Location"]
    clean = (io.BytesIO(PHOTO), "ticket.png")
    assert member_client.post(page, data=WHOLE | {"file": clean}).status_code == 302
    typed = WHOLE | {"kilometres": "17", "hand_in": "1"}
    answer = member_client.post(page, data=typed | {"file": (io.BytesIO(PHOTO + EICAR), "ticket.png")})
    assert (answer.status_code, "The scanner found malware in the file" in answer.text) == (422, True)
    assert 'value="17"' in answer.text
    claim = the_claim(session)
    assert (claim.state, claim.kilometres, claim.ticket_cents, len(receipts_of(session, claim))) == (
        *(ClaimState.DRAFT, 12),
        *(290, 1),
    )
    assert member_client.post(page, data=typed).status_code == 302
    claim = the_claim(session)
    assert (claim.state, claim.kilometres, len(receipts_of(session, claim))) == (ClaimState.SUBMITTED, 17, 1)


def test_what_is_not_paid_is_not_offered(
    session: Session, panel: DrawnPanel, event_id: int, member_client: FlaskClient
) -> None:
    assembly, by = panel.load(session)
    rates.change_rates(session, assembly, {"care_hour": 0, "per_km": 0}, by=by)
    session.commit()
    page = member_client.post(f"/m/expenses/events/{event_id}").headers["Location"]
    shown = member_client.get(page).text
    assert tuple(f'id="{name}"' in shown for name in ("care_minutes", "kilometres", "childcare_minutes")) == (
        False,
        False,
        True,
    )
    assert member_client.post(page, data={"presence": "half_day", "ticket_cents": ""}).status_code == 302
    assert the_claim(session).cents == 4000


COSTS_OF_CANCELLED = {
    "en": "For a cancelled event you get no money for the day. You can claim what you had to pay all the same,",
    "de": "Für eine abgesagte Veranstaltung gibt es kein Geld für den Tag. Was Sie trotzdem bezahlen mussten,",
    "de-plain": "Vielleicht haben Sie trotzdem schon etwas bezahlt.",
}


@pytest.mark.parametrize("language", COSTS_OF_CANCELLED)
def test_of_a_cancelled_event_the_pages_say_what_can_be_claimed_and_offer_no_day(
    session: Session, panel: DrawnPanel, member: Member, event_id: int, member_client: FlaskClient, *, language: str
) -> None:
    _, by = panel.load(session)
    member.language = language
    session.commit()
    said = COSTS_OF_CANCELLED[language]
    assert said not in member_client.get("/m/expenses").text
    later = plan(session, panel, "Danach", dt.date(2035, 4, 7))
    events.cancel(session, session.get_one(Event, later), reason="Sturm", by=by)
    session.commit()
    assert [said in member_client.get(page).text for page in ("/m/expenses", f"/m/events/{later}")] == [True, True]
    page = member_client.post(f"/m/expenses/events/{later}").headers["Location"]
    shown = member_client.get(page).text
    assert (said in shown, 'id="presence"' in shown, 'id="ticket_cents"' in shown) == (True, False, True)
    assert member_client.post(page, data={"childcare_minutes": "2"}).status_code == 302
    assert the_claim(session).attendance_cents == 0
    held = member_client.post(f"/m/expenses/events/{event_id}").headers["Location"]
    shown = member_client.get(held).text
    assert (said in shown, 'id="presence"' in shown) == (False, True)


def test_the_account_asks_for_a_code_and_is_never_shown_again(
    session: Session, member: Member, member_client: FlaskClient
) -> None:
    data = {"holder": "Vera Konto", "iban": "de89 3704 0044 0532 0130 00"}
    assert member_client.get("/m/account").headers["Location"].startswith("/m/confirm")
    assert member_client.post("/m/account", data=data).headers["Location"].startswith("/m/confirm")
    assert session.get(BankAccount, member.respondent_id) is None
    confirmed(session, member_client, member)
    wrong = member_client.post("/m/account", data=data | {"iban": "DE00 1234"})
    assert (wrong.status_code, "This IBAN is not right" in wrong.text) == (422, True)
    assert member_client.post("/m/account", data=data).status_code == 302
    page = member_client.get("/m/account").text
    assert ("… 3000" in page, "Vera Konto" in page, IBAN in page) == (True, False, False)


def test_a_minor_is_told_to_call(session: Session, member: Member, event_id: int, member_client: FlaskClient) -> None:
    assert member.respondent.contact
    member.respondent.contact.birth_date = dt.date(2018, 5, 1)
    session.commit()
    page = member_client.post(f"/m/expenses/events/{event_id}").headers["Location"]
    assert "a guardian hands the claim in" in member_client.get(page).text
    answer = member_client.post(page, data={"presence": "whole_day", "hand_in": "1"})
    assert (answer.status_code, "A guardian has to do this" in answer.text) == (422, True)
    confirmed(session, member_client, member)
    assert "a guardian tells us the account" in member_client.get("/m/account").text


def test_two_people_check_and_whoever_entered_does_not(
    client: FlaskClient, session: Session, panel: DrawnPanel, member: Member, event_id: int
) -> None:
    support, organiser = someone(session, panel, Role.SUPPORT), panel.load(session)[1]
    base = f"/assemblies/{panel.assembly_id}/allowances"
    become(client, support)
    person = f"{base}/people/{member.respondent_id}"
    assert "Enter a claim" in client.get(person).text
    edit = client.post(f"{person}/events/{event_id}").headers["Location"]
    assert client.post(edit, data=WHOLE | {"has_paper_receipts": "y", "hand_in": "1"}).status_code == 302
    claim = the_claim(session)
    page = f"{base}/claims/{claim.id}"
    assert "You have entered this claim yourself" in client.get(page).text
    assert "You have entered this claim yourself" in client.post(f"{page}/check", follow_redirects=True).text
    become(client, organiser)
    assert "The receipt on paper is not here yet" in client.post(f"{page}/check", follow_redirects=True).text
    client.post(f"{page}/paper")
    client.post(f"{page}/check")
    assert "You have checked this claim yourself" in client.post(f"{page}/approve", follow_redirects=True).text
    assert the_claim(session).state is ClaimState.CHECKED
    assert client.post(f"{page}/reject", data={"reason": " "}).status_code == 422
    client.post(f"{page}/reject", data={"reason": "Falscher Tag"})
    assert "Falscher Tag" in client.get(page).text
    claim = the_claim(session)
    assert (claim.state, claim.checked_by_id) == (ClaimState.REJECTED, None)


def test_a_list_is_made_handed_out_and_paid_once(
    client: FlaskClient, session: Session, panel: DrawnPanel, member: Member, event_id: int
) -> None:
    made = on_a_list(session, panel, member, event_id)
    assembly, by = panel.load(session)
    become(client, by)
    lists = f"/assemblies/{panel.assembly_id}/allowances/lists"
    assert "In cash against signature" in client.get(f"{lists}/{made.id}").text
    assert client.post(f"{lists}/{made.id}/cash").data[:5] == b"%PDF-"
    bank.change_account(session, assembly, member, holder="Vera Konto", iban=IBAN, by=by)
    session.commit()
    page = client.get(f"{lists}/{made.id}").text
    assert ("Transfer" in page, IBAN in page, "Vera Konto" in page) == (True, False, False)
    assert client.post(f"{lists}/{made.id}/cash").status_code == 409
    for kind, start in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("pdf", b"%PDF-")):
        answer = client.post(f"{lists}/{made.id}/{kind}")
        assert (answer.status_code, answer.data.startswith(start)) == (200, True)
    assert client.post(f"{lists}/{made.id}/paid").status_code == 302
    assert client.post(f"{lists}/{made.id}/paid").status_code == 409
    assert the_claim(session).state is ClaimState.PAID


def test_support_sees_nothing_of_accounts_and_auditors_nothing_at_all(
    client: FlaskClient, session: Session, panel: DrawnPanel, member: Member, event_id: int
) -> None:
    assembly, by = panel.load(session)
    handed_in(session, member, event_id)
    bank.change_account(session, assembly, member, holder="Vera Konto", iban=IBAN, by=by)
    session.commit()
    base = f"/assemblies/{panel.assembly_id}/allowances"
    person = f"{base}/people/{member.respondent_id}"
    become(client, someone(session, panel, Role.SUPPORT))
    seen = client.get(person).text + client.get(f"{base}/").text
    assert [word for word in ("Bank account", "3000", "Payment lists", "Vera Konto") if word in seen] == []
    become(client, by)
    assert "… 3000" in client.get(person).text
    log = client.get(f"/assemblies/{panel.assembly_id}/log").text
    assert ("Bank data entered" in log, "3000" in log) == (True, False)
    for role in (Role.AUDITOR, Role.CALLER):
        become(client, someone(session, panel, role))
        assert {client.get(page).status_code for page in (f"{base}/", person, f"{base}/lists/")} == {403}


def test_papers_are_there_once_there_is_something_to_say(
    session: Session, panel: DrawnPanel, member: Member, event_id: int, member_client: FlaskClient
) -> None:
    made = on_a_list(session, panel, member, event_id)
    assert "What I was paid" not in member_client.get("/m/expenses").text
    assert member_client.get("/m/statement/2035").status_code == 404
    assembly, by = panel.load(session)
    payments.mark_paid(session, assembly, made, by=by)
    session.commit()
    assert "Statement of 2035" in member_client.get("/m/expenses").text
    for page in ("/m/statement/2035", "/m/certificate/employer", "/m/certificate/school", "/m/certificate/job_centre"):
        assert member_client.get(page).data[:5] == b"%PDF-"
    assert member_client.get("/m/statement/2034").status_code == 404
    noting.note(session, session.get_one(Event, event_id), member.respondent_id, AttendanceState.ABSENT, by=by)
    session.commit()
    assert member_client.get("/m/certificate/employer").status_code == 404


def test_one_who_has_left_still_claims_what_was_theirs_but_reads_nobody_elses(
    session: Session, panel: DrawnPanel, member: Member, event_id: int, member_client: FlaskClient
) -> None:
    calling.withdraw(session, member.respondent, by=panel.load(session)[1])
    session.commit()
    assert "My expenses" in member_client.get("/m/").text
    page = member_client.post(f"/m/expenses/events/{event_id}").headers["Location"]
    assert member_client.get(page).status_code == 200
    assert member_client.get("/m/account").location.startswith("/m/confirm")  # where the money goes is theirs to say
    assert member_client.get("/m/expenses/999").status_code == 404


def test_the_pages_take_as_many_queries_for_many_as_for_one(
    client: FlaskClient,
    session: Session,
    panel: DrawnPanel,
    member: Member,
    *,
    event_id: int,
    member_client: FlaskClient,
) -> None:
    made = on_a_list(session, panel, member, event_id)
    become(client, panel.load(session)[1])
    base = f"/assemblies/{panel.assembly_id}/allowances"
    pages = ("/", "/?state=listed", "/people/", f"/people/{member.respondent_id}", "/lists/", f"/lists/{made.id}")

    def ask() -> list[int]:
        found = []
        for who, address in (*((client, base + page) for page in pages), (member_client, "/m/expenses")):
            with counted(db.engine) as statements:
                assert who.get(address).status_code == 200
            found.append(len(statements))
        return found

    few = ask()
    for day in (20, 21, 22, 23):
        other = plan(session, panel, f"Tag {day}", dt.date(2035, 3, day))
        more = claims.add_claim(session, member, session.get_one(Event, other), by=None)
        claims.change_claim(session, more, {"kilometres": 5}, by=None)
        if day % 2:
            more.state, more.list_id = ClaimState.LISTED, made.id
        else:
            claims.submit(session, more, by=None)
    session.commit()
    assert ask() == few


def test_the_log_tells_auditors_that_bank_data_were_entered_but_not_whose(
    session: Session, panel: DrawnPanel, member: Member, client: FlaskClient
) -> None:
    assembly, by = panel.load(session)
    bank.change_account(session, assembly, member, holder="Vera", iban=IBAN, by=by)
    session.commit()
    path, whose = f"/assemblies/{panel.assembly_id}/log", f"Registration {member.respondent_id}<"

    def shown() -> str:
        rows = client.get(path).text.split("</tr>")
        return next(row for row in rows if "Bank data entered" in row)

    become(client, by)
    assert whose in shown()
    become(client, someone(session, panel, Role.AUDITOR))
    assert whose not in shown()
