"""The member's own page: opened by a personal link or a code, without any account."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import StringField, SubmitField
from wtforms.validators import InputRequired, Length

from assembly.extensions import db
from assembly.i18n import text_language
from assembly.models import AccessKind
from assembly.services import codes
from assembly.services.attendance import people
from assembly.services.members import access, one_time, preferences
from assembly.services.members.one_time import Way
from assembly.services.members.writing import WRITTEN
from assembly.services.programme import schedule
from assembly.services.texts import PLAIN
from assembly.views import member_access, programme_texts, site_visit_texts
from assembly.views.forms import BaseForm, committing, stripped
from assembly.views.guard import public

blueprint = Blueprint("member", __name__, url_prefix="/m")

SECTIONS = (
    ("member.start", _l("My schedule")),
    ("member.calendar", _l("My calendar")),
    ("member.messages", _l("My messages")),
    ("member.materials", _l("To read and watch")),
    ("member.knowledge", _l("What we know")),
    ("member.recommendations", _l("Our recommendations")),
    ("member.requests", _l("My questions")),
    ("member.needs", _l("What I need")),
    ("member.expenses", _l("My expenses")),
    ("member.data", _l("My data")),
)
"""The pages of a member by endpoint, in the order of their navigation."""


class CodeForm(BaseForm):
    """A code from a letter."""

    code = StringField(
        _l("Your code"),
        [InputRequired(), Length(max=40)],
        filters=[stripped],
        description=_l("8 letters and digits from your mail or letter, with or without a hyphen."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    submit = SubmitField(_l("Open my page"))


class OneTimeForm(BaseForm):
    """A one-time code."""

    code = StringField(
        _l("One-time code"),
        [InputRequired(), Length(max=20)],
        filters=[stripped],
        description=_l("The 6 digits that you were sent or told. They work for 10 minutes."),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
    submit = SubmitField(_l("Go on"))


SENT = {
    Way.MAIL: _l("A code is on its way to your e-mail address."),
    Way.SMS: _l("A code is on its way to your mobile phone."),
    Way.ASK: _l("We have no way to send you a code. Call us: we tell you one on the phone."),
}


@blueprint.context_processor
def _about_the_visit() -> dict[str, Any]:
    member = g.get("member")
    return {
        "member_sections": SECTIONS,
        "has_left": member is not None and access.has_left(member),
        "is_plain": text_language() == PLAIN,
    }


@blueprint.get("/")
@public
def start() -> ResponseReturnValue:
    """Show the schedule of the member of this visit; whoever has opened no link yet is asked for a code."""
    if member_access.current_member() is None:
        return _enter(CodeForm(formdata=None))
    member = member_access.own_member(former=True)
    return render_template(
        "member/start.html", member=member, schedule=schedule.schedule_of(db.session, member), texts=programme_texts
    )


@blueprint.get("/events/<int:event_id>")
def event(event_id: int) -> ResponseReturnValue:
    """Show all about one event of the member."""
    member = member_access.own_member(former=True)
    one = schedule.get_own_event(db.session, member, event_id)
    qr = None
    if not one.is_over and not one.is_cancelled and not access.has_left(member):
        code = people.code_of(db.session, member.respondent_id)
        path = url_for("attendance.code", assembly_id=member.assembly_id, code=code)
        qr = codes.inline(current_app.extensions["assembly.config"].public_url.rstrip("/") + path)
    return render_template(
        "member/event.html", member=member, one=one, texts=programme_texts, visit_texts=site_visit_texts, qr=qr
    )


@blueprint.post("/")
@public
def enter() -> ResponseReturnValue:
    """Begin a visit with a code."""
    form = CodeForm()
    if form.validate_on_submit():
        opened = access.find(db.session, AccessKind.CODE, str(form.code.data))
        if opened is not None:
            return member_access.begin(opened)
        return _enter(form, is_wrong=True), HTTPStatus.UNPROCESSABLE_ENTITY
    return _enter(form), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.get("/<string(minlength=24):link>")  # a piece of one is told what to do, too
@public
def open_link(link: str) -> ResponseReturnValue:
    """Swap the token of a link for a cookie; nothing else happens, since programs open links, too."""
    opened = access.find(db.session, AccessKind.LINK, link)
    if opened is None:
        return render_template("member/closed.html"), HTTPStatus.NOT_FOUND
    return member_access.begin(opened)


@blueprint.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """End the visit in this browser."""
    return member_access.end()


@blueprint.post("/language/<language>")
def choose_language(language: str) -> ResponseReturnValue:
    """Let the page, and what is written to the member from now on, be in another language."""
    member = member_access.own_member(former=True)
    if language not in WRITTEN:
        abort(404)
    preferences.choose_language(db.session, member, language)
    db.session.commit()
    return redirect(_next())


@blueprint.get("/confirm")
def confirm() -> ResponseReturnValue:
    """Ask for the one-time code."""
    return _confirm(OneTimeForm(formdata=None))


@blueprint.post("/confirm/send")
def send_code() -> ResponseReturnValue:
    """Send a one-time code by the member's channel."""
    member, form = member_access.own_member(former=True), OneTimeForm(formdata=None)
    with committing(form):
        way = one_time.send(db.session, member, has_gateway=member_access.has_gateway())
        flash(str(SENT[way]), "info")
    if form.errors:
        return _confirm(form), HTTPStatus.CONFLICT
    return redirect(url_for("member.confirm", next=_next()))


@blueprint.post("/confirm")
def check_code() -> ResponseReturnValue:
    """Try a one-time code."""
    member, form = member_access.own_member(former=True), OneTimeForm()
    if form.validate_on_submit():
        is_right = one_time.is_right(db.session, member, str(form.code.data))
        db.session.commit()
        if is_right:
            return member_access.note_confirmed(redirect(_next()))
        form.code.errors = [gettext("This code is wrong, has expired, or was used before. Ask for a new one.")]
    return _confirm(form), HTTPStatus.UNPROCESSABLE_ENTITY


def _confirm(form: OneTimeForm) -> str:
    member = member_access.own_member(former=True)
    way = one_time.way_to(member, has_gateway=member_access.has_gateway())
    return render_template("member/confirm.html", member=member, form=form, way=way, next=_next())


def _next() -> str:
    """Return which of a member's pages comes next; every other address becomes the first of them."""
    wanted = request.values.get("next", "")
    pages = url_for("member.start")
    return wanted if wanted.startswith(pages) and not set(wanted) & set("\\\r\n") else pages


def _enter(form: CodeForm, *, is_wrong: bool = False) -> str:
    return render_template("member/enter.html", form=form, is_wrong=is_wrong)
