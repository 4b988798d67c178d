"""Adoption: counts of those present, held against the rules. Who voted what is known to nobody.

Enough have voted if yes, no and abstentions together are at least the quorum's share of the panel. Of the votes cast,
which are yes and no, more than the rules' share has to be yes: whoever abstains takes part, and decides nothing, as in
municipal councils. All of it is computed in whole numbers.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    AdoptionCount,
    Assembly,
    Attendance,
    Event,
    FollowUpRules,
    Member,
    Recommendation,
    RecommendationState,
    Respondent,
    User,
)
from assembly.services.attendance.people import SEATED, THERE
from assembly.services.errors import ConflictError, RuleError, ServiceError, marked
from assembly.services.programme import times
from assembly.services.recommendations.texts import WRONG_STATE, lock, log, require_version, rules_on

RECORDED = marked("Somebody else has recorded this count meanwhile. Look at it, and correct it if it is wrong.")
CHANGED = marked("The text was changed since you opened this page. Read it again before you record the count.")


@dataclasses.dataclass(frozen=True, slots=True)
class Votes:
    """How those present voted."""

    yes: int
    no: int
    abstained: int
    present: int

    @property
    def taking_part(self) -> int:
        """How many voted, those who abstained included."""
        return self.yes + self.no + self.abstained


@dataclasses.dataclass(frozen=True, slots=True)
class Ballot:
    """A count of a recommendation in the `version` that was voted on."""

    version: int
    votes: Votes


class CountsError(RuleError):
    """Some of many counts cannot be recorded; `errors` says what is wrong with which, by their numbers."""

    def __init__(self, errors: Mapping[int, ServiceError]) -> None:
        super().__init__(marked("Nothing is recorded yet: some counts cannot be right. They are marked below."))
        self.errors = errors


def has_quorum(votes: Votes, panel_size: int, rules: FollowUpRules) -> bool:
    """Whether enough of the panel voted."""
    return 100 * votes.taking_part >= rules.quorum_percent * panel_size


def is_adopted(votes: Votes, panel_size: int, rules: FollowUpRules) -> bool:
    """Whether a recommendation is adopted under these rules."""
    needed = rules.adoption_percent * (votes.yes + votes.no)
    return has_quorum(votes, panel_size, rules) and 100 * votes.yes > needed


def panel_size(session: Session, assembly: Assembly) -> int:
    """Return how many people have a seat on the panel now."""
    seated = sa.select(sa.func.count()).select_from(Member).join(Member.respondent)
    where = (Member.assembly_id == assembly.id, Member.replaced_at.is_(None), Respondent.status.in_(SEATED))
    return session.scalar(seated.where(*where)) or 0


def present_at(session: Session, event: Event) -> int:
    """Return how many were there by the check-in list of an event: what is proposed as present."""
    found = sa.select(sa.func.count()).where(Attendance.event_id == event.id, Attendance.state.in_(THERE))
    return session.scalar(found) or 0


def record(
    session: Session,
    recommendation: Recommendation,
    ballot: Ballot,
    *,
    counted_on: dt.date,
    event: Event | None = None,
    is_correction: bool = False,
    by: User,
) -> AdoptionCount:
    """Record a count: the recommendation is adopted, or discarded with its count.

    A count that was mistyped is recorded once more as a correction, until the handover; it is held against the same
    panel. Raises RuleError for a count that cannot be right, ConflictError if the text was changed meanwhile, somebody
    else recorded a count, or the recommendation is not to be voted on.
    """
    states = (RecommendationState.DRAFT, RecommendationState.ADOPTED, RecommendationState.DISCARDED)
    assembly = lock(session, recommendation, *states)
    before = recommendation.count
    if before is None and recommendation.state is not RecommendationState.DRAFT:
        raise ConflictError(WRONG_STATE)
    if before is not None and not is_correction:
        raise ConflictError(RECORDED)
    rules = rules_on(session, assembly, counted_on, "counted_on")
    if before is None and ballot.version != recommendation.version:
        raise ConflictError(CHANGED)
    if before is not None:
        require_version(recommendation, ballot.version)
    size = before.panel_size if before else panel_size(session, assembly)
    _check(ballot.votes, size, counted_on)
    adopted, votes = is_adopted(ballot.votes, size, rules), dataclasses.asdict(ballot.votes)
    count = before or AdoptionCount(recommendation_id=recommendation.id, version=ballot.version, panel_size=size)
    for name, number in votes.items():
        setattr(count, name, number)
    count.event_id, count.counted_on, count.counted_by_id = event.id if event else None, counted_on, by.id
    count.is_adopted = adopted
    session.add(count)
    recommendation.state = RecommendationState.ADOPTED if adopted else RecommendationState.DISCARDED
    recommendation.adopted_at = (recommendation.adopted_at or now()) if adopted else None
    action = "count_corrected" if before else "adoption_counted"
    log(session, assembly, recommendation, action, by=by, **votes, panel_size=size, is_adopted=adopted)
    session.expire(recommendation, ["count"])
    return count


def record_all(
    session: Session,
    ballots: Mapping[Recommendation, Ballot],
    *,
    counted_on: dt.date,
    event: Event | None = None,
    is_correction: bool = False,
    by: User,
) -> None:
    """Record the counts of many recommendations, all or none.

    Raises CountsError with what is wrong with each; the caller rolls back. Raises RuleError if there is none at all.
    """
    if not ballots:
        raise RuleError(marked("Enter the count of at least one draft."))
    errors: dict[int, ServiceError] = {}
    for recommendation, ballot in ballots.items():
        try:
            record(
                session,
                recommendation,
                ballot,
                counted_on=counted_on,
                event=event,
                is_correction=is_correction,
                by=by,
            )
        except ServiceError as error:
            errors[recommendation.number] = error
    if errors:
        raise CountsError(errors)


def _check(votes: Votes, size: int, counted_on: dt.date) -> None:
    if min(votes.yes, votes.no, votes.abstained) < 0:
        raise RuleError(marked("Votes are numbers from 0 on."), field="yes")
    if votes.taking_part > votes.present:
        raise RuleError(
            marked("%(votes)s people voted or abstained, but only %(present)s were present."),
            field="present",
            votes=votes.taking_part,
            present=votes.present,
        )
    if votes.present > size:
        raise RuleError(
            marked("%(present)s were present, but the panel has %(size)s members."),
            field="present",
            present=votes.present,
            size=size,
        )
    if counted_on > times.day_of(now()):
        raise RuleError(marked("This day is yet to come."), field="counted_on")
