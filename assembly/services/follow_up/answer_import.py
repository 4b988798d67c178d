"""Answers out of a file: read, looked at row by row, and taken over as a whole or not at all.

What departments fill in becomes new versions of their drafts, which go the same way as any other: submitted, approved,
published. The council office may also publish what a file says at once.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import AnswerFile, Assembly, DraftState, Move, User
from assembly.services import freezing, logbook
from assembly.services.authorisation import can_keep_cases, standing_of
from assembly.services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError, marked
from assembly.services.follow_up import answer_rows, cases, drafts, facts
from assembly.services.follow_up.answer_rows import FACTS, Row
from assembly.services.follow_up.answer_sheets import NOT_HERE
from assembly.services.follow_up.facts import Fact, Kind
from assembly.services.follow_up.transitions import Actor, facts_of
from assembly.services.imports.dates import parse_date
from assembly.services.imports.reading import keep, name_of, require_still_there
from assembly.services.recommendations.sources import Layout, Source, SourceRow, pack, read_rows, unpack
from sortition.files import Problem, ProblemReport
from sortition.files.folding import fold_loosely
from sortition.message import Message

MOST_ROWS = 2_000
"""Cases in a file: 48 recommendations to 16 addressees are 768."""


@dataclasses.dataclass(frozen=True, slots=True)
class Headings:
    """What stands in a file, in any of our languages: names of columns and of choices, folded loosely → what they are.

    `choices` are by the name of the fact.
    """

    columns: Mapping[str, str]
    choices: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, languages: Iterable[tuple[Mapping[str, str], Mapping[str, Mapping[str, str]]]]) -> Headings:
        """Return them from the headers by column and the words by choice and value of each language."""
        columns: dict[str, str] = {}
        choices: dict[str, dict[str, str]] = {}
        for headers, offered in languages:
            columns |= {fold_loosely(text): name for name, text in headers.items()}
            for fact, words in offered.items():
                choices.setdefault(fact, {}).update((fold_loosely(text), value) for value, text in words.items())
        return cls(columns, choices)

    def columns_of(self, header: Sequence[str]) -> dict[str, int]:
        """Return the position of each meaning in a header; of several columns with the same meaning, the first."""
        found: dict[str, int] = {}
        for position, text in enumerate(header):
            if (name := self.columns.get(fold_loosely(text))) is not None:
                found.setdefault(name, position)
        return found

    @property
    def layout(self) -> Layout:
        """How files are read: without keys, nothing in them could be found again."""
        missing = (
            Message("The column with the keys of the rows is missing."),
            Message("Fill in the file that you downloaded here, and leave its first columns as they are."),
        )
        read = frozenset({"key", *(fact.name for fact in FACTS)})
        too_many = marked("The file has more than {limit} rows.")
        return Layout(self.columns_of, frozenset({"key"}), missing, MOST_ROWS, too_many, read)


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """What would be saved or published of one row: all that the answer says then, and which facts are new."""

    row: Row
    said: Mapping[str, Any]
    new: Sequence[str]


@dataclasses.dataclass(frozen=True, slots=True)
class Preview:
    """What a file would do. `unchanged` rows are as they were; `digest` stands for all that would be done."""

    source: Source
    changes: Sequence[Change]
    unchanged: int
    problems: Sequence[Problem]
    digest: str

    @property
    def is_ready(self) -> bool:
        """Whether it can be taken over."""
        return bool(self.changes) and not self.problems


def upload(
    session: Session,
    assembly: Assembly,
    content: bytes,
    *,
    name: str,
    publishes: bool,
    headings: Headings,
    by: User,
) -> AnswerFile:
    """Read a file and keep it until it is taken over or discarded.

    Raises FileProblemsError if it cannot be read, StorageError if there is no room.
    """
    name = name_of(name)
    source = read_rows(content, name=name, layout=headings.layout)
    kept = AnswerFile(
        assembly_id=assembly.id,
        uploaded_at=now(),
        uploaded_by_id=by.id,
        file_name=name,
        publishes=publishes,
        content=pack(source),
    )
    keep(session, kept)
    return kept


def files_of(session: Session, assembly: Assembly, user: User) -> Sequence[AnswerFile]:
    """Return the files that an account uploaded and that wait, newest first; nobody sees those of others."""
    own = sa.select(AnswerFile).where(AnswerFile.assembly_id == assembly.id, AnswerFile.uploaded_by_id == user.id)
    return session.scalars(own.order_by(AnswerFile.id.desc())).all()


def get_file(session: Session, assembly: Assembly, file_id: int, user: User) -> AnswerFile:
    """Return a file of an account. Raises NotFoundError, also once it was taken over or discarded."""
    kept = session.get(AnswerFile, file_id)
    if kept is None or (kept.assembly_id, kept.uploaded_by_id) != (assembly.id, user.id):
        raise NotFoundError
    return kept


def preview(session: Session, assembly: Assembly, kept: AnswerFile, *, headings: Headings, user: User) -> Preview:
    """Return what a file would do by now; nothing is written.

    Raises ForbiddenError if it is to be published by an account that is not the council office’s any more.
    """
    if kept.publishes and not can_keep_cases(standing_of(user, assembly.id)):
        raise ForbiddenError
    source = unpack(kept.content)
    open_to = answer_rows.open_to(session, assembly, user)
    reader = _Reader(source, headings, answer_rows.rows_of(session, open_to), publishes=kept.publishes)
    changes = [change for row in source.rows if (change := reader.take(row)) is not None]
    said = [(one.row.key, one.said) for one in changes]
    digest = hashlib.sha256(json.dumps(said, default=str, sort_keys=True).encode()).hexdigest()
    return Preview(source, changes, reader.unchanged, reader.report.problems(), digest)


def apply(session: Session, assembly: Assembly, kept: AnswerFile, *, headings: Headings, seen: str, by: User) -> int:
    """Save or publish all that was `seen` in the preview, delete the file, and return how many answers it were.

    Raises ConflictError if something is wrong with the file, or it would do something else by now.
    """
    freezing.lock_pool(session, assembly.id)
    require_still_there(session, kept)
    found = preview(session, assembly, kept, headings=headings, user=by)
    if not found.is_ready:
        raise ConflictError(marked("The file has problems, so nothing is taken over. Correct it and upload it again."))
    if found.digest != seen:
        raise ConflictError(marked("The file would do something else by now. Look at it again before you confirm."))
    for one in found.changes:
        if kept.publishes:
            cases.move(session, one.row.case, Move.ANSWER, one.said, actor=Actor.OFFICE, by=by)
        else:
            drafts.save(session, one.row.case, Move.ANSWER, one.said, base=one.row.version, by=by)
    details = {"cases": len(found.changes), "publishes": kept.publishes}
    subject = f"answer_file:{kept.id}"
    session.delete(kept)
    session.flush()
    logbook.record(session, assembly, "answers_taken_over", by=by, subject=subject, details=details)
    return len(found.changes)


def discard(session: Session, kept: AnswerFile) -> None:
    """Delete an uploaded file of which nothing was taken over. Raises NotFoundError if it is gone meanwhile."""
    freezing.lock_pool(session, kept.assembly_id)
    require_still_there(session, kept)
    session.delete(kept)
    session.flush()


class _Reader:
    """Reads rows one after the other, and collects what is wrong."""

    def __init__(self, source: Source, headings: Headings, rows: Sequence[Row], *, publishes: bool) -> None:
        self.report, self.unchanged, self._is_wrong = ProblemReport(), 0, False
        self._source, self._headings, self._publishes = source, headings, publishes
        self._rows = {row.case.id: row for row in rows}
        self._taken: set[int] = set()
        self._columns = [fact for fact in FACTS if fact.name in source.columns]

    def take(self, read: SourceRow) -> Change | None:
        """Return what a row changes, if it changes something and nothing is wrong with it."""
        self._is_wrong = False
        row = self._row(read)
        if row is None:
            return None
        cells = {fact.name: self._value(read, fact) for fact in self._columns}
        new = [name for name, value in cells.items() if _lines(value) != _lines(row.said.get(name))]
        if self._is_wrong:
            return None
        if not new:
            self.unchanged += 1
            return None
        said = {**row.said, **{name: cells[name] for name in new}}
        change = Change(row, {name: value for name, value in said.items() if value is not None}, new)
        self._require_possible(read, change)
        return None if self._is_wrong else change

    def _row(self, read: SourceRow) -> Row | None:
        key = read.said.get("key", "").strip()
        if key == NOT_HERE:
            return None
        row = self._rows.get(answer_rows.case_in(key) or 0)
        again = Message("Download the file anew, and bring your texts into it.")
        if row is None:
            self._refuse(read, "key", Message("This is no key of a case on which you work."), again)
        elif row.case.id in self._taken:
            self._refuse(read, "key", Message("The same case stands above in the file."), Message("Take out one row."))
        elif row.key != key:
            what = Message("Something has happened in this case, or with its draft, since the file was made.")
            self._refuse(read, "key", what, again)
        else:
            self._taken.add(row.case.id)
            return row
        return None

    def _value(self, read: SourceRow, fact: Fact) -> Any:
        text = read.said.get(fact.name, "").strip()
        if not text:
            return None
        match fact.kind:
            case Kind.CHOICE:
                words = self._headings.choices[fact.name]
                value: Any = words.get(fold_loosely(text))
                advice = Message("Choose one from the list in the cell.")
            case Kind.DAY:
                value, advice = parse_date(text), Message("Write it like 31.12.2026.")
            case Kind.NUMBER:
                value = int(text) if text.isascii() and text.isdecimal() and len(text) <= len("100000") else None
                advice = Message("Write digits alone.")
            case _:
                return text
        if value is None:
            self._refuse(read, fact.name, Message("“{text}” is not understood here.", {"text": text[:80]}), advice)
        return value

    def _require_possible(self, read: SourceRow, change: Change) -> None:
        """Report what stands against publishing the answer, or drafting as much of it as there is."""
        asked = {fact.name for fact in facts_of(Move.ANSWER, change.said)}
        out_of_place = [fact.name for fact in FACTS if fact.name in change.said and fact.name not in asked]
        for name in out_of_place:
            self._refuse(
                read,
                name,
                Message("This is not asked for with this outcome."),
                Message("Choose another outcome in this row, or empty the cell."),
            )
        if out_of_place:
            return
        try:
            self._try(change)
        except ServiceError as error:
            advice = Message("Correct the cell.") if error.field else Message("Take the row out, or look at the case.")
            self._refuse(read, error.field or "key", Message(error.message), advice)

    def _try(self, change: Change) -> None:
        case, draft = change.row.case, change.row.draft
        if self._publishes:
            if draft is not None:
                raise ConflictError(marked("A department drafts this answer: it is published by its approval."))
            cases.checked_step(case, Move.ANSWER, change.said, actor=Actor.OFFICE)
            return
        if draft is not None and draft.state is DraftState.SUBMITTED:
            raise ConflictError(marked("This draft waits for approval. It can be changed once it is sent back."))
        if draft is None and not drafts.can_begin(case, Move.ANSWER):
            raise ConflictError(marked("This step is not possible now, so no draft of it is begun."))
        facts.checked(drafts.optional(facts_of(Move.ANSWER, change.said)), change.said)

    def _refuse(self, read: SourceRow, meaning: str, what: Message, advice: Message) -> None:
        self._is_wrong = True
        self.report.add(what, advice, row=read.place, column=self._source.columns.get(meaning))


def _lines(value: Any) -> Any:
    """Return a value such that texts which differ in nothing but their line ends are the same."""
    return "\n".join(line.rstrip() for line in value.strip().splitlines()) if isinstance(value, str) else value
