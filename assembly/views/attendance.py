"""Attendance: the check-in list of an event, its sheet of paper, and who is absent too often."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from assembly.extensions import db
from assembly.models import Assembly, AttendanceState, Event, EventState
from assembly.services import paper
from assembly.services.attendance import absences, noting, people
from assembly.services.authorisation import can_check_in, can_manage, can_see_members
from assembly.services.panel import make_up
from assembly.services.programme import events
from assembly.views import programme_texts
from assembly.views.downloads import download
from assembly.views.forms import BaseForm, SelectField, choice, committing, stripped
from assembly.views.guard import account, allows, load_assembly
from assembly.views.pictures import presence_picture

blueprint = Blueprint("attendance", __name__, url_prefix="/assemblies/<int:assembly_id>/programme")


class NoteForm(BaseForm):
    """How a member stands to an event."""

    state = SelectField(
        _l("Attendance"),
        [InputRequired()],
        coerce=AttendanceState,
        choices=[choice(state.value, text) for state, text in programme_texts.ATTENDANCE.items()],
    )
    reason = TextAreaField(
        _l("Why excused"),
        [Length(max=noting.LONGEST_REASON)],
        filters=[stripped],
        description=_l("Nobody needs to say why. Only organisers read it."),
    )
    submit = SubmitField(_l("Save"))


class RuleForm(BaseForm):
    """When somebody is absent too often."""

    missed = IntegerField(_l("Missed events"), [InputRequired(), NumberRange(1, absences.LIMIT)])
    last = IntegerField(_l("Of the last events"), [InputRequired(), NumberRange(1, absences.LIMIT)])
    submit = SubmitField(_l("Save"))


@blueprint.route("/attendance", methods=["GET", "POST"])
def overview(assembly_id: int) -> ResponseReturnValue:
    """Show who is absent too often, by which rule, and change the rule."""
    assembly = load_assembly(assembly_id, may=can_manage, may_read=can_see_members)
    form = RuleForm(obj=absences.rule_of(db.session, assembly))
    if form.validate_on_submit():
        with committing(form):
            absences.set_rule(
                db.session, assembly, missed=form.missed.data or 0, last=form.last.data or 0, by=account()
            )
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("attendance.overview", assembly_id=assembly_id))
        assembly = load_assembly(assembly_id, may=can_manage)
    page = render_template(
        "attendance/overview.html",
        assembly=assembly,
        form=form,
        rule=absences.rule_of(db.session, assembly),
        absent=absences.absent_too_often(db.session, assembly),
        events=[one for one in events.events_of(db.session, assembly) if one.state is not EventState.DRAFT],
    )
    return page, 422 if form.errors else 200


@blueprint.get("/events/<int:event_id>/attendance")
def index(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Show the check-in list of an event; a name or the number of a seat finds people."""
    assembly = load_assembly(assembly_id, may=can_check_in, may_read=can_see_members)
    event = events.get_event(db.session, assembly, event_id)
    everybody, search = people.people_of(db.session, event), request.args.get("q", "").strip()
    return render_template(
        "attendance/index.html",
        assembly=assembly,
        event=event,
        listed=people.found_among(everybody, search),
        search=search,
        counts={state: sum(one.state is state for one in everybody) for state in AttendanceState},
        is_the_day=noting.is_the_day(event),
        pictures=[
            presence_picture(number, feature)
            for number, feature in enumerate(make_up.presence_of(db.session, event), start=1)
        ]
        if any(one.state in people.THERE for one in everybody)
        else [],
        may_manage=allows(assembly, can_manage),
        texts=programme_texts,
    )


@blueprint.route("/events/<int:event_id>/attendance/<int:member_id>", methods=["GET", "POST"])
def person(assembly_id: int, event_id: int, member_id: int) -> ResponseReturnValue:
    """Note how one member stands to an event."""
    assembly = load_assembly(assembly_id, may=can_check_in, may_read=can_see_members)
    event, form = events.get_event(db.session, assembly, event_id), NoteForm()
    if not allows(assembly, can_manage):
        del form.reason
    if form.validate_on_submit():
        with committing(form):
            reason = form.reason.data or "" if form.reason else None
            noting.note(db.session, event, member_id, form.state.data, reason=reason, by=account())
        if not form.errors:
            return redirect(
                url_for("attendance.index", assembly_id=assembly_id, event_id=event_id, _anchor=f"person-{member_id}")
            )
        assembly = load_assembly(assembly_id, may=can_check_in)
        event = events.get_event(db.session, assembly, event_id)
    page = _person(assembly, event, member_id, form)
    return page, 422 if form.errors else 200


@blueprint.post("/events/<int:event_id>/attendance/close")
def close(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Note as absent whoever has not come."""
    assembly = load_assembly(assembly_id, may=can_manage)
    number = noting.close_list(db.session, events.get_event(db.session, assembly, event_id), by=account())
    db.session.commit()
    flash(ngettext("%(num)s person is noted as absent.", "%(num)s people are noted as absent.", number), "success")
    return redirect(url_for("attendance.index", assembly_id=assembly_id, event_id=event_id))


@blueprint.get("/events/<int:event_id>/attendance/sheet")
def sheet(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Show the list as a sheet to print and fill in by hand."""
    assembly = load_assembly(assembly_id, may=can_see_members)
    event = events.get_event(db.session, assembly, event_id)
    return render_template(
        "attendance/sheet.html", assembly=assembly, event=event, listed=people.people_of(db.session, event)
    )


@blueprint.get("/events/<int:event_id>/attendance/list.pdf")
def paper_list(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Hand out the list for paper, in large type, to sign."""
    assembly = load_assembly(assembly_id, may=can_see_members)
    event = events.get_event(db.session, assembly, event_id)
    content = paper.check_in_list(event, people.people_of(db.session, event), language=str(get_locale()))
    return download(content, f"check-in-{event.id}.pdf")


@blueprint.get("/check-in/<code>")
def code(assembly_id: int, code: str) -> ResponseReturnValue:
    """Lead from a member's QR code to their line at the event of today."""
    assembly = load_assembly(assembly_id, may=can_check_in)
    member_id = people.member_by_code(db.session, assembly, code)
    event = people.event_of_today(db.session, assembly)
    if event is None:
        flash(gettext("There is no event today."), "warning")
        return redirect(url_for("programme.index", assembly_id=assembly_id))
    return redirect(url_for("attendance.person", assembly_id=assembly_id, event_id=event.id, member_id=member_id))


def _person(assembly: Assembly, event: Event, member_id: int, form: NoteForm) -> str:
    one = people.get_listed(db.session, event, member_id)
    if request.method != "POST":
        form.state.data = one.state
        if form.reason:
            form.reason.data = one.reason
    return render_template(
        "attendance/person.html",
        assembly=assembly,
        event=event,
        one=one,
        form=form,
        is_the_day=noting.is_the_day(event),
        texts=programme_texts,
    )
