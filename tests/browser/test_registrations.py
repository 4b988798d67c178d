"""The pages of registrations and pool in a real browser: accessible, never sideways, and usable without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect

from assembly.app import create_app
from assembly.config import Config
from assembly.extensions import db
from assembly.models import Assembly, Exclusion, Household, Role, User
from assembly.services import accounts, assemblies, imports, respondents
from tests.assembly.conftest import WORDS, sign_in
from tests.assembly.sample import DATA, add_features, as_csv
from tests.browser.conftest import Axe, LiveServer, NewPage
from tests.browser.support import overflowing

PAGES = (
    *("registrations/", "registrations/new", "pool/", "pool/composition", "pool/duplicates", "pool/households"),
    *("pool/{person}", "pool/{person}/edit", "pool/{person}/erase", "registrations/imports/{upload}"),
)
_Result = TypeVar("_Result")


def elsewhere(deed: Callable[[], _Result]) -> _Result:
    """Do something in a thread of its own: an application's context cannot end beside Playwright's event loop."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(deed).result()


@dataclass
class City:
    """An application with an assembly, and the cookie of its organiser."""

    app: Flask
    assembly: int
    cookie: str
    names: dict[str, int] = field(default_factory=dict)
    slug: str = ""

    def open(self, page: Page, address: str) -> str:
        """Sign the page in, and return the address of the assembly."""
        page.context.add_cookies([{"name": "assembly", "value": self.cookie, "url": address}])
        return f"{address}/assemblies/{self.assembly}"


def made(folder: Path, language: str, *, with_features: bool = True) -> City:
    app = create_app(Config.from_environment({"ASSEMBLY_DATA": str(folder / "instance")}))
    with app.app_context():
        user = accounts.create_account(db.session, email="orga@example.org", name="Olga Organ", language=language)
        accounts.grant(db.session, user, Role.COUNCIL_OFFICE, by=None)
        assembly = assemblies.create_assembly(db.session, WORDS, by=user)
        if with_features:
            add_features(db.session, assembly)
        db.session.commit()
        client = app.test_client()
        sign_in(client, user)
        cookie = client.get_cookie("assembly")
        assert cookie is not None
        return City(app, assembly.id, cookie.value)


def peopled(folder: Path, language: str) -> City:
    """Return a city with registrations, and an upload that contradicts them."""
    city = made(folder, language)
    with city.app.app_context():
        session = db.session
        user, assembly = session.scalars(sa.select(User)).one(), session.get_one(Assembly, city.assembly)
        first = imports.upload(session, assembly, (DATA / "respondents.csv").read_bytes(), name="a.csv", by=user)
        imports.apply_import(session, first, by=user)
        rows = [
            {"id": "A0001", "Nachname": "Anders", "E-Mail": "x", "Geschlecht": "maennlixh"},
            {"id": "N1", "Nachname": "Neu", "E-Mail": "felix.schuster@example.org", "Geschlecht": "w"},
            {"id": "", "Nachname": "Ohnecode", "E-Mail": "", "Geschlecht": ""},
        ]
        upload = imports.upload(session, assembly, as_csv(rows), name="b.csv", by=user)
        household = session.scalars(sa.select(Household).order_by(Household.id)).first()
        assert household is not None
        city.names = {"person": household.respondents[0].id, "upload": upload.id}
        session.commit()
    return city


def test_on_a_desktop_every_page_is_accessible_and_never_scrolls_sideways(
    tmp_path: Path, live_server: LiveServer, new_page: NewPage, axe: Axe
) -> None:
    city = elsewhere(lambda: peopled(tmp_path, "en"))
    page = new_page(language="en")
    base = city.open(page, live_server(city.app))
    for path in PAGES:
        page.goto(f"{base}/{path.format(**city.names)}")
        assert page.get_attribute("html", "lang") == "en"
        assert (path, axe(page)) == (path, [])
        assert (path, overflowing(page)) == (path, [])


def test_without_javascript_the_messy_workbook_becomes_the_pool_and_a_person_is_found(
    tmp_path: Path, live_server: LiveServer, new_page: NewPage
) -> None:
    city = elsewhere(lambda: made(tmp_path, "en"))
    page = new_page(javascript=False, language="en")
    page.goto(f"{city.open(page, live_server(city.app))}/registrations/")
    page.get_by_label("File with registrations").set_input_files(DATA / "respondents.xlsx")
    page.get_by_role("button", name="Upload and look").click()
    page.get_by_role("button", name="Import 640 people").click()
    page.get_by_label("Search").fill("krawczyk anton")
    page.get_by_role("button", name="Show", exact=True).click()
    assert urlsplit(page.url).query == ""
    page.get_by_role("link", name="Krawczyk, Anton").click()
    page.get_by_label("Reason").select_option(label="Holds a political office")
    page.get_by_role("button", name="Exclude").click()
    expect(page.get_by_text("The person was excluded.")).to_be_visible()

    def exclusion() -> Exclusion | None:
        with city.app.app_context():
            assembly = db.session.get_one(Assembly, city.assembly)
            return respondents.find_by_code(db.session, assembly, "A0003").exclusion

    assert elsewhere(exclusion) is Exclusion.OFFICE_HOLDER
