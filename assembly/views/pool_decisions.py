"""What organisers decide about the pool: who is registered twice, and who lives together."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from assembly.extensions import db
from assembly.services import duplicates, households
from assembly.services.authorisation import can_manage, can_see_pool
from assembly.views import respondent_texts
from assembly.views.guard import account, allows, load_assembly, load_respondent

blueprint = Blueprint("pool_decisions", __name__, url_prefix="/assemblies/<int:assembly_id>/pool")

PAGE = 25


@blueprint.get("/duplicates")
def suspected(assembly_id: int) -> ResponseReturnValue:
    """Show the pairs who may be one person."""
    assembly = load_assembly(assembly_id, may=can_see_pool)
    page = max(1, request.args.get("page", 1, type=int))
    pairs, total = duplicates.suspicions(db.session, assembly, page=page, size=PAGE)
    return render_template(
        "pool/duplicates.html",
        assembly=assembly,
        pairs=pairs,
        total=total,
        page=page,
        pages=-(-total // PAGE),
        texts=respondent_texts,
        may_manage=allows(assembly, can_manage),
    )


@blueprint.post("/duplicates/<int:one_id>/<int:other_id>/<any(same, different):decision>")
def decide(assembly_id: int, one_id: int, other_id: int, decision: str) -> ResponseReturnValue:
    """Record whether two respondents are one person; of one person the other registration is excluded."""
    one = load_respondent(assembly_id, one_id, may=can_manage)
    other = load_respondent(assembly_id, other_id, may=can_manage)
    if decision == "same":
        duplicates.decide_same(db.session, one, other, by=account())
        flash(gettext("The second registration was excluded."), "success")
    else:
        duplicates.decide_different(db.session, one, other, by=account())
        flash(gettext("They count as different people."), "success")
    db.session.commit()
    return redirect(url_for("pool_decisions.suspected", assembly_id=assembly_id))


@blueprint.get("/households")
def shared(assembly_id: int) -> ResponseReturnValue:
    """Show who lives together."""
    assembly = load_assembly(assembly_id, may=can_see_pool)
    page = max(1, request.args.get("page", 1, type=int))
    found, total = households.shared_households(db.session, assembly, page=page, size=PAGE)
    return render_template(
        "pool/households.html",
        assembly=assembly,
        households=found,
        total=total,
        page=page,
        pages=-(-total // PAGE),
        may_manage=allows(assembly, can_manage),
    )


@blueprint.post("/households/<int:household_id>/<any(confirm, split):decision>")
def decide_household(assembly_id: int, household_id: int, decision: str) -> ResponseReturnValue:
    """Record whether people live together."""
    assembly = load_assembly(assembly_id, may=can_manage)
    household = households.get_household(db.session, household_id, assembly=assembly)
    if decision == "confirm":
        households.confirm(db.session, household, by=account())
        flash(gettext("The household is confirmed: at most one of these people is drawn."), "success")
    else:
        households.split(db.session, household, by=account())
        flash(gettext("These people do not live together: each of them can be drawn."), "success")
    db.session.commit()
    return redirect(url_for("pool_decisions.shared", assembly_id=assembly_id))
