"""Registrations: files uploaded, looked at and imported; people added by hand."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import SubmitField

from assembly.extensions import db, limiter
from assembly.models import Assembly, Import, ImportState
from assembly.services import features, imports, jobs, registrations
from assembly.services.authorisation import can_manage, can_see_pool
from assembly.services.errors import ServiceError
from assembly.services.imports import background
from assembly.services.target_files import FileProblemsError
from assembly.views import respondent_texts
from assembly.views.errors import message_of
from assembly.views.forms import BaseForm, committing, values_of
from assembly.views.guard import account, allows, load_assembly
from assembly.views.jobs import job_view, progress_answer
from assembly.views.messages import problem_rows, sentence
from assembly.views.registration_form import registration_form

blueprint = Blueprint("registrations", __name__, url_prefix="/assemblies/<int:assembly_id>/registrations")

UPLOADS = "30 per minute; 300 per day"
"""Of one address; reading a file takes seconds."""


class UploadForm(BaseForm):
    """A file of registrations."""

    file = FileField(
        _l("File with registrations"),
        [FileRequired()],
        description=_l("CSV or Excel (.xlsx), at most 32 MB and 100,000 rows. Nothing is imported before you confirm."),
    )
    submit = SubmitField(_l("Upload and look"))


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """Show the imports, and offer another one."""
    assembly = load_assembly(assembly_id, may=can_see_pool)
    return _index(assembly, UploadForm(formdata=None))


@blueprint.post("/upload")
@limiter.limit(UPLOADS)
def upload(assembly_id: int) -> ResponseReturnValue:
    """Take in a file; nothing of it is among the respondents yet."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form = UploadForm()
    if not form.validate_on_submit():
        return _index(assembly, form), 422
    file = form.file.data
    try:
        kept = imports.upload(db.session, assembly, file.read(), name=file.filename or "", by=account())
    except FileProblemsError as error:
        return _index(assembly, form, problems=problem_rows(error.problems)), 422
    except ServiceError as error:
        db.session.rollback()
        form.add(error)
        return _index(assembly, form), 422
    db.session.commit()
    return redirect(url_for("registrations.preview", assembly_id=assembly.id, import_id=kept.id))


@blueprint.get("/imports/<int:import_id>")
def preview(assembly_id: int, import_id: int) -> ResponseReturnValue:
    """Show what a file would change, and let columns and spellings be decided."""
    assembly = load_assembly(assembly_id, may=can_manage)
    import_ = imports.get_import(db.session, import_id, assembly=assembly)
    job = background.last_job(db.session, import_)
    if (running := jobs.active(job)) is not None:
        return render_template("registrations/progress.html", assembly=assembly, upload=import_, job=job_view(running))
    if import_.state is ImportState.APPLIED:
        return redirect(url_for("registrations.index", assembly_id=assembly_id))
    found = imports.preview(db.session, assembly, import_)
    return render_template(
        "registrations/preview.html",
        failure=jobs.failure_of(job),
        assembly=assembly,
        upload=import_,
        preview=found,
        meanings=[(name, _meaning(name, found)) for name in found.meanings],
        remarks=[sentence(remark) for remark in found.remarks],
        refused=problem_rows(found.refused),
        hints=problem_rows(found.hints),
        differences=_difference_rows(found),
    )


@blueprint.get("/imports/<int:import_id>/progress")
def progress(assembly_id: int, import_id: int) -> ResponseReturnValue:
    """Answer htmx how far an import is; when it has ended, the page is loaded anew."""
    assembly = load_assembly(assembly_id, may=can_manage)
    import_ = imports.get_import(db.session, import_id, assembly=assembly)
    return progress_answer(background.last_job(db.session, import_))


@blueprint.post("/imports/<int:import_id>/decide")
def decide(assembly_id: int, import_id: int) -> ResponseReturnValue:
    """Keep what was decided about columns, spellings and conflicts, and show the preview anew."""
    assembly = load_assembly(assembly_id, may=can_manage)
    import_ = imports.get_import(db.session, import_id, assembly=assembly)
    columns, spellings = _decided(import_)
    overwrite = request.form.get("conflicts") == "overwrite"
    try:
        imports.decide(db.session, assembly, import_, columns=columns, spellings=spellings, overwrite=overwrite)
    except ServiceError as error:
        db.session.rollback()
        flash(message_of(error), "danger")
    else:
        db.session.commit()
        flash(gettext("The preview was made anew with what you decided."), "success")
    return redirect(url_for("registrations.preview", assembly_id=assembly.id, import_id=import_id))


