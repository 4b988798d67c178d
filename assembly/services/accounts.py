"""Staff accounts and the roles they hold."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.clock import now
from assembly.models import Assembly, Membership, Role, User
from assembly.services import logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError


def create_account(session: Session, *, email: str, name: str, language: str = "de", by: User | None = None) -> User:
    """Add an account without password: it is chosen with the link in the invitation.

    Raises ConflictError if the address has an account.
    """
    if find_account(session, email) is not None:
        raise ConflictError("There is an account with this e-mail address already.", field="email")
    user = User(
        created_at=now(),
        email=email.strip().lower(),
        name=name.strip(),
        language=language,
        invited_by_id=by.id if by else None,
        fs_uniquifier=secrets.token_urlsafe(32),
        active=True,
    )
    session.add(user)
    session.flush()
    return user


def find_account(session: Session, email: str) -> User | None:
    """Return the account of an e-mail address."""
    return session.scalar(sa.select(User).where(User.email == email.strip().lower()))


def grant(session: Session, user: User, role: Role, *, assembly: Assembly | None = None, by: User | None) -> Membership:
    """Give an account a role; in the log of the assembly if it is for one.

    Raises RuleError if the role's scope is the other one, ConflictError if the account holds it.
    """
    if role.is_city_wide != (assembly is None):
        raise RuleError("This role cannot be given here.", field="role")
    here = assembly.id if assembly else None
    if any(m.role is role and m.assembly_id == here and m.revoked_at is None for m in user.memberships):
        raise ConflictError("The account has this role already.", field="role")
    membership = Membership(
        user=user, assembly_id=here, role=role, granted_at=now(), granted_by_id=by.id if by else None
    )
    session.add(membership)
    session.flush()
    if assembly is not None:
        details = {"role": role.value, "account": user.id}
        logbook.record(session, assembly, "role_granted", by=by, subject=f"membership:{membership.id}", details=details)
    return membership


def revoke(session: Session, membership: Membership, *, assembly: Assembly | None = None, by: User) -> None:
    """End a role. Raises RuleError if it is an assembly's last organiser or the last site administrator."""
    if membership.revoked_at is not None:
        return
    if membership.role in {Role.ORGANISER, Role.SITE_ADMINISTRATOR} and _others(session, membership) == 0:
        raise RuleError("Somebody has to keep this role. Give it to another account first.")
    membership.revoked_at = now()
    if assembly is not None:
        details = {"role": membership.role.value, "account": membership.user_id}
        logbook.record(session, assembly, "role_revoked", by=by, subject=f"membership:{membership.id}", details=details)


def _others(session: Session, membership: Membership) -> int:
    scope = (
        Membership.assembly_id.is_(None)
        if membership.assembly_id is None
        else Membership.assembly_id == membership.assembly_id
    )
    count = session.scalar(
        sa.select(sa.func.count())
        .select_from(Membership)
        .where(scope, Membership.role == membership.role, Membership.revoked_at.is_(None))
        .where(Membership.id != membership.id)
    )
    return count or 0


def get_membership(session: Session, membership_id: int, *, assembly: Assembly | None) -> Membership:
    """Return a membership of an assembly, or a city-wide one. Raises NotFoundError."""
    membership = session.get(Membership, membership_id)
    if membership is None or membership.assembly_id != (assembly.id if assembly else None):
        raise NotFoundError
    return membership


def memberships_in(session: Session, assembly: Assembly | None) -> list[Membership]:
    """Return the current memberships of an assembly, or the city-wide ones, with their accounts loaded."""
    scope = Membership.assembly_id.is_(None) if assembly is None else Membership.assembly_id == assembly.id
    statement = (
        sa.select(Membership)
        .where(scope, Membership.revoked_at.is_(None))
        .options(joinedload(Membership.user))
        .join(Membership.user)
        .order_by(User.name, Membership.id)
    )
    return list(session.scalars(statement))
