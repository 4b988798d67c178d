"""What each step of a case has to say: the facts, checked the same for every form and every imported file."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from assembly.models import Duty, Outcome, Result
from assembly.services.errors import RuleError, marked
from sortition.message import Message

LONGEST_LINE, LONGEST_TEXT = 500, 50_000
LARGEST_NUMBER = 100_000
MOST_EUROS = 10**12
MOST_ENTRIES = 20
"""Of a list."""


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
    """Names of facts, or of texts in lists."""
    EUROS = "euros"
    """An amount in whole euros."""
    NUMBERS = "numbers"
    """Several numbers. That there is none is said, too: it is kept, other than nothing being said."""
    LIST = "list"
    """Several entries of the same parts, such as milestones with text and day; their order is kept."""


@dataclasses.dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a step says; `choices` are the values of a choice, `parts` what each entry of a list says."""

    name: str
    kind: Kind = Kind.LINE
    is_required: bool = True
    choices: tuple[str, ...] = ()
    parts: tuple[Fact, ...] = ()

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


def entries(name: str, *parts: Fact) -> Fact:
    """Return a list of entries, which may be empty."""
    return Fact(name, Kind.LIST, is_required=False, parts=parts)


def euros(name: str) -> Fact:
    """Return an amount in whole euros, which may be left out."""
    return Fact(name, Kind.EUROS, is_required=False)


GROUNDS = ("law", "money", "other_goals", "not_effective", "third_parties", "council_decision", "other")
"""Grounds on which a recommendation is rejected."""
WITHOUT_COST = "without_cost"
BUDGETS = ("in_budget", "applied_for", WITHOUT_COST, "open")
"""Where the money for a measure comes from."""
OUTCOME = choice("outcome", Outcome)
PAPER: tuple[Fact, ...] = (line("paper", required=False), link("paper_link", required=False))
"""The council’s paper that something is about: its number and title, and where everyone can read it."""
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
    *PAPER,
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
MILESTONE = (line("milestone"), day("until"))
MILESTONES, MORE_MILESTONES = entries("milestones", *MILESTONE), entries("more_milestones", *MILESTONE)
PLAN: tuple[Fact, ...] = (*MEASURE, euros("planned"), MILESTONES)
"""What is said when a measure begins: `planned` is what it is to cost."""
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
    *PAPER,
)
DECISION_OF: Mapping[Outcome, tuple[Fact, ...]] = {
    Outcome.WITH_CHANGES: (text("changed_text"),),
    Outcome.POSTPONED: (day("postponed_until"),),
}
MEETING: tuple[Fact, ...] = (line("body"), Fact("is_public", Kind.YES), link("link", required=False), *PAPER)
MINUTES: tuple[Fact, ...] = (link("link"), text("summary", required=False), *PAPER)
REPORT: tuple[Fact, ...] = (
    text("progress"),
    number("percent"),
    Fact("reached", Kind.NUMBERS, is_required=False),
    euros("spent"),
    link("evidence", required=False),
    entries("more_evidence", line("shows"), link("link")),
    MORE_MILESTONES,
)
"""How far a measure is: `reached` are the numbers of all milestones that are reached by now, `spent` is all that was
spent until now, and `more_milestones` are further ones. Without `reached` nothing is said about them."""
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
        value: Any = values.get(fact.name)
        if isinstance(value, str):
            value = value.strip()
        if fact.kind is Kind.LIST:
            value = _entries(fact, value or [])
        if value is None or (value in ("", []) and fact.kind is not Kind.NUMBERS) or _is_not(fact, value):
            if fact.is_required:
                raise RuleError(_MISSING.get(fact.kind, marked("Fill this in.")), field=fact.name)
            continue
        said[fact.name] = _checked(fact, value)
    return said


def _is_not(fact: Fact, value: Any) -> bool:
    return fact.kind is Kind.YES and value is not True


def _entries(fact: Fact, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the entries of a list without its blank rows. Raises RuleError, which says the row and what is wrong."""
    found = []
    for number, row in enumerate(rows, start=1):
        if any(value not in (None, "") for value in row.values()):
            try:
                found.append(checked(fact.parts, row))
            except RuleError as error:
                problem = Message(error.message, error.values)
                raise RuleError(
                    marked("Row %(row)s: %(problem)s"), field=fact.name, row=number, problem=problem
                ) from error
    return found


def texts_in(fact: Fact, value: Any) -> dict[str, Fact]:
    """Return what people wrote in a fact, by the names under which it is corrected and redacted.

    The text of the second milestone is “milestones-2-milestone”: a list is corrected entry by entry.
    """
    if fact.kind is not Kind.LIST:
        return {fact.name: fact} if fact.is_text else {}
    return {
        name_in(fact, number, part): part
        for number, entry in enumerate(value, start=1)
        for part in fact.parts
        if part.is_text and part.name in entry
    }


def name_in(fact: Fact, number: int, part: Fact) -> str:
    """Return the name of a text in an entry of a list."""
    return f"{fact.name}-{number}-{part.name}"


def without(said: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Return what a step says without some texts; the entries of lists stay where they are, without theirs."""
    return {name: _without(name, value, names) for name, value in said.items() if name not in names}


def _without(name: str, value: Any, names: Collection[str]) -> Any:
    if not isinstance(value, list) or not any(one.startswith(f"{name}-") for one in names):
        return value
    return [
        {part: of_it for part, of_it in entry.items() if f"{name}-{number}-{part}" not in names}
        for number, entry in enumerate(value, start=1)
    ]


def strings_in(value: Any) -> Iterator[str]:
    """Yield all that is text in what a step says."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from strings_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings_in(one)


def read(fact: Fact, value: Any) -> Any:
    """Return what a form has for what the file keeps: days as days, also in lists."""
    if fact.kind is Kind.DAY:
        return dt.date.fromisoformat(value)
    if fact.kind is Kind.LIST:
        parts = {part.name: part for part in fact.parts}
        return [{name: read(parts[name], of_it) for name, of_it in entry.items()} for entry in value]
    return value


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
    Kind.EUROS: (
        lambda _fact, value: isinstance(value, int) and 0 <= value <= MOST_EUROS,
        marked("Enter an amount in whole euros that is not negative."),
    ),
    Kind.NUMBERS: (
        lambda _fact, value: all(isinstance(one, int) and 0 < one <= LARGEST_NUMBER for one in value),
        marked("Choose from the list."),
    ),
    Kind.LIST: (lambda _fact, value: len(value) <= MOST_ENTRIES, marked("These are too many entries.")),
    Kind.CHOICE: (lambda fact, value: value in fact.choices, marked("Choose one.")),
    Kind.YES: (lambda _fact, value: value is True, marked("This happens in a public meeting only.")),
    Kind.NAME: (lambda _fact, value: isinstance(value, str), marked("Choose one.")),
    Kind.NAMES: (lambda _fact, value: all(isinstance(one, str) for one in value), marked("Choose at least one.")),
}
