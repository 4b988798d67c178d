"""Mails that may not have arrived go out again by the rule of their first sending, to where people are today."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Commitment, Exclusion, Mail, MailState, Respondent, Status, User
from assembly.services import mail, posting, receipts, respondents
from assembly.services.errors import ConflictError
from assembly.services.panel import calling
from assembly.services.panel.telling import Letter
from assembly.services.posting import Decision
from tests.assembly.sample import as_csv
from tests.assembly.services.panels import DrawnPanel, members_in
from tests.assembly.services.test_draws import MOMENT, Hall, hall  # noqa: F401  # the fixture
from tests.assembly.services.test_imports import take
from tests.assembly.services.test_receipts import committed, send, void  # noqa: F401  # the fixture

AGAIN = pytest.mark.parametrize("decision", [Decision.AGAIN, Decision.LETTER])


def refused_receipt(session: Session) -> Mail:
    """Return the receipt of K3, which the mail server refused."""
    found = session.scalars(sa.select(Mail).join(Respondent).where(Respondent.code == "K3")).one()
    if found.state is MailState.QUEUED:
        mail.move(session, found.id, MailState.SENDING)
        mail.move(session, found.id, MailState.REFUSED)
        session.refresh(found)
    return found


@pytest.fixture
def refused(hall: Hall, committed: int) -> int:  # the fixtures
    """A commitment whose receipts are written; that of K3, who has an address for letters, too, was refused."""
    send(hall, committed)
    with hall.sessions.begin() as session:
        contact = refused_receipt(session).respondent.contact  # type: ignore[union-attr]  # it is K3's
        assert contact
        contact.street, contact.postcode = "Amselweg", "12345"
    return committed


@AGAIN
def test_a_refused_receipt_goes_to_where_the_person_is_today(hall: Hall, refused: int, decision: Decision) -> None:
    with hall.sessions.begin() as session:
        found = refused_receipt(session)
        assert found.respondent
        assert found.respondent.contact
        found.respondent.contact.email, found.respondent.contact.street = "neu@example.org", "Neuer Weg"
        posting.decide(session, found, decision)
        session.refresh(found)
        if decision is Decision.AGAIN:
            assert (found.state, found.recipient) == (MailState.QUEUED, "neu@example.org")
        else:
            assert (found.state, found.address[1]) == (MailState.TO_PRINT, "Neuer Weg")


@pytest.mark.parametrize(
    ("field", "decision", "words"),
    [
        pytest.param("email", Decision.AGAIN, "no e-mail address", id="mail"),
        pytest.param("street", Decision.LETTER, "no postal address", id="letter"),
    ],
)
def test_nothing_goes_to_an_address_that_was_removed(
    hall: Hall,
    refused: int,
    field: str,
    decision: Decision,
    words: str,
) -> None:
    with hall.sessions.begin() as session:
        found = refused_receipt(session)
        assert found.respondent
        setattr(found.respondent.contact, field, "")
        with pytest.raises(ConflictError, match=words):
            posting.decide(session, found, decision)
        assert found.state is MailState.REFUSED


@AGAIN
def test_no_receipt_goes_out_again_in_the_last_24_hours(
    hall: Hall,
    refused: int,
    monkeypatch: pytest.MonkeyPatch,
    decision: Decision,
) -> None:
    monkeypatch.setattr(receipts, "now", lambda: MOMENT - dt.timedelta(hours=23))
    with hall.sessions.begin() as session:
        with pytest.raises(ConflictError, match="less than 24 hours"):
            posting.decide(session, refused_receipt(session), decision)
        assert refused_receipt(session).state is MailState.REFUSED


@AGAIN
def test_no_receipt_goes_out_again_to_whoever_has_withdrawn(hall: Hall, refused: int, decision: Decision) -> None:
    """What was refused is deleted as they withdraw; what was perhaps sent can only count as sent."""
    with hall.sessions.begin() as session:
        found = refused_receipt(session)
        found.state = MailState.PERHAPS_SENT
        person = respondents.find_by_code(session, hall.assembly(session), "K3")
        respondents.move(session, person, Status.WITHDRAWN, by=None)
        with pytest.raises(ConflictError, match="is not sent any more"):
            posting.decide(session, found, decision)


def test_no_receipt_of_a_drawn_lottery_goes_out_again(hall: Hall, refused: int) -> None:
    with hall.sessions.begin() as session:
        session.get_one(Commitment, refused).drawn_at = MOMENT
        session.flush()
        with pytest.raises(ConflictError, match="drawn already"):
            posting.decide(session, refused_receipt(session), Decision.AGAIN)


def test_a_receipt_that_was_perhaps_sent_counts_as_sent_whenever_somebody_says_so(
    hall: Hall,
    refused: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(receipts, "now", lambda: MOMENT)
    with hall.sessions.begin() as session:
        found = refused_receipt(session)
        found.state = MailState.PERHAPS_SENT
        session.flush()
        posting.decide(session, found, Decision.WAS_SENT)
        session.refresh(found)
        assert found.state is MailState.SENT


@AGAIN
def test_no_acknowledgement_goes_out_again_to_whoever_was_excluded(
    session: Session, assembly: Assembly, organiser: User, decision: Decision
) -> None:
    row = {"id": "K3", "Nachname": "Quast", "E-Mail": "q@example.org", "Straße": "Amselweg", "PLZ": "12345"}
    take(session, assembly, organiser, as_csv([row]))
    found = refused_receipt(session)
    person = respondents.find_by_code(session, assembly, "K3")
    respondents.exclude(session, person, Exclusion.NOT_RESIDENT, by=organiser)
    with pytest.raises(ConflictError, match="is not sent any more"):
        posting.decide(session, found, decision)
    respondents.readmit(session, person, by=organiser)
    posting.decide(session, found, decision)


@AGAIN
def test_whoever_has_declined_is_not_told_again_that_they_were_drawn(drawn: DrawnPanel, decision: Decision) -> None:
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        person = members_in(session, Status.DRAWN)[0]
        found = mail.queue_mail(
            session,
            Letter.DRAWN.value,
            to="alt@example.org",
            language="de",
            context={"name": "V", "assembly": "A", "size": 4, "last_day": None, "deleted_on": MOMENT, "contact": ""},
            assembly=assembly,
            respondent=person,
        )
        found.state = MailState.REFUSED
        session.flush()
        calling.decline(session, person, by=organiser)
        with pytest.raises(ConflictError, match="is not sent any more"):
            posting.decide(session, found, decision)
