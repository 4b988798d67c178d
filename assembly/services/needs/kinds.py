"""Kinds of needs: how long before an event each has to be booked, and which of them are the same work."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, LeadTime, NeedKind, User
from assembly.services import freezing, logbook
from assembly.services.errors import RuleError, marked

LEAD_TIMES: Mapping[NeedKind, int] = {
    NeedKind.SIGN_LANGUAGE: 56,
    NeedKind.SPEECH_TO_TEXT: 56,
    NeedKind.SPOKEN_LANGUAGE: 28,
    NeedKind.PLAIN_LANGUAGE: 28,
    NeedKind.CHILDCARE: 28,
    NeedKind.CARE_COVER: 28,
    NeedKind.MOBILITY: 14,
    NeedKind.DIET: 7,
    NeedKind.DEVICE: 14,
    NeedKind.TRAVEL: 14,
    NeedKind.OTHER: 14,
}
"""Days before an event, unless an assembly says otherwise: sign and text interpreters are booked out for weeks."""
LONGEST = 365
INTERPRETING = frozenset({NeedKind.SIGN_LANGUAGE, NeedKind.SPEECH_TO_TEXT, NeedKind.SPOKEN_LANGUAGE})
"""What interpreters do, in a language; they prepare themselves with the slides."""

Key = tuple[NeedKind, str]


def key_of(kind: NeedKind, language: str) -> Key:
    """Return what is the same work: one kind, and if something is spoken, one language."""
    return kind, language.strip().casefold() if kind is NeedKind.SPOKEN_LANGUAGE else ""


def lead_times_of(session: Session, assembly: Assembly) -> dict[NeedKind, int]:
    """Return how many days before an event each kind has to be booked."""
    own = session.scalars(sa.select(LeadTime).where(LeadTime.assembly_id == assembly.id))
    return {**LEAD_TIMES, **{one.kind: one.days for one in own}}


def set_lead_times(session: Session, assembly: Assembly, days: Mapping[NeedKind, int], *, by: User) -> None:
    """Say how many days before an event kinds have to be booked. Raises RuleError beyond a year."""
    freezing.lock_pool(session, assembly.id)
    for kind, value in days.items():
        if not 0 <= value <= LONGEST:
            raise RuleError(marked("Enter a number of days from 0 to 365."), field=kind.value)
    before = lead_times_of(session, assembly)
    for kind, value in days.items():
        if value != before[kind]:
            session.merge(LeadTime(assembly_id=assembly.id, kind=kind, days=value))
    session.flush()
    if changes := logbook.changes(
        {kind.value: value for kind, value in before.items()},
        {kind.value: value for kind, value in {**before, **days}.items()},
    ):
        logbook.record(session, assembly, "lead_times_changed", by=by, details=changes)
