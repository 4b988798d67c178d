"""The rules of the follow-up: who owes an answer to the recommendations, and by when."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, IntegerField, StringField, SubmitField, TextAreaField
from wtforms.validators import URL, InputRequired, Length, NumberRange, Optional

from assembly.clock import now
from assembly.extensions import db
from assembly.models import Addressee, Assembly, Binding
from assembly.periods import Period
from assembly.services.authorisation import can_see, can_set_rules
from assembly.services.errors import NotFoundError
from assembly.services.follow_up import dates, meetings, rules
from assembly.services.follow_up.rule_templates import TEMPLATES
from assembly.services.programme import times
from assembly.services.site import settings
from assembly.views import follow_up_texts
from assembly.views.forms import BaseForm, EditForm, SelectField, choice, committing, stripped, values_of
from assembly.views.guard import account, allows, load_assembly
from assembly.views.programme_texts import GERMAN_STATES

blueprint = Blueprint("follow_up_rules", __name__, url_prefix="/assemblies/<int:assembly_id>/follow-up/rules")

_WRITTEN = re.compile(r"(\d{1,4})\s*(?:(tage?n?|days?|d)|(monate?n?|months?|m))", re.IGNORECASE)


class PeriodField(StringField):
    """A period as people write it: 90 days, 6 months."""

    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return follow_up_texts.period(self.data) if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it in either language, whichever the page is in."""
        found = _WRITTEN.fullmatch(valuelist[0].strip()) if valuelist else None
        if found is None:
            self.data = None
            raise ValueError(gettext("Write a number with days or months, such as “90 days” or “6 months”."))
        self.data = Period(int(found[1]), is_months=found[3] is not None)


def _period(name: str) -> PeriodField:
    return PeriodField(follow_up_texts.TERMS[name], [InputRequired()])


def _between(least: int, most: int) -> list[Any]:
    return [InputRequired(), NumberRange(least, most)]


class RulesForm(EditForm):
    """What the rules say, beside the addressees."""

    assigned = _period("assigned")
    answered = _period("answered")
    debated = _period("debated")
    minutes = _period("minutes")
    decided = _period("decided")
    first_report = _period("first_report")
    report = _period("report")
    review = _period("review")
    members_reply = _period("members_reply")
    better_answer = _period("better_answer")
    forwarded = _period("forwarded")
    examined = _period("examined")
    postponed = _period("postponed")
    objection = _period("objection")
    who_answers = TextAreaField(follow_up_texts.TERMS["who_answers"], [Length(max=2000)], filters=[stripped])
    who_decides = TextAreaField(follow_up_texts.TERMS["who_decides"], [Length(max=2000)], filters=[stripped])
    participation = TextAreaField(follow_up_texts.TERMS["participation"], [Length(max=5000)], filters=[stripped])
    longest_extension = IntegerField(follow_up_texts.TERMS["longest_extension"], _between(0, 60))
    adoption_percent = IntegerField(follow_up_texts.TERMS["adoption_percent"], _between(50, 99))
    quorum_percent = IntegerField(follow_up_texts.TERMS["quorum_percent"], _between(1, 100))
    minority_size = IntegerField(follow_up_texts.TERMS["minority_size"], _between(1, 100))
    submit = SubmitField(_l("Save"))


class BeginForm(BaseForm):
    """What to start from."""

    template = SelectField(_l("Start from"), choices=[choice(key, _l(one.name)) for key, one in TEMPLATES.items()])
    submit = SubmitField(_l("Draft the rules"))


class AddresseeForm(EditForm):
    """Who has to answer."""

    name = StringField(
        _l("Addressee"),
        [InputRequired(), Length(max=200)],
        filters=[stripped],
        description=_l("Who has to answer, such as the administration, a department, or another body."),
    )
    body = StringField(
        _l("Body that decides"),
        [Length(max=200)],
        filters=[stripped],
        description=_l("Whose meetings count, such as the council or a committee."),
    )
    binding = SelectField(
        _l("Is it bound?"),
        coerce=Binding,
        choices=[choice(one.value, name) for one, name in follow_up_texts.BINDINGS.items()],
    )
    resolution = StringField(
        _l("Resolution that binds it"), [Length(max=200)], filters=[stripped], description=_l("Its reference.")
    )
    resolution_link = StringField(
        _l("Link to the resolution"),
        [Optional(), URL(), Length(max=500)],
        filters=[stripped],
        render_kw={"type": "url"},
    )
    resolved_on = DateField(_l("Resolved on"), [Optional()])
    submit = SubmitField(_l("Save"))


