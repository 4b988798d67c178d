"""Drafts of what departments publish: written in versions, submitted, sent back or approved.

Nothing of a draft is public, and nothing that it says enters the log. Approval publishes it through the one door of
cases, which checks all that it has to say and all conditions.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from assembly.clock import now
from assembly.models import (
    Assembly,
    Case,
    CaseState,
    Draft,
    DraftDeed,
    DraftNote,
    DraftState,
    DraftVersion,
    Move,
    Unit,
    UnitMember,
    User,
)
from assembly.services import freezing, logbook
from assembly.services.daily import today
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.follow_up import cases, facts
from assembly.services.follow_up.conditions import unavailable
from assembly.services.follow_up.facts import Fact
from assembly.services.follow_up.transitions import Actor, facts_of

DRAFTED = (Move.ANSWER, Move.IMPLEMENT, Move.REPORT)
"""What departments publish, after approval."""


def find(session: Session, case: Case, kind: Move) -> Draft | None:
    """Return the newest draft of a step in a case, with its versions and notes, if there is one."""
    return session.scalar(
        sa.select(Draft)
        .where(Draft.case_id == case.id, Draft.move == kind)
        .options(selectinload(Draft.versions), selectinload(Draft.notes))
        .order_by(Draft.id.desc())
        .limit(1)
    )


def get(session: Session, case: Case, kind: Move) -> Draft:
    """Return the newest draft of a step in a case. Raises NotFoundError."""
    draft = find(session, case, kind)
    if draft is None:
        raise NotFoundError
    return draft


def can_begin(case: Case, kind: Move) -> bool:
    """Whether a draft of a step makes sense now; that of an answer lets the review begin."""
    if kind is Move.ANSWER and case.state is CaseState.ASSIGNED:
        return True
    return unavailable(cases.course_of_case(case), kind, Actor.UNIT, today()) is None


def open_in(session: Session, case: Case) -> Sequence[Draft]:
    """Return the drafts in a case that are not published."""
    found = sa.select(Draft).where(Draft.case_id == case.id, Draft.state != DraftState.PUBLISHED)
    return session.scalars(found.order_by(Draft.id)).all()


def waiting(session: Session) -> Sequence[Draft]:
    """Return the drafts that wait for approval, those whose case is due first first."""
    return session.scalars(
        sa.select(Draft)
        .join(Draft.case)
        .where(Draft.state == DraftState.SUBMITTED)
        .options(selectinload(Draft.case).selectinload(Case.recommendation))
        .order_by(Case.due_on, Draft.id)
    ).all()


def save(session: Session, case: Case, kind: Move, values: Mapping[str, Any], *, base: int, by: User) -> Draft:
    """Save a version, the first of a new draft if there is no open one. Things may be missing, but what is there fits.

    `base` is the number of the version that it goes on from, 0 for a new draft. Raises RuleError, with the field,
    for what cannot be; ConflictError if somebody saved another version meanwhile, or the draft is submitted.
    """
    freezing.lock_pool(session, case.assembly_id)
    session.expire(case)
    draft = find(session, case, kind)
    if draft is not None:
        session.refresh(draft, ["state", "versions"])  # what somebody did until the lock was ours
    if draft is None or draft.state is DraftState.PUBLISHED:
        draft = _begin(session, case, kind, by=by)
    elif draft.state is DraftState.SUBMITTED:
        raise ConflictError(marked("This draft waits for approval. It can be changed once it is sent back."))
    if base != len(draft.versions):
        raise ConflictError(
            marked("Somebody saved another version meanwhile. Open it in a second window, and bring both together.")
        )
    said = facts.checked(optional(facts_of(kind, values)), values)
    draft.versions.append(DraftVersion(number=base + 1, facts=said, saved_at=now(), saved_by_id=by.id))
    session.flush()
    return draft


def comment(session: Session, draft: Draft, text: str, *, by: User) -> None:
    """Comment on the newest version. Raises RuleError without words."""
    _note(session, draft, DraftDeed.COMMENTED, _words(text), by=by)


def submit(session: Session, draft: Draft, *, version: int | None = None, by: User) -> None:
    """Submit a draft for approval, if it could be published as it is. `version` is the one that was read.

    Raises RuleError, with the field, for what is missing, ConflictError if it cannot be published now, or there is a
    newer version; so do the next two.
    """
    _lock(session, draft, DraftState.DRAFTING, version)
    if not _has_approver(session):
        raise RuleError(marked("Nobody approves drafts yet. The council office has to enter the mayor’s office."))
    _require_current(draft)
    cases.checked_step(draft.case, draft.move, said_in(draft), actor=Actor.UNIT)
    draft.state, draft.submitted_by_id = DraftState.SUBMITTED, by.id
    _sign(session, draft, DraftDeed.SUBMITTED, "", by=by)


def send_back(session: Session, draft: Draft, text: str, *, version: int | None = None, by: User) -> None:
    """Send a submitted draft back, with what is missing. Raises RuleError without words."""
    _lock(session, draft, DraftState.SUBMITTED, version)
    words = _words(text)
    draft.state = DraftState.DRAFTING
    _sign(session, draft, DraftDeed.SENT_BACK, words, by=by)


def approve(session: Session, draft: Draft, *, version: int | None = None, by: User) -> None:
    """Approve a submitted draft: that publishes it.

    Raises ConflictError if the same account submitted it, or if it cannot be published now; RuleError for what its
    case forbids.
    """
    _lock(session, draft, DraftState.SUBMITTED, version)
    if draft.submitted_by_id == by.id:
        raise ConflictError(marked("Somebody else has to approve what you submitted."))
    _require_current(draft)
    step = cases.move(session, draft.case, draft.move, said_in(draft), actor=Actor.UNIT, by=by)
    draft.state, draft.step = DraftState.PUBLISHED, step.number
    _sign(session, draft, DraftDeed.APPROVED, "", by=by)


def said_in(draft: Draft) -> dict[str, Any]:
    """Return what the newest version of a draft says, as a form has it. Raises NotFoundError."""
    said = facts_in(draft, len(draft.versions))
    which = {fact.name: fact for fact in facts_of(draft.move, said)}
    return {name: facts.read(which[name], value) for name, value in said.items()}


def facts_in(draft: Draft, number: int) -> dict[str, Any]:
    """Return what a version of a draft says, as it is kept. Raises NotFoundError."""
    found = next((one for one in draft.versions if one.number == number), None)
    if found is None:
        raise NotFoundError
    return dict(found.facts)


def optional(which: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return facts of which none is required, as in a draft."""
    return tuple(dataclasses.replace(fact, is_required=False, parts=optional(fact.parts)) for fact in which)


