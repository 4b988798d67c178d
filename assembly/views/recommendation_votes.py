"""How recommendations are adopted: counts, one by one or all of a closing event, and minority views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, SubmitField
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput

from assembly.clock import now
from assembly.extensions import db
from assembly.models import Assembly, Event, EventState, Recommendation, RecommendationState
from assembly.services.authorisation import can_lead
from assembly.services.errors import ServiceError
from assembly.services.follow_up import rules
from assembly.services.programme import events, times
from assembly.services.recommendations import adopting, minority, reading
from assembly.services.recommendations.adopting import Ballot, CountsError, Votes
from assembly.views.forms import BaseForm, committing
from assembly.views.guard import account, load_assembly
from assembly.views.messages import in_words
from assembly.views.recommendations import MinorityForm, blueprint, page_of

NUMBERS = {
    "yes": _l("Yes"),
    "no": _l("No"),
    "abstained": _l("Abstentions"),
    "present": _l("Present"),
}
VOTES = ("yes", "no", "abstained")


class CountsForm(BaseForm):
    """When and where was voted; the rows of the recommendations are added by `form_for`."""

    event_id = IntegerField(validators=[Optional()], widget=HiddenInput())
    is_correction = IntegerField(validators=[Optional()], widget=HiddenInput())
    counted_on = DateField(_l("Voted on"), [InputRequired()])
    submit = SubmitField(_l("Record the counts"))

    def ballots(self, found: Sequence[Recommendation]) -> dict[Recommendation, Ballot]:
        """Return the counts that were entered; a row without any vote is left out, a row with a part of them is not."""
        return {one: self._ballot(one.number) for one in found if self._is_entered(one.number)}

    def are_complete(self, found: Sequence[Recommendation]) -> bool:
        """Say at each number that is missing in a row that was begun that it is."""
        for one in found:
            for name in NUMBERS if self._is_entered(one.number) else ():
                field = self[f"{name}_{one.number}"]
                if field.data is None and not field.errors:
                    field.errors = [*field.errors, gettext("This field is required.")]
        return not self.errors

    def _is_entered(self, number: int) -> bool:
        return any(self[f"{name}_{number}"].data is not None for name in VOTES)

    def _ballot(self, number: int) -> Ballot:
        votes = {name: int(self[f"{name}_{number}"].data or 0) for name in NUMBERS}
        return Ballot(int(self[f"version_{number}"].data or 0), Votes(**votes))


@blueprint.route("/counts", methods=["GET", "POST"])
def counts(assembly_id: int) -> ResponseReturnValue:
    """Record the counts of all drafts of a closing event at once: all or none."""
    assembly = load_assembly(assembly_id, may=can_lead)
    found = reading.recommendations_of(db.session, assembly)
    shown = [one for one in found if f"version_{one.number}" in request.form]
    drafts = [one for one in found if one.state is RecommendationState.DRAFT]
    return _counting(assembly, shown if request.method == "POST" else drafts, is_single=False)


@blueprint.route("/<int:number>/count", methods=["GET", "POST"])
def count(assembly_id: int, number: int) -> ResponseReturnValue:
    """Record the count of one recommendation, or correct it."""
    assembly = load_assembly(assembly_id, may=can_lead)
    return _counting(assembly, [reading.get_recommendation(db.session, assembly, number)], is_single=True)


@blueprint.post("/<int:number>/minority-views")
def attach_minority_view(assembly_id: int, number: int) -> ResponseReturnValue:
    """Attach what some members think otherwise."""
    assembly, form = load_assembly(assembly_id, may=can_lead), MinorityForm()
    one = reading.get_recommendation(db.session, assembly, number)
    if form.validate_on_submit():
        with committing(form):
            minority.attach(db.session, one, form.text.data or "", form.supporters.data or 0, by=account())
        if not form.errors:
            flash(gettext("Attached: everyone can read it."), "success")
            return redirect(url_for("recommendations.show", assembly_id=assembly_id, number=number))
    return page_of(assembly_id, number, minority_form=form)


@blueprint.post("/<int:number>/minority-views/<int:view_id>/remove")
def remove_minority_view(assembly_id: int, number: int, view_id: int) -> ResponseReturnValue:
    """Take a minority view back."""
    assembly = load_assembly(assembly_id, may=can_lead)
    one = reading.get_recommendation(db.session, assembly, number)
    minority.remove(db.session, one, view_id, by=account())
    db.session.commit()
    flash(gettext("Removed."), "success")
    return redirect(url_for("recommendations.show", assembly_id=assembly_id, number=number))


def form_for(found: Sequence[Recommendation], values: Mapping[str, Any]) -> CountsForm:
    """Return the form with a row for each recommendation."""

    class Fields(CountsForm):
        """The form of these recommendations."""

    for one in found:
        hidden = IntegerField(default=one.version, widget=HiddenInput())
        setattr(Fields, f"version_{one.number}", hidden)
        for name, label in NUMBERS.items():
            text = _l("%(what)s, recommendation %(number)s", what=label, number=one.number)
            field = IntegerField(
                text, [Optional(), NumberRange(0, 10_000)], render_kw={"inputmode": "numeric", "class": "number-input"}
            )
            setattr(Fields, f"{name}_{one.number}", field)
    return Fields(data=values)


def _counting(assembly: Assembly, found: Sequence[Recommendation], *, is_single: bool) -> ResponseReturnValue:
    held = _held(assembly)
    event = _proposed_event(held)
    form = form_for(found, _proposed(found, event))
    if form.validate_on_submit() and form.are_complete(found) and _is_recorded(form, found, held):
        flash(gettext("Recorded."), "success")
        if is_single:
            return redirect(url_for("recommendations.show", assembly_id=assembly.id, number=found[0].number))
        return redirect(url_for("recommendations.index", assembly_id=assembly.id))
    page = render_template(
        "recommendations/counts.html",
        assembly=load_assembly(assembly.id, may=can_lead),
        form=form,
        found=found,
        numbers=NUMBERS,
        is_single=is_single,
        event=event,
        events=held,
        panel_size=adopting.panel_size(db.session, assembly),
        rules=rules.published_rules(db.session, assembly),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors or request.method == "POST" else HTTPStatus.OK


def _is_recorded(form: CountsForm, found: Sequence[Recommendation], held: Sequence[Event]) -> bool:
    event = next((one for one in held if one.id == form.event_id.data), None)
    day = form.counted_on.data or times.day_of(now())
    try:
        adopting.record_all(
            db.session,
            form.ballots(found),
            counted_on=day,
            event=event,
            is_correction=bool(form.is_correction.data),
            by=account(),
        )
        db.session.commit()
    except CountsError as refused:
        db.session.rollback()
        form.form_errors = [*form.form_errors, gettext(refused.message)]
        for number, error in refused.errors.items():
            _mark(form, number, error)
    except ServiceError as error:
        db.session.rollback()
        form.add(error)
    return not form.errors


def _mark(form: CountsForm, number: int, error: ServiceError) -> None:
    name = f"{error.field}_{number}" if f"{error.field}_{number}" in form else error.field
    field = form[name] if name in form else form[f"yes_{number}"]
    text = gettext(error.message, **in_words(error.values))
    if text not in field.errors:
        field.errors = [*field.errors, text]


def _held(assembly: Assembly) -> list[Event]:
    """Return the events that have begun, the last one first."""
    shown = (EventState.PUBLISHED, EventState.CHANGED)
    found = [one for one in events.events_of(db.session, assembly) if one.state in shown and one.starts_at <= now()]
    return sorted(found, key=lambda one: one.starts_at, reverse=True)


def _proposed_event(held: Sequence[Event]) -> Event | None:
    """Return the event that the address names, or else the last one; 0 names none."""
    wanted = request.args.get("event", type=int)
    last = held[0] if held and wanted is None else None
    return next((one for one in held if one.id == wanted), last)


def _proposed(found: Sequence[Recommendation], event: Event | None) -> dict[str, Any]:
    """Return what the form begins with: the event, its day, its attendance, and counts that are there already."""
    present = adopting.present_at(db.session, event) if event else 0
    day = times.day_of(event.ends_at if event else now())
    values: dict[str, Any] = {"event_id": event.id if event else None, "counted_on": day}
    for one in found:
        values[f"present_{one.number}"] = present or None
        if one.count is not None:
            values |= {f"{name}_{one.number}": getattr(one.count, name) for name in NUMBERS}
            values |= {"event_id": one.count.event_id, "counted_on": one.count.counted_on, "is_correction": 1}
    return values
