"""What members ask for, without names: answered by organisers, and published."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length

from assembly.extensions import db
from assembly.models import RequestKind
from assembly.services.authorisation import can_lead, can_manage
from assembly.services.experts import asking
from assembly.views import experts_texts
from assembly.views.forms import EditForm, choice, committing, stripped, values_of
from assembly.views.guard import account, allows, load_assembly

blueprint = Blueprint("requests", __name__, url_prefix="/assemblies/<int:assembly_id>/requests")
KINDS = [choice(kind.value, text) for kind, text in experts_texts.REQUEST_KINDS.items()]


class AnswerForm(EditForm):
    """An answer."""

    kind = SelectField(_l("What it is"), coerce=RequestKind, choices=KINDS)
    wording = TextAreaField(
        _l("The request in words that can be published"),
        [InputRequired(), Length(max=asking.LONGEST_REQUEST)],
        filters=[stripped],
        description=_l("Leave out everything that shows who asked."),
    )
    answer = TextAreaField(_l("Answer"), [InputRequired(), Length(max=asking.LONGEST_ANSWER)], filters=[stripped])
    is_published = BooleanField(
        _l("Publish request and answer"), description=_l("They stand on the public page of the programme then.")
    )
    submit = SubmitField(_l("Save"))


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """Show what members asked for, and all answers."""
    assembly = load_assembly(assembly_id, may=can_lead)
    return render_template(
        "experts/requests.html",
        assembly=assembly,
        requests=asking.requests_of(db.session, assembly),
        answers=asking.answers_of(db.session, assembly),
        texts=experts_texts,
        may_manage=allows(assembly, can_manage),
        may_lead=True,
    )


@blueprint.route("/<int:request_id>/answer", methods=["GET", "POST"])
def answer(assembly_id: int, request_id: int) -> ResponseReturnValue:
    """Answer a request."""
    assembly = load_assembly(assembly_id, may=can_manage)
    asked = asking.get_request(db.session, assembly, request_id)
    if asked.answer is not None:
        return redirect(url_for("requests.edit", assembly_id=assembly_id, answer_id=asked.answer.id))
    form = AnswerForm(data={"kind": asked.request.kind.value, "wording": asked.request.text})
    if form.validate_on_submit():
        with committing(form):
            asking.add_answer(db.session, assembly, values_of(form), request=asked.request, by=account())
        if not form.errors:
            return _saved(assembly_id)
    return _page(assembly_id, form, request_id=request_id)


@blueprint.route("/answers/new", methods=["GET", "POST"])
def add(assembly_id: int) -> ResponseReturnValue:
    """Answer what was asked elsewhere, such as in the room or on paper."""
    assembly, form = load_assembly(assembly_id, may=can_manage), AnswerForm()
    if form.validate_on_submit():
        with committing(form):
            asking.add_answer(db.session, assembly, values_of(form), by=account())
        if not form.errors:
            return _saved(assembly_id)
    return _page(assembly_id, form)


@blueprint.route("/answers/<int:answer_id>", methods=["GET", "POST"])
def edit(assembly_id: int, answer_id: int) -> ResponseReturnValue:
    """Word an answer anew, publish it, or take it back."""
    assembly = load_assembly(assembly_id, may=can_manage)
    found = asking.get_answer(db.session, assembly, answer_id)
    form, request_id = AnswerForm.of(found), found.request_id
    if form.validate_on_submit():
        with committing(form):
            form.require_unchanged(assembly, found)
            asking.change_answer(db.session, assembly, found, values_of(form), by=account())
        if not form.errors:
            return _saved(assembly_id)
    return _page(assembly_id, form, request_id=request_id)


def _saved(assembly_id: int) -> ResponseReturnValue:
    flash(gettext("Saved."), "success")
    return redirect(url_for("requests.index", assembly_id=assembly_id))


def _page(assembly_id: int, form: AnswerForm, *, request_id: int | None = None) -> ResponseReturnValue:
    assembly = load_assembly(assembly_id, may=can_manage)
    asked = asking.get_request(db.session, assembly, request_id) if request_id is not None else None
    page = render_template("experts/answer.html", assembly=assembly, form=form, asked=asked, texts=experts_texts)
    return page, 422 if form.errors else 200
