"""Commit to a lottery, hold the public draw, and what may change between."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateTimeLocalField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from assembly.clock import ZONE, now
from assembly.extensions import db
from assembly.models import Assembly, Commitment, Lottery
from assembly.services import commitments, draws, lotteries, stages
from assembly.services.authorisation import (
    can_audit,
    can_manage,
    can_see,
    can_see_members,
    can_witness_draw,
    standing_of,
)
from assembly.services.errors import NotFoundError, marked
from assembly.services.public import make_up_of
from assembly.services.texts import catalogue
from assembly.views.downloads import download
from assembly.views.forms import BaseForm, committing, stripped
from assembly.views.guard import account, load_assembly
from assembly.views.pictures import make_up_pictures

blueprint = Blueprint("draws", __name__, url_prefix="/assemblies/<int:assembly_id>")


SUGGESTED = {
    "source": marked("A member of the public draws digits from an urn with ten balls 0 to 9, with replacement."),
    "format": marked(
        "The digits in the order in which they were drawn, zeros included: 042, or 0042 of four digits, is ticket 42."
    ),
    "fallback": marked("The same draw at the beginning of the next public meeting of the council."),
}
"""The parts of a draw rule as they are suggested, in the language in which the rule is published."""


class RuleForm(BaseForm):
    """The draw rule: fixed with the commitment, and never changed."""

    moment = DateTimeLocalField(
        _l("Moment of the draw"),
        [InputRequired()],
        description=_l("At least 24 hours from now, so that everyone has their receipt. Local time."),
    )
    place = StringField(
        _l("Place"),
        [InputRequired(), Length(max=500)],
        filters=[stripped],
        description=_l("May be amended publicly later."),
    )
    source = TextAreaField(
        _l("How the number is drawn"),
        [InputRequired(), Length(max=600)],
        filters=[stripped],
    )
    format = TextAreaField(
        _l("How the number is written"),
        [InputRequired(), Length(max=400)],
        filters=[stripped],
    )
    fallback = TextAreaField(
        _l("What holds if the draw cannot take place"),
        [InputRequired(), Length(max=600)],
        filters=[stripped],
    )
    first_replacement = DateTimeLocalField(
        _l("First replacement draw"),
        [Optional()],
        description=_l(
            "If people decline or drop out, their seats are refilled on these dates, without a new decision. "
            "Without a date, no seat can be filled again."
        ),
    )
    second_replacement = DateTimeLocalField(_l("Second replacement draw"), [Optional()])
    last_replacement = DateTimeLocalField(_l("Last replacement draw"), [Optional()])
    submit = SubmitField(_l("Commit to this lottery and rule"))


class EntryForm(BaseForm):
    """The drawn number, as one account saw it."""

    value = StringField(
        _l("Drawn number"),
        [InputRequired(), Length(max=200)],
        filters=[stripped],
        description=_l("All digits in the order in which they were drawn, zeros included."),
    )
    submit = SubmitField(_l("Enter this number"))


class VoidForm(BaseForm):
    """Why a commitment does not stand."""

    reason = TextAreaField(
        _l("Reason"),
        [InputRequired(), Length(max=600)],
        filters=[stripped],
        description=_l("Published. Without names."),
    )
    submit = SubmitField(_l("Void this commitment publicly"))


class PlaceForm(BaseForm):
    """Another place or hour."""

    place = StringField(_l("Place and hour"), [InputRequired(), Length(max=500)], filters=[stripped])
    submit = SubmitField(_l("Announce"))


@blueprint.route("/lotteries/<int:lottery_id>/commit", methods=["GET", "POST"])
def commit(assembly_id: int, lottery_id: int) -> ResponseReturnValue:
    """Commit to a lottery and its draw rule."""
    assembly = load_assembly(assembly_id, may=can_manage)
    lottery = lotteries.get_lottery(db.session, lottery_id, assembly=assembly)
    texts = catalogue(_language(assembly))
    form = RuleForm(data={name: texts.ugettext(text) for name, text in SUGGESTED.items()})
    if form.validate_on_submit():
        with committing(form):
            _commit(assembly, lottery, form)
        if not form.errors:
            flash(
                gettext("Committed. Publish the fingerprint now: newspaper, notice board, council minutes."), "success"
            )
            return redirect(url_for("draws.show", assembly_id=assembly.id))
    page = render_template(
        "draws/commit.html",
        assembly=assembly,
        lottery=lottery,
        form=form,
        digits=commitments.DIGITS.get(lottery.summary.get("tickets", 0)),
        can_be_drawn=draws.has_two_to_enter(db.session, assembly, committed_at=now()),
    )
    return page, 422 if form.errors else 200


@blueprint.get("/draw")
def show(assembly_id: int) -> ResponseReturnValue:
    """Show what is committed, and the draw."""
    return _page(load_assembly(assembly_id, may=can_see))


@blueprint.post("/draw/number")
def enter(assembly_id: int) -> ResponseReturnValue:
    """Record one of the two blind entries of the drawn number; equal entries draw the panel."""
    assembly = load_assembly(assembly_id, may=can_witness_draw)
    form = EntryForm()
    if not form.validate_on_submit():
        return _page(assembly, entry_form=form), 422
    with committing(form):
        outcome = draws.enter_value(db.session, assembly, _current(assembly), str(form.value.data), by=account())
    if form.errors:
        return _page(assembly, entry_form=form), 422
    say_outcome(outcome, drawn=gettext("Both entries are equal: the panel is drawn."))
    return redirect(url_for("draws.show", assembly_id=assembly.id))


@blueprint.post("/draw/void")
def void(assembly_id: int) -> ResponseReturnValue:
    """Void the commitment with a public reason."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form = VoidForm()
    if not form.validate_on_submit():
        return _page(assembly, void_form=form), 422
    commitments.void(db.session, assembly, _current(assembly), reason=str(form.reason.data), by=account())
    db.session.commit()
    flash(gettext("The commitment is void. It stays listed with its reason."), "success")
    return redirect(url_for("lotteries.index", assembly_id=assembly.id))


