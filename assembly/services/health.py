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
        "disk": _disk_has_room(folder),
        "queue": queue.answers(),
        "worker": database and jobs.has_worker(session),
    }


def _disk_has_room(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free >= LEAST_FREE_BYTES
    except OSError:  # the folder is gone: a volume that is no longer mounted
        return False


def _database_answers(session: Session) -> bool:
    try:
        session.execute(sa.select(1))
    except SQLAlchemyError:
        session.rollback()
        return False
    return True
