"""Tokens: made at random, kept as fingerprints that the database alone does not let anybody try out."""

from __future__ import annotations

import secrets

from sqlalchemy.orm import Session

from assembly.models import AccessKind
from assembly.services.privacy.erased_codes import fingerprint_of

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""What nobody takes for another: no 0 and O, 1, I and L, U beside V."""
CODE_LENGTH = 8
"""Of 30 letters: 39 bits, which the limits on trials make enough, see `assembly.security.limits`."""
TOKEN_BYTES = 24
ONE_TIME = "one-time"
_NO_ASSEMBLY = 0
"""Numbers of assemblies begin at 1, so these fingerprints are never one of an erased code."""
_SEPARATORS = dict.fromkeys(map(ord, " -–\u00a0"))


def new_token(kind: AccessKind) -> str:
    """Return a token that nobody has."""
    if kind is AccessKind.CODE:
        return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_one_time_code() -> str:
    """Return six digits."""
    return f"{secrets.randbelow(10**6):06}"


def typed(code: str) -> str:
    """Return a code as it was printed, however it was typed.

    >>> typed(" abcd-efgh ")
    'ABCDEFGH'
    """
    return code.upper().translate(_SEPARATORS)


def shown(code: str) -> str:
    """Return a code as people read it.

    >>> shown("ABCDEFGH")
    'ABCD-EFGH'
    """
    return f"{code[:4]}-{code[4:]}"


def fingerprint(session: Session, kind: str, token: str) -> str:
    """Return what is kept of a token, made with the application's secret."""
    return fingerprint_of(session.get_bind(), _NO_ASSEMBLY, f"{kind}\0{token}")
