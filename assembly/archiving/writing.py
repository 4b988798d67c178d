"""Writing an archive: every public page in both languages, with all that it leads to, and a manifest of the hashes."""

from __future__ import annotations

import dataclasses
import hashlib
import html
import json
import posixpath
from collections import deque
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly import database
from assembly.archiving import pages
from assembly.clock import now
from assembly.config import Config
from assembly.extensions import db
from assembly.i18n import LANGUAGES
from assembly.models import Assembly, CaseState
from assembly.services import logbook, public
from assembly.services.errors import ConflictError, NotFoundError, marked
from assembly.services.follow_up import register
from assembly.services.texts import catalogue

MANIFEST = "MANIFEST.json"
FORMAT = "assembly-archive/1"
DOCUMENTS = "files/commitments/*/public.json"
NAMES = {"de": "Deutsch", "en": "English"}
NOTE = marked("This is an archived copy of %(day)s.")
MOST = 20_000
"""Files; no assembly has so many, so whoever gets there goes round in circles."""


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """What was written: how many pages and other files, and what could not be had, by address."""

    pages: int
    files: int
    missing: tuple[str, ...]


def require_finished(session: Session, slug: str) -> Assembly:
    """Return a public assembly whose recommendations are all closed.

    Raises NotFoundError if there is none of this name, ConflictError if something is still open.
    """
    assembly = public.public_assembly(session, slug)
    if assembly is None:
        raise NotFoundError
    standings = register.standings_of(session, assembly)
    if not standings or any(one.state is not CaseState.CLOSED for one in standings):
        raise ConflictError(
            marked("Not every recommendation is closed yet; --unfinished writes the archive all the same.")
        )
    return assembly


def write(app: Flask, slug: str, folder: Path, *, unfinished: bool = False) -> Written:
    """Write the archive of an assembly into a folder that does not exist yet.

    Raises NotFoundError, ConflictError as `require_finished` does, FileExistsError.
    """
    app.config["RATELIMIT_ENABLED"] = False  # nobody waits for us
    with app.app_context(), database.reading():
        session = db.session
        assembly = public.public_assembly(session, slug) if unfinished else require_finished(session, slug)
        if assembly is None:
            raise NotFoundError
        folder.mkdir(parents=True)
        about = {
            "format": FORMAT,
            "assembly": assembly.title,
            "slug": slug,
            "made_at": now().isoformat(timespec="seconds"),
            "log_head": logbook.head_of(session, assembly),
            "page": f"{_config(app).public_url}/a/{slug}",
        }
        session.close()
    crawl = _Crawl(app, f"/a/{slug}", folder, day=about["made_at"][:10])
    crawl.run()
    _write(folder, "index.html", _entrance(assembly_title=str(about["assembly"])))
    _write(folder, "README.txt", _readme(about))
    _write(folder, MANIFEST, _manifest(folder, about))
    return Written(crawl.pages, crawl.files, tuple(crawl.missing))


