"""What must be so before a step of a case, beyond what the table of transitions says."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping

from assembly.models import CaseState, Duty, Move, Outcome
from assembly.services.errors import marked
from assembly.services.follow_up import dates, facts
from assembly.services.follow_up.courses import Course, Taken
from assembly.services.follow_up.facts import Fact
from assembly.services.follow_up.transitions import TABLE, Actor, facts_of

NOT_NOW = marked("This step is not possible now. Load the page again to see where the recommendation stands.")
LONGER_THAN_THE_RULES = marked("The rules of the follow-up do not allow to postpone to this day.")
NOT_YOURS = marked("This step is somebody else’s.")


@dataclasses.dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a step is not possible; `field` names the fact that would have to be another one."""

    text: str
    field: str | None = None


def obstacle(course: Course, step: Taken, actor: Actor, today: dt.date) -> Obstacle | None:
    """Return what stands against a step whose facts are complete, if anything does."""
    return (
        unavailable(course, step.move, actor, today)
        or _wrong_day(course, step, today)
        or _past_postponement(step, today)
        or _wrong_facts(course, step)
        or _wrong_author(course, step, actor)
    )


def unavailable(course: Course, move: Move, actor: Actor, today: dt.date) -> Obstacle | None:
    """Return why nobody in this role may take this step today, whatever it says."""
    transition = TABLE[move]
    if actor not in transition.actors:
        return Obstacle(NOT_YOURS)
    if course.state not in transition.before:
        return Obstacle(NOT_NOW)
    return _AVAILABLE[move](course, today) if move in _AVAILABLE else None


def _wrong_day(course: Course, step: Taken, today: dt.date) -> Obstacle | None:
    if not TABLE[step.move].is_dated:
        return None if step.on == today else Obstacle(NOT_NOW)
    if step.on > today:
        return Obstacle(marked("This day is in the future."), "taken_on")
    if step.on < (course.changed_on or course.handed_over):
        return Obstacle(marked("This day is before the step that precedes it."), "taken_on")
    return None


def _wrong_facts(course: Course, step: Taken) -> Obstacle | None:
    return _POSSIBLE[step.move](course, step) if step.move in _POSSIBLE else None


def _past_postponement(step: Taken, today: dt.date) -> Obstacle | None:
    until = step.facts.get("postponed_until", "9999-12-31")
    return Obstacle(LONGER_THAN_THE_RULES, "postponed_until") if until <= today.isoformat() else None


def _wrong_author(course: Course, step: Taken, actor: Actor) -> Obstacle | None:
    """Let the group correct what the group wrote, and the administration what the administration wrote."""
    corrected = _step(course, step.facts["step"]) if step.move is Move.CORRECT else None
    return Obstacle(NOT_YOURS, "step") if corrected is not None and actor not in TABLE[corrected.move].actors else None


def _may_extend(course: Course, today: dt.date) -> Obstacle | None:
    if course.decided is not None:
        return Obstacle(NOT_NOW)
    if course.extension is not None:
        return Obstacle(marked("The one extension before the decision is used up."))
    if not any(one.due >= today for one in course.open if one.duty in dates.BEFORE_DECISION):
        return Obstacle(marked("What is overdue is no longer extended."))
    return None


def _may_ask_better(course: Course, _today: dt.date) -> Obstacle | None:
    if course.is_better_asked:
        return Obstacle(marked("A better answer was asked for already; that is possible once."))
    return None


def _may_implement(course: Course, _today: dt.date) -> Obstacle | None:
    return None if course.decided in {Outcome.ACCEPTED, Outcome.WITH_CHANGES} else Obstacle(NOT_NOW)


def _may_forward(course: Course, _today: dt.date) -> Obstacle | None:
    return None if course.decided is Outcome.NOT_COMPETENT else Obstacle(NOT_NOW)


def _may_send_back(course: Course, today: dt.date) -> Obstacle | None:
    """Let members call an implementation stalled once a report or the review is overdue."""
    if any(one.is_overdue(today) for one in course.open if one.duty in REPORTED):
        return None
    return Obstacle(
        marked("Nothing is overdue: a report or the review has to be, for the implementation to be stalled.")
    )


