"""Signing in, with a second factor, with limits, and for how long."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.extensions import security
from assembly.models import User
from assembly.services import accounts
from tests.assembly.conftest import sign_in
from tests.assembly.web import OTHER_PASSWORD, PASSWORD, code, csrf_token, post, set_up_second_factor, texts

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


def log_in(client: FlaskClient, email: str = "orga@example.org", password: str = PASSWORD) -> int:
    return post(client, "/account/login", email=email, password=password).status_code


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_the_right_password_signs_in_and_leads_to_the_assemblies(client: FlaskClient, person: User) -> None:
    answer = post(client, "/account/login", email="Orga@Example.org ", password=PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/assemblies/")
    assert is_signed_in(client)


def test_whoever_came_from_a_page_returns_to_it_but_never_to_another_site(client: FlaskClient, person: User) -> None:
    assert post(client, "/account/login?next=/account", email=person.email, password=PASSWORD).location == "/account"
    post(client, "/account/logout")
    answer = post(client, "/account/login?next=//evil.example/", email=person.email, password=PASSWORD)
    assert answer.location == "/assemblies/"


def test_known_and_unknown_addresses_get_the_same_answer(app: Flask, person: User, session: Session) -> None:
    """So does an account that was invited and has no password yet."""
    accounts.create_account(session, email="invited@example.org", name="Ina Vité")
    session.commit()
    answers = []
    for email in ("orga@example.org", "invited@example.org", "nobody@example.org"):
        answer = post(app.test_client(), "/account/login", email=email, password="wrong password")
        answers.append((answer.status_code, texts(answer.text), answer.text.count("<p")))
    assert answers[0] == answers[1] == answers[2]
    assert any("E-Mail-Adresse oder Passwort ist falsch." in text for text in answers[0][1])


def test_known_and_unknown_addresses_cost_one_hash_each(
    app: Flask, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the time of the answer says nothing either."""
    count = []
    for name in ("hash", "verify", "verify_and_update"):
        real = getattr(type(security.pwd_context), name)
        monkeypatch.setattr(
            type(security.pwd_context),
            name,
            lambda *arguments, _real=real, **more: (count.append(1), _real(*arguments, **more))[1],
        )
    log_in(app.test_client(), password="wrong password")
    known = len(count)
    log_in(app.test_client(), email="nobody@example.org")
    assert (known > 0, len(count)) == (True, 2 * known)


def test_asking_for_a_new_password_says_the_same_to_all(app: Flask, person: User, mails: list[str]) -> None:
    pages = []
    for email in ("orga@example.org", "nobody@example.org"):
        answer = post(app.test_client(), "/account/reset", email=email)
        pages.append((answer.status_code, [text.replace(email, "…") for text in texts(answer.text)]))
    assert pages[0] == pages[1]
    assert mails == ["orga@example.org"]


def test_the_cookie_is_kept_from_scripts_and_other_sites_and_ends_with_the_browser(
    client: FlaskClient, person: User
) -> None:
    answer = post(client, "/account/login", email=person.email, password=PASSWORD, remember="y")
    (cookie,) = answer.headers.getlist("Set-Cookie")
    attributes = {part.strip() for part in cookie.split(";")[1:]}
    assert attributes == {"HttpOnly", "Path=/", "SameSite=Lax"}
    assert cookie.startswith("assembly=")


