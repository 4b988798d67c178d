"""Reported barriers: pages of site administrators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from assembly.extensions import db
from assembly.models import AnswerWay, Barrier, BarrierState, MailState
from assembly.services.authorisation import can_administer
from assembly.services.barriers import answering, states
from assembly.services.barriers.answering import Fate
from assembly.services.daily import today
from assembly.views.forms import BaseForm, SelectField, choice, committing, stripped
from assembly.views.guard import account, require
from assembly.views.posting import STATES as MAIL_STATES

blueprint = Blueprint("barriers", __name__, url_prefix="/administration/barriers")

WAYS = {
    AnswerWay.MAIL: _l("By e-mail"),
    AnswerWay.PHONE: _l("On the phone"),
    AnswerWay.LETTER: _l("By letter"),
    AnswerWay.NOBODY: _l("Not at all: there is no address that works"),
}
STATES = {
    BarrierState.OPEN: _l("open"),
    BarrierState.ANSWERED: _l("answered"),
    BarrierState.CLOSED: _l("closed"),
}

DECIDED = {
    Fate.AGAIN: _l("The mail is sent again."),
    Fate.WAS_SENT: _l("The mail counts as sent."),
    Fate.ANOTHER_WAY: _l("The case is open again. What you wrote stands in the form."),
}


class AnswerForm(BaseForm):
    """What is answered, and how."""

    way = SelectField(_l("How is it answered?"), coerce=AnswerWay)
    text = TextAreaField(
        _l("Answer"),
        [InputRequired(), Length(max=10_000)],
        filters=[stripped],
        description=_l("By e-mail it is sent at once, as it stands here. Otherwise, note what was said or done."),
        render_kw={"rows": 8},
    )
    answered_on = DateField(
        _l("Answered on"), [Optional()], description=_l("If it was on the phone or by letter; without a day, today.")
    )
    submit = SubmitField(_l("Give the answer"))


@blueprint.get("/")
def index() -> str:
    """Show what was reported, what is due first first."""
    require(can_administer)
    return render_template(
        "barriers/index.html",
        barriers=answering.all_barriers(db.session),
        not_arrived=answering.not_arrived(db.session),
        **_words(),
    )


@blueprint.route("/<int:barrier_id>", methods=["GET", "POST"])
def show(barrier_id: int) -> ResponseReturnValue:
    """Show a report, and answer it."""
    require(can_administer)
    barrier = states.get_barrier(db.session, barrier_id)
    form = _form(barrier)
    if form.validate_on_submit():
        with committing(form):
            locked = states.get_barrier(db.session, barrier_id, to_change=True)
            said = {"way": form.way.data, "text": form.text.data or "", "answered_on": form.answered_on.data}
            city = current_app.extensions["assembly.config"].city
            answering.answer(db.session, locked, **said, city=city, by=account())
        if not form.errors:
            flash(gettext("The answer is recorded."), "success")
            return redirect(url_for("barriers.show", barrier_id=barrier_id))
    sent = answering.mail_with_answer(db.session, barrier)
    page = render_template(
        "barriers/show.html",
        barrier=barrier,
        form=form,
        sent=MAIL_STATES[sent] if sent else None,
        fates=_fates(barrier, sent),
        **_words(),
    )
    return page, 422 if form.errors else 200


@blueprint.post("/<int:barrier_id>/answer/<any(again, was_sent, another_way):decision>")
def decide(barrier_id: int, decision: str) -> ResponseReturnValue:
    """Carry out what was decided about an answer that did not arrive."""
    require(can_administer)
    barrier = states.get_barrier(db.session, barrier_id, to_change=True)
    answering.decide(db.session, barrier, Fate(decision), by=account())
    db.session.commit()
    flash(str(DECIDED[Fate(decision)]), "success")
    return redirect(url_for("barriers.show", barrier_id=barrier_id))


@blueprint.post("/<int:barrier_id>/close")
def close(barrier_id: int) -> ResponseReturnValue:
    """Close what is answered."""
    require(can_administer)
    states.close(db.session, states.get_barrier(db.session, barrier_id, to_change=True), by=account())
    db.session.commit()
    flash(gettext("The case is closed."), "success")
    return redirect(url_for("barriers.index"))


@blueprint.post("/<int:barrier_id>/dismiss")
def dismiss(barrier_id: int) -> ResponseReturnValue:
    """Close what is no report, without an answer."""
    require(can_administer)
    states.dismiss(db.session, states.get_barrier(db.session, barrier_id, to_change=True), by=account())
    db.session.commit()
    flash(gettext("The case is closed."), "success")
    return redirect(url_for("barriers.index"))


def _form(barrier: Barrier) -> AnswerForm:
    form = AnswerForm(text=barrier.answer)
    unfit = set() if barrier.email else {AnswerWay.MAIL}
    unfit |= set() if answering.may_be_left(barrier) else {AnswerWay.NOBODY}
    form.way.choices = [choice(way.value, name) for way, name in WAYS.items() if way not in unfit]
    return form


def _fates(barrier: Barrier, sent: MailState | None) -> list[Fate]:
    """Return what can be decided about the mail with the answer."""
    if barrier.state is not BarrierState.ANSWERED or sent not in answering.UNDECIDED:
        return []
    return [fate for fate in Fate if fate is not Fate.WAS_SENT or sent is MailState.PERHAPS_SENT]


def _words() -> dict[str, Any]:
    return {"states": STATES, "ways": WAYS, "is_overdue": states.is_overdue, "today": today()}