def _begin(session: Session, case: Case, kind: Move, *, by: User) -> Draft:
    if kind not in DRAFTED or not can_begin(case, kind):
        raise ConflictError(marked("This step is not possible now, so no draft of it is begun."))
    if case.state is CaseState.ASSIGNED:
        cases.move(session, case, Move.BEGIN_REVIEW, {}, actor=Actor.UNIT, by=by)
    draft = Draft(case=case, move=kind, state=DraftState.DRAFTING)
    session.add(draft)
    session.flush()
    return draft


def _lock(session: Session, draft: Draft, state: DraftState, version: int | None) -> None:
    """Let others wait, and look where the draft is by now. Raises ConflictError if it is elsewhere, or was changed."""
    freezing.lock_pool(session, draft.case.assembly_id)
    session.expire(draft)
    session.expire(draft.case)
    if draft.state is not state or version not in {None, len(draft.versions)}:
        raise ConflictError(marked("The draft has moved on meanwhile. Load the page again."))


def _require_current(draft: Draft) -> None:
    """Raise ConflictError if a report says more by now than was known when the newest version was saved.

    What a report says of milestones and money holds from its day on, so an older one would take a newer one back.
    """
    saved_at = draft.versions[-1].saved_at
    if draft.move is Move.REPORT and any(
        one.recorded_at > saved_at for one in draft.case.steps if one.move in {Move.IMPLEMENT, Move.REPORT}
    ):
        raise ConflictError(
            marked("A report was published after this version was saved. Save a version that goes on from it.")
        )


def _has_approver(session: Session) -> bool:
    found = sa.exists().where(Unit.approves.is_(True), UnitMember.unit_id == Unit.id)
    return bool(session.scalar(sa.select(found)))


def _words(text: str) -> str:
    words = text.strip()
    if not words or len(words) > facts.LONGEST_TEXT:
        raise RuleError(marked("Fill this in.") if not words else marked("This text is too long."), field="text")
    return words


def _note(session: Session, draft: Draft, deed: DraftDeed, text: str, *, by: User) -> None:
    note = DraftNote(deed=deed, version=len(draft.versions), text=text, written_at=now(), written_by_id=by.id)
    draft.notes.append(note)
    session.flush()


def _sign(session: Session, draft: Draft, deed: DraftDeed, text: str, *, by: User) -> None:
    """Write a sign-off into the draft, and into the log who gave it, without any words."""
    _note(session, draft, deed, text, by=by)
    details = {"move": draft.move.value, "version": len(draft.versions)}
    assembly, subject = session.get_one(Assembly, draft.case.assembly_id), f"case:{draft.case_id}"
    match deed:
        case DraftDeed.SUBMITTED:
            logbook.record(session, assembly, "draft_submitted", by=by, subject=subject, details=details)
        case DraftDeed.SENT_BACK:
            logbook.record(session, assembly, "draft_sent_back", by=by, subject=subject, details=details)
        case DraftDeed.APPROVED:
            logbook.record(session, assembly, "draft_approved", by=by, subject=subject, details=details)
