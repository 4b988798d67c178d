"""Allowances of one member, for staff: what they may claim, their account, and their papers."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from assembly.extensions import db
from assembly.i18n import text_language
from assembly.models import Member
from assembly.services.allowances import bank, claims, papers
from assembly.services.attendance import people
from assembly.services.authorisation import Permission, can_check_claims, can_manage, can_pay
from assembly.services.panel import seats
from assembly.services.programme import events
from assembly.views import allowance_texts, claim_entry, programme_texts
from assembly.views.allowance_forms import AccountForm
from assembly.views.downloads import download
from assembly.views.guard import account, allows, load_assembly

blueprint = Blueprint("allowances_of_people", __name__, url_prefix="/assemblies/<int:assembly_id>/allowances/people")


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """List the members with the number of their claims."""
    assembly = load_assembly(assembly_id, may=can_check_claims)
    return render_template(
        "allowances/people.html",
        assembly=assembly,
        people=claims.people_of(db.session, assembly),
        may_manage=allows(assembly, can_manage),
        may_pay=allows(assembly, can_pay),
    )


@blueprint.get("/<int:member_id>")
def person(assembly_id: int, member_id: int) -> ResponseReturnValue:
    """Show what a member may claim, what became of it, and their papers."""
    member = _load(assembly_id, member_id, may=can_check_claims)
    assembly = member.respondent.assembly
    claimable = claims.claimable_events(db.session, member)
    may_pay = allows(assembly, can_pay)
    return render_template(
        "allowances/person.html",
        assembly=assembly,
        member=member,
        events=claimable,
        claims=claims.own_claims_of(db.session, member),
        attendance=people.states_of(db.session, member.respondent_id, claimable),
        attendance_texts=programme_texts.ATTENDANCE,
        account=bank.shown(db.session, member) if may_pay else None,
        has_certificates=bool(papers.presences_of(db.session, member)),
        years=papers.years_of(db.session, member),
        texts=allowance_texts,
        may_manage=allows(assembly, can_manage),
        may_pay=may_pay,
    )


@blueprint.post("/<int:member_id>/events/<int:event_id>")
def begin(assembly_id: int, member_id: int, event_id: int) -> ResponseReturnValue:
    """Begin a claim for a member."""
    member = _load(assembly_id, member_id, may=can_check_claims)
    event = events.get_event(db.session, member.respondent.assembly, event_id)
    claim = claims.add_claim(db.session, member, event, by=account())
    db.session.commit()
    return redirect(url_for("allowances.edit", assembly_id=assembly_id, claim_id=claim.id))


@blueprint.route("/<int:member_id>/account", methods=["GET", "POST"])
def bank_account(assembly_id: int, member_id: int) -> ResponseReturnValue:
    """Enter where a member's money goes; what is known already is shown by its last characters alone."""
    member, form = _load(assembly_id, member_id, may=can_pay), AccountForm()
    if claim_entry.is_account_kept(member, form, by=account()):
        flash(gettext("Saved."), "success")
        return redirect(url_for("allowances_of_people.person", assembly_id=assembly_id, member_id=member_id))
    member = _load(assembly_id, member_id, may=can_pay)
    page = render_template(
        "allowances/account.html",
        assembly=member.respondent.assembly,
        member=member,
        account=bank.shown(db.session, member),
        form=form,
    )
    return page, 422 if form.errors else 200


@blueprint.get("/<int:member_id>/certificate/<any(employer, school, job_centre):reader>")
def certificate(assembly_id: int, member_id: int, reader: str) -> ResponseReturnValue:
    """Hand out a certificate that a member took part."""
    member = _load(assembly_id, member_id, may=can_check_claims)
    pdf = papers.certificate(db.session, member, papers.Reader(reader))
    return download(pdf, f"{reader}.pdf")


@blueprint.get("/<int:member_id>/statement/<int:year>")
def statement(assembly_id: int, member_id: int, year: int) -> ResponseReturnValue:
    """Hand out what a member was paid in a year."""
    member = _load(assembly_id, member_id, may=can_check_claims)
    return download(papers.statement(db.session, member, year, language=text_language()), f"allowances-{year}.pdf")


def _load(assembly_id: int, member_id: int, *, may: Permission) -> Member:
    load_assembly(assembly_id, may=may)
    return seats.get_member(db.session, member_id, user=account(), may=may, assembly_id=assembly_id)
