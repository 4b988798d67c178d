"""Writing what was read into the mirror: one row per object, found again by its id."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from assembly.models import CouncilAgendaItem, CouncilConsultation, CouncilMeeting, CouncilPaper, CouncilSource
from assembly.services.council.reading import Meeting, Paper

Row = CouncilPaper | CouncilMeeting
MODELS: Mapping[str, type[Row]] = {"papers": CouncilPaper, "meetings": CouncilMeeting}
"""What is mirrored, by the names of the lists; in this order, so that items find their papers."""


def store(
    session: Session,
    source: CouncilSource,
    kind: str,
    found: Mapping[str, Paper | Meeting | None],
    *,
    gone: Collection[str],
    walk: int,
) -> None:
    """Write the objects of a page by their ids: new, changed, or, if they are among the `gone`, marked as deleted.

    None stands for an object that cannot be read: its row, if there is one, stays as it is.
    """
    known = _rows(session, source, kind, [*found, *gone])
    for oparl_id in gone:
        if oparl_id in known:
            known[oparl_id].is_deleted, known[oparl_id].walk = True, walk
    for oparl_id, read in found.items():
        row = known.get(oparl_id)
        if read is not None:
            if row is None:
                row = MODELS[kind](source_id=source.id, oparl_id=oparl_id)
                session.add(row)
            for name, value in read.values.items():
                setattr(row, name, value)
            row.is_deleted = False
            _store_parts(row, read)
        if row is not None:
            row.walk = walk
    session.flush()


def mark_unseen(session: Session, source: CouncilSource, walk: int) -> None:
    """Mark as deleted what a walk through everything did not see."""
    for model in MODELS.values():
        unseen = sa.update(model).where(model.source_id == source.id, model.walk != walk)
        session.execute(unseen.values(is_deleted=True).execution_options(synchronize_session=False))


def remove(session: Session, source: CouncilSource) -> None:
    """Remove a source with all that is mirrored of it."""
    papers = sa.select(CouncilPaper.id).where(CouncilPaper.source_id == source.id)
    meetings = sa.select(CouncilMeeting.id).where(CouncilMeeting.source_id == source.id)
    for statement in (
        sa.delete(CouncilConsultation).where(CouncilConsultation.paper_id.in_(papers)),
        sa.delete(CouncilAgendaItem).where(CouncilAgendaItem.meeting_id.in_(meetings)),
        sa.delete(CouncilPaper).where(CouncilPaper.source_id == source.id),
        sa.delete(CouncilMeeting).where(CouncilMeeting.source_id == source.id),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
    session.delete(source)
    session.flush()


def _rows(session: Session, source: CouncilSource, kind: str, ids: Sequence[str]) -> dict[str, Any]:
    model: Any = MODELS[kind]
    parts = selectinload(CouncilPaper.consultations if model is CouncilPaper else CouncilMeeting.items)
    found = sa.select(model).where(model.source_id == source.id, model.oparl_id.in_(ids)).options(parts)
    return {row.oparl_id: row for row in session.scalars(found)}


def _store_parts(row: Any, read: Paper | Meeting) -> None:
    """Change what belongs to a row where it is, so that its numbers stay."""
    if isinstance(read, Paper):
        consultations = {one.oparl_id: one for one in row.consultations}
        row.consultations = [consultations.get(one) or CouncilConsultation(oparl_id=one) for one in read.consultations]
        for consultation in row.consultations:
            consultation.agenda_item = read.consultations[consultation.oparl_id]
        return
    items = {one.oparl_id: one for one in row.items}
    row.items = [items.get(one) or CouncilAgendaItem(oparl_id=one) for one in read.items]
    for item in row.items:
        for name, value in read.items[item.oparl_id].items():
            setattr(item, name, value)
