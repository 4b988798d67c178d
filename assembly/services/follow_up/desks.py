"""The desk of an account in a department: the cases of its departments, and what these owe by when."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from assembly.models import (
    Addressee,
    Assembly,
    Case,
    CaseState,
    ContributingUnit,
    Draft,
    Duty,
    InternalDeadline,
    Role,
    User,
)
from assembly.services.authorisation import standing_of
from assembly.services.daily import today
from assembly.services.errors import NotFoundError
from assembly.services.follow_up.assigning import DAYS_BEFORE
from assembly.services.follow_up.cases import course_of_case
from assembly.services.follow_up.units import units_of
from assembly.services.working_days import working_days_before

OF_DEPARTMENTS = frozenset({Duty.ANSWER, Duty.FIRST_REPORT, Duty.REPORT})
"""What departments owe; all else is owed by the council office or the body."""


class Part(enum.Flag):
    """What an account does with the drafts of a case."""

    NONE = 0
    DRAFTS = enum.auto()
    APPROVES = enum.auto()


@dataclasses.dataclass(frozen=True, slots=True)
class Task:
    """A case at a desk: what the departments owe next, if anything, in public by `due`, within the city by `internal`.

    `is_lead` if a department of this desk is in charge; `part` is known of a single case.
    """

    case: Case
    assembly: Assembly
    is_lead: bool
    duty: Duty | None = None
    due: dt.date | None = None
    internal: dt.date | None = None
    part: Part = Part.NONE

    @property
    def days_left(self) -> int | None:
        """How many days are left until the internal date; negative once it has passed."""
        return (self.internal - today()).days if self.internal else None

    @property
    def is_missed(self) -> bool:
        """Whether the public date has passed."""
        return self.due is not None and self.due < today()


def tasks_of(session: Session, user: User) -> list[Task]:
    """Return the open cases of an account’s departments, what is due first first, what owes nothing now last."""
    names = {unit.name for unit in units_of(session, user)}
    rows = session.execute(
        sa.select(Case, Assembly, InternalDeadline.days_before)
        .join(Assembly, Assembly.id == Case.assembly_id)
        .outerjoin(InternalDeadline, InternalDeadline.case_id == Case.id)
        .where(_at_desk(session, user), Case.state != CaseState.CLOSED)
        .options(*_LOADED)
        .order_by(Case.id)
    )
    found = [_task(case, assembly, days, is_lead=case.unit in names) for case, assembly, days in rows]
    return sorted(found, key=lambda one: (one.internal is None, one.internal or today(), one.case.id))


def get_task(session: Session, case_id: int, *, user: User) -> Task:
    """Return a case that is the account’s to work on, see `part_in`. Raises NotFoundError."""
    case = session.scalar(sa.select(Case).where(Case.id == case_id).options(*_LOADED))
    if case is None or not (part := part_in(session, case, user=user)):
        raise NotFoundError
    deadline = session.get(InternalDeadline, case.id)
    names = {unit.name for unit in units_of(session, user)}
    assembly = session.get_one(Assembly, case.assembly_id)
    task = _task(case, assembly, deadline.days_before if deadline else None, is_lead=case.unit in names)
    return dataclasses.replace(task, part=part)


def part_in(session: Session, case: Case, *, user: User) -> Part:
    """Return what an account may do with drafts in a case; nothing, and it does not exist for them.

    The mayor’s office comes to a case once a draft in it was submitted.
    """
    if Role.COUNCIL_OFFICE in standing_of(user).city_wide:
        part = Part.DRAFTS
    else:
        at_desk = sa.select(sa.exists().where(Case.id == case.id, _at_desk(session, user)))
        part = Part.DRAFTS if session.scalar(at_desk) else Part.NONE
    submitted = sa.exists().where(Draft.case_id == case.id, Draft.submitted_by_id.is_not(None))
    if may_approve(session, user) and session.scalar(sa.select(submitted)):
        part |= Part.APPROVES
    return part


def may_approve(session: Session, user: User) -> bool:
    """Whether an account works in the mayor’s office."""
    in_role = Role.DEPARTMENT in standing_of(user).city_wide
    return in_role and any(unit.approves for unit in units_of(session, user))


def _at_desk(session: Session, user: User) -> sa.ColumnElement[bool]:
    """Return the condition for the cases of an account’s departments; without the role there are none."""
    if Role.DEPARTMENT not in standing_of(user).city_wide:
        return sa.false()
    mine = units_of(session, user)
    contributed = sa.select(ContributingUnit.case_id).where(ContributingUnit.unit_id.in_([unit.id for unit in mine]))
    return sa.or_(Case.unit.in_([unit.name for unit in mine]), Case.id.in_(contributed))


def _task(case: Case, assembly: Assembly, days_before: int | None, *, is_lead: bool) -> Task:
    owed = next((one for one in course_of_case(case).open if one.duty in OF_DEPARTMENTS), None)
    if owed is None:
        return Task(case, assembly, is_lead)
    days = DAYS_BEFORE if days_before is None else days_before
    internal = working_days_before(owed.due, days, case.addressee.rules.state)
    return Task(case, assembly, is_lead, owed.duty, owed.due, internal)


_LOADED = (
    selectinload(Case.steps),
    selectinload(Case.addressee).selectinload(Addressee.rules),
    selectinload(Case.recommendation),
    selectinload(Case.handover),
)
