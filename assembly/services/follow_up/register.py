"""The register: cases as lists show them, found by where they stand and by their words, and what they come to."""

from __future__ import annotations

import dataclasses
import datetime as dt
import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from assembly.models import Addressee, Assembly, Case, CaseState, Handover, Outcome, Recommendation
from assembly.services.daily import today
from assembly.services.follow_up import searching

PER_PAGE = 50
_NO_PAGE = 10**6
"""Nobody has so many."""
_TRAITS = (
    *(Assembly.title, Assembly.slug, Addressee.number, Addressee.name, Addressee.body),
    *(Recommendation.theme, Case.unit),
)
"""The columns of `Traits`."""


@dataclasses.dataclass(frozen=True, slots=True)
class Filter:
    """What of the register is asked for; empty is everything."""

    state: CaseState | None = None
    outcome: Outcome | None = None
    addressee: int | str | None = None
    """Its number in an assembly's rules, or its name, which stands for the same across assemblies."""
    body: str = ""
    """What decides for the addressee: the council, or one of its committees."""
    theme: str = ""
    unit: str = ""
    is_overdue: bool = False
    search: str = ""
    recommendation: int | None = None
    """Its number."""
    assembly: str = ""
    """The name of an assembly in its address."""

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return what has to be so of a case, its recommendation, its addressee and its assembly."""
        addressee = Addressee.name if isinstance(self.addressee, str) else Addressee.number
        wanted: tuple[tuple[Any, sa.ColumnElement[bool]], ...] = (
            (self.state, Case.state == self.state),
            (self.outcome, Case.decided == self.outcome),
            (self.addressee, addressee == self.addressee),
            (self.body, Addressee.body == self.body),
            (self.theme, Recommendation.theme == self.theme),
            (self.unit, Case.unit == self.unit),
            (self.is_overdue, Case.due_on < today()),
            (self.recommendation, Recommendation.number == self.recommendation),
            (self.search, searching.finds(self.search)),
            (self.assembly, Assembly.slug == self.assembly),
        )
        return [condition for asked, condition in wanted if asked]


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """A page of cases: which of how many, and how many cases are on all of them."""

    cases: Sequence[Case]
    number: int
    pages: int
    total: int


@dataclasses.dataclass(frozen=True, slots=True)
class Traits:
    """By what cases are told apart that a filter offers."""

    assembly_title: str
    assembly_slug: str
    addressee_number: int
    addressee: str
    body: str
    theme: str
    unit: str


@dataclasses.dataclass(frozen=True, slots=True)
class Standing(Traits):
    """Where a case stands, in as few words as the sums over all cases need."""

    state: CaseState
    decided: Outcome | None
    handed_over_on: dt.date
    answered_on: dt.date | None
    due_on: dt.date | None
    in_time: int
    late: int
    open_days: list[str]


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


def is_overdue(case: Case | Standing) -> bool:
    """Whether what is owed next should have been there before today."""
    return case.due_on is not None and case.due_on < today()


def days_left(case: Case) -> int | None:
    """Return how many days are left for what is owed next; negative once it is overdue."""
    return (case.due_on - today()).days if case.due_on is not None else None


def has_cases(session: Session, assembly: Assembly | None = None) -> bool:
    """Whether anything was handed over: by an assembly, or by any that is public."""
    return bool(session.scalar(sa.select(sa.exists().where(Case.assembly_id == Assembly.id, _public(assembly)))))


def recommended_in_public(session: Session) -> Sequence[tuple[str, int]]:
    """Return what public assemblies handed over: their names in addresses with the recommendations' numbers.

    The first of each, the newest assembly first; then the second of each, and so on.
    """
    query = (
        sa.select(Assembly.slug, Recommendation.number)
        .join(Recommendation, Recommendation.assembly_id == Assembly.id)
        .where(Assembly.is_public, sa.exists().where(Case.recommendation_id == Recommendation.id))
        .order_by(Recommendation.number, Assembly.id.desc())
    )
    return [(slug, number) for slug, number in session.execute(query)]


def choices_in_public(session: Session) -> dict[str, list[tuple[str, str]]]:
    """Return what can be chosen in public registers, one at a time, by the assemblies' names: a parameter's value."""
    found: dict[str, dict[tuple[str, str], None]] = {}
    counts: Counter[str] = Counter()
    for one in standings_of(session):
        page = counts[one.assembly_slug] // PER_PAGE + 1
        counts[one.assembly_slug] += 1
        offered = (
            *(("overdue", 1), ("page", page if page > 1 else None), ("state", one.state), ("outcome", one.decided)),
            *(("theme", one.theme), ("addressee", one.addressee_number), ("body", one.body)),
        )
        chosen = dict.fromkeys((name, str(value)) for name, value in offered if value)
        found.setdefault(one.assembly_slug, {}).update(chosen)
    return {slug: list(choices) for slug, choices in found.items()}


def register_of(session: Session, assembly: Assembly, asked: Filter | None = None) -> Sequence[Case]:
    """Return the cases of an assembly, what is due first first, and what owes nothing any more last; in one query."""
    wanted = (Case.assembly_id == assembly.id, *(asked.conditions() if asked else ()))
    return session.scalars(_in_order(_cases(*wanted))).all()


def page_of(session: Session, asked: Filter, number: int, *, assembly: Assembly | None = None) -> Page:
    """Return a page of the public register, of one assembly or of all; beyond the last one, the last."""
    where = (_public(assembly), *asked.conditions())
    total = session.scalar(_joined(sa.select(sa.func.count()).select_from(Case)).where(*where)) or 0
    pages = max(1, -(-total // PER_PAGE))
    number = min(max(1, min(number, _NO_PAGE)), pages)
    found = _in_order(_cases(*where)).limit(PER_PAGE).offset((number - 1) * PER_PAGE)
    return Page(session.scalars(found).all(), number, pages, total)


def traits_of(session: Session, assembly: Assembly | None = None) -> list[Traits]:
    """Return what tells public cases apart, of one assembly or of all: each once, in the order of the rules."""
    statement = cast("sa.Select[Any]", sa.select(*_TRAITS).select_from(Case))  # too many columns for its types
    found = _joined(statement).where(_public(assembly)).distinct().order_by(Assembly.title, Addressee.number)
    return [Traits(*row) for row in session.execute(found)]


def standings_of(session: Session, assembly: Assembly | None = None) -> list[Standing]:
    """Return where all public cases stand, of one assembly or of all, in one query without their texts."""
    return _standings(session, _public(assembly))


def standings_owed(session: Session) -> list[Standing]:
    """Return where all cases of the city stand in which something is owed, public or not; in one query."""
    return _standings(session, Case.due_on.is_not(None))


def _standings(session: Session, where: sa.ColumnElement[bool]) -> list[Standing]:
    columns = (
        *(*_TRAITS, Case.state, Case.decided, Handover.handed_over_on, Case.answered_on, Case.due_on),
        *(Case.in_time, Case.late, Case.open_days),
    )
    statement = cast("sa.Select[Any]", sa.select(*columns).select_from(Case))  # as above
    found = _joined(statement).join(Case.handover).where(where)
    return [Standing(*row) for row in session.execute(found)]


def owed_in_city(session: Session, asked: Filter | None = None) -> list[tuple[Case, Assembly]]:
    """Return the cases in which something is owed, each with its assembly, what is due first first; in one query."""
    found = (
        _joined(cast("sa.Select[Any]", sa.select(Case, Assembly)))
        .where(Case.due_on.is_not(None), *(asked.conditions() if asked else ()))
        .options(contains_eager(Case.recommendation), contains_eager(Case.addressee))
        .order_by(Case.due_on, Case.id)
    )
    return [(case, assembly) for case, assembly in session.execute(found)]


def kept_by(standings: Iterable[Standing], *, across: bool = False) -> list[Kept]:
    """Return for each addressee how it keeps what it owes, in the order of the rules; `across` assemblies, by name."""
    grouped: dict[int | str, list[Standing]] = {}
    for one in sorted(standings, key=lambda one: (one.addressee if across else "", one.addressee_number)):
        grouped.setdefault(one.addressee if across else one.addressee_number, []).append(one)
    return [_kept(group) for group in grouped.values()]


def states_of(standings: Iterable[Standing]) -> dict[CaseState, int]:
    """Return how many cases stand where, in the order of the states."""
    counts = Counter(one.state for one in standings)
    return {state: counts[state] for state in CaseState if counts[state]}


def outcomes_of(standings: Iterable[Standing]) -> dict[Outcome | None, int]:
    """Return how many cases were decided how; None is those without a decision."""
    counts = Counter(one.decided for one in standings)
    return {outcome: counts[outcome] for outcome in (*Outcome, None) if counts[outcome]}


def _kept(standings: Collection[Standing]) -> Kept:
    days = [(one.answered_on - one.handed_over_on).days for one in standings if one.answered_on]
    in_time = sum(one.in_time for one in standings)
    day = today().isoformat()
    due = in_time + sum(one.late + sum(open_day < day for open_day in one.open_days) for one in standings)
    return Kept(
        next(iter(standings)).addressee,
        cases=len(standings),
        answered=len(days),
        closed=sum(one.state is CaseState.CLOSED for one in standings),
        overdue=sum(map(is_overdue, standings)),
        answered_in=round(statistics.median(days)) if days else None,
        in_time=100 * in_time // due if due else None,
    )


def ids_of(assembly: Assembly | None, asked: Filter, *columns: Any) -> sa.Select[Any]:
    """Return the statement for these columns, by default the numbers, of the public cases that are asked for."""
    return _joined(sa.select(*(columns or (Case.id,))).select_from(Case)).where(_public(assembly), *asked.conditions())


def _public(assembly: Assembly | None) -> sa.ColumnElement[bool]:
    return Case.assembly_id == assembly.id if assembly else Assembly.is_public.is_(True)


def _joined(statement: sa.Select[Any]) -> sa.Select[Any]:
    return statement.join(Case.recommendation).join(Case.addressee).join(Assembly, Assembly.id == Case.assembly_id)


def _cases(*where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    loaded = (contains_eager(Case.recommendation), contains_eager(Case.addressee), joinedload(Case.handover))
    return _joined(sa.select(Case)).where(*where).options(*loaded)


def _in_order(statement: sa.Select[Any]) -> sa.Select[Any]:
    return statement.order_by(Case.due_on.is_(None), Case.due_on, Recommendation.number, Addressee.number, Case.id)
