"""The course of a case: what its steps have led to, what was owed when, and what is owed now. Nothing of it is stored.

A pure function of the rules, the day of the handover, and the steps: whoever has these finds the same dates.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from assembly.models import CaseState, Duty, FollowUpRules, Move, Outcome, Result
from assembly.periods import Period
from assembly.services.follow_up import dates
from assembly.services.follow_up.facts import MILESTONES, MORE_MILESTONES, Fact
from assembly.services.follow_up.transitions import TABLE
from assembly.services.working_days import working_day_from

BY_ITSELF = frozenset({Duty.RESUME})
"""What the application does on its day, so that nobody is reminded of it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken: the day on which it happened, and what it says."""

    number: int
    move: Move
    on: dt.date
    facts: Mapping[str, Any]


@dataclasses.dataclass(slots=True)
class Owed:
    """A duty: since when it is owed, until when, and when it ended; `is_kept` if by being done, not by falling away.

    `counted` is the day on which its period ends, `due` that day or the next working day.
    """

    duty: Duty
    since: dt.date
    counted: dt.date
    due: dt.date
    ended_on: dt.date | None = None
    is_kept: bool = False

    def is_overdue(self, today: dt.date) -> bool:
        """Whether it is, or was, done later than it should have been."""
        return (self.ended_on or today) > self.due


@dataclasses.dataclass(slots=True)
class Milestone:
    """What is to be reached until a day; `step`, `fact` and `entry` say where its text stands.

    `reached_on` is the day of the report that says so, and of those after it without a break.
    """

    step: int
    fact: str
    entry: int
    until: dt.date
    reached_on: dt.date | None = None

    def is_overdue(self, today: dt.date) -> bool:
        """Whether it is, or was, reached later than it should have been."""
        return (self.reached_on or today) > self.until


@dataclasses.dataclass(slots=True)
class Course:
    """Where a case stands. `owed` has all duties there ever were, in the order in which they began."""

    rules: FollowUpRules
    handed_over: dt.date
    land: str
    state: CaseState = CaseState.HANDED_OVER
    unit: str = ""
    answered: Outcome | None = None
    decided: Outcome | None = None
    result: Result | None = None
    answered_on: dt.date | None = None
    decided_on: dt.date | None = None
    closed_on: dt.date | None = None
    changed_on: dt.date | None = None
    """The day of the last step that changed the state."""
    running_matter: str = ""
    """The rule by which the administration decides without the council, if the answer names one."""
    extension: dates.Extension | None = None
    is_better_asked: bool = False
    postponed_until: dt.date | None = None
    is_examined: bool = False
    planned: int | None = None
    """What the measure is to cost, in euros."""
    spent: int | None = None
    percent: int | None = None
    """How far the measure is by the last report."""
    milestones: list[Milestone] = dataclasses.field(default_factory=list)
    """Those of the measure that is carried out now; the first has the number 1."""
    owed: list[Owed] = dataclasses.field(default_factory=list)
    steps: list[Taken] = dataclasses.field(default_factory=list)

    @property
    def open(self) -> list[Owed]:
        """What is owed now, what is due first first."""
        order = list(Duty)
        return sorted((one for one in self.owed if one.ended_on is None), key=lambda o: (o.due, order.index(o.duty)))

    def due(self, duty: Duty) -> dt.date | None:
        """Return until when something is owed now, if it is."""
        return next((one.due for one in self.owed if one.duty is duty and one.ended_on is None), None)

    def begin(self, duty: Duty, since: dt.date, counted: dt.date) -> None:
        """Let something be owed from a day on, for a period that ends on the day `counted`."""
        self.owed.append(Owed(duty, since, counted, working_day_from(counted, self.land)))

    def end(self, *duties: Duty, on: dt.date, kept: bool = True) -> None:
        """Let duties end, because they are done or, if not `kept`, because they fall away."""
        for one in self.owed:
            if one.duty in duties and one.ended_on is None:
                one.ended_on, one.is_kept = on, kept


def course_of(rules: FollowUpRules, handed_over: dt.date, land: str, steps: Iterable[Taken]) -> Course:
    """Return the course of a case; `land` says by two letters which public holidays move what is due."""
    course = Course(rules, handed_over, land)
    course.begin(Duty.ASSIGN, handed_over, rules.assigned.after(handed_over))
    _begin_round(course, handed_over, rules.answered.after(handed_over))
    for step in steps:
        take(course, step)
    return course


def take(course: Course, step: Taken) -> None:
    """Let a step be taken that was checked."""
    after = TABLE[step.move].after
    if after:
        course.state, course.changed_on = after[0], step.on
    if step.move in _EFFECTS:
        _EFFECTS[step.move](course, step)
    course.steps.append(step)


def _assign(course: Course, step: Taken) -> None:
    course.unit = step.facts.get("unit", "")
    course.end(Duty.ASSIGN, on=step.on)


def _extend(course: Course, step: Taken) -> None:
    """Move one duty, and those after it; rules about working days hold for the new days, too."""
    course.extension = dates.Extension(Duty(step.facts["duty"]), step.facts["days"])
    order = dates.BEFORE_DECISION
    moved = order[order.index(course.extension.duty) :]
    for one in course.owed:
        if one.ended_on is None and one.duty in moved:
            one.counted += dt.timedelta(days=course.extension.days)
            one.due = working_day_from(one.counted, course.land)


def _answer(course: Course, step: Taken) -> None:
    course.answered, course.answered_on = Outcome(step.facts["outcome"]), step.on
    course.running_matter = step.facts.get("running_matter", "")
    course.end(Duty.ANSWER, on=step.on)


def _ask_better(course: Course, step: Taken) -> None:
    course.is_better_asked = True
    course.begin(Duty.ANSWER, step.on, course.rules.better_answer.after(step.on))


def _debate(course: Course, step: Taken) -> None:
    course.end(Duty.DEBATE, Duty.AGENDA, on=step.on)
    course.begin(Duty.MINUTES, step.on, course.rules.minutes.after(step.on))


def _minutes(course: Course, step: Taken) -> None:
    """Take them as those of the first debate that lacks them."""
    first = next(one for one in course.owed if one.duty is Duty.MINUTES and one.ended_on is None)
    first.ended_on, first.is_kept = step.on, True


def _decide(course: Course, step: Taken) -> None:
    course.decided, course.decided_on = Outcome(step.facts["outcome"]), step.on
    course.end(Duty.DECIDE, Duty.AGENDA, on=step.on)
    match course.decided:
        case Outcome.ACCEPTED | Outcome.WITH_CHANGES:
            course.begin(Duty.FIRST_REPORT, step.on, course.rules.first_report.after(step.on))
            course.begin(Duty.REVIEW, step.on, course.rules.review.after(step.on))
        case Outcome.NOT_COMPETENT:
            course.begin(Duty.FORWARD, step.on, course.rules.assigned.after(step.on))
        case Outcome.POSTPONED:
            course.postponed_until = dt.date.fromisoformat(step.facts["postponed_until"])
            course.begin(Duty.RESUME, step.on, course.postponed_until)
        case Outcome.TO_BE_EXAMINED:
            course.is_examined, course.state = True, CaseState.UNDER_REVIEW
            _begin_round(course, step.on, course.rules.examined.after(step.on))


def _resume(course: Course, step: Taken) -> None:
    """Start the clock of a postponed recommendation again: on its day, even if the application was down on it."""
    begun = course.postponed_until or step.on
    course.end(Duty.RESUME, on=begun)
    _begin_round(course, begun, course.rules.answered.after(begun))


def _begin_round(course: Course, since: dt.date, answered: dt.date) -> None:
    """Let answer, debate and decision be owed, as far apart as after the handover, whenever the answer is due."""
    rules = course.rules
    first = rules.answered.after(course.handed_over)
    for duty, period in ((Duty.ANSWER, rules.answered), (Duty.DEBATE, rules.debated), (Duty.DECIDE, rules.decided)):
        apart = period.after(course.handed_over) - first
        course.begin(duty, since, answered + apart)


def _implement(course: Course, step: Taken) -> None:
    """Begin the measure; one that was begun before, and sent back, is over."""
    course.planned, course.spent, course.percent = step.facts.get("planned"), None, None
    course.milestones = _milestones(step, MILESTONES)


def _milestones(step: Taken, fact: Fact) -> list[Milestone]:
    entries = enumerate(step.facts.get(fact.name, ()), start=1)
    return [
        Milestone(step.number, fact.name, number, dt.date.fromisoformat(entry["until"])) for number, entry in entries
    ]


def _report(course: Course, step: Taken) -> None:
    course.percent, course.spent = step.facts["percent"], step.facts.get("spent", course.spent)
    if "reached" in step.facts:
        for number, one in enumerate(course.milestones, start=1):
            one.reached_on = (one.reached_on or step.on) if number in step.facts["reached"] else None
    course.milestones += _milestones(step, MORE_MILESTONES)
    course.end(Duty.FIRST_REPORT, Duty.REPORT, on=step.on)
    course.begin(Duty.REPORT, step.on, course.rules.report.after(step.on))


def _review(course: Course, step: Taken) -> None:
    """End the implementation with the result, if the review sets one; else let it go on, to be reviewed again."""
    course.end(Duty.REVIEW, on=step.on)
    if "result" in step.facts:
        course.result = Result(step.facts["result"])
        course.end(Duty.FIRST_REPORT, Duty.REPORT, on=step.on, kept=False)
    else:
        course.state = CaseState.IN_IMPLEMENTATION
        course.begin(Duty.REVIEW, step.on, course.rules.review.after(step.on))


def _send_back(course: Course, step: Taken) -> None:
    course.end(Duty.FIRST_REPORT, Duty.REPORT, Duty.REVIEW, on=step.on, kept=False)
    course.begin(Duty.DECIDE, step.on, _later(step.on, course.rules.debated, course.rules.decided))


def _forward(course: Course, step: Taken) -> None:
    course.end(Duty.FORWARD, on=step.on)
    course.begin(Duty.FORWARDED_REPLY, step.on, course.rules.forwarded.after(step.on))


def _new_term(course: Course, step: Taken) -> None:
    if course.due(Duty.AGENDA) is None:
        course.begin(Duty.AGENDA, step.on, _later(step.on, course.rules.answered, course.rules.debated))


def _correct(course: Course, step: Taken) -> None:
    """Follow a corrected department, by which cases are found; if the correction was redacted, there is none."""
    corrected = next(one for one in course.steps if one.number == step.facts["step"])
    if corrected.move is Move.ASSIGN:
        course.unit = step.facts.get("text", "")


def _close(course: Course, step: Taken) -> None:
    course.closed_on = step.on


_EFFECTS: Mapping[Move, Callable[[Course, Taken], None]] = {
    Move.ASSIGN: _assign,
    Move.EXTEND: _extend,
    Move.ANSWER: _answer,
    Move.ASK_BETTER: _ask_better,
    Move.DEBATE: _debate,
    Move.MINUTES: _minutes,
    Move.DECIDE: _decide,
    Move.IMPLEMENT: _implement,
    Move.REPORT: _report,
    Move.REVIEW: _review,
    Move.SEND_BACK: _send_back,
    Move.FORWARD: _forward,
    Move.FORWARDED_REPLY: lambda course, step: course.end(Duty.FORWARDED_REPLY, on=step.on),
    Move.RESUME: _resume,
    Move.NEW_TERM: _new_term,
    Move.ON_AGENDA: lambda course, step: course.end(Duty.AGENDA, on=step.on),
    Move.CLOSE: _close,
    Move.CORRECT: _correct,
}


def _later(day: dt.date, earlier: Period, later: Period) -> dt.date:
    """Return the day that is as long after `day` as two steps are apart after a handover on it."""
    return day + (later.after(day) - earlier.after(day))
