"""Experts: whom the assembly hears, how far each invitation is, where they speak."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from assembly.extensions import db
from assembly.models import Assembly, Expert, ExpertRole, ExpertState, Gender
from assembly.services.authorisation import can_book, can_lead, can_manage, can_see
from assembly.services.experts import inputs, inviting, questions, slides
from assembly.services.programme import events
from assembly.views import experts_texts, programme_texts
from assembly.views.forms import BaseForm, ChecksField, EditForm, choice, committing, stripped, values_of
from assembly.views.guard import account, allows, load_assembly
from assembly.views.whereabouts import chosen_place, place_choices

blueprint = Blueprint("experts", __name__, url_prefix="/assemblies/<int:assembly_id>/experts")


class ExpertForm(EditForm):
    """An expert."""

    also = ("perspectives",)

    name = StringField(_l("Name"), [InputRequired(), Length(max=200)], filters=[stripped])
    role = SelectField(
        _l("Speaks from"),
        coerce=ExpertRole,
        choices=[choice(role.value, text) for role, text in experts_texts.ROLES.items()],
    )
    affiliation = StringField(_l("Affiliation"), [Length(max=200)], filters=[stripped])
    perspectives = ChecksField(_l("Stands for"), coerce=int)
    interests = TextAreaField(
        _l("Declared interests"),
        [Length(max=2000)],
        filters=[stripped],
        description=_l("Mandates, clients, funding, own concern. The public reads it; “none” is an answer, too."),
    )
    proposed_by = StringField(_l("Proposed by"), [Length(max=200)], filters=[stripped])
    chosen_by = StringField(
        _l("Chosen by"), [Length(max=200)], filters=[stripped], description=_l("Needed before the invitation.")
    )
    gender = SelectField(
        _l("Gender"),
        [Optional()],
        coerce=lambda text: Gender(text) if text and text != "None" else None,
        choices=[choice(gender.value if gender else "", text) for gender, text in experts_texts.GENDERS.items()],
        description=_l("Only for the balance, and only if they have said it."),
    )
    fee = IntegerField(
        _l("Fee in euros"), [Optional(), NumberRange(0, 1_000_000)], description=_l("Only organisers see it.")
    )
    submit = SubmitField(_l("Save"))

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {name: value for name, value in values_of(self).items() if name != "perspectives"}


class InputForm(BaseForm):
    """Where an expert speaks."""

    place = SelectField(_l("Event, or item of its agenda"))
    minutes = IntegerField(_l("Minutes"), [InputRequired(), NumberRange(1, 1440)])
    submit = SubmitField(_l("Add"))


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """List the experts, and which slides are missing."""
    assembly = load_assembly(assembly_id, may=can_see)
    may_book = allows(assembly, can_book)
    return render_template(
        "experts/index.html",
        assembly=assembly,
        experts=inviting.experts_of(db.session, assembly),
        missing_slides=slides.missing_slides(db.session, assembly) if may_book else [],
        texts=experts_texts,
        may_manage=allows(assembly, can_manage),
        may_lead=allows(assembly, can_lead),
    )


@blueprint.route("/new", methods=["GET", "POST"])
def create(assembly_id: int) -> ResponseReturnValue:
    """Propose an expert."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form = _with_perspectives(ExpertForm(), assembly)
    if form.validate_on_submit():
        with committing(form):
            expert = inviting.add_expert(
                db.session, assembly, form.values(), perspectives=form.perspectives.data or (), by=account()
            )
        if not form.errors:
            flash(gettext("Added to the list of those proposed."), "success")
            return redirect(url_for("experts.show", assembly_id=assembly_id, expert_id=expert.id))
    assembly = load_assembly(assembly_id, may=can_manage)
    page = render_template("experts/form.html", assembly=assembly, form=form, title=gettext("Propose an expert"))
    return page, 422 if form.errors else 200


@blueprint.get("/<int:expert_id>")
def show(assembly_id: int, expert_id: int) -> ResponseReturnValue:
    """Show an expert, how far the invitation is, and where they speak."""
    return _page(assembly_id, expert_id)


