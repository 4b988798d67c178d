"""Walking through the lists of a body, page by page, each stored with the place to go on from.

1. What changed since the last walk is asked for (`modified_since`); with it come the objects that were deleted.
2. A server that refuses this, or answers with everything, is walked through in full, now and ever after; the others
   are once a month. What a full walk did not see is marked as deleted.
3. An interrupted walk goes on where it was, within a day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urljoin

from sqlalchemy.orm import Session, sessionmaker

from assembly.clock import now
from assembly.models import CouncilSource
from assembly.services.council import reading, storing
from assembly.services.council.client import Client, StatusError
from assembly.services.council.reading import Object
from assembly.services.errors import RuleError, marked

FULL_EVERY = dt.timedelta(days=30)
OVERLAP = dt.timedelta(days=1)
"""What changed so long before the last walk is asked for again: clocks differ, and servers publish late."""
RESUMED_FOR = dt.timedelta(days=1)
MOST_PAGES = 20_000
MOST_PAGES_OF_COMMITTEES = 50
MOST_PAGES_WITHOUT_NEWS = 5
REFUSES_FILTER = frozenset({400, 405, 422, 501})
"""How servers answer that do not know `modified_since`."""
LISTS = {"papers": "paper", "meetings": "meeting"}
"""Names of the lists of a body, by ours."""
IN_CIRCLES = marked("%(host)s leads from page to page without anything new. Please tell whoever runs it.")


class GoneError(Exception):
    """The source was disconnected, or somebody else walks now."""


class _NoFilterError(Exception):
    """The server does not know `modified_since`."""


class Walker:
    """One attempt at a walk; `between` is called after each page with what was done, and may raise to stop."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        client: Client,
        source_id: int,
        *,
        between: Callable[[Mapping[str, Any]], None] = lambda _progress: None,
    ) -> None:
        self._sessions, self._client, self._source_id, self._between = sessions, client, source_id, between
        self._skipped = 0

    def walk(self) -> None:
        """Walk to the end. Raises RuleError for what the server does, GoneError if the source is no longer ours."""
        cursor = self._begin()
        try:
            self._through(cursor)
        except _NoFilterError:
            with self._sessions.begin() as session:
                source = self._source(session)
                source.asks_since, source.cursor = False, {}
            self._through(self._begin())

    def _begin(self) -> dict[str, Any]:
        """Return where to go on, or begin anew with the names of the body and its committees."""
        with self._sessions() as session:
            source = self._source(session)
            cursor, address, since = source.cursor, source.body, _since(source)
        if cursor and dt.datetime.fromisoformat(cursor["began_at"]) > now() - RESUMED_FOR:
            return dict(cursor)
        began_at = now()
        body = self._client.get(address)
        organizations = self._organizations(reading.link(body.get("organization")))
        found = {kind: reading.link(body.get(name)) for kind, name in LISTS.items()}
        todo = [[kind, _filtered(url, since)] for kind, url in found.items() if url]
        if not todo:
            raise RuleError(marked("This body has neither papers nor meetings to read."))
        with self._sessions.begin() as session:
            source = self._source(session)
            source.walk += 1
            source.name, source.organizations = reading.name_of(body) or source.name, organizations
            source.skipped = 0
            cursor = {
                "number": source.walk,
                "since": since.isoformat() if since else "",
                "began_at": began_at.isoformat(),
                "todo": todo,
                "pages": 0,
            }
            source.cursor = cursor
        return cursor

    def _through(self, cursor: dict[str, Any]) -> None:
        since = dt.datetime.fromisoformat(cursor["since"]) if cursor["since"] else None
        while cursor["todo"]:
            kind, start = cursor["todo"][0]
            for url, objects, following in self._pages(start, cursor, since):
                pages = cursor["pages"] + 1
                rest = cursor["todo"][1:]
                cursor = cursor | {"pages": pages, "todo": [[kind, following], *rest] if following else rest}
                self._store(kind, objects, cursor)
                self._between({"phase": "council", "pages": pages})
                if pages > MOST_PAGES:
                    raise RuleError(IN_CIRCLES, host=_host(url))
        self._finish(cursor)

    def _pages(
        self, url: str, cursor: Mapping[str, Any], since: dt.datetime | None
    ) -> Iterator[tuple[str, list[Object], str]]:
        """Yield the pages of a list: where each is, its objects, and where the next is.

        Raises _NoFilterError if the server does not leave out what is older than `since`.
        """
        ids: set[str] = set()
        without_news = 0
        while url:
            try:
                page = self._client.get(url)
            except StatusError as error:
                if since and error.status in REFUSES_FILTER:
                    raise _NoFilterError from error
                self._forget(cursor)
                raise
            objects = list(self._objects(page, url))
            if since and _are_older(objects, since):
                raise _NoFilterError
            before = len(ids)
            ids.update(reading.id_of(one) for one in objects)
            without_news = without_news + 1 if len(ids) == before else 0
            if without_news >= MOST_PAGES_WITHOUT_NEWS:
                self._forget(cursor)
                raise RuleError(IN_CIRCLES, host=_host(url))
            following = _next(page, url)
            yield url, objects, following
            url = following

    def _objects(self, page: Object, url: str) -> Iterator[Object]:
        """Yield what stands on a page; what is no object with an id is counted and left out."""
        found = page.get("data")
        if not isinstance(found, list):
            raise RuleError(marked("What %(host)s says is no list of OParl."), host=_host(url))
        for value in found:
            one = self._at(value) if isinstance(value, str) else value
            if isinstance(one, Mapping) and reading.id_of(one):
                yield one
            else:
                self._skipped += 1

    def _follow(self, url: str) -> Object | None:
        """Return the object at an address that another one names; if there is none, it is counted and left out."""
        found = self._at(url)
        self._skipped += found is None
        return found

    def _at(self, url: str) -> Object | None:
        """Return the object at an address, None if the server refuses it."""
        try:
            return self._client.get(url) if reading.link(url) else None
        except StatusError:
            return None

    def _organizations(self, url: str) -> dict[str, str]:
        """Return the names of the committees of a body, by their ids."""
        names: dict[str, str] = {}
        for _ in range(MOST_PAGES_OF_COMMITTEES if url else 0):
            page = self._client.get(url)
            names |= {reading.id_of(one): reading.name_of(one) for one in self._objects(page, url)}
            url = _next(page, url)
            if not url:
                break
        return names

    def _store(self, kind: str, objects: list[Object], cursor: Mapping[str, Any]) -> None:
        """Read what stands on a page, also at other addresses, and then write it with the place to go on from."""
        with self._sessions() as session:
            organizations = self._source(session, cursor).organizations
        gone = {reading.id_of(one) for one in objects if one.get("deleted") is True}
        found: dict[str, reading.Paper | reading.Meeting | None] = {}
        for one in objects:
            if reading.id_of(one) in gone:
                continue
            read = (
                reading.paper(one, self._follow)
                if kind == "papers"
                else reading.meeting(one, self._follow, organizations)
            )
            self._skipped += read is None
            found[reading.id_of(one)] = read
        with self._sessions.begin() as session:
            source = self._source(session, cursor)
            storing.store(session, source, kind, found, gone=gone, walk=cursor["number"])
            source.cursor = dict(cursor)
            source.skipped += self._skipped
        self._skipped = 0

    def _finish(self, cursor: Mapping[str, Any]) -> None:
        began_at = dt.datetime.fromisoformat(cursor["began_at"])
        with self._sessions.begin() as session:
            source = self._source(session, cursor)
            if not cursor["since"]:
                storing.mark_unseen(session, source, cursor["number"])
                source.full_at = began_at
            source.synchronised_at, source.cursor = began_at, {}

    def _forget(self, cursor: Mapping[str, Any]) -> None:
        """Let the next walk begin anew, since going on from here would fail again."""
        with self._sessions.begin() as session:
            self._source(session, cursor).cursor = {}

    def _source(self, session: Session, cursor: Mapping[str, Any] | None = None) -> CouncilSource:
        """Return the source, locked. Raises GoneError if it is gone, or another walk has begun since this one."""
        source = session.get(CouncilSource, self._source_id, with_for_update=True)
        if source is None or not source.body or (cursor is not None and source.walk != cursor["number"]):
            raise GoneError
        return source


def _since(source: CouncilSource) -> dt.datetime | None:
    """Return since when changes are asked for; None if all is."""
    if not source.asks_since or source.synchronised_at is None or source.full_at is None:
        return None
    return source.synchronised_at - OVERLAP if source.full_at > now() - FULL_EVERY else None


def _filtered(url: str, since: dt.datetime | None) -> str:
    if since is None:
        return url
    said = urlencode({"modified_since": since.replace(microsecond=0).isoformat()})
    return f"{url}{'&' if '?' in url else '?'}{said}"


def _are_older(objects: list[Object], since: dt.datetime) -> bool:
    """Whether most of a page is older than what was asked for; a few may be, where a part of them changed."""
    dates = [date for one in objects if (date := reading.moment(one.get("modified"))) is not None]
    return 2 * sum(date < since.replace(microsecond=0) for date in dates) > len(dates)


def _next(page: Object, url: str) -> str:
    links = page.get("links")
    following = links.get("next") if isinstance(links, Mapping) else None
    try:
        return reading.link(urljoin(url, following)) if isinstance(following, str) and following else ""
    except ValueError:  # what is no address
        return ""


def _host(url: str) -> str:
    return url.split("/")[2]
