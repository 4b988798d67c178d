"""The frame of every page and the macros, on a sample page with all of them, in a real browser."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Axe, LiveServer, NewPage
from tests.browser.sample import create_sample
from tests.browser.support import SIZES, Complaints, overflowing, tab_order

LOCKED = "@media (orientation: portrait) { html { transform: rotate(90deg); } }"


@pytest.fixture
def sample() -> Flask:
    return create_sample()


@pytest.fixture
def address(sample: Flask, live_server: LiveServer) -> str:
    return live_server(sample)


def open_all(page: Page) -> None:
    """Open whatever is folded away."""
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_pages_are_accessible_and_never_scroll_sideways(
    size: str, language: str, address: str, new_page: NewPage, axe: Axe
) -> None:
    page = new_page(size, language=language)
    page.goto(f"{address}/?flash=1")
    assert page.get_attribute("html", "lang") == language
    assert axe(page) == []
    assert overflowing(page) == []
    page.locator("#settings button").first.click()
    assert page.title().startswith({"de": "Fehler: Anmeldungen", "en": "Error: Registrations"}[language])
    open_all(page)
    assert axe(page) == []
    assert overflowing(page) == []
    page.goto(f"{address}/broken")
    assert axe(page) == []
    assert overflowing(page) == []


def test_between_phone_and_desktop_nothing_scrolls_sideways_either(address: str, new_page: NewPage) -> None:
    page = new_page()
    page.goto(f"{address}/?flash=1")
    for width in (480, 576, 700, 767, 768, 900, 1024, 1600):
        page.set_viewport_size({"width": width, "height": 800})
        assert (width, overflowing(page)) == (width, [])


@pytest.mark.parametrize("size", SIZES)
def test_the_keyboard_reaches_everything_in_order_and_its_place_is_seen(
    size: str, address: str, new_page: NewPage
) -> None:
    page = new_page(size)
    page.goto(address)
    open_all(page)
    reached = tab_order(page)
    assert [name for name in reached if name.endswith("(invisible)")] == []
    focusable = page.locator(
        "a[href], button, summary, input:not([type=hidden], [type=radio]), select, textarea, [tabindex='0']"
    )
    visible = [element for element in focusable.all() if element.is_visible()]
    radio_groups = 1  # one stop each
    assert len(reached) == len(visible) + radio_groups
    assert reached[0] == "Zum Inhalt springen"
    assert reached[-1] == "Barrierefreiheit"


def test_the_skip_link_appears_with_the_keyboard_and_leads_to_the_content(address: str, new_page: NewPage) -> None:
    page = new_page()
    page.goto(address)
    link = page.get_by_role("link", name="Zum Inhalt springen")
    expect(link).not_to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Regeln der Ziehung")).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False])
def test_after_a_refused_form_the_summary_has_the_focus_and_leads_to_the_fields(
    javascript: bool, address: str, new_page: NewPage
) -> None:
    page = new_page(javascript=javascript)
    page.goto(address)
    page.locator("#settings button").first.click()
    summary = page.get_by_role("group", name="Bitte prüfen Sie Ihre Angaben.")
    expect(summary).to_be_focused()
    for error in ("Titel des Bürgerrats: Bitte geben Sie einen Titel ein.", "Bevorzugter Weg: Bitte wählen Sie"):
        summary.get_by_role("link", name=error).click()
        target = page.url.split("#")[1]
        expect(page.locator(f"[id='{target}']")).to_be_focused()
    title = page.get_by_role("textbox", name="Titel des Bürgerrats")
    expect(title).to_have_attribute("aria-invalid", "true")
    expect(title).to_have_accessible_description(
        "Fehler Bitte geben Sie einen Titel ein. So heißt er auf der öffentlichen Seite."
    )


def test_the_language_is_switched_without_javascript_and_the_page_stays(address: str, new_page: NewPage) -> None:
    page = new_page(javascript=False)
    page.goto(f"{address}/?flash=1&page=2")
    page.get_by_role("button", name="English").click()
    assert page.url == f"{address}/?flash=1&page=2"
    expect(page.get_by_role("link", name="Skip to the content")).to_be_attached()
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("link", name="Zum Inhalt springen")).to_be_attached()


def test_one_button_is_a_deed_and_says_which_row_it_is_about(address: str, new_page: NewPage) -> None:
    page = new_page("phone", javascript=False)
    page.goto(address)
    page.get_by_role("button", name="Bestätigen: Ada Muster").click()
    expect(page.get_by_role("status")).to_contain_text("In Ordnung: Fassung 3 bestätigt.")


def test_progress_follows_by_itself_with_javascript(address: str, new_page: NewPage) -> None:
    page = new_page()
    page.goto(address)
    expect(page.locator("#job progress")).to_have_attribute("value", "100")
    assert page.evaluate("[htmx.config.allowEval, htmx.config.includeIndicatorStyles]") == [False, False]


def test_on_a_phone_the_steps_are_one_line_that_unfolds(address: str, new_page: NewPage) -> None:
    page = new_page("phone", javascript=False)
    page.goto(address)
    steps = page.get_by_role("navigation", name="Der Weg zum Bürgerrat")
    expect(steps.get_by_role("listitem")).to_have_count(0)
    steps.get_by_text("Schritt 4 von 10: Anmeldungen").click()
    expect(steps.get_by_role("listitem")).to_have_count(10)
    expect(steps.get_by_role("listitem").nth(3)).to_have_text(re.compile(r"Anmeldungen\s+Aktueller Schritt"))
    expect(steps.locator("[aria-current=step]:visible")).to_have_text("Anmeldungen")


def test_sorting_and_paging_keep_the_rest_of_the_address(address: str, new_page: NewPage) -> None:
    page = new_page()
    page.goto(f"{address}/?search=M%C3%BCller&page=3&_scheme=javascript")
    page.get_by_role("link", name="Altersgruppe").click()
    assert page.url == f"{address}/?search=M%C3%BCller&_scheme=javascript&sort=age&direction=asc"
    page.get_by_role("link", name="Nächste Seite").click()
    assert page.url == f"{address}/?search=M%C3%BCller&_scheme=javascript&sort=age&direction=asc&page=4"


def test_everything_comes_from_our_server_and_the_fonts_are_kerns(address: str, new_page: NewPage) -> None:
    page = new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.evaluate("document.fonts.ready")
    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {urlsplit(address).netloc}
    assert page.evaluate("[...document.fonts].filter(font => font.status === 'loaded').length") >= 2
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily").startswith('"Fira Sans"')


def test_on_paper_the_folded_numbers_are_shown_and_what_needs_a_screen_is_not(address: str, new_page: NewPage) -> None:
    page = new_page()
    page.goto(address)
    numbers = page.locator("#ages-table")
    expect(numbers).not_to_be_visible()
    page.emulate_media(media="print")
    expect(numbers).to_be_visible()
    for screen_only in (".site-header__tools", ".site-navigation", ".steps", "#settings .kern-btn", ".skip-link"):
        expect(page.locator(screen_only).first).not_to_be_visible()


def test_the_harness_sees_what_the_policy_forbids(address: str, chromium: Browser) -> None:
    complaints = Complaints()
    page = chromium.new_page()
    complaints.listen(page)
    page.goto(f"{address}/forbidden-script")
    assert page.title() == "x"
    assert len(complaints) == 1
    assert "Content Security Policy" in complaints[0]
    page.context.close()


def test_no_style_sheet_locks_the_orientation(address: str, new_page: NewPage, axe: Axe) -> None:
    page = new_page()
    page.goto(address)
    assert axe(page, rule="css-orientation-lock") == []
    page.route("**/assembly.css*", lambda route: route.fulfill(body=LOCKED, content_type="text/css"))
    page.reload()
    assert len(axe(page, rule="css-orientation-lock")) == 1


def test_the_harness_sees_what_is_not_accessible(address: str, new_page: NewPage, axe: Axe) -> None:
    page = new_page()
    page.goto(address)
    page.evaluate("document.querySelector('label[for=title]').remove()")
    assert [violation.split(":")[0] for violation in axe(page)] == ["label"]


def test_the_harness_sees_what_scrolls_sideways(address: str, new_page: NewPage) -> None:
    page = new_page("phone")
    page.goto(address)
    page.evaluate("document.querySelector('h1').style.width = '40rem'")
    assert [name for name in overflowing(page) if name.startswith("h1")] == ["h1.#"]
