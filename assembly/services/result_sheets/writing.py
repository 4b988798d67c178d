"""The one door of result sheets: begun, saved in versions, published, withheld."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    AgendaItem,
    AssemblyQuestion,
    EntryKind,
    Event,
    EventState,
    ResultSheet,
    ResultSheetVersion,
    SheetEntry,
    User,
    recommendation_sources,
)
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, RuleError, marked
from assembly.services.result_sheets import names

LONGEST_ENTRY = 2000
MOST_ENTRIES = 200
STALE = marked("Somebody else saved this sheet while you wrote. Nothing is lost: look at both texts, then save again.")
NOT_LOOKED_AT = marked("Somebody saved this sheet since you looked at it. Read it again before you publish it.")
NAMED = marked("These words may be names of members: %(words)s. Take them out, or say that you looked at them.")


def begin(
    session: Session,
    event: Event,
    item: AgendaItem,
    *,
    round_number: int,
    table_number: int,
    question: AssemblyQuestion | None = None,
    by: User,
) -> ResultSheet:
    """Begin the sheet of a table in a round of an agenda's item.

    Raises ConflictError if there is one already, or nobody knows of the event yet.
    """
    freezing.lock_pool(session, event.assembly_id)
    session.refresh(event, ["state"])
    if event.state in {EventState.DRAFT, EventState.CANCELLED}:
        raise ConflictError(marked("Result sheets belong to events that are published and take place."))
    there = sa.exists().where(
        ResultSheet.item_id == item.id, ResultSheet.round == round_number, ResultSheet.table_number == table_number
    )
    if session.scalar(sa.select(there)):
        raise ConflictError(
            marked("There is a sheet of table %(table)s in round %(round)s already: open it in the list."),
            field="table_number",
            table=table_number,
            round=round_number,
        )
    sheet = ResultSheet(
        assembly_id=event.assembly_id,
        event_id=event.id,
        item_id=item.id,
        question_id=question.id if question else None,
        round=round_number,
        table_number=table_number,
        version=0,
        changed_at=now(),
    )
    session.add(sheet)
    session.flush()
    _log(session, sheet, "result_sheet_begun", by=by)
    return sheet


def save(
    session: Session,
    sheet: ResultSheet,
    *,
    version: int,
    texts: Mapping[int, str],
    new: Mapping[EntryKind, Sequence[str]],
    has_looked: bool = False,
    by: User,
) -> None:
    """Save what was written on a `version` of a sheet: `texts` of its entries by number (blank removes one), new ones.

    Raises ConflictError if somebody saved another version meanwhile, RuleError for what is too long or too much, or
    if the sheet is published and may name a member.
    """
    freezing.lock_pool(session, sheet.assembly_id)
    session.refresh(sheet, ["version", "is_published", "entries"])
    if version != sheet.version:
        raise ConflictError(STALE)
    before = [(entry.id, entry.text) for entry in sheet.entries]
    for entry in [*sheet.entries]:
        text = as_entry(texts.get(entry.id, entry.text))
        if text:
            entry.text = text
        else:
            sheet.entries.remove(entry)
    for kind in EntryKind:
        sheet.entries += [SheetEntry(kind=kind, text=text) for text in map(as_entry, new.get(kind, ())) if text]
    _require_sizes(sheet)
    if sheet.is_published and not has_looked:
        _require_no_names(session, sheet)
    session.flush()
    if before != [(entry.id, entry.text) for entry in sheet.entries]:
        _keep_version(session, sheet, by=by)
        if sheet.is_published:
            _forget_names(session, sheet)


def publish(session: Session, sheet: ResultSheet, *, version: int, is_public: bool, has_looked: bool, by: User) -> None:
    """Show the `version` of a sheet that was looked at to the members, or to everyone.

    Earlier versions that may name a member are deleted. Raises ConflictError if it is another version by now, is shown
    so already or is empty, RuleError if it may name a member and nobody looked.
    """
    freezing.lock_pool(session, sheet.assembly_id)
    session.refresh(sheet, ["version", "is_published", "is_public", "entries"])
    if version != sheet.version:
        raise ConflictError(NOT_LOOKED_AT)
    if (sheet.is_published, sheet.is_public) == (True, is_public):
        raise ConflictError(marked("It is published already."))
    if not sheet.entries:
        raise ConflictError(marked("Nothing stands on this sheet yet."))
    if not has_looked:
        _require_no_names(session, sheet)
    sheet.is_published, sheet.is_public, sheet.changed_at = True, is_public, now()
    _forget_names(session, sheet)
    _log(session, sheet, "result_sheet_published", by=by)


def withhold(session: Session, sheet: ResultSheet, *, by: User) -> None:
    """Take a sheet back from its readers. Raises ConflictError if it is a draft already."""
    freezing.lock_pool(session, sheet.assembly_id)
    session.refresh(sheet, ["is_published"])
    if not sheet.is_published:
        raise ConflictError(marked("It is a draft already."))
    sheet.is_published = False
    _log(session, sheet, "result_sheet_withheld", by=by)


def discard(session: Session, sheet: ResultSheet, *, version: int, by: User) -> None:
    """Delete a draft that was begun for nothing, with its versions.

    Raises ConflictError if it is published, somebody saved it since `version`, or a recommendation came from it.
    """
    freezing.lock_pool(session, sheet.assembly_id)
    session.refresh(sheet, ["version", "is_published", "entries"])
    if sheet.is_published:
        raise ConflictError(marked("What readers see is not discarded: take it back first."))
    if version != sheet.version:
        raise ConflictError(marked("Somebody saved this sheet since you looked at it. Read it again."))
    entries = [entry.id for entry in sheet.entries]
    used = sa.exists().where(recommendation_sources.c.entry_id.in_(entries))
    if session.scalar(sa.select(used)):
        raise ConflictError(marked("A recommendation came from this sheet, so it stays."))
    _log(session, sheet, "result_sheet_discarded", by=by)
    session.execute(sa.delete(ResultSheetVersion).where(ResultSheetVersion.sheet_id == sheet.id))
    session.delete(sheet)
    session.flush()


def as_entry(text: str) -> str:
    """Return a text as it stands on a sheet: in one line.

    >>> as_entry("  Mehr  Schatten am Platz ")
    'Mehr Schatten am Platz'
    """
    return " ".join(text.split())


def _keep_version(session: Session, sheet: ResultSheet, *, by: User) -> None:
    session.refresh(sheet, ["entries"])
    sheet.version, sheet.changed_at = sheet.version + 1, now()
    entries = [{"id": entry.id, "kind": entry.kind.value, "text": entry.text} for entry in sheet.entries]
    session.add(
        ResultSheetVersion(
            sheet_id=sheet.id, number=sheet.version, saved_at=sheet.changed_at, saved_by_id=by.id, entries=entries
        )
    )
    _log(session, sheet, "result_sheet_saved", by=by)


def _forget_names(session: Session, sheet: ResultSheet) -> None:
    """Delete the versions before this one that may name a member: what was taken out is not to be read for good."""
    earlier = sa.select(ResultSheetVersion).where(
        ResultSheetVersion.sheet_id == sheet.id, ResultSheetVersion.number < sheet.version
    )
    for one in session.scalars(earlier).all():
        if names.names_in(session, sheet.assembly, [entry["text"] for entry in one.entries]):
            session.delete(one)
    session.flush()


def _require_sizes(sheet: ResultSheet) -> None:
    if len(sheet.entries) > MOST_ENTRIES:
        raise RuleError(marked("A sheet has at most %(most)s entries."), most=MOST_ENTRIES)
    for entry in sheet.entries:
        if len(entry.text) > LONGEST_ENTRY:
            raise RuleError(
                marked("An entry has at most %(most)s characters: make two of it."),
                field=f"entry_{entry.id}" if entry.id else f"new_{entry.kind.value}",
                most=LONGEST_ENTRY,
            )


def _require_no_names(session: Session, sheet: ResultSheet) -> None:
    if words := names.names_in(session, sheet.assembly, [entry.text for entry in sheet.entries]):
        raise RuleError(NAMED, field="has_looked", words=", ".join(words))


def _log(session: Session, sheet: ResultSheet, action: str, *, by: User) -> None:
    session.flush()
    details = {
        "event": sheet.event_id,
        "round": sheet.round,
        "table": sheet.table_number,
        "version": sheet.version,
        "is_public": sheet.is_public,
    }
    logbook.record(session, sheet.assembly, action, by=by, subject=f"result_sheet:{sheet.id}", details=details)
