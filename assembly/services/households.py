"""Who lives together: found by address and surname, confirmed or split by an organiser."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from assembly.models import Assembly, Contact, Distinction, Household, Resemblance, Respondent, Status, User
from assembly.services import freezing, logbook
from assembly.services.batches import batches
from assembly.services.errors import NotFoundError, RuleError, marked

_Pair = tuple[int, int]


@dataclass(slots=True)
class _People:
    """Everybody of an assembly who may live with somebody: their keys, and the household they are in."""

    key: dict[int, tuple[str, str]] = field(default_factory=dict)
    household: dict[int, int] = field(default_factory=dict)


def find_households(session: Session, assembly: Assembly) -> list[int]:
    """Form the households anew, and return those that are no longer confirmed because somebody joined.

    Together are: who shares address and surname unless an organiser told them apart, and who an organiser confirmed.
    """
    people = _load(session, assembly)
    apart = _distinctions(session, assembly)
    confirmed = dict(
        session.execute(
            sa.select(Household.id, Household.is_confirmed).where(Household.assembly_id == assembly.id)
        ).all()
    )
    unconfirmed: list[int] = []
    homes: dict[int, int | None] = dict.fromkeys(people.household)
    homeless: list[list[int]] = []
    for members in _groups(people, apart, {one for one, is_confirmed in confirmed.items() if is_confirmed}):
        kept = sorted({people.household[one] for one in members if one in people.household})
        home = next((one for one in kept if confirmed.get(one)), kept[0] if kept else None)
        if home is None:
            homeless.append(members)
            continue
        if confirmed.get(home) and any(people.household.get(one) != home for one in members):
            unconfirmed.append(home)
        homes.update(dict.fromkeys(members, home))
    for members, home in zip(homeless, _new_households(session, assembly, len(homeless)), strict=True):
        homes.update(dict.fromkeys(members, home))
    moved = [{"id": one, "household_id": home} for one, home in homes.items() if people.household.get(one) != home]
    if moved:
        session.execute(sa.update(Respondent), moved)
    session.execute(sa.update(Household).where(Household.id.in_(unconfirmed)).values(is_confirmed=False))
    _remove_empty(session, assembly)
    return unconfirmed


def get_household(session: Session, household_id: int, *, assembly: Assembly) -> Household:
    """Return a household of an assembly. Raises NotFoundError."""
    household = session.get(Household, household_id)
    if household is None or household.assembly_id != assembly.id:
        raise NotFoundError
    return household


def confirm(session: Session, household: Household, *, by: User) -> None:
    """Record that these people live together."""
    assembly = session.get_one(Assembly, household.assembly_id)
    freezing.require_open(session, assembly)
    household.is_confirmed = True
    _record(session, assembly, "household_confirmed", household, by=by)


def split(session: Session, household: Household, *, by: User) -> None:
    """Record that these people do not live together, so that each of them can be drawn."""
    assembly = session.get_one(Assembly, household.assembly_id)
    freezing.require_open(session, assembly)
    _record(session, assembly, "household_split", household, by=by)
    for one, other in itertools.combinations(household.respondents, 2):
        tell_apart(session, one, other, Resemblance.HOUSEHOLD)
    for respondent in list(household.respondents):
        respondent.household_id = None
    session.flush()
    session.expire(household)
    session.delete(household)
    session.flush()


def join(session: Session, one: Respondent, other: Respondent, *, by: User) -> Household:
    """Record that two people live together whom address and surname do not show, such as couples with two names."""
    if one.id == other.id or one.assembly_id != other.assembly_id:
        raise RuleError(marked("Give the code of another person of this assembly."), field="code")
    freezing.require_open(session, one.assembly)
    old = [home for home in (one.household_id, other.household_id) if home is not None]
    home = old[0] if old else _new_households(session, one.assembly, 1)[0]
    session.execute(
        sa.update(Respondent)
        .where(sa.or_(Respondent.id.in_((one.id, other.id)), Respondent.household_id.in_(old)))
        .values(household_id=home)
    )
    first, second = sorted((one.id, other.id))
    session.execute(
        sa.delete(Distinction).where(
            Distinction.kind == Resemblance.HOUSEHOLD, Distinction.one_id == first, Distinction.other_id == second
        )
    )
    household = session.get_one(Household, home)
    session.expire(household)
    household.is_confirmed = True
    _remove_empty(session, one.assembly)
    _record(session, one.assembly, "household_confirmed", household, by=by)
    return household


def tell_apart(session: Session, one: Respondent, other: Respondent, kind: Resemblance) -> None:
    """Record that two respondents are not one person, or do not live together."""
    first, second = sorted((one.id, other.id))
    if session.get(Distinction, (kind, first, second)) is None:
        session.add(Distinction(kind=kind, one_id=first, other_id=second))
        session.flush()


def shared_households(session: Session, assembly: Assembly, *, page: int, size: int) -> tuple[list[Household], int]:
    """Return a page of the households with their people, those to be decided first, and the number of all."""
    here = sa.select(Household).where(Household.assembly_id == assembly.id)
    total = session.scalar(sa.select(sa.func.count()).select_from(here.subquery())) or 0
    statement = (
        here.options(selectinload(Household.respondents).joinedload(Respondent.contact))
        .order_by(Household.is_confirmed, Household.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(session.scalars(statement)), total


def _load(session: Session, assembly: Assembly) -> _People:
    people = _People()
    rows = session.execute(
        sa.select(Respondent.id, Respondent.household_id, Contact.address_key, Contact.surname_key)
        .join(Contact)
        .where(Respondent.assembly_id == assembly.id, Respondent.status != Status.ERASED)
        .order_by(Respondent.id)
    )
    for one, household, address, surname in rows:
        if household is not None:
            people.household[one] = household
        if address and surname:
            people.key[one] = (address, surname)
    return people


def _distinctions(session: Session, assembly: Assembly) -> frozenset[_Pair]:
    statement = (
        sa.select(Distinction.one_id, Distinction.other_id)
        .join(Respondent, Respondent.id == Distinction.one_id)
        .where(Respondent.assembly_id == assembly.id, Distinction.kind == Resemblance.HOUSEHOLD)
    )
    return frozenset((row.one_id, row.other_id) for row in session.execute(statement))


def _groups(people: _People, apart: frozenset[_Pair], confirmed: set[int]) -> list[list[int]]:
    """Return the groups of two or more who are together, each sorted, by their first."""
    by_key: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one, key in people.key.items():
        by_key[key].append(one)
    by_home: dict[int, list[int]] = defaultdict(list)
    for one, home in people.household.items():
        if home in confirmed:
            by_home[home].append(one)
    told_apart = set(itertools.chain.from_iterable(apart))
    parts = [part for members in by_key.values() for part in _components(members, apart, told_apart)]
    return _united([*parts, *by_home.values()])


def _components(members: Sequence[int], apart: frozenset[_Pair], told_apart: set[int]) -> list[list[int]]:
    """Return the parts of a group that hang together when those told apart do not."""
    if told_apart.isdisjoint(members):
        return [list(members)]
    parts: list[list[int]] = []
    for one in members:
        near = [part for part in parts if any((min(one, other), max(one, other)) not in apart for other in part)]
        parts = [part for part in parts if part not in near]
        parts.append([*itertools.chain.from_iterable(near), one])
    return parts


def _united(groups: Iterable[Sequence[int]]) -> list[list[int]]:
    """Unite groups that overlap, and return those of two or more."""
    parent: dict[int, int] = {}

    def root(one: int) -> int:
        while parent.setdefault(one, one) != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for group in groups:
        for one in group:
            parent[root(one)] = root(group[0])
    together: dict[int, list[int]] = defaultdict(list)
    for one in sorted(parent):
        together[root(one)].append(one)
    return sorted(group for group in together.values() if len(group) > 1)


def _new_households(session: Session, assembly: Assembly, count: int) -> list[int]:
    """Add so many households that nobody lives in yet, in few statements, and return them in order."""
    rows = [{"assembly_id": assembly.id, "is_confirmed": False}] * count
    made = (session.scalars(sa.insert(Household).returning(Household.id), batch) for batch in batches(rows))
    return sorted(itertools.chain.from_iterable(made))


def _remove_empty(session: Session, assembly: Assembly) -> None:
    inhabited = sa.select(Respondent.household_id).where(Respondent.household_id.is_not(None))
    session.execute(
        sa.delete(Household)
        .where(Household.assembly_id == assembly.id, Household.id.not_in(inhabited))
        .execution_options(synchronize_session=False)
    )


def _record(session: Session, assembly: Assembly, action: str, household: Household, *, by: User) -> None:
    session.flush()
    details = {"respondents": [respondent.id for respondent in household.respondents]}
    logbook.record(session, assembly, action, by=by, subject=f"household:{household.id}", details=details)
