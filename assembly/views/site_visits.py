"""Site visits for staff: the way with its stops, who is not photographed, what to take along on paper."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, StringField, SubmitField, TextAreaField
from wtforms.validators import URL, InputRequired, Length, NumberRange, Optional

from assembly.extensions import db
from assembly.models import Assembly, Event, EventState, Surface
from assembly.services.authorisation import can_be_at_visits, can_lead, can_manage, can_see, can_see_members
from assembly.services.programme import timetables
from assembly.services.site_visits import observations, photos, visits
from assembly.services.site_visits.photographing import photographing_at
from assembly.views import programme_texts, site_visit_texts
from assembly.views.forms import (
    BaseForm,
    EditForm,
    SelectField,
    choice,
    committing,
    number_or_none,
    stripped,
    values_of,
)
from assembly.views.guard import account, allows, load_assembly

blueprint = Blueprint(
    "site_visits", __name__, url_prefix="/assemblies/<int:assembly_id>/programme/visits/<int:visit_id>"
)
LONG = [Length(max=2000)]


class ChangingForm(EditForm):
    """What members of a published event may be told of."""

    note = TextAreaField(
        _l("What has changed"),
        [Length(max=1000)],
        filters=[stripped],
        description=_l("One sentence for the members, such as: We meet at the northern exit."),
    )

    def values(self) -> dict[str, Any]:
        """Return what the service takes, without the note."""
        return {name: value for name, value in values_of(self).items() if name != "note"}


class VisitForm(ChangingForm):
    """The details of a site visit."""

    meeting_point = TextAreaField(_l("Meeting point"), LONG, filters=[stripped])
    step_free_way = TextAreaField(
        _l("Step-free way"),
        LONG,
        filters=[stripped],
        description=_l("The same way if it has no steps, or another one for those who need it."),
    )
    no_step_free_reason = TextAreaField(
        _l("Why there is no step-free way"), LONG, filters=[stripped], description=_l("Only if there is none.")
    )
    benches = TextAreaField(_l("Where people can sit"), LONG, filters=[stripped])
    toilets = TextAreaField(_l("Toilets on the way"), LONG, filters=[stripped])
    group_size = IntegerField(_l("People in one group at most"), [Optional(), NumberRange(1, 1000)])
    transport = TextAreaField(_l("Transport"), LONG, filters=[stripped], description=_l("Such as: bus at 16:10."))
    transport_seats = IntegerField(_l("Seats in the transport"), [Optional(), NumberRange(0, 10_000)])
    weather_plan = TextAreaField(_l("If the weather is bad"), LONG, filters=[stripped])
    safety_contact = StringField(_l("Who is called in an emergency"), [Length(max=200)], filters=[stripped])
    safety_phone = StringField(
        _l("Telephone number for emergencies"),
        [Length(max=40)],
        filters=[stripped],
        description=_l("Staff see it, and members from the day before. It is never public."),
        render_kw={"type": "tel"},
    )
    remote_text = TextAreaField(
        _l("How those take part who cannot come"),
        LONG,
        filters=[stripped],
        description=_l("Such as: a film of the way, and an evening online on which questions are answered."),
    )
    remote_link = StringField(
        _l("Link for those who cannot come"),
        [Optional(), URL(), Length(max=500)],
        filters=[stripped],
        render_kw={"type": "url"},
    )
    remote_material_id = SelectField(_l("Material for those who cannot come"), coerce=number_or_none)
    plain_text = TextAreaField(
        _l("The same in plain language"),
        [Length(max=5000)],
        filters=[stripped],
        description=_l("Short sentences, one thought each, no foreign words."),
    )
    submit = SubmitField(_l("Save"))

    def values(self) -> dict[str, Any]:
        """Return what the service takes; a field that was left empty is an empty text."""
        numbers = {"group_size", "transport_seats", "remote_material_id"}
        return {name: value if name in numbers else value or "" for name, value in super().values().items()}


class StopForm(ChangingForm):
    """A stop on the way."""

    name = StringField(_l("Stop on the way"), [InputRequired(), Length(max=200)], filters=[stripped])
    metres = IntegerField(
        _l("Metres"),
        [InputRequired(), NumberRange(0, 100_000)],
        description=_l("From the stop before; 0 at the first."),
    )
    surface = SelectField(
        _l("Surface of the way to it"),
        coerce=Surface,
        choices=[choice(surface.value, text) for surface, text in site_visit_texts.SURFACES.items()],
    )
    about = TextAreaField(_l("What there is to see"), LONG, filters=[stripped])
    submit = SubmitField(_l("Save"))


@blueprint.get("")
def show(assembly_id: int, visit_id: int) -> ResponseReturnValue:
    """Show a site visit: details, stops, what was seen."""
    return show_page(load_assembly(assembly_id, may=can_see), visit_id)


@blueprint.route("/edit", methods=["GET", "POST"])
def edit(assembly_id: int, visit_id: int) -> ResponseReturnValue:
    """Describe a site visit."""
    event = _load(assembly_id, visit_id)
    visit = visits.visit_of(db.session, event)
    form = VisitForm.of(visit)
    form.remote_material_id.choices = [
        choice("", gettext("None")),
        *(choice(str(one.id), one.title) for one in visits.possible_materials(db.session, event)),
    ]
    if form.validate_on_submit():
        with committing(form):
            form.require_unchanged(event.assembly, visit)
            visits.describe(db.session, event, form.values(), note=form.note.data or "", by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("site_visits.show", assembly_id=assembly_id, visit_id=visit_id))
    return _form_page(assembly_id, visit_id, form, gettext("Site visit"))


@blueprint.post("/stops")
def add_stop(assembly_id: int, visit_id: int) -> ResponseReturnValue:
    """Add a stop at the end of the way."""
    event = _load(assembly_id, visit_id)
    form = StopForm()
    if form.validate_on_submit():
        with committing(form):
            visits.add_stop(db.session, event, form.values(), note=form.note.data or "", by=account())
        if not form.errors:
            return redirect(_stops(assembly_id, visit_id))
    return show_page(load_assembly(assembly_id, may=can_manage), visit_id, stop_form=form), 422


@blueprint.route("/stops/<int:stop_id>", methods=["GET", "POST"])
def edit_stop(assembly_id: int, visit_id: int, stop_id: int) -> ResponseReturnValue:
    """Describe a stop anew."""
    event = _load(assembly_id, visit_id)
    stop = visits.get_stop(visits.visit_of(db.session, event), stop_id)
    form = StopForm.of(stop)
    if form.validate_on_submit():
        with committing(form):
            form.require_unchanged(event.assembly, stop)
            visits.change_stop(db.session, event, stop, form.values(), note=form.note.data or "", by=account())
        if not form.errors:
            return redirect(_stops(assembly_id, visit_id))
    return _form_page(assembly_id, visit_id, form, gettext("Stop on the way"))


@blueprint.post("/stops/<int:stop_id>/<any(up, down, remove):stop_deed>")
def arrange_stop(assembly_id: int, visit_id: int, stop_id: int, stop_deed: str) -> ResponseReturnValue:
    """Move a stop up or down, or remove it."""
    event = _load(assembly_id, visit_id)
    stop = visits.get_stop(visits.visit_of(db.session, event), stop_id)
    if stop_deed == "remove":
        visits.remove_stop(db.session, event, stop, by=account())
    else:
        visits.move_stop(db.session, event, stop, up=stop_deed == "up", by=account())
    db.session.commit()
    return redirect(_stops(assembly_id, visit_id))


@blueprint.get("/take-along")
def take_along(assembly_id: int, visit_id: int) -> ResponseReturnValue:
    """Show what staff need on the way, to print: the way, whom to call, and who must not be photographed."""
    assembly = load_assembly(assembly_id, may=can_be_at_visits)
    event = visits.get_visit_event(db.session, assembly, visit_id)
    visit, people = visits.visit_of(db.session, event), visits.coming(db.session, event)
    return render_template(
        "site_visits/take_along.html",
        assembly=assembly,
        event=event,
        visit=visit,
        people=people,
        groups=visits.groups_of(visit, people) if visit else None,
        timetable=timetables.timetable(event),
        photographing=photographing_at(db.session, event),
        may_see_members=allows(assembly, can_see_members),
        texts=programme_texts,
        visit_texts=site_visit_texts,
    )


def show_page(assembly: Assembly, visit_id: int, **forms: BaseForm) -> str:
    """Return the page of a site visit; sheets that are not published are shown to those who lead events."""
    event = visits.get_visit_event(db.session, assembly, visit_id)
    visit, may_lead = visits.visit_of(db.session, event), allows(assembly, can_lead)
    sheets = (
        observations.sheets_of(db.session, event)
        if may_lead
        else observations.published_of(db.session, [event]).get(event.id, [])
    )
    people = visits.coming(db.session, event)
    return render_template(
        "site_visits/show.html",
        assembly=assembly,
        event=event,
        visit=visit,
        people=people,
        groups=visits.groups_of(visit, people) if visit else None,
        warnings=[one for part in (visits, photos) for one in part.warnings_of(db.session, [event])[event.id]],
        sheets=sheets,
        is_open=observations.is_open(event),
        may_manage=allows(assembly, can_manage) and event.state is not EventState.CANCELLED,
        may_lead=may_lead,
        may_be_there=allows(assembly, can_be_at_visits),
        without=_without(event),
        texts=programme_texts,
        visit_texts=site_visit_texts,
        **({"stop_form": StopForm(formdata=None)} | forms),
    )


def _load(assembly_id: int, visit_id: int) -> Event:
    return visits.get_visit_event(db.session, load_assembly(assembly_id, may=can_manage), visit_id)


def _without(event: Event) -> list[str]:
    """Return the fields that a form has not: nobody is told of changes to a draft."""
    return ["note"] if event.state is EventState.DRAFT else []


def _stops(assembly_id: int, visit_id: int) -> str:
    return url_for("site_visits.show", assembly_id=assembly_id, visit_id=visit_id, _anchor="stops")


def _form_page(assembly_id: int, visit_id: int, form: BaseForm, title: str) -> ResponseReturnValue:
    event = _load(assembly_id, visit_id)
    page = render_template(
        "site_visits/form.html", assembly=event.assembly, event=event, form=form, title=title, without=_without(event)
    )
    return page, 422 if form.errors else 200
