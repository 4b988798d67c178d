"""The panel: the contact list, the page of each drawn person, and the panel against its quotas."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, IntegerField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from assembly.extensions import db
from assembly.models import AttemptOutcome, Channel, Member, NeedKind, Respondent, Status
from assembly.services import respondents
from assembly.services.authorisation import can_book, can_call, can_help_members, can_manage, can_see_members
from assembly.services.errors import NotFoundError, ServiceError
from assembly.services.needs import people
from assembly.services.needs.people import MOST_CHILDREN, Wish
from assembly.services.panel import attempts, calling, make_up, replacing, seats, sms
from assembly.views import panel_texts, respondent_texts
from assembly.views.forms import MEMBERS_LANGUAGES, BaseForm, SelectField, choice, committing, stripped
from assembly.views.guard import account, allows, load_assembly
from assembly.views.needs_forms import KindsField, WishForm
from assembly.views.pictures import seats_picture
from assembly.views.posting import STATES

blueprint = Blueprint("panel", __name__, url_prefix="/assemblies/<int:assembly_id>/panel")

LEFT = _l("Recorded. The seat is free for a replacement.")
CHANNELS = [choice(channel.value, text) for channel, text in panel_texts.CHANNELS.items()]


class OwnForm(BaseForm):
    """One of several forms on a person's page: the names of its fields begin with its own."""

    own: ClassVar[str]

    def __init__(self, **options: Any) -> None:
        super().__init__(prefix=self.own, **options)


class AttemptForm(OwnForm):
    """An attempt to reach somebody."""

    own = "attempt"

    channel = SelectField(
        _l("Channel"),
        [InputRequired()],
        choices=CHANNELS,
    )
    outcome = SelectField(
        _l("Outcome"),
        [InputRequired()],
        choices=[choice(outcome.value, text) for outcome, text in panel_texts.OUTCOMES.items()],
    )
    callback_on = DateField(_l("Call back on"), [Optional()])
    note = TextAreaField(
        _l("Note"),
        [Length(max=1000)],
        filters=[stripped],
        description=_l("For the callers. Nothing about health or needs: there is a field of its own for those."),
    )
    submit = SubmitField(_l("Record attempt"))


class ConsentForm(OwnForm):
    """A guardian's consent."""

    own = "consent"

    guardian = StringField(_l("Guardian’s name"), [InputRequired(), Length(max=200)], filters=[stripped])
    channel = SelectField(_l("How they agreed"), [InputRequired()], choices=CHANNELS)
    submit = SubmitField(_l("Record consent"))


class ConfirmForm(OwnForm):
    """What is asked when somebody takes the seat."""

    own = "confirm"

    channel = SelectField(_l("Preferred channel"), [InputRequired()], choices=CHANNELS)
    language = SelectField(_l("Language"), [InputRequired()], choices=MEMBERS_LANGUAGES)
    kinds = KindsField(
        _l("Support needs"),
        description=_l("Seen by the support team only; after saving, you cannot read them here."),
    )
    spoken = StringField(_l("Into which language"), [Length(max=200)], filters=[stripped])
    children = IntegerField(_l("How many children"), [Optional(), NumberRange(1, MOST_CHILDREN)])
    ages = StringField(_l("How old they are"), [Length(max=200)], filters=[stripped])
    needs = TextAreaField(_l("Anything else that the person needs"), [Length(max=2000)], filters=[stripped])
    is_of_age = BooleanField(_l("The person says that they are 18 or older"))
    submit = SubmitField(_l("Confirm the seat"))

    def wishes(self) -> list[Wish]:
        """Return what the person needs: each kind that was ticked, and what was said in words."""
        said = Wish(NeedKind.OTHER, self.spoken.data or "", self.children.data, self.ages.data or "")
        wishes = [dataclasses.replace(said, kind=kind) for kind in self.kinds.data or () if kind is not NeedKind.OTHER]
        text = self.needs.data or ""
        return wishes + ([Wish(NeedKind.OTHER, text=text)] if text or NeedKind.OTHER in (self.kinds.data or ()) else [])

    def add(self, error: ServiceError) -> None:
        """Show what is wrong with a need at the field where it was entered."""
        error.field = {"language": "spoken", "text": "needs"}.get(error.field or "", error.field)
        super().add(error)


class PreferencesForm(OwnForm):
    """How a member wants to be reached from now on."""

    own = "preferences"
    channel = SelectField(_l("Preferred channel"), [InputRequired()], choices=CHANNELS)
    language = SelectField(_l("Language"), [InputRequired()], choices=MEMBERS_LANGUAGES)
    submit = SubmitField(_l("Save"))


