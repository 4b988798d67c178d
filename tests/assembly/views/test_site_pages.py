"""The pages of the site: written by administrators, linked from every footer once they are public."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.models import Role, User
from assembly.services import accounts
from tests.assembly.conftest import sign_in
from tests.assembly.web import mark_in, overwrites_nothing, post

SITE = "/administration/site"
DE = {"Accept-Language": "de"}


@pytest.fixture
def administrator(session: Session, client: FlaskClient) -> User:
    """A site administrator, who is signed in."""
    user = accounts.create_account(session, email="admin@example.org", name="Anke Admin")
    user.language = "en"
    accounts.grant(session, user, Role.SITE_ADMINISTRATOR, by=None)
    session.commit()
    sign_in(client, user)
    return user


def save(client: FlaskClient, name: str, **values: str) -> int:
    page = f"{SITE}/pages/{name}"
    mark = mark_in(client.get(page).text)
    return post(client, page, mark=mark, is_required="", **values).status_code


def footer(client: FlaskClient, page: str = "/") -> list[tuple[str, str]]:
    text = client.get(page, headers=DE).text
    inside = text[text.index("<footer") :]
    return [(href.split("?")[0], label) for href, label in re.findall(r'href="([^"]+)"[^>]*>([^<]+)</a>', inside)]


@pytest.mark.usefixtures("administrator")
def test_a_page_is_written_published_read_and_taken_back(app: Flask, client: FlaskClient) -> None:
    visitor = app.test_client()
    assert ("/pages/imprint", "Impressum") not in footer(visitor)
    text = "# Stadt Auenfurt\nMarktplatz 1 <script>\nstadt@auenfurt.de"
    assert save(client, "imprint", text_de=text, text_en="City of Auenfurt") == 302
    assert visitor.get("/pages/imprint").status_code == 404
    assert post(client, f"{SITE}/pages/imprint/publish").status_code == 302
    shown = visitor.get("/pages/imprint", headers=DE).text
    assert '<h2 class="kern-heading-medium">Stadt Auenfurt</h2>' in shown
    assert "Marktplatz 1 &lt;script&gt;<br>" in shown
    assert 'href="mailto:stadt@auenfurt.de"' in shown
    assert "Fassung 1, zuletzt geändert am" in shown
    assert "City of Auenfurt" in visitor.get("/pages/imprint", headers={"Accept-Language": "en"}).text
    assert ("/pages/imprint", "Impressum") in footer(visitor)
    assert ("/pages/imprint", "Impressum") in footer(visitor, "/account/login")
    assert post(client, f"{SITE}/pages/imprint/withdraw").status_code == 302
    assert visitor.get("/pages/imprint").status_code == 404


@pytest.mark.usefixtures("administrator")
def test_a_starting_text_is_offered_and_its_gaps_block_publishing(client: FlaskClient) -> None:
    page = f"{SITE}/pages/privacy"
    offered = client.get(f"{page}?start=1").text
    assert ("[Anschrift]" in offered, "[Address]" in offered) == (True, True)
    assert "[Anschrift]" not in client.get(page).text
    assert save(client, "privacy", text_de="Verantwortlich: [Anschrift]") == 302
    assert "Fill in what stands in square brackets: [Anschrift]" in client.get(page).text
    assert post(client, f"{page}/publish").status_code == 422


@pytest.mark.usefixtures("administrator")
def test_german_is_marked_as_german_in_an_english_page(app: Flask, client: FlaskClient) -> None:
    assert save(client, "easy-language", text_de="Willkommen.") == 302
    assert post(client, f"{SITE}/pages/easy-language/publish").status_code == 302
    shown = app.test_client().get("/pages/easy-language", headers={"Accept-Language": "en"}).text
    assert ('<div lang="de"><p class="kern-body">' in re.sub(r">\s+<", "><", shown), 'hreflang="de"' in shown) == (
        True,
        True,
    )


@pytest.mark.usefixtures("administrator")
def test_explanations_stand_in_the_header_of_public_pages(app: Flask, client: FlaskClient) -> None:
    assert save(client, "easy-language", text_de="Willkommen.") == 302
    assert post(client, f"{SITE}/pages/easy-language/publish").status_code == 302
    text = app.test_client().get("/", headers=DE).text
    assert 'href="/pages/easy-language"' in text[: text.index("<main")]


@pytest.mark.usefixtures("administrator")
def test_the_declaration_names_the_enforcement_body(app: Flask, client: FlaskClient) -> None:
    page = f"{SITE}/settings"
    values = {"state": "NW", "enforcement": "Ombudsstelle NRW", "answer_period": "P14D", "remind_days": "5"}
    assert post(client, page, mark=mark_in(client.get(page).text), **values).status_code == 302
    assert save(client, "accessibility", text_de="Teilweise vereinbar.") == 302
    assert post(client, f"{SITE}/pages/accessibility/publish").status_code == 302
    assert "Ombudsstelle NRW" in app.test_client().get("/pages/accessibility").text
    assert "BGG NRW, BITVNRW" in client.get(f"{SITE}/").text


@pytest.mark.usefixtures("administrator")
def test_of_two_who_write_a_page_the_second_is_told(client: FlaskClient) -> None:
    assert save(client, "imprint", text_de="Anfang") == 302
    overwrites_nothing(client, f"{SITE}/pages/imprint", text_de="Stadt …", is_required="")


@pytest.mark.usefixtures("administrator")
def test_of_two_who_settle_something_the_second_is_told(client: FlaskClient) -> None:
    values = {"state": "NW", "answer_period": "P1M", "remind_days": "7"}
    overwrites_nothing(client, f"{SITE}/settings", enforcement="Stelle …", **values)


@pytest.mark.usefixtures("administrator")
def test_administrators_read_what_is_still_to_be_done(client: FlaskClient) -> None:
    assert "Some pages that are required are not there yet." in client.get("/assemblies/").text
    assert "to be written and published" in client.get(f"{SITE}/").text


@pytest.mark.usefixtures("administrator")
def test_a_kind_that_does_not_exist_is_no_page(client: FlaskClient) -> None:
    pages = (f"{SITE}/pages/terms", "/pages/terms")
    assert [client.get(page).status_code for page in pages] == [404, 404]
