"""The end of the assembly's work on recommendations: changes are taken back, and what is final is handed over."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, IntegerField, StringField, SubmitField
from wtforms.validators import InputRequired, Length

from assembly.clock import now
from assembly.extensions import db
from assembly.models import RecommendationState
from assembly.services.authorisation import can_manage
from assembly.services.errors import ServiceError
from assembly.services.programme import times
from assembly.services.recommendations import editing, handing_over, reading
from assembly.views import follow_up_texts, recommendations_texts
from assembly.views.forms import BaseForm, ChecksField, choice, committing, stripped
from assembly.views.guard import account, load_assembly
from assembly.views.recommendations import blueprint


class TakeBackForm(BaseForm):
    """Which version a change is taken back from."""

    version = IntegerField(validators=[InputRequired()])


class HandoverForm(BaseForm):
    """What is handed over, when, and to whom; first it is looked at, then it is done."""

    chosen = ChecksField(_l("What is handed over"), coerce=int)
    handed_over_on = DateField(
        _l("Handed over on"), [InputRequired()], description=_l("From this day on all deadlines run.")
    )
    received_by = StringField(
        _l("Received by"),
        [InputRequired(), Length(max=handing_over.LONGEST)],
        filters=[stripped],
        description=_l("Such as the mayor, at the council’s meeting. Everyone can read it."),
    )
    looked_at = HiddenField()
    submit = SubmitField(_l("Look at what this means"))


@blueprint.post("/<int:number>/take-back")
def take_back(assembly_id: int, number: int) -> ResponseReturnValue:
    """Take an editorial change back."""
    assembly, form = load_assembly(assembly_id, may=can_manage), TakeBackForm()
    one = reading.get_recommendation(db.session, assembly, number)
    editing.take_back(db.session, one, version=form.version.data or 0, by=account())
    db.session.commit()
    flash(gettext("Taken back: the text before the change holds again."), "success")
    return redirect(url_for("recommendations.show", assembly_id=assembly_id, number=number))


@blueprint.route("/handover", methods=["GET", "POST"])
def hand_over(assembly_id: int) -> ResponseReturnValue:
    """Choose what is handed over, look at what it means, and do it."""
    assembly = load_assembly(assembly_id, may=can_manage)
    found = reading.recommendations_of(db.session, assembly)
    adopted = [one for one in found if one.state is RecommendationState.ADOPTED]
    obstacles = {one.number: why for one in adopted if (why := handing_over.obstacle(one))}
    ready = [one for one in adopted if one.number not in obstacles]
    form = HandoverForm(data={"chosen": [one.number for one in ready], "handed_over_on": times.day_of(now())})
    form.chosen.choices = [choice(str(one.number), f"{one.number} {one.title}") for one in ready]
    plan = None
    if form.validate_on_submit() and (day := form.handed_over_on.data):
        chosen = [one for one in ready if one.number in (form.chosen.data or ())]
        if form.looked_at.data:
            with committing(form):
                handing_over.hand_over(
                    db.session,
                    assembly,
                    chosen,
                    handed_over_on=day,
                    received_by=form.received_by.data or "",
                    by=account(),
                )
            if not form.errors:
                flash(gettext("Handed over: from now on answers are owed."), "success")
                return redirect(url_for("recommendations.index", assembly_id=assembly_id))
            assembly = load_assembly(assembly_id, may=can_manage)
        else:
            try:
                plan = handing_over.plan(db.session, assembly, chosen, day)
            except ServiceError as error:
                form.add(error)
    page = render_template(
        "recommendations/question.html" if plan else "recommendations/hand_over.html",
        assembly=assembly,
        form=form,
        plan=plan,
        chosen=[one for one in ready if one.number in (form.chosen.data or ())],
        blocked=[(one, obstacles[one.number]) for one in adopted if one.number in obstacles],
        has_ready=bool(ready),
        addressees_of=handing_over.addressees_of,
        follow_up_texts=follow_up_texts,
        texts=recommendations_texts,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
