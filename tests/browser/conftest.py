"""A real browser: Debian's Chromium, driven by Playwright, for tests of pages.

Playwright's own event loop runs in the tests' thread as long as the browser does, so a test that needs asyncio in the
same worker process must run it in a thread of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import patience
from tests.assembly.compiled import compiled_once  # noqa: F401  # a fixture
from tests.browser.support import SIZES, Complaints, axe_violations, browser_path, served

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

expect.set_options(timeout=patience.PAGE_MILLISECONDS)

LiveServer = Callable[[Flask], str]
NewPage = Callable[..., Page]
Axe = Callable[..., list[str]]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return the running browser; skips where there is none, but never in CI."""
    path = browser_path()
    if path is None:
        if "CI" in os.environ:
            pytest.fail("chromium is missing: .ci/run installs it")
        pytest.skip("chromium is not installed (on Debian: apt install chromium-headless-shell)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def live_server() -> Iterator[LiveServer]:
    """Return a function that serves an application and returns its address; it ends with the test."""
    with ExitStack() as running:
        yield lambda app: running.enter_context(served(app))


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[NewPage]:
    """Return a function that opens a page in a browser profile of its own.

    Arguments: size, a key of SIZES; language, what the browser asks for; javascript, whether it runs scripts; anything
    else goes to Playwright's new_context. The test fails in the end if a page wrote an error on its console or did
    what the content security policy forbids.
    """
    complaints = Complaints()
    with ExitStack() as contexts:

        def open_page(
            size: str = "desktop", *, language: str = "de", javascript: bool = True, **options: object
        ) -> Page:
            width, height = SIZES[size]
            context = chromium.new_context(
                viewport={"width": width, "height": height},
                locale={"de": "de-DE", "en": "en-GB"}[language],
                java_script_enabled=javascript,
                reduced_motion="reduce",
                **options,  # type: ignore[arg-type]  # the caller's, as Playwright has them
            )
            contexts.callback(context.close)
            context.set_default_timeout(patience.PAGE_MILLISECONDS)
            page = context.new_page()
            complaints.listen(page)
            return page

        yield open_page
    assert complaints == []


@pytest.fixture(scope="session")
def axe() -> Axe:
    """Return a function that returns what axe-core finds on a page against WCAG 2.2 A and AA."""
    return axe_violations
