"""Clashes: nobody and no room can be at two events at once."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.models import Event, EventState, Expert, ExpertInput, ExpertState, Facilitation, User
from assembly.services.errors import ConflictError, marked

SPEAKING = frozenset({ExpertState.PROPOSED, ExpertState.INVITED, ExpertState.ACCEPTED})
"""Experts who may come; whoever declined or withdrew is nowhere."""


def require_free(session: Session, event: Event) -> None:
    """Raise ConflictError, naming the other event, if room, facilitator or expert of an event is taken at its time.

    Facilitators are held against the events of all assemblies. Their accounts stay locked until the transaction ends,
    so that no two events take one of them at the same moment; rooms are protected by the lock of their assembly.
    """
    if event.state is EventState.CANCELLED:
        return
    if event.room_id is not None:
        taken = session.scalars(_at_the_time_of(event).where(Event.room_id == event.room_id)).first()
        if taken is not None:
            raise ConflictError(
                marked("The room is taken by “%(event)s” at this time."), field="room_id", event=taken.title
            )
    for facilitator in _locked(session, event.facilitators):
        busy = session.scalars(
            _at_the_time_of(event).join(Facilitation).where(Facilitation.user_id == facilitator.id)
        ).first()
        if busy is not None:
            raise ConflictError(
                marked("%(name)s leads “%(event)s” of “%(assembly)s” at this time."),
                field="facilitators",
                name=facilitator.name,
                event=busy.title,
                assembly=busy.assembly.title,
            )
    there = sa.select(Expert).where(Expert.inputs.any(ExpertInput.event_id == event.id), Expert.state.in_(SPEAKING))
    for expert in session.scalars(there.order_by(Expert.id)).all():
        require_expert_free(session, expert, event)


def require_expert_free(session: Session, expert: Expert, event: Event) -> None:
    """Raise ConflictError, naming the other event, if an expert speaks elsewhere at the time of an event.

    The lock of the assembly, which everybody who plans holds, lets no two events take them at the same moment.
    """
    if event.state is EventState.CANCELLED:
        return
    elsewhere = _at_the_time_of(event).join(ExpertInput).where(ExpertInput.expert_id == expert.id)
    if (other := session.scalars(elsewhere).first()) is not None:
        raise ConflictError(
            marked("%(name)s speaks at “%(event)s” at this time."), field="place", name=expert.name, event=other.title
        )


def _at_the_time_of(event: Event) -> sa.Select[Event]:
    return (
        sa.select(Event)
        .where(
            Event.id != event.id,
            Event.state != EventState.CANCELLED,
            Event.starts_at < event.ends_at,
            Event.ends_at > event.starts_at,
        )
        .options(joinedload(Event.assembly))
        .order_by(Event.starts_at, Event.id)
        .limit(1)
    )


def _locked(session: Session, users: Sequence[User]) -> Sequence[User]:
    ids = [user.id for user in users]
    if ids:
        session.execute(sa.select(User.id).where(User.id.in_(ids)).order_by(User.id).with_for_update())
    return users
