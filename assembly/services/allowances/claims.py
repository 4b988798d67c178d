"""What members claim for an event: entered by them or on their behalf, and checked by two people before it is paid."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from assembly.clock import now
from assembly.models import (
    Assembly,
    AttendanceState,
    Claim,
    ClaimReceipt,
    ClaimState,
    Event,
    EventState,
    Member,
    Presence,
    Respondent,
    Status,
    User,
)
from assembly.models.allowances import Rates
from assembly.services import logbook
from assembly.services.allowances.rates import presence_at, rates_at
from assembly.services.attendance import noting
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.members.consents import require_guardian
from assembly.services.programme import schedule

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
CAN_CLAIM = (Status.CONFIRMED, Status.WITHDRAWN, Status.REPLACED)
"""Whoever has left is paid for what was theirs."""
QUANTITIES = ("presence", "kilometres", "childcare_minutes", "care_minutes", "ticket_cents", "has_paper_receipts")


@dataclasses.dataclass(frozen=True, slots=True)
class Total:
    """What is claimed from a cost centre: not decided yet, approved or in a list, and paid; in cents."""

    cost_centre: str
    open: int
    approved: int
    paid: int


@dataclasses.dataclass(frozen=True, slots=True)
class Sums:
    """The numbers of claims by state, and what is claimed from each cost centre: drafts do not count there."""

    counts: Mapping[ClaimState, int]
    totals: Sequence[Total]


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Claimant:
    """A member, and the number of the claims that they handed in."""

    member: Member
    claims: int

    @property
    def place(self) -> tuple[str, int]:
        """Where they stand in a list by name."""
        contact = self.member.respondent.contact
        return contact.sort_key if contact else "", self.member.respondent_id


_COLUMNS = {ClaimState.PAID: "paid", ClaimState.APPROVED: "approved", ClaimState.LISTED: "approved"}
PER_PAGE = 50


def claims_of(
    session: Session,
    assembly: Assembly,
    *,
    state: ClaimState | None = None,
    list_id: int | None = None,
    page: int | None = None,
) -> Sequence[Claim]:
    """Return the claims of an assembly, newest event first, with their people: all, those of a state, or of a list.

    `page` is the number of the PER_PAGE that are wanted; without it, all are.
    """
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
    if list_id is not None:
        statement = statement.where(Claim.list_id == list_id)
    if page is not None:
        statement = statement.limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    return session.scalars(statement).all()


def people_of(session: Session, assembly: Assembly) -> list[Claimant]:
    """Return the members of an assembly, by name, with what they claim, in one query."""
    counted = (
        sa.select(Claim.respondent_id, sa.func.count().label("claims"))
        .where(Claim.state != ClaimState.DRAFT)
        .group_by(Claim.respondent_id)
        .subquery()
    )
    rows = session.execute(
        sa.select(Member, sa.func.coalesce(counted.c.claims, 0))
        .join(Member.respondent)
        .outerjoin(counted, counted.c.respondent_id == Member.respondent_id)
        .where(Member.assembly_id == assembly.id, Respondent.status.in_(CAN_CLAIM))
        .options(contains_eager(Member.respondent).joinedload(Respondent.contact))
    )
    found = [Claimant(member, count) for member, count in rows]
    return sorted(found, key=lambda one: one.place)


def own_claims_of(session: Session, member: Member) -> Mapping[int, Claim]:
    """Return the claims of a member by the number of the event, in one query."""
    found = sa.select(Claim).where(Claim.respondent_id == member.respondent_id)
    return {claim.event_id: claim for claim in session.scalars(found.options(joinedload(Claim.event)))}


def claimable_events(session: Session, member: Member) -> list[Event]:
    """Return the events for which a member can claim something: theirs that began, then those that were cancelled.

    Each of both newest first.
    """
    if member.respondent.status not in CAN_CLAIM:
        return []
    found = [event for event in reversed(schedule.events_of(session, member)) if _is_claimable(event)]
    return sorted(found, key=lambda event: event.state is EventState.CANCELLED)


def get_claim(session: Session, assembly: Assembly, claim_id: int) -> Claim:
    """Return a claim of an assembly, with who entered and checked it. Raises NotFoundError."""
    claim = session.scalars(
        sa.select(Claim)
        .join(Claim.event)
        .where(Claim.id == claim_id, Event.assembly_id == assembly.id)
        .options(
            contains_eager(Claim.event),
            joinedload(Claim.member).joinedload(Member.respondent).joinedload(Respondent.contact),
            joinedload(Claim.entered_by),
            joinedload(Claim.checked_by),
            joinedload(Claim.approved_by),
        )
    ).one_or_none()
    if claim is None:
        raise NotFoundError
    return claim


def get_own_claim(session: Session, member: Member, claim_id: int) -> Claim:
    """Return a claim of a member. Raises NotFoundError."""
    claim = session.get(Claim, claim_id)
    if claim is None or claim.respondent_id != member.respondent_id:
        raise NotFoundError
    return claim


def sums_of(session: Session, assembly: Assembly) -> Sums:
    """Return how many claims of an assembly stand where, and what they cost."""
    cents = sa.func.sum(
        Claim.attendance_cents + Claim.travel_cents + Claim.ticket_cents + Claim.childcare_cents + Claim.care_cents
    )
    rows = session.execute(
        sa.select(Claim.cost_centre, Claim.state, sa.func.count(), cents)
        .join(Claim.event)
        .where(Event.assembly_id == assembly.id)
        .group_by(Claim.cost_centre, Claim.state)
    )
    counts, amounts = dict.fromkeys(ClaimState, 0), dict[str, dict[str, int]]()
    for centre, state, number, sum_ in rows:
        counts[state] += number
        if state in OPEN:
            continue
        of_centre = amounts.setdefault(centre, {"open": 0, "approved": 0, "paid": 0})
        of_centre[_COLUMNS.get(state, "open")] += int(sum_)
    return Sums(counts, [Total(centre, **of_centre) for centre, of_centre in sorted(amounts.items())])


def add_claim(session: Session, member: Member, event: Event, *, by: User | None) -> Claim:
    """Return the claim of a member for an event: the one that there is, or a new draft.

    What was noted at the event and how long it was is proposed. Raises NotFoundError for what was never theirs,
    ConflictError before the event, and for who has not confirmed.
    """
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
    if member.respondent.status not in CAN_CLAIM:
        raise ConflictError(marked("Only people who have confirmed their seat can claim something."))
    if event not in schedule.events_of(session, member):
        raise NotFoundError
    if not _is_claimable(event):
        raise ConflictError(marked("Something can be claimed once the event has begun, or was cancelled."))
    rates = rates_at(session, event)
    proposed = {AttendanceState.PRESENT: presence_at(event, rates), AttendanceState.PRESENT_HALF: Presence.HALF_DAY}
    noted = noting.state_of(session, event, member.respondent_id)
    claim = Claim(member=member, event=event, presence=proposed.get(noted, Presence.NONE), changed_at=now())
    claim.kilometres = claim.childcare_minutes = claim.care_minutes = claim.ticket_cents = 0
    _compute(claim, rates)
    claim.entered_by_id = by.id if by else None
    session.add(claim)
    session.flush()
    log(session, claim, "claim_added", by=by)
    return claim


def change_claim(session: Session, claim: Claim, values: Mapping[str, Any], *, by: User | None) -> None:
    """Change what is claimed, and compute the amounts by the rates of the event; a rejected one is a draft again.

    Raises RuleError if being there is claimed for an event that was cancelled.
    """
    lock(session, claim)
    require_open(claim)
    for name in QUANTITIES:
        if name in values:
            setattr(claim, name, values[name])
    _require_took_place(claim)
    _compute(claim, rates_at(session, claim.event))
    note_entry(claim, by=by)
    if claim.state is ClaimState.REJECTED:
        _move(claim, ClaimState.DRAFT)
    log(session, claim, "claim_changed", by=by)


def submit(session: Session, claim: Claim, *, by: User | None) -> None:
    """Hand a claim in; `by` is None if the member does it.

    Raises RuleError if it is empty, lacks a receipt, or a minor's guardian has to hand it in.
    """
    lock(session, claim)
    require_guardian(session, claim.member, by=by)
    _require_took_place(claim)
    if not claim.cents:
        raise RuleError(marked("There is nothing to pay in this claim."))
    if claim.ticket_cents and not (claim.has_paper_receipts or _has_files(session, claim)):
        raise RuleError(
            marked("Tickets are paid by receipt: add it as a file, or say that it comes on paper."),
            field="has_paper_receipts",
        )
    _move(claim, ClaimState.SUBMITTED)
    claim.reason = ""
    note_entry(claim, by=by)
    _log_move(session, claim, by=by)


def check(session: Session, claim: Claim, *, by: User) -> None:
    """Say that what is claimed is right (sachlich richtig); whoever entered the claim does not.

    Raises ConflictError for them, and RuleError while a receipt on paper has not come.
    """
    lock(session, claim)
    _require_other(claim, by)
    if claim.ticket_cents and claim.paper_received_at is None and not _has_files(session, claim):
        raise RuleError(marked("The receipt on paper is not here yet: note when it has come."))
    _move(claim, ClaimState.CHECKED)
    claim.checked_by_id = by.id
    _log_move(session, claim, by=by)


def approve(session: Session, claim: Claim, *, by: User) -> None:
    """Say that the amounts are right (rechnerisch richtig); another person must have checked the claim."""
    lock(session, claim)
    _require_other(claim, by)
    if claim.checked_by_id == by.id:
        raise ConflictError(marked("You have checked this claim yourself; another person must approve it."))
    _move(claim, ClaimState.APPROVED)
    claim.approved_by_id = by.id
    _log_move(session, claim, by=by)


def reject(session: Session, claim: Claim, *, reason: str, by: User) -> None:
    """Give a claim back, with the reason that the member reads."""
    if not reason.strip():
        raise RuleError(marked("Say why, so that the claim can be corrected."), field="reason")
    lock(session, claim)
    _move(claim, ClaimState.REJECTED)
    claim.reason, claim.checked_by_id, claim.approved_by_id = reason.strip(), None, None
    _log_move(session, claim, by=by)


def note_paper(session: Session, claim: Claim, *, by: User) -> None:
    """Note that the receipts of a claim have come on paper. Raises ConflictError if that was noted before."""
    lock(session, claim)
    if claim.paper_received_at is not None or claim.state not in {*OPEN, ClaimState.SUBMITTED, ClaimState.CHECKED}:
        raise ConflictError(marked("This claim is in another state meanwhile. Open its page again."))
    claim.has_paper_receipts, claim.paper_received_at = True, now()
    log(session, claim, "claim_paper_received", by=by)


def put_on_list(session: Session, claim: Claim, list_id: int, *, by: User) -> None:
    """Note that a claim stands on a payment list. Raises ConflictError if it was moved meanwhile."""
    lock(session, claim)
    _move(claim, ClaimState.LISTED)
    claim.list_id = list_id
    _log_move(session, claim, by=by)


def note_paid(session: Session, claim: Claim, *, by: User) -> None:
    """Note that a claim was paid with its list."""
    lock(session, claim)
    _move(claim, ClaimState.PAID)
    _log_move(session, claim, by=by)


def note_entry(claim: Claim, *, by: User | None) -> None:
    """Note that something was entered, from which clocks run; staff who did so stay known when the member goes on."""
    claim.changed_at = now()
    if by is not None:
        claim.entered_by_id = by.id


def require_open(claim: Claim) -> None:
    """Raise ConflictError unless a claim can be changed."""
    if claim.state not in OPEN:
        raise ConflictError(marked("This claim was submitted. It can be changed once it has been rejected."))


def _require_took_place(claim: Claim) -> None:
    if claim.event.state is EventState.CANCELLED and claim.presence is not Presence.NONE:
        raise RuleError(
            marked("This event was cancelled. Only costs that were there all the same can be paid."), field="presence"
        )


def _is_claimable(event: Event) -> bool:
    return event.starts_at <= now() or event.state is EventState.CANCELLED


def _has_files(session: Session, claim: Claim) -> bool:
    return bool(session.scalar(sa.select(sa.exists().where(ClaimReceipt.claim_id == claim.id))))


def _require_other(claim: Claim, by: User) -> None:
    if claim.entered_by_id == by.id:
        raise ConflictError(marked("You have entered this claim yourself; other people must check and approve it."))


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


def lock(session: Session, claim: Claim) -> None:
    """Let nobody else move the claim until this transaction ends."""
    session.scalars(  # not `refresh`, which repeats outer joins, and these cannot be locked
        sa.select(Claim).where(Claim.id == claim.id).with_for_update().execution_options(populate_existing=True)
    ).one()


def _move(claim: Claim, to: ClaimState) -> None:
    if to not in MOVES[claim.state]:
        raise ConflictError(marked("This claim is in another state meanwhile. Open its page again."))
    claim.state, claim.changed_at = to, now()


def _log_move(session: Session, claim: Claim, *, by: User | None) -> None:
    log(session, claim, "claim_moved", by=by, details={"state": claim.state.value})


def log(
    session: Session, claim: Claim, action: str, *, by: User | None, details: Mapping[str, Any] | None = None
) -> None:
    """Write into the log what was done with a claim: never how much it is, since auditors read the log."""
    session.flush()
    subject = f"claim:{claim.id}"
    logbook.record(session, claim.event.assembly, action, by=by, subject=subject, details=details)
