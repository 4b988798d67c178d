"""Redaction by order of the words of a recommendation that was handed over, by the council office."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length

from assembly.extensions import db
from assembly.models import RecommendationState, RedactionGround
from assembly.services.authorisation import can_keep_cases
from assembly.services.errors import ConflictError
from assembly.services.recommendations import reading, redacting
from assembly.services.recommendations.redacting import Redacted
from assembly.services.recommendations.texts import WRONG_STATE
from assembly.views import recommendations_texts
from assembly.views.forms import BaseForm, SelectField, choice, committing, stripped
from assembly.views.guard import account, load_assembly
from assembly.views.recommendations import blueprint


class RedactionForm(BaseForm):
    """Which words go, by which order."""

    words = TextAreaField(
        _l("Words to take away"),
        [InputRequired(), Length(max=redacting.LONGEST)],
        filters=[stripped],
        description=_l("As they stand in the text, such as a name. They are replaced wherever they stand."),
    )
    ground = SelectField(
        _l("Ground"),
        choices=[choice(ground, text) for ground, text in recommendations_texts.REDACTION_GROUNDS.items()],
        coerce=RedactionGround,
    )
    reference = StringField(
        _l("Which order"),
        [InputRequired(), Length(max=redacting.LONGEST_REFERENCE)],
        filters=[stripped],
        description=_l("Who ordered it, and its file number. Everyone can read this, so name nobody here."),
    )
    ordered_on = DateField(_l("Ordered on"), [InputRequired()])
    is_sure = BooleanField(_l("I have checked the words. This cannot be undone."), [InputRequired()])
    submit = SubmitField(_l("Take the words away for good"))


@blueprint.route("/<int:number>/redact", methods=["GET", "POST"])
def redact(assembly_id: int, number: int) -> ResponseReturnValue:
    """Take words away by order; the page says that it was done, and why."""
    assembly, form = load_assembly(assembly_id, may=can_keep_cases), RedactionForm()
    one = reading.get_recommendation(db.session, assembly, number)
    if one.state is not RecommendationState.HANDED_OVER:
        raise ConflictError(WRONG_STATE)
    if form.validate_on_submit():
        with committing(form):
            done = redacting.redact(db.session, one, form.words.data or "", **_order(form), by=account())
        if not form.errors:
            _say(done)
            return redirect(url_for("recommendations.show", assembly_id=assembly_id, number=number))
    page = render_template("recommendations/redact.html", assembly=assembly, one=one, form=form)
    return page, 422 if form.errors else 200


def _order(form: RedactionForm) -> dict[str, Any]:
    return {name: form[name].data for name in ("ground", "reference", "ordered_on")}


def _say(done: Redacted) -> None:
    """Say what was done, and which steps still have the words."""
    flash(ngettext("Taken away from %(num)s text.", "Taken away from %(num)s texts.", done.texts), "success")
    for step in done.elsewhere:
        flash(
            gettext(
                "The same words stand in step %(step)s of “%(addressee)s”: redact them there, too.",
                step=step.number,
                addressee=step.case.addressee.name,
            ),
            "warning",
        )
