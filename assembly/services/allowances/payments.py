"""Payment lists: all approved claims at once, as files for the cash office, until they are paid."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Claim, ClaimState, PaymentList, User
from assembly.services import logbook
from assembly.services.allowances import bank, claims
from assembly.services.errors import ConflictError, NotFoundError, marked
from assembly.services.exports import BYTE_ORDER_MARK
from sortition.files import write_tables

COLUMNS = ("claim", "event", "name", "holder", "iban", "amount", "cost_centre")
Kind = Literal["csv", "xlsx"]


def lists_of(session: Session, assembly: Assembly) -> Sequence[PaymentList]:
    """Return the payment lists of an assembly, newest first."""
    statement = sa.select(PaymentList).where(PaymentList.assembly_id == assembly.id)
    return session.scalars(statement.order_by(PaymentList.id.desc())).all()


def get_list(session: Session, assembly: Assembly, list_id: int) -> PaymentList:
    """Return a payment list of an assembly. Raises NotFoundError."""
    found = session.get(PaymentList, list_id)
    if found is None or found.assembly_id != assembly.id:
        raise NotFoundError
    return found


def make_list(session: Session, assembly: Assembly, *, by: User) -> PaymentList:
    """Put all approved claims on a new list. Raises ConflictError if there is none."""
    session.execute(sa.select(Assembly.id).where(Assembly.id == assembly.id).with_for_update())
    approved = claims.claims_of(session, assembly, state=ClaimState.APPROVED)
    if not approved:
        raise ConflictError(marked("There is no approved claim that is not on a list yet."))
    cents = sum(claim.cents for claim in approved)
    made = PaymentList(assembly_id=assembly.id, made_at=now(), made_by_id=by.id, claims=len(approved), cents=cents)
    session.add(made)
    session.flush()
    for claim in approved:
        claims.put_on_list(session, claim, made.id, by=by)
    _log(session, assembly, made, "payment_list_made", by=by)
    return made


def mark_paid(session: Session, assembly: Assembly, payment_list: PaymentList, *, by: User) -> None:
    """Note that the cash office has paid a list, and so all its claims."""
    session.refresh(payment_list, with_for_update=True)
    if payment_list.paid_at is not None:
        raise ConflictError(marked("This list was marked as paid before."))
    payment_list.paid_at = now()
    for claim in _claims_on(session, assembly, payment_list):
        claims.note_paid(session, claim, by=by)
    _log(session, assembly, payment_list, "payment_list_paid", by=by)


def export_list(
    session: Session,
    assembly: Assembly,
    payment_list: PaymentList,
    *,
    kind: Kind,
    names: Mapping[str, str],
    by: User,
) -> bytes:
    """Return a list as a file for the cash office, with bank data, and log that it was made.

    `names` are the headers of COLUMNS. Who has given no account is paid against a signature.
    """
    accounts = bank.accounts_of(session, assembly)
    with tempfile.TemporaryDirectory(prefix="assembly-") as folder:
        path = Path(folder) / f"list.{kind}"
        with write_tables(path) as (writer,):
            writer.write([names[column] for column in COLUMNS])
            for claim in _claims_on(session, assembly, payment_list):
                writer.write(_row(claim, accounts.get(claim.respondent_id)))
        content = path.read_bytes()
    _log(session, assembly, payment_list, "payment_list_exported", by=by)
    return content if kind == "xlsx" else BYTE_ORDER_MARK + content


def _row(claim: Claim, account: bank.Account | None) -> list[str]:
    contact = claim.member.respondent.contact
    return [
        str(claim.id),
        claim.event.title,
        f"{contact.first_name} {contact.last_name}" if contact else claim.member.respondent.code,
        account.holder if account else "",
        account.iban if account else "",
        claims.euros(claim.cents),
        claim.cost_centre,
    ]


def _claims_on(session: Session, assembly: Assembly, payment_list: PaymentList) -> list[Claim]:
    return [claim for claim in claims.claims_of(session, assembly) if claim.list_id == payment_list.id]


def _log(session: Session, assembly: Assembly, payment_list: PaymentList, action: str, *, by: User) -> None:
    details = {"claims": payment_list.claims, "amount": claims.euros(payment_list.cents)}
    logbook.record(session, assembly, action, by=by, subject=f"payment_list:{payment_list.id}", details=details)