def test_over_https_the_cookie_is_secure(app: Flask) -> None:
    app.config["SESSION_COOKIE_SECURE"] = True
    answer = app.test_client().get("/account/login", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_a_session_ends_after_eight_hours_without_a_page(app: Flask, client: FlaskClient, person: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        log_in(client)
        for _ in range(3):  # a long day, with a page now and then
            clock.shift(dt.timedelta(hours=7))
            assert is_signed_in(client)
        clock.shift(dt.timedelta(hours=8, minutes=1))
        assert not is_signed_in(client)


def test_changing_the_password_ends_all_other_sessions(app: Flask, person: User, mails: list[str]) -> None:
    here, elsewhere = app.test_client(), app.test_client()
    log_in(here)
    log_in(elsewhere)
    answer = post(
        here, "/account/password", password=PASSWORD, new_password=OTHER_PASSWORD, new_password_confirm=OTHER_PASSWORD
    )
    assert (answer.status_code, answer.location) == (302, "/account")
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert log_in(elsewhere) == 200
    assert log_in(elsewhere, password=OTHER_PASSWORD) == 302


def test_a_token_in_address_or_header_signs_nobody_in(client: FlaskClient, person: User) -> None:
    """Flask-Security could take one; it would pass by the second factor and the end of sessions."""
    token = str(person.get_auth_token())
    assert client.get(f"/account?auth_token={token}").status_code == 302
    assert client.get("/account", headers={"Authentication-Token": token}).status_code == 302
    assert client.get("/account", auth=(person.email, PASSWORD)).status_code == 302


def test_there_is_no_sign_in_beside_the_form(client: FlaskClient, person: User) -> None:
    """The limits look at forms, so JSON is refused, and asking for JSON gets the page."""
    values = {"email": person.email, "password": PASSWORD}
    token = {"X-CSRFToken": csrf_token(client)}
    assert client.post("/account/login?include_auth_token", json=values, headers=token).status_code == 415
    page = client.get("/account/login", headers={"Accept": "application/json"})
    assert page.mimetype == "text/html"


# The second factor


def test_with_a_second_factor_the_password_alone_is_not_enough(
    client: FlaskClient, person: User, session: Session
) -> None:
    secret = set_up_second_factor(session, person)
    answer = post(client, "/account/login", email=person.email, password=PASSWORD)
    assert answer.location.startswith("/account/code")
    assert not is_signed_in(client)
    assert post(client, "/account/code", code="000000").status_code == 200
    assert not is_signed_in(client)
    assert post(client, "/account/code", code=code(secret)).status_code == 302
    assert is_signed_in(client)


def test_a_code_is_good_for_one_sign_in(app: Flask, person: User, session: Session) -> None:
    secret = set_up_second_factor(session, person)
    with time_machine.travel(NOON, tick=False) as clock:
        shown = code(secret)
        for expected in (302, 200):
            visitor = app.test_client()
            log_in(visitor)
            assert post(visitor, "/account/code", code=shown).status_code == expected
        clock.shift(dt.timedelta(seconds=30))
        visitor = app.test_client()
        log_in(visitor)
        assert post(visitor, "/account/code", code=code(secret)).status_code == 302


def test_a_code_of_the_half_minute_before_is_accepted_an_older_one_is_not(
    app: Flask, person: User, session: Session
) -> None:
    secret = set_up_second_factor(session, person)
    for seconds, expected in ((90, 200), (30, 302)):
        with time_machine.travel(NOON, tick=False) as clock:
            shown = code(secret)
            clock.shift(dt.timedelta(seconds=seconds))
            visitor = app.test_client()
            log_in(visitor)
            assert post(visitor, "/account/code", code=shown).status_code == expected


def test_setting_up_takes_effect_with_the_first_right_code(client: FlaskClient, person: User, session: Session) -> None:
    log_in(client)
    page = post(client, "/account/two-factor", setup="authenticator").text
    assert 'src="data:image/svg+xml;base64,' in page
    assert 'action="/account/code"' in page
    with client.session_transaction() as cookie:
        secret = cookie["tf_totp_secret"]
    wrong = post(client, "/account/code", code="000000")
    assert wrong.status_code == 200
    assert "Dieser Code ist falsch, abgelaufen oder schon verwendet." in wrong.text
    assert not accounts.has_second_factor(person)
    right = post(client, "/account/code", code=code(secret))
    assert (right.status_code, right.location) == (302, "/account")
    assert accounts.has_second_factor(person)


def test_before_the_second_factor_changes_the_password_is_asked_for_again(client: FlaskClient, person: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        log_in(client)
        clock.shift(dt.timedelta(hours=1))
        for address in ("/account/two-factor", "/account/recovery-codes"):
            answer = client.get(address)
            assert answer.location == f"/account/verify?next={address}"
        assert post(client, "/account/verify?next=/account/two-factor", password="wrong").status_code == 200
        answer = post(client, "/account/verify?next=/account/two-factor", password=PASSWORD)
        assert answer.location == "/account/two-factor"
        assert client.get("/account/two-factor").status_code == 200


def test_a_recovery_code_signs_in_once(app: Flask, person: User, session: Session) -> None:
    set_up_second_factor(session, person)
    codes = security.mf_recovery_codes_util.create_recovery_codes(person)
    session.commit()
    assert len(codes) == 10
    assert codes[0] not in str(person.mf_recovery_codes)  # encrypted where they are kept
    for expected in (302, 200):
        visitor = app.test_client()
        log_in(visitor)
        assert post(visitor, "/account/recovery-code", code=codes[0]).status_code == expected


def test_switching_off_what_a_role_demands_is_refused(
    app: Flask, client: FlaskClient, person: User, session: Session, assembly: object
) -> None:
    secret = set_up_second_factor(session, person)
    log_in(client)
    post(client, "/account/code", code=code(secret))
    object.__setattr__(app.extensions["assembly.config"], "require_totp", True)
    answer = post(client, "/account/two-factor", setup="disable")
    assert accounts.has_second_factor(person)
    assert "deshalb lässt er sich nicht ausschalten" in answer.text
    object.__setattr__(app.extensions["assembly.config"], "require_totp", False)
    assert post(client, "/account/two-factor", setup="disable").status_code == 302
    assert not accounts.has_second_factor(person)


# Limits


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("de", "Zu viele Versuche. Bitte warten Sie einige Minuten und versuchen Sie es dann noch einmal."),
        ("en", "Too many attempts. Please wait a few minutes and try again."),
    ],
)
def test_after_ten_wrong_passwords_even_the_right_one_has_to_wait(
    client: FlaskClient, person: User, language: str, sentence: str
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        assert [log_in(client, password="wrong") for _ in range(10)] == [200] * 10
        answer = post(client, "/account/login", email="ORGA@example.org ", password=PASSWORD)
        assert answer.status_code == 429
        assert sentence in texts(answer.text)
        assert 0 < int(answer.headers["Retry-After"]) <= 900
        clock.shift(dt.timedelta(minutes=16))
        assert log_in(client) == 302


@pytest.mark.usefixtures("limited")
def test_others_can_sign_in_from_the_same_address_meanwhile(app: Flask, person: User) -> None:
    for _ in range(11):
        log_in(app.test_client(), email="somebody@example.org", password="wrong")
    assert log_in(app.test_client(), email="somebody@example.org") == 429
    assert log_in(app.test_client()) == 302


@pytest.mark.usefixtures("limited")
def test_an_account_is_protected_from_many_addresses_at_once(app: Flask, person: User) -> None:
    answers = []
    for number in range(31):
        visitor = app.test_client()
        visitor.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        answers.append(log_in(visitor, password="wrong"))
    assert answers == [200] * 30 + [429]


@pytest.mark.usefixtures("limited")
def test_one_address_cannot_try_one_password_on_many_accounts(app: Flask) -> None:
    answers = [log_in(app.test_client(), email=f"p{number}@example.org") for number in range(101)]
    assert answers == [200] * 100 + [429]


@pytest.mark.usefixtures("limited")
def test_others_cannot_lock_somebody_out_of_a_browser_in_which_they_have_signed_in(
    app: Flask, client: FlaskClient, person: User
) -> None:
    """And a forged cookie helps nobody."""
    assert log_in(client) == 302
    post(client, "/account/logout")
    known = client.get_cookie("assembly_known")
    assert known is not None
    assert person.email not in known.value
    for number in range(31):
        stranger = app.test_client()
        stranger.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        log_in(stranger, password="wrong")
    forged = app.test_client()
    forged.set_cookie("assembly_known", f"{known.value[:-2]}xx")
    assert log_in(forged) == 429
    assert log_in(client) == 302


@pytest.mark.usefixtures("limited")
def test_an_ipv6_subscriber_is_one_address(app: Flask, person: User) -> None:
    answers = []
    for number in range(11):
        visitor = app.test_client()
        visitor.environ_base["REMOTE_ADDR"] = f"2001:db8::{number}:1"
        answers.append(log_in(visitor, password="wrong"))
    assert answers == [200] * 10 + [429]


@pytest.mark.usefixtures("limited")
def test_a_success_forgets_the_failures_of_its_own_account_alone(
    app: Flask, person: User, session: Session, auditor: User
) -> None:
    """A signed-in visitor cannot clear another account's count by naming it."""
    for _ in range(8):
        log_in(app.test_client(), password="wrong")
    assert log_in(app.test_client()) == 302
    assert [log_in(app.test_client(), password="wrong") for _ in range(10)] == [200] * 10
    intruder = app.test_client()
    sign_in(intruder, auditor)
    log_in(intruder)  # is signed in already: redirected
    assert log_in(app.test_client(), password="wrong") == 429


@pytest.mark.usefixtures("limited")
def test_codes_are_limited_too_even_with_new_sign_ins(app: Flask, person: User, session: Session) -> None:
    set_up_second_factor(session, person)
    answers = []
    for _ in range(11):
        visitor = app.test_client()
        assert log_in(visitor) == 302
        answers.append(post(visitor, "/account/code", code="000000").status_code)
    assert answers == [200] * 10 + [429]


@pytest.mark.usefixtures("limited")
def test_recovery_codes_share_the_limit_of_codes(app: Flask, person: User, session: Session) -> None:
    set_up_second_factor(session, person)
    visitor = app.test_client()
    log_in(visitor)
    answers = [post(visitor, "/account/code", code="000000").status_code for _ in range(5)]
    answers += [post(visitor, "/account/recovery-code", code="0000-0000-0000").status_code for _ in range(6)]
    assert answers == [200] * 10 + [429]


@pytest.mark.usefixtures("limited")
def test_mails_with_a_link_are_limited(app: Flask, person: User, mails: list[str]) -> None:
    answers = [post(app.test_client(), "/account/reset", email=person.email).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    assert len(mails) == 5


@pytest.mark.usefixtures("limited")
def test_the_password_cannot_be_guessed_in_a_session_left_open(client: FlaskClient, person: User) -> None:
    sign_in(client, person)
    answers = [post(client, "/account/verify", password="wrong").status_code for _ in range(6)]
    answers += [
        post(client, "/account/password", password="wrong", new_password="x", new_password_confirm="x").status_code
        for _ in range(5)
    ]
    assert answers == [200] * 10 + [429]
