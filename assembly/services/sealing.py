"""What is stored encrypted, bank data and receipts of claims; and what links hold that only we can have made.

The keys are made of the application's secret, another one for each purpose, so whoever has the database alone reads
nothing.
"""

from __future__ import annotations

import base64
import enum
import hashlib
import hmac

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.orm import Session

from assembly.services.errors import ConflictError, marked

_OPTION = "assembly_keys_of_sealed_content"


class Purpose(enum.StrEnum):
    """What is sealed; its value makes its key, so it never changes."""

    BANK_ACCOUNT = "assembly/bank-account/1"
    CLAIM_RECEIPT = "assembly/claim-receipt/1"
    SUBSCRIPTION = "assembly/subscription/1"


def attach_keys(engine: sa.Engine, secret_key: str) -> None:
    """Let the sessions of this engine seal and open, with keys made of the application's secret."""
    keys = {
        purpose: base64.urlsafe_b64encode(hmac.digest(secret_key.encode(), purpose.value.encode(), hashlib.sha256))
        for purpose in Purpose
    }
    engine.update_execution_options(**{_OPTION: keys})


def seal(session: Session, content: bytes, purpose: Purpose) -> bytes:
    """Return content encrypted."""
    return _cipher(session, purpose).encrypt(content)


def unseal(session: Session, sealed: bytes | str, purpose: Purpose) -> bytes:
    """Return content decrypted. Raises ConflictError if the secret has changed since."""
    try:
        return _cipher(session, purpose).decrypt(sealed)
    except InvalidToken:
        raise ConflictError(
            marked(
                "Bank data and receipts cannot be opened, because SECRET_KEY is another one than when they were "
                "entered. Set the old one, or have them entered again."
            )
        ) from None


def token_of(session: Session, content: str, purpose: Purpose) -> str:
    """Return content as a token for a link."""
    return seal(session, content.encode(), purpose).decode()


def open_token(session: Session, token: str, purpose: Purpose) -> str:
    """Return what a token holds. Raises InvalidToken if we have not made it."""
    return _cipher(session, purpose).decrypt(token.encode()).decode()


def _cipher(session: Session, purpose: Purpose) -> Fernet:
    return Fernet(session.get_bind().get_execution_options()[_OPTION][purpose])
