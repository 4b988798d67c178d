"""Members reach their own page by a link or a code, without an account, and nobody else does."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.extensions import limiter
from assembly.models import LogEntry, Mail, Member, MemberAccess, OneTimeCode, Status
from assembly.services import respondents
from assembly.services.members import access, one_time
from tests.assembly.services.panels import DrawnPanel, members_in
from tests.assembly.views.conftest import confirmed, link_of


def test_a_link_leads_to_the_page_and_out_of_the_address(app: Flask, session: Session, member: Member) -> None:
    client = app.test_client()
    answer = client.get(f"/m/{link_of(session, member)}")
    assert (answer.status_code, answer.location) == (302, "/m/")
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert {"HttpOnly", "Path=/m", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Max-Age" not in cookie
    page = client.get("/m/").text
    assert "<h1" in page
    assert "My schedule" in page
    assert member.respondent.assembly.title in page


def test_opening_a_link_changes_nothing_and_does_not_use_it_up(app: Flask, session: Session, member: Member) -> None:
    link = link_of(session, member)
    before = session.scalar(sa.select(sa.func.count()).select_from(LogEntry))
    for _ in range(3):
        assert app.test_client().get(f"/m/{link}").status_code == 302
        assert app.test_client().head(f"/m/{link}").status_code == 302
    session.expire_all()
    assert session.scalar(sa.select(sa.func.count()).select_from(LogEntry)) == before


def test_tokens_stand_nowhere_in_the_database(session: Session, member: Member) -> None:
    made = access.renew(session, member, by=None)
    kept = session.scalars(sa.select(MemberAccess.fingerprint)).all()
    assert len(kept) == 2
    assert all(len(one) == 64 for one in kept)
    assert not {made.link, made.code} & set(kept)


def test_a_code_from_a_letter_opens_the_page_however_it_is_typed(app: Flask, session: Session, member: Member) -> None:
    code = access.renew(session, member, by=None).code
    session.commit()
    for typed in (code, f" {code[:4].lower()}-{code[4:]} ", f"{code[:2]} {code[2:]}"):
        client = app.test_client()
        assert client.post("/m/", data={"code": typed}).location == "/m/"
        assert member.respondent.assembly.title in client.get("/m/").text


@pytest.mark.parametrize("code", ["", "AAAA-AAAA", "x" * 41, "💥", "' OR 1=1"])
def test_a_wrong_code_is_told_what_to_do(app: Flask, member: Member, code: str) -> None:
    answer = app.test_client().post("/m/", data={"code": code})
    assert answer.status_code == 422
    assert member.respondent.assembly.title not in answer.text


def test_codes_cannot_be_tried_out(app: Flask, session: Session, member: Member) -> None:
    right = access.renew(session, member, by=None).code
    session.commit()
    app.config["RATELIMIT_ENABLED"] = True
    limiter.reset()
    client = app.test_client()
    answers = [client.post("/m/", data={"code": "AAAAAAAA"}).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    assert client.post("/m/", data={"code": right}).status_code == 429
    limiter.reset()


@pytest.mark.parametrize("end", ["wrong", "revoked", "renewed", "erased"])
def test_a_link_that_does_not_open_says_what_to_do(
    app: Flask, session: Session, member: Member, panel: DrawnPanel, end: str
) -> None:
    link = link_of(session, member)
    visiting = app.test_client()
    visiting.get(f"/m/{link}")
    _, organiser = panel.load(session)
    member = session.get_one(Member, member.respondent_id)
    if end == "wrong":
        link = link[:-1]
    elif end == "revoked":
        assert access.revoke(session, member, by=organiser)
    elif end == "renewed":
        access.renew(session, member, by=organiser)
    else:
        respondents.erase(session, member.respondent, by=organiser)
    session.commit()
    answer = app.test_client().get(f"/m/{link}", headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert "Open the link in the newest mail" in answer.text
    assert visiting.get("/m/confirm").status_code == (200 if end == "wrong" else 403)


def test_a_visit_ends_with_the_evening_or_when_it_is_closed(
    member_client: FlaskClient, panel: DrawnPanel, member: Member
) -> None:
    title = member.respondent.assembly.title
    assert title in member_client.get("/m/").text
    assert member_client.post("/m/sign-out").location == "/m/"
    assert title not in member_client.get("/m/").text


def test_a_visit_lasts_half_a_day(
    member_client: FlaskClient, session: Session, panel: DrawnPanel, member: Member
) -> None:
    assert member_client.get("/m/confirm").status_code == 200
    panel.traveller.shift(dt.timedelta(hours=12, minutes=1))
    assert member_client.get("/m/confirm").status_code == 403


def test_a_visit_is_no_sign_in(member_client: FlaskClient, panel: DrawnPanel) -> None:
    for address in ("/account", f"/assemblies/{panel.assembly_id}", f"/assemblies/{panel.assembly_id}/panel/"):
        answer = member_client.get(address)
        assert answer.status_code in {302, 308}
        assert "/account" in answer.location or answer.status_code == 308


def test_a_forged_cookie_opens_nothing(app: Flask, member: Member) -> None:
    client = app.test_client()
    client.set_cookie("assembly_member", "eyJhY2Nlc3MiOjF9.aaaaaa.bbbbbb", path="/m")
    assert client.get("/m/confirm").status_code == 403


def test_who_has_left_sees_what_was_theirs_and_nothing_else(
    app: Flask, session: Session, panel: DrawnPanel, member: Member
) -> None:
    client = app.test_client()
    client.get(f"/m/{link_of(session, member)}")
    _, organiser = panel.load(session)
    respondents.move(session, session.get_one(Member, member.respondent_id).respondent, Status.WITHDRAWN, by=organiser)
    session.commit()
    assert "/m/data" in client.get("/m/").text  # what is kept of them stays theirs to read and to take back
    assert client.post("/m/confirm/send").status_code == 302
    assert client.get("/m/needs").status_code == 403


def test_needs_and_bank_data_ask_for_a_code_by_mail(
    member_client: FlaskClient, session: Session, member: Member, panel: DrawnPanel
) -> None:
    assert "We send the code to your e-mail address." in member_client.get("/m/confirm?next=/m/needs").text
    answer = member_client.post("/m/confirm/send", data={"next": "/m/needs"})
    assert answer.location == "/m/confirm?next=/m/needs"
    session.expire_all()
    sent = session.scalars(sa.select(Mail).where(Mail.template == "member_code")).one()
    assert sent.is_confidential
    assert sent.recipient == member.respondent.contact.email  # type: ignore[union-attr]  # has one
    code = next(line for line in sent.text.splitlines() if line.strip().isdigit())
    assert member_client.post("/m/confirm/send").status_code == 409  # a minute has not passed
    for wrong in ("000000", "abc", "9" * 21):
        assert member_client.post("/m/confirm", data={"code": wrong if wrong != code else "1"}).status_code == 422
    answer = member_client.post("/m/confirm", data={"code": f" {code[:3]} {code[3:]}", "next": "/m/needs"})
    assert (answer.status_code, answer.location) == (302, "/m/needs")
    assert member_client.post("/m/confirm", data={"code": code}).status_code == 422  # once


def test_a_code_is_tried_five_times_and_lives_ten_minutes(
    member_client: FlaskClient, session: Session, member: Member, panel: DrawnPanel
) -> None:
    for lapse, tries, status in ((0, 4, 302), (0, 5, 422), (11, 0, 422)):
        _, organiser = panel.load(session)
        code = one_time.read_out(session, session.get_one(Member, member.respondent_id), by=organiser)
        session.commit()
        panel.traveller.shift(dt.timedelta(minutes=lapse))
        for _ in range(tries):
            assert member_client.post("/m/confirm", data={"code": "no"}).status_code == 422
        assert member_client.post("/m/confirm", data={"code": code}).status_code == status
    assert code not in session.scalars(sa.select(OneTimeCode.fingerprint)).all()


@pytest.mark.parametrize("next_", ["https://evil.example/", "//evil.example", "/account", "/m/\\evil"])
def test_after_the_code_nobody_is_led_elsewhere(
    member_client: FlaskClient, session: Session, member: Member, next_: str
) -> None:
    page = confirmed(session, member_client, member).get("/m/confirm", query_string={"next": next_}).text
    assert 'name="next" value="/m/"' in page


def test_the_page_speaks_the_language_that_the_member_chose(
    member_client: FlaskClient, session: Session, member: Member
) -> None:
    assert '<html lang="en"' in member_client.get("/m/").text
    for language, tag in (("de", "de"), ("de-plain", "de"), ("en", "en")):
        assert member_client.post(f"/m/language/{language}").location == "/m/"
        assert f'<html lang="{tag}"' in member_client.get("/m/").text
        session.expire_all()
        assert session.get_one(Member, member.respondent_id).language == language
    assert member_client.post("/m/language/tr").status_code == 404


def test_a_link_of_one_member_shows_nothing_of_another(
    app: Flask, session: Session, panel: DrawnPanel, member_client: FlaskClient
) -> None:
    others = [one.contact for one in members_in(session, Status.DRAWN)]
    page = member_client.get("/m/").text
    assert others
    assert [one for one in others if one and one.last_name in page] == []
