"""The whole process on one line of time: invitation, draw, events, result, decision."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from assembly.models import Assembly, Event
from assembly.services import commitments, invitation_records
from assembly.services.panel import replacing
from assembly.services.programme import times


class Milestone(enum.StrEnum):
    """What a day stands for in the process, in the order in which it is listed on the same day."""

    INVITED = "invited"
    REGISTRATION_ENDS = "registration_ends"
    DRAW = "draw"
    REPLACEMENT_DRAW = "replacement_draw"
    EVENT = "event"
    RESULT = "result"
    DECISION = "decision"
    BUDGET = "budget"


@dataclasses.dataclass(frozen=True, slots=True)
class Point:
    """A day of the process, with the event that is on it if it is one."""

    day: dt.date
    milestone: Milestone
    event: Event | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Month:
    """The points of a month; `first` is its first day."""

    first: dt.date
    points: Sequence[Point]


def timeline_of(session: Session, assembly: Assembly, events: Iterable[Event]) -> list[Month]:
    """Return the days of the process month by month, with those of the events that may be shown."""
    points = [Point(day, milestone) for milestone, day in _milestones(session, assembly) if day is not None]
    points += [Point(times.day_of(event.starts_at), Milestone.EVENT, event) for event in events]
    order = list(Milestone)
    months: dict[dt.date, list[Point]] = {}
    for point in sorted(points, key=lambda one: (one.day, order.index(one.milestone))):
        months.setdefault(point.day.replace(day=1), []).append(point)
    return [Month(first, within) for first, within in months.items()]


def _milestones(session: Session, assembly: Assembly) -> list[tuple[Milestone, dt.date | None]]:
    record = invitation_records.record_of(session, assembly)
    commitment = commitments.current_commitment(session, assembly)
    return [
        (Milestone.INVITED, record.invited_on),
        (Milestone.REGISTRATION_ENDS, record.registration_until),
        (Milestone.DRAW, times.day_of(commitment.moment) if commitment else None),
        *((Milestone.REPLACEMENT_DRAW, times.day_of(one)) for one in replacing.moments_left(session, assembly)),
        (Milestone.RESULT, assembly.result_date),
        (Milestone.DECISION, assembly.decision_date),
        (Milestone.BUDGET, assembly.budget_date),
    ]
