"""The register for everyone: what was recommended, what is owed by when, and what became of it."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from assembly.extensions import db
from assembly.services.errors import NotFoundError
from assembly.services.follow_up import register
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
        cases=[case for case in every if asked.fits(case)],
        asked=asked,
        addressees={case.addressee.number: case.addressee.name for case in every},
        themes={theme: theme for theme in sorted({case.recommendation.theme for case in every} - {""})},
        kept=register.kept_by(every),
        states=register.states_of(every),
        outcomes=register.outcomes_of(every),
        register=register,
        case_texts=case_texts,
    )
