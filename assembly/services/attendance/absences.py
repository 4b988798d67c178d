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
COUNTED = (AttendanceState.EXCUSED, AttendanceState.PRESENT, AttendanceState.PRESENT_HALF, AttendanceState.ABSENT)
MISSED = (AttendanceState.EXCUSED, AttendanceState.ABSENT)
"""Whoever was excused was missing as well: the organiser asks why, and decides."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Absent:
    """Somebody who missed so many of so many of the last events, and how many of these without an excuse."""

    member: Member
    missed: int
    unexcused: int
    of: int


def rule_of(session: Session, assembly: Assembly) -> AttendanceRule:
    """Return the rule of an assembly: two of three, unless it has its own."""
    return session.get(AttendanceRule, assembly.id) or AttendanceRule(assembly_id=assembly.id, missed=2, last=3)


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


def absent_too_often(session: Session, assembly: Assembly) -> Sequence[Absent]:
    """Return the members to whom the rule applies, in one query; who missed most comes first.

    Counted are the last events that are over, and of which it was noted whether this member was there.
    """
    rule = rule_of(session, assembly)
    rows = session.execute(
        sa.select(Member, Attendance.state)
        .join(Attendance, Attendance.respondent_id == Member.respondent_id)
        .join(Event, Event.id == Attendance.event_id)
        .join(Member.respondent)
        .where(
            Member.assembly_id == assembly.id,
            Member.replaced_at.is_(None),
            Respondent.status.in_(SEATED),
            Event.state != EventState.CANCELLED,
            Event.ends_at <= now(),
            Attendance.state.in_(COUNTED),
        )
        .options(joinedload(Member.respondent).joinedload(Respondent.contact))
        .order_by(Event.starts_at.desc(), Event.id.desc())
    )
    states: dict[Member, list[AttendanceState]] = {}
    for member, state in rows:
        if len(of_member := states.setdefault(member, [])) < rule.last:
            of_member.append(state)
    found = [
        Absent(member, sum(one in MISSED for one in last), last.count(AttendanceState.ABSENT), len(last))
        for member, last in states.items()
    ]
    return sorted(
        (one for one in found if one.missed >= rule.missed), key=lambda one: (-one.missed, one.member.respondent_id)
    )
