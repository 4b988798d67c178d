"""The pool: found, filtered, paged; counted against targets and population; as rows that the lottery draws from."""

from __future__ import annotations

import datetime as dt
import enum
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from assembly import database
from assembly.models import (
    Assembly,
    Contact,
    Exclusion,
    Feature,
    FeatureValue,
    Import,
    ImportChange,
    LogEntry,
    Respondent,
    RespondentValue,
    Status,
    User,
)
from assembly.services import duplicates, logbook
from assembly.services.contacts import search_form
from assembly.services.duplicates import unindexed
from assembly.services.kept import Kept
from assembly.services.respondents import subject_of
from sortition import NOT_STATED
from sortition.files.households import household_names

PAGE = 50
_NO_PAGE = 2**31
"""A number that no list reaches, and databases can still count with."""
LONGEST_SEARCH = 100


class Sort(enum.StrEnum):
    """What a list of respondents is sorted by."""

    CODE = "code"
    NAME = "name"
    REGISTERED = "registered"
    STATUS = "status"


_ORDER: Mapping[Sort, tuple[Any, ...]] = {
    Sort.CODE: (Respondent.code,),
    Sort.NAME: (sa.func.coalesce(Contact.sort_key, ""),),  # of whom nothing is left first, on either database
    Sort.REGISTERED: (Respondent.registered_at,),
    Sort.STATUS: (Respondent.status, Respondent.exclusion),
}
_LISTED: tuple[Any, ...] = (
    Respondent.id,
    Respondent.code,
    Respondent.status,
    Respondent.exclusion,
    Respondent.registered_at,
    Contact.last_name,
    Contact.first_name,
)
"""The columns of `Listed`."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which respondents are wanted. `value_id` is a feature's value, `lacking` a feature without one."""

    search: str = ""
    status: Status | None = None
    exclusion: Exclusion | None = None
    value_id: int | None = None
    lacking: int | None = None
    shares_household: bool = False
    is_suspected: bool = False

    def __repr__(self) -> str:
        return "Filter(…)"  # somebody's name may be searched for


