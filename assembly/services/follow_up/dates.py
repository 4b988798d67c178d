"""The days by which each step of the follow-up is due, computed from the rules and from what has happened."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Iterator

from assembly.models import Duty, FollowUpRules
from assembly.services.working_days import working_day_from

BEFORE_DECISION = (Duty.ASSIGN, Duty.ANSWER, Duty.DEBATE, Duty.DECIDE)
"""What runs from the handover; one extension moves one of these, and the later ones with it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Extension:
    """The one extension before the decision: the first duty that it moves, and by how many days."""

    duty: Duty
    days: int


def due_from_handover(
    rules: FollowUpRules, handed_over: dt.date, state: str, extension: Extension | None = None
) -> dict[Duty, dt.date]:
    """Return until when to assign, answer, debate and decide; `state` says which public holidays there are."""
    periods = zip(BEFORE_DECISION, (rules.assigned, rules.answered, rules.debated, rules.decided), strict=True)
    due, moved = {}, dt.timedelta()
    for duty, period in periods:
        if extension is not None and duty is extension.duty:
            moved = dt.timedelta(days=extension.days)
        due[duty] = working_day_from(period.after(handed_over) + moved, state)
    return due


def due_from_decision(rules: FollowUpRules, decided_on: dt.date, state: str) -> dict[Duty, dt.date]:
    """Return until when the first progress report and the review are due."""
    return {
        Duty.FIRST_REPORT: working_day_from(rules.first_report.after(decided_on), state),
        Duty.REVIEW: working_day_from(rules.review.after(decided_on), state),
    }


def course(
    rules: FollowUpRules, handed_over: dt.date, state: str, extension: Extension | None = None
) -> dict[Duty, dt.date]:
    """Return the days by which everything is due if each step is taken on its last day."""
    due = due_from_handover(rules, handed_over, state, extension)
    return due | due_from_decision(rules, due[Duty.DECIDE], state)


def disorder(rules: FollowUpRules, state: str, first: dt.date, days: int) -> tuple[Duty, Duty] | None:
    """Return two duties of which the first could be due later than the second, for a handover on one of these days.

    Whatever is extended, and wherever weekends and holidays lie: what the rules promise stays in order.
    """
    for handed_over in _days(first, days):
        for moved in BEFORE_DECISION:
            latest = course(rules, handed_over, state, Extension(moved, rules.longest_extension))
            for earlier, later in itertools.pairwise(latest):
                if latest[earlier] > latest[later]:
                    return earlier, later
    return None


def _days(first: dt.date, count: int) -> Iterator[dt.date]:
    return (first + dt.timedelta(days=number) for number in range(count))
