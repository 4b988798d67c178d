"""Everyone who registered gets an acknowledgement, once: by mail, or as a letter."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from assembly.models import Assembly, Contact, Exclusion, Mail, Respondent, Status
from assembly.services import mail, recipients
from assembly.services.batches import batches
from assembly.services.mail import Item
from assembly.services.recipients import Recipient, recipient_of

TEMPLATE = "acknowledgement"
_IS_TOLD = sa.or_(
    Respondent.status.not_in((Status.EXCLUDED, Status.WITHDRAWN, Status.ERASED)),
    Respondent.exclusion == Exclusion.TOO_YOUNG,
)
"""Whoever was excluded by an organiser, or has left, is not written to any more; those too young are told so."""


def acknowledge(session: Session, assembly: Assembly, respondent_ids: Sequence[int]) -> int:
    """Write to those who have no acknowledgement yet, in the transaction of the deed; return how many these are.

    Whoever can be reached neither by mail nor by letter gets none, see `unreachable`. Somebody who was removed with
    their import and comes back with the next one has theirs already, unless their address is another one now.
    """
    count = 0
    for batch in batches(respondent_ids):
        found = [(row, recipient_of(row)) for row in session.execute(_unacknowledged(batch))]
        items = [_item(assembly, row, recipient) for row, recipient in found if recipient.is_reachable]
        mail.queue_mails(session, TEMPLATE, items, assembly=assembly)
        count += len(items)
    return count


def may_go_to(session: Session, _mail: Mail, person: Respondent) -> bool:
    """Whether an acknowledgement that was written is still for its person."""
    return bool(session.scalar(sa.select(sa.exists().where(Respondent.id == person.id, _IS_TOLD))))


def take_back(session: Session, respondent_ids: Sequence[int]) -> None:
    """Delete what was written to people who are being removed, sent or not; who had it is known by a hash alone."""
    for batch in batches(respondent_ids):
        mail.take_back(session, Mail.respondent_id.in_(batch))


def unreachable(session: Session, assembly: Assembly, *, limit: int) -> tuple[list[Respondent], int]:
    """Return people who can be reached neither by mail nor by letter, by code, and how many there are."""
    here = (Respondent.assembly_id == assembly.id, _IS_TOLD, recipients.is_unreachable())
    statement = sa.select(Respondent).join(Contact).where(*here).options(contains_eager(Respondent.contact))
    people = session.scalars(statement.order_by(Respondent.code).limit(limit)).all()
    count = session.scalar(sa.select(sa.func.count()).select_from(Respondent).join(Contact).where(*here))
    return list(people), count or 0


def _unacknowledged(respondent_ids: Sequence[int]) -> sa.Select[Any]:
    columns = [getattr(Contact, name) for name in recipients.FIELDS]
    has_one = sa.exists().where(Mail.respondent_id == Respondent.id, Mail.template == TEMPLATE)
    return (
        sa.select(Respondent.id, Respondent.code, Respondent.exclusion, *columns)
        .join(Contact)
        .where(Respondent.id.in_(respondent_ids), _IS_TOLD, ~has_one)
        .order_by(Respondent.id)
    )


def _item(assembly: Assembly, row: Any, recipient: Recipient) -> Item:
    context = {
        "name": recipient.name,
        "assembly": assembly.title,
        "code": row.code,
        "too_young": row.exclusion is Exclusion.TOO_YOUNG,
        "minimum_age": assembly.minimum_age,
        "contact": assembly.contact.strip(),
    }
    # Numbers of people are given again after an import was undone, so the deed names person and address themselves.
    named = "\0".join((row.code, recipient.email or "", *recipient.address))
    deed = f"{TEMPLATE}:{assembly.id}:{hashlib.sha256(named.encode()).hexdigest()[:40]}"
    return Item(recipient, context, deed, row.id)