@dataclass(frozen=True, slots=True, repr=False)
class Listed:
    """A respondent as the list shows them; without names once they are erased."""

    id: int
    code: str
    status: Status
    exclusion: Exclusion | None
    registered_at: dt.datetime
    last_name: str | None
    first_name: str | None

    def __repr__(self) -> str:
        return f"Listed({self.id})"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of respondents; `values` is respondent id → feature id → the name of the value.

    `by_status` and `by_reason` count everybody, wanted or not, see `status_counts`.
    """

    people: Sequence[Listed]
    values: Mapping[int, Mapping[int, str]]
    number: int
    pages: int
    total: int
    by_status: Mapping[Status, int]
    by_reason: Mapping[Exclusion, int]


def find(
    session: Session,
    assembly: Assembly,
    wanted: Filter,
    *,
    sort: Sort = Sort.CODE,
    descending: bool = False,
    page: int = 1,
) -> Page:
    """Return a page of the respondents that are wanted, in few queries whatever their number."""
    conditions = _conditions(assembly, wanted)
    order = [column.desc() if descending else column for column in _ORDER[sort]]
    by_status, by_reason = status_counts(session, assembly)
    statement = sa.select(*_LISTED).outerjoin(Respondent.contact).where(*conditions).order_by(*order, Respondent.id)
    number, total = min(max(1, page), _NO_PAGE), None
    rows: Sequence[sa.Row[Any]] = ()
    if wanted.search:  # looks at everybody, so people are found and counted at once
        rows = session.execute(_cut(statement.add_columns(sa.func.count().over()), number)).all()
        total = rows[0][-1] if rows else 0 if number == 1 else None
    if total is None:
        total = sum(by_status.values()) if wanted == Filter() else _count(session, conditions)
        number = min(number, max(1, -(-total // PAGE)))
        rows = session.execute(_cut(statement, number)).all()
    people = [Listed(*row[: len(_LISTED)]) for row in rows]
    values = _names_of_values(session, [one.id for one in people])
    return Page(people, values, number, max(1, -(-total // PAGE)), total, by_status, by_reason)


def _cut(statement: sa.Select[Any], page: int) -> sa.Select[Any]:
    return statement.limit(PAGE).offset((page - 1) * PAGE)


def _count(session: Session, conditions: Sequence[sa.ColumnElement[bool]]) -> int:
    return session.scalar(sa.select(sa.func.count(Respondent.id)).where(*conditions)) or 0


def _names_of_values(session: Session, ids: Sequence[int]) -> Mapping[int, Mapping[int, str]]:
    """Return respondent id → feature id → the name of the value; as plain rows, for hundreds of them are shown."""
    names: dict[int, dict[int, str]] = defaultdict(dict)
    statement = (
        sa.select(RespondentValue.respondent_id, RespondentValue.feature_id, FeatureValue.name)
        .join(FeatureValue, FeatureValue.id == RespondentValue.value_id)
        .where(RespondentValue.respondent_id.in_(ids))
    )
    for respondent_id, feature_id, name in session.execute(statement):
        names[respondent_id][feature_id] = name
    return names


@dataclass(frozen=True, slots=True)
class ValueCount:
    """How many in the pool have a value, beside its share of the population and its quota."""

    value_id: int
    name: str
    count: int
    share: Decimal | None
    lower: int
    upper: int


@dataclass(slots=True)
class FeatureCount:
    """The counts of a feature; `lacking` are those in the pool who have no value of it."""

    feature_id: int
    name: str
    is_voluntary: bool
    pool: int
    values: list[ValueCount] = field(default_factory=list)

    @property
    def lacking(self) -> int:
        """How many in the pool have no value."""
        return self.pool - sum(value.count for value in self.values)


def composition(session: Session, assembly: Assembly) -> list[FeatureCount]:
    """Return what the pool is made of, feature by feature, in one query."""
    in_pool = aliased(Respondent)
    pool = (
        sa.select(sa.func.count())
        .select_from(Respondent)
        .where(Respondent.assembly_id == assembly.id, Respondent.status == Status.REGISTERED)
        .scalar_subquery()
    )
    statement = (
        sa.select(Feature, FeatureValue, sa.func.count(in_pool.id), pool)
        .join(FeatureValue, FeatureValue.feature_id == Feature.id)
        .outerjoin(RespondentValue, RespondentValue.value_id == FeatureValue.id)
        .outerjoin(in_pool, sa.and_(in_pool.id == RespondentValue.respondent_id, in_pool.status == Status.REGISTERED))
        .where(Feature.assembly_id == assembly.id)
        .group_by(Feature.id, FeatureValue.id)
        .order_by(Feature.position, Feature.id, FeatureValue.position, FeatureValue.id)
    )
    counts: dict[int, FeatureCount] = {}
    for feature, value, count, size in session.execute(statement):
        own = counts.setdefault(feature.id, FeatureCount(feature.id, feature.name, feature.is_voluntary, size))
        own.values.append(ValueCount(value.id, value.name, count, value.share, value.lower, value.upper))
    for own in counts.values():
        own.values = [replace(v, count=v.count + own.lacking) if v.name == NOT_STATED else v for v in own.values]
    return list(counts.values())


Counts = tuple[Mapping[Status, int], Mapping[Exclusion, int]]
_COUNTS = Kept[Counts](256)


def status_counts(session: Session, assembly: Assembly) -> Counts:
    """Return how many have each status, and how many were excluded for each reason.

    Whatever changes a status, adds somebody or removes them writes the log in the same transaction. So the counts hold
    as long as the log has the same head, and pages need not count 20,000 people each time. The head is read first: if
    somebody writes in between, newer counts stand at a head that nobody meets again. Whoever may have changed
    something without having written the log yet counts anew.
    """
    if not database.reading_only.get():
        return _status_counts(session, assembly)
    key = (session.get_bind().engine.url, assembly.id, logbook.head_of(session, assembly))
    return _COUNTS.get(key, lambda: _status_counts(session, assembly))


def _status_counts(session: Session, assembly: Assembly) -> Counts:
    counted = session.execute(_BY_STATUS, {"assembly_id": assembly.id}).one()
    statuses = {status: count for status, count in zip(Status, counted, strict=True) if count}
    if Status.EXCLUDED not in statuses:
        return statuses, {}
    by_reason = (
        sa.select(Respondent.exclusion, sa.func.count())
        .where(Respondent.assembly_id == assembly.id, Respondent.status == Status.EXCLUDED)
        .group_by(Respondent.exclusion)
    )
    return statuses, {reason: count for reason, count in session.execute(by_reason) if reason is not None}


def _with_status(status: Status) -> sa.ScalarSelect[int]:
    here = sa.bindparam("assembly_id", type_=sa.Integer)
    people = sa.select(sa.func.count()).select_from(Respondent)
    return people.where(Respondent.assembly_id == here, Respondent.status == status).scalar_subquery()


_BY_STATUS = sa.select(*(_with_status(status).label(status.value) for status in Status))
"""Counts a stretch of an index for each status: SQLite takes three times as long to group as many rows."""


@dataclass(frozen=True, slots=True, repr=False)
class PoolRow:
    """What the lottery draws one person by. `household` is a mere number, shared by those who live together."""

    respondent_id: int
    code: str
    values: Mapping[str, str]
    household: str | None

    def __repr__(self) -> str:
        return f"PoolRow({self.respondent_id})"


@dataclass(frozen=True, slots=True)
class IncompleteRow:
    """Somebody registered who cannot be drawn, since values that the lottery needs are missing."""

    respondent_id: int
    code: str
    features: Sequence[str]

    @property
    def feature(self) -> str:
        """The first feature whose value is missing."""
        return self.features[0]


@dataclass(frozen=True, slots=True)
class PoolRows:
    """Everybody registered, by code: those who can be drawn, and those who lack something."""

    rows: Sequence[PoolRow]
    lacking: Sequence[IncompleteRow]


def pool_rows(session: Session, assembly: Assembly) -> PoolRows:
    """Return what the lottery draws from, in three queries; what somebody did not state is NOT_STATED."""
    in_pool = (Respondent.assembly_id == assembly.id, Respondent.status == Status.REGISTERED)
    people = session.execute(
        sa.select(Respondent.id, Respondent.code, Respondent.household_id).where(*in_pool).order_by(Respondent.code)
    ).all()
    features = session.execute(
        sa.select(Feature.id, Feature.name, Feature.is_voluntary)
        .where(Feature.assembly_id == assembly.id)
        .order_by(Feature.position, Feature.id)
    ).all()
    stated: dict[int, dict[int, str]] = defaultdict(dict)
    for one, feature, name in session.execute(
        sa.select(RespondentValue.respondent_id, RespondentValue.feature_id, FeatureValue.name)
        .join(Respondent)
        .join(FeatureValue, FeatureValue.id == RespondentValue.value_id)
        .where(*in_pool)
    ):
        stated[one][feature] = name
    rows: list[PoolRow] = []
    incomplete: list[IncompleteRow] = []
    households: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for one, code, household in people:
        own = stated[one]
        if lacking := [name for id_, name, is_voluntary in features if not is_voluntary and id_ not in own]:
            incomplete.append(IncompleteRow(one, code, lacking))
            continue
        if household is not None:
            households[str(household),].append(code)
        rows.append(PoolRow(one, code, {name: own.get(id_, NOT_STATED) for id_, name, _ in features}, None))
    names = household_names(households)
    named = [PoolRow(row.respondent_id, row.code, row.values, names.get(row.code)) for row in rows]
    return PoolRows(named, incomplete)


def values_of(session: Session, respondent: Respondent) -> dict[int, str]:
    """Return feature id → the name of a respondent's value."""
    rows = session.execute(
        sa.select(RespondentValue.feature_id, FeatureValue.name)
        .join(FeatureValue, FeatureValue.id == RespondentValue.value_id)
        .where(RespondentValue.respondent_id == respondent.id)
    )
    return {row.feature_id: row.name for row in rows}


