"""The list of members to be told on the phone before an event."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import StringField, SubmitField
from wtforms.validators import InputRequired, Length

from assembly.extensions import db
from assembly.models import Assembly, AttemptOutcome
from assembly.services.authorisation import can_book, can_call, can_manage
from assembly.services.messages import calls, people
from assembly.services.programme import changed
from assembly.services.site_visits import visits
from assembly.views import messages_texts, panel_texts
from assembly.views.forms import BaseForm, SelectField, choice, committing, stripped
from assembly.views.guard import account, allows, load_assembly
from assembly.views.posting import LISTED

blueprint = Blueprint("calls", __name__, url_prefix="/assemblies/<int:assembly_id>/panel/calls")


class CallForm(BaseForm):
    """What a call led to."""

    outcome = SelectField(
        _l("Outcome"),
        [InputRequired()],
        choices=[choice(one.value, panel_texts.OUTCOMES[one]) for one in calls.OUTCOMES],
    )
    note = StringField(
        _l("Note"),
        [Length(max=calls.LONGEST_NOTE)],
        filters=[stripped],
        description=_l("For the callers. Nothing about health or needs."),
    )
    submit = SubmitField(_l("Record the call"))


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """Show whom to call, and who was reached."""
    return _index(load_assembly(assembly_id, may=can_call))


@blueprint.get("/<int:call_id>")
def show(assembly_id: int, call_id: int) -> ResponseReturnValue:
    """Show what to tell somebody, and ask what the call led to."""
    assembly = load_assembly(assembly_id, may=can_call)
    return _show(assembly, call_id, CallForm(formdata=None))


@blueprint.post("/<int:call_id>")
def note(assembly_id: int, call_id: int) -> ResponseReturnValue:
    """Note what a call led to."""
    assembly = load_assembly(assembly_id, may=can_call)
    call, form = calls.get_call(db.session, assembly, call_id), CallForm()
    if form.validate_on_submit():
        with committing(form):
            outcome = AttemptOutcome(form.outcome.data)
            calls.note(db.session, call, outcome, note=form.note.data or "", by=account())
    if form.errors:
        return _show(assembly, call_id, form), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(gettext("Saved."), "success")
    return redirect(url_for("calls.index", assembly_id=assembly_id))


def _index(assembly: Assembly) -> str:
    return render_template(
        "messages/calls.html",
        assembly=assembly,
        calls=calls.open_calls(db.session, assembly),
        missed=calls.missed_calls(db.session, assembly, limit=LISTED),
        done=calls.done_calls(db.session, assembly, limit=LISTED),
        texts=messages_texts,
        outcomes=panel_texts.OUTCOMES,
        may_manage=allows(assembly, can_manage),
        may_book=allows(assembly, can_book),
    )


def _show(assembly: Assembly, call_id: int, form: CallForm) -> str:
    call = calls.get_call(db.session, assembly, call_id)
    return render_template(
        "messages/call.html",
        assembly=assembly,
        call=call,
        guardian=people.guardian_of(db.session, call.member),
        title_before=changed.title_before(db.session, call.change) if call.change else None,
        meeting_point=visits.meeting_point_of(db.session, call.event),
        form=form,
        texts=messages_texts,
        outcomes=panel_texts.OUTCOMES,
        may_manage=allows(assembly, can_manage),
        may_book=allows(assembly, can_book),
    )
