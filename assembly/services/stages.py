"""Where an assembly stands, what comes next, and what is left undone on the way."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    Assembly,
    Check,
    Commitment,
    Event,
    EventState,
    FollowUpRules,
    Handover,
    Import,
    ImportState,
    InvitationRecord,
    Lottery,
    LotteryState,
    Member,
    Recommendation,
    RecommendationState,
    Respondent,
    Status,
)
from assembly.models.base import UtcDateTime
from assembly.services import commitments, features, lotteries, receipts
from assembly.services.attendance import absences
from assembly.services.daily import today
from assembly.services.messages import calls
from assembly.services.panel import replacing

OPEN = (RecommendationState.DRAFT, RecommendationState.ADOPTED)
"""Recommendations that are still to be voted on or handed over."""


class Step(enum.StrEnum):
    """A step on the organiser's way."""

    DESCRIPTION = "description"
    TIMELINE = "timeline"
    RULES = "rules"
    INVITATION = "invitation"
    FEATURES = "features"
    REGISTRATIONS = "registrations"
    CHECK = "check"
    LOTTERY = "lottery"
    DRAW = "draw"
    PANEL = "panel"
    PROGRAMME = "programme"
    RECOMMENDATIONS = "recommendations"


class Left(enum.StrEnum):
    """What is left undone in a step that otherwise goes on: it is said on every page until it is done."""

    FILES = "files"
    """Uploaded files wait to be confirmed or deleted."""
    REGISTRATION = "registration"
    """People can still register."""
    COMPUTED = "computed"
    """A lottery is computed and proven, but not committed."""
    RECEIPTS = "receipts"
    """Receipts for the draw are missing, and can still be sent."""
    LATE_RECEIPTS = "late_receipts"
    """Receipts for the draw are missing, and it is too late for them."""
    UNDECIDED_RECEIPTS = "undecided_receipts"
    """All receipts are written, but mails were refused or perhaps not sent: somebody has to decide about each."""
    RECEIPTS_ON_THEIR_WAY = "receipts_on_their_way"
    """All receipts are written, but some have not left the house: mails that wait, letters to print."""
    CALLS = "calls"
    """Members are to be told about an event on the phone."""
    ABSENT = "absent"
    """Members are absent too often: an organiser calls them, and refills the seats of those who cannot go on."""


@dataclasses.dataclass(frozen=True, slots=True)
class Open:
    """Something that is left undone: how many, until when if there is a day or a moment, and for which commitment."""

    what: Left
    count: int = 0
    until: dt.date | None = None
    commitment_id: int | None = None


State = Literal["done", "current", "begun", "next"]


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
    """A step, whether it is done, the first that is not, begun or still to come, and what is left undone in it."""

    step: Step
    state: State
    open: Open | None = None


def stages_of(session: Session, assembly: Assembly) -> list[Stage]:
    """Return the steps in order. Every page shows them: two queries, more once a lottery stands and while it meets.

    The first that is not done is the current one; but receipts that are not out have a deadline, and so have calls
    before an event: these come first.
    """
    sums = features.all_sums(session, assembly)
    known = {"assembly_id": assembly.id, "size": assembly.panel_size, "moment": now()}
    facts = session.execute(_FACTS, known).one()
    is_fixed, is_drawn = facts.lottery is not None, facts.lottery is LotteryState.DRAWN
    left = {Step.REGISTRATIONS: None if is_fixed else _open_registrations(facts)}  # then nothing can be done about them
    if facts.is_computed and not is_fixed:
        left[Step.LOTTERY] = Open(Left.COMPUTED)
    if is_drawn:
        left[Step.PANEL] = open_receipts(session, replacing.standing_commitment(session, assembly))
    elif is_fixed:
        left[Step.DRAW] = open_receipts(session, commitments.current_commitment(session, assembly))
    if facts.calls:
        left[Step.PROGRAMME] = Open(Left.CALLS, facts.calls)
    elif is_drawn and facts.has_met and facts.will_meet and (count := absences.count_too_often(session, assembly)):
        left[Step.PROGRAMME] = Open(Left.ABSENT, count)
    done = {
        Step.DESCRIPTION: True,
        Step.TIMELINE: bool(assembly.decider and assembly.result_date),
        Step.RULES: facts.has_rules,
        Step.INVITATION: facts.is_invited,
        Step.FEATURES: bool(sums) and all(one.fits for one in sums),
        Step.REGISTRATIONS: facts.registrations == assembly.panel_size and left[Step.REGISTRATIONS] is None,
        Step.CHECK: is_fixed or bool(facts.is_feasible),
        Step.LOTTERY: is_fixed,
        Step.DRAW: is_drawn,
        Step.PANEL: facts.confirmed == assembly.panel_size,
        Step.PROGRAMME: facts.has_met and not facts.will_meet,
        Step.RECOMMENDATIONS: facts.is_handed_over and not facts.has_open_recommendations,
    }
    first = next((step for step in Step if not done[step]), None)
    current = next((step for step in (Step.DRAW, Step.PANEL, Step.PROGRAMME) if left.get(step)), first)
    begun = {Step.PROGRAMME} if facts.has_met else set()
    if facts.confirmed:
        begun.add(Step.PANEL)
    if facts.is_handed_over or facts.has_open_recommendations:
        begun.add(Step.RECOMMENDATIONS)

    def state(step: Step) -> State:
        if done[step]:
            return "done"
        return "current" if step is current else "begun" if step in begun else "next"

    return [Stage(step, state(step), left.get(step)) for step in Step]


