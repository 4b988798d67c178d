"""The one door of the follow-up: a case is opened by a handover, and every step in it is taken here.

A step and its entry in the log are written in one transaction. The log has what is no text of anybody's: the step, its
day, and the hash of what it says.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import rfc8785
import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from assembly.clock import now
from assembly.models import (
    Addressee,
    AnswerFile,
    Assembly,
    Case,
    CaseState,
    CaseStep,
    Draft,
    GroupProposal,
    Handover,
    Move,
    Outcome,
    Recommendation,
    User,
)
from assembly.services import freezing, logbook
from assembly.services.daily import today
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.follow_up import facts, searching
from assembly.services.follow_up.conditions import obstacle, unavailable
from assembly.services.follow_up.courses import Course, Taken, course_of, take
from assembly.services.follow_up.transitions import TABLE, Actor, facts_of

DOMAIN = b"assembly/case-step/1"


def open_case(
    session: Session, recommendation: Recommendation, addressee: Addressee, handover: Handover, *, by: User
) -> Case:
    """Open the case of a recommendation that was handed over to an addressee; from now on it is owed what rules say."""
    case = Case(assembly_id=handover.assembly_id, recommendation=recommendation, addressee=addressee, handover=handover)
    _note(case, course_of_case(case))
    case.search = searching.index_of(case)
    session.add(case)
    session.flush()
    assembly = session.get_one(Assembly, case.assembly_id)
    details = {"recommendation": recommendation.number, "addressee": addressee.number}
    logbook.record(session, assembly, "case_opened", by=by, subject=subject_of(case), details=details)
    return case


def move(
    session: Session,
    case: Case,
    kind: Move,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    by: User | None,
    taken_on: dt.date | None = None,
) -> CaseStep:
    """Take a step. `taken_on` is the day on which it happened, for steps that have one; others happen today.

    Raises RuleError, with the field, for what the step lacks, ConflictError if it is not possible now or not for them.
    """
    freezing.lock_pool(session, case.assembly_id)
    session.expire(case)
    course, step = checked_step(case, kind, values, actor=actor, taken_on=taken_on)
    take(course, step)
    _note(case, course)
    return _record(session, case, step, by=by)


def checked_step(
    case: Case, kind: Move, values: Mapping[str, Any], *, actor: Actor, taken_on: dt.date | None = None
) -> tuple[Course, Taken]:
    """Return the course of a case and the step that could be taken now. Raises as `move`, which takes it."""
    course = course_of_case(case)
    if closed := unavailable(course, kind, actor, today()):
        raise ConflictError(closed.text)
    said = facts.checked(facts_of(kind, values), values)
    day = taken_on if TABLE[kind].is_dated and taken_on is not None else today()
    step = Taken(len(course.steps) + 1, kind, day, said)
    if found := obstacle(course, step, actor, today()):
        raise RuleError(found.text, field=found.field) if found.field else ConflictError(found.text)
    return course, step


def get_case(session: Session, assembly: Assembly, case_id: int) -> Case:
    """Return a case of an assembly with all that its course needs. Raises NotFoundError."""
    case = session.scalar(_loaded(sa.select(Case).where(Case.id == case_id, Case.assembly_id == assembly.id)))
    if case is None:
        raise NotFoundError
    return case


def cases_of(session: Session, assembly: Assembly, *conditions: sa.ColumnElement[bool]) -> Sequence[Case]:
    """Return the cases of an assembly with all that their courses need, by recommendation and addressee."""
    of_it = sa.select(Case).where(Case.assembly_id == assembly.id, *conditions)
    found = of_it.join(Case.recommendation).join(Case.addressee)
    return session.scalars(_loaded(found.order_by(Recommendation.number, Addressee.number))).all()


def cases_about(session: Session, assembly: Assembly, number: int) -> Sequence[Case]:
    """Return the cases of the recommendation with this number, by addressee, with all that their courses need."""
    return cases_of(session, assembly, Recommendation.number == number)


def course_of_case(case: Case, until: dt.datetime | None = None) -> Course:
    """Return the course of a case, computed from its steps, or from those that were recorded until a moment."""
    rules = case.addressee.rules
    steps = [Taken(one.number, one.move, one.taken_on, one.facts) for one in steps_of(case, until)]
    return course_of(rules, case.handover.handed_over_on, rules.state, steps)


def steps_of(case: Case, until: dt.datetime | None = None) -> list[CaseStep]:
    """Return the steps of a case in their order, or those that were recorded until a moment."""
    return [one for one in case.steps if until is None or one.recorded_at <= until]


def possible_moves(course: Course, actor: Actor) -> list[Move]:
    """Return the steps that somebody in a role may take today, in the order of the table."""
    return [kind for kind in TABLE if unavailable(course, kind, actor, today()) is None]


def assemblies_with_postponed(session: Session) -> list[int]:
    """Return the numbers of the assemblies in which something is postponed."""
    return list(session.scalars(sa.select(Case.assembly_id).where(*_POSTPONED).distinct().order_by(Case.assembly_id)))


def resume_due(session: Session, assembly: Assembly) -> int:
    """Take up what was postponed until today or earlier, whatever else is still owed; return how many cases."""
    found = session.scalars(_loaded(sa.select(Case).where(Case.assembly_id == assembly.id, *_POSTPONED))).all()
    due = [case for case in found if Move.RESUME in possible_moves(course_of_case(case), Actor.APPLICATION)]
    for case in due:
        move(session, case, Move.RESUME, {}, actor=Actor.APPLICATION, by=None)
    return len(due)


_POSTPONED = (Case.state == CaseState.DECIDED, Case.decided == Outcome.POSTPONED)


def digest_of(case: Case, step: Taken, salt: str) -> str:
    """Return the hash of a step, as the log has it: of its salt, and of what it says in RFC 8785’s canonical form."""
    content = {
        "case": case.id,
        "number": step.number,
        "move": step.move.value,
        "taken_on": step.on.isoformat(),
        "facts": dict(step.facts),
    }
    return hashlib.sha256(DOMAIN + bytes.fromhex(salt) + rfc8785.dumps(content)).hexdigest()


def _record(session: Session, case: Case, step: Taken, *, by: User | None) -> CaseStep:
    salt = secrets.token_hex(32)
    row = CaseStep(
        number=step.number,
        move=step.move,
        taken_on=step.on,
        recorded_at=now(),
        recorded_by_id=by.id if by else None,
        facts=dict(step.facts),
        salt=salt,
        digest=digest_of(case, step, salt),
    )
    case.steps.append(row)
    if step.move is Move.REDACT:
        _redact(session, case, step.facts["step"], step.facts["facts"])
        _note(case, course_of_case(case))  # what is gone from the steps must not stay in what cases are found by
    case.search = searching.index_of(case)
    session.flush()
    details = {"step": step.number, "move": step.move.value, "on": step.on.isoformat(), "digest": row.digest}
    assembly = session.get_one(Assembly, case.assembly_id)
    logbook.record(session, assembly, "case_step", by=by, subject=subject_of(case), details=details)
    return row


def _redact(session: Session, case: Case, number: int, names: Collection[str]) -> None:
    """Take texts away from a step, and from the corrections of it; without the salt nobody can guess at them.

    They go from the drafts they came from, too, of a department or of the members' group.
    """
    _redact_drafts(session, case, number, names)
    for row in case.steps:
        of_it = row.move is Move.CORRECT and row.facts["step"] == number and row.facts["fact"] in names
        gone = set(names) if row.number == number else {"text", "reason"} if of_it else set()
        if gone:
            row.facts = facts.without(row.facts, gone)
            row.redacted = sorted({*row.redacted, *gone})
            row.salt = ""


def _redact_drafts(session: Session, case: Case, number: int, names: Collection[str]) -> None:
    """Take texts away from all drafts that say them, and from files with answers that wait to be taken over.

    From the drafts of the step itself go all their versions of these texts, with the comments on them: in an earlier
    version a list may have had another order, so that nothing of it stays.
    """
    [said] = [row.facts for row in case.steps if row.number == number]
    gone = {*facts.strings_in(said)} - {*facts.strings_in(facts.without(said, names))}
    whole = {name.partition("-")[0] for name in names}
    for draft in session.scalars(sa.select(Draft).where(Draft.case_id == case.id)).all():
        for version in draft.versions:
            saying = {name for name, value in version.facts.items() if gone.intersection(facts.strings_in(value))}
            version.facts = facts.without(version.facts, saying | whole if draft.step == number else saying)
        for note in draft.notes if draft.step == number else ():
            note.text = ""
    for proposal in session.scalars(sa.select(GroupProposal).where(GroupProposal.case_id == case.id)):
        if proposal.text in gone:
            proposal.text = ""
    session.execute(sa.delete(AnswerFile).where(AnswerFile.assembly_id == case.assembly_id))


def _note(case: Case, course: Course) -> None:
    """Keep what cases are found and counted by."""
    case.state, case.unit, case.result = course.state, course.unit, course.result
    case.answered, case.answered_on = course.answered, course.answered_on
    case.decided, case.decided_on, case.closed_on = course.decided, course.decided_on, course.closed_on
    first = next(iter(course.open), None)
    case.duty, case.due_on = (first.duty, first.due) if first else (None, None)
    ended = [one for one in course.owed if one.ended_on is not None]
    case.late = sum(one.is_overdue(one.due) for one in ended)  # also if it fell away once it was overdue
    case.in_time = sum(one.is_kept and not one.is_overdue(one.due) for one in ended)
    case.open_days = [one.due.isoformat() for one in course.open]


WITH_COURSE = (
    selectinload(Case.steps),
    selectinload(Case.addressee).selectinload(Addressee.rules),
    selectinload(Case.recommendation).selectinload(Recommendation.redactions),
    selectinload(Case.handover),
)
"""Loads with cases what their courses need."""


def _loaded(statement: sa.Select[Case]) -> sa.Select[Case]:
    return statement.options(*WITH_COURSE)


def subject_of(case: Case) -> str:
    """Return what the log calls a case."""
    return f"case:{case.id}"
