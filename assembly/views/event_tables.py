"""Tables of an event: what they are to be like, the plan, late changes, what is printed, and what members see."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    IntegerField,
    StringField,
    SubmitField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange

from assembly.extensions import db
from assembly.models import Assembly, Event, PairKind, Seated, TablePlan
from assembly.services import jobs
from assembly.services.attendance.people import Listed
from assembly.services.authorisation import can_lead, can_see_members, can_see_needs
from assembly.services.features import features_of
from assembly.services.programme import events, timetables
from assembly.services.tables import computing, moving, plans, seating, sheets
from assembly.views import event_tables_texts
from assembly.views.downloads import download
from assembly.views.forms import BaseForm, ChecksField, SelectField, choice, committing, stripped, values_of
from assembly.views.guard import account, allows, load_assembly
from assembly.views.jobs import job_view, progress_answer

blueprint = Blueprint(
    "event_tables", __name__, url_prefix="/assemblies/<int:assembly_id>/programme/events/<int:event_id>/tables"
)


DIGITS = 3
"""Of the number of a table."""


class PlanForm(BaseForm):
    """What the tables are to be like."""

    seated = SelectField(
        _l("Who gets a seat"),
        coerce=Seated,
        choices=[choice(seated.value, text) for seated, text in event_tables_texts.SEATED.items()],
    )
    tables = IntegerField(_l("Number of tables"), [InputRequired(), NumberRange(1, plans.MOST_TABLES)])
    rounds = IntegerField(
        _l("Number of rounds"),
        [InputRequired(), NumberRange(1, plans.MOST_ROUNDS)],
        description=_l("In each round people sit with others. The agenda’s small groups are proposed as rounds."),
    )
    diverse = ChecksField(_l("Mixed at every table as in the whole group"), coerce=int)
    together = ChecksField(_l("Brought together at few tables"), coerce=int)
    near = StringField(
        _l("Tables that everybody can reach"),
        [Length(max=300)],
        filters=[stripped],
        description=_l("Their numbers between commas, such as 1, 2: without steps, near the door, with room to turn."),
    )
    leads = TextAreaField(
        _l("Who leads the tables"),
        [Length(max=5000)],
        description=_l("One name in each line, beginning with table 1. The names stand on the plan and on the signs."),
    )
    submit = SubmitField(_l("Save"))

    def validate_near(self, field: StringField) -> None:
        """Take whole numbers between commas alone."""
        if not all(part.isascii() and part.isdecimal() and len(part) <= DIGITS for part in _parts(field.data)):
            raise ValidationError(gettext("Enter numbers between commas, such as 1, 2."))

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        lines = (self.leads.data or "").strip().splitlines()
        return values_of(self) | {"near": [int(part) for part in _parts(self.near.data)], "leads": lines}


class PairForm(BaseForm):
    """Two people who sit together, or apart."""

    one = SelectField(_l("First person"), [InputRequired()], coerce=int)
    kind = SelectField(
        _l("Rule"),
        coerce=PairKind,
        choices=[choice(kind.value, text) for kind, text in event_tables_texts.PAIRS.items()],
    )
    other = SelectField(_l("Second person"), [InputRequired()], coerce=int)
    submit = SubmitField(_l("Add the pair"))


class ChangeForm(BaseForm):
    """From when on a plan is mended."""

    from_round = SelectField(_l("From this round on"), [InputRequired()], coerce=int)
    submit = SubmitField(_l("Mend the plan"))


class MoveForm(BaseForm):
    """Somebody who is to sit at another table."""

    person = SelectField(_l("Who"), [InputRequired()], coerce=int)
    round = SelectField(_l("In which round"), [InputRequired()], coerce=int)
    table = SelectField(_l("To which table"), [InputRequired()], coerce=int)
    is_sure = BooleanField(_l("Move all the same"))
    submit = SubmitField(_l("Move"))


@blueprint.get("/")
def show(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Show the tables of an event, and everything that can be done with them."""
    return _page(*_load(assembly_id, event_id))


