"""Who is absent too often, by the rule of the assembly."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.clock import now
from assembly.models import (
    Assembly,
    Attendance,
    AttendanceRule,
    AttendanceState,
    Event,
    EventState,
    Member,
    Respondent,
    User,
)
from assembly.services import freezing, logbook
from assembly.services.attendance.people import SEATED
from assembly.services.errors import RuleError, marked

LIMIT = 20
USUAL = (2, 3)
"""Two of the last three, unless an assembly has its own rule."""
COUNTED = (AttendanceState.EXCUSED, AttendanceState.PRESENT, AttendanceState.PRESENT_HALF, AttendanceState.ABSENT)
"""What is known of an event that is over. Who was excused did not stay away, and does not count as absent."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Absent:
    """Somebody who was absent from so many of the last events without an excuse, and excused from so many more."""

    member: Member
    missed: int
    excused: int
    of: int


def rule_of(session: Session, assembly: Assembly) -> AttendanceRule:
    """Return the rule of an assembly: two of three, unless it has its own."""
    return session.get(AttendanceRule, assembly.id) or AttendanceRule(
        assembly_id=assembly.id, missed=USUAL[0], last=USUAL[1]
    )


def set_rule(session: Session, assembly: Assembly, *, missed: int, last: int, by: User) -> None:
    """Say when somebody is absent too often. Raises RuleError."""
    freezing.lock_pool(session, assembly.id)
    if not 1 <= last <= LIMIT:
        raise RuleError(marked("Look at 1 to 20 events."), field="last")
    if not 1 <= missed <= last:
        raise RuleError(marked("Nobody can miss more events than are looked at."), field="missed")
    rule = rule_of(session, assembly)
    changed = logbook.assign(rule, {"missed": missed, "last": last}, ("missed", "last"))
    if changed:
        session.add(rule)
        session.flush()
        logbook.record(session, assembly, "attendance_rule_changed", by=by, details=changed)


def count_too_often(session: Session, assembly: Assembly) -> int:
    """Return to how many members the rule applies, in one query; every page of the assembly says so."""
    own = sa.select(AttendanceRule).where(AttendanceRule.assembly_id == assembly.id)
    missed, last = (
        sa.func.coalesce(own.with_only_columns(column).scalar_subquery(), usual)
        for column, usual in ((AttendanceRule.missed, USUAL[0]), (AttendanceRule.last, USUAL[1]))
    )
    latest = sa.func.row_number().over(
        partition_by=Attendance.respondent_id, order_by=(Event.starts_at.desc(), Event.id.desc())
    )
    noted = (
        sa.select(Attendance.respondent_id, Attendance.state, latest.label("latest"))
        .join(Member, Member.respondent_id == Attendance.respondent_id)
        .join(Event, Event.id == Attendance.event_id)
        .join(Member.respondent)
        .where(*_looked_at(assembly))
        .subquery()
    )
    too_often = (
        sa.select(noted.c.respondent_id)
        .where(noted.c.latest <= last, noted.c.state == AttendanceState.ABSENT)
        .group_by(noted.c.respondent_id)
        .having(sa.func.count() >= missed)
        .subquery()
    )
    return session.scalar(sa.select(sa.func.count()).select_from(too_often)) or 0


def _looked_at(assembly: Assembly) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Member.assembly_id == assembly.id,
        Member.replaced_at.is_(None),
        Respondent.status.in_(SEATED),
        Event.state != EventState.CANCELLED,
        Event.ends_at <= now(),
        Attendance.state.in_(COUNTED),
    )


def absent_too_often(session: Session, assembly: Assembly) -> Sequence[Absent]:
    """Return the members to whom the rule applies, in one query; who missed most comes first.

    Looked at are the last events that are over, and of which it was noted whether this member was there. Who was
    excused is not absent, however often; how often is shown beside.
    """
    rule = rule_of(session, assembly)
    rows = session.execute(
        sa.select(Member, Attendance.state)
        .join(Attendance, Attendance.respondent_id == Member.respondent_id)
        .join(Event, Event.id == Attendance.event_id)
        .join(Member.respondent)
        .where(*_looked_at(assembly))
        .options(joinedload(Member.respondent).joinedload(Respondent.contact))
        .order_by(Event.starts_at.desc(), Event.id.desc())
    )
    states: dict[Member, list[AttendanceState]] = {}
    for member, state in rows:
        if len(of_member := states.setdefault(member, [])) < rule.last:
            of_member.append(state)
    found = [
        Absent(member, last.count(AttendanceState.ABSENT), last.count(AttendanceState.EXCUSED), len(last))
        for member, last in states.items()
    ]
    return sorted(
        (one for one in found if one.missed >= rule.missed), key=lambda one: (-one.missed, one.member.respondent_id)
    )
