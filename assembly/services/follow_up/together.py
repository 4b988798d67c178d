"""The same step in several cases at once, as after a meeting that dealt with all of them: in all, or in none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Case, CaseStep, Move, User
from assembly.models.base import LARGEST_ROW_NUMBER
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.follow_up import cases
from assembly.services.follow_up.transitions import Actor
from assembly.services.marks import mark_of
from sortition.message import Message

TOGETHER = (
    *(Move.ASSIGN, Move.BEGIN_REVIEW, Move.ANSWER, Move.DEBATE, Move.MINUTES, Move.DECIDE),
    *(Move.IMPLEMENT, Move.REPORT, Move.REVIEW, Move.FORWARD, Move.NEW_TERM, Move.ON_AGENDA, Move.CLOSE),
)
"""Steps that make sense for several: neither what is about one text, nor what members write about one answer."""


def chosen_of(session: Session, assembly: Assembly, numbers: Collection[int]) -> list[Case]:
    """Return the chosen cases with all that their courses need. Raises NotFoundError if one is not the assembly's."""
    wanted = set(numbers)
    found = list(cases.cases_of(session, assembly, Case.id.in_(n for n in wanted if abs(n) <= LARGEST_ROW_NUMBER)))
    if len(found) != len(wanted):
        raise NotFoundError
    return found


def mark_of_cases(session: Session, chosen: Collection[Case]) -> str:
    """Return what tells cases from what they were before: it changes with every step in one of them."""
    counted = sa.select(CaseStep.case_id, sa.func.count()).where(CaseStep.case_id.in_([case.id for case in chosen]))
    return mark_of(map(tuple, session.execute(counted.group_by(CaseStep.case_id).order_by(CaseStep.case_id))))


def move_together(
    session: Session,
    chosen: Sequence[Case],
    kind: Move,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    by: User,
    taken_on: dt.date | None = None,
) -> None:
    """Take the same step in all these cases.

    Raises RuleError, which names the first case in which it is not possible, and the field if there is one; nothing
    is to be committed then.
    """
    for case in chosen:
        try:
            cases.move(session, case, kind, values, actor=actor, by=by, taken_on=taken_on)
        except (RuleError, ConflictError) as error:
            raise RuleError(
                marked("Recommendation %(number)s, %(addressee)s: %(problem)s"),
                field=error.field,
                number=case.recommendation.number,
                addressee=case.addressee.name,
                problem=Message(error.message, error.values),
            ) from error
