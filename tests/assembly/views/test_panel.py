"""The pages of the panel: who sees what, what they record, and the way of a replacement through the pages."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from assembly.extensions import db
from assembly.models import (
    AttemptOutcome,
    Channel,
    Commitment,
    Contact,
    Mail,
    MailState,
    Member,
    NeedKind,
    Receipt,
    Respondent,
    Role,
    Status,
    SupportNeed,
    User,
)
from assembly.services import accounts, logbook, respondents
from assembly.services.needs import people
from assembly.services.needs.people import Wish
from assembly.services.panel import calling, replacing
from tests.assembly.conftest import sign_in
from tests.assembly.queries import counted
from tests.assembly.services.panels import REPLACEMENT, REPLACEMENT_VALUE, START, DrawnPanel, drawn_panel, perform

NEED = "Gebärdensprache"


@pytest.fixture
def drawn(app: Flask, tmp_path: Path) -> Iterator[DrawnPanel]:
    """A panel of four in the application's own database, an hour after the draw."""
    app.config["WTF_CSRF_ENABLED"] = False  # tokens have tests of their own
    with time_machine.travel(START, tick=True) as traveller:
        yield drawn_panel(sessionmaker(db.engine, expire_on_commit=False), tmp_path, traveller)


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
    base, needs = f"/assemblies/{drawn.assembly_id}/panel", f"/assemblies/{drawn.assembly_id}/needs"
    one = first(session, Status.DRAWN)
    become(client, someone(session, drawn, Role.CALLER))
    attempt = {"attempt-channel": "phone", "attempt-outcome": "reached", "attempt-note": "meldet sich"}
    assert client.post(f"{base}/{one.id}/attempts", data=attempt).status_code == 302
    wishes = {"confirm-channel": "mail", "confirm-language": "de", "confirm-needs": NEED}
    answer = client.post(f"{base}/{one.id}/confirm", data=wishes)
    assert answer.status_code == 302
    assert first(session, Status.CONFIRMED).id == one.id
    page = client.get(f"{base}/{one.id}").text
    assert ("meldet sich" in page, NEED in page) == (True, False)
    assert client.get(f"{needs}/people/").status_code == 403
    become(client, someone(session, drawn, Role.SUPPORT))
    assert NEED in client.get(f"{needs}/people/").text
    assert [client.get(f"{base}/{page}").status_code for page in ("", one.id)] == [403, 403]


def test_an_auditor_reads_all_but_needs_and_changes_nothing(
    client: FlaskClient, session: Session, drawn: DrawnPanel
) -> None:
    base = f"/assemblies/{drawn.assembly_id}/panel"
    one = first(session, Status.DRAWN)
    become(client, someone(session, drawn, Role.AUDITOR))
    pages = [client.get(f"{base}/{page}").status_code for page in ("", one.id, "replacement", "mails")]
    assert pages == [200, 200, 200, 403]
    needs = f"/assemblies/{drawn.assembly_id}/needs"
    assert [client.get(f"{needs}/{page}").status_code for page in ("", "people/", "providers")] == [403] * 3
    deeds = ("attempts", "consent", "confirm", "needs", "preferences", "not_reached", "declined", "withdrawn")
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


def test_a_caller_sends_an_sms_where_there_is_a_gateway(
    app: Flask, client: FlaskClient, session: Session, drawn: DrawnPanel
) -> None:
    base, one = f"/assemblies/{drawn.assembly_id}/panel", first(session, Status.DRAWN)
    become(client, someone(session, drawn, Role.CALLER))
    assert "Send an SMS" not in client.get(f"{base}/{one.id}").text
    assert client.post(f"{base}/{one.id}/sms").status_code == 404
    config = app.extensions["assembly.config"]
    app.extensions["assembly.config"] = dataclasses.replace(config, sms_gateway="{number}@sms.example.org")
    assert "There is no mobile phone number." in client.get(f"{base}/{one.id}").text
    answer = client.post(f"{base}/{one.id}/sms")
    assert (answer.status_code, "Add it to the registration first" in answer.text) == (422, True)
    session.execute(sa.update(Contact).where(Contact.respondent_id == one.id).values(phone="0151 23456789"))
    session.commit()
    assert "To +4915123456789, at most once a day" in client.get(f"{base}/{one.id}").text
    assert client.post(f"{base}/{one.id}/sms").status_code == 302
    page = client.get(f"{base}/{one.id}").text
    assert "Waiting to be sent" in page
    assert client.post(f"{base}/{one.id}/sms").status_code == 422  # once a day
    assert session.scalars(sa.select(Mail.recipient).where(Mail.template == "panel_sms")).all() == ["+4915123456789"]
    assert "Send this SMS" not in page
    session.execute(sa.update(Mail).where(Mail.template == "panel_sms").values(state=MailState.PERHAPS_SENT))
    session.commit()
    page = client.get(f"{base}/{one.id}").text
    assert ["Send this SMS" in page, "It was sent" in page, f'{base}/{one.id}/sms/not_sent"' in page] == [
        False,
        True,
        True,
    ]
    assert client.post(f"{base}/{one.id}/sms/not_sent").status_code == 302
    assert "Send this SMS" in client.get(f"{base}/{one.id}").text
    assert client.post(f"{base}/{one.id}/sms/sent").status_code == 422  # there is none any more
    assert client.post(f"{base}/{one.id}/sms").status_code == 302


