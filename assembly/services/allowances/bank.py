"""Bank data: encrypted at rest, apart from everything else, and opened only for payment lists.

Nothing of an account enters logs, exceptions or `repr`.
"""

from __future__ import annotations

import dataclasses
import json

import sqlalchemy as sa
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, BankAccount, Member, User
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, RuleError, marked
from assembly.services.members.consents import require_guardian
from assembly.services.respondents import subject_of
from assembly.services.sealing import Purpose, seal, unseal

SHOWN = 4
"""Characters of an IBAN that a page shows."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Account:
    """An account, opened. Has no repr, since it would end in logs."""

    holder: str
    iban: str

    @property
    def masked(self) -> str:
        """The last characters, by which people know their account."""
        return f"… {self.iban[-SHOWN:]}"


def account_of(session: Session, member: Member) -> Account | None:
    """Return the account of a member, if it is known. Raises ConflictError if the secret has changed since."""
    row = session.get(BankAccount, member.respondent_id)
    return None if row is None else _opened(session, row)


def shown(session: Session, member: Member) -> str | None:
    """Return what a page shows of a member's account: its last characters, or dots if it cannot be opened any more."""
    try:
        account = account_of(session, member)
    except ConflictError:
        return "…"
    return account.masked if account else None


def who_has_one(session: Session, assembly: Assembly) -> frozenset[int]:
    """Return the numbers of those who have given an account; nothing is opened for that."""
    here = sa.select(Member.respondent_id).where(Member.assembly_id == assembly.id)
    return frozenset(session.scalars(sa.select(BankAccount.respondent_id).where(BankAccount.respondent_id.in_(here))))


def accounts_of(session: Session, assembly: Assembly) -> dict[int, Account]:
    """Return the accounts of all members, by the number of the person; for payment lists alone."""
    rows = session.scalars(
        sa.select(BankAccount)
        .join(Member, Member.respondent_id == BankAccount.respondent_id)
        .where(Member.assembly_id == assembly.id)
    )
    return {row.respondent_id: _opened(session, row) for row in rows}


def change_account(
    session: Session, assembly: Assembly, member: Member, *, holder: str, iban: str, by: User | None
) -> None:
    """Keep where a member's money goes; the log says that, and nothing of the account.

    Raises RuleError without a holder, for an IBAN that cannot be right, and where a minor's guardian has to give it.
    """
    if not holder.strip():
        raise RuleError(marked("Enter whose account it is."), field="holder")
    freezing.lock_pool(session, assembly.id)
    require_guardian(session, member, by=by)
    content = json.dumps({"holder": holder.strip(), "iban": _checked(iban)}).encode()
    sealed = seal(session, content, Purpose.BANK_ACCOUNT).decode()
    row = session.get(BankAccount, member.respondent_id)
    if row is None:
        session.add(BankAccount(respondent_id=member.respondent_id, sealed=sealed, changed_at=now()))
    else:
        row.sealed, row.changed_at = sealed, now()
    logbook.record(session, assembly, "bank_data_changed", by=by, subject=subject_of(member.respondent))


def _checked(iban: str) -> str:
    try:
        return str(IBAN(iban, validate_bban=True).compact)
    except SchwiftyException:
        pass  # its text names the number
    raise RuleError(
        marked("This IBAN is not right: compare it with the bank card, character by character."), field="iban"
    )


def _opened(session: Session, row: BankAccount) -> Account:
    return Account(**json.loads(unseal(session, row.sealed, Purpose.BANK_ACCOUNT)))
