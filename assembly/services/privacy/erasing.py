"""Deleting what is kept of people, in every copy; what is left counts them and names nobody."""

from __future__ import annotations

import json
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import (
    Assembly,
    Check,
    Commitment,
    Household,
    Import,
    Lottery,
    Mail,
    ObservationSheet,
    Respondent,
)
from assembly.services import jobs, mail
from assembly.services.contacts import CONTACT_FIELDS
from assembly.services.privacy.erased_codes import fingerprint_of
from assembly.services.privacy.fields import TABLES
from sortition.protocol.canonical import canonical_bytes
from sortition.protocol.documents import parse_audit, parse_drawn
from sortition.protocol.receipts import redact

CLEAR_COPIES = "clear_copies"
"""The kind of the job that removes what transactions cannot: files, and old pages of the database."""
SHORTEST_NAME = 3
"""Shorter names are in too many words to be looked for."""
UNNAMED = "?"


def erase_person(session: Session, respondent: Respondent) -> None:
    """Erase a person in every copy; their row stays, with a code that says nothing and the fingerprint of theirs.

    Committed lotteries stay valid: only the person's row and secret leave the audit document, and their code the
    result. The computed lottery goes as a whole, since its seal would no longer fit. Raises ConflictError if a mail to
    them is being sent at this moment.
    """
    assembly = respondent.assembly
    _unname_files(session, respondent)
    clear(session, [respondent.id])
    session.execute(sa.delete(Check).where(Check.assembly_id == assembly.id, Check.report.is_not(None)))
    redact_documents(session, assembly, respondent.code)
    respondent.erased_code = fingerprint_of(session.get_bind(), assembly.id, respondent.code)
    _rename(session, respondent, f"erased-{respondent.id}")
    session.flush()
    session.expire_all()
    ask_to_clear_copies(session)


def _rename(session: Session, respondent: Respondent, code: str) -> None:
    """Give a person another code, also where replacement lotteries name the members whose seats they fill."""
    for lottery in session.scalars(
        sa.select(Lottery).where(Lottery.assembly_id == respondent.assembly_id, Lottery.vacated.is_not(None))
    ):
        lottery.vacated = [code if one == respondent.code else one for one in lottery.vacated or ()]
    respondent.code = code


def clear(session: Session, respondent_ids: Collection[int]) -> None:
    """Delete every row that is about these people alone, their mails, and that they share households.

    What they wrote for all and everybody reads by now stays, without saying whose it is.
    """
    homes = set(
        session.scalars(
            sa.select(Respondent.household_id).where(
                Respondent.id.in_(respondent_ids), Respondent.household_id.is_not(None)
            )
        )
    )
    unread = sa.and_(ObservationSheet.respondent_id.in_(respondent_ids), ~ObservationSheet.is_published)
    session.execute(sa.delete(ObservationSheet).where(unread))
    for declared in TABLES:
        if declared.rows is None:
            continue
        if declared.own:
            session.execute(sa.delete(declared.table).where(declared.rows(respondent_ids)))
        elif declared.emptied:
            nothing = dict.fromkeys(declared.emptied)
            session.execute(sa.update(declared.table).where(declared.rows(respondent_ids)).values(nothing))
    mail.erase(session, Mail.respondent_id.in_(respondent_ids))
    _dissolve(session, homes)


def _dissolve(session: Session, homes: Collection[int | None]) -> None:
    """Whoever is left alone has no household; what nobody lives in goes."""
    living = sa.select(Respondent.household_id).where(Respondent.household_id.in_(homes))
    shared = set(session.scalars(living.group_by(Respondent.household_id).having(sa.func.count() > 1)))
    empty = set(homes) - shared
    session.execute(sa.update(Respondent).where(Respondent.household_id.in_(empty)).values(household_id=None))
    session.execute(sa.delete(Household).where(Household.id.in_(empty)))


def redact_documents(session: Session, assembly: Assembly, code: str) -> None:
    """Take a person out of the documents of all lotteries; what was published stays as it is."""
    mark = json.dumps(code, ensure_ascii=False).encode()
    for lottery in session.scalars(
        sa.select(Lottery).where(Lottery.assembly_id == assembly.id, Lottery.document.is_not(None))
    ).all():
        if lottery.document is not None and mark in lottery.document:
            lottery.document = None
    for commitment in session.scalars(sa.select(Commitment).where(Commitment.assembly_id == assembly.id)).all():
        if commitment.audit_document is not None and mark in commitment.audit_document:
            commitment.audit_document = _without_row(commitment.audit_document, code)
        if commitment.result is not None and mark in commitment.result:
            commitment.result = without_members(commitment.result, {code})


def _without_row(content: bytes, code: str) -> bytes:
    audit = parse_audit(content, name="audit.json")
    if all(entry["row"] is None or entry["row"]["id"] != code for entry in audit["entries"]):
        return content
    return canonical_bytes(dict(redact(audit, {code})))


def without_members(content: bytes, codes: Collection[str] | None = None) -> bytes:
    """Return the result of a draw without the codes of some of its members, or of all; they count as erased."""
    drawn = parse_drawn(content, name="drawn.json")
    kept = [code for code in drawn["members"] if codes is not None and code not in codes]
    erased = drawn["erased"] + len(drawn["members"]) - len(kept)
    return canonical_bytes({**drawn, "members": kept, "erased": erased})


def _unname_files(session: Session, respondent: Respondent) -> None:
    """Somebody may have called a file by the name of the person in it."""
    contact = respondent.contact
    if contact is None:
        return
    texts = {str(getattr(contact, name) or "").casefold() for name in CONTACT_FIELDS if name != "language"}
    names = [text for text in texts if len(text) >= SHORTEST_NAME]
    for import_ in session.scalars(sa.select(Import).where(Import.assembly_id == respondent.assembly_id)):
        if any(name in import_.file_name.casefold() for name in names):
            import_.file_name = UNNAMED


def ask_to_clear_copies(session: Session) -> None:
    """Let a worker remove the copies outside of the database once this transaction is committed."""
    jobs.enqueue(session, CLEAR_COPIES, {})
