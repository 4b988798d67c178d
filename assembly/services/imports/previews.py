"""What an organiser sees of a file before anything of it is stored."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from assembly.models import Assembly, Feature, Import
from assembly.services.features import features_of
from assembly.services.imports.columns import IGNORED, REGISTERED_AT, possible_meanings
from assembly.services.imports.comparison import Comparison, Difference, compare
from assembly.services.imports.reading import SourceTable, unpack
from assembly.services.imports.rows import Decisions, Interpretation, interpret
from assembly.services.imports.spellings import Certainty, spelling_key
from sortition.files import Problem
from sortition.message import Message

SAMPLES = 3
MOST_SHOWN = 100
"""Differences and likenesses that are shown; all of them are counted."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file with what it is taken for, and its first different cells."""

    position: int
    header: str
    meaning: str
    samples: Sequence[str]


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a value is written in the file, how often, and what it is taken for; `key` names it in a form."""

    feature: Feature
    key: str
    text: str
    count: int
    value_id: int | None
    certainty: Certainty
    suggestion: int | None


@dataclass(frozen=True, slots=True, repr=False)
class Preview:
    """Everything about a file that can be seen before it is imported. `digest` stands for what would be done."""

    table: SourceTable
    decisions: Decisions
    features: Sequence[Feature]
    columns: Sequence[Column]
    spellings: Sequence[Spelling]
    comparison: Comparison
    refused: Sequence[Problem]
    hints: Sequence[Problem]
    refused_rows: int
    read: Interpretation
    digest: str

    def __repr__(self) -> str:
        return "Preview(…)"

    @property
    def remarks(self) -> Sequence[Message]:
        """What the reader assumed."""
        return self.table.remarks

    @property
    def meanings(self) -> Sequence[str]:
        """What a column can mean."""
        return possible_meanings(self.features)

    @property
    def differences(self) -> Sequence[Difference]:
        """The first contradictions between the file and what is stored."""
        every = itertools.chain.from_iterable(change.differences for change in self.comparison.conflicting)
        return list(itertools.islice(every, MOST_SHOWN))

    @property
    def open_spellings(self) -> Sequence[Spelling]:
        """The spellings that have to be decided first."""
        return [spelling for spelling in self.spellings if spelling.certainty is Certainty.OPEN]

    @property
    def ignored(self) -> Sequence[Column]:
        """The columns that are not used."""
        return [column for column in self.columns if column.meaning == IGNORED and column.header]

    @property
    def knows_people(self) -> bool:
        """Whether a column tells who registered; if none does, no row is anybody."""
        return any(column.meaning not in {IGNORED, REGISTERED_AT} for column in self.columns)

    @property
    def changes(self) -> int:
        """How many people are added or changed."""
        kept = 0 if self.decisions.overwrite else sum(not (c.contact or c.values) for c in self.comparison.conflicting)
        return sum(map(len, (self.comparison.adding, self.comparison.completing, self.comparison.conflicting))) - kept

    @property
    def is_ready(self) -> bool:
        """Whether it can be imported."""
        return not self.open_spellings and self.changes > 0


def make_preview(session: Session, assembly: Assembly, import_: Import) -> Preview:
    """Read a file as decided so far, and hold it against what is stored; nothing is written."""
    table = unpack(import_.content)
    features = features_of(session, assembly)
    decisions = Decisions.from_json(import_.mapping).fitted(features)
    read = interpret(table, features, decisions, prefix=f"I{import_.id}-")
    comparison = compare(session, assembly, features, read, overwrite=decisions.overwrite)
    return Preview(
        table=table,
        decisions=decisions,
        features=features,
        columns=_columns(table, decisions),
        spellings=_spellings(read, features),
        comparison=comparison,
        refused=read.refused.problems(),
        hints=read.hints.problems(),
        refused_rows=len(read.refused_rows),
        read=read,
        digest=_digest(decisions, comparison, read),
    )


def _columns(table: SourceTable, decisions: Decisions) -> list[Column]:
    columns = []
    for position, (header, meaning) in enumerate(zip(table.header, decisions.columns, strict=True)):
        samples: dict[str, None] = {}
        for row in table.rows:
            if row.cells[position]:
                samples.setdefault(row.cells[position])
            if len(samples) == SAMPLES:
                break
        columns.append(Column(position, header, meaning, list(samples)))
    return columns


def _spellings(read: Interpretation, features: Sequence[Feature]) -> list[Spelling]:
    """Return the spellings that are not plainly one of the values, those to be decided first."""
    found: dict[tuple[int, str], Spelling] = {}
    for feature in features:
        for text, count in read.met.get(feature.id, {}).items():
            meaning = read.spellings[feature.id].meaning(text)
            if meaning.certainty is Certainty.EXACT:
                continue
            key = spelling_key(text)
            before = found.get((feature.id, key))
            found[feature.id, key] = Spelling(
                feature,
                key,
                before.text if before else text,
                count + (before.count if before else 0),
                meaning.value_id,
                meaning.certainty,
                meaning.suggestion,
            )
    order = (Certainty.OPEN, Certainty.DECIDED, Certainty.SYNONYM)
    return sorted(found.values(), key=lambda one: (order.index(one.certainty), one.feature.position, one.text))


def _digest(decisions: Decisions, comparison: Comparison, read: Interpretation) -> str:
    """Return a digest of what would be done, so that nothing else is done than what was seen."""
    done = [
        [change.draft.code, change.stored is None, sorted(change.contact), sorted(change.values)]
        for changes in (comparison.adding, comparison.completing, comparison.conflicting)
        for change in changes
    ]
    content = [decisions.to_json(), done, comparison.unchanged, len(read.refused_rows)]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]
