"""SMS to drawn people: to which number, what they say, how they go out, and that they count as written."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import AttemptOutcome, Channel, Mail, MailState, Member, Respondent, Status, User
from assembly.services import delivery, logbook, mail, respondents
from assembly.services.errors import ConflictError, RuleError
from assembly.services.panel import attempts, calling, sms
from tests.assembly.engines import free_port
from tests.assembly.services.panels import DrawnPanel, attempt, members_in
from tests.assembly.services.test_delivery import PostOffice, mailing, serving

MOBILE = "0151 23456789"


def phone(session: Session, written: str) -> Respondent:
    """Return somebody drawn who gave this phone number."""
    one = members_in(session, Status.DRAWN)[0]
    assert one.contact is not None
    one.contact.phone = written
    return one


@pytest.mark.parametrize(
    ("written", "number"),
    [
        (MOBILE, "+4915123456789"),
        ("+49 (0)151 / 23 45 67 89", "+4915123456789"),
        ("030 901820, mobil 0151-23456789", "+4915123456789"),
        ("+43 664 1234567", "+436641234567"),
        ("030 901820", None),
        ("abends", None),
        ("", None),
    ],
)
def test_the_first_mobile_number_is_found(drawn: DrawnPanel, written: str, number: str | None) -> None:
    with drawn.sessions() as session:
        assert sms.number_of(phone(session, written)) == number


def test_an_sms_goes_through_the_gateway_and_counts_as_written(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        one = phone(session, MOBILE)
        sms.send(session, one, by=organiser)
        respondent_id, text = one.id, sms.text_for(one)
        assert assembly.title in text
        with pytest.raises(ConflictError, match="still waits"):
            sms.send(session, one, by=organiser)
    office, port = PostOffice(), free_port()
    config = dataclasses.replace(mailing(drawn.config, port), sms_gateway="{number}@sms.example.org")
    with serving(office, port):
        delivery.Delivery(config, drawn.sessions, lambda: False).deliver()
    assert office.to == ["4915123456789@sms.example.org"]
    [message] = office.received
    assert (message["To"], message.get_content_type()) == (office.to[0], "text/plain")
    assert message.get_content().replace("\r\n", "\n") == text
    with drawn.sessions.begin() as session:
        _, organiser = drawn.load(session)
        one = session.get_one(Respondent, respondent_id)
        [made] = attempts.attempts_of(session, one)
        assert (made.channel, made.outcome) == (Channel.SMS, AttemptOutcome.SENT)
        attempt(session, one, Channel.PHONE, organiser)
        drawn.traveller.shift(dt.timedelta(days=8))
        calling.mark_not_reached(session, one, by=organiser)
        sms.send(session, one, by=organiser)  # another day, another SMS


def test_without_gateway_an_sms_is_refused_and_says_why(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        _, organiser = drawn.load(session)
        sms.send(session, phone(session, MOBILE), by=organiser)
    office, port = PostOffice(), free_port()
    with serving(office, port):
        delivery.Delivery(mailing(drawn.config, port), drawn.sessions, lambda: False).deliver()
    with drawn.sessions() as session:
        found = session.scalars(sa.select(Mail).where(Mail.template == mail.SMS)).one()
        assert (found.state, found.reply) == (
            MailState.REFUSED,
            "There is no gateway for SMS: SMS_GATEWAY is not set.",
        )
        [made] = attempts.attempts_of(session, session.get_one(Member, found.respondent_id).respondent)
        assert (made.channel, made.outcome) == (Channel.SMS, AttemptOutcome.UNDELIVERABLE)


def test_nobody_gets_an_sms_who_cannot_or_need_not_be_reached(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        _, organiser = drawn.load(session)
        one = phone(session, "030 901820")
        with pytest.raises(RuleError, match="no mobile"):
            sms.send(session, one, by=organiser)
        calling.decline(session, one, by=organiser)
        with pytest.raises(ConflictError, match="status has changed"):
            sms.send(session, one, by=organiser)
        assert sms.newest(session, one) is None


def put(session: Session, mail_state: MailState, one: Respondent, organiser: User) -> Mail:
    """Return an SMS to somebody that stands in a state."""
    sms.send(session, one, by=organiser)
    made = sms.newest(session, one)
    assert made is not None
    made.state = mail_state
    session.flush()
    return made


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (MailState.QUEUED, "still waits to be sent"),
        (MailState.SENDING, "still waits to be sent"),
        (MailState.PERHAPS_SENT, "was perhaps sent"),
        (MailState.SENT, "went to this person today already"),
    ],
)
def test_what_is_said_of_an_earlier_sms_is_true(drawn: DrawnPanel, state: MailState, said: str) -> None:
    with drawn.sessions() as session:
        _, organiser = drawn.load(session)
        one = phone(session, MOBILE)
        put(session, state, one, organiser)
        with pytest.raises(ConflictError, match=said):
            sms.send(session, one, by=organiser)
        drawn.traveller.shift(dt.timedelta(days=1))
        if state is MailState.SENT:
            sms.send(session, one, by=organiser)
        else:  # else both would go out together
            with pytest.raises(ConflictError, match=said):
                sms.send(session, one, by=organiser)


def test_an_sms_that_was_refused_does_not_count(drawn: DrawnPanel) -> None:
    with drawn.sessions() as session:
        _, organiser = drawn.load(session)
        one = phone(session, MOBILE)
        refused = put(session, MailState.REFUSED, one, organiser)
        sms.send(session, one, by=organiser)
        again = sms.newest(session, one)
        assert again is not None
        assert (again.id != refused.id, again.state, refused.state) == (True, MailState.QUEUED, MailState.REFUSED)
        with pytest.raises(ConflictError, match="still waits"):
            sms.send(session, one, by=organiser)


@pytest.mark.parametrize("was_sent", [True, False])
def test_a_person_decides_about_an_sms_that_was_perhaps_sent(drawn: DrawnPanel, *, was_sent: bool) -> None:
    with drawn.sessions() as session:
        assembly, organiser = drawn.load(session)
        one = phone(session, MOBILE)
        made = put(session, MailState.PERHAPS_SENT, one, organiser)
        sms.decide(session, one, was_sent=was_sent, by=organiser)
        action = "sms_was_sent" if was_sent else "sms_was_not_sent"
        session.refresh(made)
        assert made.state is (MailState.SENT if was_sent else MailState.ERASED)
        assert [entry.action for entry in logbook.entries_of(session, assembly)][-1] == action
        assert len(attempts.attempts_of(session, one)) == int(was_sent)
        with pytest.raises(ConflictError, match="has changed"):
            sms.decide(session, one, was_sent=was_sent, by=organiser)
        if was_sent:
            with pytest.raises(ConflictError, match="today already"):
                sms.send(session, one, by=organiser)
        else:
            sms.send(session, one, by=organiser)


@pytest.mark.parametrize(("to", "waits"), [(Status.NOT_REACHED, 1), (Status.CONFIRMED, 0), (Status.DECLINED, 0)])
def test_whoever_was_reached_gets_no_sms_that_waited(drawn: DrawnPanel, to: Status, waits: int) -> None:
    """As when the mail server was down for a while: it would say that nobody reached them."""
    with drawn.sessions.begin() as session:
        _, organiser = drawn.load(session)
        one = phone(session, MOBILE)
        sms.send(session, one, by=organiser)
        respondents.move(session, one, to, by=organiser)
    office, port = PostOffice(), free_port()
    config = dataclasses.replace(mailing(drawn.config, port), sms_gateway="{number}@sms.example.org")
    with serving(office, port):
        delivery.Delivery(config, drawn.sessions, lambda: False).deliver()
    assert len(office.to) == waits


@pytest.mark.parametrize(
    ("language", "beginning"), [("de", "Bürgerrat X: Sie wurden gelost"), ("en", "Bürgerrat X: You have been drawn")]
)
def test_an_sms_is_one_paragraph_of_plain_characters(language: str, beginning: str) -> None:
    text = mail.render_text(mail.SMS, language, {"assembly": "Bürgerrat X", "contact": "Rathaus, 0800 1234"})
    assert text.startswith(beginning)
    assert text.endswith("Rathaus, 0800 1234\n")
    assert len(text) <= 160
    assert all(ord(character) < 256 for character in text)
