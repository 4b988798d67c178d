"""What is left of the code of somebody whose data were erased: a fingerprint, by which no file brings them back.

A code may be a phone number or a name, so the code itself goes. Its fingerprint can be tried out by whoever has both
the database and a guess, and goes with the pool's data.
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Respondent


def fingerprint_of(assembly_id: int, code: str) -> str:
    """Return the fingerprint of a code, another one in each assembly."""
    return hashlib.sha256(f"assembly/erased-code/1\0{assembly_id}\0{code}".encode()).hexdigest()


def known_fingerprints(session: Session, assembly: Assembly) -> frozenset[str]:
    """Return the fingerprints of all who were erased in an assembly."""
    found = session.scalars(
        sa.select(Respondent.erased_code).where(
            Respondent.assembly_id == assembly.id, Respondent.erased_code.is_not(None)
        )
    )
    return frozenset(one for one in found if one is not None)
