"""Receipts: sent to everyone in the pool before each draw, with who could not be reached."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from assembly.extensions import db
from assembly.models import Assembly, Commitment, Obstacle
from assembly.services import commitments, jobs, receipts
from assembly.services.authorisation import can_manage, can_see_pool
from assembly.services.errors import ServiceError
from assembly.views.errors import message_of
from assembly.views.guard import account, load_assembly
from assembly.views.jobs import job_view, progress_answer
from assembly.views.posting import LISTED, post_variables

blueprint = Blueprint("receipts", __name__, url_prefix="/assemblies/<int:assembly_id>/draw/receipts")

OBSTACLES = {
    Obstacle.NO_ADDRESS: (
        _l("Neither an e-mail nor a postal address"),
        _l("Add an address to the registration, then send the missing receipts."),
    ),
    Obstacle.WITHDRAWN: (_l("Has withdrawn"), _l("Nothing: whoever has withdrawn is not written to any more.")),
}


@blueprint.get("")
def index(assembly_id: int) -> ResponseReturnValue:
    """Show how far the receipts for the draw of the panel are, and who could not be reached."""
    assembly = load_assembly(assembly_id, may=can_see_pool)
    commitment = commitments.current_commitment(db.session, assembly)
    if commitment is None:
        return render_template("receipts/index.html", assembly=assembly, commitment=None)
    return _page(assembly, commitment)


@blueprint.get("/<int:commitment_id>")
def show(assembly_id: int, commitment_id: int) -> ResponseReturnValue:
    """Show the same for any commitment, such as that of a replacement."""
    assembly = load_assembly(assembly_id, may=can_see_pool)
    return _page(assembly, commitments.get_commitment(db.session, commitment_id, assembly=assembly))


@blueprint.post("/<int:commitment_id>/send")
def send(assembly_id: int, commitment_id: int) -> ResponseReturnValue:
    """Send everyone their receipt who has none yet."""
    assembly = load_assembly(assembly_id, may=can_manage)
    commitment = commitments.get_commitment(db.session, commitment_id, assembly=assembly)
    page = current_app.extensions["assembly.config"].public_url + url_for("public.receipt", slug=assembly.slug)
    try:
        job = receipts.send_receipts(db.session, assembly, commitment, page=page, by=account())
    except ServiceError as error:
        db.session.rollback()
        flash(message_of(error), "danger")
    else:
        db.session.commit()
        if job is None:
            flash(gettext("The receipts are on their way; letters have to be printed."), "success")
    return redirect(url_for("receipts.show", assembly_id=assembly_id, commitment_id=commitment_id))


@blueprint.get("/<int:commitment_id>/progress")
def progress(assembly_id: int, commitment_id: int) -> ResponseReturnValue:
    """Answer htmx how far the receipts are; when they are written, the page is loaded anew."""
    assembly = load_assembly(assembly_id, may=can_see_pool)
    commitment = commitments.get_commitment(db.session, commitment_id, assembly=assembly)
    return progress_answer(receipts.last_job(db.session, commitment))


def _page(assembly: Assembly, commitment: Commitment) -> str:
    job = receipts.last_job(db.session, commitment)
    running = jobs.active(job)
    return render_template(
        "receipts/index.html",
        assembly=assembly,
        commitment=commitment,
        job=job_view(running) if running else None,
        failure=jobs.failure_of(job),
        refusal=receipts.refusal_of(assembly, commitment),
        is_late=receipts.is_late(commitment),
        last_moment=receipts.last_moment(commitment),
        progress=receipts.progress_of(db.session, commitment),
        not_sent=receipts.not_sent(db.session, commitment, limit=LISTED),
        obstacles=OBSTACLES,
        **post_variables(assembly, receipts.TEMPLATE, commitment),
    )
