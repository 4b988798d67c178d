"""Allowances for staff: rates, the claims by state, and what two people check in each of them."""

from __future__ import annotations

import math
from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from assembly.extensions import db
from assembly.models import Assembly, Claim, ClaimState, User
from assembly.services.allowances import claims, rates, receipts
from assembly.services.attendance import noting
from assembly.services.authorisation import can_check_claims, can_manage, can_pay
from assembly.services.programme import events
from assembly.views import allowance_texts, claim_entry, programme_texts
from assembly.views.allowance_forms import RatesForm, RejectForm
from assembly.views.downloads import receipt_file
from assembly.views.forms import committing, values_of
from assembly.views.guard import account, allows, load_assembly

blueprint = Blueprint("allowances", __name__, url_prefix="/assemblies/<int:assembly_id>/allowances")
DEEDS: dict[str, Callable[..., None]] = {
    "submit": claims.submit,
    "check": claims.check,
    "approve": claims.approve,
    "paper": claims.note_paper,
}
"""What is done with a claim by one button."""


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """List the claims of one state, with how many stand where, and what each cost centre pays."""
    assembly = load_assembly(assembly_id, may=can_check_claims)
    wanted = request.args.get("state", ClaimState.SUBMITTED.value)
    state = next((one for one in ClaimState if one.value == wanted), ClaimState.SUBMITTED)
    sums = claims.sums_of(db.session, assembly)
    pages = max(1, math.ceil(sums.counts[state] / claims.PER_PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    return render_template(
        "allowances/index.html",
        assembly=assembly,
        state=state,
        sums=sums,
        claims=claims.claims_of(db.session, assembly, state=state, page=page),
        page=page,
        pages=pages,
        **_texts(assembly),
    )


@blueprint.route("/rates", methods=["GET", "POST"])
def general_rates(assembly_id: int) -> ResponseReturnValue:
    """Show and change what is paid in the whole assembly."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form = RatesForm(obj=rates.rates_of(db.session, assembly))
    if form.validate_on_submit():
        rates.change_rates(db.session, assembly, values_of(form), by=account())
        db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for("allowances.general_rates", assembly_id=assembly_id))
    page = render_template(
        "allowances/rates.html",
        assembly=assembly,
        event=None,
        form=form,
        events=events.events_of(db.session, assembly),
        own=rates.events_with_own(db.session, assembly),
        **_texts(assembly),
    )
    return page, 422 if form.errors else 200


@blueprint.route("/rates/<int:event_id>", methods=["GET", "POST"])
def event_rates(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Show and change what is paid for one event, if it is something else."""
    assembly = load_assembly(assembly_id, may=can_manage)
    event = events.get_event(db.session, assembly, event_id)
    form = RatesForm(obj=rates.rates_at(db.session, event))
    if form.validate_on_submit():
        rates.change_event_rates(db.session, event, values_of(form), by=account())
        db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for("allowances.general_rates", assembly_id=assembly_id))
    page = render_template("allowances/rates.html", assembly=assembly, event=event, form=form, **_texts(assembly))
    return page, 422 if form.errors else 200


@blueprint.get("/claims/<int:claim_id>")
def claim(assembly_id: int, claim_id: int) -> ResponseReturnValue:
    """Show a claim, with what was noted at the event, its receipts, and who did what."""
    assembly = load_assembly(assembly_id, may=can_check_claims)
    return _page(assembly, claim_id, RejectForm(formdata=None))


@blueprint.route("/claims/<int:claim_id>/edit", methods=["GET", "POST"])
def edit(assembly_id: int, claim_id: int) -> ResponseReturnValue:
    """Enter what a member claims, on their behalf."""
    assembly = load_assembly(assembly_id, may=can_check_claims)
    found = claims.get_claim(db.session, assembly, claim_id)
    form = claim_entry.form_for(found)
    if claim_entry.is_entered(found, form, by=account()):
        flash(gettext("Saved."), "success")
        return redirect(url_for("allowances.claim", assembly_id=assembly_id, claim_id=claim_id))
    assembly = load_assembly(assembly_id, may=can_check_claims)
    found = claims.get_claim(db.session, assembly, claim_id)
    page = render_template(
        "allowances/edit.html",
        assembly=assembly,
        claim=found,
        form=form,
        attendance=noting.state_of(db.session, found.event, found.respondent_id),
        attendance_texts=programme_texts.ATTENDANCE,
        **_texts(assembly),
    )
    return page, 422 if form.errors else 200


@blueprint.post("/claims/<int:claim_id>/<any(submit, check, approve, paper):claim_deed>")
def do(assembly_id: int, claim_id: int, claim_deed: str) -> ResponseReturnValue:
    """Hand a claim in for a member, say that it is right, or that its receipts have come on paper."""
    found = _load(assembly_id, claim_id)
    return _done(assembly_id, claim_id, lambda by: DEEDS[claim_deed](db.session, found, by=by))


@blueprint.post("/claims/<int:claim_id>/reject")
def reject(assembly_id: int, claim_id: int) -> ResponseReturnValue:
    """Give a claim back with a reason."""
    assembly, form = load_assembly(assembly_id, may=can_check_claims), RejectForm()
    found = claims.get_claim(db.session, assembly, claim_id)
    if form.validate_on_submit():
        with committing(form):
            claims.reject(db.session, found, reason=form.reason.data or "", by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("allowances.claim", assembly_id=assembly_id, claim_id=claim_id))
        assembly = load_assembly(assembly_id, may=can_check_claims)
    return _page(assembly, claim_id, form), 422


@blueprint.get("/claims/<int:claim_id>/receipts/<int:receipt_id>")
def receipt(assembly_id: int, claim_id: int, receipt_id: int) -> ResponseReturnValue:
    """Show a receipt."""
    found = receipts.get_receipt(db.session, _load(assembly_id, claim_id), receipt_id)
    return receipt_file(found, receipts.content_of(db.session, found))


@blueprint.post("/claims/<int:claim_id>/receipts/<int:receipt_id>/remove")
def remove_receipt(assembly_id: int, claim_id: int, receipt_id: int) -> ResponseReturnValue:
    """Delete a receipt."""
    found = _load(assembly_id, claim_id)
    unwanted = receipts.get_receipt(db.session, found, receipt_id)
    return _done(assembly_id, claim_id, lambda by: receipts.remove_receipt(db.session, found, unwanted, by=by))


def _load(assembly_id: int, claim_id: int) -> Claim:
    assembly = load_assembly(assembly_id, may=can_check_claims)
    return claims.get_claim(db.session, assembly, claim_id)


def _done(assembly_id: int, claim_id: int, deed: Callable[[User], None]) -> ResponseReturnValue:
    """Do something with a claim, and lead back to it; what is refused is said there."""
    claim_entry.do(lambda: deed(account()))
    return redirect(url_for("allowances.claim", assembly_id=assembly_id, claim_id=claim_id))


def _page(assembly: Assembly, claim_id: int, form: RejectForm) -> str:
    found = claims.get_claim(db.session, assembly, claim_id)
    return render_template(
        "allowances/claim.html",
        assembly=assembly,
        claim=found,
        form=form,
        moves=claims.MOVES[found.state],
        is_open=found.state in claims.OPEN,
        is_own_entry=found.entered_by_id == account().id,
        is_own_check=found.checked_by_id == account().id,
        attendance=noting.state_of(db.session, found.event, found.respondent_id),
        attendance_texts=programme_texts.ATTENDANCE,
        receipts=receipts.receipts_of(db.session, found),
        **_texts(assembly),
    )


def _texts(assembly: Assembly) -> dict[str, object]:
    return {"texts": allowance_texts, "may_manage": allows(assembly, can_manage), "may_pay": allows(assembly, can_pay)}
