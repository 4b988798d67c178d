"""The start page, the public page of each assembly, and whether the application is well."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from assembly.extensions import db
from assembly.services import commitments, invitation_records
from assembly.services import public as service
from assembly.services.follow_up import register
from assembly.services.health import health as check_health
from assembly.services.recommendations import reading
from assembly.views.guard import public
from assembly.views.invitation_records import KIND_NAMES
from assembly.views.pictures import invitation_picture, make_up_pictures, registrations_picture

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
@public
def start() -> ResponseReturnValue:
    """Show the public assemblies."""
    return render_template(
        "public/start.html",
        assemblies=service.public_assemblies(db.session),
        has_cases=register.has_cases(db.session),
    )


@blueprint.get("/a/<slug>")
@public
def assembly(slug: str) -> ResponseReturnValue:
    """Show the public page of an assembly."""
    found = service.public_assembly(db.session, slug)
    if found is None:
        abort(404)
    standing = commitments.current_commitment(db.session, found)
    record = invitation_records.record_of(db.session, found)
    numbers = service.numbers_of(db.session, found, record, standing)
    make_up = service.shown_make_up(db.session, found) if standing else None
    return render_template(
        "public/assembly.html",
        assembly=found,
        record=record,
        kind_names=KIND_NAMES,
        numbers=numbers,
        invitation=invitation_picture(numbers.funnel, numbers),
        registrations=registrations_picture(numbers),
        standing=standing,
        make_up=make_up,
        has_recommendations=reading.count_public(db.session, found) > 0,
        has_cases=register.has_cases(db.session, found),
        pictures=make_up_pictures(make_up.features) if make_up else [],
    )


@blueprint.get("/health")
@public
def health() -> ResponseReturnValue:
    """Say whether database, queue, worker and disk are well; 503 if one is not."""
    extensions = current_app.extensions
    checks = check_health(db.session, extensions["assembly.config"].data_folder, extensions["assembly.queue"])
    return checks, 200 if all(checks.values()) else 503
