"""The follow-up for everyone: what was promised."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from assembly.extensions import db
from assembly.services.follow_up import dates, register, rules
from assembly.views import follow_up_texts
from assembly.views.guard import load_public_assembly, public
from assembly.views.public import blueprint


@blueprint.get("/a/<slug>/follow-up")
@public
def follow_up(slug: str) -> ResponseReturnValue:
    """Show the published rules in all their versions."""
    assembly = load_public_assembly(slug)
    versions = rules.versions_of(db.session, assembly)
    if not versions:
        abort(404)
    return render_template(
        "public/follow_up.html",
        assembly=assembly,
        has_cases=register.has_cases(db.session, assembly),
        versions=versions,
        due=dates.course(versions[0], assembly.result_date, versions[0].state) if assembly.result_date else {},
        terms=rules.TERMS,
        texts=follow_up_texts,
    )
