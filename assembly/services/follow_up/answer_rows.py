"""The answers to many recommendations as rows: what is there of each, whether published or drafted, and by which key.

A row's key is that of its case, with how far the case and the draft were when it was made: so a file that comes back
weeks later is held against what has happened since.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from assembly.models import Assembly, Case, Draft, DraftState, Move, User
from assembly.services.authorisation import can_keep_cases, standing_of
from assembly.services.follow_up import cases, desks, drafts, facts, reading
from assembly.services.follow_up.facts import Fact, Kind

CELLS = frozenset({Kind.LINE, Kind.TEXT, Kind.LINK, Kind.DAY, Kind.NUMBER, Kind.CHOICE})
"""Facts that one cell holds."""
ABOUT = ("key", "number", "title", "text", "addressee", "stands_with", "due")
"""What a row says beside the answer: nothing of it is read but the key."""
_KEY = re.compile(r"([0-9]{1,9})-([0-9]{1,4})-([0-9]{1,4})")


def _columns() -> tuple[Fact, ...]:
    every = [*facts.ANSWER, *(fact for more in facts.ANSWER_OF.values() for fact in more)]
    return tuple({fact.name: fact for fact in every if fact.kind in CELLS}.values())


FACTS = _columns()
"""What an answer can say, each once: first what every answer says, then what some outcomes ask for."""


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A case with what is said in answer to it so far: in the draft, if there is an open one, or else in public."""

    case: Case
    said: Mapping[str, Any]
    draft: Draft | None

    @property
    def version(self) -> int:
        """The newest version of the open draft; 0 without one."""
        return len(self.draft.versions) if self.draft else 0

    @property
    def key(self) -> str:
        """What finds the row again, and tells whether it has moved on."""
        return f"{self.case.id}-{len(self.case.steps)}-{self.version}"


def case_in(key: str) -> int | None:
    """Return the number of the case that a key names, if it is a key."""
    match = _KEY.fullmatch(key.strip())
    return int(match[1]) if match else None


def open_to(session: Session, assembly: Assembly, user: User) -> list[Case]:
    """Return the cases of an assembly on which an account works: all for the council office, else those of its desk."""
    if can_keep_cases(standing_of(user, assembly.id)):
        return list(cases.cases_of(session, assembly))
    of_desk = [task.case for task in desks.tasks_of(session, user) if task.assembly.id == assembly.id]
    return sorted(of_desk, key=lambda case: (case.recommendation.number, case.addressee.number))


def rows_of(session: Session, chosen: Sequence[Case]) -> list[Row]:
    """Return the rows of cases, in one query for all drafts."""
    opened = _open_drafts(session, [case.id for case in chosen])
    return [Row(case, _said(case, opened.get(case.id)), opened.get(case.id)) for case in chosen]


def _open_drafts(session: Session, case_ids: Collection[int]) -> dict[int, Draft]:
    found = sa.select(Draft).where(
        Draft.case_id.in_(case_ids), Draft.move == Move.ANSWER, Draft.state != DraftState.PUBLISHED
    )
    return {draft.case_id: draft for draft in session.scalars(found.options(selectinload(Draft.versions)))}


def _said(case: Case, draft: Draft | None) -> Mapping[str, Any]:
    if draft is not None:
        return drafts.said_in(draft)
    answers = reading.read(case, Move.ANSWER)
    return {one.name: one.value for one in answers[-1].said if not one.is_redacted} if answers else {}