@blueprint.post("/describe")
def describe(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Say what the tables are to be like."""
    assembly, event = _load(assembly_id, event_id)
    form = _plan_form(event, seating.people_at(db.session, event), plan=None)
    if form.validate_on_submit():
        with committing(form):
            plans.describe(db.session, event, form.values(), by=account())
        if not form.errors:
            flash(gettext("Saved. Now the tables can be computed."), "success")
            return _back(assembly_id, event_id)
        assembly, event = _load(assembly_id, event_id)
    return _page(assembly, event, plan_form=form), 422


@blueprint.post("/compute")
def compute(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Compute the tables anew."""
    _, event = _load(assembly_id, event_id)
    computing.start(db.session, event, by=account())
    db.session.commit()
    return _back(assembly_id, event_id)


@blueprint.post("/mend")
def mend(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Change the plan so that it fits who comes, and as few people as possible move."""
    assembly, event = _load(assembly_id, event_id)
    form = _change_form(seating.places_of(db.session, event, is_draft=True))
    if form.validate_on_submit():
        with committing(form):
            computing.start_change(db.session, event, from_round=form.from_round.data, by=account())
        if not form.errors:
            return _back(assembly_id, event_id)
        assembly, event = _load(assembly_id, event_id)
    return _page(assembly, event, change_form=form), 422


@blueprint.get("/progress")
def progress(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Answer htmx how far the computation is; when it has ended, the page is loaded anew."""
    _, event = _load(assembly_id, event_id)
    return progress_answer(plans.last_job(db.session, event))


@blueprint.post("/cancel")
def cancel(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """End a computation."""
    _, event = _load(assembly_id, event_id)
    job = plans.last_job(db.session, event)
    if jobs.active(job) is not None and job is not None:
        jobs.cancel(db.session, job)
        db.session.commit()
        flash(gettext("The computation is being cancelled."), "info")
    return _back(assembly_id, event_id)


@blueprint.post("/pairs")
def add_pair(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Let two people sit together, or apart."""
    assembly, event = _load(assembly_id, event_id)
    form = _pair_form(_names(event, seating.people_at(db.session, event)))
    if form.validate_on_submit():
        with committing(form):
            plans.add_pair(db.session, event, form.kind.data, form.one.data, form.other.data, by=account())
        if not form.errors:
            return _back(assembly_id, event_id, "pairs")
        assembly, event = _load(assembly_id, event_id)
    return _page(assembly, event, pair_form=form), 422


@blueprint.post("/pairs/<int:pair_id>/remove")
def remove_pair(assembly_id: int, event_id: int, pair_id: int) -> ResponseReturnValue:
    """Let two people sit as it comes."""
    _, event = _load(assembly_id, event_id)
    plans.remove_pair(db.session, event, pair_id, by=account())
    db.session.commit()
    return _back(assembly_id, event_id, "pairs")


@blueprint.post("/move")
def move(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Move somebody by hand; what that breaks is shown before."""
    assembly, event = _load(assembly_id, event_id)
    names = _names(event, seating.people_at(db.session, event))
    form, broken = _move_form(event, names), []
    if form.validate_on_submit():
        with committing(form):
            broken = list(
                moving.move(
                    db.session,
                    event,
                    form.person.data,
                    number=form.round.data,
                    table=form.table.data,
                    names=names,
                    may_see_needs=allows(assembly, can_see_needs),
                    by=account(),
                    is_sure=bool(form.is_sure.data),
                )
            )
        if not form.errors and not broken:
            flash(gettext("Moved."), "success")
            return _back(assembly_id, event_id, "move")
        assembly, event = _load(assembly_id, event_id)
    return _page(assembly, event, move_form=form, broken=broken), 422


@blueprint.post("/publish")
def publish(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Let members see their tables."""
    _, event = _load(assembly_id, event_id)
    plans.publish(db.session, event, by=account())
    db.session.commit()
    flash(gettext("Published: members see their table from now on."), "success")
    return _back(assembly_id, event_id)


@blueprint.get("/<any('by-table', 'by-name', badges, signs):sheet>.pdf")
def printed(assembly_id: int, event_id: int, sheet: str) -> ResponseReturnValue:
    """Return a plan, signs, or name badges to print."""
    assembly, event = _load(assembly_id, event_id)
    content = sheets.sheet_pdf(
        db.session,
        event,
        _planned(event),
        sheets.Sheet(sheet),
        may_see_members=allows(assembly, can_see_members),
        language=str(get_locale()),
    )
    return download(content, f"tables-{event.id}-{sheet}.pdf")


@blueprint.post("/export")
def export(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Return the plan as a workbook, with last names; the log says that it was made."""
    load_assembly(assembly_id, may=can_see_members)
    _, event = _load(assembly_id, event_id)
    content = sheets.export_xlsx(db.session, event, _planned(event), language=str(get_locale()), by=account())
    db.session.commit()
    return download(content, f"tables-{event_id}.xlsx")


def _load(assembly_id: int, event_id: int) -> tuple[Assembly, Event]:
    assembly = load_assembly(assembly_id, may=can_lead)
    return assembly, events.get_event(db.session, assembly, event_id)


def _planned(event: Event) -> TablePlan:
    plan = seating.plan_of(db.session, event)
    if plan is None:
        raise plans.no_plan()
    return plan


def _back(assembly_id: int, event_id: int, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("event_tables.show", assembly_id=assembly_id, event_id=event_id, _anchor=anchor))


def _parts(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _names(event: Event, listed: dict[int, Listed]) -> dict[int, str]:
    """Return what people are called, in order: by their first names for those who do not see the members."""
    if allows(event.assembly, can_see_members):
        return {who: one.name for who, one in listed.items()}
    names = {who: sheets.short_name(one) for who, one in listed.items()}
    return dict(sorted(names.items(), key=lambda one: (one[1].casefold(), one[0])))


def _people(names: dict[int, str]) -> list[Any]:
    return [choice(str(who), name) for who, name in names.items()]


def _numbers(template: str, numbers: Any) -> list[Any]:
    return [choice(str(number), template % {"number": number}) for number in numbers]


def _plan_form(event: Event, listed: dict[int, Listed], *, plan: TablePlan | None) -> PlanForm:
    """Return the form as it was sent, or with what was said before."""
    expected = len(seating.taken_of(list(listed.values()), Seated.EXPECTED))
    values = plans.usual(event, expected)
    if plan is not None:
        values = {name: getattr(plan, name) for name in plans.FIELDS}
        values |= {"near": ", ".join(map(str, plan.near)), "leads": "\n".join(plan.leads)}
    form = PlanForm(data=values) if request.endpoint == "event_tables.describe" else PlanForm(None, data=values)
    features = [choice(str(feature.id), feature.name) for feature in features_of(db.session, event.assembly)]
    form.diverse.choices = form.together.choices = features
    return form


def _pair_form(names: dict[int, str]) -> PairForm:
    form = PairForm() if request.endpoint == "event_tables.add_pair" else PairForm(None)
    form.one.choices = form.other.choices = _people(names)
    return form


def _change_form(draft: seating.Places) -> ChangeForm:
    form = ChangeForm() if request.endpoint == "event_tables.mend" else ChangeForm(None)
    form.from_round.choices = _numbers(gettext("Round %(number)s"), sorted(draft))
    return form


def _move_form(event: Event, names: dict[int, str]) -> MoveForm:
    form = MoveForm() if request.endpoint == "event_tables.move" else MoveForm(None)
    plan, draft = seating.plan_of(db.session, event), seating.places_of(db.session, event, is_draft=True)
    form.person.choices = _people(names)
    form.round.choices = _numbers(gettext("Round %(number)s"), sorted(draft))
    tables = [] if plan is None else moving.tables_of(plan, draft)
    form.table.choices = _numbers(gettext("Table %(number)s"), tables)
    return form


def _page(assembly: Assembly, event: Event, **more: Any) -> str:
    listed = seating.people_at(db.session, event)
    names = _names(event, listed)
    plan, job = seating.plan_of(db.session, event), plans.last_job(db.session, event)
    draft, published = (seating.places_of(db.session, event, is_draft=is_draft) for is_draft in (True, False))
    left = seating.left_of(db.session, event, listed, draft, published)
    fresh: dict[str, Any] = {
        "plan_form": _plan_form(event, listed, plan=plan),
        "pair_form": _pair_form(names),
        "change_form": _change_form(draft),
        "move_form": _move_form(event, names),
        "broken": [],
    }
    running = jobs.active(job)
    return render_template(
        "event_tables/show.html",
        assembly=assembly,
        event=event,
        plan=plan,
        job=job_view(running) if running else None,
        failure=jobs.failure_of(job),
        names=names | _names(event, left),
        rounds=_rounds(event, plan, draft, names),
        moves=seating.moves_between([*listed.values(), *left.values()], published, draft) if published else [],
        late=moving.late_changes(listed, left, plan, draft) if plan and draft else None,
        pairs=[
            (pair, plans.name_of(names, pair.one_id), plans.name_of(names, pair.other_id))
            for pair in plans.pairs_of(db.session, event)
        ],
        sentences=list(event_tables_texts.sentences(plan.figures)) if plan and draft else [],
        texts=event_tables_texts,
        may_see_members=allows(assembly, can_see_members),
        may_see_needs=allows(assembly, can_see_needs),
        **(fresh | more),
    )


def _rounds(event: Event, plan: TablePlan | None, draft: seating.Places, names: dict[int, str]) -> list[dict[str, Any]]:
    """Return the rounds of the draft with the item of the agenda that each is, and who sits where."""
    if plan is None:
        return []
    items = plans.rounds_on_agenda(event)
    timed = {one.item.id: one for one in timetables.timetable(event)}
    found = []
    for number in sorted(draft):
        item = items[number - 1] if number <= len(items) else None
        tables = [
            {
                "number": table,
                "lead": sheets.lead_of(plan, table),
                "names": [name for who, name in names.items() if draft[number].get(who) == table],
            }
            for table in moving.tables_of(plan, draft)
        ]
        found.append({"number": number, "item": timed[item.id] if item else None, "tables": tables})
    return found
