"""The panel as it is against its quotas."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, FeatureValue, Member, Respondent, RespondentValue, Status
from assembly.services import features
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
    """Return the confirmed members, and those drawn who have not confirmed yet, against the quotas."""
    total = seats_by_status(session, assembly)
    counts: Counter[tuple[Status, int, int]] = Counter()
    for status, feature_id, value_id, count in session.execute(
        sa.select(Respondent.status, RespondentValue.feature_id, RespondentValue.value_id, sa.func.count())
        .join(Member, Member.respondent_id == Respondent.id)
        .join(RespondentValue, RespondentValue.respondent_id == Respondent.id)
        .where(Member.assembly_id == assembly.id, Respondent.status.in_(COUNTED))
        .group_by(Respondent.status, RespondentValue.feature_id, RespondentValue.value_id)
    ):
        if value_id is not None:
            counts[status, feature_id, value_id] = count

    def seats(status: Status, feature_id: int, value_id: int, *, is_unstated: bool) -> int:
        stated = sum(n for (s, f, _), n in counts.items() if (s, f) == (status, feature_id))
        own = counts[status, feature_id, value_id]
        return own + total.get(status, 0) - stated if is_unstated else own

    def row(feature_id: int, value: FeatureValue) -> ValueSeats:
        is_unstated = value.name == NOT_STATED
        confirmed, waiting = (seats(s, feature_id, value.id, is_unstated=is_unstated) for s in COUNTED)
        return ValueSeats(value.name, confirmed, waiting, value.lower, value.upper)

    return [
        FeatureSeats(feature.name, [row(feature.id, value) for value in feature.values])
        for feature in features.features_of(session, assembly)
    ]
