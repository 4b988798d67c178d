"""The own account, and the second factor that some roles need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.models import Assembly, Role, User
from assembly.services import accounts
from assembly.services.accounts import SECOND_FACTOR_ROLES
from assembly.views.guard import is_public
from tests.assembly.conftest import sign_in
from tests.assembly.views.world import World, rules_of
from tests.assembly.web import post, set_up_second_factor, texts


def test_the_account_shows_its_roles_and_changes_name_and_language(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User
) -> None:
    sign_in(client, organiser)
    page = texts(client.get("/account").text)
    assert "Bürgerrat Mobilität" in page
    assert "Ratsbüro: legt Bürgerräte an, verfolgt Empfehlungen" in page
    answer = post(client, "/account", name=" Olga Neu ", language="en")
    assert answer.location == "/account"
    assert (organiser.name, organiser.language) == ("Olga Neu", "en")
    assert "Your account" in texts(client.get("/account").text)


@pytest.mark.parametrize("values", [{"name": "", "language": "de"}, {"name": "Olga", "language": "xx"}])
def test_what_is_not_possible_is_refused(client: FlaskClient, organiser: User, values: dict[str, str]) -> None:
    sign_in(client, organiser)
    assert post(client, "/account", **values).status_code == 422
    assert organiser.name == "Olga Organ"


@pytest.fixture
def demanding(app: Flask) -> Iterator[None]:
    """A second factor is demanded, as in production."""
    config = app.extensions["assembly.config"]
    object.__setattr__(config, "require_totp", True)
    yield
    object.__setattr__(config, "require_totp", False)


def test_the_account_says_that_a_second_factor_is_demanded_only_where_it_is(
    client: FlaskClient, assembly: Assembly, organiser: User, request: pytest.FixtureRequest
) -> None:
    assert assembly.id
    sign_in(client, organiser)
    off, demanded = "Der zweite Faktor ist ausgeschaltet.", "Ihre Rolle verlangt ihn aber"
    page = client.get("/account").text
    assert (off in page, demanded in page) == (True, False)
    request.getfixturevalue("demanding")
    page = client.get("/account").text
    assert (off in page, demanded in page) == (False, True)


@pytest.mark.parametrize("role", sorted(SECOND_FACTOR_ROLES))
def test_without_second_factor_every_page_leads_to_it(world: World, role: Role) -> None:
    """Every one that is neither public nor about the own account; members' pages know no accounts."""
    config = world.app.extensions["assembly.config"]
    object.__setattr__(config, "require_totp", True)
    client, open_ones = world.visitor(role.value), set()
    for (endpoint, method), rule in rules_of(world.app).items():
        if endpoint.startswith(("member.", "security.", "static")) or is_public(endpoint):
            continue
        address = world.address(rule)
        answer = client.get(address) if method == "GET" else post(client, address)
        if (answer.status_code, answer.location) != (302, "/account/second-factor"):
            open_ones.add(endpoint)
    object.__setattr__(config, "require_totp", False)
    assert open_ones == {"accounts.own", "accounts.second_factor"}


@pytest.mark.usefixtures("demanding")
def test_an_address_that_is_no_page_is_said_to_be_none(client: FlaskClient, organiser: User) -> None:
    assert client.get("/there-is-no-such-page").status_code == 404
    sign_in(client, organiser)
    assert client.get("/there-is-no-such-page").status_code == 404


@pytest.mark.usefixtures("demanding")
def test_the_page_about_it_leads_to_set_up(client: FlaskClient, assembly: Assembly, organiser: User) -> None:
    sign_in(client, organiser)
    page = client.get(f"/assemblies/{assembly.id}", follow_redirects=True)
    assert "Noch ein Schritt" in texts(page.text)
    assert 'href="/account/two-factor"' in page.text


@pytest.mark.usefixtures("demanding")
def test_with_second_factor_or_without_such_a_role_the_pages_are_open(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User
) -> None:
    caller = accounts.create_account(session, email="caller@example.org", name="Carl Caller")
    accounts.grant(session, caller, Role.FACILITATOR, assembly=assembly, by=organiser)
    set_up_second_factor(session, organiser)
    for user in (caller, organiser):
        sign_in(client, user)
        assert client.get(f"/assemblies/{assembly.id}").status_code == 200
    assert client.get("/account/second-factor").location == "/account"


def test_where_it_is_not_demanded_nobody_is_led_there(client: FlaskClient, assembly: Assembly, organiser: User) -> None:
    sign_in(client, organiser)
    assert client.get(f"/assemblies/{assembly.id}").status_code == 200
    assert client.get("/account/second-factor").location == "/account"
