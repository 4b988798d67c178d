"""What members are written: what became of reminders and changes, and the organisers' own messages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, format_datetime, gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from assembly.extensions import db
from assembly.i18n import text_language
from assembly.models import Announcement, Assembly, EventState
from assembly.security.links import outside
from assembly.services import posting
from assembly.services.authorisation import can_manage
from assembly.services.errors import ServiceError
from assembly.services.members import sending
from assembly.services.messages import announcements, calls
from assembly.services.programme import events
from assembly.views import messages_texts, panel_texts
from assembly.views.errors import message_of
from assembly.views.forms import BaseForm, SelectField, choice, committing, stripped
from assembly.views.guard import account, load_assembly
from assembly.views.posting import LISTED, post_texts

blueprint = Blueprint("announcements", __name__, url_prefix="/assemblies/<int:assembly_id>/programme/messages")

LONGEST = 5000
"""Characters of a message: what is longer is a document."""
MOST_TABLES = 1000
"""A number that is larger is a slip of the finger."""


class MessageForm(BaseForm):
    """A message to members."""

    audience = RadioField(
        _l("To whom"),
        [InputRequired()],
        choices=[choice(one.value, text) for one, text in messages_texts.AUDIENCES.items()],
    )
    event_id = SelectField(
        _l("About which event"),
        description=_l("Only if the message is not to all."),
        coerce=lambda value: int(value) if value else None,
    )
    table_number = IntegerField(
        _l("Which table"),
        [Optional(), NumberRange(1, MOST_TABLES)],
        description=_l("The number that members see. Only if the message is to one table."),
    )
    subject = StringField(_l("Subject"), [InputRequired(), Length(max=200)], filters=[stripped])
    text = TextAreaField(
        _l("Text"),
        [InputRequired(), Length(max=LONGEST)],
        filters=[stripped],
        description=_l(
            "Greeting, contact and the address of the member’s page are added; after the greeting the text goes on. "
            "An SMS holds the subject only."
        ),
    )
    plain_text = TextAreaField(
        _l("The same in plain German"),
        [Length(max=LONGEST)],
        filters=[stripped],
        description=_l("For members who chose it. Without it, they read that this is the usual text."),
    )
    english_subject = StringField(_l("Subject in English"), [Length(max=200)], filters=[stripped])
    english_text = TextAreaField(_l("Text in English"), [Length(max=LONGEST)], filters=[stripped])
    submit = SubmitField(_l("Save and look at it"))


class SendForm(BaseForm):
    """When a message leaves that is sent in quiet hours."""

    at_once = BooleanField(
        _l("Send it at once all the same"),
        description=_l("Only if it cannot wait: an SMS may wake people up."),
    )


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """Show the organisers' messages, what became of all that is written to members, and the letters to print."""
    assembly = load_assembly(assembly_id, may=can_manage)
    written = announcements.announcements_of(db.session, assembly)
    posts = [posting.post_of(db.session, assembly, kind, limit=LISTED) for kind in messages_texts.KINDS]
    return render_template(
        "messages/index.html",
        assembly=assembly,
        announcements=written,
        waiting=announcements.waiting_until(db.session, [one for one, _ in written]),
        posts=[post for post in posts if post.states],
        calls=calls.count_open(db.session, assembly),
        without_link=sending.count_without(db.session, assembly),
        texts=messages_texts,
        **post_texts(assembly),
    )


@blueprint.route("/new", methods=["GET", "POST"])
def add(assembly_id: int) -> ResponseReturnValue:
    """Write a message, which nobody gets yet."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form = _form(assembly, None)
    made: list[Announcement] = []
    if form.validate_on_submit():
        with committing(form):
            made.append(announcements.draft(db.session, assembly, _values(form), by=account()))
    if made and not form.errors:
        return redirect(url_for("announcements.show", assembly_id=assembly.id, announcement_id=made[0].id))
    return _edit(assembly, form, None)


@blueprint.get("/<int:announcement_id>")
def show(assembly_id: int, announcement_id: int) -> ResponseReturnValue:
    """Show how a message looks and to whom it would go, or what became of it."""
    assembly, announcement = _load(assembly_id, announcement_id)
    is_sent = announcement.queued_at is not None
    return render_template(
        "messages/show.html",
        assembly=assembly,
        announcement=announcement,
        preview=_preview(announcement),
        waits_until=_waits_until(announcement),
        states=announcements.states_of(db.session, announcement) if is_sent else {},
        texts=messages_texts,
        channels=panel_texts.CHANNELS,
        **post_texts(assembly),
    )


@blueprint.route("/<int:announcement_id>/edit", methods=["GET", "POST"])
def edit(assembly_id: int, announcement_id: int) -> ResponseReturnValue:
    """Change a message that was not sent."""
    assembly, announcement = _load(assembly_id, announcement_id)
    form = _form(assembly, announcement)
    if form.validate_on_submit():
        with committing(form):
            announcements.change(db.session, announcement, _values(form), by=account())
        if not form.errors:
            return redirect(url_for("announcements.show", assembly_id=assembly_id, announcement_id=announcement_id))
    return _edit(assembly, form, announcement)


@blueprint.get("/<int:announcement_id>/send")
def confirm(assembly_id: int, announcement_id: int) -> ResponseReturnValue:
    """Ask before a message is sent: to how many by which way, when, and how it looks."""
    assembly, announcement = _load(assembly_id, announcement_id)
    if announcement.queued_at is not None:
        return redirect(url_for("announcements.show", assembly_id=assembly_id, announcement_id=announcement_id))
    return render_template(
        "messages/confirm.html",
        assembly=assembly,
        announcement=announcement,
        preview=_preview(announcement),
        texts=messages_texts,
        channels=panel_texts.CHANNELS,
        form=SendForm(),
    )


@blueprint.post("/<int:announcement_id>/test")
def send_test(assembly_id: int, announcement_id: int) -> ResponseReturnValue:
    """Send a message to one's own address only."""
    _, announcement = _load(assembly_id, announcement_id)
    return _answer(
        announcement,
        lambda: announcements.send_test(db.session, announcement, page=_page(), by=account()),
        gettext("The test goes to your own address, and to nobody else."),
        back_to="announcements.confirm",
    )


