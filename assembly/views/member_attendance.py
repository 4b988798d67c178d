"""A member says whether they come to an event."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SubmitField, TextAreaField
from wtforms.validators import Length

from assembly.extensions import db
from assembly.models import AttendanceState
from assembly.services.attendance import noting
from assembly.services.programme import schedule
from assembly.views import member_access, programme_texts
from assembly.views.forms import BaseForm, committing, stripped
from assembly.views.member import blueprint


class ExcuseForm(BaseForm):
    """That a member cannot come."""

    reason = TextAreaField(
        _l("Why"),
        [Length(max=noting.LONGEST_REASON)],
        filters=[stripped],
        description=_l("You need not say why. Only the organisers read it."),
    )
    submit = SubmitField(_l("Yes, excuse me"))


@blueprint.post("/events/<int:event_id>/confirm")
def confirm_attendance(event_id: int) -> ResponseReturnValue:
    """Note that the member will come."""
    member = member_access.own_member()
    event = schedule.get_own_event(db.session, member, event_id).event
    noting.say(db.session, event, member, AttendanceState.CONFIRMED)
    db.session.commit()
    flash(gettext("Thank you! We expect you."), "success")
    return redirect(url_for("member.event", event_id=event_id))


@blueprint.route("/events/<int:event_id>/excuse", methods=["GET", "POST"])
def excuse(event_id: int) -> ResponseReturnValue:
    """Ask whether the member really cannot come, and note it."""
    member = member_access.own_member()
    one, form = schedule.get_own_event(db.session, member, event_id), ExcuseForm()
    if form.validate_on_submit():
        with committing(form):
            noting.say(db.session, one.event, member, AttendanceState.EXCUSED, reason=form.reason.data or "")
        if not form.errors and not form.form_errors:
            flash(gettext("You are excused. If you can come after all, say so here."), "success")
            return redirect(url_for("member.event", event_id=event_id))
        member = member_access.own_member()
        one = schedule.get_own_event(db.session, member, event_id)
    page = render_template("member/excuse.html", member=member, one=one, form=form, texts=programme_texts)
    return page, 422 if form.errors else 200
