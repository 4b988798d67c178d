"""Receipts: made of the audit document, their files and short codes, their tickets, and what is left of the erased."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable

from sortition.errors import InputError
from sortition.protocol.canonical import canonical_bytes
from sortition.protocol.documents import RECEIPT_FORMAT, AuditDocument, AuditEntry, PublicDocument, ReceiptDocument
from sortition.protocol.hashes import CODE_BYTES, code_of, leaf, token

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
LONGEST_NAME = 100
"""Characters of a file name before “.json”; every file system takes that many bytes."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that looks like a digit, and no U."""
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
CODE_LENGTH = CODE_BYTES * 8 // 5


def file_names(ids: Iterable[str]) -> dict[str, str]:
    """Return a file name for each id, so that each receipt finds its person.

    Letters, digits, “-” and “_” stay, everything else becomes “%” and hexadecimal bytes, so that no id can name
    another folder. Long names, and names that differ only in upper and lower case, get a part of their hash.

    >>> file_names(["17", "../etc"])
    {'17': '17.json', '../etc': '%2E%2E%2Fetc.json'}
    """
    names = {entry_id: _escaped(entry_id) for entry_id in ids}
    seen: dict[str, int] = {}
    for name in names.values():
        seen[name.casefold()] = seen.get(name.casefold(), 0) + 1
    return {
        entry_id: (f"{name[:LONGEST_NAME]}~{hashlib.sha256(entry_id.encode()).hexdigest()[:16]}.json")
        if len(name) > LONGEST_NAME or seen[name.casefold()] > 1
        else f"{name}.json"
        for entry_id, name in names.items()
    }


def receipts_of(audit: AuditDocument, *, commitment: str) -> list[ReceiptDocument]:
    """Return one receipt for each entry that was not redacted: its row, its secret, and the commitment."""
    return [
        {
            "format": RECEIPT_FORMAT,
            "assembly": audit["public"]["draw_rule"]["assembly"],
            "commitment": commitment,
            "row": entry["row"],
            "secret": entry["secret"],
        }
        for entry in audit["entries"]
        if entry["row"] is not None and entry["secret"] is not None
    ]


def short_code(receipt: ReceiptDocument) -> str:
    """Return the code that stands for a receipt on paper: 80 bits of its secret's hash as sixteen characters.

    It follows from the secret, so whoever has the code before the draw can tell later that this very secret existed.
    """
    number = int.from_bytes(code_of(bytes.fromhex(receipt["secret"])), "big")
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(CODE_LENGTH)))


def grouped(code: str) -> str:
    """Return a short code as it is printed.

    >>> grouped("0123456789ABCDEF")
    '0123-4567-89AB-CDEF'
    """
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def typed_code(text: str) -> str | None:
    """Return the short code that somebody typed, however they wrote it; None if it can be none.

    >>> typed_code(" o123 4567-89ab-cdef ")
    '0123456789ABCDEF'
    """
    code = "".join(character for character in text.upper() if character.isalnum()).translate(_MISREAD)
    return code if len(code) == CODE_LENGTH and set(code) <= set(_ALPHABET) else None


def _escaped(text: str) -> str:
    return "".join(c if c in _PLAIN else "".join(f"%{byte:02X}" for byte in c.encode()) for c in text)


def tickets_of(receipt: ReceiptDocument, public: PublicDocument) -> list[int]:
    """Return the tickets on which the person of a receipt stands, ascending: their share is the person's chance."""
    secret = bytes.fromhex(receipt["secret"])
    return [number for number, tokens in enumerate(public["tickets"]) if token(secret, number) in tokens]


def leaf_of(receipt: ReceiptDocument) -> str:
    """Return the leaf that a receipt's secret and row give."""
    return leaf(bytes.fromhex(receipt["secret"]), receipt["row"])


def redact(audit: AuditDocument, entry_ids: Collection[str]) -> AuditDocument:
    """Return the audit document without the rows and secrets of some people, whose leaves and places stay.

    Who is left without a row still has a place on the ticket lists, so their values, though not who they are, may
    be derived from the counts: the audit document stays confidential. Raises InputError if an id is not in it.
    """
    known = {entry["row"]["id"] for entry in audit["entries"] if entry["row"] is not None}
    if unknown := set(entry_ids) - known:
        raise InputError(f"{len(unknown)} of the ids to erase are not in the audit document.")

    def redacted(entry: AuditEntry) -> AuditEntry:
        if entry["row"] is None or entry["row"]["id"] not in entry_ids:
            return entry
        return {**entry, "row": None, "secret": None}

    return {**audit, "entries": [redacted(entry) for entry in audit["entries"]]}


def receipt_bytes(receipt: ReceiptDocument) -> bytes:
    """Return the canonical bytes of a receipt, as it is sent to its person."""
    return canonical_bytes(dict(receipt))
