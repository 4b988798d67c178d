"""Lotteries: start, watch, and understand the result."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SubmitField

from assembly.extensions import db
from assembly.models import LotteryState
from assembly.services import engine_files, instances, jobs, lotteries, lottery_reports
from assembly.services.authorisation import can_audit, can_manage, standing_of
from assembly.views.downloads import download
from assembly.views.forms import BaseForm
from assembly.views.guard import account, load_assembly
from assembly.views.jobs import job_view, progress_answer

blueprint = Blueprint("lotteries", __name__, url_prefix="/assemblies/<int:assembly_id>/lotteries")

STATE_NAMES = {
    LotteryState.COMPUTING: _l("being computed"),
    LotteryState.SOLVED: _l("solved and proven"),
    LotteryState.NOT_PROVEN: _l("solved, but not proven"),
    LotteryState.FAILED: _l("ended without result"),
    LotteryState.COMMITTED: _l("committed"),
    LotteryState.VOIDED: _l("voided"),
    LotteryState.DRAWN: _l("drawn"),
}


class StartForm(BaseForm):
    """Start a lottery, or a rehearsal."""

    one_per_household = BooleanField(
        _l("At most one member per household"),
        default=True,
        description=_l(
            "People who live together have the same daily life; the others of the pool should have a chance."
        ),
    )
    rehearse = SubmitField(_l("Rehearse"))
    submit = SubmitField(_l("Compute the lottery"))


@blueprint.route("/", methods=["GET", "POST"])
def index(assembly_id: int) -> ResponseReturnValue:
    """Show the lotteries; start one."""
    assembly = load_assembly(assembly_id, may=can_audit)
    form = StartForm()
    if form.validate_on_submit():
        assembly = load_assembly(assembly_id, may=can_manage)
        lottery = lotteries.start_lottery(
            db.session,
            assembly,
            is_rehearsal=bool(form.rehearse.data),
            one_per_household=bool(form.one_per_household.data),
            by=account(),
        )
        db.session.commit()
        return redirect(url_for("lotteries.show", assembly_id=assembly.id, lottery_id=lottery.id))
    return render_template(
        "lotteries/index.html",
        assembly=assembly,
        form=form,
        lotteries=lotteries.lotteries_of(db.session, assembly),
        is_standing=lotteries.standing_lottery(db.session, assembly) is not None,
        state_names=STATE_NAMES,
        may_manage=can_manage(standing_of(account(), assembly.id)),
    )


@blueprint.get("/<int:lottery_id>")
def show(assembly_id: int, lottery_id: int) -> ResponseReturnValue:
    """Show how far a lottery is, or its result and what it means."""
    assembly = load_assembly(assembly_id, may=can_audit)
    lottery = lotteries.get_lottery(db.session, lottery_id, assembly=assembly)
    job = jobs.active(lottery.job)
    is_solved = lottery.state in {LotteryState.SOLVED, LotteryState.NOT_PROVEN}
    is_out_of_date = is_solved and instances.is_out_of_date(db.session, assembly, lottery)
    may_manage = can_manage(standing_of(account(), assembly.id))
    return render_template(
        "lotteries/show.html",
        assembly=assembly,
        lottery=lottery,
        job=job_view(job) if job else None,
        failure=None if lottery.summary else jobs.failure_of(lottery.job),
        state_names=STATE_NAMES,
        may_manage=may_manage,
        may_commit=may_manage
        and lottery.state is LotteryState.SOLVED
        and not lottery.is_rehearsal
        and not is_out_of_date,
        is_out_of_date=is_out_of_date,
    )


@blueprint.get("/<int:lottery_id>/progress")
def progress(assembly_id: int, lottery_id: int) -> ResponseReturnValue:
    """Answer htmx how far the lottery is; when it has ended, the page is loaded anew."""
    assembly = load_assembly(assembly_id, may=can_audit)
    return progress_answer(lotteries.get_lottery(db.session, lottery_id, assembly=assembly).job)


@blueprint.post("/<int:lottery_id>/cancel")
def cancel(assembly_id: int, lottery_id: int) -> ResponseReturnValue:
    """Stop computing a lottery."""
    assembly = load_assembly(assembly_id, may=can_manage)
    lottery = lotteries.get_lottery(db.session, lottery_id, assembly=assembly)
    lotteries.cancel(db.session, assembly, lottery, by=account())
    db.session.commit()
    flash(gettext("The computation is being stopped. Nothing was changed."), "info")
    return redirect(url_for("lotteries.index", assembly_id=assembly.id))


@blueprint.get("/<int:lottery_id>/report.pdf")
def report(assembly_id: int, lottery_id: int) -> ResponseReturnValue:
    """Hand out the report with all figures."""
    assembly = load_assembly(assembly_id, may=can_audit)
    lottery = lotteries.get_lottery(db.session, lottery_id, assembly=assembly)
    content = lottery_reports.organisers_report(db.session, assembly, lottery, language=str(get_locale()))
    return download(content, f"lottery-{lottery.id}.pdf")


@blueprint.post("/<int:lottery_id>/files")
def files(assembly_id: int, lottery_id: int) -> ResponseReturnValue:
    """Hand out the engine's files, so that every step can be checked on the command line; it is logged."""
    assembly = load_assembly(assembly_id, may=can_manage)
    lottery = lotteries.get_lottery(db.session, lottery_id, assembly=assembly)
    content = engine_files.engine_files(db.session, assembly, lottery, by=account())
    db.session.commit()
    return download(content, f"lottery-{lottery.id}.zip")
