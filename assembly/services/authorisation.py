"""Loading is authorising: one function per aggregate loads the row and checks what the account may do with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Membership, Role, User
from assembly.services.errors import ForbiddenError, NotFoundError


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """The roles of an account in an assembly, and city-wide."""

    here: frozenset[Role] = frozenset()
    city_wide: frozenset[Role] = frozenset()

    @property
    def is_stranger(self) -> bool:
        """Whether the assembly does not exist for this account."""
        return not self.here and not self.city_wide & {Role.COUNCIL_OFFICE, Role.SITE_ADMINISTRATOR}


Permission = Callable[[Standing], bool]


def holds(*roles: Role) -> Permission:
    """Return the permission of those who hold one of the roles, in the assembly or city-wide."""
    wanted = frozenset(roles)
    return lambda standing: bool(wanted & (standing.here | standing.city_wide))


can_manage = holds(Role.ORGANISER)
can_see = holds(
    Role.ORGANISER,
    Role.CALLER,
    Role.SUPPORT,
    Role.FACILITATOR,
    Role.WITNESS,
    Role.AUDITOR,
    Role.COUNCIL_OFFICE,
    Role.SITE_ADMINISTRATOR,
)
can_audit = holds(Role.ORGANISER, Role.AUDITOR)
can_see_pool = holds(Role.ORGANISER, Role.AUDITOR)
can_call = holds(Role.ORGANISER, Role.CALLER)
can_see_members = holds(Role.ORGANISER, Role.CALLER, Role.AUDITOR)
can_see_needs = holds(Role.SUPPORT)
can_help_members = holds(Role.ORGANISER, Role.SUPPORT)
can_check_claims = holds(Role.ORGANISER, Role.SUPPORT)
can_pay = holds(Role.ORGANISER)
"""Bank data and payment lists; auditors read everything but needs and payment."""
can_book = holds(Role.ORGANISER, Role.SUPPORT)
can_check_in = holds(Role.ORGANISER, Role.CALLER)
can_lead = holds(Role.ORGANISER, Role.FACILITATOR)
can_be_at_visits = holds(Role.ORGANISER, Role.FACILITATOR, Role.CALLER)
can_witness_draw = holds(Role.ORGANISER, Role.WITNESS)
can_see_roles = holds(Role.ORGANISER, Role.SITE_ADMINISTRATOR, Role.AUDITOR)
can_grant_roles = holds(Role.ORGANISER, Role.SITE_ADMINISTRATOR)
can_set_rules = holds(Role.ORGANISER, Role.COUNCIL_OFFICE)
can_keep_cases = holds(Role.COUNCIL_OFFICE)
can_take_steps = holds(Role.COUNCIL_OFFICE, Role.ORGANISER)
can_answer = holds(Role.DEPARTMENT)
can_draft = holds(Role.DEPARTMENT, Role.COUNCIL_OFFICE)
"""What departments answer; which cases are whose, see `assembly.services.follow_up.desks`."""
can_keep_units = holds(Role.COUNCIL_OFFICE, Role.SITE_ADMINISTRATOR)
can_create_assemblies = holds(Role.COUNCIL_OFFICE, Role.SITE_ADMINISTRATOR)
can_administer = holds(Role.SITE_ADMINISTRATOR)


def standing_of(user: User, assembly_id: int | None = None) -> Standing:
    """Return what the account's memberships amount to, in one assembly if one is named."""
    current = [membership for membership in user.memberships if membership.revoked_at is None]
    return Standing(
        here=frozenset(m.role for m in current if assembly_id is not None and m.assembly_id == assembly_id),
        city_wide=frozenset(m.role for m in current if m.assembly_id is None),
    )


def get_assembly(session: Session, assembly_id: int, *, user: User, may: Permission) -> Assembly:
    """Return an assembly that the account may do this with.

    Raises NotFoundError if it does not exist for the account, ForbiddenError if it may not do this.
    """
    assembly = session.get(Assembly, assembly_id)
    standing = standing_of(user, assembly_id)
    if assembly is None or standing.is_stranger:
        raise NotFoundError
    if not may(standing):
        raise ForbiddenError
    return assembly


def require(user: User, may: Permission) -> None:
    """Raise ForbiddenError unless the account's city-wide roles allow this."""
    if not may(standing_of(user)):
        raise ForbiddenError


def assemblies_of(session: Session, user: User) -> list[Assembly]:
    """Return the assemblies that exist for an account, newest first."""
    statement = sa.select(Assembly).order_by(Assembly.id.desc())
    if standing_of(user).is_stranger:
        mine = sa.select(Membership.assembly_id).where(Membership.user_id == user.id, Membership.revoked_at.is_(None))
        statement = statement.where(Assembly.id.in_(mine))
    return list(session.scalars(statement))
