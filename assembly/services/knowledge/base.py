"""The knowledge base of an assembly: everything that is known, by event, about a question, found by its words."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, AssemblyQuestion, Event, Openness
from assembly.services.knowledge.searching import Audience, Known, Search
from assembly.services.knowledge.sources import SOURCES
from assembly.services.programme.events import VISIBLE


@dataclasses.dataclass(frozen=True, slots=True)
class Base:
    """What was found: groups by event in the order of time, what belongs to none of them first; and the questions."""

    groups: Sequence[tuple[Event | None, Sequence[Known]]]
    questions: Mapping[int, str]

    @property
    def count(self) -> int:
        """How many things were found."""
        return sum(len(group) for _event, group in self.groups)


def knowledge_of(
    session: Session, assembly: Assembly, audience: Audience, *, search: str = "", question_id: int | None = None
) -> Base:
    """Return what an audience finds; with a question, what is about it. The number of queries is always the same."""
    wanted = Search.of(search)
    found = [known for source in SOURCES for known in source(session, assembly, audience, wanted)]
    if question_id is not None:
        found = [known for known in found if question_id in known.questions]
    events = _events(session, assembly, audience)
    by_event: dict[int | None, list[Known]] = {}
    for known in found:
        by_event.setdefault(known.event_id if known.event_id in events else None, []).append(known)
    questions = sa.select(AssemblyQuestion.id, AssemblyQuestion.text).where(AssemblyQuestion.assembly_id == assembly.id)
    named = {number: text for number, text in session.execute(questions.order_by(AssemblyQuestion.id))}  # noqa: C416  # rows are no pairs for the type checker
    groups = [
        (events.get(number) if number else None, by_event[number]) for number in (None, *events) if number in by_event
    ]
    return Base(groups, named)


def _events(session: Session, assembly: Assembly, audience: Audience) -> dict[int, Event]:
    found = sa.select(Event).where(Event.assembly_id == assembly.id).order_by(Event.starts_at, Event.id)
    if audience is not Audience.STAFF:
        found = found.where(Event.state.in_(VISIBLE))
    if audience is Audience.PUBLIC:
        found = found.where(Event.openness != Openness.MEMBERS)
    return {event.id: event for event in session.scalars(found)}
