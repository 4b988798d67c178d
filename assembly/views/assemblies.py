"""The staff's pages of an assembly: overview, description, political timeline, log."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from assembly.extensions import db
from assembly.models import Assembly, User
from assembly.services import accounts, assemblies, authorisation, logbook
from assembly.services.authorisation import (
    can_administer,
    can_answer,
    can_audit,
    can_check_claims,
    can_create_assemblies,
    can_manage,
    can_see,
    can_see_roles,
)
from assembly.services.site import pages as site_pages
from assembly.views import site_texts
from assembly.views.forms import (
    LANGUAGE_NAMES,
    BaseForm,
    EditForm,
    SelectField,
    choice,
    committing,
    number_or_none,
    stripped,
    values_of,
)
from assembly.views.guard import account, allows, load_assembly, require, signed_in
from assembly.views.log_table import accounts_in, log_rows
from assembly.views.messages import sentence
from assembly.views.tasks import tasks_of

blueprint = Blueprint("assemblies", __name__, url_prefix="/assemblies")


class DescriptionForm(EditForm):
    """What an assembly is about."""

    title = StringField(_l("Title"), [InputRequired(), Length(max=200)], filters=[stripped])
    question = TextAreaField(
        _l("Question"),
        [InputRequired(), Length(max=2000)],
        filters=[stripped],
        description=_l("The question that the panel answers, as it stands in the invitation."),
    )
    commissioning_body = StringField(
        _l("Commissioned by"),
        [InputRequired(), Length(max=200)],
        filters=[stripped],
        description=_l("For example: city council of Auenfurt, resolution 2026/114."),
    )
    mandate = TextAreaField(
        _l("Mandate"),
        [Length(max=10_000)],
        filters=[stripped],
        description=_l("What the panel is asked to deliver, and what will happen with it."),
    )
    panel_size = IntegerField(_l("Seats on the panel"), [InputRequired(), NumberRange(1, 1000)])
    minimum_age = IntegerField(_l("Minimum age"), [InputRequired(), NumberRange(0, 99)], default=16)
    reference_date = DateField(
        _l("Reference date"), [Optional()], description=_l("Age is counted on this day, usually the first event.")
    )
    languages = SelectMultipleField(_l("Languages of the assembly"), choices=LANGUAGE_NAMES, default=["de"])
    contact = TextAreaField(
        _l("Contact"),
        [Length(max=2000)],
        filters=[stripped],
        description=_l("Shown on the public page and in letters."),
    )
    predecessor_id = SelectField(_l("Follows the assembly"), coerce=number_or_none)
    is_public = BooleanField(_l("The public page can be seen by everyone"))
    submit = SubmitField(_l("Save"))


class TimelineForm(BaseForm):
    """The political process that the result feeds."""

    political_process = TextAreaField(
        _l("Political process"),
        [Length(max=10_000)],
        filters=[stripped],
        description=_l("Which plan, statute or budget the result feeds, and how."),
    )
    decider = StringField(_l("Who decides"), [Length(max=200)], filters=[stripped])
    open_points = TextAreaField(_l("What is open"), [Length(max=10_000)], filters=[stripped])
    settled_points = TextAreaField(
        _l("What is not negotiable"),
        [Length(max=10_000)],
        filters=[stripped],
        description=_l("Say it before the invitation: nothing disappoints more than to learn it at the end."),
    )
    result_date = DateField(_l("The panel hands over its result on"), [Optional()])
    decision_date = DateField(_l("The decision is taken on"), [Optional()])
    budget_date = DateField(_l("The budget is decided on"), [Optional()])
    submit = SubmitField(_l("Save"))


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Show the assemblies of the account; whoever has none but works in a department finds its tasks instead."""
    signed_in()
    user = account()
    found = authorisation.assemblies_of(db.session, user)
    if not found and can_answer(authorisation.standing_of(user)):
        return redirect(url_for("desk.index"))
    return render_template(
        "assemblies/index.html",
        assemblies=found,
        may_create=can_create_assemblies(authorisation.standing_of(user)),
        owed_pages=_owed_pages(user),
    )


