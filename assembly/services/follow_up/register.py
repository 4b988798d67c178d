"""The register: all cases of an assembly as lists show them, found by where they stand."""

from __future__ import annotations

import dataclasses
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.models import Addressee, Assembly, Case, CaseState, Outcome, Recommendation
from assembly.services.daily import today


@dataclasses.dataclass(frozen=True, slots=True)
class Filter:
    """What of the register is asked for; empty is everything. `addressee` is the number in the rules."""

    state: CaseState | None = None
    outcome: Outcome | None = None
    addressee: int | None = None
    theme: str = ""
    unit: str = ""
    is_overdue: bool = False

    def fits(self, case: Case) -> bool:
        """Whether a case is among what is asked for."""
        wanted = (
            (self.state, case.state),
            (self.outcome, case.decided),
            (self.addressee, case.addressee.number),
            (self.theme, case.recommendation.theme),
            (self.unit, case.unit),
            (self.is_overdue, is_overdue(case)),
        )
        return all(found == asked for asked, found in wanted if asked)


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """How an addressee keeps what it owes: how many cases, how many overdue now, and how fast the answers were.

    `answered_in` is the median of days from the handover to the answer that stands, None before any. `in_time` is the
    share, in percent, of what was done in time, of all that was done or is overdue; None before anything was due.
    """

    name: str
    cases: int
    answered: int
    closed: int
    overdue: int
    answered_in: int | None
    in_time: int | None


def is_overdue(case: Case) -> bool:
    """Whether what is owed next should have been there before today."""
    return case.due_on is not None and case.due_on < today()


def days_left(case: Case) -> int | None:
    """Return how many days are left for what is owed next; negative once it is overdue."""
    return (case.due_on - today()).days if case.due_on is not None else None


def has_cases(session: Session, assembly: Assembly) -> bool:
    """Whether anything was handed over."""
    return bool(session.scalar(sa.select(sa.exists().where(Case.assembly_id == assembly.id))))


def register_of(session: Session, assembly: Assembly) -> Sequence[Case]:
    """Return the cases of an assembly, what is due first first, and what owes nothing any more last; in one query."""
    found = (
        sa.select(Case)
        .join(Case.recommendation)
        .join(Case.addressee)
        .where(Case.assembly_id == assembly.id)
        .options(joinedload(Case.recommendation), joinedload(Case.addressee), joinedload(Case.handover))
    )
    return session.scalars(
        found.order_by(Case.due_on.is_(None), Case.due_on, Recommendation.number, Addressee.number)
    ).all()


def owed_in_city(session: Session) -> list[tuple[Case, Assembly]]:
    """Return all cases in which something is owed, each with its assembly, what is due first first; in one query."""
    found = (
        sa.select(Case, Assembly)
        .join(Assembly, Assembly.id == Case.assembly_id)
        .where(Case.due_on.is_not(None))
        .options(joinedload(Case.recommendation), joinedload(Case.addressee))
        .order_by(Case.due_on, Case.id)
    )
    return [(case, assembly) for case, assembly in session.execute(found)]


def kept_by(cases: Iterable[Case]) -> list[Kept]:
    """Return for each addressee how it keeps what it owes, in the order of the rules."""
    by_number: dict[int, list[Case]] = {}
    for case in cases:
        by_number.setdefault(case.addressee.number, []).append(case)
    return [_kept(by_number[number]) for number in sorted(by_number)]


def states_of(cases: Iterable[Case]) -> dict[CaseState, int]:
    """Return how many cases stand where, in the order of the states."""
    counts = Counter(case.state for case in cases)
    return {state: counts[state] for state in CaseState if counts[state]}


def outcomes_of(cases: Iterable[Case]) -> dict[Outcome | None, int]:
    """Return how many cases were decided how; None is those without a decision."""
    counts = Counter(case.decided for case in cases)
    return {outcome: counts[outcome] for outcome in (*Outcome, None) if counts[outcome]}


def _kept(cases: Sequence[Case]) -> Kept:
    days = [(case.answered_on - case.handover.handed_over_on).days for case in cases if case.answered_on]
    overdue = sum(map(is_overdue, cases))
    in_time = sum(case.in_time for case in cases)
    due = in_time + sum(case.late + sum(day < today().isoformat() for day in case.open_days) for case in cases)
    return Kept(
        cases[0].addressee.name,
        cases=len(cases),
        answered=len(days),
        closed=sum(case.state is CaseState.CLOSED for case in cases),
        overdue=overdue,
        answered_in=round(statistics.median(days)) if days else None,
        in_time=100 * in_time // due if due else None,
    )
