"""Roles for people who may have no account yet: they are invited by a mail with a link to choose a password."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from sqlalchemy.orm import Session

from assembly.models import Assembly, Role, User
from assembly.services import accounts
from assembly.services.accounts import AccountState
from assembly.services.errors import ConflictError, marked
from assembly.services.mail import queue_mail

VALID_DAYS = 3
"""How long the link in an invitation works; the pages set Flask-Security's links to it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Links:
    """Addresses for mails: only pages know them."""

    to_password: Callable[[User], str]
    to_work: str


def give_role(
    session: Session, *, email: str, name: str, role: Role, assembly: Assembly | None, by: User, links: Links
) -> User:
    """Give a role to the account of an address; where there is none, make one and invite to it.

    Raises RuleError if the role's scope is the other one, ConflictError if the account holds it.
    """
    user = accounts.find_account(session, email) or accounts.create_account(
        session, email=email, name=name, language=by.language, by=by
    )
    membership = accounts.grant(session, user, role, assembly=assembly, by=by)
    if accounts.state_of(user) is AccountState.INVITED:
        invite(session, user, assembly=assembly, by=by, links=links)
    else:
        context = {
            "name": user.name,
            "role": role.value,
            "assembly": assembly.title if assembly else None,
            "link": links.to_work,
        }
        queue_mail(
            session,
            "role_given",
            to=user.email,
            language=user.language,
            context=context,
            assembly=assembly,
            user=user,
            deed=f"role_given:{membership.id}",
        )
    return user


def invite(session: Session, user: User, *, assembly: Assembly | None, by: User, links: Links) -> None:
    """Send the invitation, again if asked for: each has a link of its own, and the first password ends them all.

    Raises ConflictError if the account has a password.
    """
    if accounts.state_of(user) is not AccountState.INVITED:
        raise ConflictError(
            marked("This account is active already. A new password can be had on the page for signing in.")
        )
    context = {"name": user.name, "invited_by": by.name, "link": links.to_password(user), "days": VALID_DAYS}
    queue_mail(
        session,
        "account_invitation",
        to=user.email,
        language=user.language,
        context=context,
        assembly=assembly,
        user=user,
        confidential=True,
    )
