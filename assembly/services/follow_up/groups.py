"""The members' follow-up group: elected by the members, from those who agreed to be written to after the assembly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    Assembly,
    ConsentKind,
    GroupElection,
    GroupSeat,
    Member,
    MemberConsent,
    User,
)
from assembly.services import freezing, logbook
from assembly.services.daily import today
from assembly.services.errors import ConflictError, ForbiddenError, RuleError, marked
from assembly.services.messages import people
from assembly.services.respondents import subject_of


def agrees() -> sa.ColumnElement[bool]:
    """Return the condition that a member agreed to be written to for the follow-up."""
    return sa.exists().where(
        MemberConsent.respondent_id == Member.respondent_id,
        MemberConsent.kind == ConsentKind.FOLLOW_UP,
        MemberConsent.ended_at.is_(None),
    )


def speaks(assembly_id: int) -> sa.ColumnElement[bool]:
    """Return the condition that a member is in the group: elected by the newest election, agreeing, and not gone."""
    newest = sa.select(sa.func.max(GroupElection.id)).where(GroupElection.assembly_id == assembly_id).scalar_subquery()
    seat = sa.exists().where(
        GroupSeat.election_id == newest,
        GroupSeat.respondent_id == Member.respondent_id,
        GroupSeat.left_at.is_(None),
    )
    return sa.and_(seat, agrees())


def those_who_agree(session: Session, assembly: Assembly) -> Sequence[Member]:
    """Return the members who can be elected, by number."""
    return people.members_of(session, assembly, agrees())


def group_of(session: Session, assembly: Assembly) -> Sequence[Member]:
    """Return the members of the group, by number; nobody before an election."""
    return people.members_of(session, assembly, speaks(assembly.id))


def is_in_group(session: Session, member: Member) -> bool:
    """Whether a member is in the group now."""
    return member.respondent_id in {one.respondent_id for one in group_of(session, member.respondent.assembly)}


def require_in_group(session: Session, member: Member) -> Sequence[Member]:
    """Return the group. Raises ForbiddenError if the member is not in it."""
    group = group_of(session, member.respondent.assembly)
    if member.respondent_id not in {one.respondent_id for one in group}:
        raise ForbiddenError
    return group


def elections_of(session: Session, assembly: Assembly) -> Sequence[GroupElection]:
    """Return all elections, the newest first: it is the one that holds."""
    found = sa.select(GroupElection).where(GroupElection.assembly_id == assembly.id)
    return session.scalars(found.order_by(GroupElection.id.desc())).all()


def record_election(
    session: Session,
    assembly: Assembly,
    elected: Collection[int],
    *,
    held_on: dt.date | None,
    took_part: int | None,
    by: User,
) -> GroupElection:
    """Record whom the members elected, by their numbers; from now on these are the group.

    Raises RuleError with the field if the day is missing or to come, nobody is named, or somebody did not agree.
    """
    freezing.lock_pool(session, assembly.id)
    chosen = set(elected)
    if held_on is None or held_on > today():
        raise RuleError(marked("Enter the day of the election; it cannot be in the future."), field="held_on")
    if not chosen:
        raise RuleError(marked("Choose who was elected."), field="elected")
    if not chosen <= {one.respondent_id for one in those_who_agree(session, assembly)}:
        raise RuleError(
            marked("Only members who agreed to be written to for the follow-up can be elected."), field="elected"
        )
    members = len(people.members_of(session, assembly))
    if took_part is None or not len(chosen) <= took_part <= members:
        raise RuleError(
            marked("Enter how many members voted: at least as many as were elected, at most all."), field="took_part"
        )
    election = GroupElection(
        assembly_id=assembly.id,
        held_on=held_on,
        took_part=took_part,
        size=len(chosen),
        recorded_at=now(),
        recorded_by_id=by.id,
    )
    session.add(election)
    session.flush()
    session.add_all(GroupSeat(election_id=election.id, respondent_id=number) for number in sorted(chosen))
    session.flush()
    details = {"held_on": held_on.isoformat(), "votes_cast": took_part, "members": len(chosen)}
    logbook.record(session, assembly, "group_elected", by=by, details=details)
    return election


def leave(session: Session, member: Member, *, by: User | None) -> None:
    """Give up the seat in the group; the others go on without. Raises ConflictError if there is none to give up."""
    freezing.lock_pool(session, member.assembly_id)
    assembly = member.respondent.assembly
    if not is_in_group(session, member):
        raise ConflictError(marked("This member is not in the follow-up group."))
    seat = session.get_one(GroupSeat, (elections_of(session, assembly)[0].id, member.respondent_id))
    seat.left_at = now()
    session.flush()
    logbook.record(session, assembly, "group_left", by=by, subject=subject_of(member.respondent))
