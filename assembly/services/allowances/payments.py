"""Payment lists: all approved claims at once, as files for the cash office, until they are paid."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
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
from assembly.services.pdfs import REPORT, Data, Words, compiled, list_table, report, section
from assembly.services.texts import catalogue
from sortition.files import write_tables

COLUMNS = (
    marked("Claim"),
    marked("Name"),
    marked("Account holder"),
    marked("IBAN"),
    marked("What it is for"),
    marked("Amount in euros"),
    marked("Cost centre"),
    marked("Way of payment"),
)
_WIDTHS, _AMOUNT = (0.6, 1.7, 1.6, 2.1, 2.2, 1, 1, 1.3), 5
SIGNED_COLUMNS = (
    marked("Claim"),
    marked("Name"),
    marked("What it is for"),
    marked("Amount in euros"),
    marked("Cost centre"),
    marked("Received: date and signature"),
)
_SIGNED_WIDTHS, _SIGNED_AMOUNT = (0.6, 1.7, 2.2, 1, 1, 3), 3
IBAN_GROUP = 4
"""Signs of an IBAN that are written together on paper."""

DELETED_SINCE = marked(
    "When this list was made, it held %(claims)s claims with the sum of %(sum)s. The others were deleted since, with "
    "the data of the people."
)

Kind = Literal["csv", "xlsx", "pdf"]


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
    for claim in claims.claims_of(session, assembly, list_id=payment_list.id):
        claims.note_paid(session, claim, by=by)
    _log(session, assembly, payment_list, "payment_list_paid", by=by)


def export_list(
    session: Session, assembly: Assembly, payment_list: PaymentList, *, kind: Kind, language: str, by: User
) -> bytes:
    """Return a list as a file for the cash office, with bank data, and log that it was made.

    Whoever has given no account is paid against a signature, see `cash_list`.
    """
    if kind == "pdf":
        data = payment_list_of(session, assembly, payment_list, language=language)
        content = compiled(REPORT, data, made_at=payment_list.made_at)
    else:
        words = Words(language, catalogue(language))
        rows = _rows(session, assembly, payment_list, words)
        content = _as_table(kind, [[words.say(column) for column in COLUMNS], *rows])
    _log(session, assembly, payment_list, "payment_list_exported", by=by)
    return content


def payment_list_of(session: Session, assembly: Assembly, payment_list: PaymentList, *, language: str) -> Data:
    """Return the words of a list on paper."""
    words = Words(language, catalogue(language))
    rows = [[*row[:3], _spaced(row[3]), *row[4:]] for row in _rows(session, assembly, payment_list, words)]
    shown = list_table([words.say(column) for column in COLUMNS], rows, widths=_WIDTHS, numeric=(_AMOUNT,))
    title = words.say(marked("Payment list: %(title)s"), title=assembly.title)
    listed = claims.claims_of(session, assembly, list_id=payment_list.id)
    facts = _facts(words, payment_list, len(listed), sum(claim.cents for claim in listed))
    more = []
    if not is_whole(payment_list, listed):
        values = {"claims": words.number(payment_list.claims), "sum": words.money(payment_list.cents)}
        more.append(words.say(DELETED_SINCE, **values))
    return _paper(words, assembly, title, facts, shown, more=more)


def cash_list(session: Session, assembly: Assembly, payment_list: PaymentList, *, language: str, by: User) -> bytes:
    """Return the list on which those sign who have given no account and are paid in cash, and log that it was made.

    Raises ConflictError if everybody on the list has an account.
    """
    data = cash_list_of(session, assembly, payment_list, language=language)
    _log(session, assembly, payment_list, "payment_list_exported", by=by)
    return compiled(REPORT, data, made_at=payment_list.made_at)


def cash_list_of(session: Session, assembly: Assembly, payment_list: PaymentList, *, language: str) -> Data:
    """Return the words of a list to be signed. Raises ConflictError, as above."""
    words, with_account = Words(language, catalogue(language)), bank.who_has_one(session, assembly)
    listed = claims.claims_of(session, assembly, list_id=payment_list.id)
    in_cash = [claim for claim in listed if claim.respondent_id not in with_account]
    if not in_cash:
        raise ConflictError(marked("Everybody on this list has given an account, so nobody is paid in cash."))
    rows = [
        [str(claim.id), name_of(claim), claim.event.title, _amount(words, claim.cents), claim.cost_centre, ""]
        for claim in in_cash
    ]
    header = [words.say(column) for column in SIGNED_COLUMNS]
    shown = list_table(header, rows, widths=_SIGNED_WIDTHS, numeric=(_SIGNED_AMOUNT,)) | {"is_tall": True}
    title = words.say(marked("Paid in cash against signature: %(title)s"), title=assembly.title)
    facts = _facts(words, payment_list, len(in_cash), sum(claim.cents for claim in in_cash))
    return _paper(words, assembly, title, facts, shown)


def is_whole(payment_list: PaymentList, listed: Sequence[Claim]) -> bool:
    """Tell whether all claims are still there that were put on a list; their people's data may be erased since."""
    return (payment_list.claims, payment_list.cents) == (len(listed), sum(claim.cents for claim in listed))


