"""Flask-Security's pages in our look: in both languages, within the policy of contents, nothing left in English."""

from __future__ import annotations

import pytest
from babel.messages.extract import extract_from_dir
from flask import Flask, template_rendered
from flask.testing import FlaskClient
from flask_babel import force_locale
from flask_security.recoverable import generate_reset_password_token
from sqlalchemy.orm import Session

from assembly.extensions import security
from assembly.models import Role, User
from assembly.security.settings import MESSAGES, SUBJECTS
from assembly.services import accounts
from assembly.services.texts import catalogue
from tests.assembly.conftest import sign_in
from tests.assembly.web import PASSWORD, code, inline_parts, post, set_up_second_factor, texts
from tests.project import ROOT

SAME_IN_BOTH = {"Code", "Code:", "Name"}
"""Words that are the same in German and in English."""


class Pages:
    """Pages by what they show, each opened by a visitor of one language."""

    def __init__(self, app: Flask, session: Session, person: User, language: str) -> None:
        self.session, self.person = session, person
        self.app, self.language = app, language

    def visitor(self, *, signed_in: bool = False) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = self.language
        if signed_in:
            post(client, "/account/login", email=self.person.email, password=PASSWORD)
            with client.session_transaction() as cookie:
                cookie["language"] = self.language  # else the account's
        return client

    def waiting_for_code(self) -> FlaskClient:
        set_up_second_factor(self.session, self.person)
        security.mf_recovery_codes_util.create_recovery_codes(self.person)
        self.session.commit()
        return self.visitor(signed_in=True)

    def secured(self) -> FlaskClient:
        secret = set_up_second_factor(self.session, self.person)
        client = self.visitor(signed_in=True)
        post(client, "/account/code", code=code(secret))
        return client

    def token(self) -> str:
        return str(generate_reset_password_token(self.person))

    def sign_in(self) -> str:
        return self.visitor().get("/account/login").text

    def sign_in_needed(self) -> str:
        return self.visitor().get("/account", follow_redirects=True).text

    def sign_in_refused(self) -> str:
        return post(self.visitor(), "/account/login", email="x@example.org", password="wrong").text

    def sign_in_empty(self) -> str:
        return post(self.visitor(), "/account/login", email="", password="").text

    def sign_in_no_address(self) -> str:
        return post(self.visitor(), "/account/login", email="x", password="wrong").text

    def new_password_link(self) -> str:
        return self.visitor().get("/account/reset").text

    def new_password_link_sent(self) -> str:
        return post(self.visitor(), "/account/reset", email=self.person.email).text

    def new_password_link_no_address(self) -> str:
        return post(self.visitor(), "/account/reset", email="x").text

    def set_password(self) -> str:
        return self.visitor().get(f"/account/reset/{self.token()}").text

    def set_password_empty(self) -> str:
        return post(self.visitor(), f"/account/reset/{self.token()}", password="", password_confirm="").text

    def set_password_short(self) -> str:
        return post(self.visitor(), f"/account/reset/{self.token()}", password="a", password_confirm="a").text

    def set_password_weak(self) -> str:
        weak = "password1234"
        return post(self.visitor(), f"/account/reset/{self.token()}", password=weak, password_confirm=weak).text

    def set_password_differing(self) -> str:
        return post(self.visitor(), f"/account/reset/{self.token()}", password=PASSWORD, password_confirm="x").text

    def set_password_done(self) -> str:
        visitor = self.visitor()
        post(visitor, f"/account/reset/{self.token()}", password=PASSWORD, password_confirm=PASSWORD)
        return visitor.get("/account/login").text

    def link_wrong(self) -> str:
        return self.visitor().get("/account/reset/nonsense", follow_redirects=True).text

    def change_password(self) -> str:
        return self.visitor(signed_in=True).get("/account/password").text

    def change_password_wrong(self) -> str:
        client = self.visitor(signed_in=True)
        return post(client, "/account/password", password="x", new_password="y", new_password_confirm="z").text

    def change_password_same(self) -> str:
        client = self.visitor(signed_in=True)
        values = dict.fromkeys(("password", "new_password", "new_password_confirm"), PASSWORD)
        return post(client, "/account/password", **values).text

    def verify(self) -> str:
        return self.visitor(signed_in=True).get("/account/verify").text

    def verify_wrong(self) -> str:
        return post(self.visitor(signed_in=True), "/account/verify", password="wrong").text

    def verify_done(self) -> str:
        client = self.visitor(signed_in=True)
        post(client, "/account/verify?next=/account", password=PASSWORD)
        return client.get("/account").text

    def verify_needed(self) -> str:
        client = self.visitor(signed_in=True)
        with client.session_transaction() as cookie:
            cookie["fs_paa"] = 0
            cookie.pop("fs_gexp", None)
        return client.get("/account/two-factor", follow_redirects=True).text

    def second_factor(self) -> str:
        return self.visitor(signed_in=True).get("/account/two-factor").text

    def second_factor_picture(self) -> str:
        return post(self.visitor(signed_in=True), "/account/two-factor", setup="authenticator").text

    def second_factor_wrong_code(self) -> str:
        client = self.visitor(signed_in=True)
        post(client, "/account/two-factor", setup="authenticator")
        return post(client, "/account/code", code="000000").text

    def second_factor_unknown_kind(self) -> str:
        return post(self.visitor(signed_in=True), "/account/two-factor", setup="sms").text

    def second_factor_on(self) -> str:
        return self.secured().get("/account/two-factor").text

    def second_factor_off(self) -> str:
        client = self.secured()
        post(client, "/account/two-factor", setup="disable")
        return client.get("/account").text

    def enter_code(self) -> str:
        return self.waiting_for_code().get("/account/code").text

    def enter_code_wrong(self) -> str:
        return post(self.waiting_for_code(), "/account/code", code="000000").text

    def enter_code_too_early(self) -> str:
        return self.visitor().get("/account/code", follow_redirects=True).text

    def enter_recovery_code(self) -> str:
        return self.waiting_for_code().get("/account/recovery-code").text

    def enter_recovery_code_wrong(self) -> str:
        return post(self.waiting_for_code(), "/account/recovery-code", code="x").text

    def recovery_codes(self) -> str:
        return self.secured().get("/account/recovery-codes").text

    def recovery_codes_none(self) -> str:
        return self.secured().get("/account/recovery-codes?show_codes=1").text

    def recovery_codes_new(self) -> str:
        return post(self.secured(), "/account/recovery-codes").text

    def own_account(self) -> str:
        return self.secured().get("/account").text

    def own_account_empty(self) -> str:
        return post(self.visitor(signed_in=True), "/account", name="", language="de").text

    def second_factor_demanded(self) -> str:
        object.__setattr__(self.app.extensions["assembly.config"], "require_totp", True)
        accounts.grant(self.session, self.person, Role.SITE_ADMINISTRATOR, by=None)
        self.session.commit()
        return self.visitor(signed_in=True).get("/assemblies/", follow_redirects=True).text

    def city_roles(self) -> str:
        accounts.grant(self.session, self.person, Role.SITE_ADMINISTRATOR, by=None)
        self.session.commit()
        return self.secured().get("/administration/roles").text

    def city_roles_empty(self) -> str:
        accounts.grant(self.session, self.person, Role.SITE_ADMINISTRATOR, by=None)
        self.session.commit()
        return post(self.visitor(signed_in=True), "/administration/roles", name="", email="", role="department").text

    def signed_in_already(self) -> str:
        client = self.visitor(signed_in=True)
        client.get("/account/recovery-code")
        return client.get("/account").text


