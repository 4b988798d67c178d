"""The register of the city’s departments, and who works in each."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from assembly.models import Role, Unit, UnitMember, User
from assembly.services import accounts, invitations
from assembly.services.accounts import CITY_LOG
from assembly.services.authorisation import standing_of
from assembly.services.errors import ConflictError, NotFoundError, marked


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
    """Return the departments in which an account works, by name."""
    mine = sa.select(UnitMember.unit_id).where(UnitMember.user_id == user.id)
    return session.scalars(sa.select(Unit).where(Unit.id.in_(mine)).order_by(Unit.name)).all()