class NeedForm(OwnForm, WishForm):
    """A need that somebody tells of later."""

    own = "need"

    submit = SubmitField(_l("Pass on to the support team"))


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """Show everybody who was drawn, and the panel against its quotas."""
    assembly = load_assembly(assembly_id, may=can_see_members)
    found = make_up.make_up_of(db.session, assembly)
    return render_template(
        "panel/index.html",
        assembly=assembly,
        panel=seats.panel_of(db.session, assembly),
        members=seats.members_of(db.session, assembly),
        free=replacing.free_seats_of(db.session, assembly),
        vacated=seats.VACATED,
        last=attempts.last_attempts(db.session, assembly),
        by_status=make_up.seats_by_status(db.session, assembly),
        relaxed=make_up.relaxations_of(db.session, assembly),
        pictures=[seats_picture(number, feature) for number, feature in enumerate(found, start=1)],
        texts=panel_texts,
        people=respondent_texts,
        may_manage=allows(assembly, can_manage),
        may_book=allows(assembly, can_book),
    )


@blueprint.get("/<int:member_id>")
def person(assembly_id: int, member_id: int) -> ResponseReturnValue:
    """Show a drawn person: how to reach them, and what was tried."""
    return _page(_load(assembly_id, member_id, may=can_see_members))


@blueprint.post("/<int:member_id>/attempts")
def attempt(assembly_id: int, member_id: int) -> ResponseReturnValue:
    """Record an attempt to reach somebody."""
    member = _load(assembly_id, member_id, may=can_call)
    form = AttemptForm()

    def deed(one: Respondent) -> None:
        calling.record_attempt(
            db.session,
            one,
            channel=Channel(form.channel.data),
            outcome=AttemptOutcome(form.outcome.data),
            callback_on=form.callback_on.data,
            note=form.note.data or "",
            by=account(),
        )

    return _deed(member, form, "attempt_form", deed, gettext("Recorded."))


@blueprint.post("/<int:member_id>/sms")
def send_sms(assembly_id: int, member_id: int) -> ResponseReturnValue:
    """Send an SMS to somebody; without a gateway there is no such page."""
    member = _load(assembly_id, member_id, may=can_call)
    if not _has_gateway():
        raise NotFoundError

    def deed(one: Respondent) -> None:
        sms.send(db.session, one, by=account())

    return _deed(member, BaseForm(), "sms_form", deed, gettext("The SMS is on its way."))


@blueprint.post("/<int:member_id>/sms/<any(sent, not_sent):fate>")
def decide_sms(assembly_id: int, member_id: int, fate: str) -> ResponseReturnValue:
    """Say whether the last SMS, which was perhaps sent, was."""
    member = _load(assembly_id, member_id, may=can_call)
    was_sent = fate == "sent"

    def deed(one: Respondent) -> None:
        sms.decide(db.session, one, was_sent=was_sent, by=account())

    said = gettext("The SMS counts as sent.") if was_sent else gettext("The SMS counts as not sent.")
    return _deed(member, BaseForm(), "sms_form", deed, said)


@blueprint.post("/<int:member_id>/consent")
def consent(assembly_id: int, member_id: int) -> ResponseReturnValue:
    """Record a guardian's consent."""
    member = _load(assembly_id, member_id, may=can_call)
    form = ConsentForm()

    def deed(one: Respondent) -> None:
        channel = Channel(form.channel.data)
        calling.record_consent(db.session, one, guardian=form.guardian.data or "", channel=channel, by=account())

    return _deed(member, form, "consent_form", deed, gettext("The consent is recorded."))


@blueprint.post("/<int:member_id>/confirm")
def confirm(assembly_id: int, member_id: int) -> ResponseReturnValue:
    """Record that somebody takes the seat."""
    member = _load(assembly_id, member_id, may=can_call)
    form = ConfirmForm()

    def deed(one: Respondent) -> None:
        calling.confirm(
            db.session,
            one,
            channel=Channel(form.channel.data),
            language=str(form.language.data),
            needs=form.wishes(),
            is_of_age=bool(form.is_of_age.data),
            by=account(),
        )

    return _deed(member, form, "confirm_form", deed, gettext("The seat is confirmed."))


@blueprint.post("/<int:member_id>/needs")
def add_need(assembly_id: int, member_id: int) -> ResponseReturnValue:
    """Pass a need on to support."""
    member = _load(assembly_id, member_id, may=can_call)
    form = NeedForm()

    def deed(one: Respondent) -> None:
        people.add_need(db.session, one, form.wish(), by=account())

    return _deed(member, form, "need_form", deed, gettext("Passed on to the support team."))


