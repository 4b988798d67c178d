"""The pages of acknowledgements and receipts: for organisers, and for whoever has a receipt."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from assembly.config import Config
from assembly.extensions import limiter
from assembly.models import Assembly, Commitment, Mail, MailState, Receipt, Respondent, User
from assembly.services import receipts, respondents
from sortition.protocol.receipts import grouped
from tests.assembly.committed import PEOPLE, commit_pool
from tests.assembly.queries import counted
from tests.assembly.services.test_letters import PAGE as PDF_PAGE
from tests.assembly.views.test_registrations import Browser, browser  # noqa: F401  # the fixture
from tests.assembly.web import post, texts

NOT_FOUND = "No receipt was found with this."
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def commitment(session: Session, assembly: Assembly, organiser: User, config: Config) -> Commitment:
    return commit_pool(session, assembly, organiser, config)


def mails(session: Session, kind: str = "receipt") -> list[Mail]:
    session.expire_all()
    return list(session.scalars(sa.select(Mail).where(Mail.template == kind).order_by(Mail.id)))


def numbers(page: str) -> dict[str, str]:
    """Return the tables of two columns of a page."""
    row = r'<th class="kern-table__header" scope="row">([^<]*)</th>\s*<td[^>]*>(\d+)</td>'
    return dict(re.findall(row, page))


def test_receipts_go_out_from_the_page_and_everybody_is_accounted_for(
    browser: Browser,
    session: Session,
    commitment: Commitment,
) -> None:
    page = browser.get("/draw")
    assert f"{PEOPLE} receipts are not out yet." in page
    next_step = re.search(r'class="kern-body steps__next">(.*?)</p>', page, re.DOTALL)
    assert next_step
    assert f'href="{browser.base}/draw/receipts/{commitment.id}">Receipts</a>' in next_step.group(1)
    assert f"send the receipts that are missing ({PEOPLE}), until" in next_step.group(1)
    page = browser.get("/draw/receipts")
    assert numbers(page)["Not written to yet"] == str(PEOPLE)
    page = browser.post(f"/draw/receipts/{commitment.id}/send")
    assert "The receipts are on their way" in page
    found = numbers(page)
    assert (found["By mail"], found["By letter"], found["Cannot be reached"]) == ("9", "2", "1")
    assert (found["Waiting to be sent"], found["Letter to print"]) == ("9", "2")
    assert "K2, Zerlina Quast2" in texts(page)
    assert "Neither an e-mail nor a postal address" in texts(page)
    assert "Note: Everyone who can be reached has a receipt." in texts(page)
    address = "http://127.0.0.1:8000/a/buergerrat-mobilitaet/receipt"
    assert {one.qr.split("#")[0] for one in mails(session) if one.qr} == {address}
    browser.post(f"/draw/receipts/{commitment.id}/send")
    assert len(mails(session)) == 11


def test_letters_are_downloaded_in_batches_and_marked_as_printed(
    browser: Browser,
    session: Session,
    commitment: Commitment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser.get("/draw/receipts")
    browser.post(f"/draw/receipts/{commitment.id}/send")
    page = browser.get("/draw/receipts")
    (link,) = re.findall(r'href="/assemblies/\d+(/letters/receipt/\d+-\d+).pdf"', page)
    for _ in range(2):
        answer = browser.client.get(f"{browser.base}{link}.pdf")
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        assert len(PDF_PAGE.findall(answer.data)) == 2
        page = browser.post(f"{link}/printed") if "Mark as printed" in page else page
    assert numbers(page)["Letter printed"] == "2"
    assert "Mark as printed" not in page
    assert browser.client.get(f"{browser.base}/letters/receipt/1-9999.pdf").status_code == 404
    monkeypatch.setattr("assembly.services.posting.LETTERS_AT_ONCE", 1)
    session.execute(sa.update(Mail).where(Mail.template == "receipt").values(state=MailState.TO_PRINT))
    session.commit()
    assert len(re.findall(r"/letters/receipt/(\d+)-\1.pdf", browser.get("/draw/receipts"))) == 11


def test_what_was_refused_is_shown_with_the_servers_words_and_decided(
    browser: Browser,
    session: Session,
    assembly: Assembly,
    commitment: Commitment,
) -> None:
    browser.get("/draw/receipts")
    browser.post(f"/draw/receipts/{commitment.id}/send")
    refused, perhaps, *_ = (one for one in mails(session) if one.recipient)
    states = {refused: MailState.REFUSED, perhaps: MailState.PERHAPS_SENT}
    for one, state in states.items():
        values = {"state": state, "reply": "550 <k3> unknown"}
        session.execute(sa.update(Mail).where(Mail.id == one.id).values(**values))
    session.commit()
    assert "2 receipts may not have arrived." in (page := browser.get("/draw"))
    assert '/draw/receipts#undecided-receipt"' in page
    assert "wait for a decision, best before" in page
    page = browser.get("/draw/receipts")
    assert "2 receipts may not have arrived." in page
    assert 'href="#undecided-receipt"' in page
    assert 'id="undecided-receipt"' in page
    assert "550 &lt;k3&gt; unknown" in page
    assert page.count("It was sent") == 2  # its text and its name for screen readers
    page = browser.post(f"/mails/{refused.id}/letter")
    assert "There is no postal address." in page
    contact = session.get_one(Respondent, refused.respondent_id).contact
    assert contact
    contact.email = "neu@example.org"
    session.commit()
    browser.post(f"/mails/{refused.id}/again")
    assert mails(session)[mails(session).index(refused)].recipient == "neu@example.org"
    assert "The mail counts as sent." in browser.post(f"/mails/{perhaps.id}/was_sent")
    contact = session.get_one(Respondent, perhaps.respondent_id).contact
    assert contact
    contact.street = "Finkenweg"
    session.execute(sa.update(Mail).where(Mail.id == perhaps.id).values(state=MailState.REFUSED))
    session.commit()
    assert "The mail became a letter to print." in browser.post(f"/mails/{perhaps.id}/letter")
    session.refresh(perhaps)
    assert perhaps.address[1].startswith("Finkenweg")


def test_the_page_says_why_receipts_cannot_be_sent(
    browser: Browser,
    session: Session,
    assembly: Assembly,
    commitment: Commitment,
) -> None:
    browser.get("/draw/receipts")
    assembly.is_public = False
    session.commit()
    assert "Open the public page" in browser.post(f"/draw/receipts/{commitment.id}/send")
    assembly.is_public = True
    commitment.moment = commitment.committed_at
    session.commit()
    page = browser.get("/draw/receipts")
    assert "It is less than 24 hours to the draw" in page
    assert f"/draw/receipts/{commitment.id}/send" not in page
    assert mails(session) == []


def test_on_the_day_of_the_draw_only_what_is_not_out_is_warned_of(
    browser: Browser,
    session: Session,
    commitment: Commitment,
) -> None:
    browser.get("/draw/receipts")
    browser.post(f"/draw/receipts/{commitment.id}/send")
    commitment.moment = commitment.committed_at
    session.commit()
    page = browser.get("/draw/receipts")
    assert "11 receipts are not out yet" in page
    assert "Void the commitment" not in page
    session.execute(sa.update(Mail).where(Mail.recipient.is_not(None)).values(state=MailState.SENT))
    session.execute(sa.update(Mail).where(Mail.recipient.is_(None)).values(state=MailState.PRINTED))
    session.commit()
    page = browser.get("/draw/receipts")
    assert "not out yet" not in page
    assert "Everyone who can be reached has a receipt." in page


def test_a_large_pool_shows_a_progress_bar(
    browser: Browser,
    session: Session,
    commitment: Commitment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(receipts, "MOST_AT_ONCE", 5)
    browser.get("/draw/receipts")
    assert "<progress" in browser.post(f"/draw/receipts/{commitment.id}/send")
    answer = browser.client.get(f"{browser.base}/draw/receipts/{commitment.id}/progress")
    assert "<progress" in answer.text
    assert "HX-Refresh" not in answer.headers


def test_acknowledgements_have_their_page(
    browser: Browser,
    session: Session,
    assembly: Assembly,
    commitment: Commitment,
) -> None:
    page = browser.get("/registrations/acknowledgements")
    assert numbers(page) == {"Waiting to be sent": "9", "Letter to print": "2", "Batch 1": "2"}
    assert "1 person cannot be reached" in texts(page)
    assert "K2, Zerlina Quast2" in texts(page)
    (link,) = re.findall(r"/assemblies/\d+(/letters/acknowledgement/\d+-\d+.pdf)", page)
    assert browser.client.get(browser.base + link).data.startswith(b"%PDF")
    person = respondents.find_by_code(session, assembly, "K2")
    assert person.contact
    person.contact.email = "zwei@example.org"
    session.commit()
    assert "cannot be reached" not in browser.get("/registrations/acknowledgements")


@pytest.mark.parametrize("path", ["/draw/receipts", "/registrations/acknowledgements"])
def test_the_number_of_queries_is_the_same_for_many_people(
    browser: Browser,
    session: Session,
    commitment: Commitment,
    path: str,
) -> None:
    browser.get("/draw/receipts")
    browser.post(f"/draw/receipts/{commitment.id}/send")
    counts = []
    for states in ((MailState.QUEUED,), (MailState.REFUSED, MailState.PERHAPS_SENT)):
        for one, state in zip(mails(session) + mails(session, "acknowledgement"), states * 50, strict=False):
            if one.recipient:
                session.execute(sa.update(Mail).where(Mail.id == one.id).values(state=state))
        session.commit()
        with counted(session.get_bind()) as sent:  # type: ignore[arg-type]  # an engine
            browser.get(path)
        counts.append(len(sent))
    assert counts[0] == counts[1] < 40


@pytest.fixture
def own(
    browser: Browser,
    session: Session,
    commitment: Commitment,
) -> Receipt:
    """Somebody's receipt."""
    browser.get("/draw/receipts")
    browser.post(f"/draw/receipts/{commitment.id}/send")
    found = session.scalars(sa.select(Receipt).where(Receipt.mail_id.is_not(None)).order_by(Receipt.id)).first()
    assert found
    return found


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["language"] = "en"
    return client


