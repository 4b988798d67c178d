"""Entering a claim, by a member or on their behalf: what it takes from the form, all in one transaction."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assembly.models import Claim, User
from assembly.services.allowances import claims, receipts
from assembly.services.allowances.rates import rates_at
from assembly.views.allowance_forms import ClaimForm


def form_for(session: Session, claim: Claim) -> ClaimForm:
    """Return the form of a claim, with what its event pays."""
    form = ClaimForm(obj=claim)
    form.offer(rates_at(session, claim.event), presence=claim.presence, kilometres=claim.kilometres)
    return form


def enter(session: Session, claim: Claim, form: ClaimForm, *, by: User | None) -> None:
    """Change a claim, keep its receipt, and hand it in if that is wanted. Raises what the services raise."""
    file = form.receipt()
    claims.change_claim(session, claim, form.values(), by=by)
    if file is not None:
        receipts.add_receipt(session, claim, file, by=by)
    if form.hand_in.data:
        claims.submit(session, claim, by=by)