@blueprint.post("/imports/<int:import_id>/apply")
@limiter.limit(UPLOADS)
def apply(assembly_id: int, import_id: int) -> ResponseReturnValue:
    """Import what the preview showed: at once, or a large file by a job."""
    assembly = load_assembly(assembly_id, may=can_manage)
    import_ = imports.get_import(db.session, import_id, assembly=assembly)
    seen = request.form.get("seen", "")
    try:
        if background.is_large(import_):
            background.start_import(db.session, assembly, import_, seen=seen, by=account())
            db.session.commit()
            return redirect(url_for("registrations.preview", assembly_id=assembly_id, import_id=import_id))
        imports.apply_import(db.session, import_, by=account(), seen=seen)
    except ServiceError as error:
        db.session.rollback()
        flash(message_of(error), "danger")
        return redirect(url_for("registrations.index", assembly_id=assembly_id))
    counts = import_.summary
    db.session.commit()
    flash(gettext("%(added)s people were added, %(updated)s changed.", **counts), "success")
    return redirect(url_for("pool.index", assembly_id=assembly_id))


@blueprint.post("/imports/<int:import_id>/discard")
def discard(assembly_id: int, import_id: int) -> ResponseReturnValue:
    """Delete an uploaded file."""
    assembly = load_assembly(assembly_id, may=can_manage)
    imports.discard(db.session, assembly, imports.get_import(db.session, import_id, assembly=assembly), by=account())
    db.session.commit()
    flash(gettext("The file was deleted. Nothing of it was imported."), "success")
    return redirect(url_for("registrations.index", assembly_id=assembly_id))


@blueprint.post("/imports/<int:import_id>/undo")
def undo(assembly_id: int, import_id: int) -> ResponseReturnValue:
    """Restore what was before an import."""
    assembly = load_assembly(assembly_id, may=can_manage)
    import_ = imports.get_import(db.session, import_id, assembly=assembly)
    try:
        imports.undo_import(db.session, import_, by=account())
    except ServiceError as error:
        db.session.rollback()
        flash(message_of(error), "danger")
    else:
        db.session.commit()
        flash(gettext("The import was undone: everything is as it was before."), "success")
    return redirect(url_for("registrations.index", assembly_id=assembly_id))


@blueprint.route("/new", methods=["GET", "POST"])
def create(assembly_id: int) -> ResponseReturnValue:
    """Add somebody who registered by phone or letter."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form = registration_form(features.features_of(db.session, assembly), with_code=True)
    if form.validate_on_submit():
        with committing(form):
            added = registrations.register(db.session, assembly, values_of(form), by=account())
        if not form.errors:
            flash(gettext("The registration was added."), "success")
            return redirect(url_for("pool.person", assembly_id=assembly_id, respondent_id=added.id))
    return render_template("registrations/create.html", assembly=assembly, form=form), 422 if form.errors else 200


def _index(assembly: Assembly, form: UploadForm, **more: Any) -> str:
    return render_template(
        "registrations/index.html",
        assembly=assembly,
        form=form,
        imports=imports.imports_of(db.session, assembly),
        may_manage=allows(assembly, can_manage),
        **{"problems": []} | more,
    )


def _decided(import_: Import) -> tuple[list[str], dict[int, dict[str, int]]]:
    """Return the columns' meanings and the spellings' values as the form has them; a blank one is not decided."""
    columns = [
        request.form.get(f"column-{position}", "") for position in range(len(import_.mapping.get("columns", [])))
    ]
    spellings: dict[int, dict[str, int]] = {}
    for name, value in request.form.items():
        kind, _, rest = name.partition("-")
        feature, _, key = rest.partition("-")
        if kind == "spelling" and feature.isdecimal() and value.isdecimal():
            spellings.setdefault(int(feature), {})[key] = int(value)
    return columns, spellings


def _meaning(name: str, found: imports.Preview) -> str:
    return respondent_texts.field_name(name, found.features) if name else gettext("not used")


def _difference_rows(found: imports.Preview) -> list[list[Any]]:
    return [
        [
            difference.row,
            difference.code,
            respondent_texts.field_name(difference.field, found.features),
            respondent_texts.content(difference.field, difference.old, found.features),
            respondent_texts.content(difference.field, difference.new, found.features),
        ]
        for difference in found.differences
    ]
