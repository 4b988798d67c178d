"""Whether the application is well."""

from __future__ import annotations

import shutil
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

LEAST_FREE_BYTES = 200 * 2**20
"""With less free disk, the next upload may fail in the middle."""


def health(session: Session, folder: Path) -> dict[str, bool]:
    """Return what works: the database, the disk."""
    return {"database": _database_answers(session), "disk": shutil.disk_usage(folder).free >= LEAST_FREE_BYTES}


def _database_answers(session: Session) -> bool:
    try:
        session.execute(sa.select(1))
    except SQLAlchemyError:
        session.rollback()
        return False
    return True
