"""Slides of experts: interpreters prepare with them, so they are due ten days before an interpreted event."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Event, Expert, ExpertState, Material
from assembly.services.experts.inviting import experts_of
from assembly.services.needs.arrangements import interpreted_events
from assembly.services.programme import times

DUE_BEFORE = dt.timedelta(days=10)


@dataclasses.dataclass(frozen=True, slots=True)
class DueSlides:
    """Slides that an interpreted event still lacks."""

    expert: Expert
    event: Event
    until: dt.date

    @property
    def is_overdue(self) -> bool:
        """Whether interpreters should have them by now."""
        return self.until < times.day_of(now())


def missing_slides(session: Session, assembly: Assembly) -> Sequence[DueSlides]:
    """Return which slides are missing for interpreted events to come, in the order in which they are due.

    Slides are a material of the expert for this event, or for no event in particular, whether published or not.
    """
    there = sa.select(Material.expert_id, Material.event_id).where(
        Material.assembly_id == assembly.id, Material.expert_id.is_not(None)
    )
    known = {(row.expert_id, row.event_id) for row in session.execute(there)}
    coming = [expert for expert in experts_of(session, assembly) if expert.state is ExpertState.ACCEPTED]
    return [
        DueSlides(expert, event, times.day_of(event.starts_at) - DUE_BEFORE)
        for event in interpreted_events(session, assembly)
        for expert in coming
        if any(one.event_id == event.id for one in expert.inputs)
        and not known & {(expert.id, event.id), (expert.id, None)}
    ]
