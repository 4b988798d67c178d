"""The follow-up in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from assembly.models import Binding, Duty
from assembly.periods import Period

DUTIES = {
    Duty.ASSIGN: _l("Assigned to a department"),
    Duty.ANSWER: _l("Answered in public, with reasons"),
    Duty.DEBATE: _l("Debated in public, with the members invited"),
    Duty.DECIDE: _l("Decided by the body in charge"),
    Duty.FIRST_REPORT: _l("First progress report"),
    Duty.REVIEW: _l("Review: what was done"),
    Duty.MINUTES: _l("Minutes of the debate"),
}
BINDINGS = {
    Binding.BOUND: _l("Bound by a resolution"),
    Binding.ASKED: _l("Asked, not bound"),
}
TERMS = {
    "assigned": _l("Assigned to a department, after the handover"),
    "answered": _l("Answered in public, after the handover"),
    "debated": _l("Debated in public, after the handover"),
    "minutes": _l("Minutes of the debate, after it"),
    "decided": _l("Decided, after the handover"),
    "first_report": _l("First progress report, after the decision"),
    "report": _l("Further progress reports, each after the one before"),
    "review": _l("Review in public, after the decision"),
    "members_reply": _l("Time for the members’ reply to an answer or decision"),
    "better_answer": _l("Better answer, after members asked for one"),
    "forwarded": _l("Reply of a body to which a recommendation is forwarded"),
    "examined": _l("New answer, after “to be examined” was decided"),
    "postponed": _l("Longest postponement, once"),
    "objection": _l("Time for members to object to edited wording"),
    "longest_extension": _l("Longest extension before the decision, once, in days"),
    "adoption_percent": _l("A recommendation needs more than so many percent of the votes cast"),
    "quorum_percent": _l("So many percent of the panel have to vote"),
    "minority_size": _l("So many members may attach a minority view"),
    "who_answers": _l("Who answers"),
    "who_decides": _l("Who decides"),
    "participation": _l("How members take part"),
}


def period(value: Period) -> str:
    """Return a period in words."""
    if value.is_months:
        return str(ngettext("%(num)s month", "%(num)s months", value.number))
    return str(ngettext("%(num)s day", "%(num)s days", value.number))


def term(value: object) -> str:
    """Return what a term of the rules says, in words."""
    return period(value) if isinstance(value, Period) else str(value)
