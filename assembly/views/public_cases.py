"""The register for everyone: what was recommended, what is owed by when, and what became of it."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from assembly.extensions import db
from assembly.models import Case
from assembly.services.daily import today
from assembly.services.errors import NotFoundError
from assembly.services.follow_up import cases, reading, register
from assembly.services.follow_up.courses import Course
from assembly.views import case_texts
from assembly.views.cases import asked_for
from assembly.views.guard import load_public_assembly, public
from assembly.views.public import blueprint


@blueprint.get("/a/<slug>/follow-up/register")
@public
def case_register(slug: str) -> ResponseReturnValue:
    """Show every recommendation with where it stands, and how each addressee keeps what it owes."""
    assembly = load_public_assembly(slug)
    every, asked = register.register_of(db.session, assembly), asked_for()
    if not every:
        raise NotFoundError
    return render_template(
        "public/register.html",
        assembly=assembly,
        cases=register.register_of(db.session, assembly, asked),
        asked=asked,
        addressees={case.addressee.number: case.addressee.name for case in every},
        themes={theme: theme for theme in sorted({case.recommendation.theme for case in every} - {""})},
        kept=register.kept_by(every),
        states=register.states_of(every),
        outcomes=register.outcomes_of(every),
        register=register,
        texts=case_texts,
    )


@blueprint.get("/a/<slug>/follow-up/register/<int:number>")
@public
def recommendation_cases(slug: str, number: int) -> ResponseReturnValue:
    """Show what became of a recommendation with each of its addressees."""
    assembly = load_public_assembly(slug)
    found = cases.cases_about(db.session, assembly, number)
    if not found:
        raise NotFoundError
    return render_template(
        "public/cases.html",
        assembly=assembly,
        recommendation=found[0].recommendation,
        handed_over_on=found[0].handover.handed_over_on,
        cases=[_shown(case) for case in found],
        today=today(),
        register=register,
        texts=case_texts,
    )


def _shown(case: Case) -> tuple[Case, Course, list[reading.Read]]:
    return case, cases.course_of_case(case), reading.read(case)