def housemates(session: Session, respondent: Respondent) -> list[Respondent]:
    """Return who shares a respondent's household, with their contacts loaded."""
    if respondent.household_id is None:
        return []
    statement = (
        sa.select(Respondent)
        .where(Respondent.household_id == respondent.household_id, Respondent.id != respondent.id)
        .options(joinedload(Respondent.contact))
        .order_by(Respondent.code)
    )
    return list(session.scalars(statement))


@dataclass(frozen=True, slots=True)
class Event:
    """Something in a person's history: an action of the log, or of an import, with its moment and its details."""

    at: Any
    action: str
    actor: str | None
    details: Mapping[str, Any]


def history(session: Session, respondent: Respondent) -> list[Event]:
    """Return what was done with a registration, oldest first: from the log and from the imports that touched it.

    Numbers of people who were removed are given again, so only what came after the last removal is theirs.
    """
    subject = subject_of(respondent)
    mine = (LogEntry.assembly_id == respondent.assembly_id, LogEntry.subject == subject)
    removed = (
        sa.select(sa.func.coalesce(sa.func.max(LogEntry.number), 0))
        .where(*mine, LogEntry.action == "registration_removed")
        .scalar_subquery()
    )
    entries = session.execute(
        sa.select(LogEntry, User.name)
        .outerjoin(User, User.id == LogEntry.actor_id)
        .where(*mine, LogEntry.number > removed)
        .order_by(LogEntry.number)
    )
    events = [Event(entry.at, entry.action, actor, entry.details) for entry, actor in entries]
    imports = session.execute(
        sa.select(Import.applied_at, Import.id, ImportChange.before, User.name)
        .join(ImportChange, ImportChange.import_id == Import.id)
        .join(User, User.id == Import.uploaded_by_id)
        .where(ImportChange.respondent_id == respondent.id)
    )
    for at, import_id, before, actor in imports:
        fields = [*before.get("contact", {}), *(f"feature:{feature}" for feature in before.get("values", {}))]
        action = "import_changed" if before else "import_added"
        events.append(Event(at, action, actor, {"import": import_id, "fields": fields}))
    return sorted(events, key=lambda event: event.at)


