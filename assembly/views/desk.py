"""The desk of an account in a department: what it owes by when, and the cases of its departments."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from assembly.extensions import db
from assembly.services.authorisation import can_answer, can_draft
from assembly.services.daily import today
from assembly.services.follow_up import assigning, cases, desks, digests, drafts, reading, register, units
from assembly.services.follow_up.desks import Part
from assembly.views import case_texts, desk_texts, measures
from assembly.views.guard import account, require

blueprint = Blueprint("desk", __name__, url_prefix="/desk")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Show what the departments of the account owe, by when."""
    require(can_answer)
    tasks = desks.tasks_of(db.session, account())
    return render_template(
        "desk/index.html",
        tasks=tasks,
        assemblies=sorted({(task.assembly.title, task.assembly.id) for task in tasks}),
        units=units.units_of(db.session, account()),
        has_digest=digests.wants(db.session, account()),
        approves=desks.may_approve(db.session, account()),
        waiting=drafts.waiting(db.session) if desks.may_approve(db.session, account()) else [],
        case_texts=case_texts,
        register=register,
    )


@blueprint.post("/digest/<any(on, off):switch>")
def digest(switch: str) -> ResponseReturnValue:
    """Stop the weekly mail to the account, or send it again."""
    require(can_answer)
    digests.switch(db.session, account(), on=switch == "on")
    db.session.commit()
    flash(gettext("Saved."), "success")
    return redirect(url_for("desk.index"))


@blueprint.get("/cases/<int:case_id>")
def case(case_id: int) -> ResponseReturnValue:
    """Show a case of the account’s departments: what is owed, and its file."""
    require(can_draft)
    task = desks.get_task(db.session, case_id, user=account())
    opened = [
        one
        for one in drafts.open_in(db.session, task.case)
        if Part.DRAFTS in task.part or one.submitted_by_id is not None
    ]
    in_work, course = {one.move for one in opened}, cases.course_of_case(task.case)
    return render_template(
        "desk/case.html",
        task=task,
        case=task.case,
        course=course,
        today=today(),
        file=reading.read(task.case),
        measure=reading.measure_of(task.case, course, today()),
        progress_picture=measures.progress_picture,
        open=opened,
        begins=[move for move in drafts.DRAFTED if move not in in_work and drafts.can_begin(task.case, move)]
        if Part.DRAFTS in task.part
        else [],
        draft_states=desk_texts.STATES,
        contributing=assigning.contributing_to(db.session, task.case),
        case_texts=case_texts,
        register=register,
    )
