"""Who reaches which member's page: links and codes made, found and revoked."""

from __future__ import annotations

import dataclasses
import datetime as dt
import secrets
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.clock import now
from assembly.models import (
    AccessKind,
    Assembly,
    LogEntry,
    Member,
    MemberAccess,
    Respondent,
    Status,
    User,
)
from assembly.services import freezing, logbook, respondents
from assembly.services.errors import ConflictError, marked
from assembly.services.members import tokens
from assembly.services.panel.seats import VACATED
from assembly.services.respondents import subject_of

PAGE = (AccessKind.LINK, AccessKind.CODE)
"""What opens the page; the calendar has a token of its own."""
LONGEST_NUMBER = 10
"""Digits of a row’s number that every database takes."""
LEFT = frozenset({*VACATED, Status.REPLACED})
LEFT_FOR_GOOD = LEFT - {Status.NOT_REACHED}
"""Whoever could not be reached may still take the seat."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Made:
    """What a member gets: shown once, and kept nowhere but in the mail or letter until that is sent."""

    link: str
    code: str


def has_left(member: Member) -> bool:
    """Whether a seat is no longer this person's: their page then shows what was theirs, and offers nothing more."""
    return member.replaced_at is not None or member.respondent.status in LEFT


def left_at(session: Session, member: Member) -> dt.datetime | None:
    """Return since when a person who has left is no longer on the panel; the log says when they withdrew."""
    if not has_left(member):
        return None
    moved = session.scalars(
        sa.select(LogEntry)
        .where(
            LogEntry.assembly_id == member.assembly_id,
            LogEntry.subject == subject_of(member.respondent),
            LogEntry.action == "status_changed",
        )
        .order_by(LogEntry.number)
    )
    left = [entry.at for entry in moved if entry.details.get("after") in LEFT]
    return min([moment for moment in (member.replaced_at, *left[:1]) if moment is not None], default=member.drawn_at)


