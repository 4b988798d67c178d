"""The record of how people were invited, and the rules that it locks."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, InvitationRecord, Outreach, Respondent, User
from assembly.services import logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.follow_up import rules

FIELDS = (
    "register_office",
    "legal_basis",
    "sampling_method",
    "invited_on",
    "registration_until",
    "letters_sent",
    "undeliverable",
    "reminders",
)
LOCKED = ("register_office", "legal_basis", "sampling_method", "invited_on")
"""Said to people in their letters, so no longer changed once they have gone out."""


@dataclasses.dataclass(frozen=True, slots=True)
class Funnel:
    """From the letters to the registrations: what the public sees of an invitation."""

    letters_sent: int
    undeliverable: int
    reminders: int
    registrations: int
    by_outreach: int

    @property
    def delivered(self) -> int:
        """Letters that reached their address."""
        return self.letters_sent - self.undeliverable


def record_of(session: Session, assembly: Assembly) -> InvitationRecord:
    """Return the invitation record of an assembly, an empty unsaved one before anything was entered."""
    found = session.get(InvitationRecord, assembly.id)
    return found or InvitationRecord(assembly_id=assembly.id, letters_sent=0, undeliverable=0, reminders=0)


def change_record(session: Session, assembly: Assembly, values: Mapping[str, Any], *, by: User) -> InvitationRecord:
    """Change the record; the day of the first letters publishes the rules of the follow-up, and locks them.

    Raises RuleError for impossible numbers or rules that cannot be kept, ConflictError for what is locked.
    """
    record = record_of(session, assembly)
    before = {field: getattr(record, field) for field in FIELDS}
    after = before | {field: values[field] for field in FIELDS if field in values}
    if before["invited_on"] is not None and (changed := [f for f in LOCKED if (before[f] or "") != (after[f] or "")]):
        raise ConflictError(
            marked("The letters have gone out on %(date)s; what they said can no longer be changed."),
            field=changed[0],
            date=before["invited_on"],
        )
    _check(after)
    for field, value in after.items():
        setattr(record, field, value)
    session.add(record)
    session.flush()
    if changes := logbook.changes(before, after):
        logbook.record(session, assembly, "invitation_changed", by=by, details=changes)
    if record.invited_on is not None:
        rules.publish_first(session, assembly, by=by)
    return record


def add_outreach(session: Session, assembly: Assembly, values: Mapping[str, Any], *, by: User) -> Outreach:
    """Record something done besides the letters."""
    record = record_of(session, assembly)
    session.add(record)
    outreach = Outreach(**values)
    record.outreach.append(outreach)
    session.flush()
    details = {"kind": outreach.kind.value, "registrations": outreach.registrations}
    logbook.record(session, assembly, "outreach_added", by=by, subject=f"outreach:{outreach.id}", details=details)
    return outreach


def remove_outreach(session: Session, assembly: Assembly, outreach_id: int, *, by: User) -> None:
    """Remove an entry made by mistake; the log keeps that it was there. Raises NotFoundError."""
    outreach = session.get(Outreach, outreach_id)
    if outreach is None or outreach.record_id != assembly.id:
        raise NotFoundError
    details = {"kind": outreach.kind.value, "registrations": outreach.registrations}
    logbook.record(session, assembly, "outreach_removed", by=by, subject=f"outreach:{outreach_id}", details=details)
    session.delete(outreach)
    session.flush()


def registrations_of(session: Session, assembly: Assembly) -> int:
    """Return how many have registered, whatever became of them."""
    people = sa.select(sa.func.count()).select_from(Respondent).where(Respondent.assembly_id == assembly.id)
    return session.scalar(people) or 0


def funnel_of(record: InvitationRecord, registrations: int) -> Funnel:
    """Return the numbers from letters to registrations."""
    by_outreach = sum(outreach.registrations for outreach in record.outreach)
    return Funnel(record.letters_sent, record.undeliverable, record.reminders, registrations, by_outreach)


def _check(values: Mapping[str, Any]) -> None:
    for field in ("undeliverable", "reminders"):
        if values[field] > values["letters_sent"]:
            raise RuleError(marked("There cannot be more of these than letters were sent."), field=field)
    until, invited = values["registration_until"], values["invited_on"]
    if until is not None and invited is not None and until < invited:
        raise RuleError(marked("People cannot register before they are invited."), field="registration_until")