class MeetingForm(BaseForm):
    """A meeting of a body that decides."""

    body = SelectField(_l("Body"))
    held_on = DateField(_l("On"), [InputRequired()])
    is_public = BooleanField(_l("Public"), default=True)
    link = StringField(_l("Link"), [Optional(), URL(), Length(max=500)], filters=[stripped], render_kw={"type": "url"})
    submit = SubmitField(_l("Add"))


class PublishForm(BaseForm):
    """Why the rules change."""

    reason = TextAreaField(
        _l("Why the rules change"),
        [InputRequired(), Length(max=5000)],
        filters=[stripped],
        description=_l("Everyone can read it. What is handed over already goes on under the rules it began with."),
    )
    submit = SubmitField(_l("Publish the new version"))


@blueprint.get("/")
def show(assembly_id: int) -> ResponseReturnValue:
    """Show the rules that hold, the draft, and the calendar of the bodies."""
    return _page(load_assembly(assembly_id, may=can_see))


@blueprint.post("/begin")
def begin(assembly_id: int) -> ResponseReturnValue:
    """Draft the first version from a template."""
    assembly = load_assembly(assembly_id, may=can_set_rules)
    form = BeginForm()
    if form.validate_on_submit():
        with committing(form):
            rules.begin(db.session, assembly, form.template.data, by=account())
        if not form.errors:
            flash(gettext("Drafted. Now say who has to answer, and what binds them."), "success")
            return redirect(url_for("follow_up_rules.edit", assembly_id=assembly.id))
    return _page(assembly, begin_form=form), 422


@blueprint.post("/versions")
def begin_version(assembly_id: int) -> ResponseReturnValue:
    """Draft a new version."""
    assembly = load_assembly(assembly_id, may=can_set_rules)
    rules.begin_version(db.session, assembly, by=account())
    db.session.commit()
    return redirect(url_for("follow_up_rules.edit", assembly_id=assembly.id))


@blueprint.route("/draft", methods=["GET", "POST"])
def edit(assembly_id: int) -> ResponseReturnValue:
    """Change what the draft says."""
    assembly, draft = _load_draft(assembly_id)
    form = RulesForm.of(draft)
    if form.validate_on_submit():
        with committing(form):
            form.require_unchanged(assembly, draft)
            rules.change(db.session, assembly, draft, values_of(form), by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("follow_up_rules.show", assembly_id=assembly.id))
    page = render_template("follow_up/edit_rules.html", assembly=assembly, form=form, periods=rules.PERIODS)
    return page, 422 if form.errors else 200


@blueprint.post("/draft/discard")
def discard(assembly_id: int) -> ResponseReturnValue:
    """Remove the draft."""
    assembly, draft = _load_draft(assembly_id)
    rules.discard(db.session, assembly, draft, by=account())
    db.session.commit()
    flash(gettext("Removed."), "success")
    return redirect(url_for("follow_up_rules.show", assembly_id=assembly.id))


@blueprint.post("/draft/publish")
def publish(assembly_id: int) -> ResponseReturnValue:
    """Publish a later version with its reason."""
    assembly, draft = _load_draft(assembly_id)
    form = PublishForm()
    if form.validate_on_submit():
        with committing(form):
            rules.publish_version(db.session, assembly, draft, form.reason.data or "", by=account())
        if not form.errors:
            flash(gettext("Published."), "success")
            return redirect(url_for("follow_up_rules.show", assembly_id=assembly.id))
    return _page(assembly, publish_form=form), 422


@blueprint.route("/draft/addressees/new", methods=["GET", "POST"])
def add_addressee(assembly_id: int) -> ResponseReturnValue:
    """Name who has to answer."""
    assembly, draft = _load_draft(assembly_id)
    form = AddresseeForm()
    if form.validate_on_submit():
        with committing(form):
            rules.add_addressee(db.session, assembly, draft, values_of(form), by=account())
        if not form.errors:
            flash(gettext("Added."), "success")
            return redirect(url_for("follow_up_rules.show", assembly_id=assembly.id))
    return _addressee_page(assembly, form, gettext("New addressee"))