def had_left(assembly_id: int, moment: dt.datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a member of an assembly had left for good by a moment, as the log has it."""
    subjects = sa.select(LogEntry.subject).where(
        LogEntry.assembly_id == assembly_id,
        LogEntry.action == "status_changed",
        LogEntry.at <= moment,
        LogEntry.details["after"].as_string().in_([status.value for status in LEFT_FOR_GOOD]),
    )
    return respondents.subject_in_query(Member.respondent_id).in_(subjects)


def member_of(session: Session, access_id: int, *, kinds: Collection[AccessKind] = PAGE) -> Member | None:
    """Return the member whom a token that was not revoked belongs to, with all that their page names."""
    return _member(session, MemberAccess.id == access_id, kinds)


def find(session: Session, kind: AccessKind, token: str) -> MemberAccess | None:
    """Return what a token opens, unless it is wrong or was revoked."""
    token = tokens.typed(token) if kind is AccessKind.CODE else token
    return session.scalar(
        sa.select(MemberAccess).where(
            MemberAccess.fingerprint == tokens.fingerprint(session, kind, token),
            MemberAccess.kind == kind,
            MemberAccess.revoked_at.is_(None),
        )
    )


def renew(session: Session, member: Member, *, by: User | None) -> Made:
    """Make a link and a code for a member; those made before end. Raises ConflictError if the seat is not theirs."""
    require_seat(session, member)
    _end(session, [member.respondent_id], PAGE)
    made = Made(*(_add(session, member, kind, by=by) for kind in PAGE))
    logbook.record(session, member.respondent.assembly, "access_made", by=by, subject=subject_of(member.respondent))
    return made


def opens_page(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Return the condition that something opens a member's page; `conditions` on MemberAccess say what counts."""
    return sa.exists().where(
        MemberAccess.respondent_id == Member.respondent_id,
        MemberAccess.kind.in_(PAGE),
        MemberAccess.revoked_at.is_(None),
        *conditions,
    )


def add_link(session: Session, member: Member) -> str:
    """Make a link that a member asked for; those before still open the page. Raises ConflictError without a seat.

    It stands in no log: the head of the log is public, and would tell that whoever was asked about is a member.
    """
    require_seat(session, member)
    return _add(session, member, AccessKind.LINK, by=None)


def renew_calendar(session: Session, member: Member, *, by: User | None) -> None:
    """Give a member's calendar a new address; the one before ends. Raises ConflictError if the seat is not theirs."""
    require_seat(session, member)
    _end(session, [member.respondent_id], [AccessKind.CALENDAR])
    _add(session, member, AccessKind.CALENDAR, by=by)
    logbook.record(session, member.respondent.assembly, "calendar_made", by=by, subject=subject_of(member.respondent))


def calendar_token(session: Session, member: Member) -> str | None:
    """Return the token in the address of a member's calendar, if there is one.

    It can be shown again, since it is made of what is kept with the application's secret, and of no use without it.
    """
    kept = session.scalar(
        sa.select(MemberAccess).where(
            MemberAccess.respondent_id == member.respondent_id,
            MemberAccess.kind == AccessKind.CALENDAR,
            MemberAccess.revoked_at.is_(None),
        )
    )
    return _calendar_token(session, kept) if kept else None


def calendar_member(session: Session, token: str) -> Member | None:
    """Return the member whose calendar has this token in its address."""
    number = token.partition("-")[0]
    kept = session.get(MemberAccess, int(number)) if number.isdecimal() and len(number) < LONGEST_NUMBER else None
    if kept is None or kept.kind is not AccessKind.CALENDAR:
        return None
    is_right = secrets.compare_digest(_calendar_token(session, kept).encode(), token.encode())
    return member_of(session, kept.id, kinds=[AccessKind.CALENDAR]) if is_right else None


def _calendar_token(session: Session, kept: MemberAccess) -> str:
    return f"{kept.id}-{tokens.fingerprint(session, 'calendar address', kept.fingerprint)}"


def require_seat(session: Session, member: Member) -> None:
    """Let nobody be erased or replaced meanwhile. Raises ConflictError if the seat is not theirs any more."""
    freezing.lock_pool(session, member.assembly_id)
    session.refresh(member.respondent, ["status"])
    if has_left(member):
        raise ConflictError(marked("This is no longer possible: the person’s status has changed. Load the page again."))


def revoke(session: Session, member: Member, *, by: User | None) -> bool:
    """End a member's link, code and calendar; whether there was any."""
    freezing.lock_pool(session, member.assembly_id)
    if not _end(session, [member.respondent_id], tuple(AccessKind)):
        return False
    subject = subject_of(member.respondent)
    logbook.record(session, member.respondent.assembly, "access_revoked", by=by, subject=subject)
    return True


def revoke_all(session: Session, assembly: Assembly, *, by: User) -> int:
    """End every link, code and calendar of an assembly's members; return of how many members."""
    freezing.lock_pool(session, assembly.id)
    theirs = sa.select(Member.respondent_id).where(Member.assembly_id == assembly.id)
    open_ = MemberAccess.respondent_id.in_(theirs), MemberAccess.revoked_at.is_(None)
    people = session.scalars(sa.select(MemberAccess.respondent_id).where(*open_).distinct()).all()
    if people:
        session.execute(sa.update(MemberAccess).where(*open_).values(revoked_at=now()))
        logbook.record(session, assembly, "all_access_revoked", by=by, details={"members": len(people)})
    return len(people)


def _add(session: Session, member: Member, kind: AccessKind, *, by: User | None) -> str:
    token = tokens.new_token(kind)
    session.add(
        MemberAccess(
            respondent_id=member.respondent_id,
            kind=kind,
            fingerprint=tokens.fingerprint(session, kind, token),
            made_at=now(),
            made_by_id=by.id if by else None,
        )
    )
    session.flush()
    return token


def _end(session: Session, respondent_ids: Collection[int], kinds: Collection[AccessKind]) -> int:
    ended = session.execute(
        sa.update(MemberAccess)
        .where(
            MemberAccess.respondent_id.in_(respondent_ids),
            MemberAccess.kind.in_(kinds),
            MemberAccess.revoked_at.is_(None),
        )
        .values(revoked_at=now())
        .returning(MemberAccess.id)
    )
    return len(ended.all())


def _member(session: Session, which: sa.ColumnElement[bool], kinds: Collection[AccessKind]) -> Member | None:
    person = joinedload(Member.respondent)
    return session.scalar(
        sa.select(Member)
        .join(MemberAccess, MemberAccess.respondent_id == Member.respondent_id)
        .where(which, MemberAccess.kind.in_(kinds), MemberAccess.revoked_at.is_(None))
        .options(person.joinedload(Respondent.contact), person.joinedload(Respondent.assembly))
    )
