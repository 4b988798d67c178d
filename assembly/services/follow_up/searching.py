"""Finding cases by the words of all that is public about them: German words by their stems, the same on each database.

A case keeps the stems of its recommendation and its steps (`Case.search`), made when a step is taken, so that what is
taken away by order is found no more. Whoever searches for “Haltestelle” finds “der Umbau der Haltestellen”.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

import snowballstemmer
import sqlalchemy as sa

from assembly.models import Case
from assembly.services.follow_up.facts import strings_in

LONGEST_SEARCH = 200
MOST_WORDS = 8
WITHIN = 4
"""Stems of so many letters are also found within longer words, as “Linie” is in “Buslinie”."""
_WORD = re.compile(r"[^\W_]+")


def index_of(case: Case) -> str:
    """Return the stems of all that is public about a case, each once, between spaces."""
    stems = dict.fromkeys(stem for text in _texts(case) for stem in stems_of(text))
    return f" {' '.join(stems)} "


def finds(text: str) -> sa.ColumnElement[bool]:
    """Return the condition that all words of a text stand in a case; true if there are none."""
    stems = stems_of(text[:LONGEST_SEARCH])[:MOST_WORDS]
    return sa.and_(
        sa.true(),
        *(Case.search.contains(stem if len(stem) >= WITHIN else f" {stem}", autoescape=True) for stem in stems),
    )


def stems_of(text: str) -> list[str]:
    """Return the stems of the words of a text, in their order.

    >>> stems_of("Häuser an der Straße: 12 Radwege")
    ['haus', 'an', 'der', 'strass', '12', 'radweg']
    """
    return [_stem(word) for word in _WORD.findall(text.casefold())]


@functools.lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    """Return the stem of a word; a stemmer is no thing that threads can share, so that each call makes its own."""
    return str(snowballstemmer.stemmer("german").stemWord(word))


def _texts(case: Case) -> Iterator[str]:
    said = case.recommendation
    yield from (said.title, said.text, said.reasons, said.plain, said.theme, case.addressee.name)
    for step in case.steps:
        yield from strings_in(step.facts)
