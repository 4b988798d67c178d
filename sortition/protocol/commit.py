"""Commit: from a solved lottery and a draw rule to the public document, the audit document and the receipts."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, cast

import numpy as np

from sortition.arrays import IntArray
from sortition.errors import InputError, VerificationError
from sortition.lottery import Lottery
from sortition.lottery_file import lottery_document
from sortition.model import Instance
from sortition.protocol.audit_checks import check_audit
from sortition.protocol.canonical import canonical_bytes, canonical_bytes_with_floats
from sortition.protocol.documents import (
    AUDIT_FORMAT,
    PUBLIC_FORMAT,
    RECEIPT_FORMAT,
    AuditDocument,
    AuditEntry,
    PublicDocument,
    ReceiptDocument,
    Row,
    commitment_of,
)
from sortition.protocol.draw_rule import DrawRule
from sortition.protocol.figures import (
    bounds,
    certificate_claim,
    chance_histogram,
    counts_per_ticket,
    decimal_text,
    deviation,
    flex,
    merged_counts,
    require_fitting_order,
    value_counts,
)
from sortition.protocol.hashes import SECRET_BYTES, leaf, lottery_seal, token
from sortition.protocol.public_checks import check_public
from sortition.protocol.report import Checklist

DISTRIBUTION = "sortition-assembly"
FEWEST_SHOWN_SEATS = 5
"""A replacement of fewer seats publishes no counts: they would describe the people who left or joined."""

RandomBytes = Callable[[int], bytes]
"""Returns that many random bytes; only tests pass anything but the system's randomness."""


@dataclass(frozen=True, slots=True)
class Voided:
    """An earlier commitment of the assembly that this one replaces, and the reason, which is published."""

    public: PublicDocument
    reason: str


@dataclass(frozen=True, slots=True, repr=False)
class Commitment:
    """What `commit` made. `hash` is to be published; the bytes are exactly what is to be written."""

    hash: str
    public: PublicDocument
    audit: AuditDocument

    def __repr__(self) -> str:
        return f"Commitment({self.hash})"

    def public_bytes(self) -> bytes:
        """Return the bytes of the public document, whose SHA-256 is the commitment."""
        return canonical_bytes(cast("Any", self.public))

    def audit_bytes(self) -> bytes:
        """Return the bytes of the audit document, which holds all secrets."""
        return canonical_bytes(cast("Any", self.audit))

    def receipts(self) -> list[ReceiptDocument]:
        """Return one receipt for each entry: its row, its secret, and the commitment."""
        return [
            {
                "format": RECEIPT_FORMAT,
                "assembly": self.public["draw_rule"]["assembly"],
                "commitment": self.hash,
                "row": entry["row"],
                "secret": entry["secret"],
            }
            for entry in self.audit["entries"]
            if entry["row"] is not None and entry["secret"] is not None
        ]


def commit(
    lottery: Lottery,
    rule: DrawRule,
    *,
    now: datetime,
    voids: Voided | None = None,
    log_head: str | None = None,
    random_bytes: RandomBytes = secrets.token_bytes,
) -> Commitment:
    """Fix a lottery and its draw rule before the draw.

    1. Take the rule; for a replacement, what the first rule fixed for replacements.
    2. Give each entry a secret and a leaf; the order of the leaves is that of the hashes, so it says nothing.
    3. Write each ticket as tokens, in the order of the hashes.
    4. State the figures, and verify everything before it is given out.

    `log_head` is the hash of the last entry of a log that is to be fixed with the commitment.
    Raises InputError if the rule does not fit or its moment has passed, or if the commitment to be voided can only
    be drawn because its moment has passed; VerificationError if the lottery breaks its own quotas.
    """
    if lottery.parent is not None and rule.replacements is not None:
        rule = rule.next_replacement(now)
    _require_fitting_rule(lottery, rule, now)
    salt = random_bytes(SECRET_BYTES)
    entries, position = _audit_entries(lottery, random_bytes)
    tickets = np.sort(position[lottery.tickets], axis=1)
    public = {
        "format": PUBLIC_FORMAT,
        "software": software(),
        "rehearsal": lottery.rehearsal,
        "parent": lottery.parent,
        "voided": _voided(voids, now),
        "draw_rule": rule.document(),
        "leaves": [entry["leaf"] for entry in entries],
        "tickets": _token_lists(entries, tickets),
        "lottery_seal": lottery_seal(salt, canonical_bytes_with_floats(lottery_document(lottery))),
        **_figures(lottery, entries, tickets),
        **({} if log_head is None else {"log_head": log_head}),
    }
    committed = cast("PublicDocument", public)
    audit: AuditDocument = {
        "format": AUDIT_FORMAT,
        "public": committed,
        "entries": entries,
        "tickets": tickets.tolist(),
        "flex": flex(lottery.instance.quotas),
        "lottery_salt": salt.hex(),
    }
    _require_sound(audit)
    return Commitment(commitment_of(committed), committed, audit)


def software() -> str:
    """Return name and version of the installed software."""
    try:
        return f"{DISTRIBUTION} {version(DISTRIBUTION)}"
    except PackageNotFoundError:
        return f"{DISTRIBUTION} (run from its source)"


