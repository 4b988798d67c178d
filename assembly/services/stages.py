"""Where an assembly stands, what comes next, and what is left undone on the way."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from typing import Literal

from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Commitment, LotteryState, Status
from assembly.services import checks, commitments, features, imports, invitation_records, lotteries, receipts
from assembly.services.daily import today
from assembly.services.panel import make_up, replacing


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


class Left(enum.StrEnum):
    """What is left undone in a step that otherwise goes on: it is said on every page until it is done."""

    FILES = "files"
    """Uploaded files wait to be confirmed or deleted."""
    REGISTRATION = "registration"
    """People can still register."""
    RECEIPTS = "receipts"
    """Receipts for the draw are missing, and can still be sent."""
    LATE_RECEIPTS = "late_receipts"
    """Receipts for the draw are missing, and it is too late for them."""
    RECEIPTS_ON_THEIR_WAY = "receipts_on_their_way"
    """All receipts are written, but some have not left the house: mails that wait, letters to print."""


@dataclasses.dataclass(frozen=True, slots=True)
class Open:
    """Something that is left undone: how many, until when if there is a day or a moment, and for which commitment."""

    what: Left
    count: int = 0
    until: dt.date | None = None
    commitment_id: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
    """A step, whether it is done, the first that is not, or still to come, and what is left undone in it."""

    step: Step
    state: Literal["done", "current", "next"]
    open: Open | None = None


def stages_of(session: Session, assembly: Assembly) -> list[Stage]:
    """Return the steps in order.

    The first that is not done is the current one; but receipts that are not out have a deadline, so they come first.
    """
    found = features.features_of(session, assembly)
    check, standing = checks.last_check(session, assembly), lotteries.standing_lottery(session, assembly)
    registrations = _open_registrations(session, assembly, is_frozen=standing is not None)
    is_drawn = standing is not None and standing.state is LotteryState.DRAWN
    is_full = invitation_records.funnel_of(session, assembly).registrations >= assembly.panel_size
    done = {
        Step.DESCRIPTION: True,
        Step.TIMELINE: bool(assembly.decider and assembly.result_date),
        Step.INVITATION: invitation_records.is_invited(session, assembly),
        Step.FEATURES: bool(found) and all(features.sums_of(f, assembly.panel_size).fits for f in found),
        Step.REGISTRATIONS: is_full and registrations is None,
        Step.CHECK: standing is not None or bool(check and check.report and check.report["feasible"]),
        Step.LOTTERY: standing is not None,
        Step.DRAW: is_drawn,
        Step.PANEL: make_up.seats_by_status(session, assembly).get(Status.CONFIRMED, 0) == assembly.panel_size,
    }
    left = {Step.REGISTRATIONS: registrations}
    if is_drawn:
        left[Step.PANEL] = open_receipts(session, replacing.standing_commitment(session, assembly))
    elif standing is not None:
        left[Step.DRAW] = open_receipts(session, commitments.current_commitment(session, assembly))
    first = next((step for step in Step if not done[step]), None)
    current = next((step for step in (Step.DRAW, Step.PANEL) if left.get(step)), first)
    return [
        Stage(step, "done" if done[step] else "current" if step is current else "next", left.get(step)) for step in Step
    ]


def _open_registrations(session: Session, assembly: Assembly, *, is_frozen: bool) -> Open | None:
    """Return what is left to do about registrations; once the pool is frozen, nothing can be."""
    if is_frozen:
        return None
    if count := imports.waiting_files(session, assembly):
        return Open(Left.FILES, count)
    until = invitation_records.record_of(session, assembly).registration_until
    if until is not None and today() <= until:
        return Open(Left.REGISTRATION, until=until)
    return None


def open_receipts(session: Session, commitment: Commitment | None) -> Open | None:
    """Return how many receipts for a draw that is to come are not out, and until when they can be sent."""
    if commitment is None or commitment.drawn_at is not None or now() >= commitment.moment:
        return None
    waiting, pending = receipts.unsent(session, commitment)
    if not waiting and not pending:
        return None
    what = Left.RECEIPTS_ON_THEIR_WAY
    if waiting:
        what = Left.LATE_RECEIPTS if receipts.is_late(commitment) else Left.RECEIPTS
    return Open(what, waiting or pending, receipts.last_moment(commitment), commitment.id)
