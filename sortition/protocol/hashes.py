"""The five hashes of the protocol, each with a domain of its own so that none can pass for another.

Every input before the last has a fixed length, so no two inputs run together into the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sortition.protocol.canonical import canonical_bytes

LEAF_DOMAIN = b"sortition/leaf/1"
TOKEN_DOMAIN = b"sortition/token/1"
LOTTERY_DOMAIN = b"sortition/lottery/1"
TICKET_DOMAIN = b"sortition/ticket/1"
CODE_DOMAIN = b"sortition/code/1"

SECRET_BYTES = 32
"""256 bits: nobody can try out secrets to match a row they guess to its leaf."""
TOKEN_BYTES = 16
"""128 bits: two of a million tokens coincide by chance with probability 10⁻²⁷, and a list stays readable."""
CODE_BYTES = 10
"""80 bits: sixteen characters are typed without anger, and nobody guesses one or finds another secret with it."""


def leaf(secret: bytes, row: Mapping[str, Any]) -> str:
    """Return the leaf of an entry: SHA-256(domain ‖ secret ‖ canonical row), hexadecimal."""
    return hashlib.sha256(LEAF_DOMAIN + secret + canonical_bytes(row)).hexdigest()


def token(secret: bytes, ticket: int) -> str:
    """Return the token under which an entry stands on a ticket: the first 128 bits of SHA-256(domain ‖ secret ‖ t).

    `ticket` enters as eight bytes, the most significant first.
    """
    return hashlib.sha256(TOKEN_DOMAIN + secret + ticket.to_bytes(8, "big")).digest()[:TOKEN_BYTES].hex()


def code_of(secret: bytes) -> bytes:
    """Return the bytes of a receipt's short code: the first 80 bits of SHA-256(domain ‖ secret)."""
    return hashlib.sha256(CODE_DOMAIN + secret).digest()[:CODE_BYTES]


def lottery_seal(salt: bytes, canonical_lottery: bytes) -> str:
    """Return the seal that binds lottery.json, with its proof, to the commitment without revealing it."""
    return hashlib.sha256(LOTTERY_DOMAIN + salt + canonical_lottery).hexdigest()


def ticket_of_value(commitment: str, value: str, tickets: int) -> int:
    """Return the ticket that a public value of at least 64 bits of entropy decides, uniform in 0 … tickets − 1.

    SHA-256(domain ‖ commitment ‖ value ‖ counter) as an integer, the counter as eight bytes; an integer at or
    above the largest multiple of `tickets` is rejected and the counter raised, so that no ticket is favoured.
    """
    limit = 2**256 - 2**256 % tickets
    counter = 0
    while True:
        content = TICKET_DOMAIN + bytes.fromhex(commitment) + value.encode() + counter.to_bytes(8, "big")
        number = int.from_bytes(hashlib.sha256(content).digest(), "big")
        if number < limit:
            return number % tickets
        counter += 1
