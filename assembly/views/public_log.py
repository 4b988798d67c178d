"""The daily heads of an assembly's log, for everyone: whoever keeps one can tell if the log was cut or rewritten."""

from __future__ import annotations

import json

from flask import Response, abort, render_template
from flask.typing import ResponseReturnValue

from assembly.extensions import db
from assembly.models import Assembly
from assembly.services import daily
from assembly.services import public as service
from assembly.views.guard import public
from assembly.views.public import blueprint

DAYS_SHOWN = 30


@blueprint.get("/a/<slug>/log")
@public
def log_heads(slug: str) -> ResponseReturnValue:
    """Show the heads of the last days."""
    assembly = _assembly(slug)
    heads = daily.published_heads(db.session, assembly, most=DAYS_SHOWN)
    return render_template("public/log_heads.html", assembly=assembly, heads=heads, days=DAYS_SHOWN)


@blueprint.get("/a/<slug>/log.json")
@public
def log_heads_file(slug: str) -> ResponseReturnValue:
    """Hand out all heads that were ever published."""
    assembly = _assembly(slug)
    content = {
        "format": "assembly-log-heads/1",
        "assembly": assembly.slug,
        "heads": [
            {
                "day": head.day.isoformat(),
                "published_at": head.published_at.isoformat(timespec="seconds"),
                "entries": head.entries,
                "head": head.head,
            }
            for head in daily.published_heads(db.session, assembly)
        ],
    }
    headers = {"Content-Disposition": f'attachment; filename="{assembly.slug}-log.json"'}
    return Response(json.dumps(content, indent=2) + "\n", mimetype="application/json", headers=headers)


def _assembly(slug: str) -> Assembly:
    assembly = service.public_assembly(db.session, slug)
    if assembly is None:
        abort(404)
    return assembly
