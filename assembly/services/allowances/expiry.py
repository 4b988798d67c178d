"""When what allowances need is over: bank data, receipts and claims each go by a clock of their own.

Whatever is still there when a person's data end goes with these.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    Assembly,
    BankAccount,
    Claim,
    ClaimReceipt,
    ClaimState,
    Event,
    Member,
    PaymentList,
    Respondent,
    Status,
)
from assembly.services.privacy.deadlines import PERIODS
from assembly.services.privacy.declaring import Deadline

SETTLED = (ClaimState.PAID, ClaimState.DRAFT, ClaimState.REJECTED)
"""From these claims nothing is to be paid."""


def is_owed() -> sa.ColumnElement[bool]:
    """Return whether something is still to be paid, or decided, to a respondent: then their data wait."""
    return sa.exists().where(Claim.respondent_id == Respondent.id, Claim.state.not_in(SETTLED))


def delete_bank_data(session: Session, assembly: Assembly) -> dict[str, int]:
    """Delete the accounts of members whose last event and payment were long ago, and whose claims are all paid.

    Whoever has left has no events to come; a claim that is not handed in yet, or was given back, still can be.
    """
    before = now() - PERIODS[Deadline.PAYMENTS]
    theirs = Claim.respondent_id == BankAccount.respondent_id
    last_payment = (
        sa.select(sa.func.max(PaymentList.paid_at))
        .join(Claim, Claim.list_id == PaymentList.id)
        .where(theirs)
        .scalar_subquery()
    )
    to_come = sa.or_(
        Respondent.status == Status.CONFIRMED, Event.starts_at < sa.func.coalesce(Member.replaced_at, now())
    )
    with_events = (
        sa.select(Member.respondent_id)
        .join(Member.respondent)
        .join(Event, Event.assembly_id == Member.assembly_id)
        .where(Event.ends_at >= before, to_come)
    )
    here = sa.select(Member.respondent_id).where(Member.assembly_id == assembly.id)
    gone = session.scalars(
        sa.delete(BankAccount)
        .where(
            BankAccount.respondent_id.in_(here),
            BankAccount.respondent_id.not_in(with_events),
            BankAccount.changed_at < before,
            sa.func.coalesce(last_payment, BankAccount.changed_at) < before,
            ~sa.exists().where(theirs, Claim.state != ClaimState.PAID),
        )
        .returning(BankAccount.respondent_id)
        .execution_options(synchronize_session=False)
    ).all()
    return {"bank_data": len(gone)} if gone else {}


def delete_claim_receipts(session: Session, assembly: Assembly) -> dict[str, int]:
    """Delete the receipts of claims from which, since long ago, nothing is to be paid any more."""
    done = sa.select(Claim.id).where(*_settled_before(assembly, Deadline.RECEIPTS))
    gone = session.scalars(
        sa.delete(ClaimReceipt).where(ClaimReceipt.claim_id.in_(done)).returning(ClaimReceipt.id)
    ).all()
    return {"claim_receipts": len(gone)} if gone else {}


def delete_claims(session: Session, assembly: Assembly) -> dict[str, int]:
    """Delete claims once the statement of their year is no longer asked for; the sums of lists stay."""
    gone = session.scalars(
        sa.delete(Claim)
        .where(*_settled_before(assembly, Deadline.CLAIMS))
        .returning(Claim.id)
        .execution_options(synchronize_session=False)
    ).all()
    return {"claims": len(gone)} if gone else {}


def _settled_before(assembly: Assembly, which: Deadline) -> Sequence[sa.ColumnElement[bool]]:
    here = sa.select(Event.id).where(Event.assembly_id == assembly.id)
    return Claim.event_id.in_(here), Claim.state.in_(SETTLED), Claim.changed_at < now() - PERIODS[which]
