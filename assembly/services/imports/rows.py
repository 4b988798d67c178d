"""What the rows of a file say about people, and what is wrong with them."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assembly.clock import now
from assembly.models import Feature
from assembly.services.contacts import LONGEST_FIELD
from assembly.services.imports.columns import CODE, IGNORED, REGISTERED_AT, meaning_of_feature, possible_meanings
from assembly.services.imports.dates import EARLIEST, parse_date, parse_moment
from assembly.services.imports.reading import SourceRow, SourceTable
from assembly.services.imports.spellings import Certainty, Spellings
from sortition.files import ProblemReport
from sortition.files.folding import fold_loosely
from sortition.files.target_rows import is_not_stated
from sortition.message import Message

LONGEST_CODE = 100
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LANGUAGES = {
    **dict.fromkeys(("de", "deutsch", "german", "ger", "deu"), "de"),
    **dict.fromkeys(("en", "englisch", "english", "eng"), "en"),
    **dict.fromkeys(("ar", "arabisch", "arabic"), "ar"),
    **dict.fromkeys(("fr", "franzoesisch", "french"), "fr"),
    **dict.fromkeys(("pl", "polnisch", "polish"), "pl"),
    **dict.fromkeys(("ro", "rumaenisch", "romanian"), "ro"),
    **dict.fromkeys(("ru", "russisch", "russian"), "ru"),
    **dict.fromkeys(("tr", "tuerkisch", "turkish"), "tr"),
    **dict.fromkeys(("uk", "ukrainisch", "ukrainian"), "uk"),
}


@dataclass(frozen=True, slots=True)
class Decisions:
    """What an organiser decided about a file: its columns, spellings (feature → key → value id), and conflicts."""

    columns: Sequence[str]
    spellings: Mapping[int, Mapping[str, int]]
    overwrite: bool = False

    @classmethod
    def from_json(cls, mapping: Mapping[str, Any]) -> Decisions:
        """Return the decisions as they are kept with the import."""
        spellings = {int(feature): decided for feature, decided in mapping["spellings"].items()}
        return cls(mapping["columns"], spellings, mapping["overwrite"])

    def fitted(self, features: Sequence[Feature]) -> Decisions:
        """Return the decisions without what refers to features and values that are gone by now."""
        known = set(possible_meanings(features))
        ids = {0, *(value.id for feature in features for value in feature.values)}
        return Decisions(
            [meaning if meaning in known else IGNORED for meaning in self.columns],
            {one: {key: v for key, v in texts.items() if v in ids} for one, texts in self.spellings.items()},
            self.overwrite,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the decisions as they are kept with the import."""
        spellings = {str(feature): dict(decided) for feature, decided in self.spellings.items()}
        return {"columns": list(self.columns), "spellings": spellings, "overwrite": self.overwrite}


@dataclass(slots=True, repr=False)
class Draft:
    """What one row says about a person: only what stands in it. A value of None was expressly not stated."""

    row: int
    code: str
    contact: dict[str, Any] = field(default_factory=dict)
    values: dict[int, int | None] = field(default_factory=dict)
    registered_at: dt.datetime | None = None

    def __repr__(self) -> str:
        return f"Draft({self.row})"

    def says_the_same_as(self, other: Draft) -> bool:
        """Tell whether two rows differ in nothing."""
        return (self.contact, self.values) == (other.contact, other.values)


@dataclass(slots=True, repr=False)
class Interpretation:
    """The people of a file, and what is wrong: rows that are `refused`, and `hints` to cells that are not used."""

    drafts: list[Draft] = field(default_factory=list)
    refused: ProblemReport = field(default_factory=ProblemReport)
    hints: ProblemReport = field(default_factory=ProblemReport)
    refused_rows: set[int] = field(default_factory=set)
    met: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    spellings: dict[int, Spellings] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Interpretation({len(self.drafts)} drafts)"

    def undecided(self) -> bool:
        """Tell whether a spelling has to be decided before anything can be imported."""
        return any(
            self.spellings[feature].meaning(text).certainty is Certainty.OPEN
            for feature, texts in self.met.items()
            for text in texts
        )


def interpret(table: SourceTable, features: Sequence[Feature], decisions: Decisions, *, prefix: str) -> Interpretation:
    """Read the rows of a file; `prefix` and the row's number make the code where no column holds it."""
    reader = _Reader(table, features, decisions, prefix)
    for row in table.rows:
        reader.read(row)
    return reader.finish()


