"""What browser tests need besides the fixtures: a server for any application, and questions to a page."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from playwright.sync_api import ConsoleMessage, Page, Response
from werkzeug.serving import make_server

from tests.project import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {
    "desktop": (1280, 800),
    "phone": (360, 740),
    "zoomed": (320, 256),  # 1280 × 1024 at 400 %
}
BROWSERS = ("chromium-headless-shell", "chromium")
"""The first one makes the same pages without windows for them, in a quarter of the processor's time."""
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def browser_path() -> str | None:
    """Return where the browser is, None if there is none."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@contextmanager
def served(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve an application from threads on a port of this machine, 0 for any; yield its address without a slash."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Complaints(list[str]):
    """What a page complained about: errors on its console, among them what the content security policy stopped.

    That a page itself was answered with an error status, or a form sent by htmx with 422, is no complaint: tests ask
    for such pages on purpose, and the browser writes each on the console.
    """

    def __init__(self) -> None:
        super().__init__()
        self._expected: set[str] = set()

    def listen(self, page: Page) -> None:
        """Collect the complaints of this page."""
        page.on("response", self._response)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.append(f"{page.url}: {error}"))

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.append(f"{response.url}: answered {response.status}")
        elif response.request.is_navigation_request() or response.status == 422:
            self._expected.add(response.url)

    def _console(self, message: ConsoleMessage) -> None:
        is_status = re.match("Failed to load resource: the server responded with a status of", message.text)
        if message.type == "error" and not (is_status and message.location["url"] in self._expected):
            self.append(f"{message.location['url']}: {message.text}")


def axe_violations(page: Page, *, colours: bool = True, rule: str = "") -> list[str]:
    """Return what axe-core finds against WCAG 2.2 A and AA: rule, what to do, and where, one line per place.

    It waits until the page has its style sheets: a page just reached by a click may not have them yet. Without
    `colours` it leaves out contrast, which takes it longest. A `rule` is the only one that it asks, also one that it
    leaves out by itself; for that alone it reads the text of style sheets.
    """
    page.wait_for_load_state("load")
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
    options = {
        "runOnly": {"type": "rule", "values": [rule]} if rule else {"type": "tag", "values": WCAG},
        "rules": {"color-contrast": {"enabled": colours}} if not rule else {},
        "resultTypes": ["violations"],
        "preload": bool(rule),
    }
    results: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{violation['id']}: {violation['help']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for violation in results["violations"]
        for node in violation["nodes"]
    ]


def overflowing(page: Page) -> list[str]:
    """Return the elements that make the page scroll sideways; empty if it does not."""
    found: list[str] = page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            if (document.scrollingElement.scrollWidth <= width) return [];
            const scrolls = element => element && (getComputedStyle(element).overflowX !== 'visible'
                ? element !== document.documentElement : scrolls(element.parentElement));
            const sticksOut = element => element.getBoundingClientRect().right > width + 0.5;
            return [`page: ${document.scrollingElement.scrollWidth} > ${width}`,
                ...[...document.querySelectorAll('body *')]
                .filter(element => sticksOut(element) && !scrolls(element.parentElement))
                .map(element => `${element.tagName.toLowerCase()}.${element.className}#${element.id}`)];
        }"""
    )
    return found


def tab_order(page: Page, *, most: int = 200) -> list[str]:
    """Press Tab from the top of the page to its end; return the focused elements, each with its name or id.

    An element whose focus cannot be seen (no outline, no shadow) is returned with “ (invisible)” behind it.
    """
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0); delete window.lastFocused")
    found: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        described: str | None = page.evaluate(
            """() => {
                const element = document.activeElement;
                if (!element || element === document.body) return null;
                if (element === window.lastFocused) return '';  // the next stop within one, such as a date's month
                window.lastFocused = element;
                const shows = node => {
                    const style = getComputedStyle(node);
                    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)
                        || style.boxShadow !== 'none';
                };
                const text = (element.innerText || element.getAttribute('aria-label') || '').trim();
                const name = element.id || text.split('\\n').pop() || element.tagName;
                return name + (shows(element) ? '' : ' (invisible)');
            }"""
        )
        if described is None:
            return found
        found += [described] if described else []
    return found
