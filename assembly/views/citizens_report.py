"""The citizens' report: what it contains, and both its files; for everyone once something was handed over."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from assembly.extensions import db, limiter
from assembly.models import RecommendationState
from assembly.services.authorisation import can_manage, can_see
from assembly.services.chapters import Kind
from assembly.services.recommendations import reading, report
from assembly.services.recommendations.report_content import report_of
from assembly.views.downloads import download
from assembly.views.guard import allows, load_assembly, load_public_assembly, public
from assembly.views.public import blueprint as public_blueprint

blueprint = Blueprint("citizens_report", __name__, url_prefix="/assemblies/<int:assembly_id>/recommendations")
DOWNLOADS = "30 per minute"
"""Of one address; making a report takes a second."""


@blueprint.get("/report")
def show(assembly_id: int) -> ResponseReturnValue:
    """Show what the report contains, and offer it."""
    assembly = load_assembly(assembly_id, may=can_see)
    shown = reading.shown_of(db.session, assembly)
    handed_over = [one for one in shown if one.recommendation.state is RecommendationState.HANDED_OVER]
    return render_template(
        "citizens_report/show.html",
        assembly=assembly,
        report=report_of(db.session, assembly, is_public=False),
        adopted=len(shown),
        handed_over=len(handed_over),
        may_manage=allows(assembly, can_manage),
    )


@blueprint.get("/report.<any(docx, pdf):kind>")
@limiter.limit(DOWNLOADS)
def file(assembly_id: int, kind: Kind) -> ResponseReturnValue:
    """Hand out the report with all that is adopted."""
    assembly = load_assembly(assembly_id, may=can_see)
    return download(report.staff_report(db.session, assembly, kind), f"report.{kind}")


@public_blueprint.get("/a/<slug>/report.<any(docx, pdf):kind>")
@public
@limiter.limit(DOWNLOADS)
def citizens_report(slug: str, kind: Kind) -> ResponseReturnValue:
    """Hand out the report to everyone, with what was handed over."""
    assembly = load_public_assembly(slug)
    return download(report.public_report(db.session, assembly, kind), f"report.{kind}")
