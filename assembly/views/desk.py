"""The desk of an account in a department: what it owes by when, and the cases of its departments."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from assembly.extensions import db
from assembly.services.authorisation import can_answer, can_draft
from assembly.services.daily import today
from assembly.services.follow_up import assigning, cases, desks, reading, register, units
from assembly.views import case_texts
from assembly.views.guard import account, require

blueprint = Blueprint("desk", __name__, url_prefix="/desk")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Show what the departments of the account owe, by when."""
    require(can_answer)
    return render_template(
        "desk/index.html",
        tasks=desks.tasks_of(db.session, account()),
        units=units.units_of(db.session, account()),
        case_texts=case_texts,
        register=register,
    )


@blueprint.get("/cases/<int:case_id>")
def case(case_id: int) -> ResponseReturnValue:
    """Show a case of the account’s departments: what is owed, and its file."""
    require(can_draft)
    task = desks.get_task(db.session, case_id, user=account())
    return render_template(
        "desk/case.html",
        task=task,
        case=task.case,
        course=cases.course_of_case(task.case),
        today=today(),
        file=reading.read(task.case),
        contributing=assigning.contributing_to(db.session, task.case),
        case_texts=case_texts,
        register=register,
    )
