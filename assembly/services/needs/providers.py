"""Who provides what members need: added, described, and removed while nothing is booked with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Booking, NeedKind, Provider, User
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.needs.bookings import require_free
from assembly.services.needs.reopening import PROMISED

FIELDS = ("name", "contact", "kinds", "is_one_person")


def providers_of(session: Session, assembly: Assembly, *, kind: NeedKind | None = None) -> Sequence[Provider]:
    """Return the providers of an assembly, by name: all, or those of one kind."""
    found = sa.select(Provider).where(Provider.assembly_id == assembly.id).order_by(Provider.name, Provider.id)
    return [one for one in session.scalars(found).all() if kind is None or kind in one.kinds]


def get_provider(session: Session, assembly: Assembly, provider_id: int) -> Provider:
    """Return a provider of an assembly. Raises NotFoundError."""
    provider = session.get(Provider, provider_id)
    if provider is None or provider.assembly_id != assembly.id:
        raise NotFoundError
    return provider


def add_provider(session: Session, assembly: Assembly, values: Mapping[str, Any], *, by: User) -> Provider:
    """Add a provider. Raises RuleError without a kind."""
    _require_kind(values)
    provider = Provider(assembly_id=assembly.id, **{field: values[field] for field in FIELDS if field in values})
    session.add(provider)
    session.flush()
    _log(session, assembly, provider, "provider_added", by=by)
    return provider


def change_provider(
    session: Session, assembly: Assembly, provider: Provider, values: Mapping[str, Any], *, by: User
) -> None:
    """Describe a provider anew. Raises RuleError without a kind, ConflictError if one person is at two events."""
    freezing.lock_pool(session, assembly.id)
    _require_kind(values)
    changed = logbook.assign(provider, values, FIELDS)
    if not changed:
        return
    session.flush()
    promised = sa.select(Booking).where(Booking.provider_id == provider.id, Booking.state.in_(PROMISED))
    for booking in session.scalars(promised).all():
        require_free(session, provider, booking.event)
    _log(session, assembly, provider, "provider_changed", by=by)


def remove_provider(session: Session, assembly: Assembly, provider: Provider, *, by: User) -> None:
    """Remove a provider. Raises ConflictError if there is a booking with them."""
    freezing.lock_pool(session, assembly.id)
    if session.scalar(sa.select(sa.exists().where(Booking.provider_id == provider.id))):
        raise ConflictError(marked("There are bookings with this provider, so they stay on the list."))
    _log(session, assembly, provider, "provider_removed", by=by)
    session.delete(provider)
    session.flush()


def _require_kind(values: Mapping[str, Any]) -> None:
    if not values.get("kinds"):
        raise RuleError(marked("Choose at least one thing that they provide."), field="kinds")


def _log(session: Session, assembly: Assembly, provider: Provider, action: str, *, by: User) -> None:
    """Say that something was done, without names: they are people's."""
    logbook.record(session, assembly, action, by=by, subject=f"provider:{provider.id}")
