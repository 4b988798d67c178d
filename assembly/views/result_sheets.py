"""Result sheets: begun, written in versions, published, printed blank for paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from assembly.extensions import db
from assembly.models import AgendaItem, Assembly, EntryKind, Event, ItemKind, ResultSheet
from assembly.services import accounts, paper
from assembly.services.authorisation import can_lead, can_see
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.experts import questions
from assembly.services.programme import agenda, events
from assembly.services.result_sheets import merging, names, reading, writing
from assembly.services.result_sheets.merging import Kept
from assembly.views.downloads import download
from assembly.views.forms import BaseForm, SelectField, choice, committing, number_or_none
from assembly.views.guard import account, allows, load_assembly
from assembly.views.result_sheets_texts import ENTRY_KINDS

blueprint = Blueprint("result_sheets", __name__, url_prefix="/assemblies/<int:assembly_id>/programme")
LONGEST_NEW = 20_000
Mine = tuple[Mapping[int, str], Mapping[EntryKind, Sequence[str]]]
"""What somebody wrote: texts of entries by their numbers, and new entries."""


class BeginForm(BaseForm):
    """For which table, in which round of which part of the event."""

    item_id = SelectField(_l("Agenda item"), coerce=int)
    round_number = IntegerField(_l("Round"), [InputRequired(), NumberRange(1, 50)], default=1)
    table_number = IntegerField(_l("Table"), [InputRequired(), NumberRange(1, 200)])
    question_id = SelectField(_l("Question"), coerce=number_or_none)
    submit = SubmitField(_l("Begin the sheet"))


class SheetForm(BaseForm):
    """What stands on a sheet; the fields of its entries are added by `form_for`."""

    version = IntegerField(validators=[InputRequired()], widget=HiddenInput())
    has_looked = BooleanField(_l("I have looked: these words name no member"))
    submit = SubmitField(_l("Save"))

    def texts(self) -> dict[int, str]:
        """Return the text of each entry that the form shows, by its number."""
        found = {name: field for name, field in self._fields.items() if name.startswith("entry_")}
        return {int(name.removeprefix("entry_")): writing.as_entry(field.data or "") for name, field in found.items()}

    def new(self) -> dict[EntryKind, list[str]]:
        """Return the entries that are added, by kind: one a line."""
        return {kind: [line for line in (self[f"new_{kind}"].data or "").splitlines() if line] for kind in EntryKind}


class DiscardForm(BaseForm):
    """Discarding a draft."""

    version = IntegerField(validators=[InputRequired()], widget=HiddenInput())
    sure = BooleanField(_l("Yes, delete this sheet"), [InputRequired(_l("Tick the box if you are sure."))])
    submit = SubmitField(_l("Discard the sheet"))


class PublishForm(BaseForm):
    """To whom a sheet is shown."""

    version = IntegerField(validators=[InputRequired()], widget=HiddenInput())
    is_public = BooleanField(_l("For everyone"), description=_l("Without this, only members and staff see it."))
    has_looked = BooleanField(_l("I have looked: these words name no member"))
    submit = SubmitField(_l("Publish"))


@blueprint.route("/events/<int:event_id>/results", methods=["GET", "POST"])
def index(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """List the sheets of an event, and begin one."""
    assembly = load_assembly(assembly_id, may=can_lead, may_read=can_see)
    event, form = events.get_event(db.session, assembly, event_id), BeginForm()
    _choose(form, assembly, event)
    if form.validate_on_submit():
        with committing(form):
            sheet = writing.begin(
                db.session,
                event,
                agenda.get_item(db.session, event, form.item_id.data),
                round_number=form.round_number.data or 1,
                table_number=form.table_number.data or 1,
                question=questions.get_question(db.session, assembly, form.question_id.data)
                if form.question_id.data
                else None,
                by=account(),
            )
        if not form.errors:
            return redirect(url_for("result_sheets.edit", assembly_id=assembly_id, result_id=sheet.id))
        assembly = load_assembly(assembly_id, may=can_lead)
        event = events.get_event(db.session, assembly, event_id)
    page = render_template(
        "result_sheets/index.html",
        assembly=assembly,
        event=event,
        form=form,
        sheets=reading.sheets_of(db.session, event),
        may_lead=allows(assembly, can_lead),
    )
    return page, 422 if form.errors else 200


@blueprint.get("/events/<int:event_id>/results/blank.pdf")
def blank(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Hand out a blank sheet to fill in by hand, for an item of the agenda if one is named."""
    assembly = load_assembly(assembly_id, may=can_see)
    event, item_id = events.get_event(db.session, assembly, event_id), request.args.get("item", type=int)
    item = agenda.get_item(db.session, event, item_id) if item_id else None
    content = paper.blank_result_sheet(event, item, language=str(get_locale()))
    return download(content, f"result-sheet-{event.id}.pdf")


