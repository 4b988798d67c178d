"""The documents of the protocol: what each looks like, and how one is recognised.

Public document: for everyone; no row, no id, no pseudonym. Audit document: for a notary or auditor; adds rows,
secrets and ticket lists. Receipt: for one registrant. Drawn document: for the organiser; the result, with ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict, cast

from sortition.errors import InputError
from sortition.lottery import FORMAT as LOTTERY_FORMAT
from sortition.lottery import Lottery
from sortition.lottery_file import parse_lottery
from sortition.protocol.canonical import canonical_bytes, parse_canonical, parse_json, sha256_hex
from sortition.protocol.draw_rule import DRAW_RULE_SHAPE
from sortition.protocol.hashes import SECRET_BYTES, TOKEN_BYTES
from sortition.shapes import (
    DECIMAL,
    Boolean,
    Integer,
    ListOf,
    MapOf,
    Nullable,
    OneOf,
    Record,
    Shape,
    Text,
    hexadecimal,
)

PUBLIC_FORMAT = "sortition-public/1"
AUDIT_FORMAT = "sortition-audit/1"
RECEIPT_FORMAT = "sortition-receipt/1"
DRAWN_FORMAT = "sortition-drawn/1"

_HASH, _SECRET, _TOKEN = hexadecimal(32), hexadecimal(SECRET_BYTES), hexadecimal(TOKEN_BYTES)
_ID = Text(one_line=False)
_VALUE = Text(may_be_empty=True, one_line=False)
_BOUNDS = Record({"lower": Integer(), "upper": Integer()})
_FLEX = Record({"lower_flex": Nullable(Integer()), "upper_flex": Nullable(Integer())})
_ROW = Record({"id": _ID, "values": MapOf(_VALUE), "household": Nullable(Integer())})
_DEVIATION = Record({"shortfall": DECIMAL, "excess": DECIMAL})
_CERTIFICATE = Record(
    {
        "proven": Boolean(),
        "proof": Text(40),
        "objective": Text(100),
        "tolerance": DECIMAL,
        "gap": DECIMAL,
        "portfolio": _DEVIATION,
        "tickets": _DEVIATION,
    }
)
_POOL = Record(
    {
        "entries": Integer(1),
        "required": Integer(),
        "excluded": Integer(),
        "counts": Nullable(MapOf(ListOf(Record({"values": ListOf(_VALUE, at_least=1), "count": Integer()})))),
    }
)
PUBLIC_SHAPE = Record(
    {
        "format": OneOf((PUBLIC_FORMAT,)),
        "software": Text(200),
        "rehearsal": Boolean(),
        "parent": Nullable(_HASH),
        "voided": ListOf(Record({"commitment": _HASH, "reason": Text(600)})),
        "draw_rule": DRAW_RULE_SHAPE,
        "size": Integer(1),
        "quotas": MapOf(MapOf(_BOUNDS, at_least=1)),
        "pool": _POOL,
        "leaves": ListOf(_HASH, at_least=1),
        "tickets": ListOf(ListOf(_TOKEN, at_least=1), at_least=1),
        "ticket_counts": Nullable(MapOf(MapOf(ListOf(Integer())))),
        "chances": ListOf(Record({"tickets": Integer(), "entries": Integer(1)}), at_least=1),
        "certificate": _CERTIFICATE,
        "lottery_seal": _HASH,
        "log_head": _HASH,
    },
    optional=frozenset({"log_head"}),
)
_AUDIT_ENTRY = Record(
    {
        "leaf": _HASH,
        "row": Nullable(_ROW),
        "secret": Nullable(_SECRET),
        "settled": Nullable(OneOf(("required", "excluded"))),
        "ideal_probability": DECIMAL,
    }
)
AUDIT_SHAPE = Record(
    {
        "format": OneOf((AUDIT_FORMAT,)),
        "public": PUBLIC_SHAPE,
        "entries": ListOf(_AUDIT_ENTRY, at_least=1),
        "tickets": ListOf(ListOf(Integer(), at_least=1), at_least=1),
        "flex": MapOf(MapOf(_FLEX)),
        "lottery_salt": _SECRET,
    }
)
RECEIPT_SHAPE = Record(
    {
        "format": OneOf((RECEIPT_FORMAT,)),
        "assembly": Text(200),
        "commitment": _HASH,
        "row": _ROW,
        "secret": _SECRET,
    }
)
DRAWN_SHAPE = Record(
    {
        "format": OneOf((DRAWN_FORMAT,)),
        "commitment": _HASH,
        "rehearsal": Boolean(),
        "how": OneOf(("digits", "public_value", "system_randomness")),
        "value": Text(20_000),
        "ticket": Integer(),
        "tokens": ListOf(_TOKEN, at_least=1),
        "members": ListOf(_ID),
        "erased": Integer(),
    }
)


class Row(TypedDict):
    """What is committed of one entry; the household is a random number, null if nobody else in the pool shares it."""

    id: str
    values: dict[str, str]
    household: int | None


class PublicDocument(TypedDict):
    """See PUBLIC_SHAPE; `ticket_counts` {feature: {value: members per ticket}} may be withheld (null).

    `log_head` is the hash of the organiser's log of deeds when this was committed: a log that was cut or rewritten
    since no longer has it.
    """

    format: str
    software: str
    rehearsal: bool
    parent: str | None
    voided: list[dict[str, str]]
    draw_rule: dict[str, Any]
    size: int
    quotas: dict[str, dict[str, dict[str, int]]]
    pool: dict[str, Any]
    leaves: list[str]
    tickets: list[list[str]]
    ticket_counts: dict[str, dict[str, list[int]]] | None
    chances: list[dict[str, int]]
    certificate: dict[str, Any]
    lottery_seal: str
    log_head: NotRequired[str]


class AuditEntry(TypedDict):
    """One entry, in the order of the public leaves; row and secret are null once it was redacted."""

    leaf: str
    row: Row | None
    secret: str | None
    settled: str | None
    ideal_probability: str


class AuditDocument(TypedDict):
    """See AUDIT_SHAPE; `tickets` are positions in `entries`, `public` is the whole public document."""

    format: str
    public: PublicDocument
    entries: list[AuditEntry]
    tickets: list[list[int]]
    flex: dict[str, dict[str, dict[str, int | None]]]
    lottery_salt: str


class ReceiptDocument(TypedDict):
    """What one registrant gets before the draw."""

    format: str
    assembly: str
    commitment: str
    row: Row
    secret: str


class DrawnDocument(TypedDict):
    """The result of a draw; `erased` members were redacted from the audit document before it."""

    format: str
    commitment: str
    rehearsal: bool
    how: str
    value: str
    ticket: int
    tokens: list[str]
    members: list[str]
    erased: int


_SHAPES: dict[str, Shape] = {
    PUBLIC_FORMAT: PUBLIC_SHAPE,
    AUDIT_FORMAT: AUDIT_SHAPE,
    RECEIPT_FORMAT: RECEIPT_SHAPE,
    DRAWN_FORMAT: DRAWN_SHAPE,
}


@dataclass(frozen=True, slots=True, repr=False)
class LoadedDocument:
    """A document of any kind, with the name by which messages call it; its shape has been checked."""

    name: str
    content: PublicDocument | AuditDocument | ReceiptDocument | DrawnDocument | Lottery

    @property
    def format(self) -> str:
        """The format the document states."""
        return LOTTERY_FORMAT if isinstance(self.content, Lottery) else self.content["format"]


def parse_document(content: bytes, *, name: str) -> LoadedDocument:
    """Recognise a document by its `format` and check its shape.

    Raises InputError if the bytes are not canonical, the format is unknown, or a field is missing, unknown or of
    the wrong kind. lottery.json is the organiser's own file: it holds floats and need not be canonical.
    """
    stated = parse_json(content, name=name, floats=True).get("format")
    if stated == LOTTERY_FORMAT:
        return LoadedDocument(name, parse_lottery(parse_json(content, name=name, floats=True), name=name))
    shape = _SHAPES.get(stated) if isinstance(stated, str) else None
    if shape is None:
        known = ", ".join(f"“{known}”" for known in [*_SHAPES, LOTTERY_FORMAT])
        raise InputError(f"{name} does not state a known format; known are {known}.")
    document = parse_canonical(content, name=name)
    shape.check(document, name)
    return LoadedDocument(name, cast("Any", document))


def parse_audit(content: bytes, *, name: str) -> AuditDocument:
    """Return an audit document; raises InputError if it is none, or its lists do not fit its public document."""
    audit = cast("AuditDocument", _of_format(content, AUDIT_FORMAT, "an audit document", name))
    public, entries = audit["public"], len(audit["entries"])
    if (
        len(audit["tickets"]) != len(public["tickets"])
        or entries != len(public["leaves"])
        or any(len(row) != public["size"] or max(row) >= entries for row in audit["tickets"])
    ):
        raise InputError(f"{name} is damaged: its lists do not fit the public document in it.")
    return audit


def parse_public(content: bytes, *, name: str) -> PublicDocument:
    """Return a public document; raises InputError if it is none."""
    return cast("PublicDocument", _of_format(content, PUBLIC_FORMAT, "a public document", name))


def parse_receipt(content: bytes, *, name: str) -> ReceiptDocument:
    """Return a receipt; raises InputError if it is none."""
    return cast("ReceiptDocument", _of_format(content, RECEIPT_FORMAT, "a receipt", name))


def parse_drawn(content: bytes, *, name: str) -> DrawnDocument:
    """Return a drawn document; raises InputError if it is none."""
    return cast("DrawnDocument", _of_format(content, DRAWN_FORMAT, "the result of a draw", name))


def _of_format(content: bytes, expected: str, description: str, name: str) -> object:
    document = parse_document(content, name=name)
    if document.format != expected:
        raise InputError(f"{name} is not {description} ({expected}), but {document.format}.")
    return document.content


def commitment_of(public: PublicDocument) -> str:
    """Return the commitment: the SHA-256 of the public document's canonical bytes, hexadecimal."""
    return sha256_hex(canonical_bytes(cast("Any", public)))


def ticket_width(public: PublicDocument) -> int:
    """Return how many digits a ticket number of this lottery has: 3 for tickets 000 to 999."""
    return len(str(len(public["tickets"]) - 1))
