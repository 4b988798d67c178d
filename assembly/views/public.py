"""The start page, the public page of each assembly, and whether the application is well."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from assembly.extensions import db
from assembly.services import invitation_records
from assembly.services import public as service
from assembly.services.health import health as check_health
from assembly.views.guard import public

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
@public
def start() -> ResponseReturnValue:
    """Show the public assemblies."""
    return render_template("public/start.html", assemblies=service.public_assemblies(db.session))


@blueprint.get("/a/<slug>")
@public
def assembly(slug: str) -> ResponseReturnValue:
    """Show the public page of an assembly."""
    found = service.public_assembly(db.session, slug)
    if found is None:
        abort(404)
    return render_template(
        "public/assembly.html", assembly=found, funnel=invitation_records.funnel_of(db.session, found)
    )


@blueprint.get("/health")
@public
def health() -> ResponseReturnValue:
    """Say whether database, queue, worker and disk are well; 503 if one is not."""
    extensions = current_app.extensions
    checks = check_health(db.session, extensions["assembly.config"].data_folder, extensions["assembly.queue"])
    return checks, 200 if all(checks.values()) else 503