@blueprint.get("/results/<int:result_id>")
def show(assembly_id: int, result_id: int) -> ResponseReturnValue:
    """Show a sheet, who reads it, and its versions."""
    return _page(assembly_id, result_id)


@blueprint.get("/results/<int:result_id>/versions/<int:number>")
def version(assembly_id: int, result_id: int, number: int) -> ResponseReturnValue:
    """Show those who write them what stood on a sheet in a version."""
    assembly = load_assembly(assembly_id, may=can_lead)
    sheet = reading.get_sheet(db.session, assembly, result_id)
    found = reading.get_version(db.session, sheet, number)
    entries = merging.kept(found.entries)
    return render_template(
        "result_sheets/version.html",
        assembly=assembly,
        sheet=sheet,
        version=found,
        parts=[(text, [one for one in entries if one.kind is kind]) for kind, text in ENTRY_KINDS.items()],
        writer=accounts.names_of(db.session, {found.saved_by_id}).get(found.saved_by_id),
    )


@blueprint.route("/results/<int:result_id>/edit", methods=["GET", "POST"])
def edit(assembly_id: int, result_id: int) -> ResponseReturnValue:
    """Write on a sheet; what somebody else saved meanwhile is shown beside, and nothing is lost."""
    assembly = load_assembly(assembly_id, may=can_lead)
    sheet = reading.get_sheet(db.session, assembly, result_id)
    if request.method != "POST":
        return _writing(assembly, sheet, form_for(merging.current(sheet), sheet), {})
    base = _written_on(sheet)
    form = form_for(base, sheet)
    if not form.validate_on_submit():
        return _writing(assembly, sheet, form, {}), HTTPStatus.UNPROCESSABLE_ENTITY
    texts, new = form.texts(), form.new()
    try:
        writing.save(
            db.session,
            sheet,
            version=int(form.version.data or 0),
            texts=texts,
            new=new,
            has_looked=bool(form.has_looked and form.has_looked.data),
            by=account(),
        )
        db.session.commit()
    except ConflictError as error:
        db.session.rollback()
        return _merging(assembly_id, result_id, base, (texts, new), error), HTTPStatus.CONFLICT
    except RuleError as error:
        db.session.rollback()
        form.add(error)
        assembly = load_assembly(assembly_id, may=can_lead)
        sheet = reading.get_sheet(db.session, assembly, result_id)
        return _writing(assembly, sheet, form, {}), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(gettext("Saved."), "success")
    return redirect(url_for("result_sheets.show", assembly_id=assembly_id, result_id=result_id))


@blueprint.post("/results/<int:result_id>/publish")
def publish(assembly_id: int, result_id: int) -> ResponseReturnValue:
    """Show a sheet to the members, or to everyone."""
    assembly, form = load_assembly(assembly_id, may=can_lead), PublishForm()
    sheet = reading.get_sheet(db.session, assembly, result_id)
    if form.validate_on_submit():
        with committing(form):
            writing.publish(
                db.session,
                sheet,
                version=int(form.version.data or 0),
                is_public=bool(form.is_public.data),
                has_looked=bool(form.has_looked.data),
                by=account(),
            )
        if not form.errors:
            flash(gettext("Published: it stands under “What we know”."), "success")
            return redirect(url_for("result_sheets.show", assembly_id=assembly_id, result_id=result_id))
    return _page(assembly_id, result_id, form=form), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.post("/results/<int:result_id>/withhold")
def withhold(assembly_id: int, result_id: int) -> ResponseReturnValue:
    """Take a sheet back from its readers."""
    assembly = load_assembly(assembly_id, may=can_lead)
    writing.withhold(db.session, reading.get_sheet(db.session, assembly, result_id), by=account())
    db.session.commit()
    flash(gettext("Taken back: members no longer see it."), "success")
    return redirect(url_for("result_sheets.show", assembly_id=assembly_id, result_id=result_id))


@blueprint.post("/results/<int:result_id>/discard")
def discard(assembly_id: int, result_id: int) -> ResponseReturnValue:
    """Delete a draft that was begun for nothing, once somebody says that they are sure."""
    assembly, form = load_assembly(assembly_id, may=can_lead), DiscardForm()
    sheet = reading.get_sheet(db.session, assembly, result_id)
    event_id = sheet.event_id
    if form.validate_on_submit():
        with committing(form):
            writing.discard(db.session, sheet, version=int(form.version.data or 0), by=account())
        if not form.errors:
            flash(gettext("Discarded."), "success")
            return redirect(url_for("result_sheets.index", assembly_id=assembly_id, event_id=event_id))
    return _page(assembly_id, result_id, discarding=form), HTTPStatus.UNPROCESSABLE_ENTITY


