"""Events and their agendas: planned, published, changed, cancelled; the running order to print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from assembly.extensions import db
from assembly.models import Assembly, Event, EventState
from assembly.services.authorisation import can_book, can_lead, can_manage, can_see, can_see_members
from assembly.services.experts import inviting
from assembly.services.materials import reading
from assembly.services.messages import noting, telling
from assembly.services.needs import arrangements
from assembly.services.programme import agenda, events, places, timetables
from assembly.services.site import settings
from assembly.services.site_visits import photos, visits
from assembly.services.tables import sheets
from assembly.views import experts_texts, needs_texts, programme_texts, site_visit_texts
from assembly.views.event_ways import ways_from
from assembly.views.events_forms import CancelForm, ChangeForm, EventForm, ItemForm, PublishForm, times_of
from assembly.views.forms import BaseForm, choice, committing, values_of
from assembly.views.guard import account, allows, load_assembly
from assembly.views.member_access import has_gateway

blueprint = Blueprint("events", __name__, url_prefix="/assemblies/<int:assembly_id>/programme/events")


@blueprint.route("/new", methods=["GET", "POST"])
def create(assembly_id: int) -> ResponseReturnValue:
    """Plan an event."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form = _with_choices(EventForm(), assembly)
    form.about(settings.state_of(db.session, assembly.id))
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
    form = _with_choices(kind.of(event, data=times_of(event)), assembly, event)
    form.about(settings.state_of(db.session, assembly.id), event)
    if form.validate_on_submit():
        note = form.note.data or "" if isinstance(form, ChangeForm) else ""
        with committing(form):
            form.require_unchanged(assembly, event)
            events.change_event(
                db.session, event, form.values(), facilitators=form.facilitators.data or (), note=note, by=account()
            )
        if not form.errors:
            is_told = noting.is_waiting(db.session, event)
            flash(gettext("Saved. Members are told at once.") if is_told else gettext("Saved."), "success")
            return redirect(url_for("events.show", assembly_id=assembly_id, event_id=event_id))
    assembly = load_assembly(assembly_id, may=can_manage)
    event = events.get_event(db.session, assembly, event_id)
    page = render_template(
        "programme/form.html",
        assembly=assembly,
        form=form,
        title=gettext("Edit “%(name)s”", name=event.title),
        whence=(url_for("events.show", assembly_id=assembly_id, event_id=event_id), event.title),
        outlook=_outlook(event),
        needs_texts=needs_texts,
    )
    return page, 422 if form.errors else 200


