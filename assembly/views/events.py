"""Events and their agendas: planned, published, changed, cancelled; the running order to print."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import URL, InputRequired, Length, NumberRange, Optional

from assembly.extensions import db
from assembly.models import Assembly, Event, EventKind, EventState, ItemKind, Mode, Openness
from assembly.services.authorisation import can_book, can_lead, can_manage, can_see, can_see_members
from assembly.services.messages import telling
from assembly.services.needs import arrangements
from assembly.services.programme import agenda, events, places, templates, times
from assembly.services.site_visits import photos, visits
from assembly.services.tables import sheets
from assembly.views import needs_texts, programme_texts, site_visit_texts
from assembly.views.forms import BaseForm, ChecksField, choice, committing, stripped, values_of
from assembly.views.guard import account, allows, load_assembly
from assembly.views.member_access import has_gateway

blueprint = Blueprint("events", __name__, url_prefix="/assemblies/<int:assembly_id>/programme/events")


class EventForm(BaseForm):
    """An event."""

    title = StringField(_l("Title"), [InputRequired(), Length(max=200)], filters=[stripped])
    kind = SelectField(
        _l("Kind"),
        coerce=EventKind,
        choices=[choice(kind.value, text) for kind, text in programme_texts.KINDS.items()],
    )
    day = DateField(_l("Day"), [InputRequired()])
    starts = TimeField(_l("Begins at"), [InputRequired()])
    ends = TimeField(_l("Ends at"), [InputRequired()])
    mode = SelectField(
        _l("Where people take part"),
        coerce=Mode,
        choices=[choice(mode.value, text) for mode, text in programme_texts.MODES.items()],
    )
    room_id = SelectField(_l("Room"), coerce=lambda text: int(text) if text and text != "None" else None)
    online_link = StringField(
        _l("Link for taking part online"),
        [Optional(), URL(), Length(max=500)],
        filters=[stripped],
        render_kw={"type": "url"},
        description=_l("Members alone see it."),
    )
    openness = SelectField(
        _l("For whom"),
        coerce=Openness,
        choices=[choice(openness.value, text) for openness, text in programme_texts.OPENNESS.items()],
        default=Openness.MEMBERS.value,
    )
    facilitators = ChecksField(_l("Led by"), coerce=int)
    description = TextAreaField(_l("What it is about"), [Length(max=5000)], filters=[stripped])
    plain_description = TextAreaField(
        _l("The same in plain language"),
        [Length(max=5000)],
        filters=[stripped],
        description=_l("Short sentences, one thought each, no foreign words."),
    )
    to_bring = TextAreaField(_l("What to bring"), [Length(max=2000)], filters=[stripped])
    submit = SubmitField(_l("Save"))

    def values(self) -> dict[str, Any]:
        """Return what the service takes: moments instead of a day and times."""
        found = values_of(self)
        day, starts, ends = found.pop("day"), found.pop("starts"), found.pop("ends")
        found.pop("facilitators")
        found.pop("note", None)
        return found | {"starts_at": times.moment(day, starts), "ends_at": times.moment(day, ends)}

    def add(self, error: Any) -> None:
        """Show what is wrong with the end of an event at the field where it stands."""
        error.field = {"ends_at": "ends", "starts_at": "starts"}.get(error.field, error.field)
        super().add(error)


class ChangeForm(EventForm):
    """An event that members can see already."""

    note = TextAreaField(
        _l("What has changed"),
        [Length(max=1000)],
        filters=[stripped],
        description=_l("One sentence for the members, such as: We begin an hour later."),
    )
    submit = SubmitField(_l("Save and show the change"))


class CancelForm(BaseForm):
    """Why an event does not take place."""

    reason = TextAreaField(_l("Why it is cancelled"), [InputRequired(), Length(max=1000)], filters=[stripped])
    submit = SubmitField(_l("Cancel the event"))


class ItemForm(BaseForm):
    """An item of an agenda."""

    title = StringField(_l("Title"), [InputRequired(), Length(max=200)], filters=[stripped])
    kind = SelectField(
        _l("Kind"),
        coerce=ItemKind,
        choices=[choice(kind.value, text) for kind, text in programme_texts.ITEM_KINDS.items()],
    )
    minutes = IntegerField(_l("Minutes"), [InputRequired(), NumberRange(1, 1440)])
    in_charge = StringField(_l("In charge"), [Length(max=200)], filters=[stripped])
    goal = TextAreaField(_l("Goal"), [Length(max=2000)], filters=[stripped])
    materials = TextAreaField(_l("What is needed"), [Length(max=2000)], filters=[stripped])
    is_public = BooleanField(_l("On the public agenda"), default=True)
    submit = SubmitField(_l("Save"))


@blueprint.route("/new", methods=["GET", "POST"])
def create(assembly_id: int) -> ResponseReturnValue:
    """Plan an event."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form = _with_choices(EventForm(), assembly)
    if form.validate_on_submit():
        with committing(form):
            event = events.add_event(
                db.session, assembly, form.values(), facilitators=form.facilitators.data or (), by=account()
            )
        if not form.errors:
            flash(gettext("Planned as a draft. Members see it once it is published."), "success")
            return redirect(url_for("events.show", assembly_id=assembly.id, event_id=event.id))
    page = render_template("programme/form.html", assembly=assembly, form=form, title=gettext("New event"))
    return page, 422 if form.errors else 200


