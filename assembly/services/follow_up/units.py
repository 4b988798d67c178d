"""The register of the city’s departments, and who works in each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from assembly.models import Deputy, Membership, Role, Unit, UnitMember, User
from assembly.services import accounts, invitations
from assembly.services.accounts import CITY_LOG
from assembly.services.authorisation import standing_of
from assembly.services.daily import today
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked


def all_units(session: Session) -> Sequence[Unit]:
    """Return all departments by name, each with who works in it."""
    return session.scalars(sa.select(Unit).options(selectinload(Unit.members)).order_by(Unit.name)).all()


def names(session: Session) -> list[str]:
    """Return the names of all departments."""
    return list(session.scalars(sa.select(Unit.name).order_by(Unit.name)))


def get_unit(session: Session, unit_id: int) -> Unit:
    """Return a department. Raises NotFoundError."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFoundError
    return unit


def add_unit(session: Session, *, name: str, approves: bool, by: User) -> Unit:
    """Add a department. Raises ConflictError if there is one of this name."""
    unit = Unit(name=name.strip(), approves=approves)
    try:
        with session.begin_nested():
            session.add(unit)
    except IntegrityError:
        raise ConflictError(marked("There is a department of this name already."), field="name") from None
    CITY_LOG.info("unit_added unit:%s by account %s", unit.id, by.id)
    return unit


def add_member(session: Session, unit: Unit, *, email: str, name: str, by: User, links: invitations.Links) -> User:
    """Let somebody work in a department; whoever has no account, or not this role, is given them.

    Raises ConflictError if they work in it already.
    """
    user = accounts.find_account(session, email)
    if user is None or Role.DEPARTMENT not in standing_of(user).city_wide:
        user = invitations.give_role(
            session, email=email, name=name, role=Role.DEPARTMENT, assembly=None, by=by, links=links
        )
    join(session, unit, user, by=by)
    return user


def join(session: Session, unit: Unit, user: User, *, by: User | None) -> None:
    """Let an account work in a department. Raises ConflictError if it does already."""
    try:
        with session.begin_nested():
            session.add(UnitMember(unit_id=unit.id, user_id=user.id))
    except IntegrityError:
        raise ConflictError(marked("This account works in the department already."), field="email") from None
    session.expire(unit, ["members"])
    CITY_LOG.info("unit_joined unit:%s account:%s by account %s", unit.id, user.id, by.id if by else "none")


def leave(session: Session, unit: Unit, user_id: int, *, by: User) -> None:
    """End somebody’s work in a department. Raises NotFoundError if they do not work in it."""
    membership = session.get(UnitMember, (unit.id, user_id))
    if membership is None:
        raise NotFoundError
    session.delete(membership)
    session.flush()
    session.expire(unit, ["members"])
    CITY_LOG.info("unit_left unit:%s account:%s by account %s", unit.id, user_id, by.id)


def units_of(session: Session, user: User) -> Sequence[Unit]:
    """Return the departments in which an account works today, its own and those of whom it stands in for, by name."""
    mine = sa.select(UnitMember.unit_id).where(UnitMember.user_id.in_([user.id, *stands_in_for(session, user)]))
    return session.scalars(sa.select(Unit).where(Unit.id.in_(mine)).order_by(Unit.name)).all()


def stands_in_for(session: Session, user: User) -> list[int]:
    """Return the accounts whose deputy an account is today, as long as these may do the work themselves."""
    found = sa.select(Deputy.user_id).where(
        Deputy.deputy_id == user.id,
        Deputy.first_day <= today(),
        Deputy.last_day >= today(),
        Deputy.user_id.in_(_IN_ROLE),
    )
    return list(session.scalars(found.distinct().order_by(Deputy.user_id)))


def colleagues_of(session: Session, user: User) -> Sequence[User]:
    """Return the other accounts of departments, by name."""
    return session.scalars(
        sa.select(User).where(User.id.in_(_IN_ROLE), User.id != user.id).order_by(User.name, User.id)
    ).all()


def deputies_of(session: Session, user: User) -> Sequence[Deputy]:
    """Return the deputies whom an account has named, now and later, by their first day."""
    found = sa.select(Deputy).where(Deputy.user_id == user.id, Deputy.last_day >= today())
    return session.scalars(found.options(selectinload(Deputy.deputy)).order_by(Deputy.first_day, Deputy.id)).all()


def name_deputy(session: Session, user: User, deputy_id: int, *, first_day: dt.date, last_day: dt.date) -> Deputy:
    """Name who may do all of an account’s work in departments for some days.

    Raises NotFoundError if that is no other account of a department, RuleError if the days cannot be.
    """
    if deputy_id not in {one.id for one in colleagues_of(session, user)}:
        raise NotFoundError
    if last_day < max(first_day, today()):
        raise RuleError(marked("The last day is before the first one, or has passed."), field="last_day")
    deputy = Deputy(user_id=user.id, deputy_id=deputy_id, first_day=first_day, last_day=last_day)
    session.add(deputy)
    session.flush()
    CITY_LOG.info("deputy_named account:%s by account %s", deputy_id, user.id)
    return deputy


def end_deputy(session: Session, user: User, number: int) -> None:
    """Take back that somebody is an account’s deputy. Raises NotFoundError."""
    deputy = session.get(Deputy, number)
    if deputy is None or deputy.user_id != user.id:
        raise NotFoundError
    CITY_LOG.info("deputy_ended account:%s by account %s", deputy.deputy_id, user.id)
    session.delete(deputy)
    session.flush()


def get_member(session: Session, user_id: int) -> User:
    """Return an account that works in a department. Raises NotFoundError."""
    found = session.scalar(sa.select(User).where(User.id == user_id, User.id.in_(sa.select(UnitMember.user_id))))
    if found is None:
        raise NotFoundError
    return found


def hand_over(session: Session, leaving: User, successor_id: int, *, by: User) -> None:
    """Give all of an account’s work to another one: its departments, and so their cases and drafts.

    Raises NotFoundError if that is no other account of a department.
    """
    if successor_id not in {one.id for one in colleagues_of(session, leaving)}:
        raise NotFoundError
    theirs = set(session.scalars(sa.select(UnitMember.unit_id).where(UnitMember.user_id == leaving.id)))
    there = set(session.scalars(sa.select(UnitMember.unit_id).where(UnitMember.user_id == successor_id)))
    session.add_all(UnitMember(unit_id=number, user_id=successor_id) for number in sorted(theirs - there))
    session.flush()
    session.execute(sa.delete(UnitMember).where(UnitMember.user_id == leaving.id))
    through = sa.or_(Deputy.user_id == leaving.id, Deputy.deputy_id == leaving.id)
    session.execute(sa.delete(Deputy).where(through))
    session.expire_all()
    CITY_LOG.info("work_handed_over account:%s to account:%s by account %s", leaving.id, successor_id, by.id)


_IN_ROLE = sa.select(Membership.user_id).where(Membership.role == Role.DEPARTMENT, Membership.revoked_at.is_(None))
