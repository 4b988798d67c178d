"""Staff send members the way to their own page, end it, and help on the phone."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.extensions import db
from assembly.models import Channel, Contact, GuardianConsent, Mail, MailState, Member, Role, Status, User
from assembly.services import accounts, logbook, posting, respondents
from assembly.services import mail as outbox
from assembly.services.errors import ConflictError
from assembly.services.members import access, asking, sending
from assembly.services.panel import calling
from tests.assembly.conftest import sign_in
from tests.assembly.queries import counted
from tests.assembly.services.panels import DrawnPanel, members_in


@pytest.fixture
def base(panel: DrawnPanel) -> str:
    return f"/assemblies/{panel.assembly_id}/panel/access/"


@pytest.fixture
def organiser_client(app: Flask, session: Session, panel: DrawnPanel) -> FlaskClient:
    client = app.test_client()
    sign_in(client, session.get_one(User, panel.organiser_id))
    with client.session_transaction() as cookie:
        cookie["language"] = "en"
    return client


def mails(session: Session, member: Member | None = None) -> list[Mail]:
    session.expire_all()
    statement = sa.select(Mail).where(Mail.template == sending.TEMPLATE).order_by(Mail.id)
    if member is not None:
        statement = statement.where(Mail.respondent_id == member.respondent_id)
    return list(session.scalars(statement))


def contact_of(member: Member) -> Contact:
    assert member.respondent.contact
    return member.respondent.contact


def test_a_member_gets_a_mail_whose_link_and_code_open_the_page(
    app: Flask, session: Session, base: str, organiser_client: FlaskClient, member: Member
) -> None:
    assert organiser_client.post(f"{base}send").location == base
    (sent,) = mails(session)
    assert (sent.recipient, sent.language, sent.is_confidential) == (contact_of(member).email, "en", True)
    link = re.search(r"/m/[\w-]{32}", sent.text)
    code = re.search(r"Your code: (\S+)", sent.text)
    assert link
    assert code
    assert app.test_client().get(link[0]).status_code == 302
    assert app.test_client().post("/m/", data={"code": code[1]}).status_code == 302
    assert organiser_client.post(f"{base}send").location == base
    assert len(mails(session)) == 1  # nobody is without a link any more
    assert contact_of(member).last_name in organiser_client.get(base).text


@pytest.mark.parametrize("why", ["no address for mail", "wants letters"])
def test_whoever_wants_or_needs_a_letter_gets_one_with_address_code_and_picture(
    session: Session, base: str, organiser_client: FlaskClient, member: Member, why: str
) -> None:
    if why == "wants letters":
        member.channel = Channel.LETTER
    else:
        contact_of(member).email = ""
    session.commit()
    organiser_client.post(f"{base}{member.respondent_id}/send")
    (letter,) = mails(session)
    assert (letter.state, letter.recipient) == (MailState.TO_PRINT, None)
    assert letter.address[1:] == [f"Hauptstraße {contact_of(member).house_number}", "12345 Auenfurt"]
    assert letter.qr
    assert "/m/" in letter.text
    assert not re.search(r"/m/[\w-]{32}", letter.text)
    assembly = member.respondent.assembly
    pdf = posting.letters_pdf(session, assembly, sending.TEMPLATE, (letter.id, letter.id))
    assert pdf.startswith(b"%PDF")
    page = organiser_client.get(base).text
    assert f"{letter.id}-{letter.id}.pdf" in page
    posting.mark_as_printed(session, assembly, sending.TEMPLATE, (letter.id, letter.id))
    session.commit()
    assert mails(session)[0].text == ""  # whoever reads the outbox later finds no key


def test_a_new_link_ends_the_one_before_and_takes_back_what_has_not_gone_out(
    app: Flask, session: Session, base: str, organiser_client: FlaskClient, member: Member
) -> None:
    for _ in range(2):
        organiser_client.post(f"{base}{member.respondent_id}/send")
    first, second = sorted(mails(session), key=lambda one: one.id)
    assert (first.state, first.text) == (MailState.ERASED, "")
    assert second.state is MailState.QUEUED
    second.state = MailState.REFUSED
    session.commit()
    posting.decide(session, second, posting.Decision.AGAIN)
    session.rollback()
    access.revoke(session, member, by=None)
    with pytest.raises(ConflictError):
        posting.decide(session, second, posting.Decision.AGAIN)


def test_whoever_lost_their_link_has_a_new_one_sent_and_the_old_one_still_opens_the_page(
    app: Flask, session: Session, base: str, organiser_client: FlaskClient, member: Member
) -> None:
    organiser_client.post(f"{base}send")
    visitor, said = app.test_client(), "If we write to a member at this address, a link is there in a few minutes."
    with visitor.session_transaction() as cookie:
        cookie["language"] = "en"
    asked = {"email": contact_of(member).email.upper()}
    assert said in visitor.post("/m/link", data=asked, follow_redirects=True).text
    visitor.post("/m/link", data=asked)  # at once again: nobody's inbox is filled
    first, second = mails(session)
    assert (second.recipient, "Your code" in second.text) == (contact_of(member).email, False)
    links = [re.search(r"/m/[\w-]{32}", one.text) for one in (first, second)]
    assert [app.test_client().get(link[0]).status_code for link in links if link] == [302, 302]
    assert contact_of(member).last_name in organiser_client.get(base).text


def test_whoever_asks_again_and_again_closes_nobodys_page(
    app: Flask, session: Session, panel: DrawnPanel, base: str, organiser_client: FlaskClient, *, member: Member
) -> None:
    """Only so many links are sent in a day, and all of them go on opening the page."""
    organiser_client.post(f"{base}send")
    for _ in range(asking.MOST + 2):
        app.test_client().post("/m/link", data={"email": contact_of(member).email})
        panel.traveller.shift(asking.PAUSE)
    links = [re.search(r"/m/[\w-]{32}", one.text) for one in mails(session)]
    assert [app.test_client().get(link[0]).status_code for link in links if link] == [302] * (1 + asking.MOST)


def test_the_log_does_not_tell_that_a_link_was_asked_for(
    app: Flask, session: Session, panel: DrawnPanel, base: str, organiser_client: FlaskClient, *, member: Member
) -> None:
    """Its head is public: it must not move with the question whether somebody is a member."""
    organiser_client.post(f"{base}send")
    before = len(list(logbook.entries_of(session, panel.load(session)[0])))
    app.test_client().post("/m/link", data={"email": contact_of(member).email})
    after = len(list(logbook.entries_of(session, panel.load(session)[0])))
    assert (len(mails(session)), after) == (2, before)


@pytest.mark.parametrize("who", ["a stranger", "gets letters", "has left", "mistyped", "closed", "never opened"])
def test_whoever_gets_no_link_is_told_the_same(
    app: Flask, session: Session, panel: DrawnPanel, member: Member, *, who: str
) -> None:
    """Nobody learns from the answer who is a member; only what is no address at all is refused."""
    email, organiser = contact_of(member).email, panel.load(session)[1]
    if who != "never opened":
        access.renew(session, member, by=organiser)
    if who == "closed":
        access.revoke(session, member, by=organiser)
    if who == "gets letters":
        member.channel = Channel.LETTER
    elif who == "has left":
        respondents.move(session, member.respondent, Status.WITHDRAWN, by=organiser)
    elif who == "a stranger":
        email = "jemand@example.org"
    elif who == "mistyped":
        email = "vera.example.org"
    session.commit()
    answer = app.test_client().post("/m/link", data={"email": email})
    assert answer.status_code == (422 if who == "mistyped" else 302)
    assert mails(session) == []


def test_a_minors_guardian_gets_a_copy_by_letter(session: Session, panel: DrawnPanel, member: Member) -> None:
    _, organiser = panel.load(session)
    contact_of(member).birth_date = dt.date(2018, 5, 1)
    consent = {"recorded_at": member.drawn_at, "recorded_by_id": organiser.id, "channel": Channel.PHONE}
    session.add(GuardianConsent(respondent_id=member.respondent_id, guardian="Petra Person", **consent))
    session.flush()
    addresses = sending.Addresses(of_link=lambda token: f"https://b.example/m/{token}", of_page="https://b.example/m/")
    sending.send(session, member, by=organiser, addresses=addresses)
    session.commit()
    own, copy = mails(session, member)
    assert own.recipient == contact_of(member).email
    assert (copy.recipient, copy.address[0]) == (None, "Petra Person")
    assert "you are the guardian of Vera Person" in copy.text
    code = re.compile(r"Your code: (\S+)")
    assert code.findall(own.text) == code.findall(copy.text)


def test_support_tells_codes_on_the_phone_and_sees_no_contact_list(
    app: Flask, session: Session, panel: DrawnPanel, base: str, member: Member
) -> None:
    assembly, _ = panel.load(session)
    support = accounts.create_account(session, email="help@example.org", name="Sina Support", language="en")
    accounts.grant(session, support, Role.SUPPORT, assembly=assembly, by=None)
    session.commit()
    client, own = app.test_client(), f"{base}{member.respondent_id}"
    sign_in(client, support)
    with client.session_transaction() as cookie:
        cookie["language"] = "en"
    assert client.get(base).status_code == 200
    assert "Contact list" not in client.get(own).text
    page = client.post(f"{own}/tell").text
    code = re.search(r"New code: ([A-Z0-9]{4}-[A-Z0-9]{4})", page)
    assert code
    visitor = app.test_client()
    assert visitor.post("/m/", data={"code": code[1]}).status_code == 302
    shown = re.search(r"One-time code: (\d{6})", client.post(f"{own}/one-time-code").text)
    assert shown
    assert visitor.post("/m/confirm", data={"code": shown[1]}).status_code == 302
    assert code[1] not in client.get(own).text
    session.expire_all()
    entries = [(entry.action, entry.actor_id) for entry in logbook.entries_of(session, assembly)][-2:]
    assert entries == [("access_made", support.id), ("one_time_code_read_out", support.id)]
    client.post(f"{own}/revoke")
    assert visitor.get("/m/confirm").status_code == 403
    assert client.post(f"{base}revoke").status_code == 403


def test_all_links_are_ended_at_once(
    session: Session, panel: DrawnPanel, base: str, organiser_client: FlaskClient, member: Member
) -> None:
    app, (_, organiser) = organiser_client.application, panel.load(session)
    for one in members_in(session, Status.DRAWN):
        calling.confirm(session, one, channel=Channel.MAIL, language="de", by=organiser)
    session.commit()
    messages, warning = f"/assemblies/{panel.assembly_id}/programme/messages/", "4 members cannot open their own page"
    assert warning in organiser_client.get(messages).text
    organiser_client.post(f"{base}send")
    assert "cannot open their own page" not in organiser_client.get(messages).text
    links = [re.search(r"/m/[\w-]{32}", one.text) for one in mails(session)]
    assert [app.test_client().get(link[0]).status_code for link in links if link] == [302] * 4
    page = organiser_client.post(f"{base}revoke", follow_redirects=True).text
    assert "The links of 4 members are ended." in page
    assert [app.test_client().get(link[0]).status_code for link in links if link] == [404] * 4


def test_nobody_is_written_to_who_has_left_or_cannot_be_reached(
    session: Session, panel: DrawnPanel, base: str, organiser_client: FlaskClient, member: Member
) -> None:
    contact_of(member).email = contact_of(member).street = ""
    session.commit()
    page = organiser_client.post(f"{base}{member.respondent_id}/send", follow_redirects=True).text
    assert "neither an e-mail nor a postal address" in page
    _, organiser = panel.load(session)
    respondents.move(session, session.get_one(Member, member.respondent_id).respondent, Status.WITHDRAWN, by=organiser)
    session.commit()
    organiser_client.post(f"{base}{member.respondent_id}/send")
    assert mails(session) == []


def test_the_list_takes_as_many_queries_for_one_member_as_for_all(
    session: Session, panel: DrawnPanel, base: str, organiser_client: FlaskClient, member: Member
) -> None:
    sizes = []
    _, organiser = panel.load(session)
    for one in (None, *members_in(session, Status.DRAWN)):
        if one is not None:
            calling.confirm(session, one, channel=Channel.MAIL, language="de", by=organiser)
            session.commit()
        organiser_client.post(f"{base}send")
        with counted(db.engine) as sent:
            organiser_client.get(base)
        sizes.append(len(sent))
    assert len(set(sizes)) == 1


def test_an_sms_fits_into_one() -> None:
    context = {"assembly": "Bürgerrat „Mobilität“", "code": "012345", "minutes": 10}
    for language in ("de", "de-plain", "en"):
        assert len(outbox.render_text(outbox.CODE_SMS, language, context)) <= 160
