"""The public draw: two accounts enter the drawn number blind; equal entries draw the panel."""

from __future__ import annotations

import datetime as dt
import enum
import itertools
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Commitment, LotteryState, Membership, Respondent, Role, Status, TicketEntry, User
from assembly.services import freezing, logbook, lotteries, respondents
from assembly.services.errors import ConflictError, ForbiddenError, RuleError, marked
from assembly.services.panel import seats
from sortition import DrawRule, InputError, draw
from sortition.protocol.canonical import canonical_bytes
from sortition.protocol.documents import AuditDocument, PublicDocument, parse_audit, ticket_width
from sortition.protocol.draw import How, padded, ticket_of

ENTERING_ROLES = (Role.ORGANISER, Role.WITNESS)
"""Whose accounts may enter the drawn number; `authorisation.can_witness_draw` says the same of one account."""


class Outcome(enum.StrEnum):
    """What an entry led to."""

    FIRST = "first"
    DRAWN = "drawn"
    UNEQUAL = "unequal"


def enter_value(session: Session, assembly: Assembly, commitment: Commitment, value: str, *, by: User) -> Outcome:
    """Record one of the two blind entries of the drawn value; equal entries draw the panel.

    The second account belonged to this assembly before the commitment and was not invited by the first (nor the
    other way round). Raises RuleError for a value that the rule does not know, ConflictError before the moment of
    the draw or after the draw, ForbiddenError for an account that may not be the second.
    """
    freezing.lock_pool(session, assembly.id)
    session.refresh(commitment)
    _require_open(commitment)
    _require_belonged(session, assembly, commitment, by)
    audit = _audit_of(commitment)
    _require_fitting(audit, value)
    entries = [entry for entry in commitment.entries if not entry.is_void]
    if any(entry.entered_by_id == by.id for entry in entries):
        raise ConflictError(marked("You have entered the number already; a second account must enter it, too."))
    if entries:
        _require_independent(session.get_one(User, entries[0].entered_by_id), by)
    commitment.entries.append(TicketEntry(value=value, entered_at=now(), entered_by_id=by.id))
    session.flush()
    subject = f"commitment:{commitment.id}"
    if not entries:
        logbook.record(session, assembly, "number_entered", by=by, subject=subject)
        return Outcome.FIRST
    if entries[0].value != value:
        for entry in commitment.entries:
            entry.is_void = True
        logbook.record(session, assembly, "numbers_unequal", by=by, subject=subject)
        return Outcome.UNEQUAL
    _draw(session, assembly, commitment, audit, value, by=by)
    return Outcome.DRAWN


def _draw(
    session: Session, assembly: Assembly, commitment: Commitment, audit: AuditDocument, value: str, *, by: User
) -> None:
    """Draw the panel: result and everybody's status in one transaction.

    Who has left since the commitment counts as drawn and withdrawn, and is replaced.
    """
    result = draw(audit, how=_kind(audit), value=value, now=now())
    commitment.drawn_at, commitment.ticket, commitment.drawn_value = now(), result["ticket"], value
    commitment.result = canonical_bytes(dict(result))
    commitment.make_up = _make_up(audit["public"], result["ticket"])
    lotteries.move(session, assembly, commitment.lottery, LotteryState.DRAWN, by=by)
    members = session.scalars(
        sa.select(Respondent).where(Respondent.assembly_id == assembly.id, Respondent.code.in_(result["members"]))
    ).all()
    for member in members:
        if member.status is Status.REGISTERED:
            respondents.move(session, member, Status.DRAWN, by=by)
    rule = DrawRule.from_document(audit["public"]["draw_rule"], name="draw_rule")
    seats.record_draw(session, assembly, commitment, rule, result["members"], by=by)
    here = sum(member.status in {Status.DRAWN, Status.CONFIRMED} for member in members)
    left = len(result["members"]) + result["erased"] - here
    details = {"ticket": result["ticket"], "value": value, "seats": assembly.panel_size, "left_before": left}
    logbook.record(session, assembly, "drawn", by=by, subject=f"commitment:{commitment.id}", details=details)


def _make_up(public: PublicDocument, ticket: int) -> dict[str, dict[str, int]]:
    """Return how many of a drawn panel have each value, {feature: {value: members}}, by the public counts."""
    counts = public["ticket_counts"] or {}
    return {
        feature: {value: members[ticket] for value, members in values.items()} for feature, values in counts.items()
    }


def _kind(audit: AuditDocument) -> How:
    return cast("How", audit["public"]["draw_rule"]["draw"]["kind"])


def _audit_of(commitment: Commitment) -> AuditDocument:
    if commitment.audit_document is None:
        raise ConflictError(marked("The audit document has been deleted."))
    return parse_audit(commitment.audit_document, name="audit.json")


def _require_open(commitment: Commitment) -> None:
    if commitment.voided_at is not None:
        raise ConflictError(marked("This commitment was voided."))
    if commitment.drawn_at is not None:
        raise ConflictError(marked("The panel has been drawn already."))
    if now() < commitment.moment:
        raise ConflictError(marked("The moment that the rule fixed for the draw has not come yet."))


def _require_belonged(session: Session, assembly: Assembly, commitment: Commitment, by: User) -> None:
    since = session.scalar(
        sa.select(sa.func.min(Membership.granted_at)).where(
            Membership.user_id == by.id, Membership.assembly_id == assembly.id, Membership.revoked_at.is_(None)
        )
    )
    if since is None or since >= commitment.committed_at:
        raise ForbiddenError


def _require_independent(first: User, second: User) -> None:
    if not _are_independent(first, second):
        raise ConflictError(marked("The second entry must come from an account that was not invited by the first one."))


def has_two_to_enter(session: Session, assembly: Assembly, *, committed_at: dt.datetime) -> bool:
    """Tell whether two accounts can enter a commitment's number: they belonged before, neither invited the other."""
    belongs = sa.select(Membership.user_id).where(
        Membership.assembly_id == assembly.id, Membership.revoked_at.is_(None), Membership.granted_at < committed_at
    )
    enters = sa.select(Membership.user_id).where(
        Membership.assembly_id == assembly.id, Membership.revoked_at.is_(None), Membership.role.in_(ENTERING_ROLES)
    )
    found = session.scalars(sa.select(User).where(User.id.in_(belongs), User.id.in_(enters))).all()
    return any(_are_independent(first, second) for first, second in itertools.combinations(found, 2))


def _are_independent(first: User, second: User) -> bool:
    return first.id not in {second.invited_by_id, second.id} and second.id != first.invited_by_id


def _require_fitting(audit: AuditDocument, value: str) -> None:
    public = audit["public"]
    try:
        ticket_of(public, how=_kind(audit), value=value)
    except InputError:
        raise RuleError(
            marked("Enter exactly the %(digits)s digits drawn, zeros included: from %(first)s to %(last)s."),
            field="value",
            digits=ticket_width(public),
            first=padded(0, public),
            last=padded(len(public["tickets"]) - 1, public),
        ) from None
