"""Receipts: file names for them, which tickets they stand on, and what remains when a person is erased."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable

from sortition.errors import InputError
from sortition.protocol.canonical import canonical_bytes
from sortition.protocol.documents import AuditDocument, AuditEntry, PublicDocument, ReceiptDocument
from sortition.protocol.hashes import leaf, token

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
LONGEST_NAME = 100
"""Characters of a file name before “.json”; every file system takes that many bytes."""


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