REPORTED = frozenset({Duty.FIRST_REPORT, Duty.REPORT, Duty.REVIEW})


def _may_resume(course: Course, today: dt.date) -> Obstacle | None:
    due = course.due(Duty.RESUME)
    return None if due is not None and due <= today else Obstacle(NOT_NOW)


def _may_close(course: Course, _today: dt.date) -> Obstacle | None:
    if course.state is CaseState.DECIDED and course.decided not in {Outcome.REJECTED, Outcome.ALREADY_DONE}:
        return Obstacle(NOT_NOW)
    if course.open:
        return Obstacle(marked("Something is still owed here. It has to be there before this is closed."))
    return None


def _owed(duty: Duty) -> Callable[[Course, dt.date], Obstacle | None]:
    return lambda course, _today: None if course.due(duty) is not None else Obstacle(NOT_NOW)


_AVAILABLE: Mapping[Move, Callable[[Course, dt.date], Obstacle | None]] = {
    Move.EXTEND: _may_extend,
    Move.ASK_BETTER: _may_ask_better,
    Move.MINUTES: _owed(Duty.MINUTES),
    Move.SEND_BACK: _may_send_back,
    Move.IMPLEMENT: _may_implement,
    Move.FORWARD: _may_forward,
    Move.FORWARDED_REPLY: _owed(Duty.FORWARDED_REPLY),
    Move.RESUME: _may_resume,
    Move.ON_AGENDA: _owed(Duty.AGENDA),
    Move.CLOSE: _may_close,
}


def _extension(course: Course, step: Taken) -> Obstacle | None:
    due, days = course.due(Duty(step.facts["duty"])), step.facts["days"]
    if due is None or due < step.on:
        return Obstacle(marked("This is not owed any more, or it is overdue already."), "duty")
    if not 1 <= days <= course.rules.longest_extension:
        return Obstacle(marked("The rules of the follow-up do not allow so long an extension."), "days")
    return None


def _answer(course: Course, step: Taken) -> Obstacle | None:
    if ("annex" in step.facts) != ("annex_ground" in step.facts):
        field = "annex_ground" if "annex" in step.facts else "annex"
        return Obstacle(marked("A non-public annex needs its reference and the legal ground."), field)
    if step.facts.get("starts_on", "") > step.facts.get("ends_on", "9999"):
        return Obstacle(marked("The end is before the beginning."), "ends_on")
    return _outcome(course, step)


def _outcome(course: Course, step: Taken) -> Obstacle | None:
    outcome = Outcome(step.facts["outcome"])
    if outcome is Outcome.POSTPONED:
        if course.postponed_until is not None:
            return Obstacle(marked("This recommendation was postponed already; that is possible once."), "outcome")
        until = dt.date.fromisoformat(step.facts["postponed_until"])
        if not step.on < until <= course.rules.postponed.after(step.on):
            return Obstacle(LONGER_THAN_THE_RULES, "postponed_until")
    if outcome is Outcome.TO_BE_EXAMINED and course.is_examined:
        return Obstacle(marked("This recommendation was examined already; that is possible once."), "outcome")
    return None


def _decision(course: Course, step: Taken) -> Obstacle | None:
    """Only what the answer names as a matter of running administration, with its rule, is decided without the body."""
    if "resolution" not in step.facts:
        if not course.running_matter:
            return Obstacle(marked("Name the resolution by which the body decided."), "resolution")
        if Outcome(step.facts["outcome"]) is not course.answered:
            return Obstacle(marked("Without the body, the decision is what the answer says."), "outcome")
    elif not {"yes", "no", "abstained"} <= step.facts.keys():
        missing = next(name for name in ("yes", "no", "abstained") if name not in step.facts)
        return Obstacle(marked("Enter how the body voted."), missing)
    return _outcome(course, step)


