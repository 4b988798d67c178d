"""Recommendations for everyone, from their adoption on."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from assembly.extensions import db
from assembly.models import Assembly, Case
from assembly.services.daily import today
from assembly.services.follow_up import agenda_items, cases, register
from assembly.services.follow_up import reading as case_reading
from assembly.services.recommendations import reading
from assembly.views import case_texts, keeping, measures, recommendations_texts
from assembly.views.case_papers import address
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
    found = cases.cases_about(db.session, assembly, recommendation_number)
    return render_template(
        "public/recommendation_part.html",
        assembly=assembly,
        shown=reading.get_shown(db.session, assembly, recommendation_number),
        files=[_file(case) for case in found],
        agenda=agenda_items.items_of(db.session, found),
        today=today(),
        address=address("public.recommendation", slug=assembly.slug, recommendation_number=recommendation_number),
        register=register,
        case_texts=case_texts,
        texts=recommendations_texts,
    )


def _file(case: Case) -> tuple[Any, ...]:
    """Return a case with its course, its file, the measure and the picture of its progress."""
    course = cases.course_of_case(case)
    measure = case_reading.measure_of(case, course, today())
    picture = measures.progress_picture(case, measure) if measure else None
    return case, course, case_reading.read(case), measure, picture


@blueprint.get("/a/<slug>/recommendations/<int:recommendation_number>/content.json")
@public
def recommendation_file(slug: str, recommendation_number: int) -> ResponseReturnValue:
    """Hand out what the hash of a recommendation that was handed over is of."""
    assembly = load_public_assembly(slug)
    content = reading.canonical_of(db.session, assembly, recommendation_number)
    return download(content, f"recommendation-{recommendation_number}.json")
