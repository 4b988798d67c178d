"""Recommendations for everyone, from their adoption on."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from assembly.extensions import db
from assembly.models import Assembly
from assembly.services.daily import today
from assembly.services.follow_up import cases, register
from assembly.services.follow_up import reading as case_reading
from assembly.services.recommendations import reading
from assembly.views import case_texts, keeping, recommendations_texts
from assembly.views.downloads import download
from assembly.views.guard import load_public_assembly, public
from assembly.views.public import blueprint


@blueprint.get("/a/<slug>/recommendations")
@public
def recommendations(slug: str) -> ResponseReturnValue:
    """List what was adopted."""
    assembly = load_public_assembly(slug)
    shown = reading.shown_of(db.session, assembly)
    if not shown:
        abort(404)
    return render_template("public/recommendations.html", assembly=assembly, shown=shown, texts=recommendations_texts)


@blueprint.get("/a/<slug>/recommendations/<int:recommendation_number>")
@public
def recommendation(slug: str, recommendation_number: int) -> ResponseReturnValue:
    """Show a recommendation: its text, reasons, votes, minority views, and what it was made of."""
    assembly = load_public_assembly(slug)
    title = reading.title_of(db.session, assembly, recommendation_number)
    content = keeping.part(assembly, lambda: _part(assembly, recommendation_number))
    return render_template(
        "public/recommendation.html",
        assembly=assembly,
        number=recommendation_number,
        title=title,
        content=Markup(content),  # noqa: S704  # our own template made it
    )


def _part(assembly: Assembly, recommendation_number: int) -> str:
    return render_template(
        "public/recommendation_part.html",
        assembly=assembly,
        shown=reading.get_shown(db.session, assembly, recommendation_number),
        files=[
            (case, cases.course_of_case(case), case_reading.read(case))
            for case in cases.cases_about(db.session, assembly, recommendation_number)
        ],
        today=today(),
        register=register,
        case_texts=case_texts,
        texts=recommendations_texts,
    )


@blueprint.get("/a/<slug>/recommendations/<int:recommendation_number>/content.json")
@public
def recommendation_file(slug: str, recommendation_number: int) -> ResponseReturnValue:
    """Hand out what the hash of a recommendation that was handed over is of."""
    assembly = load_public_assembly(slug)
    content = reading.canonical_of(db.session, assembly, recommendation_number)
    return download(content, f"recommendation-{recommendation_number}.json")
