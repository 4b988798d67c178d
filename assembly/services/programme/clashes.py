"""Clashes: nobody and no room can be at two events at once."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from assembly.models import AgendaItem, Event, EventState, Expert, ExpertInput, ExpertState, Facilitation, User
from assembly.services.errors import ConflictError, Elsewhere, marked
from assembly.services.programme.times import Span
from assembly.services.programme.timetables import stays_of

SPEAKING = frozenset({ExpertState.PROPOSED, ExpertState.INVITED, ExpertState.ACCEPTED})
"""Experts who may come; whoever declined or withdrew is nowhere."""


def require_free(session: Session, event: Event) -> None:
    """Raise ConflictError, naming the other event, if room, facilitator or expert of an event is taken at its time.

    Facilitators are held against the events of all assemblies. Their accounts stay locked until the transaction ends,
    so that no two events take one of them at the same moment; rooms are protected by the lock of their assembly.
    """
    if event.state is EventState.CANCELLED:
        return
    require_rooms_free(session, event)
    for facilitator in _locked(session, event.facilitators):
        leading = _at_the_time_of(event).join(Facilitation).where(Facilitation.user_id == facilitator.id)
        busy = session.scalars(leading.limit(1)).first()
        if busy is not None:
            raise ConflictError(
                marked("%(name)s leads “%(event)s” of “%(assembly)s” at this time: %(when)s."),
                field="facilitators",
                elsewhere=elsewhere_of(busy) if busy.assembly_id == event.assembly_id else None,
                when=span_of(busy),
                name=facilitator.name,
                event=busy.title,
                assembly=busy.assembly.title,
            )
    there = sa.select(Expert).where(Expert.inputs.any(ExpertInput.event_id == event.id), Expert.state.in_(SPEAKING))
    for expert in session.scalars(there.order_by(Expert.id)).all():
        require_expert_free(session, expert, event)


def require_rooms_free(session: Session, event: Event, *, changed: AgendaItem | None = None) -> None:
    """Raise ConflictError, naming the other event, if it or one of its items is in a room when an event needs it.

    An event has its own room from beginning to end, and the room of an item of its agenda as long as the item lasts.
    The field is that of the room of the event, or of the item that is `changed`; if the room of another item is taken,
    it is what moved that item: when the event begins, or how long the changed item lasts.
    """
    if event.state is EventState.CANCELLED or not (needed := stays_of(event)):
        return
    others = _at_the_time_of(event).where(Event.assembly_id == event.assembly_id)
    for other in session.scalars(others.options(selectinload(Event.agenda))).all():
        taken = stays_of(other)
        clash = next(((stay, one) for stay in needed for one in taken if stay.meets(one)), None)
        if clash is None:
            continue
        stay, there = clash
        when, page = Span(there.starts_at, there.ends_at), elsewhere_of(other)
        if stay.item is None:
            said = marked("The room is taken by “%(event)s” at this time: %(when)s.")
            raise ConflictError(said, field="room_id", elsewhere=page, event=other.title, when=when)
        raise ConflictError(
            marked("The room of “%(item)s” is taken by “%(event)s” at this time: %(when)s."),
            field="room_id" if stay.item is changed else "starts_at" if changed is None else "minutes",
            elsewhere=page,
            item=stay.item.title,
            event=other.title,
            when=when,
        )


def require_expert_free(session: Session, expert: Expert, event: Event) -> None:
    """Raise ConflictError, naming the other event, if an expert speaks elsewhere at the time of an event.

    The lock of the assembly, which everybody who plans holds, lets no two events take them at the same moment.
    """
    if event.state is EventState.CANCELLED:
        return
    elsewhere = _at_the_time_of(event).join(ExpertInput).where(ExpertInput.expert_id == expert.id)
    if (other := session.scalars(elsewhere.limit(1)).first()) is not None:
        raise ConflictError(
            marked("%(name)s speaks at “%(event)s” at this time: %(when)s."),
            field="place",
            elsewhere=elsewhere_of(other),
            name=expert.name,
            event=other.title,
            when=span_of(other),
        )


def elsewhere_of(event: Event) -> Elsewhere:
    """Return what leads to the page of an event."""
    return Elsewhere(event.assembly_id, event.id, event.title)


def span_of(event: Event) -> Span:
    """Return when an event is."""
    return Span(event.starts_at, event.ends_at)


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
    )


def _locked(session: Session, users: Sequence[User]) -> Sequence[User]:
    ids = [user.id for user in users]
    if ids:
        session.execute(sa.select(User.id).where(User.id.in_(ids)).order_by(User.id).with_for_update())
    return users
