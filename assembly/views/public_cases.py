"""The register for everyone: what was recommended, what is owed by when, and what became of it."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from assembly.extensions import db
from assembly.models import Assembly
from assembly.services import public as public_pages
from assembly.services.errors import NotFoundError
from assembly.services.follow_up import agenda_items, register, timeline
from assembly.views import case_texts, keeping
from assembly.views.cases import asked_args, asked_for, choices_of
from assembly.views.guard import load_public_assembly, public
from assembly.views.pictures import follow_up_picture
from assembly.views.public import blueprint


@blueprint.get("/a/<slug>/follow-up/register")
@public
def case_register(slug: str) -> ResponseReturnValue:
    """Show every recommendation with where it stands, and how each addressee keeps what it owes."""
    assembly = load_public_assembly(slug)
    if not register.has_cases(db.session, assembly):
        raise NotFoundError
    content = keeping.part(
        assembly,
        lambda: render_template("public/register_part.html", assembly=assembly, **_found(assembly)),
        *_asked(),
    )
    return render_template("public/register.html", assembly=assembly, content=Markup(content))  # noqa: S704  # our own template made it


@blueprint.get("/follow-up")
@public
def city_register() -> ResponseReturnValue:
    """Show the same of all assemblies of the city."""
    if not register.has_cases(db.session):
        raise NotFoundError
    content = keeping.part(None, _city_part, *_asked())
    return render_template("public/city_register.html", content=Markup(content))  # noqa: S704  # our own template made it


def _asked() -> tuple[object, ...]:
    """Return what the page depends on."""
    return tuple(sorted(asked_args().items())), request.args.get("page", 1, type=int)


def _city_part() -> str:
    assemblies = {one.id: one for one in public_pages.public_assemblies(db.session)}
    return render_template("public/city_register_part.html", assemblies=assemblies, **_found(None))


def _found(assembly: Assembly | None) -> dict[str, Any]:
    """Return what the register shows."""
    traits, asked = register.traits_of(db.session, assembly), asked_for(across=assembly is None)
    page = register.page_of(db.session, asked, request.args.get("page", 1, type=int), assembly=assembly)
    return {
        "page": page,
        "agenda": agenda_items.items_of(db.session, page.cases),
        "asked": asked,
        **choices_of(traits, across=assembly is None),
        "titles": {one.assembly_slug: one.assembly_title for one in traits},
        "sums": Markup(keeping.part(assembly, lambda: _sums(assembly), "sums")),  # noqa: S704  # as above
        "asked_args": asked_args(),
        "licence": current_app.extensions["assembly.config"].licence,
        "register": register,
        "case_texts": case_texts,
    }


def _sums(assembly: Assembly | None) -> str:
    """Return what all cases come to, whichever of them are asked for."""
    every = register.standings_of(db.session, assembly)
    return render_template(
        "public/register_sums.html",
        kept=register.kept_by(every, across=assembly is None),
        states=register.states_of(every),
        outcomes=register.outcomes_of(every),
        picture=follow_up_picture(timeline.timeline_of(db.session, assembly)),
        case_texts=case_texts,
    )
