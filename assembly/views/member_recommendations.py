"""What the members adopted, on their own page, and what they say to changes of the wording."""

from __future__ import annotations

from collections import defaultdict
from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length

from assembly.extensions import db
from assembly.models import Case, ConsentKind
from assembly.services.follow_up import cases, meetings, register
from assembly.services.members import consents
from assembly.services.recommendations import editing, reading
from assembly.views import case_texts, recommendations_texts
from assembly.views.forms import BaseForm, committing, stripped
from assembly.views.member import blueprint
from assembly.views.member_access import own_member


class ObjectionForm(BaseForm):
    """Why a member objects."""

    text = TextAreaField(
        _l("What shall be different?"),
        [InputRequired(), Length(max=editing.LONGEST)],
        filters=[stripped],
        description=_l("Only the organisers read this."),
        render_kw={"rows": 4},
    )
    submit = SubmitField(_l("I object"))


@blueprint.get("/recommendations")
def recommendations() -> ResponseReturnValue:
    """List what the members adopted, and what became of it."""
    member = own_member()
    assembly = member.respondent.assembly
    shown = reading.shown_of(db.session, assembly)
    followed: dict[int, list[Case]] = defaultdict(list)
    for case in register.register_of(db.session, assembly):
        followed[case.recommendation.number].append(case)
    return render_template(
        "member/recommendations.html",
        member=member,
        followed=followed,
        meetings=meetings.public_meetings_to_come(db.session, assembly),
        cancelled=meetings.cancelled_to_come(db.session, assembly),
        agrees=consents.holds(consents.consents_of(db.session, member), ConsentKind.FOLLOW_UP),
        register=register,
        case_texts=case_texts,
        shown=[(one.recommendation, editing.pending(one.recommendation)) for one in shown],
        can_object=editing.can_object,
    )


@blueprint.get("/recommendations/<int:recommendation_number>")
def recommendation(recommendation_number: int) -> ResponseReturnValue:
    """Show a recommendation with what changed in it."""
    return _page(recommendation_number)


@blueprint.post("/recommendations/<int:recommendation_number>/objection")
def object_to_change(recommendation_number: int) -> ResponseReturnValue:
    """Take a member's objection to a change."""
    member, form = own_member(), ObjectionForm()
    shown = reading.get_shown(db.session, member.respondent.assembly, recommendation_number)
    if form.validate_on_submit():
        with committing(form):
            editing.raise_objection(db.session, shown.recommendation, member, form.text.data or "")
        if not form.errors:
            flash(gettext("We have your objection. We talk to you."), "success")
            return redirect(_address(recommendation_number))
    return _page(recommendation_number, form)


@blueprint.post("/recommendations/<int:recommendation_number>/objection/withdraw")
def withdraw_objection(recommendation_number: int) -> ResponseReturnValue:
    """Let a member take their objection back."""
    member = own_member()
    shown = reading.get_shown(db.session, member.respondent.assembly, recommendation_number)
    editing.withdraw_objection(db.session, shown.recommendation, member)
    db.session.commit()
    flash(gettext("Your objection is taken back."), "success")
    return redirect(_address(recommendation_number))


def _address(number: int) -> str:
    return url_for("member.recommendation", recommendation_number=number)


def _page(number: int, form: ObjectionForm | None = None) -> ResponseReturnValue:
    member = own_member()
    shown = reading.get_shown(db.session, member.respondent.assembly, number)
    one = shown.recommendation
    pending = editing.pending(one)
    page = render_template(
        "member/recommendation.html",
        member=member,
        one=one,
        changes=[(change, editing.before(one, change)) for change in editing.changes_of(one)],
        pending=pending,
        cases=cases.cases_about(db.session, member.respondent.assembly, number),
        register=register,
        case_texts=case_texts,
        can_object=pending is not None and editing.can_object(pending),
        own=editing.own_objection(db.session, pending, member) if pending else None,
        form=form or ObjectionForm(formdata=None),
        changed=recommendations_texts.changed,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form else HTTPStatus.OK
