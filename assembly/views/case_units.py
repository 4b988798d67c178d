"""Who in the city works on a case: the department in charge, those that contribute, and the internal date."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from assembly.extensions import db
from assembly.models import Case
from assembly.services.authorisation import can_keep_cases
from assembly.services.follow_up import assigning, cases, units
from assembly.services.follow_up.facts import LONGEST_TEXT
from assembly.views import case_texts
from assembly.views.cases import blueprint
from assembly.views.forms import BaseForm, ChecksField, SelectField, choice, committing, stripped
from assembly.views.guard import account, load_assembly


class AssignmentForm(BaseForm):
    """Who works on a case, and until when."""

    lead = SelectField(_l("Department in charge"), [InputRequired()], coerce=int, description=_l("This is public."))
    contributing = ChecksField(_l("Departments that contribute"), coerce=int)
    days_before = IntegerField(
        _l("Working days before the public date"),
        [InputRequired()],
        description=_l("By then the departments have to be done: the internal date."),
    )
    reason = TextAreaField(
        _l("Reason"),
        [Optional(), Length(max=LONGEST_TEXT)],
        filters=[stripped],
        description=_l("Only if another department is in charge than before. The change and its reason are public."),
    )
    submit = SubmitField(_l("Save"))


@blueprint.route("/<int:case_id>/units", methods=["GET", "POST"])
def assign_units(assembly_id: int, case_id: int) -> ResponseReturnValue:
    """Say which departments work on a case, and until when."""
    assembly = load_assembly(assembly_id, may=can_keep_cases)
    case = cases.get_case(db.session, assembly, case_id)
    every = units.all_units(db.session)
    form = _form(case, [(unit.id, unit.name) for unit in every])
    if form.validate_on_submit():
        with committing(form):
            assigning.assign(
                db.session,
                case,
                units.get_unit(db.session, form.lead.data),
                [unit for unit in every if unit.id in (form.contributing.data or [])],
                days_before=int(form.days_before.data or 0),
                reason=str(form.reason.data or ""),
                by=account(),
            )
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("cases.show", assembly_id=assembly.id, case_id=case.id))
    page = render_template(
        "cases/units.html", assembly=assembly, case=case, chosen=[case], form=form, units=every, case_texts=case_texts
    )
    return page, 422 if form.errors else 200


def _form(case: Case, every: list[tuple[int, str]]) -> AssignmentForm:
    form = AssignmentForm(
        lead=next((number for number, name in every if name == case.unit), None),
        contributing=[unit.id for unit in assigning.contributing_to(db.session, case)],
        days_before=assigning.days_before_of(db.session, case),
    )
    form.lead.choices = [choice(str(number), name) for number, name in every]
    form.contributing.choices = form.lead.choices
    return form
