"""Who in the city works on a case, and until when: the department in charge, those that contribute, the internal date.

The department in charge stands in the public file, so it is assigned and corrected there; the rest is internal.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Case, CaseState, ContributingUnit, InternalDeadline, Move, Unit, User
from assembly.services import freezing, logbook
from assembly.services.errors import RuleError, marked
from assembly.services.follow_up import cases
from assembly.services.follow_up.transitions import Actor

DAYS_BEFORE = 10
"""Working days before the public date, if the council office says nothing else."""
MOST_DAYS = 60


def assign(
    session: Session,
    case: Case,
    lead: Unit,
    contributing: Collection[Unit],
    *,
    days_before: int,
    reason: str,
    by: User,
) -> None:
    """Say which department is in charge of a case, which contribute, and by when they have to be done.

    Another department in charge than before is a correction in the public file, with the reason. Raises RuleError if
    that is missing, or for an impossible number of days.
    """
    if not 0 <= days_before <= MOST_DAYS:
        raise RuleError(marked("Enter a number from 0 to 60."), field="days_before")
    freezing.lock_pool(session, case.assembly_id)
    session.expire(case)
    if case.state is CaseState.HANDED_OVER:
        cases.move(session, case, Move.ASSIGN, {"unit": lead.name}, actor=Actor.OFFICE, by=by)
    elif case.unit != lead.name:
        step = max(one.number for one in case.steps if one.move is Move.ASSIGN)
        said = {"step": step, "fact": "unit", "text": lead.name, "reason": reason}
        cases.move(session, case, Move.CORRECT, said, actor=Actor.OFFICE, by=by)
    chosen = {one.id for one in contributing} - {lead.id}
    session.execute(sa.delete(ContributingUnit).where(ContributingUnit.case_id == case.id))
    session.add_all(ContributingUnit(case_id=case.id, unit_id=number) for number in sorted(chosen))
    session.merge(InternalDeadline(case_id=case.id, days_before=days_before))
    session.flush()
    details = {"contributing": sorted(chosen), "days_before": days_before}
    assembly = session.get_one(Assembly, case.assembly_id)
    logbook.record(session, assembly, "case_shared", by=by, subject=f"case:{case.id}", details=details)


def contributing_to(session: Session, case: Case) -> Sequence[Unit]:
    """Return the departments that contribute to a case, by name."""
    of_it = sa.select(ContributingUnit.unit_id).where(ContributingUnit.case_id == case.id)
    return session.scalars(sa.select(Unit).where(Unit.id.in_(of_it)).order_by(Unit.name)).all()


def days_before_of(session: Session, case: Case) -> int:
    """Return how many working days before the public date the departments have to be done."""
    found = session.get(InternalDeadline, case.id)
    return found.days_before if found else DAYS_BEFORE
