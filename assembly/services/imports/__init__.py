"""Files of registrations: uploaded, looked at, and imported only once that was confirmed; undone if need be."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Import, ImportChange, ImportState, LogEntry, Respondent, Status, User
from assembly.services import acknowledgements, freezing, households, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.features import features_of
from assembly.services.imports import applying
from assembly.services.imports.applying import Progress
from assembly.services.imports.columns import guess_columns, possible_meanings, understood
from assembly.services.imports.previews import Preview, make_preview
from assembly.services.imports.reading import keep, name_of, pack, read_table
from assembly.services.imports.rows import Decisions
from assembly.services.privacy import erasing

__all__ = [
    "Preview",
    "apply_import",
    "decide",
    "discard",
    "get_import",
    "imports_of",
    "is_used",
    "preview",
    "undo_import",
    "upload",
]

_UNTOUCHED = (Status.REGISTERED, Status.EXCLUDED)


def upload(session: Session, assembly: Assembly, content: bytes, *, name: str, by: User) -> Import:
    """Read a file and keep it until it is imported or discarded; its columns are guessed.

    Raises FileProblemsError if it cannot be read, StorageError if there is no room, ConflictError if the pool is
    frozen.
    """
    freezing.require_open(session, assembly)
    features = features_of(session, assembly)
    name = name_of(name)
    table = read_table(content, name=name, score=lambda header: understood(header, features))
    decisions = Decisions(guess_columns(table.header, features), {})
    upload = Import(
        assembly_id=assembly.id,
        state=ImportState.UPLOADED,
        uploaded_at=now(),
        uploaded_by_id=by.id,
        file_name=name,
        content=pack(table),
        mapping=decisions.to_json(),
        summary={"digest": hashlib.sha256(content).hexdigest(), "rows": len(table.rows)},
    )
    keep(session, upload)
    return upload


def get_import(session: Session, import_id: int, *, assembly: Assembly) -> Import:
    """Return an import of an assembly. Raises NotFoundError."""
    import_ = session.get(Import, import_id)
    if import_ is None or import_.assembly_id != assembly.id:
        raise NotFoundError
    return import_


def imports_of(session: Session, assembly: Assembly) -> list[Import]:
    """Return the imports of an assembly, newest first, without those that were discarded."""
    return list(
        session.scalars(
            sa.select(Import)
            .where(Import.assembly_id == assembly.id, Import.state != ImportState.DISCARDED)
            .order_by(Import.id.desc())
        )
    )


def preview(session: Session, assembly: Assembly, import_: Import) -> Preview:
    """Return what an import would do, as decided so far. Raises ConflictError if it was done or discarded."""
    require_state(import_, ImportState.UPLOADED)
    return make_preview(session, assembly, import_)


def decide(
    session: Session,
    assembly: Assembly,
    import_: Import,
    *,
    columns: Sequence[str],
    spellings: Mapping[int, Mapping[str, int]],
    overwrite: bool,
) -> None:
    """Keep what an organiser decided about columns, spellings (feature → key → value id, 0 for no value), conflicts.

    Raises RuleError if a meaning is given twice or does not exist.
    """
    require_state(import_, ImportState.UPLOADED)
    before = Decisions.from_json(import_.mapping)
    features = features_of(session, assembly)
    known = set(possible_meanings(features))
    used = [meaning for meaning in columns if meaning]
    if len(columns) != len(before.columns) or not known.issuperset(used):
        raise RuleError(marked("The columns do not fit the file. Load the page again."))
    if len(set(used)) != len(used):
        raise RuleError(marked("Two columns have the same meaning. Choose “not used” for one of them."))
    decided = {feature: dict(texts) for feature, texts in before.spellings.items()}
    for feature in features:
        ids = {0, *(value.id for value in feature.values)}
        chosen = {key: value for key, value in spellings.get(feature.id, {}).items() if value in ids}
        decided.setdefault(feature.id, {}).update(chosen)
    import_.mapping = Decisions(list(columns), decided, overwrite).to_json()
    session.flush()


def discard(session: Session, assembly: Assembly, import_: Import, *, by: User) -> None:
    """Delete an uploaded file of which nothing was imported."""
    require_state(import_, ImportState.UPLOADED)
    import_.state, import_.content, import_.mapping = ImportState.DISCARDED, b"", {}
    logbook.record(session, assembly, "import_discarded", by=by, subject=f"import:{import_.id}")


def apply_import(
    session: Session, import_: Import, *, by: User, seen: str | None = None, progress: Progress | None = None
) -> None:
    """Add and update the respondents of a file, and acknowledge those that are new; all of it, or nothing.

    `seen` is the digest of the preview that was confirmed. Raises ConflictError if something else would be done now
    or the pool is frozen, RuleError if something is still to be decided.
    """
    assembly = session.get_one(Assembly, import_.assembly_id)
    freezing.require_open(session, assembly)
    session.refresh(import_, ["state"], with_for_update=True)
    require_state(import_, ImportState.UPLOADED)
    plan = make_preview(session, assembly, import_)
    if seen not in {None, plan.digest}:
        raise ConflictError(marked("The registrations have changed since this preview was made. Please look again."))
    if plan.open_spellings:
        raise RuleError(marked("Some spellings are not decided yet. Say which value each of them means."))
    if plan.changes == 0:
        raise RuleError(marked("There is nothing to import: nobody is new, and nobody changes."))
    comparison = plan.comparison
    counts = applying.write_changes(session, assembly, import_, comparison, progress=progress)
    counts |= {
        "unchanged": comparison.unchanged,
        "conflicts": len(comparison.conflicting),
        "overwritten": plan.decisions.overwrite,
        "refused": plan.refused_rows,
        "too_young": applying.exclude_too_young(session, import_, comparison),
    }
    entry = logbook.record(
        session,
        assembly,
        "import_applied",
        by=by,
        subject=f"import:{import_.id}",
        details={**counts, "digest": import_.summary["digest"]},
    )
    learned = applying.learn_spellings(session, plan.read)
    unconfirmed = households.find_households(session, assembly)
    touched = sa.select(ImportChange.respondent_id).where(ImportChange.import_id == import_.id)
    acknowledgements.acknowledge(session, assembly, session.scalars(touched).all())
    done = {**counts, "learned": learned, "unconfirmed": unconfirmed, "entry": entry.number}
    import_.summary = {**import_.summary, **done}
    import_.state, import_.applied_at, import_.content = ImportState.APPLIED, now(), b""
    session.flush()
    session.expire_all()


def is_used(session: Session, import_: Import) -> bool:
    """Tell whether a lottery or a withdrawal stands on an import, so that it can no longer be undone.

    Whoever was erased is no part of it any more: undoing leaves their row as it is.
    """
    moved = sa.exists().where(
        ImportChange.import_id == import_.id,
        ImportChange.respondent_id == Respondent.id,
        Respondent.status.not_in(_UNTOUCHED),
    )
    return bool(session.scalar(sa.select(moved)))


def undo_import(session: Session, import_: Import, *, by: User) -> None:
    """Restore exactly what was before an import.

    Raises ConflictError if a lottery used it, or if its registrations were changed since: by a later import, which
    has to be undone first, or by hand.
    """
    assembly = session.get_one(Assembly, import_.assembly_id)
    freezing.require_open(session, assembly)
    session.refresh(import_, ["state"], with_for_update=True)
    require_state(import_, ImportState.APPLIED)
    if is_used(session, import_):
        raise ConflictError(marked("This import can no longer be undone: somebody of it was drawn or has withdrawn."))
    if _later_import(session, import_):
        raise ConflictError(marked("A later import changed the same people. Undo the later one first."))
    if count := _edited_since(session, assembly, import_):
        raise ConflictError(
            marked("This import cannot be undone: %(count)s of its registrations were changed by hand."), count=count
        )
    applying.take_back(session, assembly, import_, by=by)
    erasing.ask_to_clear_copies(session)
    import_.state = ImportState.UNDONE
    logbook.record(session, assembly, "import_undone", by=by, subject=f"import:{import_.id}")


def _later_import(session: Session, import_: Import) -> bool:
    mine = sa.select(ImportChange).where(ImportChange.import_id == import_.id).subquery()
    later = sa.exists().where(
        ImportChange.id > sa.select(sa.func.max(mine.c.id)).scalar_subquery(),
        ImportChange.respondent_id.in_(sa.select(mine.c.respondent_id)),
    )
    return bool(session.scalar(sa.select(later)))


def _edited_since(session: Session, assembly: Assembly, import_: Import) -> int:
    """Return how many of an import's people were changed by hand since it was applied."""
    subjects = session.scalars(
        sa.select(LogEntry.subject).where(
            LogEntry.assembly_id == assembly.id,
            LogEntry.number > import_.summary["entry"],
            LogEntry.action == "registration_changed",
        )
    )
    edited = {int(subject.partition(":")[2]) for subject in subjects}
    mine = session.scalars(sa.select(ImportChange.respondent_id).where(ImportChange.import_id == import_.id))
    return len(edited.intersection(mine))


def require_state(import_: Import, state: ImportState) -> None:
    """Raise ConflictError if an import is in another state by now."""
    if import_.state is not state:
        raise ConflictError(marked("This file was imported or discarded meanwhile. Load the list of imports again."))
