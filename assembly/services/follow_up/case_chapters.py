"""What a case’s file says, as blocks of documents: by the same tables as the pages, so that new facts are in both."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from assembly.models import CaseState, Duty, Move, Outcome, Result
from assembly.periods import Period
from assembly.services.chapters import Block, Facts, Paragraph, Table, changes_of, paragraphs, plain
from assembly.services.errors import marked
from assembly.services.follow_up.courses import Course, Owed
from assembly.services.follow_up.facts import Kind
from assembly.services.follow_up.reading import Measure, Milestone, Read, Said
from assembly.services.pdfs import Words


@dataclasses.dataclass(frozen=True, slots=True)
class Texts:
    """The words of pages for cases and rules, in the language that is spoken while a document is made."""

    states: Mapping[CaseState, Any]
    outcomes: Mapping[Outcome, Any]
    results: Mapping[Result, Any]
    duties: Mapping[Duty, Any]
    moves: Mapping[Move, Any]
    facts: Mapping[str, Any]
    fields: Mapping[str, Any]
    fact_words: Callable[[str, Any], Any]
    fact_label: Callable[[str], Any]
    euros: Callable[[int], str]
    terms: Mapping[str, Any]
    period: Callable[[Period], str]


def step_blocks(words: Words, texts: Texts, read: Read) -> list[Block]:
    """Return all that a step says: short facts as a list, texts in full, changed wording as a difference."""
    found: list[Block] = []
    for one in _shown(read):
        name, value = str(texts.facts[one.name]), _in_words(words, texts, one)
        if one.changes:
            found += [Paragraph(name, "label"), changes_of(one.changes, words)]
        elif one.kind is Kind.TEXT and not one.is_redacted:
            found += [Paragraph(name, "label"), *paragraphs(value)]
        elif found and isinstance(found[-1], Facts):
            found[-1] = Facts([*found[-1].rows, (name, value)])
        else:
            found.append(Facts([(name, value)]))
        before = marked("Before the correction: %(text)s")
        found += [block for text in _earlier(one) for block in paragraphs(words.say(before, text=text), "quote")]
    return found


def _earlier(one: Said) -> Iterator[str]:
    """Yield the texts that corrections replaced, in lists too."""
    yield from one.earlier
    if one.kind is Kind.LIST and not one.is_redacted:
        yield from (text for entry in one.value for part in entry for text in part.earlier)


def measure_blocks(words: Words, texts: Texts, measure: Measure) -> list[Block]:
    """Return what is done by now: money, progress, and where the milestones stand."""
    rows = [
        (name, texts.euros(amount))
        for name, amount in (
            (str(texts.facts["planned"]), measure.planned),
            (words.say(marked("Spent until now")), measure.spent),
        )
        if amount is not None
    ]
    if measure.reports and (percent := measure.reports[-1].says("percent")) is not None:
        rows.append((str(texts.facts["percent"]), words.number(percent.value)))
    found: list[Block] = [Facts(rows)] if rows else []
    if measure.milestones:
        columns = [words.say(text) for text in (marked("Milestone"), marked("To be reached by"), marked("Stands"))]
        lines = [
            [f"{one.number}. {_in_words(words, texts, one.text)}", words.date(one.until), _reached(words, one)]
            for one in measure.milestones
        ]
        found.append(Table(words.say(marked("Milestones")), columns, lines, (5, 2, 3)))
    return found


def _reached(words: Words, one: Milestone) -> str:
    if one.reached_on is not None:
        return words.say(marked("Reached, report of %(day)s"), day=words.date(one.reached_on))
    return words.say(marked("Open, overdue") if one.is_overdue else marked("Open"))


def in_short(words: Words, texts: Texts, read: Read) -> str:
    """Return what a step says without its texts."""
    short = [one for one in _shown(read) if one.kind is not Kind.TEXT]
    return "; ".join(f"{texts.facts[one.name]}: {_in_words(words, texts, one)}" for one in short) or "–"


def duties_table(words: Words, texts: Texts, course: Course, day: dt.date) -> Table:
    """Return all duties of a case that there were until a day."""
    columns = [words.say(text) for text in (marked("What"), marked("Due"), marked("Stands"))]
    owed = sorted(course.owed, key=lambda one: one.due)
    rows = [[str(texts.duties[one.duty]), words.date(one.due), stands(words, one, day)] for one in owed]
    return Table(words.say(marked("What was and is owed")), columns, rows, (4, 2, 3))


def stands(words: Words, one: Owed, day: dt.date) -> str:
    """Return whether a duty is done, on a day."""
    if one.ended_on is None:
        return words.say(marked("Overdue")) if one.is_overdue(day) else words.say(marked("Open"))
    if not one.is_kept:
        said = marked("Fell away on %(day)s")
    elif one.is_overdue(day):
        said = marked("Done on %(day)s, too late")
    else:
        said = marked("Done on %(day)s")
    return words.say(said, day=words.date(one.ended_on))


def _shown(read: Read) -> Iterator[Said]:
    return (one for one in read.said if one.kind is not Kind.YES)


def _in_words(words: Words, texts: Texts, one: Said) -> str:
    if one.is_redacted:
        return words.say(marked("Redacted by order"))
    said: Any = texts.fact_words(one.name, one.value)
    match one.kind:
        case Kind.DAY:
            said = words.date(one.value)
        case Kind.NAME:
            said = texts.fact_label(one.value)
        case Kind.NAMES:
            said = ", ".join(str(texts.fact_label(name)) for name in one.value)
        case Kind.EUROS:
            said = texts.euros(one.value)
        case Kind.NUMBERS:
            said = ", ".join(map(str, sorted(one.value))) or words.say(marked("None"))
        case Kind.LIST:
            entries = (" – ".join(_in_words(words, texts, part) for part in entry) for entry in one.value)
            said = "\n".join(f"{number}. {entry}" for number, entry in enumerate(entries, start=1))
    return plain(str(said))