PAGES = [name for name, member in vars(Pages).items() if callable(member) and not name.startswith("_")]
PAGES = [name for name in PAGES if name not in {"visitor", "waiting_for_code", "secured", "token"}]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_german_or_english_and_within_the_policy(
    app: Flask, session: Session, person: User, name: str
) -> None:
    """Every text differs between the languages, except for names; nothing is inline; no template is the library's."""
    places = set()
    with template_rendered.connected_to(lambda _app, template, **_more: places.add(template.filename), app):
        german = getattr(Pages(app, session, person, "de"), name)()
        _forget(session, person)
        english = getattr(Pages(app, session, person, "en"), name)()
    assert [place for place in places if not place.startswith(str(ROOT / "templates"))] == []
    assert ("<h1" in german, '<html lang="de"' in german, '<html lang="en"' in english) == (True, True, True)
    assert inline_parts(german) + inline_parts(english) == []
    own = {person.name, person.email}
    same = set(texts(german)) & set(texts(english)) - SAME_IN_BOTH - own
    assert {text for text in same if any(letter.isalpha() for letter in text)} == set()


def _forget(session: Session, person: User) -> None:
    person.tf_primary_method = person.tf_totp_secret = person.mf_recovery_codes = person.last_totp_counter = None
    for membership in list(person.memberships):
        if membership.role is Role.SITE_ADMINISTRATOR:
            session.delete(membership)
    session.commit()