@blueprint.post("/<int:announcement_id>/send")
def send(assembly_id: int, announcement_id: int) -> ResponseReturnValue:
    """Queue a message, once."""
    form = SendForm()
    _, announcement = _load(assembly_id, announcement_id)
    written: list[int] = []
    return _answer(
        announcement,
        lambda: written.append(
            announcements.send(
                db.session,
                announcement,
                page=_page(),
                has_gateway=_has_gateway(),
                at_once=form.at_once.data,
                by=account(),
            )
        ),
        lambda: _said(announcement, written[0]),
    )


@blueprint.post("/<int:announcement_id>/discard")
def discard(assembly_id: int, announcement_id: int) -> ResponseReturnValue:
    """Delete a message that was not sent."""
    _, announcement = _load(assembly_id, announcement_id)
    try:
        announcements.discard(db.session, announcement)
    except ServiceError as error:
        db.session.rollback()
        flash(message_of(error), "danger")
    else:
        db.session.commit()
        flash(gettext("The draft is deleted."), "success")
    return redirect(url_for("announcements.index", assembly_id=assembly_id))


def _load(assembly_id: int, announcement_id: int) -> tuple[Assembly, Announcement]:
    assembly = load_assembly(assembly_id, may=can_manage)
    return assembly, announcements.get_announcement(db.session, assembly, announcement_id)


def _form(assembly: Assembly, announcement: Announcement | None) -> MessageForm:
    form = MessageForm(obj=announcement) if announcement else MessageForm(audience="all", event_id=_event_asked_for())
    planned = events.events_of(db.session, assembly)
    open_ = [event for event in planned if event.state in {EventState.PUBLISHED, EventState.CHANGED}]
    form.event_id.choices = [
        choice("", _l("no event")),
        *(choice(str(event.id), f"{format_date(event.starts_at, 'short')}: {event.title}") for event in open_),
    ]
    return form


def _event_asked_for() -> int | None:
    """Return about which event somebody came to write."""
    return request.args.get("event", type=int)


def _edit(assembly: Assembly, form: MessageForm, announcement: Announcement | None) -> ResponseReturnValue:
    page = render_template("messages/edit.html", assembly=assembly, form=form, announcement=announcement)
    return page, 422 if form.errors else 200


def _values(form: MessageForm) -> dict[str, Any]:
    return {field: form[field].data for field in announcements.FIELDS}


def _preview(announcement: Announcement) -> announcements.Preview:
    return announcements.preview(
        db.session,
        announcement,
        name=account().name,
        language=text_language(),
        page=_page(),
        has_gateway=_has_gateway(),
    )


def _waits_until(announcement: Announcement) -> dt.datetime | None:
    return announcements.waiting_until(db.session, [announcement]).get(announcement.id)


def _said(announcement: Announcement, written: int) -> str:
    until = _waits_until(announcement)
    said: str = (
        ngettext("%(num)s message is on its way.", "%(num)s messages are on their way.", written)
        if until is None
        else gettext("E-mails and SMS leave on %(moment)s.", moment=format_datetime(until, "short"))
    )
    return said


def _answer(
    announcement: Announcement,
    deed: Callable[[], Any],
    done: str | Callable[[], str],
    *,
    back_to: str = "announcements.show",
) -> ResponseReturnValue:
    numbers = {"assembly_id": announcement.assembly_id, "announcement_id": announcement.id}
    try:
        deed()
    except ServiceError as error:
        db.session.rollback()
        flash(message_of(error), "danger")
    else:
        db.session.commit()
        flash(done if isinstance(done, str) else done(), "success")
    return redirect(url_for(back_to, **numbers))  # type: ignore[arg-type]  # numbers are values


def _page() -> str:
    return outside(url_for("member.start"))


def _has_gateway() -> bool:
    return current_app.extensions["assembly.config"].sms_gateway is not None
