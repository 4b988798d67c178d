"""Departments and the accounts in them, for tests of the council staff’s workspace."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assembly.models import Role, Unit, User
from assembly.services import accounts
from assembly.services.follow_up import units


def clerk(session: Session, name: str, *of: Unit) -> User:
    """Return a new account of departments."""
    user = accounts.create_account(session, email=f"{name}@example.org".lower(), name=name)
    accounts.grant(session, user, Role.DEPARTMENT, by=None)
    for unit in of:
        units.join(session, unit, user, by=None)
    return user


def unit(session: Session, name: str, by: User, *, approves: bool = False) -> Unit:
    """Return a new department."""
    return units.add_unit(session, name=name, approves=approves, by=by)
