"""Where an assembly stands, and what comes next."""

from __future__ import annotations

import dataclasses
import enum
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Check, InvitationRecord, Lottery, LotteryState, Member, Respondent, Status
from assembly.services import features, lotteries


class Step(enum.StrEnum):
    """A step on the organiser's way."""

    DESCRIPTION = "description"
    TIMELINE = "timeline"
    INVITATION = "invitation"
    FEATURES = "features"
    REGISTRATIONS = "registrations"
    CHECK = "check"
    LOTTERY = "lottery"
    DRAW = "draw"
    PANEL = "panel"


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
    """A step, and whether it is done, the first that is not, or still to come."""

    step: Step
    state: Literal["done", "current", "next"]


def stages_of(session: Session, assembly: Assembly) -> list[Stage]:
    """Return the steps in order; the first that is not done is the current one. Every page shows them: two queries."""
    sums = features.all_sums(session, assembly)
    facts = session.execute(_FACTS, {"assembly_id": assembly.id, "size": assembly.panel_size}).one()
    done = {
        Step.DESCRIPTION: True,
        Step.TIMELINE: bool(assembly.decider and assembly.result_date),
        Step.INVITATION: facts.is_invited,
        Step.FEATURES: bool(sums) and all(one.fits for one in sums),
        Step.REGISTRATIONS: facts.registrations == assembly.panel_size,
        Step.CHECK: bool(facts.is_feasible),
        Step.LOTTERY: facts.lottery is not None,
        Step.DRAW: facts.lottery is LotteryState.DRAWN,
        Step.PANEL: facts.confirmed == assembly.panel_size,
    }
    current = next((step for step in Step if not done[step]), None)
    return [Stage(step, "done" if done[step] else "current" if step is current else "next") for step in Step]


def _facts() -> sa.Select[Any]:
    """Return the query for what the steps depend on; of the registrations it counts no more than the panel needs."""
    here, size = sa.bindparam("assembly_id", type_=sa.Integer), sa.bindparam("size", type_=sa.Integer)
    invited = (InvitationRecord.assembly_id == here, InvitationRecord.invited_on.is_not(None))
    enough = sa.select(Respondent.id).where(Respondent.assembly_id == here).limit(size).subquery()
    last_check = sa.select(Check.report["feasible"].as_boolean()).where(Check.assembly_id == here)
    confirmed = sa.select(sa.func.count()).select_from(Member).join(Member.respondent)
    return sa.select(
        sa.exists().where(*invited).label("is_invited"),
        sa.select(sa.func.count()).select_from(enough).scalar_subquery().label("registrations"),
        last_check.order_by(Check.id.desc()).limit(1).scalar_subquery().label("is_feasible"),
        sa.select(Lottery.state).where(*lotteries.is_standing(here)).scalar_subquery().label("lottery"),
        confirmed.where(Member.assembly_id == here, Respondent.status == Status.CONFIRMED)
        .scalar_subquery()
        .label("confirmed"),
    )


_FACTS = _facts()
