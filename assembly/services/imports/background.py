"""Large imports run as jobs, so that nobody waits before a page that does not answer."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assembly.models import Assembly, Import, ImportState, Job, User
from assembly.services import freezing, imports, jobs
from assembly.services.handlers import Run, handler

MOST_AT_ONCE = 2_000
"""Rows of a file that is imported while one waits: that takes under a second."""


def is_large(import_: Import) -> bool:
    """Tell whether a file is imported by a job."""
    return int(import_.summary["rows"]) > MOST_AT_ONCE


def start_import(session: Session, assembly: Assembly, import_: Import, *, seen: str, by: User) -> Job:
    """Ask for an import; while it is being done, the same job is returned. `seen` as for `apply_import`.

    Raises ConflictError if it was imported or discarded by now, or the pool is frozen.
    """
    freezing.require_open(session, assembly)
    imports.require_state(import_, ImportState.UPLOADED)
    payload = {"import": import_.id, "seen": seen}
    return jobs.enqueue(session, "import", payload, assembly=assembly, unique_key=_key(import_), by=by)


def last_job(session: Session, import_: Import) -> Job | None:
    """Return the newest job of an import."""
    return jobs.last_job(session, _key(import_))


@handler("import", repeatable=True)
def apply(run: Run) -> None:
    """Import a file, with the end of the job in one transaction: all of it, or nothing.

    SQLite knows one writer at a time, so there the progress cannot be written down while the import is.
    """
    run.report({"phase": "import"})
    with run.sessions.begin() as session:
        job = session.get_one(Job, run.job_id)
        is_alone = session.get_bind().dialect.name == "sqlite"

        def tell(done: int, total: int) -> None:
            run.report({"phase": "import", "done": done, "total": total})

        imports.apply_import(
            session,
            session.get_one(Import, run.payload["import"]),
            by=session.get_one(User, job.by_id),
            seen=run.payload["seen"],
            progress=None if is_alone else tell,
        )
        run.finish(session)


def _key(import_: Import) -> str:
    return f"import:{import_.id}"
