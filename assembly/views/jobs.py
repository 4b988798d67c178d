"""Jobs in words: what is being done, and how far it is."""

from __future__ import annotations

import dataclasses

from flask import Response, make_response, render_template
from flask_babel import format_decimal, gettext
from flask_babel import lazy_gettext as _l

from assembly.models import Job, JobState
from assembly.services import jobs

PHASES = {
    "check": _l("Checking whether any panel meets the quotas"),
    "conflicts": _l("Looking for quotas that contradict each other"),
    "relaxations": _l("Looking for the smallest changes that help"),
    "additions": _l("Looking for the registrations that are missing"),
    "reachable": _l("Finding out who can be drawn at all"),
    "leximin": _l("Raising the smallest chances"),
    "panels": _l("Finding panels"),
    "weights": _l("Weighing panels"),
    "exact panels": _l("Finding panels exactly"),
    "cuts": _l("Tightening the bound"),
    "levels": _l("Raising chances level by level"),
    "tickets": _l("Rounding to tickets"),
    "import": _l("Importing registrations"),
    "receipts": _l("Writing receipts"),
    "arranging": _l("Arranging tables that keep all rules"),
    "contradiction": _l("Looking for rules that contradict each other"),
    "council": _l("Reading papers and meetings of the council"),
    "seating": _l("Letting as many people as possible meet"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class JobView:
    """A job as a progress bar shows it: `value` out of `maximum`, None while the extent is unknown."""

    text: str
    value: int | None
    maximum: int
    detail: str


def progress_answer(job: Job | None) -> Response:
    """Answer htmx how far a job is; when it has ended, the page is loaded anew."""
    running = jobs.active(job)
    answer = make_response(render_template("jobs/progress.html", job=job_view(running) if running else None))
    if running is None:
        answer.headers["HX-Refresh"] = "true"
    return answer


def job_view(job: Job) -> JobView:
    """Return a job in words of the page's language."""
    progress = job.progress
    if job.state is JobState.QUEUED:
        return JobView(gettext("Waiting for its turn"), None, 100, "")
    total, panels = progress.get("total"), progress.get("panels") or 0
    done = progress.get("done", panels)
    text = PHASES.get(str(progress.get("phase")), gettext("Starting"))
    details = []
    if progress.get("bound") is not None:
        chance = format_decimal(progress["bound"] * 100, "0.0000")
        details.append(gettext("Smallest chance at most %(chance)s %%.", chance=chance))
    if progress.get("deviation") is not None:
        deviation = format_decimal(progress["deviation"], "0.0#######")
        details.append(gettext("Still to close: %(deviation)s.", deviation=deviation))
    if panels:
        details.append(gettext("%(count)s panels found.", count=format_decimal(panels)))
    if progress.get("pages"):
        details.append(gettext("%(count)s pages of lists read.", count=format_decimal(progress["pages"])))
    return JobView(str(text), done if total else None, total or 100, " ".join(details))