class _Reader:
    def __init__(self, table: SourceTable, features: Sequence[Feature], decisions: Decisions, prefix: str) -> None:
        self._table = table
        self._prefix = prefix
        self._result = Interpretation()
        at = {meaning: position for position, meaning in enumerate(decisions.columns) if meaning}
        self._code = at.pop(CODE, None)
        self._registered_at = at.pop(REGISTERED_AT, None)
        self._features = {at.pop(name): f for f in features if (name := meaning_of_feature(f.id)) in at}
        self._fields = {position: name for name, position in at.items()}
        for feature in features:
            self._result.spellings[feature.id] = Spellings(feature, decisions.spellings.get(feature.id, {}))

    def read(self, row: SourceRow) -> None:
        """Take in one row."""
        filled = any(row.cells[position] for position in (*self._fields, *self._features))
        code = row.cells[self._code] if self._code is not None else f"{self._prefix}{row.number}"
        if not filled and (self._code is None or not code):
            return
        if row.surplus and self._table.sheet is None:
            what = Message("The row has more cells than the header.")
            advice = Message("Put cells that contain the delimiter into quotation marks, or save the file as .xlsx.")
            self._refuse(row.number, what, advice)
            return
        if not self._accepts_code(row.number, code):
            return
        draft = Draft(row.number, code)
        for position, name in self._fields.items():
            if text := row.cells[position]:
                self._take_field(draft, position, name, text)
        for position, feature in self._features.items():
            self._take_value(draft, position, feature, row.cells[position])
        self._take_moment(draft, row)
        if draft.row not in self._result.refused_rows:
            self._result.drafts.append(draft)

    def finish(self) -> Interpretation:
        """Refuse people who stand in the file twice, but not if both rows say the same."""
        by_code: dict[str, list[Draft]] = defaultdict(list)
        for draft in self._result.drafts:
            by_code[draft.code].append(draft)
        self._result.drafts = []
        for first, *others in by_code.values():
            if all(first.says_the_same_as(other) for other in others):
                self._result.drafts.append(first)
                for other in others:
                    self._hint(
                        other.row,
                        self._code,
                        Message("This person stands in the file twice, in the same words."),
                        Message("Nothing to do: they are imported once."),
                    )
                continue
            for draft in (first, *others):
                what = Message("Several rows have this code, and they say different things.")
                advice = Message("Keep the right one, or correct the code, and upload the file again.")
                self._refuse(draft.row, what, advice, self._code)
        return self._result

    def _accepts_code(self, row: int, code: str) -> bool:
        if not code:
            what = Message("The code is blank.")
            self._refuse(row, what, Message("Give every person the code of their letter, or an id."), self._code)
        elif len(code) > LONGEST_CODE:
            self._refuse_long(row, self._code, LONGEST_CODE)
        return bool(code) and len(code) <= LONGEST_CODE

    def _take_field(self, draft: Draft, position: int, name: str, text: str) -> None:
        if len(text) > LONGEST_FIELD:
            self._refuse_long(draft.row, position, LONGEST_FIELD)
        elif name == "birth_date":
            date = parse_date(text)
            if date is not None and EARLIEST <= date <= now().date():
                draft.contact[name] = date
            else:
                what = Message("This is no date of birth, or it can be read in two ways.")
                advice = Message("Write it like 31.12.1980 or 1980-12-31; the row is imported without it.")
                self._hint(draft.row, position, what, advice)
        elif name == "language":
            if (language := _LANGUAGES.get(fold_loosely(text))) is not None:
                draft.contact[name] = language
            else:
                what, advice = Message("This language is not known."), Message("The person is written to in German.")
                self._hint(draft.row, position, what, advice)
        else:
            draft.contact[name] = text
            if name == "email" and not _EMAIL.fullmatch(text):
                what = Message("This is no e-mail address.")
                advice = Message("Correct it, or leave it blank: then the person gets letters.")
                self._hint(draft.row, position, what, advice)

    def _take_value(self, draft: Draft, position: int, feature: Feature, text: str) -> None:
        if text:
            meaning = self._result.spellings[feature.id].meaning(text)
            self._result.met[feature.id][text] += 1
            if meaning.certainty is Certainty.OPEN:
                return
            draft.values[feature.id] = meaning.value_id
            if meaning.value_id is not None:
                return
        if not feature.is_voluntary and feature.derived_from is None and is_not_stated(text):
            draft.values.pop(feature.id, None)
            what = Message("There is no value, but the lottery needs one.")
            advice = Message("The person is imported, but cannot be drawn before the value is added.")
            self._hint(draft.row, position, what, advice)

    def _take_moment(self, draft: Draft, row: SourceRow) -> None:
        text = row.cells[self._registered_at] if self._registered_at is not None else ""
        if not text:
            return
        draft.registered_at = parse_moment(text)
        if draft.registered_at is None:
            what = Message("This is no date, or it can be read in two ways.")
            advice = Message("Write it like 31.12.2026 or 2026-12-31; the moment of the import is taken instead.")
            self._hint(row.number, self._registered_at, what, advice)
        elif draft.registered_at > now() + dt.timedelta(days=1):  # a mere date is its noon
            draft.registered_at = None  # the deletion of an assembly without panel counts from the last registration
            what = Message("This day is still to come.")
            advice = Message("Look at the year; the moment of the import is taken instead.")
            self._hint(row.number, self._registered_at, what, advice)

    def _refuse_long(self, row: int, position: int | None, limit: int) -> None:
        what = Message("The text is longer than {limit} characters.", {"limit": limit})
        self._refuse(row, what, Message("Look whether the columns have the right meaning, or shorten it."), position)

    def _refuse(self, row: int, what: Message, advice: Message, position: int | None = None) -> None:
        self._result.refused_rows.add(row)
        self._result.refused.add(what, advice, row=row, column=self._header(position))

    def _hint(self, row: int, position: int | None, what: Message, advice: Message) -> None:
        self._result.hints.add(what, advice, row=row, column=self._header(position))

    def _header(self, position: int | None) -> str | None:
        return None if position is None else self._table.header[position]
