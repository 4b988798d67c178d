"""Somebody at a browser of their own, who does what a page offers: follows links, fills in fields, presses buttons."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from assembly.services.texts import catalogue
from tests import patience
from tests.assembly.web import PASSWORD
from tests.browser.support import SIZES, axe_violations, overflowing

PICTURES = os.environ.get("WALK_PICTURES")
"""A folder for pictures of every page on the way, wide and narrow; none is taken without it."""


def german(english: str, **named: Any) -> str:
    """Return a text of the pages in German, as they take it from the catalogue."""
    text = catalogue("de").gettext(english)
    return text % named if named else text


def german_count(one: str, many: str, number: int, **named: Any) -> str:
    """Return a text with a number in German."""
    return catalogue("de").ngettext(one, many, number) % ({"num": number} | named)


@dataclass
class Person:
    """Somebody with a mailbox, at a browser. Every page that they come to is looked at: axe, language, width."""

    page: Page
    email: str
    name: str
    password: str = PASSWORD
    looked_at: set[str] = field(default_factory=set)

    def open(self, address: str) -> None:
        """Follow a link from a mail, or an address from memory."""
        self.page.goto(address)
        self.look()

    def follow(self, english: str, *, last: bool = False, **named: Any) -> None:
        """Follow a link of the page, the first with this text or the last."""
        links = self.page.get_by_role("link", name=german(english, **named), exact=True)
        (links.last if last else links.first).click()
        self.look()

    def press(self, english: str, *, about: str = "", **named: Any) -> None:
        """Press a button; `about` says which one, where several do the same."""
        name = german(english, **named) + (f": {about}" if about else "")
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.look()

    def press_counted(self, one: str, many: str, number: int, *, about: str = "") -> None:
        """Press a button whose text has a number."""
        self.page.get_by_role("button", name=german_count(one, many, number) + (f": {about}" if about else "")).click()
        self.look()

    def fill(self, english: str, value: str) -> None:
        """Write into a field."""
        self.labelled(english).fill(value)

    def fill_all(self, values: dict[str, str]) -> None:
        """Write into several fields."""
        for english, value in values.items():
            self.fill(english, value)

    def choose(self, english: str, option: str) -> None:
        """Choose from a list."""
        self.labelled(english).select_option(label=german(option))

    def tick(self, english: str) -> None:
        """Tick a box."""
        self.labelled(english).check()

    def labelled(self, english: str) -> Locator:
        """Return the field with this label; what is optional says so behind it."""
        label = re.escape(german(english))
        return self.page.get_by_label(re.compile(rf"^{label}( {re.escape(german('(optional)'))})?$")).first

    def sees(self, english: str, *, soon: bool = False, **named: Any) -> None:
        """Expect a text on the page; `soon`, when a worker has done its work and the page has come anew by itself."""
        self._expect(german(english, **named), soon=soon)

    def sees_counted(self, one: str, many: str, number: int, *, soon: bool = False) -> None:
        """Expect a text with a number on the page."""
        self._expect(german_count(one, many, number), soon=soon)

    def _expect(self, text: str, *, soon: bool) -> None:
        expect(self.page.locator("main")).to_contain_text(text, timeout=patience.WORKER_MILLISECONDS if soon else None)
        if soon:
            self.look()

    def download(self, english: str, folder: Path) -> Path:
        """Save what a link of the page gives."""
        with self.page.expect_download() as started:
            self.page.get_by_role("link", name=german(english), exact=True).first.click()
        path = folder / f"{len(list(folder.iterdir()))}-{started.value.suggested_filename}"
        started.value.save_as(path)
        return path

    def sign_in(self) -> None:
        """Fill in the page for signing in, which leads on to where one wanted to go."""
        self.fill("E-mail address", self.email)
        self.fill("Password", self.password)
        self.press("Sign in")

    def sign_out(self) -> None:
        """Leave."""
        self.page.locator("summary.user-menu__summary").click()
        self.press("Sign out")

    def look(self) -> None:
        """Look at the page as it is now, wide and narrow."""
        page = self.page
        page.wait_for_load_state("load")
        assert page.get_attribute("html", "lang") == "de"
        heading = page.locator("h1").first.inner_text()
        place = f"{re.sub('[0-9]+', 'n', urlsplit(page.url).path)} {heading} {_states(page)}"
        if place in self.looked_at:
            return
        self.looked_at.add(place)
        assert (page.url, axe_violations(page)) == (page.url, [])
        self._picture("wide")
        wide, phone = page.viewport_size, SIZES["phone"]
        assert wide is not None
        page.set_viewport_size({"width": phone[0], "height": phone[1]})
        assert (page.url, overflowing(page)) == (page.url, [])
        self._picture("narrow")
        page.set_viewport_size(wide)

    def _picture(self, kind: str) -> None:
        if PICTURES:
            number, name = len(self.looked_at), re.sub("[^a-z]+", "-", urlsplit(self.page.url).path.lower()).strip("-")
            path = Path(PICTURES) / f"{self.name.split()[0].lower()}-{number:02}-{name[:40]}-{kind}.png"
            self.page.screenshot(path=path, full_page=True)


def _states(page: Page) -> Iterable[str]:
    """What is special on a page now: its messages without their details."""
    return sorted(re.sub("[0-9]+", "n", text) for text in page.locator(".kern-alert__header").all_inner_texts())
