"""The whole programme: as a list, by month, from a template, moved by weeks."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import DateField, IntegerField, SelectField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from assembly.clock import now
from assembly.extensions import db
from assembly.models import Assembly
from assembly.services.assemblies import is_after_handover
from assembly.services.authorisation import can_book, can_manage, can_see
from assembly.services.needs import arrangements
from assembly.services.programme import agenda, events, templates, timeline, times
from assembly.services.site import settings
from assembly.services.site_visits import photos, visits
from assembly.services.texts import catalogue
from assembly.views import programme_texts
from assembly.views.forms import BaseForm, choice, committing, stripped
from assembly.views.guard import account, allows, load_assembly

blueprint = Blueprint("programme", __name__, url_prefix="/assemblies/<int:assembly_id>/programme")

MOST_WEEKS = 52


class TemplateForm(BaseForm):
    """A programme from a template."""

    template = SelectField(
        _l("Template"), choices=[choice(key, _l(one.name)) for key, one in templates.TEMPLATES.items()]
    )
    first_day = DateField(_l("First day"), [InputRequired()])
    state = SelectField(
        _l("State whose public and school holidays are avoided"),
        choices=[
            choice("", _l("None: only holidays of all Germany")),
            *(choice(*one) for one in programme_texts.GERMAN_STATES.items()),
        ],
    )
    submit = SubmitField(_l("Show the days"))


class MoveForm(BaseForm):
    """Moving everything that has not begun."""

    weeks = IntegerField(
        _l("Weeks"),
        [InputRequired(), NumberRange(-MOST_WEEKS, MOST_WEEKS)],
        default=1,
        description=_l("Later; with a minus sign, earlier."),
    )
    note = TextAreaField(
        _l("What members read"), [Length(max=1000)], filters=[stripped], description=_l("At each published event.")
    )
    submit = SubmitField(_l("Move the programme"))


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """List the events in the order of time."""
    return _page(load_assembly(assembly_id, may=can_see))


@blueprint.get("/month")
def month(assembly_id: int) -> ResponseReturnValue:
    """Show a month as a calendar."""
    assembly = load_assembly(assembly_id, may=can_see)
    planned = events.events_of(db.session, assembly)
    shown = _month_asked_for() or times.day_of(next((e.starts_at for e in planned if e.ends_at > now()), now()))
    first = shown.replace(day=1)
    by_day: dict[dt.date, list[Any]] = {}
    for event in planned:
        if (day := times.day_of(event.starts_at)).replace(day=1) == first:
            by_day.setdefault(day, []).append(event)
    state = settings.state_of(db.session, assembly.id)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return render_template(
        "programme/month.html",
        assembly=assembly,
        first=first,
        previous=(first - dt.timedelta(days=1)).replace(day=1),
        following=(first + dt.timedelta(days=31)).replace(day=1),
        weeks=weeks,
        by_day=by_day,
        holidays={day: templates.holiday_on(day, state) for week in weeks for day in week if day.month == first.month},
        texts=programme_texts,
        may_manage=allows(assembly, can_manage),
    )


@blueprint.get("/timeline")
def show_timeline(assembly_id: int) -> ResponseReturnValue:
    """Show the whole process, from the invitation to the decision."""
    assembly = load_assembly(assembly_id, may=can_see)
    planned = events.events_of(db.session, assembly)
    return render_template(
        "programme/timeline.html",
        assembly=assembly,
        months=timeline.timeline_of(db.session, assembly, planned),
        today=times.day_of(now()),
        texts=programme_texts,
    )


@blueprint.post("/template")
def template(assembly_id: int) -> ResponseReturnValue:
    """Show the days of a template, or with `take`, plan them as drafts."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form = TemplateForm()
    if not form.validate_on_submit() or form.first_day.data is None:
        return _page(assembly, template_form=form), 422
    state = form.state.data or ""
    chosen = templates.TEMPLATES[str(form.template.data)]
    planned = templates.plan(chosen, form.first_day.data, state)
    if "take" not in request.form:
        known = all(templates.are_school_holidays_known(one.day, state) for one in planned)
        return render_template(
            "programme/template.html",
            assembly=assembly,
            form=form,
            template=chosen,
            planned=planned,
            late=[one for one in planned if is_after_handover(assembly, one.day)],
            are_known=known,
            taken=len(_days_of(assembly) & {one.day for one in planned}),
            texts=programme_texts,
        )
    language = assembly.languages[0] if assembly.languages[0] in {"de", "en"} else "de"
    with committing(form):
        templates.choose_state(db.session, assembly, state, by=account())
        made = templates.fill_in(db.session, assembly, planned, catalogue(language).ugettext, by=account())
    if form.errors:
        return _page(assembly, template_form=form), 422
    flash(ngettext("%(num)s draft planned.", "%(num)s drafts planned.", len(made)), "success")
    return redirect(url_for("programme.index", assembly_id=assembly.id))


@blueprint.post("/move")
def move(assembly_id: int) -> ResponseReturnValue:
    """Move everything that has not begun by some weeks."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form = MoveForm()
    if not form.validate_on_submit():
        return _page(assembly, move_form=form), 422
    with committing(form):
        count = events.move_programme(
            db.session, assembly, weeks=form.weeks.data or 0, note=form.note.data or "", by=account()
        )
    if form.errors:
        return _page(load_assembly(assembly_id, may=can_manage), move_form=form), 422
    flash(ngettext("%(num)s event moved.", "%(num)s events moved.", count), "success")
    return redirect(url_for("programme.index", assembly_id=assembly_id))


def _days_of(assembly: Assembly) -> set[dt.date]:
    """Return the days on which there are events already."""
    return {times.day_of(one.starts_at) for one in events.events_of(db.session, assembly)}


def _month_asked_for() -> dt.date | None:
    try:
        return dt.date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        return None


def _page(assembly: Assembly, **forms: BaseForm) -> str:
    planned = events.events_of(db.session, assembly)
    state = settings.state_of(db.session, assembly.id)
    of_visits, of_photos = (part.warnings_of(db.session, planned) for part in (visits, photos))
    fresh = {
        "template_form": TemplateForm(formdata=None, data={"state": state}),
        "move_form": MoveForm(formdata=None),
    }
    return render_template(
        "programme/index.html",
        assembly=assembly,
        to_come=[event for event in planned if not events.is_over(event)],
        past=[event for event in planned if events.is_over(event)],
        warnings={
            event.id: len(
                [*agenda.warnings_of(event, planned, state=state), *of_visits[event.id], *of_photos[event.id]]
            )
            for event in planned
        },
        not_booked=arrangements.late_at(db.session, assembly, planned) if allows(assembly, can_book) else {},
        late=[event for event in planned if agenda.is_late_draft(event) and not events.is_over(event)],
        can_be_moved=any(event.starts_at > now() for event in planned),
        texts=programme_texts,
        may_manage=allows(assembly, can_manage),
        **(fresh | forms),
    )
