"""What is owed by when in all assemblies of the city, for the council office."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from assembly.extensions import db
from assembly.services.authorisation import can_keep_cases
from assembly.services.follow_up import register
from assembly.views import case_texts
from assembly.views.cases import asked_for, choices_of, units_in
from assembly.views.guard import require

blueprint = Blueprint("city_cases", __name__, url_prefix="/cases")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Show everything that is owed, or what of it is asked for; what is due first first."""
    require(can_keep_cases)
    every, asked = register.standings_owed(db.session), asked_for(across=True)
    return render_template(
        "cases/city.html",
        owed=register.owed_in_city(db.session, asked) if every else [],
        asked=asked,
        **choices_of(every, across=True),
        units=units_in(every),
        titles={one.assembly_slug: one.assembly_title for one in every},
        total=len(every),
        register=register,
        case_texts=case_texts,
    )
