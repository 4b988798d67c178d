"""The handover: then nothing about a recommendation changes, and every addressee owes an answer by a known date."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections.abc import Sequence

from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    Addressee,
    Assembly,
    Duty,
    FollowUpRules,
    Handover,
    Recommendation,
    RecommendationState,
    User,
)
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, RuleError, marked
from assembly.services.follow_up import cases, dates, meetings
from assembly.services.programme import times
from assembly.services.recommendations import digests, editing
from assembly.services.recommendations.texts import WRONG_STATE, lock, log, rules_on

LONGEST = 200


class Obstacle(enum.StrEnum):
    """Why a recommendation cannot be handed over now."""

    NO_ADDRESSEE = "no_addressee"
    OBJECTION_PERIOD = "objection_period"
    """Members can still object to an editorial change."""
    OBJECTION = "objection"
    """A member objects to one."""


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """What a handover would mean: the rules under which everything stays, what is due when, and who meets too late."""

    rules: FollowUpRules
    due: dict[Duty, dt.date]
    without_meeting: Sequence[tuple[str, Duty]]


def obstacle(recommendation: Recommendation) -> Obstacle | None:
    """Return why an adopted recommendation cannot be handed over now, if it cannot."""
    changed = editing.pending(recommendation)
    if changed is not None:
        return Obstacle.OBJECTION if changed.objections else Obstacle.OBJECTION_PERIOD
    return None if recommendation.addressee_numbers else Obstacle.NO_ADDRESSEE


def plan(
    session: Session, assembly: Assembly, recommendations: Sequence[Recommendation], handed_over_on: dt.date
) -> Plan:
    """Return what a handover on a day would mean. Raises RuleError, ConflictError if it is not possible."""
    rules = _checked(session, assembly, recommendations, handed_over_on)
    due = dates.due_from_handover(rules, handed_over_on, rules.state)
    bodies = {one.body for recommendation in recommendations for one in addressees_of(rules, recommendation)}
    calendar = meetings.meetings_of(session, assembly)
    late = [(body, duty) for body, duty in meetings.bodies_without(calendar, due, rules) if body in bodies]
    return Plan(rules, due, late)


def hand_over(
    session: Session,
    assembly: Assembly,
    recommendations: Sequence[Recommendation],
    *,
    handed_over_on: dt.date,
    received_by: str,
    by: User,
) -> Handover:
    """Hand adopted recommendations over, all or none: freeze them with their hashes, and open a case per addressee.

    Raises RuleError for a day that cannot be right or without a receiver, ConflictError if one is not adopted, has no
    addressee, or members can object to its wording or do.
    """
    freezing.lock_pool(session, assembly.id)
    for one in recommendations:
        lock(session, one, RecommendationState.ADOPTED)
    rules = _checked(session, assembly, recommendations, handed_over_on)
    if not received_by.strip() or len(received_by) > LONGEST:
        raise RuleError(marked("Say who received the recommendations, in at most 200 characters."), field="received_by")
    digests_of = {one.id: digests.digest_of(assembly, one, addressees_of(rules, one)) for one in recommendations}
    handover = Handover(
        assembly_id=assembly.id,
        rules=rules,
        handed_over_on=handed_over_on,
        recorded_at=now(),
        recorded_by_id=by.id,
        received_by=received_by.strip(),
        digest="",
    )
    session.add(handover)
    session.flush()
    for one in recommendations:
        one.state, one.handover, one.digest = RecommendationState.HANDED_OVER, handover, digests_of[one.id]
    handover.digest = digests.handover_digest(assembly, handed_over_on.isoformat(), rules, recommendations)
    session.flush()
    for one in recommendations:
        log(session, assembly, one, "recommendation_handed_over", by=by, digest=one.digest)
    details = {"handed_over_on": handed_over_on.isoformat(), "digest": handover.digest}
    logbook.record(session, assembly, "handed_over", by=by, subject=f"handover:{handover.id}", details=details)
    for one in recommendations:
        for addressee in addressees_of(rules, one):
            cases.open_case(session, one, addressee, handover, by=by)
    return handover


def addressees_of(rules: FollowUpRules, recommendation: Recommendation) -> list[Addressee]:
    """Return who owes an answer to a recommendation, as these rules name them."""
    return [one for one in rules.addressees if one.number in recommendation.addressee_numbers]


def _checked(
    session: Session, assembly: Assembly, recommendations: Sequence[Recommendation], handed_over_on: dt.date
) -> FollowUpRules:
    """Return the rules under which these can be handed over on this day. Raises RuleError, ConflictError."""
    if not recommendations:
        raise RuleError(marked("Choose at least one recommendation."), field="chosen")
    if handed_over_on > times.day_of(now()):
        raise RuleError(marked("This day is yet to come."), field="handed_over_on")
    rules = rules_on(session, assembly, handed_over_on, "handed_over_on")
    known = {one.number for one in rules.addressees}
    for one in recommendations:
        if one.state is not RecommendationState.ADOPTED:
            raise ConflictError(WRONG_STATE)
        if obstacle(one) is not None:
            raise ConflictError(
                marked("Recommendation %(number)s cannot be handed over yet: see why in the list."), number=one.number
            )
        if not known.issuperset(one.addressee_numbers):
            raise ConflictError(
                marked("The rules of that day do not know an addressee of recommendation %(number)s."),
                number=one.number,
            )
        if handed_over_on < _final_since(one):
            raise RuleError(
                marked("On this day the text of recommendation %(number)s was not final yet."),
                field="handed_over_on",
                number=one.number,
            )
    return rules


def _final_since(recommendation: Recommendation) -> dt.date:
    """Return the day on which an adopted recommendation could be handed over as it stands at the earliest."""
    last = recommendation.versions[-1] if recommendation.versions else None
    if last is not None and last.objections_until is not None:
        return last.objections_until + dt.timedelta(days=1)
    if last is not None and last.is_editorial:
        return times.day_of(last.saved_at)
    return recommendation.count.counted_on if recommendation.count else dt.date.min