@blueprint.post("/<int:member_id>/preferences")
def preferences(assembly_id: int, member_id: int) -> ResponseReturnValue:
    """Record how a member wants to be reached from now on."""
    member = _load(assembly_id, member_id, may=can_call)
    form = PreferencesForm()

    def deed(_one: Respondent) -> None:
        channel, language = Channel(form.channel.data), str(form.language.data)
        calling.set_preferences(db.session, member, channel=channel, language=language, by=account())

    return _deed(member, form, "preferences_form", deed, gettext("Recorded."))


@blueprint.post("/<int:member_id>/not_reached")
def not_reached(assembly_id: int, member_id: int) -> ResponseReturnValue:
    """Record that somebody was not reached; if they answer in time, they can still confirm."""
    member = _load(assembly_id, member_id, may=can_call)

    def deed(one: Respondent) -> None:
        calling.mark_not_reached(db.session, one, by=account())

    return _deed(member, BaseForm(), "not_reached_form", deed, LEFT)


@blueprint.route("/<int:member_id>/<any(declined, withdrawn):status>", methods=["GET", "POST"])
def leave(assembly_id: int, member_id: int, status: str) -> ResponseReturnValue:
    """Ask once more, then record that somebody declined or withdrew."""
    member = _load(assembly_id, member_id, may=can_call)
    respondent, to = member.respondent, Status(status)
    if request.method != "POST":  # HEAD comes here too
        respondents.require_possible(respondent, to)
        title, button = panel_texts.LEAVING[to]
        return render_template(
            "panel/leave.html", assembly=respondent.assembly, respondent=respondent, title=title, button=button
        )
    leaving = {Status.DECLINED: calling.decline, Status.WITHDRAWN: calling.withdraw}
    leaving[to](db.session, respondent, by=account())
    db.session.commit()
    flash(str(LEFT), "success")
    return redirect(url_for("panel.person", assembly_id=assembly_id, member_id=member_id))


def _load(assembly_id: int, member_id: int, *, may: Any) -> Member:
    load_assembly(assembly_id, may=may)
    return seats.get_member(db.session, member_id, user=account(), may=may, assembly_id=assembly_id)


def _deed(member: Member, form: BaseForm, name: str, deed: Any, said: Any) -> ResponseReturnValue:
    """Do what a form of a person's page says, or show the page again with what is wrong."""
    assembly_id, member_id = member.assembly_id, member.respondent_id
    if form.validate_on_submit():
        with committing(form):
            deed(member.respondent)
        if not form.errors:
            flash(str(said), "success")
            return redirect(url_for("panel.person", assembly_id=assembly_id, member_id=member_id))
    return _page(_load(assembly_id, member_id, may=can_call), **{name: form}), 422


def _has_gateway() -> bool:
    return current_app.extensions["assembly.config"].sms_gateway is not None


def _page(member: Member, **forms: BaseForm) -> str:
    respondent = member.respondent
    made = attempts.attempts_of(db.session, respondent)
    age = calling.age_of(respondent)
    language = member.language or (respondent.contact.language if respondent.contact else "de")
    fresh = {
        "attempt_form": AttemptForm(formdata=None),
        "consent_form": ConsentForm(formdata=None),
        "confirm_form": ConfirmForm(formdata=None, data={"language": language}),
        "need_form": NeedForm(formdata=None),
        "preferences_form": PreferencesForm(formdata=None, data={"channel": member.channel, "language": language}),
        "not_reached_form": BaseForm(formdata=None),
        "sms_form": BaseForm(formdata=None),
    }
    return render_template(
        "panel/person.html",
        assembly=respondent.assembly,
        member=member,
        respondent=respondent,
        contact=respondent.contact,
        attempts=made,
        lacking=attempts.lacking_for_not_reached(made),
        age=age,
        reference_age=calling.reference_age_of(respondent),
        is_minor=age is not None and age < calling.OF_AGE,
        may_be_minor=calling.may_be_minor(respondent),
        consent=calling.consent_of(db.session, respondent),
        may_call=allows(respondent.assembly, can_call),
        may_help=allows(respondent.assembly, can_help_members),
        sms_text=sms.text_for(respondent) if _has_gateway() else None,
        sms_number=sms.number_of(respondent),
        last_sms=sms.newest(db.session, respondent),
        texts=panel_texts,
        people=respondent_texts,
        mail_states=STATES,
        **(fresh | forms),
    )
