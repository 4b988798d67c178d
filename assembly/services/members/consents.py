"""What members agree to: given and taken back by themselves, or by staff who were told; by guardians for minors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.clock import now
from assembly.models import (
    Assembly,
    ConsentKind,
    Member,
    MemberConsent,
    Respondent,
    Status,
    User,
)
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, RuleError, marked
from assembly.services.members.access import has_left
from assembly.services.panel import calling
from assembly.services.respondents import subject_of

BY_GUARDIAN = frozenset({ConsentKind.NAME, ConsentKind.PHOTO})
"""What only a guardian can agree to for somebody under 18; anybody can take it back."""


def consents_of(session: Session, member: Member) -> Mapping[ConsentKind, MemberConsent]:
    """Return what a member has ever agreed to, by kind."""
    found = sa.select(MemberConsent).where(MemberConsent.respondent_id == member.respondent_id)
    return {one.kind: one for one in session.scalars(found)}


def holds(consents: Mapping[ConsentKind, MemberConsent], kind: ConsentKind) -> bool:
    """Whether something is agreed to now."""
    return kind in consents and consents[kind].ended_at is None


def who_agreed(session: Session, assembly: Assembly, kind: ConsentKind) -> frozenset[int]:
    """Return the numbers of those on the panel who agree to something now."""
    return frozenset(
        session.scalars(
            sa.select(MemberConsent.respondent_id)
            .join(Respondent, Respondent.id == MemberConsent.respondent_id)
            .where(
                Respondent.assembly_id == assembly.id,
                Respondent.status == Status.CONFIRMED,
                MemberConsent.kind == kind,
                MemberConsent.ended_at.is_(None),
            )
        )
    )


def needs_guardian(member: Member, kind: ConsentKind) -> bool:
    """Whether a member is too young to agree to something by themselves."""
    return kind in BY_GUARDIAN and is_minor(member)


def is_minor(member: Member) -> bool:
    """Whether a guardian acts for a member where photos and payment are concerned."""
    age = calling.age_of(member.respondent)
    return age is not None and age < calling.OF_AGE


def require_guardian(session: Session, member: Member, *, by: User | None) -> None:
    """Raise RuleError where a minor's guardian has to act: staff note that for them, once they know the guardian."""
    if _lacks_guardian(session, member, by):
        raise RuleError(marked("A guardian has to do this. Call us: we note it."))


def _lacks_guardian(session: Session, member: Member, by: User | None) -> bool:
    return is_minor(member) and (by is None or calling.consent_of(session, member.respondent) is None)


def give(session: Session, member: Member, kind: ConsentKind, *, by: User | None) -> None:
    """Note that a member agrees; without `by`, they said so themselves.

    Raises ConflictError if they have left, RuleError where a minor's guardian has to agree: staff note that for them.
    """
    freezing.lock_pool(session, member.assembly_id)
    if has_left(member):
        raise ConflictError(marked("This is no longer possible: the person’s status has changed. Load the page again."))
    if kind in BY_GUARDIAN and _lacks_guardian(session, member, by):
        raise RuleError(marked("A guardian has to agree to this. Call us: we note it."))
    found = session.get(MemberConsent, (member.respondent_id, kind))
    if found is not None and found.ended_at is None:
        return
    if found is None:
        found = MemberConsent(respondent_id=member.respondent_id, kind=kind, given_at=now())
        session.add(found)
    found.given_at, found.ended_at, found.recorded_by_id = now(), None, by.id if by else None
    _log(session, member, kind, by=by)


def end(session: Session, member: Member, kind: ConsentKind, *, by: User | None) -> None:
    """Note that a member no longer agrees; possible at any time."""
    freezing.lock_pool(session, member.assembly_id)
    found = session.get(MemberConsent, (member.respondent_id, kind))
    if found is None or found.ended_at is not None:
        return
    found.ended_at, found.recorded_by_id = now(), by.id if by else None
    _log(session, member, kind, by=by)


def reachable_for(session: Session, member: Member) -> Sequence[Respondent]:
    """Return the other members with their contacts whom a member may reach: none unless both sides agreed."""
    agreed = who_agreed(session, member.respondent.assembly, ConsentKind.CONTACT)
    if member.respondent_id not in agreed:
        return []
    others = sa.select(Respondent).where(Respondent.id.in_(agreed - {member.respondent_id}))
    found = session.scalars(others.options(joinedload(Respondent.contact))).all()
    return sorted(found, key=lambda one: one.contact.sort_key if one.contact else "")


def _log(session: Session, member: Member, kind: ConsentKind, *, by: User | None) -> None:
    session.flush()
    details, subject = {"fields": [f"consent_{kind.value}"]}, subject_of(member.respondent)
    logbook.record(session, member.respondent.assembly, "consents_changed", by=by, subject=subject, details=details)
