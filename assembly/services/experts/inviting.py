"""Experts: proposed, invited, accepted; the one door for their state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from assembly.models import (
    Assembly,
    AssemblyQuestion,
    Event,
    Expert,
    ExpertInput,
    ExpertState,
    Perspective,
    Room,
    User,
)
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.programme import clashes
from assembly.services.programme.clashes import SPEAKING

TRANSITIONS: Mapping[ExpertState, frozenset[ExpertState]] = {
    ExpertState.PROPOSED: frozenset({ExpertState.INVITED, ExpertState.WITHDRAWN}),
    ExpertState.INVITED: frozenset({ExpertState.ACCEPTED, ExpertState.DECLINED, ExpertState.WITHDRAWN}),
    ExpertState.ACCEPTED: frozenset({ExpertState.WITHDRAWN}),
    ExpertState.DECLINED: frozenset({ExpertState.INVITED}),
    ExpertState.WITHDRAWN: frozenset({ExpertState.PROPOSED}),
}
"""What may follow what. Withdrawn: the proposal was taken back, or somebody who had accepted cannot come."""
FIELDS = ("name", "role", "affiliation", "gender", "interests", "proposed_by", "chosen_by", "fee")


def experts_of(session: Session, assembly: Assembly) -> Sequence[Expert]:
    """Return the experts of an assembly with what they stand for and where they speak, by name."""
    found = (
        sa.select(Expert)
        .where(Expert.assembly_id == assembly.id)
        .options(
            selectinload(Expert.perspectives),
            selectinload(Expert.inputs).joinedload(ExpertInput.event),
            selectinload(Expert.inputs).joinedload(ExpertInput.item),
        )
    )
    return session.scalars(found.order_by(Expert.name, Expert.id)).all()


def experts_at(session: Session, event: Event) -> Sequence[Expert]:
    """Return who may speak at an event, by name."""
    found = sa.select(Expert).where(Expert.inputs.any(ExpertInput.event_id == event.id), Expert.state.in_(SPEAKING))
    return session.scalars(found.order_by(Expert.name, Expert.id)).all()


def get_expert(session: Session, assembly: Assembly, expert_id: int) -> Expert:
    """Return an expert of an assembly. Raises NotFoundError."""
    expert = session.get(
        Expert,
        expert_id,
        options=[
            selectinload(Expert.inputs).joinedload(ExpertInput.event).joinedload(Event.room).joinedload(Room.place)
        ],
    )
    if expert is None or expert.assembly_id != assembly.id:
        raise NotFoundError
    return expert


def add_expert(
    session: Session, assembly: Assembly, values: Mapping[str, Any], *, perspectives: Sequence[int] = (), by: User
) -> Expert:
    """Propose an expert, who stands for these perspectives. Raises RuleError for a perspective of another assembly."""
    freezing.lock_pool(session, assembly.id)
    expert = Expert(assembly_id=assembly.id, **{field: values[field] for field in FIELDS if field in values})
    expert.perspectives = _perspectives(session, assembly.id, perspectives)
    session.add(expert)
    session.flush()
    _log(session, expert, "expert_proposed", by=by)
    return expert


def change_expert(
    session: Session, expert: Expert, values: Mapping[str, Any], *, perspectives: Sequence[int], by: User
) -> None:
    """Describe an expert anew; the log says which fields changed, not what they hold. Raises RuleError as above."""
    freezing.lock_pool(session, expert.assembly_id)
    changed = sorted(logbook.assign(expert, values, FIELDS))
    wanted = _perspectives(session, expert.assembly_id, perspectives)
    if wanted != expert.perspectives:
        expert.perspectives = wanted
        changed.append("perspectives")
    session.flush()
    if changed:
        _log(session, expert, "expert_changed", {"fields": changed}, by=by)


def move(session: Session, expert: Expert, to: ExpertState, *, by: User) -> None:
    """Say how far the invitation is.

    Raises ConflictError if that does not follow, or if somebody who is asked again speaks elsewhere at the same time;
    RuleError if nobody has said who chose them.
    """
    freezing.lock_pool(session, expert.assembly_id)
    session.refresh(expert, ["state", "chosen_by"])
    before = expert.state
    if to not in TRANSITIONS[before]:
        raise ConflictError(marked("The state of this invitation has changed meanwhile. Load the page again."))
    if to is ExpertState.INVITED and not expert.chosen_by:
        raise RuleError(marked("First say who chose this person: the public reads it."), field="chosen_by")
    expert.state = to
    session.flush()
    if to in SPEAKING and before not in SPEAKING:
        for one in expert.inputs:
            clashes.require_expert_free(session, expert, one.event)
    _log(session, expert, "expert_moved", {"before": before.value, "after": to.value}, by=by)


def remove_expert(session: Session, expert: Expert, *, by: User) -> None:
    """Remove an expert with all that is kept of them. Raises ConflictError for one who has accepted."""
    freezing.lock_pool(session, expert.assembly_id)
    session.refresh(expert, ["state"])
    if expert.state is ExpertState.ACCEPTED:
        raise ConflictError(marked("This person has accepted. First record that they withdrew."))
    _log(session, expert, "expert_removed", by=by)
    session.delete(expert)
    session.flush()


def public_experts_of(session: Session, assembly: Assembly) -> Sequence[Expert]:
    """Return the experts whom the public sees: those who have accepted."""
    return [expert for expert in experts_of(session, assembly) if expert.state is ExpertState.ACCEPTED]


def subject_of(expert: Expert) -> str:
    """Return how the log names an expert."""
    return f"expert:{expert.id}"


def _perspectives(session: Session, assembly_id: int, ids: Sequence[int]) -> list[Perspective]:
    found = session.scalars(
        sa.select(Perspective)
        .join(AssemblyQuestion)
        .where(AssemblyQuestion.assembly_id == assembly_id, Perspective.id.in_(ids))
        .options(joinedload(Perspective.question))
        .order_by(Perspective.id)
    ).all()
    if len(found) != len(set(ids)):
        raise RuleError(marked("A perspective is no longer on the list. Load the page again."), field="perspectives")
    return list(found)


def _log(session: Session, expert: Expert, action: str, details: Mapping[str, Any] | None = None, *, by: User) -> None:
    logbook.record(session, expert.assembly, action, by=by, subject=subject_of(expert), details=details)
