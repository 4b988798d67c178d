"""Whom messages go to, and how: loaded for all members of an assembly in a fixed number of queries."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.models import Assembly, Channel, GuardianConsent, Member, Respondent, Status
from assembly.services.members.writing import recipient_for
from assembly.services.panel import calling, sms


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Reader:
    """Somebody who is written to: by mail or SMS `to` an address or number, by letter, or told on the phone.

    `ward` is whom a copy is about, when the reader is their guardian.
    """

    member: Member
    name: str
    language: str
    way: Channel
    to: str | None
    address: tuple[str, ...]
    ward: str | None = None

    @property
    def respondent_id(self) -> int:
        """The number of the member."""
        return self.member.respondent_id

    @property
    def is_copy(self) -> bool:
        """Whether it is the guardian."""
        return self.ward is not None


def members_of(session: Session, assembly: Assembly, *conditions: sa.ColumnElement[bool]) -> Sequence[Member]:
    """Return everybody who has confirmed a seat and has it now, by number; `conditions` select some of them."""
    return session.scalars(
        sa.select(Member)
        .join(Member.respondent)
        .where(
            Member.assembly_id == assembly.id,
            Member.replaced_at.is_(None),
            Respondent.status == Status.CONFIRMED,
            *conditions,
        )
        .options(joinedload(Member.respondent).joinedload(Respondent.contact))
        .order_by(Member.respondent_id)
    ).all()


def readers_of(
    session: Session, assembly: Assembly, *conditions: sa.ColumnElement[bool], has_gateway: bool
) -> list[Reader]:
    """Return everybody who has confirmed a seat and has it now, guardians of minors after them, in two queries.

    `conditions` on Member select some of them.
    """
    found = members_of(session, assembly, *conditions)
    consents = session.execute(
        sa.select(GuardianConsent.respondent_id, GuardianConsent.guardian)
        .join(Member, Member.respondent_id == GuardianConsent.respondent_id)
        .where(Member.assembly_id == assembly.id)
    )
    guardians = {respondent_id: name for respondent_id, name in consents}  # noqa: C416  # rows are no pairs for the type checker
    readers = [_reader(member, has_gateway=has_gateway) for member in found]
    return readers + _guardians(readers, guardians)


def guardian_of(session: Session, member: Member) -> str | None:
    """Return the name of a member's guardian, as long as the member is not of age."""
    consent = calling.consent_of(session, member.respondent)
    return consent.guardian if consent is not None and not _is_of_age(member.respondent) else None


def _is_of_age(respondent: Respondent) -> bool:
    age = calling.age_of(respondent)
    return age is not None and age >= calling.OF_AGE


def _reader(member: Member, *, has_gateway: bool) -> Reader:
    recipient = recipient_for(member)
    number = sms.number_of(member.respondent) if has_gateway and member.channel is Channel.SMS else None
    if number is not None:
        way, to = Channel.SMS, number
    elif recipient.email is not None:
        way, to = Channel.MAIL, recipient.email
    else:
        way, to = Channel.LETTER if recipient.address else Channel.PHONE, None
    return Reader(member, recipient.name, recipient.language, way, to, recipient.address)


def _guardians(readers: Sequence[Reader], guardians: dict[int, str]) -> list[Reader]:
    """Return the guardians of those who are not of age, as far as there is an address for a letter."""
    copies: list[Reader] = []
    for one in readers:
        guardian = guardians.get(one.respondent_id)
        if guardian is None or not one.address:
            continue
        if not _is_of_age(one.member.respondent):
            address = (guardian, *one.address[1:])
            copies.append(Reader(one.member, guardian, one.language, Channel.LETTER, None, address, ward=one.name))
    return copies
