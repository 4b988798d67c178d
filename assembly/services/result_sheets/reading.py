"""Who reads which result sheets: staff all, members what is published, the public what is published and public."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from assembly.models import AgendaItem, Assembly, Event, ResultSheet, ResultSheetVersion
from assembly.services.errors import NotFoundError


def sheets_of(session: Session, event: Event) -> Sequence[ResultSheet]:
    """Return the sheets of an event with their entries, in the order of the agenda, by round and table."""
    found = (
        sa.select(ResultSheet)
        .outerjoin(AgendaItem, AgendaItem.id == ResultSheet.item_id)
        .where(ResultSheet.event_id == event.id)
        .options(*with_everything())
    )
    order = (AgendaItem.position.is_(None), AgendaItem.position, ResultSheet.round, ResultSheet.table_number)
    return session.scalars(found.order_by(*order, ResultSheet.id)).all()


def get_sheet(session: Session, assembly: Assembly, sheet_id: int) -> ResultSheet:
    """Return a sheet of an assembly. Raises NotFoundError."""
    sheet = session.scalars(
        sa.select(ResultSheet)
        .where(ResultSheet.id == sheet_id, ResultSheet.assembly_id == assembly.id)
        .options(*with_everything())
    ).one_or_none()
    if sheet is None:
        raise NotFoundError
    return sheet


def versions_of(session: Session, sheet: ResultSheet) -> Sequence[ResultSheetVersion]:
    """Return the versions of a sheet, newest first."""
    found = sa.select(ResultSheetVersion).where(ResultSheetVersion.sheet_id == sheet.id)
    return session.scalars(found.order_by(ResultSheetVersion.number.desc())).all()


def get_version(session: Session, sheet: ResultSheet, number: int) -> ResultSheetVersion:
    """Return one version of a sheet. Raises NotFoundError."""
    version = session.get(ResultSheetVersion, (sheet.id, number))
    if version is None:
        raise NotFoundError
    return version


def with_everything() -> tuple[sa.sql.base.ExecutableOption, ...]:
    """Return how sheets are loaded, so that showing them asks for nothing more."""
    return (
        selectinload(ResultSheet.entries),
        joinedload(ResultSheet.event),
        joinedload(ResultSheet.item),
        joinedload(ResultSheet.question),
    )