def _measure(_course: Course, step: Taken) -> Obstacle | None:
    if step.facts["starts_on"] > step.facts["ends_on"]:
        return Obstacle(marked("The end is before the beginning."), "ends_on")
    if step.facts["budget"] == facts.WITHOUT_COST and step.facts.get("planned"):
        return Obstacle(marked("What costs nothing has no planned cost: say above where the money is from."), "planned")
    return None


def _report(course: Course, step: Taken) -> Obstacle | None:
    if step.facts["percent"] > 100:
        return Obstacle(marked("Enter a number from 0 to 100."), "percent")
    if not set(step.facts.get("reached", ())) <= set(range(1, len(course.milestones) + 1)):
        return Obstacle(marked("The measure has no milestone with this number."), "reached")
    if step.facts["percent"] == 100 and not {"evidence", "more_evidence"} & step.facts.keys():
        return Obstacle(marked("What is done to 100 % needs evidence: a link to it."), "evidence")
    return None


def _closing(course: Course, step: Taken) -> Obstacle | None:
    """Keep open what is rejected or done already until the members had time to reply."""
    decided = course.decided_on if course.state is CaseState.DECIDED else None
    if decided is not None and step.on <= course.rules.members_reply.after(decided):
        return Obstacle(marked("The members still have time to reply."), "taken_on")
    return None


STATEMENTS = frozenset({Move.ANSWER, Move.DECIDE, Move.FORWARDED_REPLY})
"""What members may reply to, once each."""


def _reply(course: Course, step: Taken) -> Obstacle | None:
    said = _step(course, step.facts["step"])
    if said is None or said.move not in STATEMENTS:
        return Obstacle(marked("There is no answer or decision with this number."), "step")
    replied = {one.facts["step"] for one in course.steps if one.move is Move.REPLY}
    if said.number in replied:
        return Obstacle(marked("There is a reply to this already. Correct it instead."), "step")
    return None


def _correction(course: Course, step: Taken) -> Obstacle | None:
    said = _step(course, step.facts["step"])
    if said is None or said.move in {Move.CORRECT, Move.REDACT}:
        return Obstacle(marked("There is no step with this number that could be corrected."), "step")
    if step.facts["fact"] not in texts_of(said):
        return Obstacle(marked("Only texts are corrected: not outcomes, days or numbers."), "fact")
    wrong = facts.complaint(written_in(said)[step.facts["fact"]], step.facts["text"])
    return Obstacle(wrong, "text") if wrong else None


def _redaction(course: Course, step: Taken) -> Obstacle | None:
    said = _step(course, step.facts["step"])
    if said is None or said.move is Move.REDACT:
        return Obstacle(marked("There is no step with this number that could be redacted."), "step")
    if not set(step.facts["facts"]) <= texts_of(said):
        return Obstacle(marked("Only texts are redacted: not outcomes, days or numbers."), "facts")
    if dt.date.fromisoformat(step.facts["ordered_on"]) > step.on:
        return Obstacle(marked("This day is in the future."), "ordered_on")
    return None


def texts_of(step: Taken) -> set[str]:
    """Return the names of what people wrote in a step."""
    return set(written_in(step))


def written_in(step: Taken) -> dict[str, Fact]:
    """Return what people wrote in a step, by name: also the texts within lists."""
    there = (fact for fact in facts_of(step.move, step.facts) if fact.name in step.facts)
    return {name: part for fact in there for name, part in facts.texts_in(fact, step.facts[fact.name]).items()}


def _step(course: Course, number: int) -> Taken | None:
    return next((one for one in course.steps if one.number == number), None)


_POSSIBLE: Mapping[Move, Callable[[Course, Taken], Obstacle | None]] = {
    Move.EXTEND: _extension,
    Move.ANSWER: _answer,
    Move.DECIDE: _decision,
    Move.IMPLEMENT: _measure,
    Move.REPORT: _report,
    Move.CLOSE: _closing,
    Move.REPLY: _reply,
    Move.CORRECT: _correction,
    Move.REDACT: _redaction,
}
