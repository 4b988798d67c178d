"""A member who no longer finds their link has a new one sent; nobody learns here who is a member."""

from __future__ import annotations

import time
from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, SubmitField
from wtforms.validators import Email, InputRequired, Length

from assembly.extensions import db
from assembly.services.members import asking
from assembly.views.forms import BaseForm, stripped
from assembly.views.guard import public
from assembly.views.member import blueprint
from assembly.views.panel_access import addresses

SAME_FOR_ALL = 0.25
"""Seconds that an answer takes, so that nobody learns from it whether a mail was written."""


class LinkForm(BaseForm):
    """Where a member is written to."""

    email = EmailField(
        _l("Your e-mail address"),
        [InputRequired(), Email(), Length(max=255)],
        filters=[stripped],
        render_kw={"autocomplete": "email"},
    )
    submit = SubmitField(_l("Send a link"))


@blueprint.route("/link", methods=["GET", "POST"])
@public
def ask_for_link() -> ResponseReturnValue:
    """Send a new link to whoever is written to at an address."""
    form, begun = LinkForm(), time.perf_counter()
    if form.validate_on_submit():
        asking.send_link(db.session, str(form.email.data), addresses=addresses())
        db.session.commit()
        time.sleep(max(0.0, SAME_FOR_ALL - (time.perf_counter() - begun)))
        flash(gettext("If we write to a member at this address, a link is there in a few minutes."), "success")
        return redirect(url_for("member.ask_for_link"))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    return render_template("member/ask_for_link.html", form=form), status
