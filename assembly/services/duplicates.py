"""People who may have registered twice: suspected by what they have in common, decided by an organiser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, joinedload

from assembly.models import Assembly, Contact, Distinction, Exclusion, Resemblance, Respondent, Status, User
from assembly.services import freezing, logbook, respondents
from assembly.services.errors import ConflictError, RuleError, marked
from assembly.services.households import tell_apart

REASONS: dict[str, tuple[str, ...]] = {
    "email": ("email_key",),
    "name_and_address": ("name_key", "address_key"),
    "birth_date_and_surname": ("birth_date", "surname_key"),
}
"""Why two people may be one: the keys that are equal, and not blank."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Two respondents who may be one person, and why."""

    one: Respondent
    other: Respondent
    reasons: Sequence[str]


def suspicions(session: Session, assembly: Assembly, *, page: int, size: int) -> tuple[list[Suspicion], int]:
    """Return a page of the pairs that are to be decided, and the number of all."""
    pairs = _pairs(assembly).subquery()
    total = session.scalar(sa.select(sa.func.count()).select_from(pairs)) or 0
    found = session.execute(
        sa.select(pairs.c.one, pairs.c.other).order_by(pairs.c.one, pairs.c.other).limit(size).offset((page - 1) * size)
    ).all()
    ids = {id_ for pair in found for id_ in pair}
    people = {
        respondent.id: respondent
        for respondent in session.scalars(
            sa.select(Respondent).where(Respondent.id.in_(ids)).options(joinedload(Respondent.contact))
        )
    }
    return [_suspicion(people[first], people[second]) for first, second in found], total


def is_suspected(assembly: Assembly) -> sa.ColumnElement[bool]:
    """Return the condition that a respondent of an assembly is in a pair that is to be decided."""
    pairs = _pairs(assembly).cte()
    return Respondent.id.in_(sa.union(sa.select(pairs.c.one), sa.select(pairs.c.other)))


def _pairs(assembly: Assembly) -> sa.CompoundSelect[tuple[int, int]]:
    """Return the query for the pairs, the smaller id first: a join by each kind of keys, which indexes answer."""
    one, other = aliased(Respondent), aliased(Respondent)
    own, theirs = aliased(Contact), aliased(Contact)
    undecided = ~sa.exists().where(
        Distinction.kind == Resemblance.PERSON, Distinction.one_id == one.id, Distinction.other_id == other.id
    )
    return sa.union(
        *(
            sa.select(one.id.label("one"), other.id.label("other"))
            .join(own, own.respondent_id == one.id)
            .join(theirs, sa.and_(*_equal(own, theirs, keys)))
            .join(other, other.id == theirs.respondent_id)
            .where(one.assembly_id == assembly.id, unindexed(other.assembly_id) == assembly.id, one.id < other.id)
            .where(sa.or_(one.status == Status.REGISTERED, other.status == Status.REGISTERED))
            .where(_counts(one), _counts(other), undecided)
            for keys in REASONS.values()
        )
    )


def decide_same(session: Session, keep: Respondent, duplicate: Respondent, *, by: User) -> None:
    """Record that two respondents are one person: one is excluded as a duplicate of the other.

    Raises ConflictError if that one is no longer in the pool, or the pool is frozen.
    """
    _require_pair(keep, duplicate)
    if duplicate.status is not Status.REGISTERED:
        raise ConflictError(marked("This is no longer possible: the person's status has changed. Load the page again."))
    respondents.exclude(session, duplicate, Exclusion.DUPLICATE, by=by)
    _record(session, "duplicate_decided", duplicate, keep, by=by)


def decide_different(session: Session, one: Respondent, other: Respondent, *, by: User) -> None:
    """Record that two respondents are different people."""
    _require_pair(one, other)
    freezing.lock_pool(session, one.assembly_id)
    tell_apart(session, one, other, Resemblance.PERSON)
    _record(session, "different_people_decided", one, other, by=by)


def unindexed(column: InstrumentedAttribute[int]) -> sa.ColumnElement[int]:
    """Keep the database from going through everybody of an assembly where another condition leads to few."""
    return column + 0


def _require_pair(one: Respondent, other: Respondent) -> None:
    if one.id == other.id or one.assembly_id != other.assembly_id:
        raise RuleError(marked("These are not two people of this assembly."))


def _counts(respondent: type[Respondent]) -> sa.ColumnElement[bool]:
    """Return the condition that a respondent can be one of a suspected pair: not yet found out, not erased."""
    return sa.and_(
        respondent.status != Status.ERASED,
        sa.or_(respondent.exclusion.is_(None), respondent.exclusion != Exclusion.DUPLICATE),
    )


def _equal(own: type[Contact], theirs: type[Contact], keys: Sequence[str]) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    for key in keys:
        mine = getattr(own, key)
        conditions.append(mine == getattr(theirs, key))
        conditions.append(mine.is_not(None) if key == "birth_date" else mine != "")
    return conditions


def _suspicion(one: Respondent, other: Respondent) -> Suspicion:
    def equal(key: str) -> bool:
        mine = getattr(one.contact, key, None)
        return bool(mine) and mine == getattr(other.contact, key, None)

    return Suspicion(one, other, [reason for reason, keys in REASONS.items() if all(map(equal, keys))])


def _record(session: Session, action: str, one: Respondent, other: Respondent, *, by: User) -> None:
    logbook.record(
        session,
        one.assembly,
        action,
        by=by,
        subject=respondents.subject_of(one),
        details={"other": other.id},
    )
