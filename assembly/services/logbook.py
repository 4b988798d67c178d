"""Writing to the append-only log, and checking its hash chain."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import rfc8785
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, LogEntry, User
from sortition.message import Message

DOMAIN = b"assembly/log/1"
NOTHING_BEFORE = "0" * 64


def record(
    session: Session,
    assembly: Assembly,
    action: str,
    *,
    by: User | None,
    subject: str = "assembly",
    details: Mapping[str, Any] | None = None,
) -> LogEntry:
    """Append an entry in the transaction of the deed; `by` is None for what the application does by itself.

    `details` may hold names of personal fields, never their values.
    """
    session.execute(sa.select(Assembly.id).where(Assembly.id == assembly.id).with_for_update())
    last = session.execute(
        sa.select(LogEntry.number, LogEntry.digest)
        .where(LogEntry.assembly_id == assembly.id)
        .order_by(LogEntry.number.desc())
        .limit(1)
    ).one_or_none()
    entry = LogEntry(
        assembly_id=assembly.id,
        number=last.number + 1 if last else 1,
        at=now(),
        actor_id=by.id if by else None,
        action=action,
        subject=subject,
        details=dict(details or {}),
        previous=last.digest if last else NOTHING_BEFORE,
    )
    entry.digest = digest_of(entry)
    session.add(entry)
    session.flush()
    return entry


def assign(row: Any, values: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """Set those fields of a row that have a value, and return what changed, as `changes` does."""
    before = {field: getattr(row, field) for field in fields}
    for field in before.keys() & values.keys():
        setattr(row, field, values[field])
    return changes(before, {field: getattr(row, field) for field in before})


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what changed as details of an entry: each field with its value before and after; days as ISO 8601."""
    return {
        field: {"before": _plain(old), "after": _plain(after[field])}
        for field, old in before.items()
        if old != after[field]
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def digest_of(entry: LogEntry) -> str:
    """Return the hash of an entry and, through `previous`, of all before it."""
    content: Any = {
        "assembly": entry.assembly_id,
        "number": entry.number,
        "at": entry.at.astimezone(dt.UTC).isoformat(),
        "actor": entry.actor_id,
        "action": entry.action,
        "subject": entry.subject,
        "details": entry.details,
        "previous": entry.previous,
    }
    return hashlib.sha256(DOMAIN + rfc8785.dumps(content)).hexdigest()


def entries_of(session: Session, assembly: Assembly) -> Iterable[LogEntry]:
    """Return the log of an assembly, oldest first."""
    return session.scalars(sa.select(LogEntry).where(LogEntry.assembly_id == assembly.id).order_by(LogEntry.number))


def entries_with(session: Session, assembly: Assembly, action: str) -> Iterable[LogEntry]:
    """Return the entries of one action, newest first."""
    return session.scalars(
        sa.select(LogEntry)
        .where(LogEntry.assembly_id == assembly.id, LogEntry.action == action)
        .order_by(LogEntry.number.desc())
    )


def head_of(session: Session, assembly: Assembly) -> str:
    """Return the digest of the last entry: whoever knows it can tell if the log was cut or rewritten."""
    digest: str | None = session.scalar(_HEAD, {"assembly_id": assembly.id})
    return digest or NOTHING_BEFORE


def public_heads(session: Session) -> tuple[tuple[int, int], ...]:
    """Return how many entries the logs of all assemblies have whose public page is open, by their numbers."""
    newest = (
        sa.select(LogEntry.assembly_id, sa.func.max(LogEntry.number))
        .join(Assembly, Assembly.id == LogEntry.assembly_id)
        .where(Assembly.is_public)
        .group_by(LogEntry.assembly_id)
        .order_by(LogEntry.assembly_id)
    )
    return tuple((assembly_id, number) for assembly_id, number in session.execute(newest))


_HEAD = (
    sa.select(LogEntry.digest)
    .where(LogEntry.assembly_id == sa.bindparam("assembly_id", type_=sa.Integer))
    .order_by(LogEntry.number.desc())
    .limit(1)
)
"""Put together once: every page of the pool asks."""


def first_fault(entries: Iterable[LogEntry], *, head: str | None = None) -> Message | None:
    """Return what is wrong with a chain of entries in one sentence, or None.

    With `head`, a digest published earlier, an entry must have it: else the log was cut or rewritten since.
    """
    previous, number, seen = NOTHING_BEFORE, 0, head in {None, NOTHING_BEFORE}
    for number, entry in enumerate(entries, start=1):
        if entry.number != number:
            values = {"entry": number, "next": entry.number}
            return Message("Entry {entry} is missing: the next one has the number {next}.", values)
        if entry.previous != previous:
            return Message("Entry {entry} does not follow the entry before it.", {"entry": number})
        if entry.digest != digest_of(entry):
            return Message("Entry {entry} was changed.", {"entry": number})
        previous = entry.digest
        seen = seen or previous == head
    if seen:
        return None
    return Message(
        "The published head is not among the {count} entries: the log was cut or rewritten.", {"count": number}
    )
