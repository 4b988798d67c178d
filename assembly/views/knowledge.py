"""What is known, for staff and for everyone: by event, about a question, found by its words."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assembly.extensions import db
from assembly.models import Assembly
from assembly.services.authorisation import can_see
from assembly.services.knowledge import base
from assembly.services.knowledge.searching import Audience, Known, Source
from assembly.views.guard import load_assembly, load_public_assembly, public
from assembly.views.public import blueprint as public_blueprint
from assembly.views.result_sheets_texts import ENTRY_KINDS, SOURCES

blueprint = Blueprint("knowledge", __name__, url_prefix="/assemblies/<int:assembly_id>/knowledge")


def found_for(assembly: Assembly, audience: Audience) -> dict[str, Any]:
    """Return what the templates of all three pages show of what was asked for in the address."""
    search, question_id = request.args.get("q", "").strip(), request.args.get("question", type=int)
    return {
        "search": search,
        "question_id": question_id,
        "known": base.knowledge_of(db.session, assembly, audience, search=search, question_id=question_id),
        "source_texts": SOURCES,
        "sheet_texts": ENTRY_KINDS,
    }


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """Show staff what is known, drafts too."""
    assembly = load_assembly(assembly_id, may=can_see)

    def link_of(known: Known) -> str:
        match known.source:
            case Source.INPUT:
                return url_for("experts.show", assembly_id=assembly_id, expert_id=known.row.expert_id)
            case Source.MATERIAL:
                return url_for("materials.show", assembly_id=assembly_id, material_id=known.row.id)
            case Source.VISIT:
                return url_for("site_visits.show", assembly_id=assembly_id, visit_id=known.row.event_id)
            case Source.SHEET:
                return url_for("result_sheets.show", assembly_id=assembly_id, result_id=known.row.id)
            case _:
                return ""

    page = found_for(assembly, Audience.STAFF)
    return render_template("knowledge/staff.html", assembly=assembly, link_of=link_of, **page)


@public_blueprint.get("/a/<slug>/knowledge")
@public
def knowledge(slug: str) -> ResponseReturnValue:
    """Show everyone what is known, as far as it is for everyone."""
    assembly = load_public_assembly(slug)

    def link_of(known: Known) -> str:
        anchors = {
            Source.INPUT: lambda: f"expert-{known.row.expert_id}",
            Source.MATERIAL: lambda: f"material-{known.row.id}",
        }
        anchor = anchors.get(known.source)
        return url_for("public.programme", slug=slug, _anchor=anchor()) if anchor else ""

    page = found_for(assembly, Audience.PUBLIC)
    return render_template("knowledge/public.html", assembly=assembly, link_of=link_of, **page)
