"""Can the quotas be met with the pool, and if not, why and what would help."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length

from assembly.extensions import db
from assembly.models import Assembly
from assembly.services import checks, instances, jobs
from assembly.services.authorisation import can_audit, can_manage
from assembly.views.forms import BaseForm, stripped
from assembly.views.guard import account, load_assembly
from assembly.views.jobs import job_view, progress_answer

blueprint = Blueprint("checks", __name__, url_prefix="/assemblies/<int:assembly_id>/check")


class RelaxationForm(BaseForm):
    """Take over a proposed change of quotas."""

    number = HiddenField(validators=[InputRequired()])
    reason = TextAreaField(
        _l("Reason"),
        [InputRequired(), Length(max=2000)],
        filters=[stripped],
        description=_l("It stands in the public log. Without names."),
    )
    submit = SubmitField(_l("Change these quotas"))


@blueprint.get("/")
def show(assembly_id: int) -> ResponseReturnValue:
    """Show the newest check."""
    return _page(load_assembly(assembly_id, may=can_manage, may_read=can_audit))


@blueprint.post("/")
def start(assembly_id: int) -> ResponseReturnValue:
    """Start a check."""
    assembly = load_assembly(assembly_id, may=can_manage)
    checks.start_check(db.session, assembly, by=account())
    db.session.commit()
    return redirect(url_for("checks.show", assembly_id=assembly.id))


@blueprint.get("/progress")
def progress(assembly_id: int) -> ResponseReturnValue:
    """Answer htmx how far the check is; when it has ended, the page is loaded anew."""
    assembly = load_assembly(assembly_id, may=can_manage)
    check = checks.last_check(db.session, assembly)
    return progress_answer(check.job if check else None)


@blueprint.post("/relaxation")
def relax(assembly_id: int) -> ResponseReturnValue:
    """Take over a proposed change of quotas, with a reason."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form = RelaxationForm()
    if not form.validate_on_submit() or not str(form.number.data).isdecimal():
        return _page(assembly, form=form), 422
    count = checks.apply_relaxation(
        db.session, assembly, int(str(form.number.data)), reason=str(form.reason.data), by=account()
    )
    checks.start_check(db.session, assembly, by=account())
    db.session.commit()
    flash(ngettext("%(num)s quota was changed.", "%(num)s quotas were changed.", count), "success")
    flash(gettext("The check runs again."), "info")
    return redirect(url_for("checks.show", assembly_id=assembly.id))


def _page(assembly: Assembly, **more: Any) -> str:
    check = checks.last_check(db.session, assembly)
    job = jobs.active(check.job) if check else None
    return render_template(
        "checks/show.html",
        assembly=assembly,
        check=check,
        job=job_view(job) if job else None,
        failure=jobs.failure_of(check.job) if check and check.report is None else None,
        is_out_of_date=bool(check and check.report and instances.is_out_of_date(db.session, assembly, check)),
        **{"form": RelaxationForm(formdata=None)} | more,
    )
