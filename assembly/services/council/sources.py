"""Connecting an assembly with a council information system, and disconnecting it."""

from __future__ import annotations

import dataclasses

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, CouncilMeeting, CouncilPaper, CouncilSource, Job, User
from assembly.services import freezing, jobs, logbook
from assembly.services.council import reading, storing
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked

LOOK = "council_look"
"""The kind of the job that finds the bodies at an address."""
SYNCHRONISE = "council_synchronise"
"""The kind of the job that mirrors papers and meetings."""
TAKEN = marked("A council information system is connected already. Disconnect it first.")


@dataclasses.dataclass(frozen=True, slots=True)
class Counts:
    """How much is mirrored, without what was deleted there."""

    papers: int
    meetings: int


def source_of(session: Session, assembly: Assembly) -> CouncilSource | None:
    """Return the council information system of an assembly, if one was named."""
    return session.scalar(sa.select(CouncilSource).where(CouncilSource.assembly_id == assembly.id))


def connected(session: Session, assembly: Assembly) -> CouncilSource:
    """Return the one whose body was chosen. Raises NotFoundError."""
    source = source_of(session, assembly)
    if source is None or not source.body:
        raise NotFoundError
    return source


def connect(session: Session, assembly: Assembly, address: str, *, by: User) -> CouncilSource:
    """Ask for the bodies at an address; another one may be named until a body is chosen.

    Raises RuleError if it is no address of the web, ConflictError if a body was chosen.
    """
    if not reading.link(address):
        raise RuleError(marked("Write the address as it is, beginning with https://."), field="address")
    freezing.lock_pool(session, assembly.id)
    source = source_of(session, assembly)
    if source is None:
        source = CouncilSource(assembly_id=assembly.id)
        session.add(source)
    else:
        session.refresh(source, with_for_update=True)
    if source.body:
        raise ConflictError(TAKEN)
    source.address, source.bodies, source.name, source.version = address, [], "", ""
    session.flush()
    logbook.record(session, assembly, "council_named", by=by, details={"address": address})
    _enqueue(session, assembly, source, LOOK, by)
    return source


def choose(session: Session, assembly: Assembly, body: str, *, by: User) -> CouncilSource:
    """Choose one of the bodies that were found, and ask for its papers and meetings.

    Raises NotFoundError without a source, RuleError if the body was not found there, ConflictError if one is chosen.
    """
    freezing.lock_pool(session, assembly.id)
    source = source_of(session, assembly)
    if source is None:
        raise NotFoundError
    session.refresh(source, with_for_update=True)
    if source.body:
        raise ConflictError(TAKEN)
    names = {one["id"]: one["name"] for one in source.bodies}
    if body not in names:
        raise RuleError(marked("Choose a body from the list."), field="body")
    source.body, source.name = body, names[body]
    logbook.record(
        session, assembly, "council_connected", by=by, details={"name": source.name, "address": source.address}
    )
    _enqueue(session, assembly, source, SYNCHRONISE, by)
    return source


def synchronise(session: Session, assembly: Assembly, *, by: User) -> Job:
    """Ask for the newest papers and meetings now. Raises NotFoundError."""
    return _enqueue(session, assembly, connected(session, assembly), SYNCHRONISE, by)


def disconnect(session: Session, assembly: Assembly, *, by: User) -> None:
    """Remove the source with all that is mirrored of it; references to it stay as they are. Raises NotFoundError."""
    freezing.lock_pool(session, assembly.id)
    source = source_of(session, assembly)
    if source is None:
        raise NotFoundError
    details = {"name": source.name, "address": source.address}
    job = jobs.active(last_job(session, source))
    if job is not None:
        jobs.cancel(session, job)
    storing.remove(session, source)
    logbook.record(session, assembly, "council_disconnected", by=by, details=details)


def last_job(session: Session, source: CouncilSource) -> Job | None:
    """Return what was last done, or is being done, with a source."""
    return jobs.last_job(session, key_of(source.id))


def key_of(source_id: int) -> str:
    """Return the key under which only one job at a time asks a source."""
    return f"council:{source_id}"


def counts_of(session: Session, source: CouncilSource) -> Counts:
    """Return how much is mirrored."""
    papers, meetings = (
        session.scalar(sa.select(sa.func.count()).where(model.source_id == source.id, model.is_deleted.is_(False))) or 0
        for model in (CouncilPaper, CouncilMeeting)
    )
    return Counts(papers, meetings)


def enqueue_all(session: Session) -> None:
    """Ask for the newest of every connected source."""
    for source in session.scalars(sa.select(CouncilSource).where(CouncilSource.body != "").order_by(CouncilSource.id)):
        assembly = session.get_one(Assembly, source.assembly_id)
        _enqueue(session, assembly, source, SYNCHRONISE, None)


def _enqueue(session: Session, assembly: Assembly, source: CouncilSource, kind: str, by: User | None) -> Job:
    payload = {"source_id": source.id}
    return jobs.enqueue(session, kind, payload, assembly=assembly, unique_key=key_of(source.id), by=by)
