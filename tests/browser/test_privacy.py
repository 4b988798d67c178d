"""The pages of personal data and of the log's heads in a real browser: accessible, and never sideways."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from assembly.extensions import db
from assembly.models import Assembly
from assembly.services import daily, logbook
from assembly.services.privacy.retention import DELETED
from tests.browser.conftest import Axe, LiveServer, NewPage
from tests.browser.support import overflowing
from tests.browser.test_panel import drawn_city
from tests.browser.test_registrations import City, elsewhere


def published(folder: Path, language: str) -> City:
    """Return a city with a drawn panel, a published head, and something deleted."""
    city = drawn_city(folder, language)
    with city.app.app_context():
        assembly = db.session.get_one(Assembly, city.assembly)
        assembly.is_public = True
        logbook.record(db.session, assembly, DELETED, by=None, details={"people_not_drawn": 12, "mails": 1})
        daily.publish(db.session)
        db.session.commit()
        city.slug = assembly.slug
    return city


def test_on_a_desktop_every_page_is_accessible_and_never_scrolls_sideways(
    tmp_path: Path, live_server: LiveServer, new_page: NewPage, axe: Axe
) -> None:
    city = elsewhere(lambda: published(tmp_path, "en"))
    page = new_page(language="en")
    address = live_server(city.app)
    base = city.open(page, address)
    person = city.names["confirmed"]
    for path in (
        f"{base}/privacy",
        f"{base}/pool/{person}",
        f"{base}/pool/{person}/erase",
        f"{address}/a/{city.slug}/log",
    ):
        page.goto(path)
        assert page.get_attribute("html", "lang") == "en"
        assert (path, axe(page)) == (path, [])
        assert (path, overflowing(page)) == (path, [])


def test_without_javascript_a_person_gets_their_data(
    tmp_path: Path, live_server: LiveServer, new_page: NewPage
) -> None:
    city = elsewhere(lambda: published(tmp_path, "en"))
    page = new_page(javascript=False, language="en")
    base = city.open(page, live_server(city.app))
    page.goto(f"{base}/pool/{city.names['confirmed']}")
    with page.expect_download() as download:
        page.get_by_role("button", name="All data (JSON)").click()
    assert download.value.suggested_filename == f"{city.names['confirmed']}.json"
    page.goto(f"{base}/log")
    expect(page.get_by_role("cell", name="A person’s data exported for them")).to_be_visible()
