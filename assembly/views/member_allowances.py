"""A member's expenses on their own page: what they may claim and did, their account, certificates and statements."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from assembly.extensions import db
from assembly.i18n import text_language
from assembly.models import Claim, Member
from assembly.services.allowances import bank, claims, papers, receipts
from assembly.services.allowances.rates import rates_at
from assembly.services.attendance import people
from assembly.services.members import consents
from assembly.services.programme import events
from assembly.views import allowance_texts, claim_entry, programme_texts
from assembly.views.allowance_forms import AccountForm, ClaimForm
from assembly.views.downloads import download, receipt_file
from assembly.views.member import blueprint
from assembly.views.member_access import own_member


@blueprint.get("/expenses")
def expenses() -> ResponseReturnValue:
    """Show what a member may claim, how each claim stands, and the ways to their account and papers."""
    member = own_member(former=True)
    claimable = claims.claimable_events(db.session, member)
    return render_template(
        "member/expenses.html",
        member=member,
        events=claimable,
        claims=claims.own_claims_of(db.session, member),
        attendance=people.states_of(db.session, member.respondent_id, claimable),
        attendance_texts=programme_texts.ATTENDANCE,
        has_certificates=bool(papers.presences_of(db.session, member)),
        years=papers.years_of(db.session, member),
        texts=allowance_texts,
    )


@blueprint.post("/expenses/events/<int:event_id>")
def begin_claim(event_id: int) -> ResponseReturnValue:
    """Begin a claim."""
    member = own_member(former=True)
    event = events.get_visible_event(db.session, member.respondent.assembly, event_id)
    claim = claims.add_claim(db.session, member, event, by=None)
    db.session.commit()
    return redirect(url_for("member.claim", claim_id=claim.id))


@blueprint.route("/expenses/<int:claim_id>", methods=["GET", "POST"])
def claim(claim_id: int) -> ResponseReturnValue:
    """Show a claim; while it is open, enter what it is about, add receipts, and hand it in."""
    member = own_member(former=True)
    found = claims.get_own_claim(db.session, member, claim_id)
    form = claim_entry.form_for(found)
    if claim_entry.is_entered(found, form, by=None):
        flash(gettext("Handed in. We check it.") if form.hand_in.data else gettext("Saved."), "success")
        return redirect(url_for("member.claim", claim_id=claim_id))
    member = own_member(former=True)
    found = claims.get_own_claim(db.session, member, claim_id)
    return _claim(member, found, form), HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


@blueprint.get("/expenses/<int:claim_id>/receipts/<int:receipt_id>")
def receipt(claim_id: int, receipt_id: int) -> ResponseReturnValue:
    """Show a receipt."""
    found = claims.get_own_claim(db.session, own_member(former=True), claim_id)
    one = receipts.get_receipt(db.session, found, receipt_id)
    return receipt_file(one, receipts.content_of(db.session, one))


@blueprint.post("/expenses/<int:claim_id>/receipts/<int:receipt_id>/remove")
def remove_receipt(claim_id: int, receipt_id: int) -> ResponseReturnValue:
    """Delete a receipt."""
    found = claims.get_own_claim(db.session, own_member(former=True), claim_id)
    one = receipts.get_receipt(db.session, found, receipt_id)
    claim_entry.do(lambda: receipts.remove_receipt(db.session, found, one, by=None))
    return redirect(url_for("member.claim", claim_id=claim_id))


@blueprint.route("/account", methods=["GET", "POST"])
def bank_account() -> ResponseReturnValue:
    """Enter where the money goes, after the one-time code; a minor's guardian has to do that."""
    member, form = own_member(confirmed=True, former=True), AccountForm()
    if claim_entry.is_account_kept(member, form, by=None):
        flash(gettext("Saved."), "success")
        return redirect(url_for("member.bank_account"))
    member = own_member(confirmed=True, former=True)
    page = render_template(
        "member/account.html",
        member=member,
        account=bank.shown(db.session, member),
        is_minor=consents.is_minor(member),
        form=form,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


@blueprint.get("/certificate/<any(employer, school, job_centre):reader>")
def certificate(reader: str) -> ResponseReturnValue:
    """Hand out a certificate that the member took part."""
    pdf = papers.certificate(db.session, own_member(former=True), papers.Reader(reader))
    return download(pdf, f"{reader}.pdf")


@blueprint.get("/statement/<int:year>")
def statement(year: int) -> ResponseReturnValue:
    """Hand out what the member was paid in a year."""
    member = own_member(former=True)
    return download(papers.statement(db.session, member, year, language=text_language()), f"allowances-{year}.pdf")


def _claim(member: Member, found: Claim, form: ClaimForm) -> str:
    return render_template(
        "member/claim.html",
        member=member,
        claim=found,
        form=form,
        is_open=found.state in claims.OPEN,
        is_minor=consents.is_minor(member),
        rates=rates_at(db.session, found.event),
        receipts=receipts.receipts_of(db.session, found),
        texts=allowance_texts,
    )
