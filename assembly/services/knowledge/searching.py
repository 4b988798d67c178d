"""What is known, for whom, and how it is searched: in SQL, the same on both databases."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

LONGEST_SEARCH = 200
MOST_WORDS = 6


class Source(enum.StrEnum):
    """Where something is known from."""

    INPUT = "input"
    MATERIAL = "material"
    VISIT = "visit"
    SHEET = "sheet"
    ANSWER = "answer"


class Audience(enum.StrEnum):
    """Who reads it: staff all, members what is published, the public what is published for everyone."""

    STAFF = "staff"
    MEMBERS = "members"
    PUBLIC = "public"


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """One thing that is known.

    `row` is what it comes from, for the link to it; `event_id` where it belongs, `questions` what it is about.
    """

    source: Source
    row: Any
    title: str
    text: str = ""
    event_id: int | None = None
    questions: Collection[int] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: words, all of which must stand in a title or text."""

    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Search:
        """Return the search for a text that somebody typed."""
        return cls(tuple(text[:LONGEST_SEARCH].split()[:MOST_WORDS]))

    def within(self, *columns: sa.ColumnElement[Any] | Any) -> sa.ColumnElement[bool]:
        """Return the condition that each word stands in one of these columns, whatever its capitals are."""
        return sa.and_(
            sa.true(),
            *(sa.or_(*(_stands_in(column, word) for column in columns)) for word in self.words),
        )


def _stands_in(column: Any, word: str) -> sa.ColumnElement[bool]:
    """Return that a word stands in a column; SQLite folds only A to Z, so umlauts are looked for as they may be."""
    ways = dict.fromkeys((word, word.lower(), word.capitalize(), word.upper()))
    return sa.or_(*(column.icontains(way, autoescape=True) for way in ways))
