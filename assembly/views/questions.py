"""The assembly's questions, the perspectives that should be heard on them, and how balanced that is."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, gettext
from flask_babel import lazy_gettext as _l
from wtforms import StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from assembly.extensions import db
from assembly.services.authorisation import can_lead, can_manage, can_see
from assembly.services.experts import balance, questions
from assembly.services.experts.balance import Minutes, QuestionBalance
from assembly.views import experts_texts
from assembly.views.charts import Bar, BarChart
from assembly.views.forms import BaseForm, committing, stripped
from assembly.views.guard import account, allows, load_assembly

blueprint = Blueprint("questions", __name__, url_prefix="/assemblies/<int:assembly_id>/questions")
LONGEST_NAME = 200
MOST_PERSPECTIVES = 30


class QuestionForm(BaseForm):
    """A question, and perspectives to add."""

    text = StringField(_l("Question"), [InputRequired(), Length(max=300)], filters=[stripped])
    perspectives = TextAreaField(
        _l("Perspectives that should be heard"),
        filters=[stripped],
        description=_l("One on each line, such as: people who work outdoors."),
    )
    submit = SubmitField(_l("Save"))

    def names(self) -> list[str]:
        """Return the perspectives, line by line."""
        return [line.strip() for line in (self.perspectives.data or "").splitlines() if line.strip()]

    def validate_perspectives(self, _field: TextAreaField) -> None:
        """Refuse lines that are too long, and too many of them."""
        if any(len(name) > LONGEST_NAME for name in self.names()):
            raise ValidationError(gettext("A line has at most %(most)s characters.", most=LONGEST_NAME))
        if len(self.names()) > MOST_PERSPECTIVES:
            raise ValidationError(gettext("Enter at most %(most)s lines.", most=MOST_PERSPECTIVES))


class PerspectiveForm(BaseForm):
    """A perspective."""

    name = StringField(_l("Perspective"), [InputRequired(), Length(max=LONGEST_NAME)], filters=[stripped])
    submit = SubmitField(_l("Save"))


@blueprint.route("/", methods=["GET", "POST"])
def index(assembly_id: int) -> ResponseReturnValue:
    """Show for each question who is heard and who is missing; add a question."""
    assembly, form = load_assembly(assembly_id, may=can_manage, may_read=can_see), QuestionForm()
    if form.validate_on_submit():
        with committing(form):
            questions.add_question(db.session, assembly, str(form.text.data), form.names(), by=account())
        if not form.errors:
            flash(gettext("Added."), "success")
            return redirect(url_for("questions.index", assembly_id=assembly_id))
    assembly = load_assembly(assembly_id, may=can_manage, may_read=can_see)
    found = balance.balance_of(db.session, assembly)
    page = render_template(
        "experts/balance.html",
        assembly=assembly,
        balances=found,
        pictures={one.question.id: balance_picture(one) for one in found},
        form=form,
        texts=experts_texts,
        may_lead=allows(assembly, can_lead),
    )
    return page, 422 if form.errors else 200


@blueprint.route("/<int:question_id>", methods=["GET", "POST"])
def edit(assembly_id: int, question_id: int) -> ResponseReturnValue:
    """Word a question anew, and add perspectives."""
    assembly = load_assembly(assembly_id, may=can_manage)
    question = questions.get_question(db.session, assembly, question_id)
    form = QuestionForm(data={"text": question.text})
    if form.validate_on_submit():
        with committing(form):
            questions.change_question(db.session, assembly, question, str(form.text.data), form.names(), by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("questions.edit", assembly_id=assembly_id, question_id=question_id))
    assembly = load_assembly(assembly_id, may=can_manage)
    question = questions.get_question(db.session, assembly, question_id)
    page = render_template("experts/question.html", assembly=assembly, question=question, form=form)
    return page, 422 if form.errors else 200


@blueprint.post("/<int:question_id>/remove")
def remove(assembly_id: int, question_id: int) -> ResponseReturnValue:
    """Remove a question for which nobody speaks."""
    assembly = load_assembly(assembly_id, may=can_manage)
    question = questions.get_question(db.session, assembly, question_id)
    questions.remove_question(db.session, assembly, question, by=account())
    db.session.commit()
    flash(gettext("Removed."), "success")
    return redirect(url_for("questions.index", assembly_id=assembly_id))


@blueprint.route("/perspectives/<int:perspective_id>", methods=["GET", "POST"])
def perspective(assembly_id: int, perspective_id: int) -> ResponseReturnValue:
    """Name a perspective anew."""
    assembly = load_assembly(assembly_id, may=can_manage)
    found = questions.get_perspective(db.session, assembly, perspective_id)
    form, question_id = PerspectiveForm(obj=found), found.question_id
    if form.validate_on_submit():
        with committing(form):
            questions.rename_perspective(db.session, assembly, found, str(form.name.data), by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("questions.edit", assembly_id=assembly_id, question_id=question_id))
    assembly = load_assembly(assembly_id, may=can_manage)
    page = render_template("experts/form.html", assembly=assembly, form=form, title=gettext("Perspective"))
    return page, 422 if form.errors else 200


@blueprint.post("/perspectives/<int:perspective_id>/remove")
def remove_perspective(assembly_id: int, perspective_id: int) -> ResponseReturnValue:
    """Remove a perspective for which nobody speaks."""
    assembly = load_assembly(assembly_id, may=can_manage)
    found = questions.get_perspective(db.session, assembly, perspective_id)
    question_id = found.question_id
    questions.remove_perspective(db.session, assembly, found, by=account())
    db.session.commit()
    flash(gettext("Removed."), "success")
    return redirect(url_for("questions.edit", assembly_id=assembly_id, question_id=question_id))


def balance_picture(one: QuestionBalance) -> BarChart:
    """Return the minutes of each perspective as a bar, with who speaks for it in the table."""
    return BarChart(
        key=f"balance-{one.question.id}",
        title=gettext("Minutes per perspective"),
        description=gettext(
            "How long each perspective is heard. Whoever stands for several of them is heard on each of them."
        ),
        bars=[
            Bar(
                found.perspective.name,
                [found.minutes.heard, found.minutes.planned],
                _figure(found.minutes),
                [
                    format_decimal(found.minutes.heard),
                    format_decimal(found.minutes.planned),
                    ", ".join(expert.name for expert in found.experts) or gettext("nobody"),
                    ", ".join(expert.name for expert in found.invited) or gettext("nobody"),
                ],
            )
            for found in one.perspectives
        ],
        columns=[
            gettext("Perspective"),
            {"label": gettext("Minutes heard"), "numeric": True},
            {"label": gettext("Minutes planned"), "numeric": True},
            gettext("Who speaks"),
            gettext("Invited, no answer yet"),
        ],
        parts=[gettext("Heard"), gettext("Planned")],
    )


def _figure(minutes: Minutes) -> str:
    if not minutes.total:
        return str(gettext("missing"))
    return str(gettext("%(minutes)s min", minutes=format_decimal(minutes.total)))
