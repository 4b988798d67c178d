"""The panel as it is against its quotas."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import (
    Assembly,
    Attendance,
    AttendanceState,
    Event,
    FeatureValue,
    Member,
    Respondent,
    RespondentValue,
    Status,
)
from assembly.services import features
from assembly.services.panel import replacing
from sortition import NOT_STATED

COUNTED = (Status.CONFIRMED, Status.DRAWN)


@dataclasses.dataclass(frozen=True, slots=True)
class ValueSeats:
    """How many members have a value, and the bounds of its quota."""

    name: str
    confirmed: int
    open: int
    lower: int
    upper: int

    @property
    def is_met(self) -> bool:
        """Whether those who confirmed meet the quota."""
        return self.lower <= self.confirmed <= self.upper


@dataclasses.dataclass(frozen=True, slots=True)
class FeatureSeats:
    """The members by the values of one feature."""

    name: str
    values: Sequence[ValueSeats]


def seats_by_status(session: Session, assembly: Assembly) -> dict[Status, int]:
    """Return how many drawn people are in each status."""
    counted = session.execute(
        sa.select(Respondent.status, sa.func.count())
        .join(Member, Member.respondent_id == Respondent.id)
        .where(Member.assembly_id == assembly.id)
        .group_by(Respondent.status)
    )
    return {status: count for status, count in counted}  # noqa: C416  # rows are no pairs for the type checker


def make_up_of(session: Session, assembly: Assembly) -> list[FeatureSeats]:
    """Return the confirmed members, and those drawn who have not confirmed yet, against the quotas of the last draw."""
    everybody = sa.select(Member.respondent_id, Respondent.status.label("part")).join(Member.respondent)
    return _against_quotas(session, assembly, everybody.where(Member.assembly_id == assembly.id), COUNTED)


def presence_of(session: Session, event: Event) -> list[FeatureSeats]:
    """Return who was at an event against the quotas: as `confirmed` who stayed, as `open` who was there for half."""
    there = (AttendanceState.PRESENT, AttendanceState.PRESENT_HALF)
    noted = sa.select(Attendance.respondent_id, Attendance.state.label("part")).where(Attendance.event_id == event.id)
    return _against_quotas(session, event.assembly, noted, there)


def _against_quotas(
    session: Session, assembly: Assembly, people: sa.Select[int, Any], parts: tuple[Any, Any]
) -> list[FeatureSeats]:
    """Return how many of two parts of the people have each value; `people` selects numbers of respondents and parts."""
    among = people.subquery()
    total: dict[Any, int] = dict(session.execute(sa.select(among.c.part, sa.func.count()).group_by(among.c.part)).all())
    bounds = _bounds(session, assembly)
    counts: Counter[tuple[Any, int, int]] = Counter()
    for part, feature_id, value_id, count in session.execute(
        sa.select(among.c.part, RespondentValue.feature_id, RespondentValue.value_id, sa.func.count())
        .join(RespondentValue, RespondentValue.respondent_id == among.c.respondent_id)
        .where(among.c.part.in_(parts))
        .group_by(among.c.part, RespondentValue.feature_id, RespondentValue.value_id)
    ):
        if value_id is not None:
            counts[part, feature_id, value_id] = count

    def seats(part: Any, feature_id: int, value_id: int, *, is_unstated: bool) -> int:
        stated = sum(n for (p, f, _), n in counts.items() if (p, f) == (part, feature_id))
        own = counts[part, feature_id, value_id]
        return own + total.get(part, 0) - stated if is_unstated else own

    def row(feature_id: int, feature_name: str, value: FeatureValue) -> ValueSeats:
        is_unstated = value.name == NOT_STATED
        confirmed, waiting = (seats(s, feature_id, value.id, is_unstated=is_unstated) for s in parts)
        lower, upper = bounds.get((feature_name, value.name), (value.lower, value.upper))
        return ValueSeats(value.name, confirmed, waiting, lower, upper)

    return [
        FeatureSeats(feature.name, [row(feature.id, feature.name, value) for value in feature.values])
        for feature in features.features_of(session, assembly)
    ]


def _bounds(session: Session, assembly: Assembly) -> dict[tuple[str, str], tuple[int, int]]:
    """Return (feature, value) → the quota by which was drawn last: a replacement may have relaxed it."""
    drawn = replacing.last_drawn(session, assembly)
    quotas = drawn.lottery.summary.get("by_value", ()) if drawn else ()
    return {(one["feature"], one["value"]): (one["lower"], one["upper"]) for one in quotas}


def relaxations_of(session: Session, assembly: Assembly) -> list[Mapping[str, Any]]:
    """Return how drawn replacements changed the quotas, in the order of the draws, as stored sentences."""
    drawn = [one for one in replacing.replacements_of(session, assembly) if one.drawn_at is not None]
    return [change for one in reversed(drawn) for change in one.lottery.summary.get("relaxed", ())]
