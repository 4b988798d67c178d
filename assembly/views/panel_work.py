"""Telling people the result of the draw, and filling vacated seats."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SubmitField

from assembly.extensions import db
from assembly.models import Assembly, Commitment
from assembly.services import commitments, draws, jobs, lotteries, posting
from assembly.services.authorisation import (
    can_audit,
    can_book,
    can_manage,
    can_see,
    can_see_members,
    can_witness_draw,
)
from assembly.services.errors import NotFoundError
from assembly.services.panel import replacing, seats, telling
from assembly.services.panel.telling import Letter
from assembly.services.receipts import RECEIPTS_BEFORE
from assembly.views import panel_texts
from assembly.views.draws import EntryForm, PlaceForm, VoidForm, entry_state, say_outcome
from assembly.views.forms import BaseForm, committing
from assembly.views.guard import account, allows, load_assembly
from assembly.views.jobs import job_view, progress_answer
from assembly.views.posting import LISTED, post_texts

blueprint = Blueprint("panel_work", __name__, url_prefix="/assemblies/<int:assembly_id>/panel")


class StartForm(BaseForm):
    """Start the lottery over the vacated seats."""

    relax = BooleanField(
        _l("If the quotas cannot be met, change them as little as possible"),
        description=_l("The change is published with the commitment."),
    )
    submit = SubmitField(_l("Compute the replacement lottery"))


@blueprint.get("/mails")
def mails(assembly_id: int) -> ResponseReturnValue:
    """Show what people are told, who still is to be told, what became of the mails, and the letters to print."""
    assembly = load_assembly(assembly_id, may=can_manage)
    kinds = [_kind(assembly, letter) for letter in Letter]
    return render_template(
        "panel/mails.html",
        assembly=assembly,
        kinds=kinds,
        texts=panel_texts,
        is_drawn=seats.panel_of(db.session, assembly) is not None,
        **post_texts(assembly),
    )


def _kind(assembly: Assembly, letter: Letter) -> dict[str, Any]:
    return {
        "letter": letter,
        "preview": telling.preview(db.session, assembly, letter, name=account().name, language=str(get_locale())),
        "waiting": telling.waiting(db.session, assembly, letter),
        "unreachable": telling.unreachable(db.session, assembly, letter),
        "post": posting.post_of(db.session, assembly, letter.value, limit=LISTED),
    }


@blueprint.post("/mails/<any(panel_drawn, panel_not_drawn):letter>/test")
def send_test(assembly_id: int, letter: str) -> ResponseReturnValue:
    """Send a mail to one's own address only."""
    assembly = load_assembly(assembly_id, may=can_manage)
    telling.send_test(db.session, assembly, Letter(letter), by=account())
    db.session.commit()
    flash(gettext("The test goes to your own address, and to nobody else."), "success")
    return redirect(url_for("panel_work.mails", assembly_id=assembly_id))


@blueprint.post("/mails/<any(panel_drawn, panel_not_drawn):letter>/send")
def send(assembly_id: int, letter: str) -> ResponseReturnValue:
    """Tell everybody who has not been told."""
    assembly = load_assembly(assembly_id, may=can_manage)
    telling.start(db.session, assembly, Letter(letter), by=account())
    db.session.commit()
    flash(gettext("Mails and letters are being written. Nobody gets the same one twice."), "success")
    return redirect(url_for("panel_work.mails", assembly_id=assembly_id))


@blueprint.get("/replacement")
def replacement(assembly_id: int) -> ResponseReturnValue:
    """Show the vacated seats, and how far their replacement is."""
    return _replacement(load_assembly(assembly_id, may=can_see))