@blueprint.route("/draft/addressees/<int:addressee_id>", methods=["GET", "POST"])
def edit_addressee(assembly_id: int, addressee_id: int) -> ResponseReturnValue:
    """Change who has to answer."""
    assembly, addressee = _load_addressee(assembly_id, addressee_id)
    form = AddresseeForm.of(addressee)
    if form.validate_on_submit():
        with committing(form):
            form.require_unchanged(assembly, addressee)
            rules.change_addressee(db.session, assembly, addressee, values_of(form), by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("follow_up_rules.show", assembly_id=assembly.id))
    return _addressee_page(assembly, form, gettext("Addressee"))


@blueprint.post("/draft/addressees/<int:addressee_id>/remove")
def remove_addressee(assembly_id: int, addressee_id: int) -> ResponseReturnValue:
    """Take an addressee out of the draft."""
    assembly, addressee = _load_addressee(assembly_id, addressee_id)
    rules.remove_addressee(db.session, assembly, addressee, by=account())
    db.session.commit()
    flash(gettext("Removed."), "success")
    return redirect(url_for("follow_up_rules.show", assembly_id=assembly.id))


@blueprint.post("/meetings")
def add_meeting(assembly_id: int) -> ResponseReturnValue:
    """Enter a meeting into the calendar of a body."""
    assembly = load_assembly(assembly_id, may=can_set_rules)
    form = _meeting_form(assembly)
    if form.validate_on_submit():
        with committing(form):
            meetings.add_meeting(db.session, assembly, values_of(form), by=account())
        if not form.errors:
            flash(gettext("Added."), "success")
            return redirect(url_for("follow_up_rules.show", assembly_id=assembly.id))
    return _page(assembly, meeting_form=form), 422


@blueprint.post("/meetings/<int:meeting_id>/remove")
def remove_meeting(assembly_id: int, meeting_id: int) -> ResponseReturnValue:
    """Take a meeting out of the calendar."""
    assembly = load_assembly(assembly_id, may=can_set_rules)
    is_told = meetings.remove_meeting(db.session, assembly, meeting_id, by=account())
    db.session.commit()
    told = gettext("Cancelled. The members who were invited are told that it does not take place.")
    flash(told if is_told else gettext("Removed."), "success")
    return redirect(url_for("follow_up_rules.show", assembly_id=assembly.id))


def _load_draft(assembly_id: int) -> tuple[Assembly, Any]:
    assembly = load_assembly(assembly_id, may=can_set_rules)
    draft = rules.draft_of(db.session, assembly)
    if draft is None:
        raise NotFoundError
    return assembly, draft


def _load_addressee(assembly_id: int, addressee_id: int) -> tuple[Assembly, Addressee]:
    assembly = load_assembly(assembly_id, may=can_set_rules)
    return assembly, rules.get_addressee(db.session, assembly, addressee_id)


def _meeting_form(assembly: Assembly) -> MeetingForm:
    form = MeetingForm()
    form.body.choices = [choice(one, one) for one in meetings.bodies_of(rules.current(db.session, assembly))]
    return form


def _addressee_page(assembly: Assembly, form: AddresseeForm, title: str) -> ResponseReturnValue:
    page = render_template("follow_up/addressee.html", assembly=assembly, form=form, title=title)
    return page, 422 if form.errors else 200


def _page(assembly: Assembly, **forms: BaseForm) -> str:
    found = rules.every_version(db.session, assembly)
    shown = found[0] if found else None
    draft, versions = (shown, found[1:]) if shown and shown.published_at is None else (None, found)
    state = shown.state if shown and shown.published_at else settings.state_of(db.session, assembly.id)
    handover = assembly.result_date or times.day_of(now())
    due = dates.course(shown, handover, state) if shown else {}
    calendar = meetings.meetings_of(db.session, assembly)
    return render_template(
        "follow_up/rules.html",
        assembly=assembly,
        versions=versions,
        draft=draft,
        handover=handover,
        due=due,
        state=GERMAN_STATES[state] if state else None,
        meetings=meetings.calendar_of(db.session, assembly),
        without_meeting=meetings.bodies_without(calendar, due, shown) if shown and calendar else [],
        terms=rules.TERMS,
        texts=follow_up_texts,
        may_set=allows(assembly, can_set_rules),
        **{"begin_form": BeginForm(formdata=None), "publish_form": PublishForm(formdata=None)}
        | ({"meeting_form": _meeting_form(assembly)} if shown else {})
        | forms,
    )