class _Crawl:
    """Everything that can be reached from the page of an assembly without leaving it."""

    def __init__(self, app: Flask, root: str, folder: Path, *, day: str) -> None:
        self._clients = {language: _client(app, language) for language in LANGUAGES}
        self._root, self._folder, self._day = root, folder, day
        self._public_url = _config(app).public_url
        self._known: dict[tuple[str, str], str | None] = {}
        self._content: dict[tuple[str, str], bytes] = {}
        self.pages = self.files = 0
        self.missing: list[str] = []

    def run(self) -> None:
        """Read everything, then write the pages, which by then know what each link leads to."""
        waiting = deque((self._root, language) for language in LANGUAGES)
        while waiting:
            address, language = waiting.popleft()
            if (address, language) not in self._known:
                waiting += [(found, language) for found in self._read(address, language)]
        for (address, language), content in self._content.items():
            self._write_page(address, language, content)
        self.pages = len(self._content)

    def _read(self, address: str, language: str) -> list[str]:
        """Ask for an address; write what is no page; return what a page leads to."""
        if len(self._known) >= MOST:
            raise ConflictError(marked("The pages lead to more and more others: this is a fault of the application."))
        answer = self._clients[language].get(address)
        content, mimetype = answer.get_data(), answer.mimetype
        answer.close()
        if answer.status_code != 200:
            self._known[address, language] = None
            if language == LANGUAGES[0]:
                self.missing.append(address)
            return []
        name = pages.file_of(address, mimetype or "", root=self._root, language=language)
        self._known[address, language] = name
        if mimetype != pages.HTML:
            if not (self._folder / name).exists():
                _write(self._folder, name, content)
                self.files += 1
            return _in_style(content, address) if mimetype == "text/css" else []
        self._content[address, language] = content
        links = (self._local(link) for link in pages.links_of(content, address))
        return [link for link in links if pages.is_archived(link, self._root)]

    def _write_page(self, address: str, language: str, content: bytes) -> None:
        name = str(self._known[address, language])
        other = next(one for one in LANGUAGES if one != language)
        same = self._known.get((address, other)) or f"{other}/index.html"
        note = catalogue(language).ugettext(NOTE) % {"day": self._day}
        page = pages.rewritten(
            content,
            address,
            lambda link: self._target(link, language, name),
            note=note,
            other=(NAMES[other], _relative(same, name)),
        )
        _write(self._folder, name, page)

    def _local(self, link: str) -> str:
        """Return an address of ours without the site before it, as people write it in texts and as evidence."""
        return link.removeprefix(self._public_url) if link.startswith(f"{self._public_url}/") else link

    def _target(self, link: str, language: str, page: str) -> str:
        link = self._local(link)
        found = self._known.get((link, language))
        if found:
            return _relative(found, page)
        return f"{self._public_url}{link}" if link.startswith("/") else link


def _client(app: Flask, language: str) -> FlaskClient:
    client = app.test_client(use_cookies=False)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    return client


def _config(app: Flask) -> Config:
    found: Config = app.extensions["assembly.config"]
    return found


def _in_style(content: bytes, address: str) -> list[str]:
    """Return what a style sheet shows: fonts and pictures beside it, whose addresses stay as they are."""
    found = [one.decode().strip("\"' ") for one in pages.STYLE.findall(content)]
    return [posixpath.normpath(posixpath.join(posixpath.dirname(address), one)) for one in found if _is_file(one)]


def _is_file(address: str) -> bool:
    return not address.startswith(("data:", "#", "http"))


def _relative(name: str, page: str) -> str:
    return posixpath.relpath(name, posixpath.dirname(page) or ".")


def _write(folder: Path, name: str, content: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _entrance(*, assembly_title: str) -> bytes:
    links = "".join(f'<li><a href="{code}/index.html" lang="{code}">{NAMES[code]}</a></li>' for code in LANGUAGES)
    title = html.escape(assembly_title)
    return (
        f'<!doctype html>\n<html lang="de"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><h1>{title}</h1><ul>{links}</ul></body></html>\n"
    ).encode()


def _readme(about: dict[str, Any]) -> bytes:
    return (
        f"{about['assembly']}\n\n"
        f"Archiv vom {about['made_at'][:10]} von {about['page']}.\n"
        "Öffnen Sie index.html in einem Browser; ein Server wird nicht gebraucht.\n"
        f"{MANIFEST} nennt den SHA-256 jeder Datei und den Stand des Protokolls.\n"
        f"Prüfen: assembly check-archive ORDNER, und die Auslosung: sortition verify {DOCUMENTS}\n\n"
        f"Archive of {about['made_at'][:10]} of {about['page']}.\n"
        "Open index.html in a browser; no server is needed.\n"
        f"{MANIFEST} has the SHA-256 of each file and the head of the log.\n"
        f"To check: assembly check-archive FOLDER, and the lottery: sortition verify {DOCUMENTS}\n"
    ).encode()


def _manifest(folder: Path, about: dict[str, Any]) -> bytes:
    files = {
        path.relative_to(folder).as_posix(): {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "bytes": path.stat().st_size,
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return json.dumps({**about, "files": files}, ensure_ascii=False, indent=1).encode()
