"""The same step in several cases: chosen in the list, said once, taken in all of them or in none."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from assembly.extensions import db
from assembly.models import Move
from assembly.services.authorisation import can_keep_cases
from assembly.services.errors import NotFoundError
from assembly.services.follow_up import attaching, units
from assembly.services.follow_up.together import TOGETHER, chosen_of, move_together
from assembly.services.follow_up.transitions import Actor
from assembly.views import case_texts
from assembly.views.case_forms import Offered, said_in, step_form
from assembly.views.cases import WITH_OUTCOME, attached_to, blueprint, chosen_outcome, form_page, outcome_page
from assembly.views.forms import committing
from assembly.views.guard import account, load_assembly


@blueprint.route("/together", methods=["GET", "POST"])
def together(assembly_id: int) -> ResponseReturnValue:
    """Take a step in all cases that the address names."""
    assembly = load_assembly(assembly_id, may=can_keep_cases)
    numbers = request.args.getlist("case", type=int)
    if not numbers:
        flash(gettext("Choose at least one case."), "danger")
        return redirect(url_for("cases.index", assembly_id=assembly.id))
    if request.args.get("move") not in TOGETHER:
        raise NotFoundError
    kind, chosen = Move(request.args["move"]), chosen_of(db.session, assembly, numbers)
    outcome = chosen_outcome(kind)
    if kind in WITH_OUTCOME and outcome is None:
        return outcome_page(assembly, chosen, kind)
    attached = attached_to(assembly)
    begun = attaching.filled_in(attached, kind, outcome)
    form = step_form(kind, outcome, Offered(units=units.names(db.session)), chosen=chosen, begun=begun)
    if form.validate_on_submit():
        said = said_in(form, kind, outcome)
        with committing(form):
            form.require_current(chosen)
            move_together(db.session, chosen, kind, said, actor=Actor.OFFICE, by=account(), taken_on=form.day())
        if not form.errors:
            flash(gettext("Published: %(step)s.", step=case_texts.MOVES[kind]), "success")
            return redirect(url_for("cases.index", assembly_id=assembly.id))
    return form_page(assembly, chosen, kind, form, attached)
