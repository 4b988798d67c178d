"""What members claim for an event: entered by them or on their behalf, and checked by two people before it is paid."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from assembly.clock import now
from assembly.models import Assembly, Claim, ClaimState, Event, EventState, Member, Presence, Respondent, Status, User
from assembly.models.allowances import Rates
from assembly.services import logbook
from assembly.services.allowances.rates import rates_at
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked

MOVES: Mapping[ClaimState, frozenset[ClaimState]] = {
    ClaimState.DRAFT: frozenset({ClaimState.SUBMITTED}),
    ClaimState.SUBMITTED: frozenset({ClaimState.CHECKED, ClaimState.REJECTED}),
    ClaimState.CHECKED: frozenset({ClaimState.APPROVED, ClaimState.REJECTED}),
    ClaimState.APPROVED: frozenset({ClaimState.LISTED, ClaimState.REJECTED}),
    ClaimState.LISTED: frozenset({ClaimState.PAID}),
    ClaimState.PAID: frozenset(),
    ClaimState.REJECTED: frozenset({ClaimState.DRAFT}),
}
OPEN = frozenset({ClaimState.DRAFT, ClaimState.REJECTED})
"""In these states a claim can be changed."""
HOUR = 60
QUANTITIES = ("presence", "kilometres", "childcare_minutes", "care_minutes", "ticket_cents", "has_paper_receipts")


@dataclasses.dataclass(frozen=True, slots=True)
class Total:
    """What is claimed from a cost centre: not decided yet, approved or in a list, and paid; in cents."""

    cost_centre: str
    open: int
    approved: int
    paid: int


def claims_of(session: Session, assembly: Assembly, *, state: ClaimState | None = None) -> Sequence[Claim]:
    """Return the claims of an assembly, newest event first, with their people."""
    statement = (
        sa.select(Claim)
        .join(Claim.event)
        .where(Event.assembly_id == assembly.id)
        .options(
            contains_eager(Claim.event),
            joinedload(Claim.member).joinedload(Member.respondent).joinedload(Respondent.contact),
        )
        .order_by(Event.starts_at.desc(), Claim.id)
    )
    if state is not None:
        statement = statement.where(Claim.state == state)
    return session.scalars(statement).all()


def get_claim(session: Session, assembly: Assembly, claim_id: int) -> Claim:
    """Return a claim of an assembly. Raises NotFoundError."""
    claim = session.get(Claim, claim_id)
    if claim is None or claim.event.assembly_id != assembly.id:
        raise NotFoundError
    return claim


def totals_of(session: Session, assembly: Assembly) -> list[Total]:
    """Return what is claimed from each cost centre; drafts and what was rejected do not count."""
    sums: dict[str, dict[str, int]] = {}
    for claim in claims_of(session, assembly):
        if claim.state in OPEN:
            continue
        kind = {ClaimState.PAID: "paid", ClaimState.APPROVED: "approved", ClaimState.LISTED: "approved"}
        of_centre = sums.setdefault(claim.cost_centre, {"open": 0, "approved": 0, "paid": 0})
        of_centre[kind.get(claim.state, "open")] += claim.cents
    return [Total(centre, **amounts) for centre, amounts in sorted(sums.items())]


def add_claim(session: Session, member: Member, event: Event, *, by: User | None) -> Claim:
    """Return the claim of a member for an event: the one that there is, or a new draft."""
    if event.assembly_id != member.assembly_id or event.state is EventState.DRAFT:
        raise NotFoundError
    session.execute(
        sa.select(Member.respondent_id).where(Member.respondent_id == member.respondent_id).with_for_update()
    )
    known = session.scalars(
        sa.select(Claim).where(Claim.respondent_id == member.respondent_id, Claim.event_id == event.id)
    ).one_or_none()
    if known is not None:
        return known
    if member.replaced_at is not None or member.respondent.status is not Status.CONFIRMED:
        raise ConflictError(marked("Only people who have confirmed their seat can claim something."))
    claim = Claim(member=member, event=event, changed_at=now(), cost_centre=rates_at(session, event).cost_centre)
    session.add(claim)
    session.flush()
    _log(session, claim, "claim_added", by=by)
    return claim


def change_claim(session: Session, claim: Claim, values: Mapping[str, Any], *, by: User | None) -> None:
    """Change what is claimed, and compute the amounts by the rates of the event; a rejected one is a draft again."""
    _lock(session, claim)
    if claim.state not in OPEN:
        raise ConflictError(marked("This claim was submitted. It can be changed once it has been rejected."))
    before = claim.cents
    for name in QUANTITIES:
        if name in values:
            setattr(claim, name, values[name])
    _compute(claim, rates_at(session, claim.event))
    if claim.ticket_cents and not claim.has_paper_receipts:
        raise RuleError(marked("Tickets are paid by receipt: say that it is here."), field="has_paper_receipts")
    if claim.state is ClaimState.REJECTED:
        _move(claim, ClaimState.DRAFT)
    _log(
        session,
        claim,
        "claim_changed",
        by=by,
        details={"amount": {"before": euros(before), "after": euros(claim.cents)}},
    )


def submit(session: Session, claim: Claim, *, by: User | None) -> None:
    """Hand a claim in; `by` is None if the member does it."""
    _lock(session, claim)
    if not claim.cents:
        raise RuleError(marked("There is nothing to pay in this claim."))
    _move(claim, ClaimState.SUBMITTED)
    claim.reason = ""
    _log_move(session, claim, by=by)


def check(session: Session, claim: Claim, *, by: User) -> None:
    """Say that what is claimed is right (sachlich richtig)."""
    _lock(session, claim)
    _move(claim, ClaimState.CHECKED)
    claim.checked_by_id = by.id
    _log_move(session, claim, by=by)


def approve(session: Session, claim: Claim, *, by: User) -> None:
    """Say that the amounts are right (rechnerisch richtig); another person must have checked the claim."""
    _lock(session, claim)
    if claim.checked_by_id == by.id:
        raise ConflictError(marked("You have checked this claim yourself; another person must approve it."))
    _move(claim, ClaimState.APPROVED)
    claim.approved_by_id = by.id
    _log_move(session, claim, by=by)


def reject(session: Session, claim: Claim, *, reason: str, by: User) -> None:
    """Give a claim back, with the reason that the member reads."""
    if not reason.strip():
        raise RuleError(marked("Say why, so that the claim can be corrected."), field="reason")
    _lock(session, claim)
    _move(claim, ClaimState.REJECTED)
    claim.reason, claim.checked_by_id, claim.approved_by_id = reason.strip(), None, None
    _log_move(session, claim, by=by)


def put_on_list(session: Session, claim: Claim, list_id: int, *, by: User) -> None:
    """Note that a claim stands on a payment list. Raises ConflictError if it was moved meanwhile."""
    _lock(session, claim)
    _move(claim, ClaimState.LISTED)
    claim.list_id = list_id
    _log_move(session, claim, by=by)


def note_paid(session: Session, claim: Claim, *, by: User) -> None:
    """Note that a claim was paid with its list."""
    _lock(session, claim)
    _move(claim, ClaimState.PAID)
    _log_move(session, claim, by=by)


def euros(cents: int) -> str:
    """Return an amount as it stands in the log and in files: 12.50."""
    return f"{cents // 100}.{cents % 100:02}"


def _compute(claim: Claim, rates: Rates) -> None:
    days = {Presence.NONE: 0, Presence.HALF_DAY: rates.half_day, Presence.WHOLE_DAY: rates.whole_day}
    claim.attendance_cents = days[claim.presence]
    claim.travel_cents = claim.kilometres * rates.per_km
    claim.childcare_cents = _by_hours(claim.childcare_minutes, rates.childcare_hour)
    claim.care_cents = _by_hours(claim.care_minutes, rates.care_hour)
    claim.cost_centre = rates.cost_centre


def _by_hours(minutes: int, per_hour: int) -> int:
    """Return what minutes cost, rounded up to the cent: in doubt for the member."""
    return -(-minutes * per_hour // HOUR)


def _lock(session: Session, claim: Claim) -> None:
    """Let nobody else move the claim until this transaction ends."""
    session.scalars(  # not `refresh`, which repeats outer joins, and these cannot be locked
        sa.select(Claim).where(Claim.id == claim.id).with_for_update().execution_options(populate_existing=True)
    ).one()


def _move(claim: Claim, to: ClaimState) -> None:
    if to not in MOVES[claim.state]:
        raise ConflictError(marked("This claim is in another state meanwhile. Open its page again."))
    claim.state, claim.changed_at = to, now()


def _log_move(session: Session, claim: Claim, *, by: User | None) -> None:
    _log(session, claim, "claim_moved", by=by, details={"state": claim.state.value, "amount": euros(claim.cents)})


def _log(
    session: Session, claim: Claim, action: str, *, by: User | None, details: Mapping[str, Any] | None = None
) -> None:
    session.flush()
    subject = f"claim:{claim.id}"
    logbook.record(session, claim.event.assembly, action, by=by, subject=subject, details=details)
