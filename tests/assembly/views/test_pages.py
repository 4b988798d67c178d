"""Every page of an assembly answers its organiser, and no page of it answers strangers."""

from __future__ import annotations

import dataclasses
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.models import Assembly, Role, User
from assembly.services import accounts
from tests.assembly.conftest import sign_in

PAGES = (
    "",
    "/description",
    "/timeline",
    "/invitation/",
    "/features/",
    "/features/new",
    "/features/new?template=gender",
    "/registrations/",
    "/registrations/new",
    "/pool/",
    "/pool/composition",
    "/pool/duplicates",
    "/pool/households",
    "/check/",
    "/check/progress",
    "/lotteries/",
    "/draw",
    "/panel/",
    "/panel/mails",
    "/panel/replacement",
    "/log",
    "/privacy",
    "/roles",
)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["de", "en"])
def test_a_page_answers_the_organiser(
    client: FlaskClient, assembly: Assembly, organiser: User, page: str, language: str
) -> None:
    sign_in(client, organiser)
    answer = client.get(f"/assemblies/{assembly.id}{page}", headers={"Accept-Language": language})
    assert answer.status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_to_strangers_it_does_not_exist(client: FlaskClient, session: Session, assembly: Assembly, page: str) -> None:
    stranger = accounts.create_account(session, email="s@example.org", name="Sam Stranger")
    session.commit()
    sign_in(client, stranger)
    assert client.get(f"/assemblies/{assembly.id}{page}").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_visitors_are_asked_to_sign_in(client: FlaskClient, assembly: Assembly, page: str) -> None:
    answer = client.get(f"/assemblies/{assembly.id}{page}")
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/account/login")


@pytest.mark.parametrize("page", ["/", "/health"])
def test_public_pages(client: FlaskClient, page: str) -> None:
    assert client.get(page).status_code in {200, 503}


def test_pages_of_accounts(client: FlaskClient, session: Session, organiser: User) -> None:
    sign_in(client, organiser)
    assert [client.get(page).status_code for page in ("/assemblies/", "/assemblies/new", "/account")] == [200] * 3
    assert client.get("/administration/roles").status_code == 403
    accounts.grant(session, organiser, Role.SITE_ADMINISTRATOR, by=None)
    session.commit()
    assert client.get("/administration/roles").status_code == 200


def test_a_public_assembly_is_seen_and_another_is_not(
    client: FlaskClient, session: Session, assembly: Assembly
) -> None:
    pages = [f"/a/{assembly.slug}", f"/a/{assembly.slug}/lottery"]
    assert [client.get(page).status_code for page in pages] == [404, 404]
    assembly.is_public = True
    session.commit()
    assert [client.get(page).status_code for page in pages] == [200, 200]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DEPARTMENT])
def test_steps_lead_only_where_the_account_may_go(
    client: FlaskClient, session: Session, assembly: Assembly, role: Role
) -> None:
    user = accounts.create_account(session, email="eine@example.org", name="Eine Person")
    accounts.grant(session, user, role, assembly=None if role.is_city_wide else assembly, by=None)
    session.commit()
    sign_in(client, user)
    page = client.get(f"/assemblies/{assembly.id}").text
    ways = set(re.findall(r'steps__label" href="([^"]+)"', page))
    assert {client.get(way).status_code for way in ways} == {200}
    sees_all = role in {Role.ORGANISER, Role.AUDITOR}
    assert (len(ways) == 12, "steps__next" in page) == (sees_all, role is Role.ORGANISER)


def test_an_auditor_reads_forms_and_finds_nothing_to_press(
    client: FlaskClient, session: Session, assembly: Assembly
) -> None:
    user = accounts.create_account(session, email="eine@example.org", name="Eine Person")
    accounts.grant(session, user, Role.AUDITOR, assembly=assembly, by=None)
    session.commit()
    sign_in(client, user)
    for page in ("description", "timeline", "invitation/", "features/", "check/", "roles"):
        lead, main = client.get(f"/assemblies/{assembly.id}/{page}").text.split("<main")
        assert (page, "kern-btn " in main, 'type="submit"' in main) == (page, False, False)
        assert main.count('<fieldset class="plain-fieldset" disabled') == main.count("<form")
        assert "Mit Ihrer Rolle lesen Sie diese Seite" in lead


def test_the_footer_names_the_city_and_links_to_what_the_law_demands(app: Flask, client: FlaskClient) -> None:
    config = app.extensions["assembly.config"]
    pages = {"IMPRINT_URL": "https://stadt.example.org/impressum", "ACCESSIBILITY_URL": "/barrierefreiheit"}
    app.extensions["assembly.config"] = dataclasses.replace(config, city="Auenfurt", legal_pages=pages)
    footer = client.get("/", headers={"Accept-Language": "de"}).get_data(as_text=True).partition("<footer")[2]
    assert "· Auenfurt" in footer
    assert re.findall('href="([^"]+)">([^<]+)', footer) == [
        ("https://stadt.example.org/impressum", "Impressum"),
        ("/barrierefreiheit", "Barrierefreiheit"),
        ("/report-a-barrier?page=/", "Barriere melden"),
    ]
