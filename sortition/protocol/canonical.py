"""Canonical bytes: RFC 8785 without floats, so that a document has exactly one spelling and one hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NoReturn

import rfc8785

from sortition.errors import InputError


def canonical_bytes(document: Mapping[str, Any]) -> bytes:
    """Return the RFC 8785 bytes of a document of objects, lists, strings, integers, booleans and nulls.

    Raises InputError if it holds a float, an integer beyond ±(2⁵³ − 1), or text that is not Unicode.
    """
    _refuse_floats(document)
    return canonical_bytes_with_floats(document)


def canonical_bytes_with_floats(document: Mapping[str, Any]) -> bytes:
    """Return the RFC 8785 bytes of a document that may hold finite floats; not for documents that are published."""
    try:
        return rfc8785.dumps(dict(document))
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise InputError(f"The document has no canonical form: {error}.") from error


def sha256_hex(content: bytes) -> str:
    """Return the SHA-256 of some bytes in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def parse_canonical(content: bytes, *, name: str) -> dict[str, Any]:
    """Return the document whose canonical bytes these are; `name` is what error texts call the file.

    Raises InputError if the bytes are not JSON, hold a float or a repeated key, or differ in any byte from the
    canonical form: two spellings of one document would have two hashes.
    """
    document = parse_json(content, name=name, floats=False)
    if canonical_bytes(document) != content:
        raise InputError(
            f"{name} is not in its canonical form (RFC 8785); it was changed or saved again by another program. "
            "Use the file exactly as it was published."
        )
    return document


def parse_json(content: bytes, *, name: str, floats: bool) -> dict[str, Any]:
    """Return the JSON object in some bytes; raises InputError if it is none or repeats a key, or holds a float."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        document = dict(pairs)
        if len(document) != len(pairs):
            raise InputError(f"{name} repeats a key inside one JSON object; nobody can say which one counts.")
        return document

    def refuse(text: str) -> NoReturn:
        raise InputError(f"{name} holds the number {text[:40]}, which a document of this kind must not hold.")

    try:
        document = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=unique,
            parse_float=float if floats else refuse,
            parse_constant=refuse,
        )
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name} is not a JSON document in UTF-8.") from error
    if not isinstance(document, dict):
        raise InputError(f"{name} is not a JSON object.")
    return document


def _refuse_floats(value: object) -> None:
    """Raise InputError at the first float, without recursion so that depth does not matter here."""
    open_values = [value]
    while open_values:
        match open_values.pop():
            case dict() as mapping:
                open_values.extend(mapping.values())
            case list() as items:
                open_values.extend(items)
            case float() as number:
                raise InputError(f"A committed document holds no floats, but {number!r} was given.")
            case _:
                pass