def _owed_pages(user: User) -> bool:
    """Whether a page that the law wants is missing, for those who can write it."""
    if not can_administer(authorisation.standing_of(user)):
        return False
    return any(one.is_owed for one in site_pages.standings(db.session, site_texts.elsewhere()))


@blueprint.route("/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    """Add an assembly."""
    require(can_create_assemblies)
    form = _description_form(None)
    if form.validate_on_submit():
        with committing(form):
            assembly = assemblies.create_assembly(db.session, values_of(form), by=account())
        if not form.errors:
            flash(gettext("The assembly was created. Next: its political timeline."), "success")
            return redirect(url_for("assemblies.timeline", assembly_id=assembly.id))
    return render_template("assemblies/create.html", form=form), 422 if form.errors else 200


@blueprint.get("/<int:assembly_id>")
def overview(assembly_id: int) -> ResponseReturnValue:
    """Show where the assembly stands and what comes next."""
    assembly = load_assembly(assembly_id, may=can_see)
    standing = authorisation.standing_of(account(), assembly.id)
    return render_template(
        "assemblies/overview.html",
        assembly=assembly,
        lateness=assemblies.lateness(assembly),
        tasks=tasks_of(assembly, standing),
        may_manage=can_manage(standing),
        may_audit=can_audit(standing),
        may_see_roles=can_see_roles(standing),
    )


@blueprint.route("/<int:assembly_id>/description", methods=["GET", "POST"])
def description(assembly_id: int) -> ResponseReturnValue:
    """Change what the assembly is about."""
    assembly = load_assembly(assembly_id, may=can_manage, may_read=can_audit)
    form = _description_form(assembly)
    if form.validate_on_submit():
        with committing(form):
            form.require_unchanged(assembly, assembly)
            assemblies.describe(db.session, assembly, values_of(form), by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("assemblies.overview", assembly_id=assembly.id))
    return render_template("assemblies/description.html", assembly=assembly, form=form), 422 if form.errors else 200


@blueprint.route("/<int:assembly_id>/timeline", methods=["GET", "POST"])
def timeline(assembly_id: int) -> ResponseReturnValue:
    """Change the political timeline."""
    assembly = load_assembly(assembly_id, may=can_manage, may_read=can_audit)
    form = TimelineForm(obj=assembly)
    if form.validate_on_submit():
        assemblies.set_timeline(db.session, assembly, values_of(form), by=account())
        db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for("assemblies.timeline", assembly_id=assembly.id))
    page = render_template(
        "assemblies/timeline.html", assembly=assembly, form=form, lateness=assemblies.lateness(assembly)
    )
    return page, 422 if form.errors else 200


@blueprint.get("/<int:assembly_id>/log")
def log(assembly_id: int) -> ResponseReturnValue:
    """Show the append-only log and whether its chain holds."""
    assembly = load_assembly(assembly_id, may=can_audit)
    entries = list(logbook.entries_of(db.session, assembly))
    names, may_see_payment = accounts.names_of(db.session, accounts_in(entries)), allows(assembly, can_check_claims)
    return render_template(
        "assemblies/log.html",
        assembly=assembly,
        rows=log_rows(entries, names, may_see_payment=may_see_payment),
        fault=sentence(fault) if (fault := logbook.first_fault(entries)) else None,
        head=logbook.head_of(db.session, assembly),
    )


def _description_form(assembly: Assembly | None) -> DescriptionForm:
    form = DescriptionForm.of(assembly)
    others = assemblies.possible_predecessors(db.session, assembly)
    none = choice("", gettext("no earlier assembly"))
    form.predecessor_id.choices = [none, *(choice(str(other.id), other.title) for other in others)]
    return form
