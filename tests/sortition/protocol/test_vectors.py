"""The committed vectors: whoever writes a verifier of their own can rely on every byte."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

import pytest

from sortition.protocol.canonical import canonical_bytes
from sortition.protocol.documents import parse_document
from sortition.protocol.hashes import ticket_of_value
from sortition.protocol.verify import verify

from .vector_maker import COMMITMENT, FOLDER, ROW, SECRET, commitments, documents, primitives


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    return json.loads((FOLDER / "primitives.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]  # tests handle documents loosely


def test_every_document_comes_out_byte_for_byte() -> None:
    made = documents(commitments())
    assert {name: (FOLDER / name).read_bytes() for name in made} == made


def test_every_hash_comes_out(stored: dict[str, Any]) -> None:
    assert primitives() == stored


def test_the_hashes_are_what_the_design_says(stored: dict[str, Any]) -> None:
    """Computed here with nothing but hashlib."""
    assert hashlib.sha256(b"sortition/leaf/1" + SECRET + canonical_bytes(ROW)).hexdigest() == stored["leaf"]
    for ticket, token in stored["tokens"].items():
        digest = hashlib.sha256(b"sortition/token/1" + SECRET + int(ticket).to_bytes(8, "big")).hexdigest()
        assert digest[:32] == token
    for case in stored["tickets_of_values"]:
        content = b"sortition/ticket/1" + bytes.fromhex(COMMITMENT) + case["value"].encode() + bytes(8)
        assert int(hashlib.sha256(content).hexdigest(), 16) % case["tickets"] == case["ticket"]


@pytest.mark.parametrize("kind", ["digits", "public_value"])
def test_the_vectors_verify(kind: str) -> None:
    names = [f"{part}-{kind}.json" for part in ("public", "audit", "receipt", "drawn")]
    files = [parse_document((FOLDER / name).read_bytes(), name=name) for name in [*names, "lottery.json"]]
    commitment = (FOLDER / f"commitment-{kind}.txt").read_text().strip()
    assert hashlib.sha256((FOLDER / f"public-{kind}.json").read_bytes()).hexdigest() == commitment
    assert verify(files, commitments=[commitment]).verified


def test_values_that_would_favour_a_ticket_are_rejected_and_hashed_again() -> None:
    """With 2²⁵⁵ + 1 tickets about half of all hashes are above the largest multiple, so the counter must rise."""
    many = 2**255 + 1
    first = [
        int.from_bytes(hashlib.sha256(b"sortition/ticket/1" + bytes.fromhex(COMMITMENT) + value + bytes(8)).digest())
        for value in (b"%d" % number for number in range(40))
    ]
    rejected = [number for number in range(40) if first[number] >= many]
    assert 10 < len(rejected) < 30
    for number in range(40):
        ticket = ticket_of_value(COMMITMENT, str(number), many)
        assert ticket < many
        assert (ticket == first[number]) == (number not in rejected)


def test_public_values_draw_every_ticket_equally_often() -> None:
    """Chi-squared with 9 degrees of freedom: above 33 once in 10,000 times by chance; the values are fixed."""
    drawn = Counter(ticket_of_value(COMMITMENT, f"value {number}", 10) for number in range(5000))
    assert sum((drawn[ticket] - 500) ** 2 / 500 for ticket in range(10)) < 33
