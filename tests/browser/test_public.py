"""The public pages in a real browser: accessible, on a phone and on paper; and verify on the visitor's own machine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from assembly.app import create_app
from assembly.config import Config
from assembly.extensions import db
from assembly.models import User
from assembly.services import commitments
from sortition.protocol.canonical import canonical_bytes, sha256_hex
from tests.assembly import drawn
from tests.assembly.conftest import sign_in
from tests.browser.conftest import Axe, LiveServer, NewPage
from tests.browser.support import overflowing
from tests.browser.test_registrations import City, elsewhere

WITHOUT_WEBCRYPTO = "Object.defineProperty(globalThis.crypto, 'subtle', {value: undefined})"


@dataclass
class Town:
    """An application whose assembly has drawn its panel, and what was published of it."""

    app: Flask
    slug: str
    fingerprint: str
    document: bytes
    notice: bytes
    staff: City
    lottery: int

    @property
    def lottery_page(self) -> str:
        return f"/a/{self.slug}/lottery"

    @property
    def verify_page(self) -> str:
        return f"/a/{self.slug}/commitments/{self.fingerprint}/verify"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return elsewhere(lambda: made(tmp_path_factory.mktemp("town")))


def made(folder: Path) -> Town:
    config = Config.from_environment({"ASSEMBLY_DATA": str(folder / "instance")})
    app = create_app(config)
    with app.app_context():
        stage = drawn.drawn(db.session, config)
        commitment, lottery = stage.commitment(db.session), stage.lottery(db.session)
        client = app.test_client()
        sign_in(client, db.session.get_one(User, stage.organiser_id))
        cookie = client.get_cookie("assembly")
        assert cookie
        staff = City(app, stage.assembly_id, cookie.value)
        slug, notice = stage.load(db.session)[0].slug, commitments.notice(commitment)
        return Town(app, slug, commitment.hash, commitment.public_document, notice, staff, lottery.id)


def saved(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def tampered(document: bytes) -> bytes:
    """One seat more for a value on one ticket, every byte canonical."""
    public = json.loads(document)
    feature = min(public["ticket_counts"])
    first = min(public["ticket_counts"][feature])
    public["ticket_counts"][feature][first][7] += 1
    return canonical_bytes(public)


def test_on_a_desktop_every_page_is_accessible_and_never_scrolls_sideways(
    town: Town, live_server: LiveServer, new_page: NewPage, axe: Axe
) -> None:
    page, address = new_page(language="en"), live_server(town.app)
    for path in ("/", f"/a/{town.slug}", town.lottery_page, town.verify_page, "/verify"):
        page.goto(address + path)
        assert page.get_attribute("html", "lang") == "en"
        assert (path, axe(page)) == (path, [])
        assert (path, overflowing(page)) == (path, [])


def test_the_pictures_of_staff_are_accessible_too(
    town: Town, live_server: LiveServer, new_page: NewPage, axe: Axe
) -> None:
    page = new_page(language="en")
    base = town.staff.open(page, live_server(town.app))
    for path in ("/pool/composition", "/draw", f"/lotteries/{town.lottery}", "/invitation/"):
        page.goto(base + path)
        assert (path, axe(page)) == (path, [])
        assert (path, overflowing(page)) == (path, [])


def texts_outside(page: Page) -> list[str]:
    """Return the texts of pictures that stick out of their picture, or lie over another one of their line."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('svg.chart__picture')].flatMap(picture => {
            const frame = picture.getBoundingClientRect();
            const texts = [...picture.querySelectorAll('text')].map(text => [text, text.getBoundingClientRect()]);
            return texts.filter(([text, box]) => box.right > frame.right + 1 || box.left < frame.left - 1
                || texts.some(([other, its]) => other !== text && Math.abs(its.top - box.top) < 2
                    && its.left < box.right && box.left < its.right)).map(([text]) => text.textContent);
        })"""
    )
    return found


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_labels_and_figures_of_pictures_fit_beside_each_other(
    town: Town, size: str, live_server: LiveServer, new_page: NewPage
) -> None:
    page, address = new_page(size, language="de"), live_server(town.app)
    for path in (f"/a/{town.slug}", town.lottery_page):
        page.goto(address + path)
        expect(page.locator("svg.chart__picture").nth(1)).to_be_attached()
        assert texts_outside(page) == []


def test_without_javascript_the_public_page_has_all_pictures_and_tables(
    town: Town, live_server: LiveServer, new_page: NewPage
) -> None:
    page = new_page(javascript=False, language="en")
    page.goto(f"{live_server(town.app)}/a/{town.slug}")
    pictures = page.locator("svg.chart__picture")
    expect(pictures).to_have_count(4)
    expect(page.locator("figure table")).to_have_count(4)
    expect(page.get_by_role("img", name="From letters to the panel")).to_be_visible()


def test_on_paper_the_tables_are_unfolded(town: Town, live_server: LiveServer, new_page: NewPage) -> None:
    page = new_page(language="de")
    page.goto(f"{live_server(town.app)}/a/{town.slug}")
    expect(page.locator("#funnel-table")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator("#funnel-table")).to_be_visible()
    expect(page.locator("#funnel svg")).to_be_visible()


def check(page: Page, commitment: str, **more: str | Path) -> list[str]:
    """Fill in the form of the page that checks in the browser; return the verdict and the lines below it."""
    page.locator("#verify-commitment").fill(commitment)
    for name, value in more.items():
        field = page.locator(f"#verify-{name}")
        if isinstance(value, Path):
            field.set_input_files(value)
        else:
            field.fill(value)
    page.get_by_role("button", name="Check now").click()
    expect(page.locator("#verify-verdict")).not_to_be_empty()
    return [page.locator("#verify-verdict").inner_text(), *page.locator("#verify-result li").all_inner_texts()]


def test_the_genuine_document_is_verified_on_the_visitors_machine(
    town: Town, live_server: LiveServer, new_page: NewPage
) -> None:
    page = new_page(language="en")
    sent: list[str] = []
    page.goto(live_server(town.app) + town.verify_page)
    page.on("request", lambda request: sent.append(f"{request.method} {request.url.rsplit('/', 1)[-1]}"))
    lines = check(page, town.fingerprint.upper())
    assert lines[0] == "Everything that was checked is right."
    assert "Yes: this is the document that the fingerprint belongs to" in lines
    assert f"Yes: the drawn number is ticket {int(drawn.VALUE)}" in lines
    assert all(line.startswith("Yes: ") for line in lines[1:])
    assert [one for one in sent if one != "GET icon.svg"] == ["GET public.json"]


def test_a_saved_document_that_was_tampered_with_fails_at_the_fingerprint(
    town: Town, tmp_path: Path, live_server: LiveServer, new_page: NewPage
) -> None:
    page = new_page(language="en")
    page.goto(live_server(town.app) + town.verify_page)
    forged = saved(tmp_path, "public.json", tampered(town.document))
    assert check(page, town.fingerprint, document=forged) == [
        "Something is wrong. Ask the organisers, and keep the files.",
        "No: this is the document that the fingerprint belongs to",
    ]


def test_a_tampered_document_with_its_own_fingerprint_fails_at_what_was_changed(
    town: Town, tmp_path: Path, live_server: LiveServer, new_page: NewPage
) -> None:
    page = new_page(language="en")
    page.goto(live_server(town.app) + town.verify_page)
    content = tampered(town.document)
    lines = check(page, sha256_hex(content), document=saved(tmp_path, "public.json", content))
    assert lines[-1] == "No: Bildung: the counts of every ticket sum to the seats"
    assert lines[1].startswith("Yes: ")


@pytest.mark.parametrize("content", [b"", b"[]", b'{"tickets":1}', b"\xff\xfe", b"null"])
def test_garbage_is_said_to_be_unreadable(
    town: Town, content: bytes, tmp_path: Path, live_server: LiveServer, new_page: NewPage
) -> None:
    page = new_page(language="en")
    page.goto(live_server(town.app) + town.verify_page)
    lines = check(page, sha256_hex(content), document=saved(tmp_path, "public.json", content))
    assert (lines[0], lines[-1]) == (
        "Something is wrong. Ask the organisers, and keep the files.",
        "No: the files can be read",
    )


@pytest.mark.parametrize("way", ["without WebCrypto", "without JavaScript"])
def test_where_the_browser_cannot_check_the_upload_is_offered_and_verifies(
    town: Town, way: str, tmp_path: Path, live_server: LiveServer, new_page: NewPage
) -> None:
    page = new_page(language="en", javascript=way == "without WebCrypto")
    if way == "without WebCrypto":
        page.add_init_script(WITHOUT_WEBCRYPTO)
    page.goto(live_server(town.app) + town.verify_page)
    expect(page.locator("#verify-form")).to_be_hidden()
    page.get_by_role("link", name="Let our server check the documents instead").locator("visible=true").click()
    page.get_by_label("Public document").set_input_files(saved(tmp_path, "public.json", town.document))
    page.get_by_label("Notice (optional)").set_input_files(saved(tmp_path, "notice.pdf", town.notice))
    page.get_by_label("Drawn number").fill(drawn.VALUE)
    page.get_by_role("button", name="Check now").click()
    expect(page.locator("#verdict")).to_contain_text("Verified: the documents are those committed to")
