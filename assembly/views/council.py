"""The council information system of an assembly: connected, searched, and its meetings taken into the calendar."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, SubmitField
from wtforms.validators import InputRequired, Length

from assembly.extensions import db
from assembly.models import Assembly, CouncilSource
from assembly.services import jobs
from assembly.services.authorisation import can_see, can_set_rules
from assembly.services.council import references, searching, sources, taking_over
from assembly.services.errors import NotFoundError
from assembly.services.follow_up import meetings, rules
from assembly.views.forms import BaseForm, ChecksField, choice, committing, stripped
from assembly.views.guard import account, allows, load_assembly
from assembly.views.jobs import job_view, progress_answer

blueprint = Blueprint("council", __name__, url_prefix="/assemblies/<int:assembly_id>/follow-up/council")


class ConnectForm(BaseForm):
    """Where the council information system is."""

    address = StringField(
        _l("Address of the OParl interface"),
        [InputRequired(), Length(max=500)],
        filters=[stripped],
        description=_l(
            "Of the system or of one body, as the maker of the council information system names it, such as "
            "https://ris.example.org/oparl/system."
        ),
        render_kw={"type": "url", "autocomplete": "off"},
    )
    submit = SubmitField(_l("Look for bodies"))


class ChooseForm(BaseForm):
    """Whose papers and meetings are wanted."""

    body = RadioField(_l("Public body"), [InputRequired()])
    submit = SubmitField(_l("Connect"))


class DisconnectForm(BaseForm):
    """Whether the mirror may go."""

    submit = SubmitField(_l("Disconnect and remove the mirror"))


class TakeOverForm(BaseForm):
    """Which meetings of a committee go into the calendar."""

    chosen = ChecksField(_l("Meetings"), [InputRequired(_l("Choose meetings from the list."))], coerce=int)
    submit = SubmitField(_l("Take over the chosen meetings"))


@blueprint.get("/")
def show(assembly_id: int) -> ResponseReturnValue:
    """Show which council information system is connected, and how its mirror stands."""
    return _page(load_assembly(assembly_id, may=can_see))


@blueprint.post("/connect")
def connect(assembly_id: int) -> ResponseReturnValue:
    """Name the address of a council information system."""
    assembly = load_assembly(assembly_id, may=can_set_rules)
    form = ConnectForm()
    if form.validate_on_submit():
        with committing(form):
            sources.connect(db.session, assembly, form.address.data or "", by=account())
        if not form.errors:
            return redirect(url_for("council.show", assembly_id=assembly.id))
    return _page(assembly, connect_form=form), 422


@blueprint.post("/choose")
def choose(assembly_id: int) -> ResponseReturnValue:
    """Choose one of the bodies that were found."""
    assembly = load_assembly(assembly_id, may=can_set_rules)
    form = _choose_form(sources.source_of(db.session, assembly))
    if form.validate_on_submit():
        with committing(form):
            sources.choose(db.session, assembly, form.body.data, by=account())
        if not form.errors:
            flash(gettext("Connected. Papers and meetings are being read, which can take a while."), "success")
            return redirect(url_for("council.show", assembly_id=assembly.id))
    return _page(assembly, choose_form=form), 422


@blueprint.post("/synchronise")
def synchronise(assembly_id: int) -> ResponseReturnValue:
    """Ask for what is new, without waiting for the night."""
    assembly = load_assembly(assembly_id, may=can_set_rules)
    sources.synchronise(db.session, assembly, by=account())
    db.session.commit()
    return redirect(url_for("council.show", assembly_id=assembly.id))


@blueprint.get("/progress")
def progress(assembly_id: int) -> ResponseReturnValue:
    """Answer htmx how far it is; at the end, the page is loaded anew."""
    assembly = load_assembly(assembly_id, may=can_see)
    source = sources.source_of(db.session, assembly)
    return progress_answer(sources.last_job(db.session, source) if source else None)


@blueprint.route("/disconnect", methods=["GET", "POST"])
def disconnect(assembly_id: int) -> ResponseReturnValue:
    """Ask, and then remove the source with its mirror."""
    assembly = load_assembly(assembly_id, may=can_set_rules)
    source = sources.source_of(db.session, assembly)
    if source is None:
        raise NotFoundError
    form = DisconnectForm()
    if form.validate_on_submit():
        sources.disconnect(db.session, assembly, by=account())
        db.session.commit()
        flash(gettext("Disconnected."), "success")
        return redirect(url_for("council.show", assembly_id=assembly.id))
    counts = sources.counts_of(db.session, source)
    return render_template("council/disconnect.html", assembly=assembly, source=source, counts=counts, form=form)


@blueprint.get("/papers")
def papers(assembly_id: int) -> ResponseReturnValue:
    """Look through the mirrored papers."""
    assembly, source = _load_connected(assembly_id)
    search = request.args.get("q", "").strip()
    page = searching.papers(db.session, source, search, page=request.args.get("page", 1, type=int))
    return render_template("council/papers.html", assembly=assembly, source=source, search=search, found=page)


@blueprint.get("/meetings")
def list_meetings(assembly_id: int) -> ResponseReturnValue:
    """Look through the mirrored meetings."""
    assembly, source = _load_connected(assembly_id)
    search = request.args.get("q", "").strip()
    page = searching.meetings(db.session, source, search, page=request.args.get("page", 1, type=int))
    return render_template("council/meetings.html", assembly=assembly, source=source, search=search, found=page)


@blueprint.get("/meetings/<int:council_meeting_id>")
def meeting(assembly_id: int, council_meeting_id: int) -> ResponseReturnValue:
    """Show a meeting with its agenda and what was resolved."""
    assembly, source = _load_connected(assembly_id)
    found = references.get_meeting(db.session, source, council_meeting_id)
    about = references.papers_of(db.session, source.id, found.items)
    return render_template("council/meeting.html", assembly=assembly, meeting=found, papers=about)


@blueprint.route("/take-over", methods=["GET", "POST"])
def take_over(assembly_id: int) -> ResponseReturnValue:
    """Take meetings of a committee over into the calendar of a body; the address says of which, and into whose."""
    assembly = load_assembly(assembly_id, may=can_set_rules)
    source = sources.connected(db.session, assembly)
    organizations = taking_over.organizations_of(db.session, source)
    bodies = meetings.bodies_of(rules.current(db.session, assembly))
    same = [one for one in organizations if one in bodies]
    organization = _one_of([*same, *organizations], request.args.get("organization", ""))
    body = _one_of(bodies, request.args.get("body", organization))
    found = taking_over.upcoming(db.session, assembly, source, organization=organization, body=body)
    form = TakeOverForm()
    form.chosen.choices = [choice(str(one.id), _label(one)) for one in found if not one.is_entered]
    if body and form.validate_on_submit():
        with committing(form):
            chosen = form.chosen.data or []
            count = taking_over.take_over(db.session, assembly, source, chosen=chosen, body=body, by=account())
        if not form.errors:
            text = ngettext(
                "%(num)s meeting is new in the calendar.", "%(num)s meetings are new in the calendar.", count
            )
            flash(text, "success")
            return redirect(url_for("follow_up_rules.show", assembly_id=assembly.id))
    page = render_template(
        "council/take_over.html",
        assembly=assembly,
        organizations=organizations,
        organization=organization,
        bodies=bodies,
        body=body,
        entered=[_label(one) for one in found if one.is_entered],
        form=form,
    )
    return page, 422 if form.errors else 200


def _load_connected(assembly_id: int) -> tuple[Assembly, CouncilSource]:
    assembly = load_assembly(assembly_id, may=can_see)
    return assembly, sources.connected(db.session, assembly)


def _choose_form(source: CouncilSource | None) -> ChooseForm:
    form = ChooseForm()
    form.body.choices = [choice(one["id"], one["name"]) for one in (source.bodies if source else [])]
    return form


def _one_of(names: Sequence[str], name: str) -> str:
    """Return the one of the names that is meant, however it is written, or else the first."""
    same = [one for one in names if one.casefold() == name.casefold()]
    return next(iter([*same, *names]), "")


def _label(one: taking_over.Upcoming) -> str:
    """Return a meeting in one line."""
    parts = [format_date(one.held_on, "full"), one.name, one.location, "" if one.is_public else gettext("not public")]
    return ", ".join(part for part in parts if part)


def _page(assembly: Assembly, **forms: BaseForm) -> str:
    source = sources.source_of(db.session, assembly)
    job = sources.last_job(db.session, source) if source else None
    running = jobs.active(job)
    return render_template(
        "council/show.html",
        assembly=assembly,
        source=source,
        counts=sources.counts_of(db.session, source) if source else None,
        job=job_view(running) if running else None,
        failure=jobs.failure_of(job),
        may_set=allows(assembly, can_set_rules),
        **{
            "connect_form": ConnectForm(formdata=None, obj=source),
            "choose_form": _choose_form(source),
        }
        | forms,
    )
