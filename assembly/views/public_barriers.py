"""Reporting a barrier: a form for everyone, to which every footer leads with the page that it is about."""

from __future__ import annotations

from http import HTTPStatus

from flask import current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, StringField, SubmitField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, Optional

from assembly.extensions import db, limiter
from assembly.i18n import LANGUAGES, text_language
from assembly.services.barriers import reporting
from assembly.services.daily import today
from assembly.views.forms import BaseForm, committing, stripped
from assembly.views.guard import public
from assembly.views.public import blueprint

REPORTED = "20 per hour"
"""Reports from one address of a visitor."""
KEPT = "reported_barrier"
"""Where the session keeps the number of what was reported: whoever guesses a number reads nothing."""


class BarrierForm(BaseForm):
    """What hinders somebody, and where."""

    page = StringField(
        _l("On which page?"),
        [Optional(), Length(max=500)],
        filters=[stripped],
        description=_l("Its address or its name."),
    )
    text = TextAreaField(
        _l("What hinders you?"),
        [InputRequired(), Length(max=5000)],
        filters=[stripped],
        description=_l(
            "For example: “The screen reader does not read the table.” You need not say anything about yourself."
        ),
        render_kw={"rows": 8},
    )
    email = EmailField(
        _l("Your e-mail address"),
        [Optional(), Email(), Length(max=255)],
        filters=[stripped],
        description=_l(
            "If you want an answer. We use it for nothing else, and delete it half a year after the case is closed, or "
            "an answer was due."
        ),
        render_kw={"autocomplete": "email"},
    )
    submit = SubmitField(_l("Send the report"))


@blueprint.route("/report-a-barrier", methods=["GET", "POST"])
@public
@limiter.limit(REPORTED, methods=["POST"])
def report_barrier() -> ResponseReturnValue:
    """Take a report."""
    form = BarrierForm()
    if request.method == "GET":
        form.page.data = request.args.get("page", "")[:500]
    if form.validate_on_submit():
        with committing(form):
            barrier = reporting.report(
                db.session,
                page=form.page.data or "",
                text=form.text.data or "",
                email=form.email.data or None,
                language=text_language() if text_language() in LANGUAGES else LANGUAGES[0],
                city=current_app.extensions["assembly.config"].city,
            )
        if not form.errors:
            session[KEPT] = barrier.id
            return redirect(url_for("public.barrier_reported"))
    due_on = reporting.due_after(db.session, today())
    page = render_template("public/report_barrier.html", form=form, due_on=due_on)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


@blueprint.get("/report-a-barrier/received")
@public
def barrier_reported() -> ResponseReturnValue:
    """Say the number of a report, and until when it is answered; loading it again reports nothing."""
    barrier = reporting.reported(db.session, session.get(KEPT))
    if barrier is None:
        return redirect(url_for("public.report_barrier"))
    return render_template("public/barrier_reported.html", barrier=barrier)
