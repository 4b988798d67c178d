"""Sign-in by OpenID Connect, against a provider that runs here: who is let in, and what is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from sqlalchemy.orm import Session

from assembly.app import create_app
from assembly.config import Config, ConfigurationError
from assembly.extensions import db
from assembly.models import Assembly, User
from tests import patience
from tests.assembly.conftest import Visitor
from tests.assembly.views.provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.assembly.web import code, post, set_up_second_factor, texts
from tests.browser.support import served

NOT_VOUCHED = "Die Anmeldung der Stadt bestätigt Ihre E-Mail-Adresse nicht. Bitte verwenden Sie Ihr Passwort."
NO_ACCOUNT = "Für Ihre E-Mail-Adresse gibt es hier kein Konto. Die Organisation eines Bürgerrats kann Sie einladen."
NOT_SUCCEEDED = "Die Anmeldung ist nicht gelungen. Bitte beginnen Sie noch einmal."


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    made = Provider()
    with served(made.app()) as address:
        made.address = address
        yield made


@pytest.fixture
def provider(running: Provider) -> Provider:
    """An honest provider."""
    running.claims, running.published_key, running.without_token = {}, None, False
    return running


@pytest.fixture
def config(tmp_path: Path, provider: Provider) -> Config:
    """In place of the general one: with a provider."""
    return Config.from_environment(
        {
            "ASSEMBLY_DATA": str(tmp_path / "instance"),
            "OIDC_ISSUER": provider.address,
            "OIDC_CLIENT_ID": CLIENT_ID,
            "OIDC_CLIENT_SECRET": CLIENT_SECRET,
        }
    )


def way_back(client: FlaskClient) -> str:
    """Go to the provider, sign in there, and return the address to which it sends the browser."""
    start = client.get("/account/oidc")
    assert start.status_code == 302
    answer = requests.get(start.location, allow_redirects=False, timeout=patience.SECONDS)
    assert answer.status_code == 302
    return answer.headers["Location"].removeprefix("http://127.0.0.1:8000")


def test_whoever_has_an_account_is_signed_in(client: FlaskClient, provider: Provider, organiser: User) -> None:
    answer = client.get(way_back(client))
    assert (answer.status_code, answer.location) == (302, "/assemblies/")
    assert "orga@example.org" in texts(client.get("/account").text)
    assert provider.asked["code_challenge_method"] == "S256"
    assert provider.asked["scope"].split()[0] == "openid"
    assert provider.asked["redirect_uri"] == "http://127.0.0.1:8000/account/oidc/return"


def test_the_address_may_be_written_otherwise(client: FlaskClient, provider: Provider, organiser: User) -> None:
    provider.claims = {"email": "Orga@Example.ORG"}
    assert client.get(way_back(client)).status_code == 302


def test_the_page_for_signing_in_offers_it(client: FlaskClient) -> None:
    assert 'href="/account/oidc"' in client.get("/account/login").text


@pytest.mark.parametrize(
    ("lie", "sentence"),
    [
        ({"nonce": "another"}, NOT_SUCCEEDED),
        ({"nonce": None}, NOT_SUCCEEDED),
        ({"aud": "somebody else"}, NOT_SUCCEEDED),
        ({"aud": "somebody else", "azp": CLIENT_ID}, NOT_SUCCEEDED),
        ({"aud": [CLIENT_ID, "somebody else"], "azp": "somebody else"}, NOT_SUCCEEDED),
        ({"aud": None}, NOT_SUCCEEDED),
        ({"iss": "https://evil.example"}, NOT_SUCCEEDED),
        ({"exp": 1_000_000_000}, NOT_SUCCEEDED),
        ({"email_verified": False}, NOT_VOUCHED),
        ({"email_verified": None}, NOT_VOUCHED),
        ({"email_verified": "false"}, NOT_VOUCHED),
        ({"email": None}, NOT_VOUCHED),
        ({"email": "nobody@example.org"}, NO_ACCOUNT),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_with_a_page(
    client: FlaskClient, provider: Provider, organiser: User, lie: dict[str, Any], sentence: str
) -> None:
    provider.claims = lie
    answer = client.get(way_back(client))
    assert (answer.status_code, sentence in texts(answer.text)) == (403, True)
    assert client.get("/account").status_code == 302


def test_a_token_signed_by_another_key_is_refused(client: FlaskClient, provider: Provider, organiser: User) -> None:
    provider.published_key = RSAKey.generate_key(2048, {"kid": "1"}, private=True)
    answer = client.get(way_back(client))
    assert (answer.status_code, NOT_SUCCEEDED in texts(answer.text)) == (403, True)


def test_an_answer_without_token_is_refused(client: FlaskClient, provider: Provider, organiser: User) -> None:
    provider.without_token = True
    assert client.get(way_back(client)).status_code == 403
    assert client.get("/account").status_code == 302


def test_an_answer_belongs_to_the_browser_that_asked_and_counts_once(
    app: Flask, client: FlaskClient, organiser: User
) -> None:
    back = way_back(client)
    assert app.test_client().get(back).status_code == 403
    assert client.get(back).status_code == 302
    post(client, "/account/logout")
    assert client.get(back).status_code == 403
    assert client.get("/account").status_code == 302


@pytest.mark.parametrize("query", ["", "?error=access_denied&state=x", "?code=x&state=x", "?code=x"])
def test_an_answer_that_nobody_asked_for_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/account/oidc/return{query}")
    assert (answer.status_code, NOT_SUCCEEDED in texts(answer.text)) == (403, True)


def test_a_closed_account_is_not_signed_in(client: FlaskClient, session: Session, organiser: User) -> None:
    organiser.active = False
    session.commit()
    assert client.get(way_back(client)).status_code == 403


def test_the_second_factor_is_asked_for_all_the_same(client: FlaskClient, session: Session, organiser: User) -> None:
    secret = set_up_second_factor(session, organiser)
    assert client.get(way_back(client)).location == "/account/code"
    assert client.get("/account").status_code == 302
    assert post(client, "/account/code", code=code(secret)).status_code == 302
    assert client.get("/account").status_code == 200


def test_roles_that_need_a_second_factor_are_led_to_it(
    app: Flask, client: FlaskClient, assembly: Assembly, organiser: User
) -> None:
    object.__setattr__(app.extensions["assembly.config"], "require_totp", True)
    client.get(way_back(client))
    assert client.get(f"/assemblies/{assembly.id}").location == "/account/second-factor"


def test_a_provider_that_cannot_be_reached_is_said(tmp_path: Path) -> None:
    values = {"OIDC_ISSUER": "http://127.0.0.1:9", "OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "y"}
    app = create_app(Config.from_environment({"ASSEMBLY_DATA": str(tmp_path)} | values))
    app.test_client_class = Visitor
    with app.app_context():
        answer = app.test_client().get("/account/oidc", headers={"Accept-Language": "en"})
        db.engine.dispose()
    app.extensions["assembly.queue"].close()
    assert answer.status_code == 403
    assert "The city's sign-in cannot be reached. Please try again, or use your password." in texts(answer.text)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET must be set too"),
        ({"OIDC_ISSUER": "", "OIDC_CLIENT_ID": ""}, "OIDC_ISSUER and OIDC_CLIENT_ID must be set too"),
        ({"OIDC_ISSUER": "http://login.example.org"}, "OIDC_ISSUER must be an https address"),
    ],
)
def test_half_a_configuration_is_refused(tmp_path: Path, changes: dict[str, str], named: str) -> None:
    whole = {"OIDC_ISSUER": "https://login.example.org", "OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "y"}
    with pytest.raises(ConfigurationError, match=named):
        Config.from_environment({"ASSEMBLY_DATA": str(tmp_path)} | whole | changes)


def test_the_secret_is_not_in_the_settings_repr(config: Config) -> None:
    assert dataclasses.is_dataclass(config.openid_connect)
    assert CLIENT_SECRET not in repr(config.openid_connect)
