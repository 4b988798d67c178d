"""The sources of what is known, each one function: give a session, an assembly, an audience and a search."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from assembly.clock import now
from assembly.models import (
    AgendaItem,
    Assembly,
    Event,
    EventState,
    Expert,
    ExpertInput,
    ExpertState,
    Material,
    ObservationSheet,
    Openness,
    RequestAnswer,
    ResultSheet,
    SheetEntry,
    VisitStop,
)
from assembly.services.knowledge.searching import Audience, Known, Search, Source
from assembly.services.programme.events import VISIBLE
from assembly.services.result_sheets.reading import with_everything

FindKnown = Callable[[Session, Assembly, Audience, Search], Sequence[Known]]


def inputs(session: Session, assembly: Assembly, audience: Audience, search: Search) -> Sequence[Known]:
    """Return the inputs of experts who come or came."""
    found = (
        sa.select(ExpertInput)
        .join(ExpertInput.expert)
        .join(ExpertInput.event)
        .outerjoin(ExpertInput.item)
        .where(
            Expert.assembly_id == assembly.id,
            Expert.state == ExpertState.ACCEPTED,
            Event.state != EventState.CANCELLED,
            *_seen(audience),
            search.within(Expert.name, Expert.affiliation, Expert.interests, _item_title(audience), Event.title),
            *(() if audience.is_staff else (Event.starts_at <= now(),)),
        )
        .options(
            contains_eager(ExpertInput.expert).selectinload(Expert.perspectives),
            contains_eager(ExpertInput.item),
        )
        .order_by(Event.starts_at, AgendaItem.position, ExpertInput.id)
    )
    return [
        Known(
            Source.INPUT,
            one,
            one.expert.name,
            one.item.title if one.item and _reads(audience, one.item) else "",
            one.event_id,
            _questions_of(one.expert),
        )
        for one in session.scalars(found)
    ]


def materials(session: Session, assembly: Assembly, audience: Audience, search: Search) -> Sequence[Known]:
    """Return the materials."""
    found = (
        sa.select(Material)
        .where(Material.assembly_id == assembly.id, search.within(Material.title, Material.plain_text, Material.source))
        .options(selectinload(Material.versions), joinedload(Material.expert).selectinload(Expert.perspectives))
        .order_by(Material.title, Material.id)
    )
    if not audience.is_staff:
        found = found.where(Material.is_published)
    if audience is Audience.PUBLIC:
        found = found.where(Material.is_public)
    return [
        Known(Source.MATERIAL, one, one.title, one.source, one.event_id, _questions_of(one.expert))
        for one in session.scalars(found)
    ]


def sheets(session: Session, assembly: Assembly, audience: Audience, search: Search) -> Sequence[Known]:
    """Return the result sheets of which an entry, or the part of the agenda that they are of, fits."""
    title = _item_title(audience)
    fits = sa.exists().where(SheetEntry.sheet_id == ResultSheet.id, search.within(SheetEntry.text, title))
    found = (
        sa.select(ResultSheet)
        .join(Event, Event.id == ResultSheet.event_id)
        .outerjoin(AgendaItem, AgendaItem.id == ResultSheet.item_id)
        .where(ResultSheet.assembly_id == assembly.id, fits, *_seen(audience))
        .options(*with_everything())
        .order_by(Event.starts_at, AgendaItem.position, ResultSheet.round, ResultSheet.table_number)
    )
    if not audience.is_staff:
        found = found.where(ResultSheet.is_published)
    if audience is Audience.PUBLIC:
        found = found.where(ResultSheet.is_public)
    return [
        Known(
            Source.SHEET,
            one,
            one.item.title if one.item and _reads(audience, one.item) else one.event.title,
            "",
            one.event_id,
            () if one.question_id is None else (one.question_id,),
        )
        for one in session.scalars(found)
    ]


def answers(session: Session, assembly: Assembly, _audience: Audience, search: Search) -> Sequence[Known]:
    """Return what was asked and answered, as far as it is published."""
    found = (
        sa.select(RequestAnswer)
        .where(
            RequestAnswer.assembly_id == assembly.id,
            RequestAnswer.is_published,
            search.within(RequestAnswer.wording, RequestAnswer.answer),
        )
        .order_by(RequestAnswer.answered_on, RequestAnswer.id)
    )
    return [Known(Source.ANSWER, one, one.wording, one.answer) for one in session.scalars(found)]


def observations(session: Session, assembly: Assembly, audience: Audience, search: Search) -> Sequence[Known]:
    """Return what was seen on site visits."""
    texts = (ObservationSheet.seen, ObservationSheet.heard, ObservationSheet.questions)
    found = (
        sa.select(ObservationSheet)
        .join(Event, Event.id == ObservationSheet.event_id)
        .outerjoin(VisitStop, VisitStop.id == ObservationSheet.stop_id)
        .where(Event.assembly_id == assembly.id, search.within(*texts, VisitStop.name, Event.title), *_seen(audience))
        .options(contains_eager(ObservationSheet.stop), joinedload(ObservationSheet.event))
        .order_by(Event.starts_at, VisitStop.position, ObservationSheet.id)
    )
    if audience is not Audience.LEADERS:
        found = found.where(ObservationSheet.is_published)
    return [
        Known(
            Source.VISIT,
            one,
            one.stop.name if one.stop else one.event.title,
            "\n".join(text for text in (one.seen, one.heard, one.questions) if text),
            one.event_id,
        )
        for one in session.scalars(found)
    ]


SOURCES: tuple[FindKnown, ...] = (inputs, observations, materials, sheets, answers)
"""In the order in which they stand under an event."""


def _seen(audience: Audience) -> tuple[sa.ColumnElement[bool], ...]:
    if audience.is_staff:
        return ()
    visible = Event.state.in_(VISIBLE)
    return (visible, Event.openness != Openness.MEMBERS) if audience is Audience.PUBLIC else (visible,)


def _reads(audience: Audience, item: AgendaItem) -> bool:
    return item.is_public or audience is not Audience.PUBLIC


def _item_title(audience: Audience) -> sa.ColumnElement[str]:
    """Return where the title of an agenda's item is looked for: nowhere by everyone if it is not for everyone."""
    is_shown = AgendaItem.is_public if audience is Audience.PUBLIC else sa.true()
    return sa.case((is_shown, AgendaItem.title), else_="")


def _questions_of(expert: Expert | None) -> frozenset[int]:
    return frozenset(one.question_id for one in expert.perspectives) if expert else frozenset()