def _conditions(assembly: Assembly, wanted: Filter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [Respondent.assembly_id == assembly.id]
    if words := search_form(wanted.search[:LONGEST_SEARCH]).split():
        conditions = [unindexed(Respondent.assembly_id) == assembly.id, Respondent.id.in_(_found(assembly, words))]
    if wanted.status is not None:
        conditions.append(Respondent.status == wanted.status)
    if wanted.exclusion is not None:
        conditions.append(Respondent.exclusion == wanted.exclusion)
    own = sa.exists().where(RespondentValue.respondent_id == Respondent.id)
    if wanted.value_id is not None:
        conditions.append(own.where(RespondentValue.value_id == wanted.value_id))
    if wanted.lacking is not None:
        stated = own.where(RespondentValue.feature_id == wanted.lacking, RespondentValue.value_id.is_not(None))
        conditions.append(~stated)
    if wanted.shares_household:
        conditions.append(Respondent.household_id.is_not(None))
    if wanted.is_suspected:
        conditions.append(duplicates.is_suspected(assembly))
    return conditions


def _found(assembly: Assembly, words: Sequence[str]) -> sa.CompoundSelect[tuple[int]]:
    """Return the query for those whose contact has all words in it; who was erased is still found by their code."""
    code = sa.func.lower(Respondent.code)
    return sa.union_all(
        sa.select(Contact.respondent_id).where(*(Contact.search.contains(word, autoescape=True) for word in words)),
        sa.select(Respondent.id).where(
            Respondent.assembly_id == assembly.id,
            Respondent.status == Status.ERASED,
            *(code.contains(word, autoescape=True) for word in words),
        ),
    )
