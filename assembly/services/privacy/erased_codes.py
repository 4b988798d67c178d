"""What is left of the code of somebody whose data were erased: a fingerprint, by which no file brings them back.

A code may be a phone number, a name or the next of a row, so the code itself goes, and its fingerprint is made with the
application's secret: whoever has the database alone cannot try codes out. It goes with the pool's data.
"""

from __future__ import annotations

import hashlib
import hmac

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Respondent

_PURPOSE = b"assembly/erased-code/2"
_OPTION = "assembly_key_of_erased_codes"


class ErasedCodes:
    """The codes of all who were erased in an assembly; `code in codes` says whether one of them had it."""

    def __init__(self, session: Session, assembly: Assembly) -> None:
        """Read their fingerprints."""
        erased = Respondent.erased_code.is_not(None)
        found = session.scalars(sa.select(Respondent.erased_code).where(Respondent.assembly_id == assembly.id, erased))
        self._known = frozenset(found)
        self._bind, self._assembly_id = session.get_bind(), assembly.id

    def __contains__(self, code: str) -> bool:
        """Whether somebody who was erased had this code."""
        return bool(self._known) and fingerprint_of(self._bind, self._assembly_id, code) in self._known


def attach_key(engine: sa.Engine, secret_key: str) -> None:
    """Let the sessions and migrations of this engine make fingerprints, with a key made of the application's secret."""
    key = hmac.digest(secret_key.encode(), _PURPOSE, hashlib.sha256)
    engine.update_execution_options(**{_OPTION: key})


def has_key(bind: sa.Engine | sa.Connection) -> bool:
    """Whether fingerprints can be made here."""
    return _OPTION in bind.get_execution_options()


def fingerprint_of(bind: sa.Engine | sa.Connection, assembly_id: int, code: str) -> str:
    """Return the fingerprint of a code, another one in each assembly. Raises KeyError without `attach_key`."""
    key = bind.get_execution_options()[_OPTION]
    return hmac.digest(key, f"{assembly_id}\0{code}".encode(), hashlib.sha256).hex()
