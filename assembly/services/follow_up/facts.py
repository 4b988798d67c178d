"""What each step of a case has to say: the facts, checked the same for every form and every imported file."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from assembly.models import Duty, Outcome, Result
from assembly.services.errors import RuleError, marked

LONGEST_LINE, LONGEST_TEXT = 500, 50_000
LARGEST_NUMBER = 100_000


class Kind(enum.StrEnum):
    """What a fact is."""

    LINE = "line"
    TEXT = "text"
    LINK = "link"
    DAY = "day"
    NUMBER = "number"
    CHOICE = "choice"
    YES = "yes"
    """Something that has to be so, such as that a meeting was public."""
    NAME = "name"
    """The name of a fact: nothing that people wrote."""
    NAMES = "names"
    """Names of facts."""


@dataclasses.dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a step says; `choices` are the values of a choice."""

    name: str
    kind: Kind = Kind.LINE
    is_required: bool = True
    choices: tuple[str, ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether people wrote it, so that it can be corrected or redacted."""
        return self.kind in {Kind.LINE, Kind.TEXT, Kind.LINK}


def line(name: str, *, required: bool = True) -> Fact:
    """Return a fact of one line."""
    return Fact(name, Kind.LINE, required)


def text(name: str, *, required: bool = True) -> Fact:
    """Return a fact of several lines."""
    return Fact(name, Kind.TEXT, required)


def link(name: str, *, required: bool = True) -> Fact:
    """Return an address on the web."""
    return Fact(name, Kind.LINK, required)


def day(name: str, *, required: bool = True) -> Fact:
    """Return a day."""
    return Fact(name, Kind.DAY, required)


def number(name: str, *, required: bool = True) -> Fact:
    """Return a number that is not negative."""
    return Fact(name, Kind.NUMBER, required)


def choice(name: str, values: Iterable[str], *, required: bool = True) -> Fact:
    """Return a choice of one from several."""
    return Fact(name, Kind.CHOICE, required, tuple(values))


GROUNDS = ("law", "money", "other_goals", "not_effective", "third_parties", "council_decision", "other")
"""Grounds on which a recommendation is rejected."""
BUDGETS = ("in_budget", "applied_for", "without_cost", "open")
"""Where the money for a measure comes from."""
OUTCOME = choice("outcome", Outcome)
ANSWER: tuple[Fact, ...] = (
    OUTCOME,
    text("summary"),
    text("reasons"),
    text("legal"),
    text("financial"),
    line("signed_by"),
    line("running_matter", required=False),
    line("annex", required=False),
    line("annex_ground", required=False),
)
"""What every answer says. `summary` is in plain language; `running_matter` is the rule by which the administration
decides without the council; a non-public `annex` is cited by its reference, never kept here."""
MEASURE: tuple[Fact, ...] = (
    text("measure"),
    line("unit"),
    choice("budget", BUDGETS),
    day("starts_on"),
    day("ends_on"),
)
ANSWER_OF: Mapping[Outcome, tuple[Fact, ...]] = {
    Outcome.ACCEPTED: MEASURE,
    Outcome.WITH_CHANGES: (*MEASURE, text("changed_text"), text("changed_why")),
    Outcome.REJECTED: (choice("ground", GROUNDS), text("ground_words"), text("alternatives")),
    Outcome.NOT_COMPETENT: (line("receiver"), line("letter"), day("letter_on")),
    Outcome.POSTPONED: (day("postponed_until"),),
    Outcome.TO_BE_EXAMINED: (text("examination"),),
    Outcome.ALREADY_DONE: (link("done_link"), text("adds")),
}
"""What an answer says beside, by the outcome that it proposes."""
DECISION: tuple[Fact, ...] = (
    OUTCOME,
    line("resolution", required=False),
    number("yes", required=False),
    number("no", required=False),
    number("abstained", required=False),
    link("link", required=False),
    text("reasons", required=False),
)
DECISION_OF: Mapping[Outcome, tuple[Fact, ...]] = {
    Outcome.WITH_CHANGES: (text("changed_text"),),
    Outcome.POSTPONED: (day("postponed_until"),),
}
MEETING: tuple[Fact, ...] = (line("body"), Fact("is_public", Kind.YES), link("link", required=False))
REPORT: tuple[Fact, ...] = (text("progress"), number("percent"), link("evidence", required=False))
REVIEW: tuple[Fact, ...] = (*MEETING, text("summary"), choice("result", Result, required=False))
EXTENSION: tuple[Fact, ...] = (
    choice("duty", (Duty.ASSIGN, Duty.ANSWER, Duty.DEBATE, Duty.DECIDE)),
    number("days"),
    text("reason"),
)
CORRECTION: tuple[Fact, ...] = (number("step"), Fact("fact", Kind.NAME), text("text"), text("reason"))
REDACTION: tuple[Fact, ...] = (number("step"), Fact("facts", Kind.NAMES), line("ground"), day("ordered_on"))


def checked(facts: Iterable[Fact], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a step says as the file keeps it: only what is asked for, days as ISO 8601, nothing empty.

    Raises RuleError, with the field, for what is missing or cannot be.
    """
    said = {}
    for fact in facts:
        value = values.get(fact.name)
        if isinstance(value, str):
            value = value.strip()
        if value is None or value in ("", []) or (fact.kind is Kind.YES and value is not True):
            if fact.is_required:
                raise RuleError(_MISSING.get(fact.kind, marked("Fill this in.")), field=fact.name)
            continue
        said[fact.name] = _checked(fact, value)
    return said


_MISSING = {
    Kind.CHOICE: marked("Choose one."),
    Kind.DAY: marked("Enter a day."),
    Kind.NUMBER: marked("Enter a number."),
    Kind.YES: marked("This happens in a public meeting only."),
    Kind.NAME: marked("Choose one."),
    Kind.NAMES: marked("Choose at least one."),
}


def complaint(fact: Fact, value: Any) -> str | None:
    """Return what is wrong with what is said, if anything is."""
    is_right, text_of_it = _RIGHT[fact.kind]
    return None if is_right(fact, value) else text_of_it


def _checked(fact: Fact, value: Any) -> Any:
    if wrong := complaint(fact, value):
        raise RuleError(wrong, field=fact.name)
    return value.isoformat() if isinstance(value, dt.date) else str(value) if isinstance(value, str) else value


def _is_link(_fact: Fact, value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:  # brackets without an address between them
        return False
    return parts.scheme in {"https", "http"} and bool(parts.hostname) and len(value) <= LONGEST_LINE


_RIGHT: Mapping[Kind, tuple[Callable[[Fact, Any], bool], str]] = {
    Kind.LINE: (lambda _fact, value: len(value) <= LONGEST_LINE, marked("This text is too long.")),
    Kind.TEXT: (lambda _fact, value: len(value) <= LONGEST_TEXT, marked("This text is too long.")),
    Kind.LINK: (_is_link, marked("A link begins with https:// or http://.")),
    Kind.DAY: (lambda _fact, value: isinstance(value, dt.date), marked("Enter a day.")),
    Kind.NUMBER: (
        lambda _fact, value: isinstance(value, int) and 0 <= value <= LARGEST_NUMBER,
        marked("Enter a number that is not negative."),
    ),
    Kind.CHOICE: (lambda fact, value: value in fact.choices, marked("Choose one.")),
    Kind.YES: (lambda _fact, value: value is True, marked("This happens in a public meeting only.")),
    Kind.NAME: (lambda _fact, value: isinstance(value, str), marked("Choose one.")),
    Kind.NAMES: (lambda _fact, value: all(isinstance(one, str) for one in value), marked("Choose at least one.")),
}
