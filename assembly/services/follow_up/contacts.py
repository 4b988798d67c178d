"""To whom notices about what is owed go: addresses of the council office, of mayors and of chairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import EVERY_ADDRESSEE, Assembly, Case, CaseState, ContactRole, FollowUpContact, User
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.follow_up import rules


def contacts_of(session: Session, assembly: Assembly) -> Sequence[FollowUpContact]:
    """Return all addresses, by role and addressee."""
    found = session.scalars(sa.select(FollowUpContact).where(FollowUpContact.assembly_id == assembly.id)).all()
    order = list(ContactRole)
    return sorted(found, key=lambda one: (order.index(one.role), one.addressee, one.email))


def addressees_of(session: Session, assembly: Assembly) -> dict[int, str]:
    """Return the addressees of all versions of the rules by number, each with its newest name."""
    versions = reversed(rules.every_version(session, assembly))
    found = {one.number: one.name for version in versions for one in version.addressees}
    return dict(sorted(found.items()))


def add_contact(session: Session, assembly: Assembly, values: Mapping[str, Any], *, by: User) -> FollowUpContact:
    """Add an address for all addressees or one.

    Raises RuleError if the rules know no such addressee, ConflictError if the address is there already.
    """
    freezing.lock_pool(session, assembly.id)
    role, addressee, email = ContactRole(values["role"]), values["addressee"], values["email"].lower()
    if addressee not in {EVERY_ADDRESSEE, *addressees_of(session, assembly)}:
        raise RuleError(marked("Choose an addressee from the list."), field="addressee")
    if (role, addressee, email) in {(one.role, one.addressee, one.email) for one in contacts_of(session, assembly)}:
        raise ConflictError(marked("This address is entered already."), field="email")
    contact = FollowUpContact(assembly_id=assembly.id, role=role, addressee=addressee, email=email)
    session.add(contact)
    session.flush()
    _record(session, assembly, "contact_added", contact, by=by)
    return contact


def remove_contact(session: Session, assembly: Assembly, contact_id: int, *, by: User) -> None:
    """Remove an address. Raises NotFoundError."""
    freezing.lock_pool(session, assembly.id)
    contact = session.get(FollowUpContact, contact_id)
    if contact is None or contact.assembly_id != assembly.id:
        raise NotFoundError
    _record(session, assembly, "contact_removed", contact, by=by)
    session.delete(contact)
    session.flush()


def delete_all(session: Session, assembly: Assembly) -> int:
    """Delete the addresses of an assembly in which no case is open; return how many."""
    if session.scalar(sa.select(sa.exists().where(Case.assembly_id == assembly.id, Case.state != CaseState.CLOSED))):
        return 0
    gone = sa.delete(FollowUpContact).where(FollowUpContact.assembly_id == assembly.id)
    return len(session.scalars(gone.returning(FollowUpContact.id)).all())


def _record(session: Session, assembly: Assembly, action: str, contact: FollowUpContact, *, by: User) -> None:
    """Log what happened to an address without the address, which is somebody's."""
    details = {"role": contact.role.value, "addressee": contact.addressee}
    logbook.record(session, assembly, action, by=by, subject=f"contact:{contact.id}", details=details)
