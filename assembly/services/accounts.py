"""Staff accounts and the roles they hold."""

from __future__ import annotations

import enum
import logging
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from assembly.clock import now
from assembly.models import Assembly, Membership, Role, User
from assembly.services import logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked

CITY_LOG = logging.getLogger("assembly.accounts")

SECOND_FACTOR_ROLES = frozenset({Role.ORGANISER, Role.CALLER, Role.SUPPORT, Role.AUDITOR, Role.SITE_ADMINISTRATOR})
"""Roles that see personal data of many people."""


class AccountState(enum.StrEnum):
    """How far an account is."""

    INVITED = "invited"
    ACTIVE = "active"
    SECURED = "secured"


def state_of(user: User) -> AccountState:
    """Return whether an account waits for its password, has one, or has a second factor too."""
    if has_second_factor(user):
        return AccountState.SECURED
    return AccountState.ACTIVE if user.password else AccountState.INVITED


def has_second_factor(user: User) -> bool:
    """Whether a code is asked for after the password."""
    return bool(user.tf_primary_method and user.tf_totp_secret)


def names_of(session: Session, numbers: Collection[int]) -> dict[int, str]:
    """Return the names of the accounts with these numbers, as far as there are such."""
    found = session.execute(sa.select(User.id, User.name).where(User.id.in_(numbers)))
    return {number: name for number, name in found}  # noqa: C416  # rows are no pairs for the type checker


def needs_second_factor(user: User) -> bool:
    """Whether one of the account's roles demands a second factor."""
    return any(m.revoked_at is None and m.role in SECOND_FACTOR_ROLES for m in user.memberships)


def create_account(session: Session, *, email: str, name: str, language: str = "de", by: User | None = None) -> User:
    """Add an account without password: it is chosen with the link in the invitation.

    Raises ConflictError if the address has an account.
    """
    if find_account(session, email) is not None:
        raise ConflictError(marked("There is an account with this e-mail address already."), field="email")
    user = User(
        created_at=now(),
        email=email.strip().lower(),
        name=name.strip(),
        language=language,
        invited_by_id=by.id if by else None,
        fs_uniquifier=secrets.token_urlsafe(32),
        active=True,
    )
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:  # made by somebody else at this moment
        raise ConflictError(marked("There is an account with this e-mail address already."), field="email") from None
    return user


def find_account(session: Session, email: str) -> User | None:
    """Return the account of an e-mail address."""
    return session.scalar(sa.select(User).where(User.email == email.strip().lower()))


def find_signed_in_elsewhere(session: Session, *, subject: str, email: str) -> User | None:
    """Return the account of somebody whom the city's provider names; the first time it is found by its address.

    From then on it belongs to this subject alone: an address may be given to somebody else later.
    """
    user = session.scalar(sa.select(User).where(User.openid_subject == subject))
    if user is None and (user := find_account(session, email)) is not None:
        if user.openid_subject is not None:
            return None
        user.openid_subject = subject
    return user


def grant(session: Session, user: User, role: Role, *, assembly: Assembly | None = None, by: User | None) -> Membership:
    """Give an account a role; in the log of the assembly if it is for one.

    Raises RuleError if the role's scope is the other one, ConflictError if the account holds it.
    """
    if role.is_city_wide != (assembly is None):
        raise RuleError(marked("This role cannot be given here."), field="role")
    here = assembly.id if assembly else None
    if any(m.role is role and m.assembly_id == here and m.revoked_at is None for m in user.memberships):
        raise ConflictError(marked("The account has this role already."), field="role")
    membership = Membership(
        user_id=user.id, assembly_id=here, role=role, granted_at=now(), granted_by_id=by.id if by else None
    )
    try:
        with session.begin_nested():
            session.add(membership)
    except IntegrityError:  # given by somebody else at this moment
        raise ConflictError(marked("The account has this role already."), field="role") from None
    session.expire(user, ["memberships"])
    details = {"role": role.value, "account": user.id}
    _record(session, assembly, "role_granted", by=by, subject=f"membership:{membership.id}", details=details)
    return membership


def revoke(session: Session, membership: Membership, *, assembly: Assembly | None = None, by: User) -> None:
    """End a role. Raises RuleError if it is an assembly's last organiser or the last site administrator."""
    holding = _lock_holders(session, membership)
    if membership not in holding:
        return
    if membership.role in {Role.ORGANISER, Role.SITE_ADMINISTRATOR} and len(holding) == 1:
        raise RuleError(marked("Somebody has to keep this role. Give it to another account first."))
    membership.revoked_at = now()
    details = {"role": membership.role.value, "account": membership.user_id}
    _record(session, assembly, "role_revoked", by=by, subject=f"membership:{membership.id}", details=details)


def reset_second_factor(session: Session, user: User, *, assembly: Assembly | None, by: User) -> None:
    """Take the second factor from somebody who lost it, and end their sessions; they set up a new one.

    Raises ConflictError if there is none.
    """
    if not has_second_factor(user):
        raise ConflictError(marked("This account has no second factor."))
    user.tf_primary_method = user.tf_totp_secret = user.mf_recovery_codes = None
    user.fs_uniquifier = secrets.token_urlsafe(32)
    session.flush()
    _record(session, assembly, "second_factor_reset", by=by, subject=f"user:{user.id}", details={"account": user.id})


def _record(
    session: Session,
    assembly: Assembly | None,
    action: str,
    *,
    by: User | None,
    subject: str,
    details: Mapping[str, Any],
) -> None:
    """Write a deed into the log of its assembly; what is city-wide, into the server's log, by numbers alone."""
    if assembly is not None:
        logbook.record(session, assembly, action, by=by, subject=subject, details=details)
    else:
        CITY_LOG.info("%s %s by account %s: %s", action, subject, by.id if by else "none", dict(details))


def _lock_holders(session: Session, membership: Membership) -> Sequence[Membership]:
    """Return the current memberships of the same role and scope; who else would end one of them waits."""
    statement = (
        sa.select(Membership)
        .where(
            Membership.assembly_id == membership.assembly_id,  # of a city-wide one: IS NULL
            Membership.role == membership.role,
            Membership.revoked_at.is_(None),
        )
        .order_by(Membership.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.scalars(statement).all()


def describe_account(user: User, *, name: str, language: str) -> None:
    """Change what an account says of its person."""
    user.name = name.strip()
    user.language = language


def roles_of(session: Session, user: User) -> list[Membership]:
    """Return the current roles of an account, with their assemblies loaded, city-wide ones first."""
    statement = (
        sa.select(Membership)
        .where(Membership.user_id == user.id, Membership.revoked_at.is_(None))
        .options(joinedload(Membership.assembly))
        .order_by(Membership.assembly_id.is_not(None), Membership.assembly_id, Membership.id)
    )
    return list(session.scalars(statement))


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