def name_of(claim: Claim) -> str:
    """Return who claims, or their code once their contact data are gone."""
    contact = claim.member.respondent.contact
    return f"{contact.first_name} {contact.last_name}" if contact else claim.member.respondent.code


def _rows(session: Session, assembly: Assembly, payment_list: PaymentList, words: Words) -> list[list[str]]:
    accounts = bank.accounts_of(session, assembly)
    listed = claims.claims_of(session, assembly, list_id=payment_list.id)
    return [_row(words, claim, accounts.get(claim.respondent_id)) for claim in listed]


def _row(words: Words, claim: Claim, account: bank.Account | None) -> list[str]:
    return [
        str(claim.id),
        name_of(claim),
        account.holder if account else "",
        account.iban if account else "",
        claim.event.title,
        _amount(words, claim.cents),
        claim.cost_centre,
        words.say(marked("Transfer")) if account else words.say(marked("In cash against signature")),
    ]


def _amount(words: Words, cents: int) -> str:
    return words.number(cents / 100, "0.00")


def _spaced(iban: str) -> str:
    return " ".join(iban[at : at + IBAN_GROUP] for at in range(0, len(iban), IBAN_GROUP))


def _as_table(kind: Literal["csv", "xlsx"], rows: Sequence[Sequence[str]]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="assembly-") as folder:
        path = Path(folder) / f"list.{kind}"
        with write_tables(path) as (writer,):
            for row in rows:
                writer.write(list(row))
        content = path.read_bytes()
    return content if kind == "xlsx" else BYTE_ORDER_MARK + content


def _facts(words: Words, payment_list: PaymentList, count: int, cents: int) -> list[tuple[str, str]]:
    return [
        (words.say(marked("List")), str(payment_list.id)),
        (words.say(marked("Made on")), words.day(payment_list.made_at)),
        (words.say(marked("Claims")), words.number(count)),
        (words.say(marked("Sum")), words.money(cents)),
    ]


def _paper(
    words: Words,
    assembly: Assembly,
    title: str,
    facts: Sequence[tuple[str, str]],
    shown: Data,
    *,
    more: Sequence[str] = (),
) -> Data:
    checked = marked("Every claim was found right in substance and in its amounts by two different people.")
    sections = [section("", [words.say(checked), *more], facts, [shown])]
    return report(words, assembly.commissioning_body, title, sections, is_wide=True)


def _log(session: Session, assembly: Assembly, payment_list: PaymentList, action: str, *, by: User) -> None:
    details = {"claims": payment_list.claims}
    logbook.record(session, assembly, action, by=by, subject=f"payment_list:{payment_list.id}", details=details)