def test_every_page_of_the_library_that_can_be_reached_is_ours() -> None:
    """The library's own pages would ask for its styles, and some hold scripts."""
    ours = {path.name for path in (ROOT / "templates" / "security").glob("*.html")}
    reachable = {
        "change_password.html",
        "forgot_password.html",
        "login_user.html",
        "mf_recovery.html",
        "mf_recovery_codes.html",
        "reset_password.html",
        "two_factor_setup.html",
        "two_factor_verify_code.html",
        "verify.html",
    }
    assert ours == reachable


def test_all_texts_are_translated() -> None:
    """What our parts of the application can say, on pages and in mails, and what the library says in our words."""
    functions = {"_": None, "gettext": None, "_l": None, "lazy_gettext": None, "marked": None}
    places = {
        ROOT / "assembly": [
            "security/*.py",
            "views/accounts.py",
            "views/errors.py",
            "views/oidc.py",
            "views/roles.py",
            "services/accounts.py",
            "services/errors.py",
            "services/invitations.py",
        ],
        ROOT / "templates": ["security/**.html", "security/**.txt", "accounts/*.html", "roles/*.html"],
    }
    found = {
        str(text)
        for folder, patterns in places.items()
        for _, _, text, _, _ in extract_from_dir(
            folder,
            [(pattern, "python" if pattern.endswith(".py") else "jinja2") for pattern in patterns],
            keywords=functions,
        )
    }
    assert len(found) > 150
    german = catalogue("de")
    assert (
        sorted(
            text
            for text in found
            if german.ugettext(text) == text and text not in {*SAME_IN_BOTH, "%(name)s, %(role)s"}
        )
        == []
    )


def test_the_librarys_messages_are_ours_in_both_languages(app: Flask) -> None:
    """Those that pages can show; a new version of the library may add some, then this list is looked at again."""
    with app.test_request_context(), force_locale("de"):
        german = {str(text) for text, _ in MESSAGES.values()} | {str(subject) for subject in SUBJECTS.values()}
    with app.test_request_context(), force_locale("en"):
        english = {str(text) for text, _ in MESSAGES.values()} | {str(subject) for subject in SUBJECTS.values()}
    assert german & english == set()


def test_the_way_out_needs_the_button(client: FlaskClient, person: User) -> None:
    sign_in(client, person)
    assert client.get("/account/logout").status_code == 405
    assert client.post("/account/logout").status_code == 400
    assert client.get("/account").status_code == 200
    assert post(client, "/account/logout").location == "/"
    assert client.get("/account").status_code == 302