@blueprint.post("/<int:event_id>/publish")
def publish(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Show an event to the members; what should be looked at before is shown first, once."""
    assembly, form = load_assembly(assembly_id, may=can_manage), PublishForm()
    event = events.get_event(db.session, assembly, event_id)
    warnings, late = _warnings(event, events.events_of(db.session, assembly)), _late(event)
    if event.state is EventState.DRAFT and (warnings or late) and not form.looked_at.data:
        page = {"assembly": assembly, "event": event, "warnings": warnings, "late": late, "needs_texts": needs_texts}
        return render_template("programme/publish.html", **page)
    said = gettext("Published: members see it on their page and in their calendars. Nobody was written to.")
    return _deed(assembly_id, event_id, events.publish, said)


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
        timetable=timetables.timetable(event),
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
    event, form = events.get_event(db.session, assembly, event_id), _with_rooms(ItemForm(), assembly)
    if form.validate_on_submit():
        with committing(form):
            agenda.add_item(db.session, event, values_of(form), by=account())
        if not form.errors:
            return redirect(_agenda(event, more=1))
    assembly = load_assembly(assembly_id, may=can_lead)
    return _page(assembly, events.get_event(db.session, assembly, event_id), item_form=form), 422


@blueprint.route("/<int:event_id>/agenda/<int:item_id>", methods=["GET", "POST"])
def edit_item(assembly_id: int, event_id: int, item_id: int) -> ResponseReturnValue:
    """Change an item."""
    assembly = load_assembly(assembly_id, may=can_lead)
    event = events.get_event(db.session, assembly, event_id)
    item = agenda.get_item(db.session, event, item_id)
    form = _with_rooms(ItemForm.of(item), assembly)
    if form.validate_on_submit():
        with committing(form):
            form.require_unchanged(assembly, item)
            agenda.change_item(db.session, event, item, values_of(form), by=account())
        if not form.errors:
            return redirect(_agenda(event))
    assembly = load_assembly(assembly_id, may=can_lead)
    event = events.get_event(db.session, assembly, event_id)
    page = render_template(
        "programme/form.html",
        assembly=assembly,
        form=form,
        title=gettext("Edit the agenda item “%(name)s”", name=agenda.get_item(db.session, event, item_id).title),
        whence=(_agenda(event), event.title),
    )
    return page, 422 if form.errors else 200


@blueprint.post("/<int:event_id>/agenda/<int:item_id>/<any(up, down, remove):deed>")
def arrange(assembly_id: int, event_id: int, item_id: int, deed: str) -> ResponseReturnValue:
    """Move an item up or down, or remove it."""
    assembly = load_assembly(assembly_id, may=can_lead)
    event = events.get_event(db.session, assembly, event_id)
    item, form, page = agenda.get_item(db.session, event, item_id), BaseForm(), _agenda(event)
    with committing(form):  # a room may be taken at the new time
        if deed == "remove":
            agenda.remove_item(db.session, event, item, by=account())
        else:
            agenda.move_item(db.session, event, item, up=deed == "up", by=account())
    if form.errors:
        assembly = load_assembly(assembly_id, may=can_lead)
        return _page(assembly, events.get_event(db.session, assembly, event_id), arrange_form=form), 422
    return redirect(page)


def _agenda(event: Event, *, more: int | None = None) -> str:
    """Return the address of an agenda; with `more`, the form for the next item is open there."""
    return url_for("events.show", assembly_id=event.assembly_id, event_id=event.id, more=more, _anchor="agenda")


def _deed(assembly_id: int, event_id: int, deed: Callable[..., None], said: str) -> ResponseReturnValue:
    assembly = load_assembly(assembly_id, may=can_manage)
    deed(db.session, events.get_event(db.session, assembly, event_id), by=account())
    db.session.commit()
    flash(said, "success")
    return redirect(url_for("events.show", assembly_id=assembly_id, event_id=event_id))


def _outlook(event: Event) -> telling.Outlook | None:
    """Return whom another time, or a cancellation, would be told."""
    return telling.outlook(db.session, event, has_gateway=has_gateway())


def _with_choices(form: EventForm, assembly: Assembly, event: Event | None = None) -> EventForm:
    form.room_id.choices = [choice("", gettext("No room yet")), *_rooms(assembly)]
    people = {user.id: user.name for user in events.possible_facilitators(db.session, assembly)}
    if event is not None:
        people |= {user.id: user.name for user in event.facilitators}
        if request.method != "POST":
            form.facilitators.data = [user.id for user in event.facilitators]
    form.facilitators.choices = [choice(str(number), name) for number, name in people.items()]
    return form


def _with_rooms(form: ItemForm, assembly: Assembly) -> ItemForm:
    form.room_id.choices = [choice("", gettext("The room of the event")), *_rooms(assembly)]
    return form


def _rooms(assembly: Assembly) -> list[Any]:
    rooms = places.rooms_of(db.session, assembly)
    return [choice(str(room.id), f"{room.place.name}: {room.name} ({room.capacity})") for room in rooms]


def _warnings(event: Event, planned: Sequence[Event]) -> list[Any]:
    """Return what should be looked at in the plan of an event."""
    return [
        *agenda.warnings_of(event, planned, state=settings.state_of(db.session, event.assembly_id)),
        *visits.warnings_of(db.session, [event])[event.id],
        *photos.warnings_of(db.session, [event])[event.id],
    ]


def _late(event: Event) -> Sequence[Any]:
    """Return the support whose time for booking is over, for those who book it."""
    return arrangements.late_for(db.session, event) if allows(event.assembly, can_book) else []


def _page(assembly: Assembly, event: Event, **forms: BaseForm) -> str:
    planned = events.events_of(db.session, assembly)
    fresh = {
        "cancel_form": CancelForm(formdata=None),
        "item_form": _with_rooms(ItemForm(formdata=None), assembly),
        "arrange_form": BaseForm(formdata=None),
    }
    return render_template(
        "programme/event.html",
        assembly=assembly,
        event=event,
        is_over=events.is_over(event),
        timetable=timetables.timetable(event),
        warnings=_warnings(event, planned),
        ways=ways_from(event),
        experts=inviting.experts_at(db.session, event),
        materials=reading.materials_at(db.session, event),
        experts_texts=experts_texts,
        is_adding="more" in request.args,
        texts=programme_texts,
        may_manage=allows(assembly, can_manage),
        may_lead=allows(assembly, can_lead),
        outlook=_outlook(event) if allows(assembly, can_manage) else None,
        late=_late(event),
        needs_texts=needs_texts,
        **(fresh | forms),
    )
