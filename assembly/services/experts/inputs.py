"""Where experts speak, and for how long."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assembly.models import AgendaItem, Event, EventState, Expert, ExpertInput, User
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.experts.inviting import subject_of
from assembly.services.programme import clashes
from assembly.services.programme.clashes import SPEAKING


def get_input(session: Session, expert: Expert, input_id: int) -> ExpertInput:
    """Return one of the inputs of an expert. Raises NotFoundError."""
    found = session.get(ExpertInput, input_id)
    if found is None or found.expert_id != expert.id:
        raise NotFoundError
    return found


def add_input(
    session: Session, expert: Expert, event: Event, item: AgendaItem | None, *, minutes: int, by: User
) -> ExpertInput:
    """Let an expert speak at an event, within an item of its agenda if one is named.

    Raises RuleError for more minutes than there are; ConflictError, naming the other event, if the expert is there at
    that time, if the event is cancelled, or if the expert declined or withdrew.
    """
    freezing.lock_pool(session, expert.assembly_id)
    session.refresh(expert, ["state", "inputs"])
    session.refresh(event, ["state", "starts_at", "ends_at"])
    if event.state is EventState.CANCELLED:
        raise ConflictError(marked("This event is cancelled: nobody speaks there."), field="place")
    if expert.state not in SPEAKING:
        raise ConflictError(marked("%(name)s does not come. First invite them again."), name=expert.name)
    _require_new(expert, event, item)
    most = item.minutes if item is not None else round((event.ends_at - event.starts_at).total_seconds() / 60)
    if minutes > most:
        raise RuleError(marked("There are only %(minutes)s minutes."), field="minutes", minutes=most)
    clashes.require_expert_free(session, expert, event)
    made = ExpertInput(event=event, item=item, minutes=minutes)
    expert.inputs.append(made)
    session.flush()
    details = {"event": event.title, "minutes": minutes}
    logbook.record(session, expert.assembly, "expert_input_added", by=by, subject=subject_of(expert), details=details)
    return made


def remove_input(session: Session, expert: Expert, found: ExpertInput, *, by: User) -> None:
    """Let an expert no longer speak there."""
    freezing.lock_pool(session, expert.assembly_id)
    details = {"event": found.event.title, "minutes": found.minutes}
    expert.inputs.remove(found)
    session.flush()
    logbook.record(session, expert.assembly, "expert_input_removed", by=by, subject=subject_of(expert), details=details)


def _require_new(expert: Expert, event: Event, item: AgendaItem | None) -> None:
    there = [one for one in expert.inputs if one.event_id == event.id]
    if any(one.item_id == (item.id if item else None) for one in there):
        raise ConflictError(marked("%(name)s speaks there already."), field="place", name=expert.name)