def look_up(visitor: FlaskClient, assembly: Assembly, **values: object) -> TestResponse:
    return post(visitor, f"/a/{assembly.slug}/receipt{'/upload' if 'file' in values else ''}", **values)


def test_whoever_has_the_code_sees_chance_and_tickets_and_no_name(
    visitor: FlaskClient, assembly: Assembly, own: Receipt
) -> None:
    assert visitor.get(f"/a/{assembly.slug}/receipt").status_code == 200
    answer = look_up(visitor, assembly, code=grouped(own.code).lower())
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    page = " ".join(texts(answer.text))
    assert "Your registration is in the lottery, unchanged." in page
    assert f"You stand on {len(own.tickets)} of 1,000 tickets." in page
    assert f"{own.tickets[0]:03}, {own.tickets[1]:03}" in page
    person = own.respondent
    assert person.contact
    for secret in (person.contact.first_name, person.contact.last_name, person.code, "weiblich", "männlich"):
        assert secret not in page
    answer = post(visitor, f"/a/{assembly.slug}/receipt/file", code=own.code)
    assert answer.data == own.document
    assert answer.headers["Content-Disposition"] == 'attachment; filename="receipt.json"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_whoever_stands_on_no_ticket_is_told_what_that_means(
    visitor: FlaskClient, session: Session, assembly: Assembly, own: Receipt
) -> None:
    own.tickets = []
    session.commit()
    page = " ".join(texts(look_up(visitor, assembly, code=own.code).text))
    assert "You stand on none of the 1,000 tickets, so you cannot be drawn." in page
    assert "the chance is smaller than one ticket" in page


