"""What everyone may see."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly


def public_assemblies(session: Session) -> list[Assembly]:
    """Return the assemblies whose public page is open, newest first."""
    return list(session.scalars(sa.select(Assembly).where(Assembly.is_public).order_by(Assembly.id.desc())))


def public_assembly(session: Session, slug: str) -> Assembly | None:
    """Return an assembly by the name in its address if its public page is open."""
    return session.scalar(sa.select(Assembly).where(Assembly.slug == slug, Assembly.is_public))
