"""Words for cases of the follow-up: where they stand, what is owed, which steps there are, and what these say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import format_number, gettext
from flask_babel import lazy_gettext as _l

from assembly.models import CaseState, ContactRole, Duty, Move, NoticeKind, Outcome, Result
from assembly.services.council.references import ReferenceKind

STATES: Mapping[CaseState, Any] = {
    CaseState.HANDED_OVER: _l("Handed over"),
    CaseState.ASSIGNED: _l("Assigned"),
    CaseState.UNDER_REVIEW: _l("Under review"),
    CaseState.ANSWERED: _l("Answered"),
    CaseState.DEBATED: _l("Debated"),
    CaseState.DECIDED: _l("Decision taken"),
    CaseState.FORWARDED: _l("Forwarded"),
    CaseState.IN_IMPLEMENTATION: _l("In implementation"),
    CaseState.REVIEWED: _l("Reviewed"),
    CaseState.CLOSED: _l("Closed"),
}
OUTCOMES: Mapping[Outcome, Any] = {
    Outcome.ACCEPTED: _l("Accepted as it is"),
    Outcome.WITH_CHANGES: _l("Accepted with changes"),
    Outcome.REJECTED: _l("Rejected"),
    Outcome.NOT_COMPETENT: _l("Not competent"),
    Outcome.POSTPONED: _l("Postponed"),
    Outcome.TO_BE_EXAMINED: _l("To be examined"),
    Outcome.ALREADY_DONE: _l("Done already"),
}
RESULTS: Mapping[Result, Any] = {
    Result.CARRIED_OUT: _l("Carried out"),
    Result.PARTLY: _l("Partly carried out"),
    Result.NOT: _l("Not carried out"),
    Result.OVERTAKEN: _l("Overtaken by events"),
}
DUTIES: Mapping[Duty, Any] = {
    Duty.ASSIGN: _l("Assign it to a department"),
    Duty.ANSWER: _l("Answer in public"),
    Duty.DEBATE: _l("Debate it in public"),
    Duty.DECIDE: _l("Decide"),
    Duty.FIRST_REPORT: _l("First progress report"),
    Duty.REVIEW: _l("Review what was done"),
    Duty.MINUTES: _l("Minutes of the debate"),
    Duty.REPORT: _l("Progress report"),
    Duty.FORWARD: _l("Forward it to the competent body"),
    Duty.FORWARDED_REPLY: _l("Reply of the competent body"),
    Duty.RESUME: _l("Take it up again"),
    Duty.AGENDA: _l("Put it on the new council’s agenda"),
}
"""What is owed next, as a task."""
CONTACTS: Mapping[ContactRole, Any] = {
    ContactRole.OFFICE: _l("Council office"),
    ContactRole.MAYOR: _l("Mayor"),
    ContactRole.CHAIR: _l("Chair of the committee"),
}
"""As what somebody is written to."""
NOTICES: Mapping[NoticeKind, Any] = {
    NoticeKind.BEFORE_30: _l("Reminder 30 days before"),
    NoticeKind.BEFORE_14: _l("Reminder 14 days before"),
    NoticeKind.BEFORE_3: _l("Reminder 3 days before"),
    NoticeKind.OVERDUE_14: _l("Notice after 14 days"),
    NoticeKind.OVERDUE_30: _l("Notice after 30 days, for the council’s agenda"),
}
MOVES: Mapping[Move, Any] = {
    Move.ASSIGN: _l("Assigned to a department"),
    Move.BEGIN_REVIEW: _l("Review begun"),
    Move.EXTEND: _l("Deadline extended"),
    Move.ANSWER: _l("Answer of the administration"),
    Move.ASK_BETTER: _l("Better answer asked for"),
    Move.REPLY: _l("Members’ reply"),
    Move.DEBATE: _l("Debated in public"),
    Move.MINUTES: _l("Minutes published"),
    Move.DECIDE: _l("Decision"),
    Move.IMPLEMENT: _l("Implementation begun"),
    Move.REPORT: _l("Progress report"),
    Move.REVIEW: _l("Review"),
    Move.SEND_BACK: _l("Sent back to the decision"),
    Move.FORWARD: _l("Forwarded"),
    Move.FORWARDED_REPLY: _l("Reply of the competent body"),
    Move.RESUME: _l("Taken up again"),
    Move.NEW_TERM: _l("New council elected"),
    Move.ON_AGENDA: _l("On the new council’s agenda"),
    Move.CLOSE: _l("Closed in a public meeting"),
    Move.CORRECT: _l("Correction"),
    Move.REDACT: _l("Redaction"),
}
"""What happened, as the history says it."""
DEEDS: Mapping[Move, Any] = {
    Move.ASSIGN: _l("Assign to a department"),
    Move.BEGIN_REVIEW: _l("Begin the review"),
    Move.EXTEND: _l("Extend a deadline"),
    Move.ANSWER: _l("Publish the answer"),
    Move.ASK_BETTER: _l("Ask for a better answer"),
    Move.REPLY: _l("Publish a reply of the members"),
    Move.DEBATE: _l("Record the debate"),
    Move.MINUTES: _l("Publish minutes"),
    Move.DECIDE: _l("Record the decision"),
    Move.IMPLEMENT: _l("Begin the implementation"),
    Move.REPORT: _l("Report progress"),
    Move.REVIEW: _l("Record the review"),
    Move.SEND_BACK: _l("Send back to the decision"),
    Move.FORWARD: _l("Forward"),
    Move.FORWARDED_REPLY: _l("Record the competent body’s reply"),
    Move.RESUME: _l("Take up again"),
    Move.NEW_TERM: _l("Record the election of a new council"),
    Move.ON_AGENDA: _l("Record that it is on the agenda"),
    Move.CLOSE: _l("Close"),
    Move.CORRECT: _l("Correct a text"),
    Move.REDACT: _l("Redact by order"),
}
"""What somebody may do, as links and buttons say it."""
REFERENCES: Mapping[ReferenceKind, Any] = {
    ReferenceKind.PAPER: _l("Paper"),
    ReferenceKind.MEETING: _l("Meeting"),
    ReferenceKind.RESOLUTION: _l("Resolution"),
}
"""What the council information has."""
FACTS: Mapping[str, Any] = {
    "abstained": _l("Abstentions"),
    "adds": _l("What the recommendation adds"),
    "alternatives": _l("Alternatives considered"),
    "annex": _l("Non-public annex: reference"),
    "annex_ground": _l("Non-public annex: legal ground"),
    "body": _l("Body"),
    "budget": _l("Money"),
    "changed_text": _l("Changed wording"),
    "changed_why": _l("Why it is changed"),
    "days": _l("Days"),
    "done_link": _l("Link to what is done already"),
    "duty": _l("What is extended"),
    "ends_on": _l("Planned end"),
    "evidence": _l("Evidence (link)"),
    "examination": _l("What is examined, and how"),
    "fact": _l("Text"),
    "facts": _l("Texts"),
    "financial": _l("Financial assessment"),
    "ground": _l("Ground"),
    "ground_words": _l("The ground in words"),
    "is_public": _l("The meeting was public"),
    "legal": _l("Legal assessment"),
    "letter": _l("Letter: reference"),
    "letter_on": _l("Date of the letter"),
    "link": _l("Link"),
    "measure": _l("Measure"),
    "milestone": _l("Milestone"),
    "milestones": _l("Milestones"),
    "more_evidence": _l("More evidence (links)"),
    "more_milestones": _l("Further milestones"),
    "no": _l("No votes"),
    "ordered_on": _l("Ordered on"),
    "outcome": _l("Outcome"),
    "paper": _l("Paper of the council: number and title"),
    "paper_link": _l("Link to the paper"),
    "percent": _l("Done, in percent"),
    "planned": _l("Planned cost"),
    "postponed_until": _l("Postponed until"),
    "progress": _l("What was done, and what comes next"),
    "reached": _l("Milestones that are reached by now"),
    "reason": _l("Reason"),
    "reasons": _l("Reasons"),
    "receiver": _l("Competent body"),
    "reply": _l("Reply"),
    "resolution": _l("Resolution number"),
    "result": _l("Result"),
    "running_matter": _l("Matter of running administration: rule"),
    "shows": _l("What it shows"),
    "signed_by": _l("Signed by"),
    "spent": _l("Spent until now"),
    "starts_on": _l("Planned beginning"),
    "step": _l("Step"),
    "summary": _l("Summary in plain language"),
    "term": _l("Term of the council"),
    "text": _l("New text"),
    "unit": _l("Department in charge"),
    "until": _l("To be reached by"),
    "yes": _l("Yes votes"),
}
HINTS: Mapping[str, Any] = {
    "annex": _l("Only its reference: its content is never stored here."),
    "changed_text": _l("The whole recommendation as it is accepted; everyone sees the difference."),
    "evidence": _l(
        "Needed for 100 %. Public documents among the materials are suggested, so that you can take their link."
    ),
    "milestones": _l("What is to be reached by which day. Everyone sees them, and each report says which are reached."),
    "more_milestones": _l("Only what was not planned from the beginning."),
    "planned": _l("Whole euros, such as 1,900,000."),
    "postponed_until": _l("On this day it is taken up again by itself; that is possible once."),
    "resolution": _l("May be empty only for a matter of running administration that the answer names."),
    "result": _l("Without a result, the implementation goes on and is reviewed again."),
    "running_matter": _l("If the administration decides without the council: by which rule."),
    "spent": _l("All that was spent for the measure until now, in whole euros."),
    "summary": _l("So that everyone understands it."),
}
CHOICES: Mapping[str, Mapping[str, Any]] = {
    "outcome": {str(one): text for one, text in OUTCOMES.items()},
    "result": {str(one): text for one, text in RESULTS.items()},
    "duty": {str(one): text for one, text in DUTIES.items()},
    "ground": {
        "law": _l("The law forbids it"),
        "money": _l("It cannot be paid for"),
        "other_goals": _l("Other goals stand against it"),
        "not_effective": _l("It would not achieve what it is meant to"),
        "third_parties": _l("Others would have to agree and do not"),
        "council_decision": _l("The council has decided otherwise before"),
        "other": _l("Another ground"),
    },
    "budget": {
        "in_budget": _l("In the budget"),
        "applied_for": _l("Applied for"),
        "without_cost": _l("Costs nothing"),
        "open": _l("Open"),
    },
}
"""Words for the values of choices, by the name of the fact. The ground of a redaction is written, not chosen."""


def fact_label(name: str) -> Any:
    """Return what a fact is called, or a text within a list, such as “milestones-2-milestone”."""
    listed, _, number = name.partition("-")
    if not number:
        return FACTS[listed]
    number, _, part = number.partition("-")
    return gettext("%(list)s, row %(number)s: %(part)s", list=FACTS[listed], number=number, part=FACTS[part])


def fact_words(name: str, value: Any) -> Any:
    """Return the words for the value of a fact, or the value where people wrote it."""
    return CHOICES.get(name, {}).get(value, value) if isinstance(value, str) else value


def euros(amount: int) -> str:
    """Return an amount in words."""
    return str(gettext("%(amount)s euros", amount=format_number(amount)))