def test_whoever_has_the_file_sees_the_same(visitor: FlaskClient, assembly: Assembly, own: Receipt) -> None:
    answer = look_up(visitor, assembly, file=(io.BytesIO(own.document), "receipt.json"))
    assert f"You stand on {len(own.tickets)} of 1,000 tickets." in " ".join(texts(answer.text))
    assert "receipt/file" not in answer.text


@pytest.mark.parametrize(
    "values",
    [
        {"code": "0" * 16},
        {"code": "nonsense"},
        {"code": "<b>" * 30},
        {"file": (io.BytesIO(b"\xff" * 100), "a.json")},
        {"file": (io.BytesIO(b"[" * 2**17), "a.json")},
        {"file": (io.BytesIO(b'{"format":"sortition-receipt/1"}'), "a.json")},
    ],
)
def test_whatever_is_wrong_the_answer_is_the_same(
    visitor: FlaskClient, assembly: Assembly, own: Receipt, values: dict[str, object]
) -> None:
    answer = look_up(visitor, assembly, **values)
    assert answer.status_code == 422
    assert [text for text in texts(answer.text) if NOT_FOUND in text] != []


@pytest.mark.parametrize("values", [{"code": ""}, {"file": ""}])
def test_nothing_at_all_is_asked_for_again(
    visitor: FlaskClient, assembly: Assembly, own: Receipt, values: dict[str, object]
) -> None:
    answer = look_up(visitor, assembly, **values)
    assert answer.status_code == 422
    assert "This field is required." in answer.text


def test_the_code_is_taken_from_no_address(visitor: FlaskClient, assembly: Assembly, own: Receipt) -> None:
    page = visitor.get(f"/a/{assembly.slug}/receipt?code={own.code}").text
    assert f'value="{own.code}"' not in page
    assert "You stand on" not in page


def test_looking_up_is_limited_but_the_page_is_not(
    app: Flask, visitor: FlaskClient, assembly: Assembly, own: Receipt
) -> None:
    app.config["RATELIMIT_ENABLED"] = True
    limiter.limiter.storage.reset()
    statuses = [look_up(visitor, assembly, code="0" * 16).status_code for _ in range(99)]
    statuses.append(look_up(visitor, assembly, file=(io.BytesIO(b"{}"), "receipt.json")).status_code)
    assert statuses == [422] * 100
    for path in ("", "/upload", "/file"):
        answer = post(visitor, f"/a/{assembly.slug}/receipt{path}", code="0" * 16)
        assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)
    assert visitor.get(f"/a/{assembly.slug}/receipt").status_code == 200
    limiter.limiter.storage.reset()
