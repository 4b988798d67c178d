"""Payment lists: made of all approved claims, handed to the cash office as files, and marked as paid once."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from assembly.extensions import db
from assembly.i18n import text_language
from assembly.models import ClaimState
from assembly.services.allowances import bank, claims, payments
from assembly.services.authorisation import can_manage, can_pay
from assembly.views import allowance_texts
from assembly.views.downloads import download
from assembly.views.guard import account, allows, load_assembly

blueprint = Blueprint("payment_lists", __name__, url_prefix="/assemblies/<int:assembly_id>/allowances/lists")


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """Show the payment lists, and how many claims wait for the next one."""
    assembly = load_assembly(assembly_id, may=can_pay)
    return render_template(
        "allowances/lists.html",
        assembly=assembly,
        lists=payments.lists_of(db.session, assembly),
        waiting=claims.sums_of(db.session, assembly).counts[ClaimState.APPROVED],
        texts=allowance_texts,
        may_manage=allows(assembly, can_manage),
        may_pay=True,
    )


@blueprint.post("/")
def make(assembly_id: int) -> ResponseReturnValue:
    """Put all approved claims on a new list."""
    assembly = load_assembly(assembly_id, may=can_pay)
    made = payments.make_list(db.session, assembly, by=account())
    db.session.commit()
    return redirect(url_for("payment_lists.show", assembly_id=assembly_id, list_id=made.id))


@blueprint.get("/<int:list_id>")
def show(assembly_id: int, list_id: int) -> ResponseReturnValue:
    """Show a list: who is paid what, by which way."""
    assembly = load_assembly(assembly_id, may=can_pay)
    found = payments.get_list(db.session, assembly, list_id)
    listed = claims.claims_of(db.session, assembly, list_id=list_id)
    return render_template(
        "allowances/list.html",
        assembly=assembly,
        list=found,
        claims=listed,
        is_whole=payments.is_whole(found, listed),
        with_account=bank.who_has_one(db.session, assembly),
        texts=allowance_texts,
        may_manage=allows(assembly, can_manage),
        may_pay=True,
    )


@blueprint.post("/<int:list_id>/<any(csv, xlsx, pdf):list_kind>")
def export(assembly_id: int, list_id: int, list_kind: payments.Kind) -> ResponseReturnValue:
    """Hand out a list with bank data, for the cash office."""
    assembly = load_assembly(assembly_id, may=can_pay)
    found = payments.get_list(db.session, assembly, list_id)
    content = payments.export_list(db.session, assembly, found, kind=list_kind, language=text_language(), by=account())
    db.session.commit()
    return download(content, f"payments-{list_id}.{list_kind}")


@blueprint.post("/<int:list_id>/cash")
def cash(assembly_id: int, list_id: int) -> ResponseReturnValue:
    """Hand out the list on which those sign who are paid in cash."""
    assembly = load_assembly(assembly_id, may=can_pay)
    found = payments.get_list(db.session, assembly, list_id)
    content = payments.cash_list(db.session, assembly, found, language=text_language(), by=account())
    db.session.commit()
    return download(content, f"cash-{list_id}.pdf")


@blueprint.post("/<int:list_id>/paid")
def mark_paid(assembly_id: int, list_id: int) -> ResponseReturnValue:
    """Note that a list was paid."""
    assembly = load_assembly(assembly_id, may=can_pay)
    payments.mark_paid(db.session, assembly, payments.get_list(db.session, assembly, list_id), by=account())
    db.session.commit()
    flash(gettext("Marked as paid."), "success")
    return redirect(url_for("payment_lists.show", assembly_id=assembly_id, list_id=list_id))
