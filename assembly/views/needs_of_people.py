"""Who needs what, and what is arranged for them at each event: for support alone."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from assembly.extensions import db
from assembly.models import Assembly
from assembly.services.authorisation import can_see_needs
from assembly.services.needs import arrangements, people
from assembly.services.programme import events
from assembly.views import needs_texts
from assembly.views.forms import committing
from assembly.views.guard import account, load_assembly
from assembly.views.needs_forms import AnswerForm, WishForm, wish_data

blueprint = Blueprint("needs_of_people", __name__, url_prefix="/assemblies/<int:assembly_id>/needs/people")


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """Show what members need."""
    assembly = load_assembly(assembly_id, may=can_see_needs)
    return render_template(
        "needs/people.html",
        assembly=assembly,
        needs=people.needs_of(db.session, assembly),
        open_at=_open_at(assembly),
        texts=needs_texts,
    )


def _open_at(assembly: Assembly) -> dict[int, int]:
    """Return at how many events to come nothing is arranged for each need."""
    to_come = arrangements.events_to_come(db.session, assembly)
    found: dict[int, int] = {}
    for of_one in arrangements.arrangements_of(db.session, assembly, to_come).values():
        for one in of_one:
            found[one.need.id] = found.get(one.need.id, 0) + (one.is_needed and one.state == "requested")
    return found


@blueprint.route("/<int:need_id>", methods=["GET", "POST"])
def need(assembly_id: int, need_id: int) -> ResponseReturnValue:
    """Correct a need, and show how it stands for each event to come."""
    assembly = load_assembly(assembly_id, may=can_see_needs)
    found, respondent = people.get_need(db.session, assembly, need_id)
    form = WishForm(data=wish_data(found))
    if form.validate_on_submit():
        with committing(form):
            people.change_need(db.session, found, respondent, form.wish(), by=account())
        if not form.errors:
            flash(gettext("The need is corrected."), "success")
            return redirect(url_for("needs_of_people.index", assembly_id=assembly_id))
    assembly = load_assembly(assembly_id, may=can_see_needs)
    found, respondent = people.get_need(db.session, assembly, need_id)
    to_come = arrangements.events_to_come(db.session, assembly)
    arranged = arrangements.arrangements_of(db.session, assembly, to_come)
    page = render_template(
        "needs/need.html",
        assembly=assembly,
        need=found,
        respondent=respondent,
        arranged=[one for event in to_come for one in arranged[event.id] if one.need is found],
        form=form,
        texts=needs_texts,
    )
    return page, 422 if form.errors else 200


@blueprint.post("/<int:need_id>/remove")
def remove(assembly_id: int, need_id: int) -> ResponseReturnValue:
    """Delete a need."""
    assembly = load_assembly(assembly_id, may=can_see_needs)
    people.remove_need(db.session, *people.get_need(db.session, assembly, need_id), by=account())
    db.session.commit()
    flash(gettext("The need is removed."), "success")
    return redirect(url_for("needs_of_people.index", assembly_id=assembly_id))


@blueprint.route("/<int:need_id>/events/<int:event_id>", methods=["GET", "POST"])
def at_event(assembly_id: int, need_id: int, event_id: int) -> ResponseReturnValue:
    """Say what is arranged for a need at an event, or why not."""
    assembly = load_assembly(assembly_id, may=can_see_needs)
    found, respondent = people.get_need(db.session, assembly, need_id)
    event = events.get_event(db.session, assembly, event_id)
    arranged = arrangements.arrangements_of(db.session, assembly, [event])[event_id]
    one = next((one for one in arranged if one.need is found), None)
    form = AnswerForm(data={"state": one.state.value, "answer": one.answer} if one else {})
    if form.validate_on_submit():
        with committing(form):
            people.answer(
                db.session,
                found,
                respondent,
                event,
                state=form.state.data,
                text=form.answer.data or "",
                by=account(),
            )
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("needs_of_people.need", assembly_id=assembly_id, need_id=need_id))
    assembly = load_assembly(assembly_id, may=can_see_needs)
    found, respondent = people.get_need(db.session, assembly, need_id)
    page = render_template(
        "needs/at_event.html",
        assembly=assembly,
        need=found,
        respondent=respondent,
        event=events.get_event(db.session, assembly, event_id),
        arrangement=one,
        form=form,
        texts=needs_texts,
    )
    return page, 422 if form.errors else 200


@blueprint.post("/<int:need_id>/events/<int:event_id>/needed")
def set_needed(assembly_id: int, need_id: int, event_id: int) -> ResponseReturnValue:
    """Say that somebody does not need something at an event, or needs it there, too."""
    assembly = load_assembly(assembly_id, may=can_see_needs)
    found, respondent = people.get_need(db.session, assembly, need_id)
    event = events.get_event(db.session, assembly, event_id)
    is_needed = request.form.get("needed") == "1"
    people.set_for_event(db.session, found, respondent, event, is_needed=is_needed, by=account())
    db.session.commit()
    flash(gettext("Saved."), "success")
    return redirect(url_for("needs_of_people.need", assembly_id=assembly_id, need_id=need_id))
