"""Looking through the mirrored papers and meetings, by their words, the same on both databases.

Everything that searches asks `matching`, so that another way of searching replaces that one function.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from assembly.models import CouncilMeeting, CouncilPaper, CouncilSource
from assembly.services.council.reading import folded

LONGEST_SEARCH = 200
MOST_WORDS = 6


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """A part of what was found: `rows` of page `number`, of so many `pages` with `total` rows."""

    rows: Sequence[Any]
    number: int
    pages: int
    total: int


def matching(column: Any, search: str) -> sa.ColumnElement[bool]:
    """Return the condition that each of the words stands in a folded column; any stands if nothing is looked for."""
    words = folded(search[:LONGEST_SEARCH]).split()[:MOST_WORDS]
    return sa.and_(sa.true(), *(column.contains(word, autoescape=True) for word in words))


def papers(session: Session, source: CouncilSource, search: str = "", *, page: int = 1, size: int = 25) -> Page:
    """Return the papers that there are, newest first, that hold all words of a search."""
    found = sa.select(CouncilPaper).where(
        CouncilPaper.source_id == source.id, CouncilPaper.is_deleted.is_(False), matching(CouncilPaper.search, search)
    )
    order = (CouncilPaper.dated_on.desc().nulls_last(), CouncilPaper.id.desc())
    return _page(session, found, order, page, size)


def meetings(session: Session, source: CouncilSource, search: str = "", *, page: int = 1, size: int = 25) -> Page:
    """Return the meetings that there are, latest first, with their items, that hold all words of a search."""
    found = (
        sa.select(CouncilMeeting)
        .where(
            CouncilMeeting.source_id == source.id,
            CouncilMeeting.is_deleted.is_(False),
            matching(CouncilMeeting.search, search),
        )
        .options(selectinload(CouncilMeeting.items))
    )
    order = (CouncilMeeting.starts_at.desc().nulls_last(), CouncilMeeting.id.desc())
    return _page(session, found, order, page, size)


def _page(session: Session, found: sa.Select[Any], order: Sequence[Any], number: int, size: int) -> Page:
    total = session.scalar(sa.select(sa.func.count()).select_from(found.order_by(None).subquery())) or 0
    pages = max(1, -(-total // size))
    number = min(max(number, 1), pages)
    rows = session.scalars(found.order_by(*order).limit(size).offset((number - 1) * size)).all()
    return Page(rows, number, pages, total)
