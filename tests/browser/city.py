"""The demo's city as a browser meets it: served, with the cookie of each account, and with every page that it links.

Pages are found by following links, as each account and as nobody: one address per route and assembly, because the
assemblies stand at different points. A page that nothing leads to is not found.
"""

from __future__ import annotations

import dataclasses
import re
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import BrowserContext
from werkzeug.exceptions import HTTPException

from assembly.app import create_app
from assembly.config import Config
from tests.demo import kept

SCOPES = ("assembly_id", "slug")
"""Arguments of an address that name an assembly."""
HREF = re.compile(r'<a\b[^>]*\bhref="([^"#]+)"')
_Result = TypeVar("_Result")


def elsewhere(deed: Callable[[], _Result]) -> _Result:
    """Do something in a thread of its own: an application's context cannot end beside Playwright's event loop."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(deed).result()


@dataclasses.dataclass(frozen=True, order=True)
class Found:
    """A page, and the first account that came to it; nobody's has an empty one."""

    endpoint: str
    address: str
    account: str


class City:
    """The application over a copy of the city."""

    def __init__(self, folder: Path) -> None:
        self.app: Flask = elsewhere(lambda: create_app(Config.from_environment({"ASSEMBLY_DATA": str(folder)})))
        self.password: str = kept(folder)["password"]
        self.assemblies: dict[str, dict[str, Any]] = {one["key"]: one for one in kept(folder)["assemblies"]}
        with sqlite3.connect(folder / "assembly.sqlite") as connection:
            self._accounts = dict(connection.execute("SELECT email, fs_uniquifier FROM users ORDER BY id").fetchall())
        connection.close()

    def cookie(self, account: str, language: str) -> str:
        """Return the session of an account that has signed in just now, or of nobody."""
        session: dict[str, Any] = {"language": language}
        if account:
            session |= {"_user_id": self._accounts[account], "_fresh": True, "fs_cc": "set", "fs_paa": time.time()}
        serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]  # Flask’s own interface has it
        return str(serializer.dumps(session))

    def enter(self, context: BrowserContext, server: str, *, account: str = "", language: str = "de") -> None:
        """Sign a browser in, without the page for it."""
        context.add_cookies([{"name": "assembly", "value": self.cookie(account, language), "url": server}])

    def pages(self) -> list[Found]:
        """Return every page that links lead to."""
        return elsewhere(self._crawl)

    def _crawl(self) -> list[Found]:
        found: dict[tuple[str, str], Found] = {}
        for account in (*self._accounts, ""):
            only = None if account in {"", "orga@example.org", "rat@example.org"} else self.assemblies["drawn"]
            for key, page in self._pages_for(account, only):
                found.setdefault(key, page)
        return sorted(found.values())

    def _pages_for(self, account: str, only: dict[str, Any] | None) -> Iterator[tuple[tuple[str, str], Found]]:
        """Follow links from the start; if one assembly is named, not into others."""
        scopes = {"", str(only["id"]), only["slug"]} if only else None
        client = self.app.test_client()
        client.set_cookie("assembly", self.cookie(account, "de"))
        waiting, seen = deque(["/"]), set()
        while waiting:
            address = waiting.popleft()
            key = self._key(address)
            if key is None or key in seen or (scopes is not None and key[1] not in scopes):
                continue
            answer = client.get(address)
            if answer.mimetype != "text/html" or answer.status_code != 200:
                continue
            seen.add(key)
            yield key, Found(key[0], address, account)
            waiting += [unescape(href) for href in HREF.findall(answer.text)]

    def _key(self, address: str) -> tuple[str, str] | None:
        """Return the route of an address and its assembly; None if it is not ours."""
        parts = urlsplit(address)
        if parts.netloc or not parts.path.startswith("/"):
            return None
        try:
            endpoint, arguments = self.app.url_map.bind("127.0.0.1").match(parts.path)
        except HTTPException:
            return None
        return endpoint, next((str(arguments[scope]) for scope in SCOPES if scope in arguments), "")

    def routes(self) -> set[str]:
        """Return the endpoints of everything that can be asked for with GET."""
        return {rule.endpoint for rule in self.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
