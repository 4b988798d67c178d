"""What a case’s file says to readers: each step with its facts as they stand after corrections, and what was before."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assembly.models import Case, CaseStep, Move
from assembly.services.follow_up.cases import steps_of
from assembly.services.follow_up.courses import Course
from assembly.services.follow_up.courses import Milestone as Reached
from assembly.services.follow_up.facts import MILESTONE, Fact, Kind, name_in
from assembly.services.follow_up.facts import read as read_value
from assembly.services.follow_up.transitions import facts_of
from assembly.services.recommendations.differences import Part, difference

CHANGED = "changed_text"
"""The fact that holds the wording as it is accepted."""


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """A fact of a step as it stands; `earlier` are the texts that corrections replaced, oldest first.

    `is_redacted` if it was taken away by order: then there is no value. `changes` of a changed wording is what differs
    from the recommendation as it was handed over. The value of a list is its entries, each with what its parts say.
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

    def says(self, name: str) -> Said | None:
        """Return what it says about something, if it does."""
        return next((one for one in self.said if one.name == name), None)


@dataclasses.dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone of the measure, with its text as it stands."""

    number: int
    text: Said
    until: dt.date
    reached_on: dt.date | None
    is_overdue: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Measure:
    """What is done about a recommendation: how it began, its milestones, and its reports, oldest first."""

    begun: Read
    milestones: tuple[Milestone, ...]
    reports: tuple[Read, ...]
    planned: int | None
    spent: int | None

    @property
    def with_evidence(self) -> list[Read]:
        """The reports that name evidence."""
        return [one for one in self.reports if one.says("evidence") or one.says("more_evidence")]


def read(case: Case, *moves: Move, until: dt.datetime | None = None) -> list[Read]:
    """Return the steps of a case, or of some kinds, in order; corrections stand in what they correct, and as steps.

    With `until`, as it was read at that moment, but for what was taken away by order since.
    """
    steps = steps_of(case, until)
    return [Read(step, tuple(_said(_Written(step, case, steps)))) for step in steps if not moves or step.move in moves]


@dataclasses.dataclass(frozen=True, slots=True)
class _Written:
    """A step among those that are read."""

    step: CaseStep
    case: Case
    steps: Sequence[CaseStep]

    def corrections(self, name: str) -> list[CaseStep]:
        """Return the corrections of what it says under a name, oldest first."""
        of_it = (Move.CORRECT, self.step.number, name)
        return [one for one in self.steps if (one.move, one.facts.get("step"), one.facts.get("fact")) == of_it]


def drafted(move: Move, facts: Mapping[str, Any]) -> dict[str, Said]:
    """Return what a draft says, by name, in the way of a step that was taken."""
    return {fact.name: _plain(fact, facts[fact.name]) for fact in facts_of(move, facts) if fact.name in facts}


def measure_of(case: Case, course: Course, today: dt.date) -> Measure | None:
    """Return the measure that a case is about last, if one was begun."""
    file = read(case, Move.IMPLEMENT, Move.REPORT)
    begun = next((one for one in reversed(file) if one.step.move is Move.IMPLEMENT), None)
    if begun is None:
        return None
    steps = {one.step.number: one for one in file}
    reports = [one for one in file if one.step.move is Move.REPORT and one.step.number > begun.step.number]
    milestones = [
        Milestone(number, _text_of(steps[one.step], one), one.until, one.reached_on, one.is_overdue(today))
        for number, one in enumerate(course.milestones, start=1)
    ]
    return Measure(begun, tuple(milestones), tuple(reports), course.planned, course.spent)


def _text_of(step: Read, one: Reached) -> Said:
    said = step.says(one.fact)
    entry: Sequence[Said] = said.value[one.entry - 1] if said else ()
    return next(part for part in entry if part.name == MILESTONE[0].name)


def _said(written: _Written) -> Iterator[Said]:
    step = written.step
    for fact in facts_of(step.move, step.facts):
        if fact.kind is not Kind.LIST:
            yield from _of(fact, fact.name, step.facts, written)
        elif fact.name in step.facts:
            entries = enumerate(step.facts[fact.name], start=1)
            value = [
                [said for part in fact.parts for said in _of(part, name_in(fact, number, part), entry, written)]
                for number, entry in entries
            ]
            yield Said(fact.name, fact.kind, value)


def _of(fact: Fact, name: str, facts: Mapping[str, Any], written: _Written) -> Iterator[Said]:
    """Yield a fact as it stands, or nothing if it is not said; `name` is what corrections and redactions call it."""
    corrections = written.corrections(name)
    if name in written.step.redacted or any("text" in one.redacted for one in corrections):
        yield Said(fact.name, fact.kind, None, is_redacted=True)
    elif fact.name in facts:
        texts = [facts[fact.name], *(one.facts["text"] for one in corrections)]
        changes = difference(written.case.recommendation.text, texts[-1]) if fact.name == CHANGED else ()
        yield dataclasses.replace(_plain(fact, texts[-1]), earlier=tuple(texts[:-1]), changes=tuple(changes))


def _plain(fact: Fact, value: Any) -> Said:
    if fact.kind is not Kind.LIST:
        return Said(fact.name, fact.kind, read_value(fact, value))
    parts = fact.parts
    return Said(
        fact.name,
        fact.kind,
        [[_plain(part, entry[part.name]) for part in parts if part.name in entry] for entry in value],
    )
