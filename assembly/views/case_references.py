"""Choosing a paper, a meeting or a resolution from the mirrored council information for a step of cases."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from assembly.extensions import db
from assembly.models import Move
from assembly.services.authorisation import can_keep_cases
from assembly.services.council.searching import LONGEST_SEARCH
from assembly.services.errors import NotFoundError
from assembly.services.follow_up import attaching
from assembly.services.follow_up.together import chosen_of
from assembly.views import case_texts
from assembly.views.cases import blueprint
from assembly.views.guard import load_assembly


@blueprint.get("/council")
def choose_reference(assembly_id: int) -> ResponseReturnValue:
    """Search the council information; each find leads back to the form, which it fills in."""
    assembly = load_assembly(assembly_id, may=can_keep_cases)
    chosen = chosen_of(db.session, assembly, request.args.getlist("case", type=int))
    if not chosen or request.args.get("move") not in frozenset(Move):
        raise NotFoundError
    move, search = Move(request.args["move"]), request.args.get("q", "").strip()[:LONGEST_SEARCH]
    keys = request.args.getlist("reference")
    return render_template(
        "cases/references.html",
        assembly=assembly,
        chosen=chosen,
        move=move,
        search=search,
        found=attaching.found_for(db.session, assembly, move, search),
        address_with=lambda key: _form_address(assembly_id, [case.id for case in chosen], move, [*keys, key]),
        without=_form_address(assembly_id, [case.id for case in chosen], move, keys),
        case_texts=case_texts,
    )


def _form_address(assembly_id: int, numbers: list[int], move: Move, keys: list[str]) -> str:
    """Return the address of the form that is filled in from what was chosen."""
    asked: dict[str, Any] = {"outcome": request.args.getlist("outcome"), "reference": keys}
    if len(numbers) == 1:
        return url_for("cases.step", assembly_id=assembly_id, case_id=numbers[0], move=move, **asked)
    return url_for("cases.together", assembly_id=assembly_id, case=numbers, move=move, **asked)