@blueprint.get("/<int:event_id>")
def show(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Show an event with its agenda and what should be looked at."""
    assembly = load_assembly(assembly_id, may=can_see)
    return _page(assembly, events.get_event(db.session, assembly, event_id))


@blueprint.route("/<int:event_id>/edit", methods=["GET", "POST"])
def edit(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Change an event."""
    assembly = load_assembly(assembly_id, may=can_manage)
    event = events.get_event(db.session, assembly, event_id)
    kind = EventForm if event.state is EventState.DRAFT else ChangeForm
    form = _with_choices(kind(obj=event, data=_times(event)), assembly, event)
    if form.validate_on_submit():
        note = form.note.data or "" if isinstance(form, ChangeForm) else ""
        with committing(form):
            events.change_event(
                db.session, event, form.values(), facilitators=form.facilitators.data or (), note=note, by=account()
            )
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("events.show", assembly_id=assembly_id, event_id=event_id))
    assembly = load_assembly(assembly_id, may=can_manage)
    page = render_template(
        "programme/form.html",
        assembly=assembly,
        form=form,
        title=gettext("Event"),
        outlook=_outlook(events.get_event(db.session, assembly, event_id)),
    )
    return page, 422 if form.errors else 200


@blueprint.post("/<int:event_id>/publish")
def publish(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Show an event to the members."""
    return _deed(assembly_id, event_id, events.publish, gettext("Published: members see it from now on."))


@blueprint.post("/<int:event_id>/cancel")
def cancel(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Cancel an event, with a reason."""
    assembly = load_assembly(assembly_id, may=can_manage)
    event, form = events.get_event(db.session, assembly, event_id), CancelForm()
    if form.validate_on_submit():
        with committing(form):
            events.cancel(db.session, event, reason=form.reason.data or "", by=account())
        if not form.errors:
            flash(gettext("Cancelled. Members see why."), "success")
            return redirect(url_for("events.show", assembly_id=assembly_id, event_id=event_id))
    assembly = load_assembly(assembly_id, may=can_manage)
    return _page(assembly, events.get_event(db.session, assembly, event_id), cancel_form=form), 422


@blueprint.post("/<int:event_id>/remove")
def remove(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Remove a draft."""
    assembly = load_assembly(assembly_id, may=can_manage)
    events.remove_draft(db.session, events.get_event(db.session, assembly, event_id), by=account())
    db.session.commit()
    flash(gettext("Removed."), "success")
    return redirect(url_for("programme.index", assembly_id=assembly.id))


@blueprint.get("/<int:event_id>/running-order")
def running_order(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Show everything that facilitators need of an agenda, to print."""
    assembly = load_assembly(assembly_id, may=can_see)
    event = events.get_event(db.session, assembly, event_id)
    return render_template(
        "programme/running_order.html",
        assembly=assembly,
        event=event,
        timetable=agenda.timetable(event),
        tables=sheets.tables_of_items(
            db.session,
            event,
            may_lead=allows(assembly, can_lead),
            may_see_members=allows(assembly, can_see_members),
        ),
        visit=visits.visit_of(db.session, event),
        visit_texts=site_visit_texts,
        texts=programme_texts,
    )


@blueprint.post("/<int:event_id>/agenda")
def add_item(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Add an item at the end of an agenda."""
    assembly = load_assembly(assembly_id, may=can_lead)
    event, form = events.get_event(db.session, assembly, event_id), ItemForm()
    if not form.validate_on_submit():
        return _page(assembly, event, item_form=form), 422
    agenda.add_item(db.session, event, values_of(form), by=account())
    db.session.commit()
    return redirect(_agenda(event))


@blueprint.route("/<int:event_id>/agenda/<int:item_id>", methods=["GET", "POST"])
def edit_item(assembly_id: int, event_id: int, item_id: int) -> ResponseReturnValue:
    """Change an item."""
    assembly = load_assembly(assembly_id, may=can_lead)
    event = events.get_event(db.session, assembly, event_id)
    item = agenda.get_item(db.session, event, item_id)
    form = ItemForm(obj=item)
    if form.validate_on_submit():
        agenda.change_item(db.session, event, item, values_of(form), by=account())
        db.session.commit()
        return redirect(_agenda(event))
    page = render_template("programme/form.html", assembly=assembly, form=form, title=gettext("Agenda item"))
    return page, 422 if form.errors else 200


@blueprint.post("/<int:event_id>/agenda/<int:item_id>/<any(up, down, remove):deed>")
def arrange(assembly_id: int, event_id: int, item_id: int, deed: str) -> ResponseReturnValue:
    """Move an item up or down, or remove it."""
    assembly = load_assembly(assembly_id, may=can_lead)
    event = events.get_event(db.session, assembly, event_id)
    item = agenda.get_item(db.session, event, item_id)
    if deed == "remove":
        agenda.remove_item(db.session, event, item, by=account())
    else:
        agenda.move_item(db.session, event, item, up=deed == "up", by=account())
    db.session.commit()
    return redirect(_agenda(event))


def _agenda(event: Event) -> str:
    return url_for("events.show", assembly_id=event.assembly_id, event_id=event.id, _anchor="agenda")


def _deed(assembly_id: int, event_id: int, deed: Callable[..., None], said: str) -> ResponseReturnValue:
    assembly = load_assembly(assembly_id, may=can_manage)
    deed(db.session, events.get_event(db.session, assembly, event_id), by=account())
    db.session.commit()
    flash(said, "success")
    return redirect(url_for("events.show", assembly_id=assembly_id, event_id=event_id))


def _outlook(event: Event) -> telling.Outlook | None:
    """Return whom another time, or a cancellation, would be told."""
    return telling.outlook(db.session, event, has_gateway=has_gateway())


def _times(event: Event) -> dict[str, Any]:
    def minute(at: dt.datetime) -> dt.time:
        return times.time_of(at).replace(second=0, microsecond=0)

    return {
        "day": times.day_of(event.starts_at),
        "starts": minute(event.starts_at),
        "ends": minute(event.ends_at),
    }


def _with_choices(form: EventForm, assembly: Assembly, event: Event | None = None) -> EventForm:
    rooms = places.rooms_of(db.session, assembly)
    form.room_id.choices = [
        choice("", gettext("No room yet")),
        *(choice(str(room.id), f"{room.place.name}: {room.name} ({room.capacity})") for room in rooms),
    ]
    people = {user.id: user.name for user in events.possible_facilitators(db.session, assembly)}
    if event is not None:
        people |= {user.id: user.name for user in event.facilitators}
        if request.method != "POST":
            form.facilitators.data = [user.id for user in event.facilitators]
    form.facilitators.choices = [choice(str(number), name) for number, name in people.items()]
    return form


def _page(assembly: Assembly, event: Event, **forms: BaseForm) -> str:
    planned, state = events.events_of(db.session, assembly), templates.programme_of(db.session, assembly).state
    fresh = {"cancel_form": CancelForm(formdata=None), "item_form": ItemForm(formdata=None)}
    return render_template(
        "programme/event.html",
        assembly=assembly,
        event=event,
        is_over=events.is_over(event),
        timetable=agenda.timetable(event),
        warnings=[
            *agenda.warnings_of(event, planned, state=state),
            *visits.warnings_of(db.session, [event])[event.id],
            *photos.warnings_of(db.session, [event])[event.id],
        ],
        is_visit=visits.is_visit(event),
        texts=programme_texts,
        may_manage=allows(assembly, can_manage),
        may_lead=allows(assembly, can_lead),
        may_book=(may_book := allows(assembly, can_book)),
        outlook=_outlook(event) if allows(assembly, can_manage) else None,
        late=arrangements.late_for(db.session, event) if may_book else [],
        needs_texts=needs_texts,
        may_see_attendance=allows(assembly, can_see_members),
        **(fresh | forms),
    )
