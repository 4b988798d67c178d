"""What is to be booked for which event until when, without names: for organisers and support."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from assembly.extensions import db
from assembly.models import Assembly, Booking, BookingState, Event, NeedKind
from assembly.services.authorisation import can_book, can_see_needs
from assembly.services.needs import arrangements, bookings, kinds, providers
from assembly.services.needs.arrangements import Total
from assembly.services.programme import events
from assembly.views import needs_texts, programme_texts
from assembly.views.forms import BaseForm, committing, values_of
from assembly.views.guard import account, allows, load_assembly
from assembly.views.needs_forms import BookingForm, LeadTimesForm, ProviderForm

blueprint = Blueprint("needs", __name__, url_prefix="/assemblies/<int:assembly_id>/needs")


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """Show what must be booked until when, and how much of everything each event needs."""
    assembly = load_assembly(assembly_id, may=can_book)
    to_come = arrangements.events_to_come(db.session, assembly)
    totals = arrangements.totals_of(db.session, assembly, to_come)
    return render_template(
        "needs/index.html",
        assembly=assembly,
        events=to_come,
        totals=totals,
        work=arrangements.work_in(totals),
        to_be_told=arrangements.to_be_told(db.session, assembly),
        texts=needs_texts,
        may_see_needs=allows(assembly, can_see_needs),
    )


@blueprint.get("/events/<int:event_id>")
def event(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Show what an event needs, and what is booked for it."""
    assembly = load_assembly(assembly_id, may=can_book)
    return _event_page(assembly, events.get_event(db.session, assembly, event_id))


