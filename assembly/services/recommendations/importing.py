"""Recommendations of assemblies that come from elsewhere: a file is read, looked at, and imported as a whole or not."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import AdoptionCount, Assembly, Recommendation, RecommendationFile, RecommendationState, User
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.follow_up import rules
from assembly.services.imports.reading import keep, name_of, require_still_there
from assembly.services.programme import times
from assembly.services.recommendations.documents import read_document
from assembly.services.recommendations.incoming import Incoming, Interpretation, Known, interpret
from assembly.services.recommendations.sources import HEADERS, Source, pack, read_rows, unpack
from assembly.services.recommendations.texts import keep_version, log
from sortition.files import write_tables

COLUMNS = tuple(HEADERS)
"""What a file can say of a recommendation, in the order of the template."""


@dataclasses.dataclass(frozen=True, slots=True)
class Preview:
    """A file, and what would be imported. `digest` stands for it, so that nothing else is imported than was seen."""

    source: Source
    read: Interpretation
    digest: str

    @property
    def is_ready(self) -> bool:
        """Whether it can be imported."""
        return bool(self.read.incoming) and not self.read.problems


def upload(
    session: Session, assembly: Assembly, content: bytes, *, name: str, counted_on: dt.date | None = None, by: User
) -> RecommendationFile:
    """Read a file and keep it until it is imported or discarded. `counted_on` is for rows that do not say it.

    Raises FileProblemsError if it cannot be read, RuleError for a day to come, StorageError if there is no room.
    """
    if counted_on is not None and counted_on > times.day_of(now()):
        raise RuleError(marked("This day is yet to come."), field="counted_on")
    name = name_of(name)
    source = read_document(content, name=name) if _is_document(name) else read_rows(content, name=name)
    kept = RecommendationFile(
        assembly_id=assembly.id,
        uploaded_at=now(),
        uploaded_by_id=by.id,
        file_name=name,
        counted_on=counted_on,
        content=pack(source),
    )
    keep(session, kept)
    return kept


def _is_document(name: str) -> bool:
    return Path(name).suffix.lower() == ".docx"


def files_of(session: Session, assembly: Assembly) -> Sequence[RecommendationFile]:
    """Return the files that wait to be imported, newest first."""
    found = sa.select(RecommendationFile).where(RecommendationFile.assembly_id == assembly.id)
    return session.scalars(found.order_by(RecommendationFile.id.desc())).all()


def get_file(session: Session, assembly: Assembly, file_id: int) -> RecommendationFile:
    """Return a file of an assembly. Raises NotFoundError, also once it was imported or discarded."""
    kept = session.get(RecommendationFile, file_id)
    if kept is None or kept.assembly_id != assembly.id:
        raise NotFoundError
    return kept


def preview(session: Session, assembly: Assembly, kept: RecommendationFile) -> Preview:
    """Return what an import would do by now; nothing is written."""
    source = unpack(kept.content)
    published = rules.published_rules(session, assembly)
    numbers = session.scalars(sa.select(Recommendation.number).where(Recommendation.assembly_id == assembly.id))
    known = Known(frozenset(numbers), published.addressees if published else [], assembly.panel_size, kept.counted_on)
    read = interpret(source, known)
    content = json.dumps([dataclasses.asdict(one) for one in read.incoming], default=str, sort_keys=True)
    return Preview(source, read, hashlib.sha256(content.encode()).hexdigest())


def apply(session: Session, assembly: Assembly, kept: RecommendationFile, *, seen: str, by: User) -> int:
    """Import all that was `seen` in the preview, delete the file, and return how many recommendations there are more.

    Those with a count are adopted, the others drafts. Raises ConflictError if something is wrong with the file, or the
    import would do something else by now.
    """
    freezing.lock_pool(session, assembly.id)
    require_still_there(session, kept)
    found = preview(session, assembly, kept)
    if not found.is_ready:
        raise ConflictError(marked("The file has problems, so nothing is imported. Correct it and upload it again."))
    if found.digest != seen:
        raise ConflictError(marked("The import would do something else by now. Look at it again before you confirm."))
    for one in found.read.incoming:
        _add(session, assembly, one, by=by)
    session.delete(kept)
    session.flush()
    return len(found.read.incoming)


def _add(session: Session, assembly: Assembly, one: Incoming, *, by: User) -> None:
    made = Recommendation(
        assembly_id=assembly.id,
        number=one.number,
        version=1,
        addressee_numbers=list(one.addressees),
        state=RecommendationState.ADOPTED if one.count else RecommendationState.DRAFT,
        adopted_at=now() if one.count else None,
        **one.said,
    )
    session.add(made)
    session.flush()
    keep_version(session, made, by=by)
    votes = dataclasses.asdict(one.count) if one.count else {}
    if votes:
        count = AdoptionCount(recommendation_id=made.id, counted_by_id=by.id, version=1, is_adopted=True, **votes)
        session.add(count)
        votes["counted_on"] = votes["counted_on"].isoformat()
    log(session, assembly, made, "recommendation_imported", by=by, **votes, is_adopted=bool(votes))


def discard(session: Session, assembly: Assembly, kept: RecommendationFile, *, by: User) -> None:
    """Delete an uploaded file of which nothing was imported."""
    freezing.lock_pool(session, assembly.id)
    require_still_there(session, kept)
    subject = f"recommendation_file:{kept.id}"
    session.delete(kept)
    logbook.record(session, assembly, "recommendation_file_discarded", by=by, subject=subject)


def template(names: Mapping[str, str]) -> bytes:
    """Return a workbook (XLSX) to fill in; `names` are the headers of COLUMNS."""
    with tempfile.TemporaryDirectory(prefix="assembly-") as folder:
        path = Path(folder) / "recommendations.xlsx"
        with write_tables(path) as (writer,):
            writer.write([names[column] for column in COLUMNS])
        return path.read_bytes()
