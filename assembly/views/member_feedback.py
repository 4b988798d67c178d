"""A member says how an event was, without their name."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SubmitField, TextAreaField
from wtforms.validators import Length, Optional

from assembly.extensions import db
from assembly.services.programme import feedback, schedule
from assembly.services.programme.feedback import Statement
from assembly.views.feedback import STATEMENTS
from assembly.views.forms import BaseForm, choice, committing, stripped
from assembly.views.member import blueprint
from assembly.views.member_access import own_member

RATINGS = [
    choice("1", _l("1, not at all")),
    *(choice(str(rating), str(rating)) for rating in feedback.RATINGS[1:-1]),
    choice("5", _l("5, fully")),
]


def _rating(statement: Statement) -> RadioField:
    return RadioField(STATEMENTS[statement], [Optional()], choices=RATINGS)


class FeedbackForm(BaseForm):
    """How an event was."""

    speak = _rating(Statement.SPEAK)
    heard = _rating(Statement.HEARD)
    informed = _rating(Statement.INFORMED)
    fair = _rating(Statement.FAIR)
    welcome = _rating(Statement.WELCOME)
    good = TextAreaField(_l("What was good?"), [Length(max=feedback.LONGEST_TEXT)], filters=[stripped])
    better = TextAreaField(_l("What should be different?"), [Length(max=feedback.LONGEST_TEXT)], filters=[stripped])
    submit = SubmitField(_l("Send"))


@blueprint.route("/events/<int:event_id>/feedback", methods=["GET", "POST"])
def give_feedback(event_id: int) -> ResponseReturnValue:
    """Ask how an event was, and take the answers."""
    member = own_member()
    event = schedule.get_own_event(db.session, member, event_id).event
    form = FeedbackForm()
    if form.validate_on_submit():
        with committing(form):
            ratings = {one: int(form[one.value].data) for one in Statement if form[one.value].data}
            feedback.give(
                db.session,
                event,
                member.respondent_id,
                ratings=ratings,
                good=form.good.data or "",
                better=form.better.data or "",
            )
        if not form.errors:
            flash(gettext("Thank you! Your answers were kept without your name."), "success")
            return redirect(url_for("member.start"))
    has_given = event.id in feedback.given_by(db.session, member.respondent_id, [event])
    page = render_template(
        "member/feedback.html",
        member=member,
        event=event,
        form=form,
        is_open=feedback.is_open(event) and not has_given,
        has_given=has_given,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
