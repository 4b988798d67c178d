"""Receipts in a real browser: the organiser's pages, and whoever scans, types or uploads theirs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import Page, Request, expect

from assembly.config import Config
from assembly.extensions import db
from assembly.models import Assembly, Mail, MailState, Receipt, User
from assembly.services import receipts
from sortition.protocol.receipts import grouped
from tests.assembly.committed import commit_pool
from tests.browser.conftest import Axe, LiveServer, NewPage
from tests.browser.support import overflowing
from tests.browser.test_registrations import City, elsewhere, made

PUBLIC = "/a/buergerrat-mobilitaet/receipt"


def drawn_city(folder: Path, language: str) -> tuple[City, str, bytes]:
    """Return a city whose receipts are sent, some with trouble; and a code and a file."""
    city = made(folder, language, with_features=False)
    with city.app.app_context():
        session = db.session
        user, assembly = session.scalars(sa.select(User)).one(), session.get_one(Assembly, city.assembly)
        config: Config = city.app.extensions["assembly.config"]
        commitment = commit_pool(session, assembly, user, config)
        receipts.send_receipts(session, assembly, commitment, page=f"http://127.0.0.1{PUBLIC}", by=user)
        mails = session.scalars(sa.select(Mail).where(Mail.recipient.is_not(None)).order_by(Mail.id)).all()
        for mail, state in zip(mails[::4], [MailState.REFUSED, MailState.PERHAPS_SENT] * 9, strict=False):
            values = {"state": state, "reply": "550 5.1.1 <k5@example.org>: Recipient address rejected: User unknown"}
            session.execute(sa.update(Mail).where(Mail.id == mail.id).values(**values))
        own = session.scalars(sa.select(Receipt).order_by(Receipt.id)).first()
        assert own is not None
        found = grouped(own.code), own.document
        session.commit()
        return city, *found


@contextlib.contextmanager
def asked(page: Page) -> Iterator[list[str]]:
    """Collect the addresses that a page asks for."""
    addresses: list[str] = []

    def note(request: Request) -> None:
        addresses.append(request.url)

    page.on("request", note)
    yield addresses
    page.remove_listener("request", note)


def test_on_a_desktop_every_page_is_accessible_and_never_scrolls_sideways(
    tmp_path: Path, live_server: LiveServer, new_page: NewPage, axe: Axe
) -> None:
    city, code, _ = elsewhere(lambda: drawn_city(tmp_path, "en"))
    page, address = new_page(language="en"), live_server(city.app)
    base = city.open(page, address)

    def look(what: str) -> None:
        assert page.get_attribute("html", "lang") == "en"
        assert (what, axe(page)) == (what, [])
        assert (what, overflowing(page)) == (what, [])

    for path in ("/draw", "/draw/receipts", "/registrations/acknowledgements"):
        page.goto(base + path)
        look(path)
    for typed in ("", "0" * 16, code):
        page.goto(address + PUBLIC)
        if typed:
            page.locator("#code").fill(typed)
            page.locator("#receipt-form button").click()
            expect(page.locator("h1")).to_be_visible()
        page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")
        look(f"receipt {len(typed)}")
    expect(page.locator("main details")).to_be_visible()


def test_whoever_scans_the_code_finds_it_filled_in_and_no_address_holds_it(
    tmp_path: Path, live_server: LiveServer, new_page: NewPage
) -> None:
    city, code, document = elsewhere(lambda: drawn_city(tmp_path, "en"))
    page, address = new_page("phone", language="en"), live_server(city.app)
    with asked(page) as addresses:
        page.goto(f"{address}{PUBLIC}#{code}")
        expect(page.get_by_label("Code of your receipt")).to_have_value(code)
        assert page.url == address + PUBLIC
        expect(page.get_by_role("button", name="Check my receipt")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Your registration is in the lottery, unchanged.")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("button", name="Save the receipt as a file").click()
        assert Path(download.value.path()).read_bytes() == document
        assert code not in page.url
        page.go_back()
    assert len(addresses) > 3
    assert [one for one in addresses if code in one.partition("#")[0]] == []


def test_whatever_else_stands_behind_the_address_stays_out_of_the_field(
    tmp_path: Path, live_server: LiveServer, new_page: NewPage
) -> None:
    city, _, _ = elsewhere(lambda: drawn_city(tmp_path, "en"))
    page, address = new_page(language="en"), live_server(city.app)
    page.goto(f"{address}{PUBLIC}#main")
    expect(page.get_by_label("Code of your receipt")).to_have_value("")
    assert page.url.endswith("#main")


def test_without_javascript_it_is_typed_or_uploaded(tmp_path: Path, live_server: LiveServer, new_page: NewPage) -> None:
    city, code, document = elsewhere(lambda: drawn_city(tmp_path, "en"))
    page, address = new_page(javascript=False, language="en"), live_server(city.app)
    page.goto(f"{address}{PUBLIC}#{code}")
    expect(page.get_by_label("Code of your receipt")).to_have_value("")
    page.get_by_label("Code of your receipt").fill(code.replace("-", " ").lower())
    page.get_by_role("button", name="Check my receipt").click()
    expect(page.get_by_text("Your registration is in the lottery, unchanged.")).to_be_visible()
    page.get_by_role("link", name="Check another receipt").click()
    file = {"name": "receipt.json", "mimeType": "application/json", "buffer": document}
    page.get_by_label("File of your receipt").set_input_files(files=[file])  # type: ignore[list-item]  # as documented
    page.get_by_role("button", name="Check this file").click()
    expect(page.get_by_text("Your registration is in the lottery, unchanged.")).to_be_visible()
