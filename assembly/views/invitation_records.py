"""The invitation: letters, and what was done besides."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    IntegerField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from assembly.extensions import db
from assembly.models import Assembly
from assembly.models.invitations import OutreachKind
from assembly.services import invitation_records
from assembly.services.authorisation import can_audit, can_manage
from assembly.views.forms import LANGUAGE_NAMES, BaseForm, SelectField, choice, committing, stripped, values_of
from assembly.views.guard import account, load_assembly
from assembly.views.pictures import invitation_picture

blueprint = Blueprint("invitation_records", __name__, url_prefix="/assemblies/<int:assembly_id>/invitation")

KIND_NAMES = {
    OutreachKind.DOOR_VISITS: _l("Visits at the door"),
    OutreachKind.MULTIPLIERS: _l("Multipliers, such as associations and congregations"),
    OutreachKind.INFORMATION_STAND: _l("Information stand"),
    OutreachKind.PHONE_CALLS: _l("Phone calls"),
    OutreachKind.OTHER: _l("Something else"),
}
COUNT = [InputRequired(), NumberRange(0, 10_000_000)]


class RecordForm(BaseForm):
    """The letters."""

    register_office = StringField(_l("Register office"), [Length(max=200)], filters=[stripped])
    legal_basis = TextAreaField(
        _l("Legal basis"),
        [Length(max=2000)],
        filters=[stripped],
        description=_l("On which the register gave out addresses, such as § 34 or § 46 BMG, and the resolution."),
    )
    sampling_method = TextAreaField(
        _l("How addresses were sampled"),
        [Length(max=5000)],
        filters=[stripped],
        description=_l("For example: simple random sample of all residents of 16 and more with their main residence."),
    )
    invited_on = DateField(
        _l("First letters sent on"),
        [Optional()],
        description=_l("From this day on, what the letters said can no longer be changed."),
    )
    registration_until = DateField(_l("Registration possible until"), [Optional()])
    letters_sent = IntegerField(_l("Letters sent"), COUNT, default=0)
    undeliverable = IntegerField(_l("Of these undeliverable"), COUNT, default=0)
    reminders = IntegerField(_l("Reminders sent"), COUNT, default=0)
    submit = SubmitField(_l("Save"))


class OutreachForm(BaseForm):
    """Something done besides the letters."""

    kind = SelectField(
        _l("Kind"), coerce=OutreachKind, choices=[choice(k.value, name) for k, name in KIND_NAMES.items()]
    )
    held_on = DateField(_l("On"), [InputRequired()])
    languages = SelectMultipleField(_l("Languages"), choices=LANGUAGE_NAMES, default=["de"])
    people_reached = IntegerField(_l("People reached"), COUNT, default=0)
    registrations = IntegerField(_l("Registrations it brought"), COUNT, default=0)
    note = TextAreaField(_l("Note"), [Length(max=2000)], filters=[stripped], description=_l("Without names."))
    submit = SubmitField(_l("Add"))


@blueprint.route("/", methods=["GET", "POST"])
def edit(assembly_id: int) -> ResponseReturnValue:
    """Show and change the record of the letters."""
    assembly = load_assembly(assembly_id, may=can_manage, may_read=can_audit)
    form = RecordForm(obj=invitation_records.record_of(db.session, assembly))
    if form.validate_on_submit():
        with committing(form):
            invitation_records.change_record(db.session, assembly, values_of(form), by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("invitation_records.edit", assembly_id=assembly.id))
    return _page(assembly, form=form), 422 if form.errors else 200


@blueprint.post("/outreach")
def add_outreach(assembly_id: int) -> ResponseReturnValue:
    """Record something done besides the letters."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form = OutreachForm()
    if not form.validate_on_submit():
        return _page(assembly, outreach_form=form), 422
    invitation_records.add_outreach(db.session, assembly, values_of(form), by=account())
    db.session.commit()
    flash(gettext("Added."), "success")
    return redirect(url_for("invitation_records.edit", assembly_id=assembly.id))


@blueprint.post("/outreach/<int:outreach_id>/remove")
def remove_outreach(assembly_id: int, outreach_id: int) -> ResponseReturnValue:
    """Remove an entry made by mistake."""
    assembly = load_assembly(assembly_id, may=can_manage)
    invitation_records.remove_outreach(db.session, assembly, outreach_id, by=account())
    db.session.commit()
    flash(gettext("Removed."), "success")
    return redirect(url_for("invitation_records.edit", assembly_id=assembly.id))


def _page(assembly: Assembly, **forms: Any) -> str:
    record = invitation_records.record_of(db.session, assembly)
    registrations = invitation_records.registrations_of(db.session, assembly)
    return render_template(
        "invitation_records/edit.html",
        assembly=assembly,
        record=record,
        picture=invitation_picture(invitation_records.funnel_of(record, registrations)),
        kind_names=KIND_NAMES,
        **{"form": RecordForm(formdata=None, obj=record), "outreach_form": OutreachForm(formdata=None)} | forms,
    )
