"""Lists for the cash office, certificates and statements on paper: their words as stored, and what they keep quiet."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from assembly.models import AttendanceState, ClaimState, PaymentList
from assembly.services.allowances import claims, papers, payments
from assembly.services.allowances.papers import Reader
from assembly.services.errors import ConflictError, NotFoundError
from assembly.services.panel import calling
from assembly.services.pdfs import REPORT, Data, compiled
from assembly.services.privacy import erasing
from tests.assembly.services.panels import DrawnPanel
from tests.assembly.services.test_allowances import IBAN, Office
from tests.assembly.services.test_lottery_reports import text_of

SNAPSHOTS = Path(__file__).parent / "papers"


@pytest.fixture
def office(drawn: DrawnPanel) -> Iterator[Office]:
    """On both databases; the member is called the same each time."""
    with drawn.sessions.begin() as session:
        made = Office(session, drawn)
        contact = made.member.respondent.contact
        assert contact is not None
        contact.first_name, contact.last_name = "Zoë", "Żuraw"
        yield made


def listed(office: Office) -> PaymentList:
    """Return a list with a claim of everything, with receipts on paper."""
    claim = office.claim(
        kilometres=12, ticket_cents=580, childcare_minutes=90, care_minutes=60, has_paper_receipts=True
    )
    claims.note_paper(office.session, claim, by=office.organiser)
    claims.submit(office.session, claim, by=None)
    claims.check(office.session, claim, by=office.organiser)
    claims.approve(office.session, claim, by=office.second)
    return payments.make_list(office.session, office.assembly, by=office.organiser)


def said(data: Data) -> str:
    """Return the words of a paper, with where somebody signs."""
    return text_of(data) + "".join(f"{place}\n{who}\n" for place, who in data.get("signatures", ()))


@pytest.mark.parametrize("language", ["de", "en"])
def test_what_the_papers_say(office: Office, language: str) -> None:
    """Written anew with UPDATE_SNAPSHOTS=1; read what changed before you commit it."""
    session, assembly, member = office.session, office.assembly, office.member
    office.event.ends_at = office.event.starts_at + dt.timedelta(hours=2)
    office.note(AttendanceState.PRESENT_HALF)
    made = listed(office)
    found = {"cash_list": payments.cash_list_of(session, assembly, made, language=language)}
    office.give_account()
    found["payment_list"] = payments.payment_list_of(session, assembly, made, language=language)
    payments.mark_paid(session, assembly, made, by=office.organiser)
    [year] = papers.years_of(session, member)
    found["statement"] = papers.statement_of(session, member, year, language=language)
    for reader in Reader:
        found[f"certificate_{reader}"] = papers.certificate_of(session, member, reader, language=language)
    for name, data in found.items():
        stored, text = SNAPSHOTS / f"{name}.{language}.txt", said(data)
        if "UPDATE_SNAPSHOTS" in os.environ:
            stored.parent.mkdir(exist_ok=True)
            stored.write_text(text, encoding="utf-8")
        assert text == stored.read_text(encoding="utf-8")
        pdf = compiled(REPORT, data, made_at=made.made_at)
        assert (pdf[:5], b"pdfuaid:part" in pdf) == (b"%PDF-", True)


def test_certificates_tell_neither_needs_nor_money(office: Office) -> None:
    office.note(AttendanceState.PRESENT)
    office.give_account()
    made = listed(office)
    payments.mark_paid(office.session, office.assembly, made, by=office.organiser)
    for reader in Reader:
        text = said(papers.certificate_of(office.session, office.member, reader, language="en"))
        told = ("childcare", "care of", "kilometre", "€", "EUR", IBAN, "Vera Konto", "80")
        assert [word for word in told if word.casefold() in text.casefold()] == []


def test_there_is_no_certificate_of_what_was_missed_or_cancelled(office: Office) -> None:
    for state in (AttendanceState.ABSENT, AttendanceState.EXCUSED):
        office.note(state)
        with pytest.raises(NotFoundError):
            papers.certificate(office.session, office.member, Reader.SCHOOL)


def test_nobody_who_was_erased_gets_a_certificate(office: Office) -> None:
    office.note(AttendanceState.PRESENT)
    erasing.clear(office.session, [office.member.respondent_id])
    office.session.expire_all()
    with pytest.raises(NotFoundError):
        papers.certificate(office.session, office.member, Reader.EMPLOYER)


def test_a_statement_is_of_the_year_in_which_it_was_paid(office: Office) -> None:
    made = listed(office)
    assert papers.years_of(office.session, office.member) == []
    office.traveller.move_to(made.made_at.replace(year=2036, month=1, day=1, hour=5))
    payments.mark_paid(office.session, office.assembly, made, by=office.organiser)
    assert papers.years_of(office.session, office.member) == [2036]
    for year in (2035, 2037):
        with pytest.raises(NotFoundError):
            papers.statement(office.session, office.member, year, language="de")


def test_nobody_signs_where_everybody_has_an_account(office: Office) -> None:
    made = listed(office)
    office.give_account()
    with pytest.raises(ConflictError, match="nobody is paid in cash"):
        payments.cash_list(office.session, office.assembly, made, language="de", by=office.organiser)


def test_whoever_left_gets_their_papers_still(office: Office) -> None:
    office.note(AttendanceState.PRESENT)
    calling.withdraw(office.session, office.member.respondent, by=office.organiser)
    claim = office.claim()
    assert claim.state is ClaimState.DRAFT
    assert papers.certificate(office.session, office.member, Reader.JOB_CENTRE)[:5] == b"%PDF-"
