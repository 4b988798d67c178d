"""Whether the application is well."""

from __future__ import annotations

import shutil
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from assembly.queue import Queue
from assembly.services import jobs

LEAST_FREE_BYTES = 200 * 2**20
"""With less free disk, the next upload may fail in the middle."""


def health(session: Session, folder: Path, queue: Queue) -> dict[str, bool]:
    """Return what works: the database, the disk, the queue, and whether any worker lives."""
    database = _database_answers(session)
    return {
        "database": database,
        "disk": shutil.disk_usage(folder).free >= LEAST_FREE_BYTES,
        "queue": queue.answers(),
        "worker": database and jobs.has_worker(session),
    }


def _database_answers(session: Session) -> bool:
    try:
        session.execute(sa.select(1))
    except SQLAlchemyError:
        session.rollback()
        return False
    return True
