"""What a step says about a paper, a meeting or a resolution that is chosen from the mirrored council information.

The choice fills in facts, which whoever takes the step can still change: so what is kept is the same as by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from assembly.models import Assembly, Move, Outcome
from assembly.services.council import references, sources
from assembly.services.council.references import Reference, ReferenceKind
from assembly.services.follow_up.facts import LONGEST_LINE
from assembly.services.follow_up.transitions import TABLE, facts_of

MOST_CHOSEN = 5
"""A paper, the meeting, what was resolved; more are no choice."""
_NEEDED = {
    ReferenceKind.PAPER: {"paper"},
    ReferenceKind.MEETING: {"paper", "link"},
    ReferenceKind.RESOLUTION: {"resolution"},
}
"""The facts without which a step has no use for what is of a kind."""


def kinds_for(session: Session, assembly: Assembly, move: Move) -> frozenset[ReferenceKind]:
    """Return what can be chosen for a step; nothing without a mirrored body."""
    source = sources.source_of(session, assembly)
    if source is None or not source.body:
        return frozenset()
    names = {fact.name for fact in TABLE[move].facts}
    return frozenset(kind for kind, needed in _NEEDED.items() if needed <= names)


def found_for(session: Session, assembly: Assembly, move: Move, search: str) -> list[Reference]:
    """Return what the mirror has for a step, by words."""
    kinds = kinds_for(session, assembly, move)
    return [one for one in references.find(session, assembly, search) if one.kind in kinds] if kinds else []


def chosen_for(session: Session, assembly: Assembly, keys: Iterable[str]) -> list[Reference]:
    """Return what was chosen, by its keys. Raises NotFoundError for what this assembly’s mirror does not have."""
    return [references.get_reference(session, assembly, key) for key in list(keys)[:MOST_CHOSEN]]


def filled_in(chosen: Iterable[Reference], move: Move, outcome: Outcome | None) -> dict[str, Any]:
    """Return what the form of a step begins with: facts by name, and its day where it has one.

    What is chosen later fills in over what was chosen before.
    """
    names = {fact.name for fact in facts_of(move, {"outcome": outcome})}
    names |= {"taken_on"} if TABLE[move].is_dated else set()
    filled: dict[str, Any] = {}
    for one in chosen:
        filled |= {name: value for name, value in _said_by(one).items() if value and name in names}
    return filled


def _said_by(one: Reference) -> dict[str, str | dt.date | None]:
    if one.kind is ReferenceKind.PAPER:
        words = ": ".join(part for part in (one.reference, one.title) if part)
        return {"paper": words[:LONGEST_LINE], "paper_link": one.link}
    met: dict[str, str | dt.date | None] = {"body": one.body, "link": one.link, "taken_on": one.date}
    return met | ({"resolution": one.reference} if one.kind is ReferenceKind.RESOLUTION else {})
