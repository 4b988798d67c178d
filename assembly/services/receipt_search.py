"""Looking a receipt up, by its code or its file: for whoever has it, and nobody else."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from assembly.models import Assembly, Commitment, Receipt
from assembly.services import receipts
from assembly.services.errors import RuleError, marked
from sortition import InputError
from sortition.protocol.documents import parse_receipt
from sortition.protocol.receipts import leaf_of, typed_code

LARGEST_FILE = 2**16
"""Bytes; a receipt has some hundred."""
NOT_FOUND = marked(
    "No receipt was found with this. Look whether you have typed all 16 characters, or whether the file is the one "
    "that you saved, unchanged. If you are sure, please ask the organisers."
)


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Found:
    """What a receipt shows: no name, and no value of a row."""

    commitment: str
    committed_at: dt.datetime
    moment: dt.datetime
    people: int
    is_of_free_seats: bool
    tickets: tuple[str, ...]
    all_tickets: int
    void_reason: str | None
    drawn: str | None

    @property
    def chance(self) -> Decimal:
        """The share of tickets on which the person stands."""
        return Decimal(len(self.tickets)) / self.all_tickets

    @property
    def was_drawn(self) -> bool:
        """Whether the person stands on the drawn ticket."""
        return self.drawn in self.tickets


def find_by_code(session: Session, assembly: Assembly, text: str) -> Receipt:
    """Return the receipt whose code somebody typed. Raises RuleError, with the same words whatever is wrong."""
    return _one(session, assembly, Receipt.code == (typed_code(text) or ""))


def find_by_file(session: Session, assembly: Assembly, content: bytes) -> Receipt:
    """Return the receipt of a file, if its row and secret give a leaf that was committed. Raises RuleError as above."""
    try:
        receipt = parse_receipt(content, name="receipt.json")
    except InputError:
        raise RuleError(NOT_FOUND) from None
    return _one(session, assembly, Receipt.leaf == leaf_of(receipt), Commitment.hash == receipt["commitment"])


def _one(session: Session, assembly: Assembly, *conditions: sa.ColumnElement[bool]) -> Receipt:
    """Return the one that fits; once the audit document is deleted, none does."""
    found = session.scalar(
        sa.select(Receipt)
        .join(Receipt.commitment)
        .join(Commitment.lottery)
        .where(Commitment.assembly_id == assembly.id, Commitment.audit_document.is_not(None), *conditions)
        .options(contains_eager(Receipt.commitment).contains_eager(Commitment.lottery))
    )
    if found is None:
        raise RuleError(NOT_FOUND)
    return found


def shown(receipt: Receipt) -> Found:
    """Return what the page of a receipt shows."""
    commitment = receipt.commitment
    count = int(commitment.lottery.summary["tickets"])
    width = len(str(count - 1))
    return Found(
        commitment=commitment.hash,
        committed_at=commitment.committed_at,
        moment=commitment.moment,
        people=receipts.people_of(commitment),
        is_of_free_seats=commitment.lottery.is_replacement,
        tickets=tuple(f"{number:0{width}}" for number in receipt.tickets),
        all_tickets=count,
        void_reason=commitment.void_reason if commitment.voided_at else None,
        drawn=None if commitment.ticket is None else f"{commitment.ticket:0{width}}",
    )