def test_wrong_input_is_said_at_its_field(client: FlaskClient, session: Session, drawn: DrawnPanel) -> None:
    one = first(session, Status.DRAWN)
    become(client, someone(session, drawn, Role.CALLER))
    base = f"/assemblies/{drawn.assembly_id}/panel/{one.id}"
    for deed, data in (
        ("attempts", {"attempt-channel": "phone", "attempt-outcome": "call_back"}),
        ("attempts", {"attempt-channel": "pigeon", "attempt-outcome": "sent"}),
        ("consent", {"consent-guardian": ""}),
        ("confirm", {}),
        ("needs", {}),
        ("preferences", {"preferences-channel": "pigeon", "preferences-language": "de"}),
        ("preferences", {"preferences-channel": "mail", "preferences-language": "de"}),  # they have not confirmed
        ("not_reached", {}),
    ):
        assert client.post(f"{base}/{deed}", data=data).status_code == 422
    assert first(session, Status.DRAWN).id == one.id
    assert session.scalars(sa.select(SupportNeed)).all() == []


def test_a_click_on_declined_asks_once_more(client: FlaskClient, session: Session, drawn: DrawnPanel) -> None:
    """The page says who gives up their seat and what follows; only its button does it."""
    one = first(session, Status.DRAWN)
    become(client, someone(session, drawn, Role.CALLER))
    base = f"/assemblies/{drawn.assembly_id}/panel/{one.id}"
    page = client.get(base).text
    assert [f'href="{base}/{deed}"' in page for deed in ("declined", "withdrawn")] == [True, True]
    assert one.contact is not None
    name = f"{one.contact.first_name} {one.contact.last_name}"
    for deed in ("declined", "withdrawn"):
        asked = client.get(f"{base}/{deed}")
        assert (asked.status_code, name in asked.text, "cannot be undone" in asked.text) == (200, True, True)
    assert first(session, Status.DRAWN).id == one.id
    assert client.post(f"{base}/declined").status_code == 302
    assert first(session, Status.DECLINED).id == one.id
    assert [client.get(f"{base}/declined").status_code, client.post(f"{base}/declined").status_code] == [409, 409]


def test_what_a_member_prefers_changes_after_the_confirmation(
    client: FlaskClient, session: Session, drawn: DrawnPanel
) -> None:
    one = first(session, Status.DRAWN)
    become(client, session.get_one(User, drawn.organiser_id))
    base = f"/assemblies/{drawn.assembly_id}"
    person = f"{base}/panel/{one.id}"
    client.post(f"{person}/confirm", data={"confirm-channel": "mail", "confirm-language": "de"})
    changed = {"preferences-channel": "letter", "preferences-language": "en"}
    assert client.post(f"{person}/preferences", data=changed).status_code == 302
    session.expire_all()
    member = session.get_one(Member, one.id)
    assert (member.channel, member.language) == ("letter", "en")
    history = client.get(f"{base}/pool/{one.id}").text
    assert ("Preferred channel, Language" in history, "a feature that was removed" in history) == (True, False)
    assert "<td" in history


def test_support_corrects_and_removes_a_need_and_the_log_does_not_say_it(
    client: FlaskClient, session: Session, drawn: DrawnPanel
) -> None:
    one, by = first(session, Status.DRAWN), session.get_one(User, drawn.organiser_id)
    people.add_need(session, one, Wish(NeedKind.OTHER, text=NEED), by=by)
    session.commit()
    need = session.scalars(sa.select(SupportNeed.id)).one()
    base = f"/assemblies/{drawn.assembly_id}/needs/people"
    become(client, someone(session, drawn, Role.CALLER))
    assert [client.get(f"{base}/{need}").status_code, client.post(f"{base}/{need}").status_code] == [403, 403]
    become(client, someone(session, drawn, Role.SUPPORT))
    assert f'href="{base}/{need}"' in client.get(f"{base}/").text
    assert NEED in client.get(f"{base}/{need}").text
    assert client.post(f"{base}/{need}", data={"kind": "other", "text": " "}).status_code == 422
    assert (
        client.post(f"{base}/{need}", data={"kind": "other", "text": "Rampe", "for_all_events": "y"}).status_code == 302
    )
    assert "Rampe" in client.get(f"{base}/").text
    assert client.post(f"{base}/{need}/remove").status_code == 302
    assert client.post(f"{base}/{need}/remove").status_code == 404
    session.expire_all()
    assembly, _ = drawn.load(session)
    logged = [entry for entry in logbook.entries_of(session, assembly) if entry.action.startswith("need_")]
    assert [entry.action for entry in logged] == ["need_recorded", "need_changed", "need_removed"]
    assert [entry.details for entry in logged] == [{}, {}, {}]


