"""What a file of recommendations means for an assembly: each with its values, or what is wrong with it and where."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping, Sequence

from assembly.clock import now
from assembly.models import Addressee
from assembly.services.chapters import plain
from assembly.services.imports.dates import parse_date
from assembly.services.programme import times
from assembly.services.recommendations.sources import Source, SourceRow
from assembly.services.recommendations.texts import FIELDS, MOST
from sortition.files import Problem, ProblemReport
from sortition.files.folding import fold, listed
from sortition.message import Message

HIGHEST_NUMBER = 9_999
MOST_PEOPLE = 100_000
VOTES = ("yes", "no", "abstained", "present")
_SEPARATORS = re.compile(r"[;\n]")


@dataclasses.dataclass(frozen=True, slots=True)
class Count:
    """How a recommendation was adopted elsewhere."""

    counted_on: dt.date
    yes: int
    no: int
    abstained: int
    present: int
    panel_size: int


@dataclasses.dataclass(frozen=True, slots=True)
class Incoming:
    """A recommendation that would be imported: adopted if it has a count, or else as a draft."""

    place: int
    number: int
    said: Mapping[str, str]
    addressees: Sequence[int]
    count: Count | None


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """What an assembly has already: numbers that are taken, who can be addressed, and what a file need not say."""

    numbers: frozenset[int]
    addressees: Sequence[Addressee]
    panel_size: int
    counted_on: dt.date | None


@dataclasses.dataclass(frozen=True, slots=True)
class Interpretation:
    """What would be imported, and everything that is wrong; nothing is imported unless nothing is."""

    incoming: Sequence[Incoming]
    problems: Sequence[Problem]


def interpret(source: Source, known: Known) -> Interpretation:
    """Return what a file means. Rows without number get the next ones, in their order."""
    reader = _Reader(source, known)
    found = [reader.take(row) for row in source.rows]
    next_number = max(reader.taken, default=0) + 1
    incoming = []
    for one in found:
        if one.number:
            incoming.append(one)
        else:
            incoming.append(dataclasses.replace(one, number=next_number))
            next_number += 1
    return Interpretation(incoming, reader.report.problems())


class _Reader:
    """Reads rows one after the other, and collects what is wrong."""

    def __init__(self, source: Source, known: Known) -> None:
        self.report = ProblemReport()
        self.taken = set(known.numbers)
        self._source, self._known = source, known
        self._by_name = {fold(one.name): one.number for one in known.addressees}

    def take(self, row: SourceRow) -> Incoming:
        """Return a row as far as it can be read; its number is 0 if it has none."""
        said = {field: self._text(row, field) for field in FIELDS}
        return Incoming(row.place, self._number(row), said, self._addressees(row), self._count(row))

    def _text(self, row: SourceRow, field: str) -> str:
        text = "\n".join(line.rstrip() for line in plain(row.said.get(field, "")).strip().splitlines())
        if field in {"title", "theme"}:
            text = " ".join(text.split())
        if not text and field in {"title", "text"}:
            what = Message("The title is missing.") if field == "title" else Message("The text is missing.")
            self._refuse(row, field, what, Message("Add it, or take the recommendation out of the file."))
        elif len(text) > MOST[field]:
            what = Message("This is longer than {limit} characters.", {"limit": MOST[field]})
            self._refuse(row, field, what, Message("Shorten it."))
        return text

    def _number(self, row: SourceRow) -> int:
        text = row.said.get("number", "").strip().rstrip(".")
        if not text:
            return 0
        number = _whole(text, HIGHEST_NUMBER)
        if not number:
            what = Message("This is no number from 1 to {most}.", {"most": HIGHEST_NUMBER})
            self._refuse(
                row, "number", what, Message("Correct it, or leave it blank: then the next free one is taken.")
            )
            return 0
        if number in self.taken:
            what = Message(
                "Number {number} is there already, in this assembly or above in the file.", {"number": number}
            )
            self._refuse(row, "number", what, Message("Give another one, or leave it blank."))
            return 0
        self.taken.add(number)
        return number

    def _addressees(self, row: SourceRow) -> list[int]:
        text = row.said.get("addressees", "").strip()
        if not text:
            return []
        if (alone := self._by_name.get(fold(text))) is not None:
            return [alone]
        parts = [part.strip() for part in _SEPARATORS.split(text) if part.strip()]
        if all(piece.strip().isdecimal() for piece in text.split(",")):
            parts = [piece.strip() for piece in text.split(",")]
        numbers = {one.number for one in self._known.addressees}
        found = {self._by_name.get(fold(part)) or _whole(part, HIGHEST_NUMBER) for part in parts}
        if not parts or not numbers.issuperset(found):
            names = listed(one.name for one in self._known.addressees)
            advice = (
                Message(
                    "Write the names or numbers as in the rules, with semicolons between them: {names}.",
                    {"names": names},
                )
                if numbers
                else Message("The rules of the follow-up are not published yet. Leave it blank, and choose later.")
            )
            self._refuse(row, "addressees", Message("The rules of the follow-up do not know an addressee."), advice)
            return []
        return sorted(number for number in found if number is not None)

    def _count(self, row: SourceRow) -> Count | None:
        said = {name: row.said.get(name, "").strip() for name in (*VOTES, "panel_size", "counted_on")}
        if not any(said[name] for name in VOTES):
            return None
        figures = {name: self._figure(row, name, said[name]) for name in VOTES}
        size = self._figure(row, "panel_size", said["panel_size"]) if said["panel_size"] else self._known.panel_size
        counted_on = self._day(row, said["counted_on"])
        yes, no, abstained, present = (figures[name] for name in VOTES)
        if yes is None or no is None or abstained is None or present is None or size is None or counted_on is None:
            return None
        if yes + no + abstained > present:
            what = Message("There are more votes and abstentions than people who were present.")
            self._refuse(row, "present", what, Message("Look at the figures of this row."))
        elif present > size:
            what = Message("More people were present than the panel has members ({size}).", {"size": size})
            advice = Message("Correct it, or add a column with the number of members.")
            self._refuse(row, "present", what, advice)
        elif yes <= no:
            advice = Message("Take it out of the file, or take the votes out: then it comes in as a draft.")
            self._refuse(row, "yes", Message("With these votes it was not adopted."), advice)
        else:
            return Count(counted_on, yes, no, abstained, present, size)
        return None

    def _figure(self, row: SourceRow, name: str, text: str) -> int | None:
        number = _whole(text, MOST_PEOPLE)
        if number is None:
            what = Message("This is no number of people.") if text else Message("The votes are not complete.")
            advice = Message("Give yes, no, abstentions and present as whole numbers, or none of them.")
            self._refuse(row, name, what, advice)
        return number

    def _day(self, row: SourceRow, text: str) -> dt.date | None:
        day = parse_date(text) if text else self._known.counted_on
        if day is None:
            what = (
                Message("This is no date, or it can be read in two ways.") if text else Message("The day is missing.")
            )
            advice = Message("Write it like 31.12.2026, or give the day of the vote when you upload the file.")
            self._refuse(row, "counted_on", what, advice)
        elif day > times.day_of(now()):
            self._refuse(row, "counted_on", Message("This day is still to come."), Message("Look at the year."))
            return None
        return day

    def _refuse(self, row: SourceRow, meaning: str, what: Message, advice: Message) -> None:
        self.report.add(what, advice, row=row.place, column=self._source.columns.get(meaning))


def _whole(text: str, most: int) -> int | None:
    """Return a whole number from 0 to `most`, or None.

    >>> _whole("12", 99), _whole("12,0", 99), _whole("-1", 99), _whole("٣", 99), _whole("9" * 5000, 99)
    (12, None, None, None, None)
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most))):
        return None
    number = int(text)
    return number if number <= most else None
