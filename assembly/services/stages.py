"""Where an assembly stands, and what comes next."""

from __future__ import annotations

import dataclasses
import enum
from typing import Literal

from sqlalchemy.orm import Session

from assembly.models import Assembly, LotteryState, Status
from assembly.services import checks, features, invitation_records, lotteries
from assembly.services.panel import make_up


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
    """Return the steps in order; the first that is not done is the current one."""
    found = features.features_of(session, assembly)
    check, standing = checks.last_check(session, assembly), lotteries.standing_lottery(session, assembly)
    done = {
        Step.DESCRIPTION: True,
        Step.TIMELINE: bool(assembly.decider and assembly.result_date),
        Step.INVITATION: invitation_records.is_invited(session, assembly),
        Step.FEATURES: bool(found) and all(features.sums_of(f, assembly.panel_size).fits for f in found),
        Step.REGISTRATIONS: invitation_records.funnel_of(session, assembly).registrations >= assembly.panel_size,
        Step.CHECK: bool(check and check.report and check.report["feasible"]),
        Step.LOTTERY: standing is not None,
        Step.DRAW: standing is not None and standing.state is LotteryState.DRAWN,
        Step.PANEL: make_up.seats_by_status(session, assembly).get(Status.CONFIRMED, 0) == assembly.panel_size,
    }
    current = next((step for step in Step if not done[step]), None)
    return [Stage(step, "done" if done[step] else "current" if step is current else "next") for step in Step]