@blueprint.post("/draw/place")
def amend_place(assembly_id: int) -> ResponseReturnValue:
    """Announce another place or hour."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form = PlaceForm()
    if not form.validate_on_submit():
        return _page(assembly, place_form=form), 422
    commitments.amend_place(db.session, assembly, _current(assembly), str(form.place.data), by=account())
    db.session.commit()
    flash(gettext("Announced on the public page."), "success")
    return redirect(url_for("draws.show", assembly_id=assembly.id))


@blueprint.get("/commitments/<int:commitment_id>/audit.json")
def audit_document(assembly_id: int, commitment_id: int) -> ResponseReturnValue:
    """Hand out the audit document, for a notary or auditor."""
    assembly = load_assembly(assembly_id, may=can_audit)
    commitment = commitments.get_commitment(db.session, commitment_id, assembly=assembly)
    if commitment.audit_document is None:
        raise NotFoundError
    return download(commitment.audit_document, "audit.json")


def _current(assembly: Assembly) -> Any:
    commitment = commitments.current_commitment(db.session, assembly)
    if commitment is None:
        raise NotFoundError
    return commitment


def _commit(assembly: Assembly, lottery: Lottery, form: RuleForm) -> None:
    again = (form.first_replacement.data, form.second_replacement.data, form.last_replacement.data)
    texts = commitments.RuleTexts(
        moment=_local(form.moment.data),
        source=str(form.source.data),
        format=str(form.format.data),
        fallback=str(form.fallback.data),
        replacement_moments=tuple(_local(moment) for moment in again if moment is not None),
    )
    config = current_app.extensions["assembly.config"]
    rule = commitments.draw_rule(
        assembly,
        texts,
        tickets=lottery.summary["tickets"],
        publication=config.public_url + url_for("public.lottery", slug=assembly.slug),
        language=_language(assembly),
    )
    commitments.commit(db.session, assembly, lottery, rule, place=str(form.place.data), by=account())


def _language(assembly: Assembly) -> str:
    """Return the language in which an assembly's rule is published: German, unless it speaks English first."""
    return "en" if assembly.languages[0] == "en" else "de"


def _local(moment: dt.datetime | None) -> dt.datetime:
    if moment is None:
        raise ValueError("The form requires a moment.")
    return moment.replace(tzinfo=ZONE)


def say_outcome(outcome: draws.Outcome, *, drawn: str) -> None:
    """Tell whoever entered a number what came of it; `drawn` is the sentence for two equal entries."""
    kind, text = {
        draws.Outcome.FIRST: (
            "info",
            gettext("Entered. Now a second account enters the number, without seeing yours."),
        ),
        draws.Outcome.DRAWN: ("success", drawn),
        draws.Outcome.UNEQUAL: ("danger", gettext("The two entries differ, so both are void. Enter the number again.")),
    }[outcome]
    flash(text, kind)


def entry_state(assembly: Assembly, commitment: Commitment) -> dict[str, Any]:
    """Return what a page about the entries of a number needs: whether it is time, who has entered, and who could."""
    entries = [entry for entry in commitment.entries if not entry.is_void]
    return {
        "is_time": now() >= commitment.moment,
        "entries": entries,
        "has_entered": any(entry.entered_by_id == account().id for entry in entries),
        "can_be_drawn": draws.has_two_to_enter(db.session, assembly, committed_at=commitment.committed_at),
    }


def _page(assembly: Assembly, **forms: Any) -> str:
    commitment = commitments.current_commitment(db.session, assembly)
    standing = standing_of(account(), assembly.id)
    return render_template(
        "draws/show.html",
        assembly=assembly,
        commitment=commitment,
        rule=commitments.rule_of(commitment) if commitment else None,
        make_up=make_up_pictures(make_up_of(db.session, assembly, commitment, merged=False)) if commitment else [],
        entering=entry_state(assembly, commitment) if commitment else None,
        receipts=stages.open_receipts(db.session, commitment),
        may_see_members=can_see_members(standing),
        may_manage=can_manage(standing),
        may_audit=can_audit(standing),
        may_enter=can_witness_draw(standing),
        **{
            "entry_form": EntryForm(formdata=None),
            "void_form": VoidForm(formdata=None),
            "place_form": PlaceForm(formdata=None),
        }
        | forms,
    )
