"""Recommendations out of a file: uploaded, looked at, and imported as a whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, SubmitField
from wtforms.validators import Optional

from assembly.extensions import db, limiter
from assembly.models import Assembly
from assembly.services.authorisation import can_manage
from assembly.services.errors import ServiceError
from assembly.services.follow_up import rules
from assembly.services.recommendations import importing
from assembly.services.recommendations.importing import Preview
from assembly.services.target_files import FileProblemsError
from assembly.views import recommendations_texts
from assembly.views.downloads import download
from assembly.views.errors import message_of
from assembly.views.forms import BaseForm
from assembly.views.guard import account, load_assembly
from assembly.views.messages import problem_rows, sentence

blueprint = Blueprint(
    "recommendation_import", __name__, url_prefix="/assemblies/<int:assembly_id>/recommendations/import"
)
UPLOADS = "30 per minute; 300 per day"
"""Of one address; reading a file takes a second."""
HEADERS = {
    "number": _l("Number of the recommendation"),
    "title": _l("Title"),
    "text": _l("Recommendation"),
    "reasons": _l("Reasons"),
    "theme": _l("Theme"),
    "plain": _l("In plain language"),
    "addressees": _l("Addressees"),
    "counted_on": _l("Day of the vote"),
    "yes": _l("Yes"),
    "no": _l("No"),
    "abstained": _l("Abstentions"),
    "present": _l("Present"),
    "panel_size": _l("Members of the panel"),
}
"""The headers of the template; each is understood when the file comes back."""
MEANINGS = {
    "number": _l("The number of the recommendation. Without it, the next free one is taken."),
    "title": _l("Needed. At most 200 characters."),
    "text": _l("Needed. What shall be done, by whom, and until when."),
    "reasons": _l("Why."),
    "theme": _l("Lists show it beside the title."),
    "plain": _l("The same in short sentences and everyday words."),
    "addressees": _l("Who has to answer: names or numbers as in the rules of the follow-up, with semicolons between."),
    "counted_on": _l("When it was voted on, if this was not the same day for all."),
    "yes": _l("Votes in favour. With votes, a recommendation comes in as adopted, without as a draft."),
    "no": _l("Votes against."),
    "abstained": _l("How many abstained; 0 if nobody did."),
    "present": _l("How many members were present."),
    "panel_size": _l("Only if it is another number than this assembly has seats."),
}


class UploadForm(BaseForm):
    """A file of recommendations."""

    file = FileField(
        _l("File with recommendations"),
        [FileRequired()],
        description=_l(
            "Excel (.xlsx), CSV or Word (.docx), at most 5 MB and 500 recommendations. Nothing is imported before you "
            "confirm."
        ),
    )
    counted_on = DateField(
        _l("Day of the vote"), [Optional()], description=_l("For rows with votes that do not say it themselves.")
    )
    submit = SubmitField(_l("Upload and look"))


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """Offer to upload a file, and list those that wait."""
    return _index(load_assembly(assembly_id, may=can_manage), UploadForm(formdata=None))


@blueprint.post("/")
@limiter.limit(UPLOADS)
def upload(assembly_id: int) -> ResponseReturnValue:
    """Take in a file; nothing of it is among the recommendations yet."""
    assembly, form = load_assembly(assembly_id, may=can_manage), UploadForm()
    if not form.validate_on_submit():
        return _index(assembly, form), 422
    file = form.file.data
    try:
        kept = importing.upload(
            db.session,
            assembly,
            file.read(),
            name=file.filename or "",
            counted_on=form.counted_on.data,
            by=account(),
        )
    except FileProblemsError as error:
        return _index(assembly, form, problems=problem_rows(error.problems)), 422
    except ServiceError as error:
        db.session.rollback()
        form.add(error)
        return _index(load_assembly(assembly_id, may=can_manage), form), 422
    db.session.commit()
    return redirect(url_for("recommendation_import.preview", assembly_id=assembly_id, file_id=kept.id))


@blueprint.get("/template.xlsx")
def template(assembly_id: int) -> ResponseReturnValue:
    """Hand out a workbook to fill in."""
    load_assembly(assembly_id, may=can_manage)
    return download(importing.template({name: str(label) for name, label in HEADERS.items()}), "recommendations.xlsx")


@blueprint.get("/<int:file_id>")
def preview(assembly_id: int, file_id: int) -> ResponseReturnValue:
    """Show what would be imported, and what is wrong with the file."""
    assembly = load_assembly(assembly_id, may=can_manage)
    kept = importing.get_file(db.session, assembly, file_id)
    found = importing.preview(db.session, assembly, kept)
    published = rules.published_rules(db.session, assembly)
    return render_template(
        "recommendation_import/preview.html",
        assembly=assembly,
        upload=kept,
        preview=found,
        problems=_problems(found),
        addressee_names={one.number: one.name for one in published.addressees} if published else {},
        texts=recommendations_texts,
    )


@blueprint.post("/<int:file_id>/apply")
def apply(assembly_id: int, file_id: int) -> ResponseReturnValue:
    """Import what the preview showed."""
    assembly = load_assembly(assembly_id, may=can_manage)
    kept = importing.get_file(db.session, assembly, file_id)
    try:
        count = importing.apply(db.session, assembly, kept, seen=request.form.get("seen", ""), by=account())
    except ServiceError as error:
        db.session.rollback()
        flash(message_of(error), "danger")
        return redirect(url_for("recommendation_import.preview", assembly_id=assembly_id, file_id=file_id))
    db.session.commit()
    flash(ngettext("%(num)s recommendation was imported.", "%(num)s recommendations were imported.", count), "success")
    return redirect(url_for("recommendations.index", assembly_id=assembly_id))


@blueprint.post("/<int:file_id>/discard")
def discard(assembly_id: int, file_id: int) -> ResponseReturnValue:
    """Delete an uploaded file."""
    assembly = load_assembly(assembly_id, may=can_manage)
    importing.discard(db.session, assembly, importing.get_file(db.session, assembly, file_id), by=account())
    db.session.commit()
    flash(gettext("The file was deleted."), "success")
    return redirect(url_for("recommendation_import.index", assembly_id=assembly_id))


def _index(assembly: Assembly, form: UploadForm, problems: Sequence[tuple[str, str, str]] = ()) -> str:
    return render_template(
        "recommendation_import/index.html",
        assembly=assembly,
        form=form,
        problems=problems,
        waiting=importing.files_of(db.session, assembly),
        columns=_columns(HEADERS, MEANINGS),
    )


def _columns(headers: Mapping[str, object], meanings: Mapping[str, object]) -> list[tuple[object, object]]:
    return [(headers[name], meanings[name]) for name in importing.COLUMNS]


def _problems(found: Preview) -> list[tuple[str, str, str]]:
    """Return where each problem is, what it is, and what to do; a document has paragraphs, and a table rows."""
    if not found.source.is_document:
        return problem_rows(found.read.problems)
    return [
        (
            gettext("paragraph %(numbers)s", numbers=", ".join(map(str, one.rows))),
            sentence(one.what),
            sentence(one.what_to_do),
        )
        for one in found.read.problems
    ]
