"""What a case’s file says to readers: each step with its facts as they stand after corrections, and what was before."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from assembly.models import Case, CaseStep, Move
from assembly.services.follow_up.facts import Kind
from assembly.services.follow_up.transitions import facts_of
from assembly.services.recommendations.differences import Part, difference

CHANGED = "changed_text"
"""The fact that holds the wording as it is accepted."""


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """A fact of a step as it stands; `earlier` are the texts that corrections replaced, oldest first.

    `is_redacted` if it was taken away by order: then there is no value. `changes` of a changed wording is what differs
    from the recommendation as it was handed over.
    """

    name: str
    kind: Kind
    value: Any
    earlier: tuple[str, ...] = ()
    is_redacted: bool = False
    changes: tuple[Part, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Read:
    """A step with all that it says."""

    step: CaseStep
    said: tuple[Said, ...]


def read(case: Case) -> list[Read]:
    """Return the steps of a case in their order; corrections stand in what they correct, and as steps."""
    return [Read(step, tuple(_said(step, case))) for step in case.steps]


def _said(step: CaseStep, case: Case) -> list[Said]:
    corrections = [one for one in case.steps if one.move is Move.CORRECT and one.facts.get("step") == step.number]
    found = []
    for fact in facts_of(step.move, step.facts):
        of_it = [one for one in corrections if one.facts.get("fact") == fact.name]
        if fact.name in step.redacted or any("text" in one.redacted for one in of_it):
            found.append(Said(fact.name, fact.kind, None, is_redacted=True))
        elif fact.name in step.facts:
            texts = [step.facts[fact.name]]
            texts += [one.facts["text"] for one in of_it]
            changes = difference(case.recommendation.text, texts[-1]) if fact.name == CHANGED else ()
            found.append(
                Said(fact.name, fact.kind, _plain(fact.kind, texts[-1]), tuple(texts[:-1]), changes=tuple(changes))
            )
    return found


def _plain(kind: Kind, value: Any) -> Any:
    return dt.date.fromisoformat(value) if kind is Kind.DAY else value