@blueprint.post("/replacement/start")
def start(assembly_id: int) -> ResponseReturnValue:
    """Start the lottery over the vacated seats."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form = StartForm()
    if not form.validate_on_submit():
        return _replacement(assembly, form=form), 422
    return _answer(
        assembly, form, "form", lambda: replacing.start(db.session, assembly, relax=bool(form.relax.data), by=account())
    )


@blueprint.get("/replacement/progress")
def progress(assembly_id: int) -> ResponseReturnValue:
    """Answer htmx how far the replacement lottery is; when it has ended, the page is loaded anew."""
    assembly = load_assembly(assembly_id, may=can_audit)
    lottery = replacing.newest_lottery(db.session, assembly)
    return progress_answer(lottery.job if lottery else None)


@blueprint.post("/replacement/cancel")
def cancel(assembly_id: int) -> ResponseReturnValue:
    """Stop computing the lottery over the vacated seats."""
    assembly = load_assembly(assembly_id, may=can_manage)
    lottery = replacing.newest_lottery(db.session, assembly)
    if lottery is None:
        raise NotFoundError
    lotteries.cancel(db.session, assembly, lottery, by=account())
    db.session.commit()
    return redirect(url_for("panel_work.replacement", assembly_id=assembly_id))


@blueprint.post("/replacement/commit")
def commit(assembly_id: int) -> ResponseReturnValue:
    """Fix the replacement lottery, for the next moment of the rule."""
    assembly = load_assembly(assembly_id, may=can_manage)
    lottery = replacing.newest_lottery(db.session, assembly)
    if lottery is None:
        raise NotFoundError
    return _answer(
        assembly,
        StartForm(formdata=None),
        "form",
        lambda: replacing.commit(db.session, assembly, lottery, by=account()),
    )


@blueprint.post("/replacement/void")
def void(assembly_id: int) -> ResponseReturnValue:
    """Void the commitment of the replacement with a public reason; a new one may follow for the same moment."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form, commitment = VoidForm(), _standing(assembly)
    if not form.validate_on_submit():
        return _replacement(assembly, void_form=form), 422
    reason = str(form.reason.data)
    done = gettext("The commitment is void. It stays listed with its reason.")
    return _answer(
        assembly,
        form,
        "void_form",
        lambda: commitments.void(db.session, assembly, commitment, reason=reason, by=account()),
        done=done,
    )


@blueprint.post("/replacement/place")
def amend_place(assembly_id: int) -> ResponseReturnValue:
    """Announce another place or hour of the replacement draw."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form, commitment = PlaceForm(), _standing(assembly)
    if not form.validate_on_submit():
        return _replacement(assembly, place_form=form), 422
    place = str(form.place.data)
    return _answer(
        assembly,
        form,
        "place_form",
        lambda: commitments.amend_place(db.session, assembly, commitment, place, by=account()),
        done=gettext("Announced on the public page."),
    )


@blueprint.post("/replacement/number")
def enter(assembly_id: int) -> ResponseReturnValue:
    """Record one of the two blind entries of the drawn number; equal entries draw the replacements."""
    assembly = load_assembly(assembly_id, may=can_witness_draw)
    form, commitment = EntryForm(), _standing(assembly)
    if not form.validate_on_submit():
        return _replacement(assembly, entry_form=form), 422
    value = str(form.value.data)
    return _answer(
        assembly, form, "entry_form", lambda: draws.enter_value(db.session, assembly, commitment, value, by=account())
    )


def _standing(assembly: Assembly) -> Commitment:
    commitment = replacing.standing_commitment(db.session, assembly)
    if commitment is None:
        raise NotFoundError
    return commitment


def _answer(assembly: Assembly, form: BaseForm, name: str, deed: Any, *, done: str = "") -> ResponseReturnValue:
    with committing(form):
        outcome = deed()
    if form.errors:
        return _replacement(assembly, **{name: form}), 422
    if isinstance(outcome, draws.Outcome):
        say_outcome(outcome, drawn=gettext("Both entries are equal: the replacements are drawn."))
    elif done:
        flash(done, "success")
    return redirect(url_for("panel_work.replacement", assembly_id=assembly.id))


def _replacement(assembly: Assembly, **forms: BaseForm) -> str:
    lottery = replacing.newest_lottery(db.session, assembly)
    commitment = replacing.standing_commitment(db.session, assembly)
    job = jobs.active(lottery.job) if lottery else None
    moments = replacing.moments_left(db.session, assembly)
    fresh = {
        "form": StartForm(formdata=None),
        "entry_form": EntryForm(formdata=None),
        "void_form": VoidForm(formdata=None),
        "place_form": PlaceForm(formdata=None),
    }
    return render_template(
        "panel/replacement.html",
        assembly=assembly,
        panel=seats.panel_of(db.session, assembly),
        free=seats.free_seats(db.session, assembly),
        lottery=lottery,
        job=job_view(job) if job else None,
        failure=jobs.failure_of(lottery.job) if lottery and not lottery.summary else None,
        commitment=commitment,
        rule=commitments.rule_of(commitment) if commitment else None,
        entering=entry_state(assembly, commitment) if commitment else None,
        replacements=replacing.replacements_of(db.session, assembly),
        moments=moments,
        commit_until=moments[0] - RECEIPTS_BEFORE if moments else None,
        may_manage=allows(assembly, can_manage),
        may_audit=allows(assembly, can_audit),
        may_enter=allows(assembly, can_witness_draw),
        may_see_members=allows(assembly, can_see_members),
        may_book=allows(assembly, can_book),
        **(fresh | forms),
    )