@blueprint.route("/<int:expert_id>/edit", methods=["GET", "POST"])
def edit(assembly_id: int, expert_id: int) -> ResponseReturnValue:
    """Describe an expert anew."""
    assembly = load_assembly(assembly_id, may=can_manage)
    expert = inviting.get_expert(db.session, assembly, expert_id)
    form = _with_perspectives(ExpertForm.of(expert), assembly)
    if request.method != "POST":
        form.perspectives.data = [one.id for one in expert.perspectives]
    if form.validate_on_submit():
        with committing(form):
            form.require_unchanged(assembly, expert)
            chosen = form.perspectives.data or ()
            inviting.change_expert(db.session, expert, form.values(), perspectives=chosen, by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("experts.show", assembly_id=assembly_id, expert_id=expert_id))
    assembly = load_assembly(assembly_id, may=can_manage)
    page = render_template("experts/form.html", assembly=assembly, form=form, title=gettext("Expert"))
    return page, 422 if form.errors else 200


@blueprint.post("/<int:expert_id>/<any(proposed, invited, accepted, declined, withdrawn):expert_state>")
def move(assembly_id: int, expert_id: int, expert_state: str) -> ResponseReturnValue:
    """Say how far the invitation is; if the expert speaks elsewhere then, say where."""
    assembly, form = load_assembly(assembly_id, may=can_manage), BaseForm()
    expert = inviting.get_expert(db.session, assembly, expert_id)
    with committing(form):
        inviting.move(db.session, expert, ExpertState(expert_state), by=account())
    if form.errors:
        return _page(assembly_id, expert_id, move_form=form), 422
    flash(gettext("Saved."), "success")
    return redirect(url_for("experts.show", assembly_id=assembly_id, expert_id=expert_id))


@blueprint.post("/<int:expert_id>/remove")
def remove(assembly_id: int, expert_id: int) -> ResponseReturnValue:
    """Remove an expert who has not accepted."""
    assembly = load_assembly(assembly_id, may=can_manage)
    inviting.remove_expert(db.session, inviting.get_expert(db.session, assembly, expert_id), by=account())
    db.session.commit()
    flash(gettext("Removed."), "success")
    return redirect(url_for("experts.index", assembly_id=assembly_id))


@blueprint.post("/<int:expert_id>/inputs")
def add_input(assembly_id: int, expert_id: int) -> ResponseReturnValue:
    """Let an expert speak at an event; if they are elsewhere then, say where."""
    assembly = load_assembly(assembly_id, may=can_manage)
    expert = inviting.get_expert(db.session, assembly, expert_id)
    form = _with_places(InputForm(), assembly)
    if form.validate_on_submit():
        event, item = chosen_place(events.events_of(db.session, assembly), form.place.data)
        with committing(form):
            if event is not None:
                inputs.add_input(db.session, expert, event, item, minutes=form.minutes.data or 0, by=account())
        if not form.errors:
            flash(gettext("Added."), "success")
            return redirect(url_for("experts.show", assembly_id=assembly_id, expert_id=expert_id))
    return _page(assembly_id, expert_id, input_form=form), 422


@blueprint.post("/<int:expert_id>/inputs/<int:input_id>/remove")
def remove_input(assembly_id: int, expert_id: int, input_id: int) -> ResponseReturnValue:
    """Let an expert no longer speak there."""
    assembly = load_assembly(assembly_id, may=can_manage)
    expert = inviting.get_expert(db.session, assembly, expert_id)
    inputs.remove_input(db.session, expert, inputs.get_input(db.session, expert, input_id), by=account())
    db.session.commit()
    flash(gettext("Removed."), "success")
    return redirect(url_for("experts.show", assembly_id=assembly_id, expert_id=expert_id))


def _with_perspectives(form: ExpertForm, assembly: Assembly) -> ExpertForm:
    form.perspectives.choices = [
        choice(str(perspective.id), f"{question.text} – {perspective.name}")
        for question in questions.questions_of(db.session, assembly)
        for perspective in question.perspectives
    ]
    return form


def _with_places(form: InputForm, assembly: Assembly) -> InputForm:
    form.place.choices = place_choices(events.events_of(db.session, assembly))
    return form


def _page(assembly_id: int, expert_id: int, **forms: BaseForm) -> str:
    assembly = load_assembly(assembly_id, may=can_see)
    expert: Expert = inviting.get_expert(db.session, assembly, expert_id)
    fresh = {"move_form": BaseForm(formdata=None), "input_form": _with_places(InputForm(formdata=None), assembly)}
    return render_template(
        "experts/show.html",
        assembly=assembly,
        expert=expert,
        moves=[state for state in ExpertState if state in inviting.TRANSITIONS[expert.state]],
        texts=experts_texts,
        event_texts=programme_texts,
        may_manage=allows(assembly, can_manage),
        **(fresh | forms),
    )
