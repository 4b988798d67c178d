"""Who does what in an assembly, and city-wide."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, SelectField, StringField, SubmitField
from wtforms.validators import Email, InputRequired, Length

from assembly.extensions import db
from assembly.models import Assembly, Role
from assembly.services import accounts
from assembly.services.authorisation import can_administer, can_grant_roles
from assembly.services.errors import ServiceError
from assembly.views.forms import BaseForm, choice, stripped
from assembly.views.guard import account, load_assembly, require

blueprint = Blueprint("roles", __name__)

ROLE_NAMES = {
    Role.ORGANISER: _l("Organiser: prepares and runs everything"),
    Role.CALLER: _l("Caller: reaches drawn people"),
    Role.SUPPORT: _l("Support: sees needs and arranges what is needed"),
    Role.FACILITATOR: _l("Facilitator: running order, tables, first names"),
    Role.WITNESS: _l("Witness: enters the drawn number independently"),
    Role.AUDITOR: _l("Auditor: reads everything but needs and payment, changes nothing"),
    Role.COUNCIL_OFFICE: _l("Council office: creates assemblies, follows recommendations"),
    Role.DEPARTMENT: _l("Department: answers recommendations"),
    Role.SITE_ADMINISTRATOR: _l("Site administrator: accounts and city-wide roles"),
}


class RoleForm(BaseForm):
    """Give somebody a role; whoever has no account is invited."""

    name = StringField(_l("Name"), [InputRequired(), Length(max=200)], filters=[stripped])
    email = EmailField(_l("E-mail address"), [InputRequired(), Email(), Length(max=255)], filters=[stripped])
    role = SelectField(_l("Role"), coerce=Role)
    submit = SubmitField(_l("Give this role"))


@blueprint.route("/assemblies/<int:assembly_id>/roles", methods=["GET", "POST"])
def assembly_roles(assembly_id: int) -> ResponseReturnValue:
    """Show and give the roles of an assembly."""
    assembly = load_assembly(assembly_id, may=can_grant_roles)
    return _roles(assembly, url_for("roles.assembly_roles", assembly_id=assembly.id))


@blueprint.post("/assemblies/<int:assembly_id>/roles/<int:membership_id>/revoke")
def revoke(assembly_id: int, membership_id: int) -> ResponseReturnValue:
    """End a role in an assembly."""
    assembly = load_assembly(assembly_id, may=can_grant_roles)
    return _revoke(membership_id, assembly, url_for("roles.assembly_roles", assembly_id=assembly.id))


@blueprint.route("/administration/roles", methods=["GET", "POST"])
def city_roles() -> ResponseReturnValue:
    """Show and give the city-wide roles."""
    require(can_administer)
    return _roles(None, url_for("roles.city_roles"))


@blueprint.post("/administration/roles/<int:membership_id>/revoke")
def revoke_city_role(membership_id: int) -> ResponseReturnValue:
    """End a city-wide role."""
    require(can_administer)
    return _revoke(membership_id, None, url_for("roles.city_roles"))


def _roles(assembly: Assembly | None, address: str) -> ResponseReturnValue:
    form = RoleForm()
    form.role.choices = [
        choice(r.value, name) for r, name in ROLE_NAMES.items() if r.is_city_wide == (assembly is None)
    ]
    if form.validate_on_submit():
        try:
            email, name = str(form.email.data), str(form.name.data)
            user = accounts.find_account(db.session, email) or accounts.create_account(
                db.session, email=email, name=name, by=account()
            )
            accounts.grant(db.session, user, form.role.data, assembly=assembly, by=account())
        except ServiceError as error:
            db.session.rollback()
            form.add(error)
        else:
            db.session.commit()
            flash(gettext("The role was given."), "success")
            return redirect(address)
    page = render_template(
        "roles/roles.html",
        assembly=assembly,
        form=form,
        memberships=accounts.memberships_in(db.session, assembly),
        role_names=ROLE_NAMES,
    )
    return page, 422 if form.errors else 200


def _revoke(membership_id: int, assembly: Assembly | None, address: str) -> ResponseReturnValue:
    membership = accounts.get_membership(db.session, membership_id, assembly=assembly)
    accounts.revoke(db.session, membership, assembly=assembly, by=account())
    db.session.commit()
    flash(gettext("The role was ended."), "success")
    return redirect(address)