@blueprint.post("/events/<int:event_id>/bookings")
def add_booking(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Note that something is to be booked."""
    assembly = load_assembly(assembly_id, may=can_book)
    found, form = events.get_event(db.session, assembly, event_id), _with_providers(BookingForm(), assembly)
    if form.validate_on_submit():
        with committing(form):
            bookings.add_booking(db.session, found, values_of(form), by=account(), is_sure=bool(form.is_sure.data))
        if not form.errors:
            flash(gettext("Added."), "success")
            return redirect(url_for("needs.event", assembly_id=assembly_id, event_id=event_id))
    assembly = load_assembly(assembly_id, may=can_book)
    return _event_page(assembly, events.get_event(db.session, assembly, event_id), form=form), 422


@blueprint.route("/bookings/<int:booking_id>", methods=["GET", "POST"])
def booking(assembly_id: int, booking_id: int) -> ResponseReturnValue:
    """Change a booking, and say how far it is."""
    assembly = load_assembly(assembly_id, may=can_book)
    found = bookings.get_booking(db.session, assembly, booking_id)
    form = _with_providers(BookingForm.of(found), assembly)
    if form.validate_on_submit():
        event_id = found.event_id
        with committing(form):
            form.require_unchanged(assembly, found)
            bookings.change_booking(db.session, found, values_of(form), by=account(), is_sure=bool(form.is_sure.data))
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("needs.event", assembly_id=assembly_id, event_id=event_id))
    return _booking_page(assembly_id, booking_id, form=form), 422 if form.errors else 200


@blueprint.post("/bookings/<int:booking_id>/<any(to_book, asked, booked, cancelled):booking_state>")
def move(assembly_id: int, booking_id: int, booking_state: str) -> ResponseReturnValue:
    """Say how far a booking is; if the provider is elsewhere then, say where."""
    assembly, form = load_assembly(assembly_id, may=can_book), BaseForm()
    found = bookings.get_booking(db.session, assembly, booking_id)
    event_id = found.event_id
    with committing(form):
        bookings.move(db.session, found, BookingState(booking_state), by=account())
    if form.errors:
        return _booking_page(assembly_id, booking_id, move_form=form), 422
    flash(gettext("Saved."), "success")
    return redirect(url_for("needs.event", assembly_id=assembly_id, event_id=event_id))


@blueprint.post("/bookings/<int:booking_id>/told")
def told(assembly_id: int, booking_id: int) -> ResponseReturnValue:
    """Note that a provider knows that the event was moved or cancelled."""
    assembly = load_assembly(assembly_id, may=can_book)
    bookings.tell(db.session, bookings.get_booking(db.session, assembly, booking_id), by=account())
    db.session.commit()
    flash(gettext("Recorded."), "success")
    return redirect(url_for("needs.index", assembly_id=assembly_id))


@blueprint.route("/providers", methods=["GET", "POST"])
def provider_list(assembly_id: int) -> ResponseReturnValue:
    """List the providers, and add one."""
    assembly, kind = load_assembly(assembly_id, may=can_book), _kind_asked_for()
    form = ProviderForm(data={"kinds": [kind]} if kind else None)
    if form.validate_on_submit():
        with committing(form):
            providers.add_provider(db.session, assembly, _provider_values(form), by=account())
        if not form.errors:
            flash(gettext("Added."), "success")
            return redirect(url_for("needs.provider_list", assembly_id=assembly_id))
    assembly = load_assembly(assembly_id, may=can_book)
    page = render_template(
        "needs/providers.html",
        assembly=assembly,
        providers=providers.providers_of(db.session, assembly),
        form=form,
        texts=needs_texts,
        may_see_needs=allows(assembly, can_see_needs),
    )
    return page, 422 if form.errors else 200


@blueprint.route("/providers/<int:provider_id>", methods=["GET", "POST"])
def provider(assembly_id: int, provider_id: int) -> ResponseReturnValue:
    """Describe a provider."""
    assembly = load_assembly(assembly_id, may=can_book)
    found = providers.get_provider(db.session, assembly, provider_id)
    form = ProviderForm.of(found)
    if form.validate_on_submit():
        with committing(form):
            form.require_unchanged(assembly, found)
            providers.change_provider(db.session, assembly, found, _provider_values(form), by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("needs.provider_list", assembly_id=assembly_id))
    assembly = load_assembly(assembly_id, may=can_book)
    found = providers.get_provider(db.session, assembly, provider_id)
    page = render_template("needs/provider.html", assembly=assembly, provider=found, form=form)
    return page, 422 if form.errors else 200


@blueprint.post("/providers/<int:provider_id>/remove")
def remove_provider(assembly_id: int, provider_id: int) -> ResponseReturnValue:
    """Remove a provider without bookings."""
    assembly = load_assembly(assembly_id, may=can_book)
    found = providers.get_provider(db.session, assembly, provider_id)
    providers.remove_provider(db.session, assembly, found, by=account())
    db.session.commit()
    flash(gettext("Removed."), "success")
    return redirect(url_for("needs.provider_list", assembly_id=assembly_id))


@blueprint.route("/lead-times", methods=["GET", "POST"])
def lead_times(assembly_id: int) -> ResponseReturnValue:
    """Say how many days before an event each kind has to be booked."""
    assembly = load_assembly(assembly_id, may=can_book)
    known = {kind.value: days for kind, days in kinds.lead_times_of(db.session, assembly).items()}
    form = LeadTimesForm(data=known)
    if form.validate_on_submit():
        with committing(form):
            kinds.set_lead_times(db.session, assembly, form.days(), by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("needs.index", assembly_id=assembly_id))
    assembly = load_assembly(assembly_id, may=can_book)
    page = render_template(
        "needs/lead_times.html", assembly=assembly, form=form, may_see_needs=allows(assembly, can_see_needs)
    )
    return page, 422 if form.errors else 200


def _provider_values(form: ProviderForm) -> dict[str, object]:
    return values_of(form) | {"kinds": [kind.value for kind in form.kinds.data or ()]}


def _with_providers(form: BookingForm, assembly: Assembly) -> BookingForm:
    form.offer(providers.providers_of(db.session, assembly, kind=form.kind.data))
    return form


def _wanted(assembly: Assembly, totals: Sequence[Total]) -> BookingForm:
    """Return the form for what was chosen to be booked, for as many people as do without it."""
    kind, language = _kind_asked_for(), request.args.get("language", "")
    people = next((one.open for one in totals if one.kind is kind and one.language == language), 0)
    data = {"kind": kind, "language": language, "people": people or 1}
    return _with_providers(BookingForm(formdata=None, data=data), assembly)


def _kind_asked_for() -> NeedKind | None:
    try:
        return NeedKind(request.args.get("kind", ""))
    except ValueError:
        return None


def _event_page(assembly: Assembly, found: Event, form: BookingForm | None = None) -> str:
    totals = arrangements.totals_of(db.session, assembly, [found])
    return render_template(
        "needs/event.html",
        assembly=assembly,
        event=found,
        totals=totals,
        interpreting=kinds.INTERPRETING,
        bookings=bookings.bookings_of(db.session, [found]),
        form=form or _wanted(assembly, totals),
        texts=needs_texts,
        event_texts=programme_texts,
        may_see_needs=allows(assembly, can_see_needs),
    )


def _booking_page(assembly_id: int, booking_id: int, **forms: BaseForm) -> str:
    assembly = load_assembly(assembly_id, may=can_book)
    found: Booking = bookings.get_booking(db.session, assembly, booking_id)
    fresh = {
        "form": _with_providers(BookingForm.of(found, formdata=None), assembly),
        "move_form": BaseForm(formdata=None),
    }
    return render_template(
        "needs/booking.html",
        assembly=assembly,
        booking=found,
        moves=[state for state in BookingState if state in bookings.TRANSITIONS[found.state]],
        texts=needs_texts,
        **(fresh | forms),
    )
