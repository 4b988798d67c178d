"""What members read, and what they ask for: experts to be heard, questions to be answered."""

from __future__ import annotations

import itertools
from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length

from assembly.extensions import db
from assembly.models import RequestKind
from assembly.services.experts import asking
from assembly.services.materials import reading
from assembly.views import experts_texts
from assembly.views.downloads import material_file
from assembly.views.forms import LANGUAGE_NAMES, BaseForm, choice, committing, stripped
from assembly.views.member import blueprint
from assembly.views.member_access import own_member


class RequestForm(BaseForm):
    """What a member asks for."""

    kind = RadioField(
        _l("What is it?"),
        [InputRequired()],
        choices=[
            choice(RequestKind.QUESTION.value, _l("I have a question")),
            choice(RequestKind.EXPERT.value, _l("I want the assembly to hear somebody")),
        ],
    )
    text = TextAreaField(
        _l("Your question, or whom you want to hear"),
        [InputRequired(), Length(max=asking.LONGEST_REQUEST)],
        filters=[stripped],
        description=_l("Up to %(most)s characters. Do not write your name.", most=asking.LONGEST_REQUEST),
    )
    submit = SubmitField(_l("Send"))


@blueprint.get("/materials")
def materials() -> ResponseReturnValue:
    """Show what members read and watch."""
    member = own_member()
    found = reading.members_materials_of(db.session, member.respondent.assembly)
    groups = [list(group) for _, group in itertools.groupby(found, key=lambda one: one.event_id)]
    return render_template(
        "member/materials.html",
        member=member,
        groups=[(group[0].event, group) for group in groups],
        knowledge_texts=experts_texts,
        languages={one.value: one.label for one in LANGUAGE_NAMES},
    )


@blueprint.get("/materials/files/<int:version_id>")
def material(version_id: int) -> ResponseReturnValue:
    """Give a file to a member."""
    member = own_member()
    return material_file(reading.get_members_file(db.session, member.respondent.assembly, version_id))


@blueprint.route("/questions", methods=["GET", "POST"])
def requests() -> ResponseReturnValue:
    """Show what the member asked for, with the answers, and take something new."""
    member, form = own_member(), RequestForm()
    if form.validate_on_submit():
        with committing(form):
            asking.ask(db.session, member, RequestKind(form.kind.data), form.text.data or "")
        if not form.errors:
            flash(gettext("Sent. You find the answer here."), "success")
            return redirect(url_for("member.requests"))
    member = own_member()
    page = render_template(
        "member/requests.html",
        member=member,
        form=form,
        requests=asking.own_requests(db.session, member),
        answers=asking.published_answers_of(db.session, member.respondent.assembly),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
