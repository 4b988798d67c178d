"""The departments of the city, and who works in each."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, StringField, SubmitField
from wtforms.validators import Email, InputRequired, Length

from assembly.extensions import db
from assembly.security.links import outside, password_link
from assembly.services import invitations
from assembly.services.authorisation import can_keep_units
from assembly.services.follow_up import units
from assembly.views.forms import BaseForm, committing, stripped
from assembly.views.guard import account, require

blueprint = Blueprint("units", __name__, url_prefix="/units")


class UnitForm(BaseForm):
    """A new department."""

    name = StringField(
        _l("Name"),
        [InputRequired(), Length(max=200)],
        filters=[stripped],
        description=_l("As the public reads it. It cannot be changed later."),
    )
    approves = BooleanField(_l("This is the mayor’s office: it approves what departments draft."))
    submit = SubmitField(_l("Add the department"))


class MemberForm(BaseForm):
    """Who works in a department."""

    name = StringField(_l("Name"), [InputRequired(), Length(max=200)], filters=[stripped])
    email = EmailField(_l("E-mail address"), [InputRequired(), Email(), Length(max=255)], filters=[stripped])
    submit = SubmitField(_l("Add this person"))


@blueprint.route("/", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """Show the departments, and add one."""
    require(can_keep_units)
    form = UnitForm()
    if form.validate_on_submit():
        with committing(form):
            units.add_unit(db.session, name=str(form.name.data), approves=bool(form.approves.data), by=account())
        if not form.errors:
            flash(gettext("The department was added."), "success")
            return redirect(url_for("units.index"))
    page = render_template("units/index.html", form=form, units=units.all_units(db.session))
    return page, 422 if form.errors else 200


@blueprint.route("/<int:unit_id>", methods=["GET", "POST"])
def show(unit_id: int) -> ResponseReturnValue:
    """Show who works in a department, and add somebody."""
    require(can_keep_units)
    unit, form = units.get_unit(db.session, unit_id), MemberForm()
    if form.validate_on_submit():
        links = invitations.Links(to_password=password_link, to_work=outside(url_for("desk.index")))
        with committing(form):
            units.add_member(
                db.session, unit, email=str(form.email.data), name=str(form.name.data), by=account(), links=links
            )
        if not form.errors:
            flash(gettext("Added."), "success")
            return redirect(url_for("units.show", unit_id=unit.id))
    page = render_template("units/unit.html", form=form, unit=unit)
    return page, 422 if form.errors else 200


@blueprint.post("/<int:unit_id>/members/<int:user_id>/remove")
def remove(unit_id: int, user_id: int) -> ResponseReturnValue:
    """End somebody’s work in a department."""
    require(can_keep_units)
    units.leave(db.session, units.get_unit(db.session, unit_id), user_id, by=account())
    db.session.commit()
    flash(gettext("This person does not see the department’s cases any more."), "success")
    return redirect(url_for("units.show", unit_id=unit_id))