def _open_registrations(facts: Any) -> Open | None:
    if facts.waiting_files:
        return Open(Left.FILES, facts.waiting_files)
    if facts.registration_until is not None and today() <= facts.registration_until:
        return Open(Left.REGISTRATION, until=facts.registration_until)
    return None


def open_receipts(session: Session, commitment: Commitment | None) -> Open | None:
    """Return how many receipts for a draw that is to come are not out, and until when they can be sent."""
    if commitment is None or commitment.drawn_at is not None or now() >= commitment.moment:
        return None
    unsent = receipts.unsent(session, commitment)
    missing = Left.LATE_RECEIPTS if receipts.is_late(commitment) else Left.RECEIPTS
    for what, count in (
        (missing, unsent.waiting),
        (Left.UNDECIDED_RECEIPTS, unsent.undecided),
        (Left.RECEIPTS_ON_THEIR_WAY, unsent.pending),
    ):
        if count:
            return Open(what, count, receipts.last_moment(commitment), commitment.id)
    return None


def _facts() -> sa.Select[Any]:
    """Return the query for what the steps depend on; of the registrations it counts no more than the panel needs."""
    here, size = sa.bindparam("assembly_id", type_=sa.Integer), sa.bindparam("size", type_=sa.Integer)
    invited = (InvitationRecord.assembly_id == here, InvitationRecord.invited_on.is_not(None))
    enough = sa.select(Respondent.id).where(Respondent.assembly_id == here).limit(size).subquery()
    last_check = sa.select(Check.report["feasible"].as_boolean()).where(Check.assembly_id == here)
    until = sa.select(InvitationRecord.registration_until).where(InvitationRecord.assembly_id == here)
    waiting = sa.select(sa.func.count()).where(Import.assembly_id == here, Import.state == ImportState.UPLOADED)
    moment = sa.bindparam("moment", type_=UtcDateTime())
    computed = (Lottery.state == LotteryState.SOLVED, Lottery.replaces_id.is_(None), ~Lottery.is_rehearsal)
    event = (Event.assembly_id == here, Event.state != EventState.CANCELLED)
    confirmed = sa.select(sa.func.count()).select_from(Member).join(Member.respondent)
    to_call = sa.select(sa.func.count()).select_from(calls.open_in(here, moment).subquery())
    return sa.select(
        sa.exists().where(FollowUpRules.assembly_id == here).label("has_rules"),
        to_call.scalar_subquery().label("calls"),
        sa.exists().where(*invited).label("is_invited"),
        sa.select(sa.func.count()).select_from(enough).scalar_subquery().label("registrations"),
        until.scalar_subquery().label("registration_until"),
        waiting.scalar_subquery().label("waiting_files"),
        last_check.order_by(Check.id.desc()).limit(1).scalar_subquery().label("is_feasible"),
        sa.select(Lottery.state).where(*lotteries.is_standing(here)).scalar_subquery().label("lottery"),
        confirmed.where(Member.assembly_id == here, Respondent.status == Status.CONFIRMED)
        .scalar_subquery()
        .label("confirmed"),
        sa.exists().where(Lottery.assembly_id == here, *computed).label("is_computed"),
        sa.exists().where(*event, Event.ends_at <= moment).label("has_met"),
        sa.exists().where(*event, Event.ends_at > moment).label("will_meet"),
        sa.exists().where(Handover.assembly_id == here).label("is_handed_over"),
        sa.exists()
        .where(Recommendation.assembly_id == here, Recommendation.state.in_(OPEN))
        .label("has_open_recommendations"),
    )


_FACTS = _facts()
