"""The organiser's way through the demo's city, from a waiting file to a public draw that is checked.

Once with the keyboard alone, once without JavaScript; in English, on a phone.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.city import City
from tests.browser.conftest import LiveServer, NewPage

MOST_STOPS = 400
"""Presses of Tab; the longest page has some hundred stops."""


class Pointer:
    """Somebody who points and clicks."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        """Follow a link, or press a button that leads to a page."""
        target.click()

    def operate(self, target: Locator) -> None:
        """Press what changes the page that is there."""
        target.click()

    def write(self, target: Locator, text: str) -> None:
        """Fill a field."""
        target.fill(text)

    def write_moment(self, target: Locator, moment: dt.datetime) -> None:
        """Fill a field for day and hour."""
        target.fill(f"{moment:%Y-%m-%dT%H:%M}")

    def choose(self, target: Locator, label: str) -> None:
        """Choose from a list."""
        target.select_option(label=label)


class Keys(Pointer):
    """Somebody who has a keyboard and nothing else: Tab, Enter, letters."""

    def press(self, target: Locator) -> None:
        self._reach(target)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def operate(self, target: Locator) -> None:
        self._reach(target)
        self.page.keyboard.press("Enter")

    def write(self, target: Locator, text: str) -> None:
        self._reach(target)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def write_moment(self, target: Locator, moment: dt.datetime) -> None:
        """Write it as the browser's own language has it, which is not the page's."""
        for day, hour in (("%m%d%Y", "%I%M%p"), ("%d%m%Y", "%H%M")):
            self._reach(target)
            self.page.keyboard.type(f"{moment:{day}}")
            self.page.keyboard.press("Tab")
            self.page.keyboard.type(f"{moment:{hour}}")
            if target.input_value() == f"{moment:%Y-%m-%dT%H:%M}":
                return
            self.page.keyboard.press("Shift+Tab")
        pytest.fail(f"{target} has {target.input_value()}")

    def choose(self, target: Locator, label: str) -> None:
        self._reach(target)
        self.page.keyboard.type(label)

    def _reach(self, target: Locator) -> None:
        """Press Tab until the target has the focus, over the skip link where it lies in the main part."""
        expect(target).to_be_visible()
        if target.evaluate("element => document.activeElement === document.body && element.closest('main') !== null"):
            self.page.keyboard.press("Tab")
            self.page.keyboard.press("Enter")
        for _ in range(MOST_STOPS):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"{MOST_STOPS} presses of Tab do not lead to {target}")


class Organisers:
    """The people of the town hall, at one browser."""

    def __init__(self, city: City, server: str, hand: Pointer) -> None:
        self.city, self.server, self.hand, self.page = city, server, hand, hand.page

    def link(self, name: str | re.Pattern[str]) -> None:
        """Follow a link in the main part or in the steps above it."""
        self.hand.press(self.page.get_by_role("link", name=name, exact=True).first)

    def button(self, name: str | re.Pattern[str]) -> None:
        """Press a button."""
        self.hand.press(self.page.get_by_role("button", name=name, exact=True))

    def field(self, label: str, text: str) -> None:
        """Fill a field."""
        self.hand.write(self.page.get_by_label(re.compile(rf"^{re.escape(label)}( \(optional\))?$")), text)

    def sign_in(self, account: str) -> None:
        """Sign in with the password that the demo prints."""
        self.page.goto(self.server)
        self.link("Sign in")
        self.field("E-mail address", account)
        self.field("Password", self.city.password)
        self.button("Sign in")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Assemblies")

    def sign_out(self) -> None:
        """Open the account's menu, and sign out."""
        self.hand.operate(self.page.locator("summary.user-menu__summary"))
        self.button("Sign out")
        expect(self.page.get_by_role("link", name="Sign in")).to_be_visible()

    def open(self, key: str, step: str) -> None:
        """Go from the list of assemblies to a step of one."""
        self.page.goto(f"{self.server}/assemblies/")
        self.link(self.city.assemblies[key]["title"])
        steps = self.page.locator(".lead")
        self.hand.operate(steps.locator("summary"))  # a phone shows the current one alone
        self.hand.press(steps.get_by_role("link", name=step, exact=True).first)

    def says(self, text: str) -> None:
        """Expect the page to say something."""
        expect(self.page.get_by_role("main")).to_contain_text(text)


def walk(team: Organisers) -> str:
    """Go the way; return the fingerprint of the drawn commitment, as the page shows it."""
    team.page.goto(team.server)
    team.button("English")
    team.sign_in("orga@example.org")

    team.open("collecting", "Registrations")
    team.link("Look and import")
    team.button(re.compile(r"^Import \d+ people$"))
    team.field("Search", "krawczyk anton")
    team.button("Show")
    team.link("Krawczyk, Anton")
    team.hand.choose(team.page.get_by_label("Reason"), "Holds a political office")
    team.button("Exclude")
    team.says("The person was excluded.")

    team.open("solved", "Lottery")
    team.link(re.compile(r"^Lottery \d+$"))
    team.link("Commit to this lottery")
    moment = dt.datetime.now().replace(hour=18, minute=0) + dt.timedelta(days=9)  # noqa: DTZ005  # as people write it
    team.hand.write_moment(team.page.get_by_label("Moment of the draw"), moment)
    team.field("Place", "Town hall")
    team.button("Commit to this lottery and rule")
    team.says("Committed. Publish the fingerprint now")

    team.open("due", "Draw")
    team.field("Drawn number", "042")
    team.button("Enter this number")
    team.says("Now a second account")
    team.sign_out()
    team.sign_in("zeugin@example.org")
    team.open("due", "Draw")
    team.field("Drawn number", "042")
    team.button("Enter this number")
    team.says("The panel is drawn: ticket 042.")
    team.sign_out()

    team.page.goto(f"{team.server}/a/{team.city.assemblies['due']['slug']}/lottery")
    team.says("042")
    found = re.search(r"\b[0-9a-f]{64}\b", team.page.get_by_role("main").inner_text())
    assert found
    team.link("Check the lottery")
    return found.group()


@pytest.fixture
def people(demo_city: Path, live_server: LiveServer) -> Callable[[Pointer], Organisers]:
    """Return a function that puts the people of the town hall before a browser."""
    city = City(demo_city)
    return lambda hand: Organisers(city, live_server(city.app), hand)


def test_with_the_keyboard_alone(people: Callable[[Pointer], Organisers], new_page: NewPage) -> None:
    team = people(Keys(new_page("phone")))
    fingerprint = walk(team)
    team.field("Fingerprint (commitment)", fingerprint)
    team.hand.operate(team.page.get_by_role("button", name="Check now", exact=True))
    expect(team.page.get_by_role("heading", name="Everything that was checked is right.")).to_be_focused()


def test_without_javascript(people: Callable[[Pointer], Organisers], new_page: NewPage) -> None:
    """Only the check on one's own device needs a script, and the page says so."""
    team = people(Pointer(new_page("phone", javascript=False)))
    walk(team)
    expect(team.page.locator("#verify-form")).to_be_hidden()
    assert "needs JavaScript" in team.page.locator("main noscript").evaluate("element => element.innerText")