@pytest.mark.parametrize("birth", [None, dt.date(2020, 1, 1)])
def test_no_two_fields_of_a_page_have_one_id(
    client: FlaskClient, session: Session, drawn: DrawnPanel, birth: dt.date | None
) -> None:
    one = first(session, Status.DRAWN)
    assert one.contact is not None
    one.contact.birth_date = birth
    session.commit()
    become(client, session.get_one(User, drawn.organiser_id))
    person = f"/assemblies/{drawn.assembly_id}/panel/{one.id}"
    ids = re.findall(r'\sid="([^"]+)"', client.get(person).text)
    assert "consent-guardian" in ids
    assert [name for name, count in Counter(ids).items() if count > 1] == []


def test_the_age_is_that_of_the_day_that_the_label_says(
    client: FlaskClient, session: Session, drawn: DrawnPanel
) -> None:
    """A guardian is needed by the age today, quotas go by the reference date."""
    assembly, organiser = drawn.load(session)
    one = first(session, Status.DRAWN)
    assert one.contact is not None
    one.contact.birth_date, assembly.reference_date = dt.date(2017, 6, 1), dt.date(2035, 7, 1)
    session.commit()
    become(client, organiser)
    page = client.get(f"/assemblies/{drawn.assembly_id}/panel/{one.id}").text
    facts = dict(re.findall(r"<dt[^>]*>\s*(.*?)\s*</dt>\s*<dd[^>]*>\s*(.*?)\s*</dd>", page, re.DOTALL))
    assert (facts["Age today"], facts["Age on the reference date"]) == ("17", "18")
    assert "The person is under 18" in page


def test_the_contact_list_says_what_happens_with_a_free_seat(
    client: FlaskClient, session: Session, drawn: DrawnPanel
) -> None:
    base = f"/assemblies/{drawn.assembly_id}/panel"
    _, organiser = drawn.load(session)
    become(client, organiser)
    assert "seat is free" not in client.get(f"{base}/").text
    one = first(session, Status.DRAWN)
    client.post(f"{base}/{one.id}/declined")
    page = client.get(f"{base}/").text
    assert page.count("seat free") == 1
    assert "1 seat is free." in page
    until = "10 Apr 2035, 19:00; the lottery for it has to be committed until 9 Apr 2035, 19:00."
    assert f"It can be filled by the replacement draw of {until}" in page
    client.post(f"{base}/{first(session, Status.DRAWN).id}/declined")
    page = client.get(f"{base}/").text
    assert "2 seats are free." in page
    assert "They can be filled by the replacement draw of 10 Apr 2035, 19:00; the lottery for them has" in page
    drawn.traveller.move_to(REPLACEMENT - dt.timedelta(hours=23))
    become(client, organiser)
    assert "The draw rule has no replacement draw left" in client.get(f"{base}/").text
    drawn.traveller.move_to(REPLACEMENT - dt.timedelta(days=3))
    drawn.commit_replacement()
    become(client, organiser)
    assert "The replacement is fixed: it is drawn on 10 Apr 2035, 19:00." in client.get(f"{base}/").text


def test_a_replacement_goes_through_the_pages(client: FlaskClient, session: Session, drawn: DrawnPanel) -> None:
    base = f"/assemblies/{drawn.assembly_id}/panel"
    organiser, witness = (session.get_one(User, one) for one in (drawn.organiser_id, drawn.witness_id))
    become(client, organiser)
    one = first(session, Status.DRAWN)
    code = one.code
    assert client.post(f"{base}/{one.id}/declined").status_code == 302
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
    client.post(f"{base}/{first(session, Status.DRAWN).id}/declined")
    assert client.post(f"{base}/replacement/start", data={}).status_code == 302
    assert 'hx-get="/assemblies/1/panel/replacement/progress"' in client.get(f"{base}/replacement").text
    assert client.post(f"{base}/replacement/cancel").status_code == 302
    assert "Warning: Cancelled." in client.get(f"{base}/replacement").text


