"""Receipts of claims: looked at, sealed, and gone with the claim."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from assembly.clock import now
from assembly.models import Claim, ClaimReceipt, User
from assembly.services.allowances import claims
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.materials import scanning
from assembly.services.materials.files import UploadedFile, recognised
from assembly.services.sealing import Purpose, seal, unseal

SUFFIXES = frozenset({".pdf", ".png", ".jpg"})
MOST_BYTES = 10 * 2**20
"""Bytes of one file: a photo by a phone has 2 to 8 MB."""
MOST_FILES = 10


def looked_at(content: bytes, *, clamd: str | None) -> UploadedFile:
    """Return an uploaded receipt that may be kept, by its content. Raises RuleError, StorageError.

    It takes as long as the scanner does, so it comes before anything is locked.
    """
    file = recognised(content)
    if file.suffix not in SUFFIXES:
        raise RuleError(marked("A receipt is a photo (JPEG, PNG) or a PDF."), field="file")
    if len(content) > MOST_BYTES:
        raise RuleError(
            marked("The file is larger than %(most)s MB. Make it smaller, for example with smaller pictures."),
            field="file",
            most=MOST_BYTES // 2**20,
        )
    scanning.require_clean(content, clamd=clamd)
    return file


def add_receipt(session: Session, claim: Claim, file: UploadedFile, *, by: User | None) -> ClaimReceipt:
    """Keep a receipt, sealed. Raises ConflictError if the claim was submitted, or has very many."""
    claims.lock(session, claim)
    claims.require_open(claim)
    if len(receipts_of(session, claim)) >= MOST_FILES:
        raise ConflictError(marked("A claim has at most %(most)s receipts."), field="file", most=MOST_FILES)
    sealed = seal(session, file.content, Purpose.CLAIM_RECEIPT)
    receipt = ClaimReceipt(claim_id=claim.id, suffix=file.suffix, size=len(file.content), added_at=now(), sealed=sealed)
    session.add(receipt)
    claims.note_entry(claim, by=by)
    claims.log(session, claim, "claim_receipt_added", by=by)
    return receipt


def remove_receipt(session: Session, claim: Claim, receipt: ClaimReceipt, *, by: User | None) -> None:
    """Delete a receipt. Raises ConflictError if the claim was submitted."""
    claims.lock(session, claim)
    claims.require_open(claim)
    session.delete(receipt)
    claims.note_entry(claim, by=by)
    claims.log(session, claim, "claim_receipt_removed", by=by)


def receipts_of(session: Session, claim: Claim) -> list[ClaimReceipt]:
    """Return the receipts of a claim without their content, in the order in which they came."""
    found = sa.select(ClaimReceipt).where(ClaimReceipt.claim_id == claim.id).order_by(ClaimReceipt.id)
    return list(session.scalars(found))


def get_receipt(session: Session, claim: Claim, receipt_id: int) -> ClaimReceipt:
    """Return a receipt of a claim. Raises NotFoundError."""
    receipt = session.scalars(
        sa.select(ClaimReceipt).where(ClaimReceipt.id == receipt_id).options(undefer(ClaimReceipt.sealed))
    ).one_or_none()
    if receipt is None or receipt.claim_id != claim.id:
        raise NotFoundError
    return receipt


def content_of(session: Session, receipt: ClaimReceipt) -> bytes:
    """Return what a receipt shows. Raises ConflictError if the application's secret has changed since."""
    return unseal(session, receipt.sealed, Purpose.CLAIM_RECEIPT)
