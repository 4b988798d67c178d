"""A barrier in a real browser: a visitor reports it, an administrator answers, and the declaration leads there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from assembly.app import create_app
from assembly.config import Config
from assembly.extensions import db
from assembly.models import AnswerWay, PageKind, Role, User
from assembly.services import accounts
from assembly.services.barriers import answering, reporting
from assembly.services.site import pages, settings
from tests.assembly.conftest import sign_in
from tests.browser.conftest import Axe, LiveServer, NewPage
from tests.browser.support import overflowing
from tests.browser.test_registrations import City, elsewhere

ENFORCEMENT = (
    "Ombudsstelle für barrierefreie Informationstechnik\nhttps://ombudsstelle.example/eine-ziemlich-lange-adresse"
)
DECLARED = "# Was noch nicht geht\n- Ein altes PDF\n- Ein Video\n\n## Warum\nWeil es https://alt.example ist."


def made(folder: Path) -> City:
    """Return a city with a declaration and a page in easy-to-read German, and an administrator."""
    app = create_app(Config.from_environment({"ASSEMBLY_DATA": str(folder / "instance")}))
    with app.app_context():
        user = accounts.create_account(db.session, email="admin@example.org", name="Anke Admin", language="en")
        accounts.grant(db.session, user, Role.SITE_ADMINISTRATOR, by=None)
        settled = {"state": "NW", "enforcement": ENFORCEMENT, "answer_period": "P1M", "remind_days": 7}
        settings.save(db.session, settled, by=user)
        for kind, text in ((PageKind.ACCESSIBILITY, DECLARED), (PageKind.EASY_LANGUAGE, "Willkommen.")):
            values = {"text_de": text, "text_en": "", "video": "", "is_required": None, "source": ""}
            pages.save(db.session, kind, values, by=user)
            pages.publish(db.session, kind, by=user)
        _answered_before(user)
        db.session.commit()
        client = app.test_client()
        sign_in(client, user)
        cookie = client.get_cookie("assembly")
        assert cookie is not None
        return City(app, 0, cookie.value)


def _answered_before(user: User) -> None:
    earlier = reporting.report(db.session, page="/", text="Zu klein", email=None, language="de", city="")
    said = {"way": AnswerWay.NOBODY, "text": "Größer gemacht.", "answered_on": None, "city": ""}
    answering.answer(db.session, earlier, **said, by=user)


def looking(axe: Axe) -> Callable[[Page], None]:
    """Return a function that holds a page against what is accessible."""

    def look(page: Page) -> None:
        assert (page.url, axe(page)) == (page.url, [])
        assert (page.url, overflowing(page)) == (page.url, [])

    return look


def test_a_visitor_reports_a_barrier_and_an_administrator_answers(
    tmp_path: Path, live_server: LiveServer, new_page: NewPage, axe: Axe
) -> None:
    """On a phone."""
    city, look = elsewhere(lambda: made(tmp_path)), looking(axe)
    server = live_server(city.app)
    page = new_page("phone", language="en")
    page.goto(server)
    look(page)
    page.get_by_role("contentinfo").get_by_role("link", name="Accessibility").click()
    expect(page.locator("main [lang=de]").first).to_contain_text("Ein altes PDF")
    look(page)
    page.get_by_role("main").get_by_role("link", name="Report a barrier").click()
    look(page)
    page.goto(server)
    page.get_by_role("banner").get_by_role("link", name="Easy-to-read German").click()
    look(page)
    page.get_by_role("contentinfo").get_by_role("link", name="Report a barrier").click()
    expect(page.get_by_label("On which page?")).to_have_value("/pages/easy-language")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("group", name="Please check what you entered.")).to_be_visible()
    look(page)
    page.get_by_label("What hinders you?").fill("The screen reader stops here.")
    page.get_by_label("Your e-mail address").fill("eva@example.org")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("It has the case number 2.")).to_be_visible()
    look(page)

    city.open(page, server)
    page.goto(f"{server}/administration/site/")
    look(page)
    for name in ("State and periods", "Reported barriers"):
        page.get_by_role("link", name=name, exact=True).click()
        look(page)
    page.get_by_role("link", name="Case 2").click()
    look(page)
    page.get_by_label("Answer", exact=True).fill("It goes on now.")
    page.get_by_role("button", name="Give the answer").click()
    expect(page.get_by_text("The answer is recorded.")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Close the case").click()
    expect(page.get_by_text("The case is closed.")).to_be_visible()


def test_an_administrator_writes_a_page_and_publishes_it(
    tmp_path: Path, live_server: LiveServer, new_page: NewPage, axe: Axe
) -> None:
    city, look = elsewhere(lambda: made(tmp_path)), looking(axe)
    server = live_server(city.app)
    page = new_page("phone", language="en", javascript=False)
    city.open(page, server)
    page.goto(f"{server}/administration/site/")
    page.get_by_role("link", name="Imprint", exact=True).first.click()
    page.get_by_role("link", name="Begin with a text to fill in").click()
    look_at = page.get_by_label("Text in German")
    expect(look_at).to_contain_text("[Straße und Hausnummer]")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This page cannot be published yet.")).to_be_visible()
    look_at.fill("# Stadt Auenfurt\nMarktplatz 1")
    page.get_by_label("Text in English").fill("")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("link", name="See the page").click()
    expect(page.get_by_role("heading", name="Stadt Auenfurt")).to_be_visible()
    visitor = new_page("phone")
    visitor.goto(server)
    visitor.get_by_role("contentinfo").get_by_role("link", name="Impressum").click()
    look(visitor)