def test_a_fixed_replacement_is_voided_with_a_reason_and_another_takes_the_same_moment(
    client: FlaskClient, session: Session, drawn: DrawnPanel
) -> None:
    base = f"/assemblies/{drawn.assembly_id}/panel"
    become(client, session.get_one(User, drawn.organiser_id))
    assert "10 Apr 2035" in client.get(f"{base}/replacement").text
    left = [first(session, Status.DRAWN).id]
    client.post(f"{base}/{left[0]}/declined")
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
    client.post(f"{base}/{left[1]}/declined")
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
    client.post(f"{base}/panel/{first(session, Status.DRAWN).id}/declined")
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
    letter = session.scalars(sa.select(Mail).where(Mail.state == MailState.TO_PRINT)).one()
    batch = f"/assemblies/{drawn.assembly_id}/letters/panel_drawn/{letter.id}-{letter.id}"
    assert f'href="{batch}.pdf"' in client.get(f"{base}/mails").text
    assert client.get(f"{batch}.pdf").data[:5] == b"%PDF-"
    answer = client.post(f"{batch}/printed")
    assert (answer.status_code, answer.location) == (302, f"{base}/mails")
    assert f'href="{batch}.pdf"' not in client.get(f"{base}/mails").text
    assert client.post(f"{batch}/printed").status_code == 404


def test_letters_that_came_in_after_the_download_are_not_marked_as_printed(
    client: FlaskClient, session: Session, drawn: DrawnPanel
) -> None:
    """A batch is what was downloaded, and nothing else."""
    become(client, session.get_one(User, drawn.organiser_id))
    session.execute(sa.update(Contact).values(email=""))
    session.commit()
    client.post(f"/assemblies/{drawn.assembly_id}/panel/mails/panel_drawn/send")
    session.rollback()  # nobody writes while this session reads
    perform(drawn.sessions, drawn.config)
    *downloaded, late = session.scalars(sa.select(Mail).where(Mail.template == "panel_drawn").order_by(Mail.id)).all()
    batch = f"/assemblies/{drawn.assembly_id}/letters/panel_drawn/{downloaded[0].id}-{downloaded[-1].id}"
    assert client.post(f"{batch}/printed").status_code == 302
    session.expire_all()
    assert [one.state for one in (*downloaded, late)] == [MailState.PRINTED] * 3 + [MailState.TO_PRINT]


def test_the_states_of_the_mails_are_shown_and_decided_about(
    client: FlaskClient, session: Session, drawn: DrawnPanel
) -> None:
    base = f"/assemblies/{drawn.assembly_id}/panel"
    become(client, session.get_one(User, drawn.organiser_id))
    client.post(f"{base}/mails/panel_drawn/test")
    assert "Waiting to be sent" not in client.get(f"{base}/mails").text  # a test is nobody's mail
    client.post(f"{base}/mails/panel_drawn/send")
    session.rollback()  # nobody writes while this session reads
    perform(drawn.sessions, drawn.config)
    refused = session.scalars(sa.select(Mail).where(Mail.template == "panel_drawn", Mail.user_id.is_(None))).first()
    assert refused is not None
    refused.state, refused.reply = MailState.REFUSED, "550 no such mailbox"
    session.commit()
    page = client.get(f"{base}/mails").text
    assert ("Waiting to be sent" in page, "550 no such mailbox" in page) == (True, True)
    answer = client.post(f"/assemblies/{drawn.assembly_id}/mails/{refused.id}/letter")
    assert (answer.status_code, answer.location) == (302, f"{base}/mails")
    session.expire_all()
    assert (refused.state, refused.address[0]) == (MailState.TO_PRINT, refused.address[0])
    assert "Letters of batch 1 (PDF)" in client.get(f"{base}/mails").text


def test_the_contact_list_asks_the_database_no_more_often_for_more_people(
    client: FlaskClient, session: Session, drawn: DrawnPanel
) -> None:
    become(client, session.get_one(User, drawn.organiser_id))
    address = f"/assemblies/{drawn.assembly_id}/panel/"
    assembly, organiser = drawn.load(session)
    commitment = replacing.last_drawn(session, assembly)
    assert commitment is not None
    seen = []
    for _ in range(2):
        session.commit()
        assert client.get(address).status_code == 200  # whatever is read once per process has been read
        with counted(db.engine) as statements:
            page = client.get(address).text
        seen.append((len(re.findall(rf'href="{address}\d+"', page)), len(statements)))
        for one in session.scalars(sa.select(Respondent).where(Respondent.status == Status.REGISTERED)).all()[:4]:
            respondents.move(session, one, Status.DRAWN, by=organiser)
            session.add(Member(respondent_id=one.id, assembly_id=1, commitment_id=commitment.id, drawn_at=START))
            calling.record_attempt(session, one, channel=Channel.PHONE, outcome=AttemptOutcome.REACHED, by=organiser)
    (few, statements_for_few), (many, statements_for_many) = seen
    assert (few, many) == (4, 8)
    assert statements_for_many == statements_for_few
