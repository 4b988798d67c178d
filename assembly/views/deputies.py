"""Who does an account’s work in departments while it is away, and who takes it over for good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SubmitField
from wtforms.validators import InputRequired

from assembly.extensions import db
from assembly.models import User
from assembly.services.authorisation import can_answer, can_keep_units
from assembly.services.daily import today
from assembly.services.follow_up import units
from assembly.views import desk
from assembly.views import units as unit_pages
from assembly.views.forms import BaseForm, SelectField, choice, committing
from assembly.views.guard import account, require


class DeputyForm(BaseForm):
    """Who stands in, and when."""

    deputy = SelectField(_l("Deputy"), [InputRequired()], coerce=int)
    first_day = DateField(_l("First day"), [InputRequired()], default=today)
    last_day = DateField(_l("Last day"), [InputRequired()])
    submit = SubmitField(_l("Name as deputy"))


class SuccessorForm(BaseForm):
    """Who takes over."""

    successor = SelectField(_l("Successor"), [InputRequired()], coerce=int)
    submit = SubmitField(_l("Hand over everything"))


@desk.blueprint.route("/deputies", methods=["GET", "POST"])
def deputies() -> ResponseReturnValue:
    """Show the account’s deputies, and name one."""
    require(can_answer)
    form = DeputyForm()
    form.deputy.choices = _choices(units.colleagues_of(db.session, account()))
    if form.validate_on_submit():
        with committing(form):
            units.name_deputy(
                db.session,
                account(),
                form.deputy.data,
                first_day=form.first_day.data or today(),
                last_day=form.last_day.data or today(),
            )
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("desk.deputies"))
    page = render_template("desk/deputies.html", form=form, deputies=units.deputies_of(db.session, account()))
    return page, 422 if form.errors else 200


@desk.blueprint.post("/deputies/<int:number>/end")
def end_deputy(number: int) -> ResponseReturnValue:
    """Take back that somebody is the account’s deputy."""
    require(can_answer)
    units.end_deputy(db.session, account(), number)
    db.session.commit()
    flash(gettext("Saved."), "success")
    return redirect(url_for("desk.deputies"))


@unit_pages.blueprint.route("/people/<int:user_id>/hand-over", methods=["GET", "POST"])
def hand_over(user_id: int) -> ResponseReturnValue:
    """Give all of an account’s departments to another account, as when somebody leaves."""
    require(can_keep_units)
    leaving, form = units.get_member(db.session, user_id), SuccessorForm()
    form.successor.choices = _choices(units.colleagues_of(db.session, leaving))
    if form.validate_on_submit():
        units.hand_over(db.session, leaving, form.successor.data, by=account())
        db.session.commit()
        flash(gettext("Everything was handed over."), "success")
        return redirect(url_for("units.index"))
    page = render_template("units/hand_over.html", form=form, leaving=leaving)
    return page, 422 if form.errors else 200


def _choices(people: Sequence[User]) -> list[Any]:
    return [choice(str(one.id), f"{one.name} ({one.email})") for one in people]