def form_for(
    entries: Sequence[Kept],
    sheet: ResultSheet,
    *,
    texts: Mapping[int, str] | None = None,
    new: Mapping[EntryKind, Sequence[str]] | None = None,
    is_fresh: bool = False,
) -> SheetForm:
    """Return the form with a field for each entry and one for new entries of each kind; a fresh one reads no request.

    `texts` and `new` are what stands in it instead of the entries themselves.
    """

    class Fields(SheetForm):
        """The form of this sheet."""

    shown = {} if texts is None else texts
    for number, entry in enumerate(entries, start=1):
        label = _l("%(kind)s, entry %(number)s", kind=ENTRY_KINDS[entry.kind], number=number)
        field = TextAreaField(label, [Optional()], default=shown.get(entry.id, entry.text), render_kw={"rows": 2})
        setattr(Fields, f"entry_{entry.id}", field)
    for kind, label in ENTRY_KINDS.items():
        field = TextAreaField(
            _l("New: %(kind)s", kind=label),
            [Length(max=LONGEST_NEW)],
            description=_l("Each line becomes an entry of its own."),
            default="\n".join((new or {}).get(kind, ())),
            render_kw={"rows": 3},
        )
        setattr(Fields, f"new_{kind}", field)
    form = Fields(formdata=None, version=sheet.version) if is_fresh else Fields(version=sheet.version)
    if not sheet.is_published:
        del form.has_looked
    return form


def _written_on(sheet: ResultSheet) -> list[Kept]:
    """Return the entries of the version that the browser's form was made from; those of now if there is none such."""
    number = request.form.get("version", type=int)
    if number is None or number == sheet.version:
        return merging.current(sheet)
    if number == 0:
        return []
    try:
        return merging.kept(reading.get_version(db.session, sheet, number).entries)
    except NotFoundError:
        return merging.current(sheet)


def _merging(assembly_id: int, result_id: int, base: list[Kept], mine: Mine, error: ConflictError) -> str:
    assembly = load_assembly(assembly_id, may=can_lead)
    sheet = reading.get_sheet(db.session, assembly, result_id)
    entries = merging.current(sheet)
    found = merging.merged(base, entries, *mine)
    form = form_for(entries, sheet, texts=found.texts, new=found.new, is_fresh=True)
    form.add(error)
    return _writing(assembly, sheet, form, found.theirs)


def _writing(assembly: Assembly, sheet: ResultSheet, form: SheetForm, theirs: Mapping[int, str]) -> str:
    kinds = {f"entry_{entry.id}": entry.kind for entry in merging.current(sheet)}
    parts = [
        (kind, text, [field for field in form if kinds.get(field.short_name) is kind])
        for kind, text in ENTRY_KINDS.items()
    ]
    return render_template(
        "result_sheets/edit.html", assembly=assembly, sheet=sheet, form=form, parts=parts, theirs=theirs
    )


def _page(
    assembly_id: int, result_id: int, form: PublishForm | None = None, discarding: DiscardForm | None = None
) -> str:
    assembly = load_assembly(assembly_id, may=can_see)
    sheet, may_lead = reading.get_sheet(db.session, assembly, result_id), allows(assembly, can_lead)
    versions = reading.versions_of(db.session, sheet) if may_lead else ()
    words = names.names_in(db.session, assembly, [one.text for one in sheet.entries]) if may_lead else ()
    fresh = PublishForm(formdata=None, is_public=sheet.is_public, version=sheet.version)
    if form is not None:
        form.version.data, form.version.raw_data = sheet.version, None  # the page shows what stands on the sheet now
    if not words and form is None:
        del fresh.has_looked
    return render_template(
        "result_sheets/show.html",
        assembly=assembly,
        sheet=sheet,
        sheet_texts=ENTRY_KINDS,
        form=form or fresh,
        discarding=discarding or DiscardForm(formdata=None, version=sheet.version),
        words=words,
        versions=versions,
        writers=accounts.names_of(db.session, {one.saved_by_id for one in versions}),
        may_lead=may_lead,
    )


def _choose(form: BeginForm, assembly: Assembly, event: Event) -> None:
    written = sorted(
        (item for item in event.agenda if item.kind is not ItemKind.BREAK), key=_is_at_tables, reverse=True
    )
    form.item_id.choices = [choice(str(item.id), item.title) for item in written]
    form.question_id.choices = [
        choice("", gettext("None of these")),
        *(choice(str(one.id), one.text) for one in questions.questions_of(db.session, assembly)),
    ]


def _is_at_tables(item: AgendaItem) -> bool:
    """Whether people sit at tables then: what is written most often stands first."""
    return item.kind is ItemKind.SMALL_GROUPS
