"""To whom notices about what is owed go: a page of organisers and the council office."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, SubmitField
from wtforms.validators import Email, InputRequired, Length

from assembly.extensions import db
from assembly.models import EVERY_ADDRESSEE, Assembly, ContactRole
from assembly.services.authorisation import can_set_rules
from assembly.services.follow_up import contacts
from assembly.views import case_texts
from assembly.views.cases import blueprint
from assembly.views.forms import BaseForm, SelectField, choice, committing, stripped
from assembly.views.guard import account, load_assembly


class ContactForm(BaseForm):
    """Who is written to, as what, and about whose cases."""

    role = SelectField(_l("As what"), choices=[choice(role.value, case_texts.CONTACTS[role]) for role in ContactRole])
    addressee = SelectField(_l("About the cases of"), coerce=int, default=EVERY_ADDRESSEE)
    email = EmailField(_l("E-mail address"), [InputRequired(), Email(), Length(max=255)], filters=[stripped])
    submit = SubmitField(_l("Add"))


@blueprint.get("/contacts")
def list_contacts(assembly_id: int) -> ResponseReturnValue:
    """Show to whom notices go."""
    assembly = load_assembly(assembly_id, may=can_set_rules)
    return _page(assembly, _form(assembly))


@blueprint.post("/contacts")
def add_contact(assembly_id: int) -> ResponseReturnValue:
    """Add an address."""
    assembly = load_assembly(assembly_id, may=can_set_rules)
    form = _form(assembly)
    if form.validate_on_submit():
        with committing(form):
            values = {"role": form.role.data, "addressee": form.addressee.data, "email": form.email.data}
            contacts.add_contact(db.session, assembly, values, by=account())
        if not form.errors:
            flash(gettext("Added."), "success")
            return redirect(url_for("cases.list_contacts", assembly_id=assembly.id))
    return _page(assembly, form), 422


@blueprint.post("/contacts/<int:contact_id>/remove")
def remove_contact(assembly_id: int, contact_id: int) -> ResponseReturnValue:
    """Remove an address."""
    assembly = load_assembly(assembly_id, may=can_set_rules)
    contacts.remove_contact(db.session, assembly, contact_id, by=account())
    db.session.commit()
    flash(gettext("Removed."), "success")
    return redirect(url_for("cases.list_contacts", assembly_id=assembly.id))


def _form(assembly: Assembly) -> ContactForm:
    form = ContactForm()
    names = {EVERY_ADDRESSEE: _l("All addressees"), **contacts.addressees_of(db.session, assembly)}
    form.addressee.choices = [choice(str(number), name) for number, name in names.items()]
    return form


def _page(assembly: Assembly, form: ContactForm) -> str:
    return render_template(
        "cases/contacts.html",
        assembly=assembly,
        form=form,
        contacts=contacts.contacts_of(db.session, assembly),
        addressees=contacts.addressees_of(db.session, assembly),
        texts=case_texts,
    )
