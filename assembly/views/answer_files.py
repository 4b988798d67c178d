"""The answers of many cases as files: taken along as synopsis or council paper, filled in, and taken over again."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SubmitField

from assembly.extensions import db, limiter
from assembly.models import AnswerFile, Assembly, Case
from assembly.services.authorisation import can_draft, can_keep_cases
from assembly.services.chapters import Kind
from assembly.services.chapters_docx import file_of
from assembly.services.errors import NotFoundError, ServiceError
from assembly.services.follow_up import answer_import, answer_papers, answer_rows, answer_sheets
from assembly.services.target_files import FileProblemsError
from assembly.views import answer_texts, case_texts
from assembly.views.case_papers import TEXTS
from assembly.views.citizens_report import DOWNLOADS
from assembly.views.downloads import download
from assembly.views.errors import message_of
from assembly.views.forms import BaseForm
from assembly.views.guard import account, allows, require
from assembly.views.messages import problem_rows
from assembly.views.recommendation_import import UPLOADS

blueprint = Blueprint("answer_files", __name__, url_prefix="/desk/answers/<int:assembly_id>")


class UploadForm(BaseForm):
    """A synopsis that was filled in."""

    file = FileField(
        _l("The file that was filled in"),
        [FileRequired()],
        description=_l("Excel (.xlsx) or CSV, at most 5 MB. Nothing is taken over before you confirm."),
    )
    publishes = BooleanField(
        _l("Publish what it says as answers"),
        description=_l("Otherwise it becomes drafts, which are submitted and approved as any other."),
    )
    submit = SubmitField(_l("Upload and look"))


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """Offer files to take along, and to upload one that was filled in."""
    return _index(*_load(assembly_id), UploadForm(formdata=None))


@blueprint.get("/synopsis.xlsx")
@limiter.limit(DOWNLOADS)
def workbook(assembly_id: int) -> ResponseReturnValue:
    """Hand out the workbook to fill in, with all cases or those that the address names."""
    rows = answer_rows.rows_of(db.session, _load(assembly_id)[1])
    return download(answer_sheets.workbook_of(rows, answer_texts.words()), "synopsis.xlsx")


@blueprint.get("/<any(synopsis, paper):what>.<any(docx, pdf):kind>")
@limiter.limit(DOWNLOADS)
def document(assembly_id: int, what: str, kind: Kind) -> ResponseReturnValue:
    """Hand out the synopsis, or the draft of a council paper."""
    assembly, chosen = _load(assembly_id)
    rows = answer_rows.rows_of(db.session, chosen)
    make = answer_papers.synopsis_of if what == "synopsis" else answer_papers.paper_of
    made = make(rows, assembly, texts=TEXTS, language=str(get_locale()))
    return download(file_of(made, kind), f"{what}.{kind}")


@blueprint.post("/")
@limiter.limit(UPLOADS)
def upload(assembly_id: int) -> ResponseReturnValue:
    """Take in a file; nothing of it is saved or published yet."""
    (assembly, chosen), form = _load(assembly_id), UploadForm()
    if not form.validate_on_submit():
        return _index(assembly, chosen, form), 422
    file, publishes = form.file.data, bool(form.publishes.data) and allows(assembly, can_keep_cases)
    try:
        kept = answer_import.upload(
            db.session,
            assembly,
            file.read(),
            name=file.filename or "",
            publishes=publishes,
            headings=answer_texts.headings(),
            by=account(),
        )
    except FileProblemsError as error:
        return _index(assembly, chosen, form, problems=problem_rows(error.problems)), 422
    db.session.commit()
    return redirect(url_for("answer_files.preview", assembly_id=assembly_id, file_id=kept.id))


@blueprint.get("/<int:file_id>")
def preview(assembly_id: int, file_id: int) -> ResponseReturnValue:
    """Show row by row what a file would do, and what is wrong with it."""
    assembly, kept = _load_file(assembly_id, file_id)
    found = answer_import.preview(db.session, assembly, kept, headings=answer_texts.headings(), user=account())
    return render_template(
        "answer_files/preview.html",
        assembly=assembly,
        upload=kept,
        preview=found,
        problems=problem_rows(found.problems),
        case_texts=case_texts,
    )


@blueprint.post("/<int:file_id>/apply")
def apply(assembly_id: int, file_id: int) -> ResponseReturnValue:
    """Save or publish what the preview showed."""
    assembly, kept = _load_file(assembly_id, file_id)
    publishes, seen = kept.publishes, request.form.get("seen", "")
    try:
        count = answer_import.apply(
            db.session, assembly, kept, headings=answer_texts.headings(), seen=seen, by=account()
        )
    except ServiceError as error:
        db.session.rollback()
        flash(message_of(error), "danger")
        return redirect(url_for("answer_files.preview", assembly_id=assembly_id, file_id=file_id))
    db.session.commit()
    if publishes:
        flash(ngettext("%(num)s answer was published.", "%(num)s answers were published.", count), "success")
    else:
        flash(ngettext("%(num)s draft was saved.", "%(num)s drafts were saved.", count), "success")
    return redirect(url_for("answer_files.index", assembly_id=assembly_id))


@blueprint.post("/<int:file_id>/discard")
def discard(assembly_id: int, file_id: int) -> ResponseReturnValue:
    """Delete an uploaded file."""
    answer_import.discard(db.session, _load_file(assembly_id, file_id)[1])
    db.session.commit()
    flash(gettext("The file was deleted."), "success")
    return redirect(url_for("answer_files.index", assembly_id=assembly_id))


def _load(assembly_id: int) -> tuple[Assembly, Sequence[Case]]:
    """Return an assembly with the cases that are asked for of those open to the account. Raises NotFoundError."""
    require(can_draft)
    assembly = db.session.get(Assembly, assembly_id)
    open_to = answer_rows.open_to(db.session, assembly, account()) if assembly else []
    if assembly is None or not open_to:
        raise NotFoundError
    wanted = set(request.args.getlist("case", type=int))
    return assembly, [case for case in open_to if not wanted or case.id in wanted]


def _load_file(assembly_id: int, file_id: int) -> tuple[Assembly, AnswerFile]:
    """Return an assembly with a file that the account uploaded. Raises NotFoundError."""
    require(can_draft)
    if (assembly := db.session.get(Assembly, assembly_id)) is None:
        raise NotFoundError
    return assembly, answer_import.get_file(db.session, assembly, file_id, account())


def _index(
    assembly: Assembly, chosen: Sequence[Case], form: UploadForm, problems: Sequence[tuple[str, str, str]] = ()
) -> str:
    return render_template(
        "answer_files/index.html",
        assembly=assembly,
        chosen=chosen,
        form=form,
        problems=problems,
        waiting=answer_import.files_of(db.session, assembly, account()),
        may_publish=allows(assembly, can_keep_cases),
    )