def _require_fitting_rule(lottery: Lottery, rule: DrawRule, now: datetime) -> None:
    count = len(lottery.tickets)
    if rule.moment <= now:
        raise InputError(
            f"The moment of the draw, {rule.moment.isoformat()}, has passed. A commitment must be public before the "
            "number can be known: set a later moment."
        )
    if rule.draw.digits is not None and count != 10**rule.draw.digits:
        raise InputError(
            f"The rule draws {rule.draw.digits} digits, which number {10**rule.draw.digits} tickets, but the lottery "
            f"has {count}. Change the rule, or solve again with --tickets {10**rule.draw.digits}."
        )
    if rule.replacements is not None:
        require_fitting_order(rule.replacements.relaxation_order, lottery.instance.quotas)


def _voided(voids: Voided | None, now: datetime) -> list[dict[str, str]]:
    """List the voided commitments, the earlier ones included; one whose moment has passed can only be drawn."""
    if voids is None:
        return []
    earlier = DrawRule.from_document(voids.public["draw_rule"], name="the commitment to be voided")
    if earlier.moment <= now:
        raise InputError(
            f"The earlier commitment was to be drawn at {earlier.moment.isoformat()}, which has passed. "
            "It can no longer be voided, only drawn."
        )
    if not voids.reason.strip():
        raise InputError("Say why the earlier commitment is voided; the reason is published.")
    return [*voids.public["voided"], {"commitment": commitment_of(voids.public), "reason": voids.reason.strip()}]


def _audit_entries(lottery: Lottery, random_bytes: RandomBytes) -> tuple[list[AuditEntry], IntArray]:
    """Return the entries in the order of their leaves, and where each entry of the instance went."""
    instance = lottery.instance
    households = _household_numbers(instance, random_bytes)
    entries: list[AuditEntry] = []
    for index, entry in enumerate(instance.entries):
        row: Row = {
            "id": entry.id,
            "values": {feature: entry.values[feature] for feature in instance.quotas},
            "household": None if entry.household is None else households.get(entry.household),
        }
        secret = random_bytes(SECRET_BYTES)
        settled = "required" if entry.id in instance.required else "excluded" if entry.id in instance.excluded else None
        entries.append(
            {
                "leaf": leaf(secret, row),
                "row": row,
                "secret": secret.hex(),
                "settled": settled,
                "ideal_probability": decimal_text(float(lottery.ideal_probability[index])),
            }
        )
    order = sorted(range(len(entries)), key=lambda index: entries[index]["leaf"])
    position = np.empty(len(entries), dtype=np.int64)
    position[order] = np.arange(len(entries))
    return [entries[index] for index in order], position


def _household_numbers(instance: Instance, random_bytes: RandomBytes) -> dict[str, int]:
    """Return a random number for each household that several entries share; a name or address must not show."""
    sizes = Counter(entry.household for entry in instance.entries if entry.household is not None)
    shared = sorted(household for household, members in sizes.items() if members > 1)
    numbers: set[int] = set()
    while len(numbers) < len(shared):
        numbers.add(int.from_bytes(random_bytes(6), "big"))
    return dict(zip(shared, numbers, strict=True))


def _token_lists(entries: Sequence[AuditEntry], tickets: IntArray) -> list[list[str]]:
    keys = [bytes.fromhex(cast("str", entry["secret"])) for entry in entries]
    return [sorted(token(keys[index], number) for index in row) for number, row in enumerate(tickets.tolist())]


def _figures(lottery: Lottery, entries: Sequence[AuditEntry], tickets: IntArray) -> Mapping[str, Any]:
    """Return everything in the public document that counts something."""
    instance = lottery.instance
    quotas = instance.quotas
    rows = [cast("Row", entry["row"])["values"] for entry in entries]
    times = np.bincount(tickets.ravel(), minlength=len(entries))
    replacement = lottery.parent is not None
    withheld = replacement and instance.size - len(instance.required) < FEWEST_SHOWN_SEATS
    pool = {feature: merged_counts(counts) for feature, counts in value_counts(rows, quotas).items()}
    per_ticket = counts_per_ticket(rows, tickets, quotas)
    return {
        "size": instance.size,
        "quotas": bounds(quotas),
        "pool": {
            "entries": len(entries),
            "required": len(instance.required),
            "excluded": len(instance.excluded),
            # The pool's counts after a replacement, taken from those before it, would describe who left and joined.
            "counts": None if replacement else pool,
        },
        "ticket_counts": None
        if withheld
        else {f: {v: counts.tolist() for v, counts in by_value.items()} for f, by_value in per_ticket.items()},
        "chances": chance_histogram(times),
        "certificate": certificate_claim(
            lottery.certificate,
            lottery.objective,
            deviation([entry["ideal_probability"] for entry in entries], times, len(tickets)),
        ),
    }


def _require_sound(audit: AuditDocument) -> None:
    """Verify the documents before anyone sees them: what is committed can no longer be mended."""
    checklist = Checklist()
    check_public(audit["public"], checklist)
    check_audit(audit, checklist)
    if failures := checklist.failures:
        raise VerificationError(f"Nothing was committed, because the lottery is not sound: {failures[0].message}")
