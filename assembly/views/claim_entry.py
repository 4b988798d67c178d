"""What members enter about their expenses, or staff for them: claims and accounts, each in one transaction."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash
from flask_babel import gettext

from assembly.extensions import db
from assembly.models import Claim, EventState, Member, User
from assembly.services.allowances import bank, claims, receipts
from assembly.services.allowances.rates import rates_at
from assembly.services.errors import ServiceError
from assembly.views.allowance_forms import AccountForm, ClaimForm
from assembly.views.errors import message_of
from assembly.views.forms import committing


def form_for(claim: Claim) -> ClaimForm:
    """Return the form of a claim, with what its event pays."""
    form = ClaimForm(obj=claim)
    took_place = claim.event.state is not EventState.CANCELLED
    rates = rates_at(db.session, claim.event)
    form.offer(rates, presence=claim.presence, kilometres=claim.kilometres, took_place=took_place)
    return form


def is_entered(claim: Claim, form: ClaimForm, *, by: User | None) -> bool:
    """Change a claim, keep its receipt, and hand it in if that is wanted; what is refused stands in the form."""
    if not form.validate_on_submit():
        return False
    with committing(form):
        file = form.receipt()
        claims.change_claim(db.session, claim, form.values(), by=by)
        if file is not None:
            receipts.add_receipt(db.session, claim, file, by=by)
        if form.hand_in.data:
            claims.submit(db.session, claim, by=by)
    return not form.errors


def is_account_kept(member: Member, form: AccountForm, *, by: User | None) -> bool:
    """Keep where the money goes if the form says so and the service agrees; what it refuses stands in the form."""
    if not form.validate_on_submit():
        return False
    with committing(form):
        bank.change_account(
            db.session,
            member.respondent.assembly,
            member,
            holder=form.holder.data or "",
            iban=form.iban.data or "",
            by=by,
        )
    return not form.errors


def do(deed: Callable[[], object]) -> None:
    """Do something that one button asks for, and say that it was done, or why not."""
    try:
        deed()
    except ServiceError as error:
        db.session.rollback()
        flash(message_of(error), "danger")
    else:
        db.session.commit()
        flash(gettext("Saved."), "success")
