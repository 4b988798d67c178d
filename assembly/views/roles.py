"""Who does what in an assembly, and city-wide."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, StringField, SubmitField
from wtforms.validators import Email, InputRequired, Length

from assembly.extensions import db
from assembly.models import Assembly, Role
from assembly.security.links import outside, password_link
from assembly.services import accounts, authorisation, invitations
from assembly.services.accounts import AccountState
from assembly.services.authorisation import can_administer, can_grant_roles, can_see_roles
from assembly.views.forms import BaseForm, SelectField, choice, committing, stripped
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
STATE_NAMES = {
    AccountState.INVITED: _l("Invited, no password yet"),
    AccountState.ACTIVE: _l("Active"),
    AccountState.SECURED: _l("Active, with second factor"),
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
    assembly = load_assembly(assembly_id, may=can_grant_roles, may_read=can_see_roles)
    return _roles(assembly)


@blueprint.post("/assemblies/<int:assembly_id>/roles/<int:membership_id>/revoke")
def revoke(assembly_id: int, membership_id: int) -> ResponseReturnValue:
    """End a role in an assembly."""
    assembly = load_assembly(assembly_id, may=can_grant_roles)
    return _revoke(membership_id, assembly)


@blueprint.post("/assemblies/<int:assembly_id>/roles/<int:membership_id>/invite")
def invite(assembly_id: int, membership_id: int) -> ResponseReturnValue:
    """Send somebody the invitation to their account again."""
    assembly = load_assembly(assembly_id, may=can_grant_roles)
    return _invite(membership_id, assembly)


@blueprint.post("/assemblies/<int:assembly_id>/roles/<int:membership_id>/reset-second-factor")
def reset_second_factor(assembly_id: int, membership_id: int) -> ResponseReturnValue:
    """Take the second factor from somebody who lost it: only site administrators, since it weakens an account."""
    assembly = load_assembly(assembly_id, may=can_administer)
    return _reset_second_factor(membership_id, assembly)


@blueprint.route("/administration/roles", methods=["GET", "POST"])
def city_roles() -> ResponseReturnValue:
    """Show and give the city-wide roles."""
    require(can_administer)
    return _roles(None)


@blueprint.post("/administration/roles/<int:membership_id>/revoke")
def revoke_city_role(membership_id: int) -> ResponseReturnValue:
    """End a city-wide role."""
    require(can_administer)
    return _revoke(membership_id, None)


@blueprint.post("/administration/roles/<int:membership_id>/invite")
def invite_for_city_role(membership_id: int) -> ResponseReturnValue:
    """Send somebody the invitation to their account again."""
    require(can_administer)
    return _invite(membership_id, None)


@blueprint.post("/administration/roles/<int:membership_id>/reset-second-factor")
def reset_second_factor_of_city_role(membership_id: int) -> ResponseReturnValue:
    """Take the second factor from somebody who lost it."""
    require(can_administer)
    return _reset_second_factor(membership_id, None)


def _address(assembly: Assembly | None) -> str:
    if assembly is None:
        return url_for("roles.city_roles")
    return url_for("roles.assembly_roles", assembly_id=assembly.id)


def _links(assembly: Assembly | None) -> invitations.Links:
    page = url_for("assemblies.overview", assembly_id=assembly.id) if assembly else url_for("assemblies.index")
    return invitations.Links(to_password=password_link, to_work=outside(page))


def _roles(assembly: Assembly | None) -> ResponseReturnValue:
    form = RoleForm()
    form.role.choices = [
        choice(r.value, name) for r, name in ROLE_NAMES.items() if r.is_city_wide == (assembly is None)
    ]
    if form.validate_on_submit():
        with committing(form):
            invitations.give_role(
                db.session,
                email=str(form.email.data),
                name=str(form.name.data),
                role=form.role.data,
                assembly=assembly,
                by=account(),
                links=_links(assembly),
            )
        if not form.errors:
            flash(gettext("The role was given."), "success")
            return redirect(_address(assembly))
    page = render_template(
        "roles/roles.html",
        assembly=assembly,
        form=form,
        memberships=[(m, accounts.state_of(m.user)) for m in accounts.memberships_in(db.session, assembly)],
        may_reset=can_administer(authorisation.standing_of(account())),
        role_names=ROLE_NAMES,
        state_names=STATE_NAMES,
    )
    return page, 422 if form.errors else 200


def _revoke(membership_id: int, assembly: Assembly | None) -> ResponseReturnValue:
    membership = accounts.get_membership(db.session, membership_id, assembly=assembly)
    accounts.revoke(db.session, membership, assembly=assembly, by=account())
    db.session.commit()
    flash(gettext("The role was ended."), "success")
    return redirect(_address(assembly))


def _invite(membership_id: int, assembly: Assembly | None) -> ResponseReturnValue:
    membership = accounts.get_membership(db.session, membership_id, assembly=assembly)
    invitations.invite(db.session, membership.user, assembly=assembly, by=account(), links=_links(assembly))
    db.session.commit()
    flash(gettext("The invitation is on its way again."), "success")
    return redirect(_address(assembly))


def _reset_second_factor(membership_id: int, assembly: Assembly | None) -> ResponseReturnValue:
    membership = accounts.get_membership(db.session, membership_id, assembly=assembly)
    accounts.reset_second_factor(db.session, membership.user, assembly=assembly, by=account())
    db.session.commit()
    flash(gettext("The second factor was taken off. It is set up again at the next sign-in."), "success")
    return redirect(_address(assembly))
