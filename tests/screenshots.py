"""Make pictures of the demo's main pages, on a desktop and on a phone, in build/screenshots; some stand in the README.

python -m tests.screenshots
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.city import City
from tests.browser.conftest import ARGUMENTS
from tests.browser.support import SIZES, browser_path, served
from tests.demo import seed
from tests.project import ROOT

FOLDER = ROOT / "build" / "screenshots"
PICTURES = ROOT / "data" / "pictures"
ORGANISER, NOBODY = "orga@example.org", ""
PAGES = {
    "start": ("/", NOBODY),
    "sign-in": ("/account/login", NOBODY),
    "public": ("/a/{drawn[slug]}", NOBODY),
    "public-lottery": ("/a/{drawn[slug]}/lottery", NOBODY),
    "assemblies": ("/assemblies/", ORGANISER),
    "overview": ("/assemblies/{committed[id]}", ORGANISER),
    "timeline": ("/assemblies/{committed[id]}/timeline", ORGANISER),
    "invitation": ("/assemblies/{committed[id]}/invitation/", ORGANISER),
    "features": ("/assemblies/{collecting[id]}/features/", ORGANISER),
    "registrations": ("/assemblies/{collecting[id]}/registrations/", ORGANISER),
    "import": ("/assemblies/{collecting[id]}/registrations/imports/2", ORGANISER),
    "pool": ("/assemblies/{collecting[id]}/pool/", ORGANISER),
    "composition": ("/assemblies/{collecting[id]}/pool/composition", ORGANISER),
    "person": ("/assemblies/{collecting[id]}/pool/1", ORGANISER),
    "duplicates": ("/assemblies/{committed[id]}/pool/duplicates", ORGANISER),
    "households": ("/assemblies/{committed[id]}/pool/households", ORGANISER),
    "check": ("/assemblies/{committed[id]}/check/", ORGANISER),
    "lottery": ("/assemblies/{solved[id]}/lotteries/4", ORGANISER),
    "commit": ("/assemblies/{solved[id]}/lotteries/4/commit", ORGANISER),
    "draw": ("/assemblies/{due[id]}/draw", ORGANISER),
    "drawn": ("/assemblies/{drawn[id]}/draw", ORGANISER),
    "panel": ("/assemblies/{drawn[id]}/panel/", ORGANISER),
    "replacement": ("/assemblies/{drawn[id]}/panel/replacement", ORGANISER),
    "needs": ("/assemblies/{drawn[id]}/needs/people/", "hilfe@example.org"),
    "log": ("/assemblies/{drawn[id]}/log", ORGANISER),
    "roles": ("/assemblies/{drawn[id]}/roles", ORGANISER),
    "account": ("/account", ORGANISER),
}
"""Name → address and who looks at it."""
IN_README = ("composition", "lottery", "panel", "public-lottery")
"""These are kept in data/pictures as they look on a desktop, the upper part alone."""


def main() -> None:
    """Seed a city, visit its pages, and say which of them do not answer."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        seed(Path(folder) / "city")
        city = City(Path(folder) / "city")
        with served(city.app) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
            for size in ("desktop", "phone"):
                width, height = SIZES[size]
                context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
                page = context.new_page()
                for name, (address, account) in PAGES.items():
                    city.enter(context, server, account=account)
                    take(page, server + address.format(**city.assemblies), f"{size}-{name}")
                    if size == "desktop" and name in IN_README:
                        page.screenshot(path=PICTURES / f"{name}.png")
                context.close()
            browser.close()


def take(page: Page, address: str, name: str) -> None:
    """Make a picture of a whole page."""
    answer = page.goto(address)
    if answer is None or answer.status != 200:
        sys.exit(f"{address} answered {answer and answer.status}")
    page.screenshot(path=FOLDER / f"{name}.png", full_page=True)


if __name__ == "__main__":
    main()
