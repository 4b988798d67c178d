"""The log: a chain that shows every change, cut and rewrite."""

from __future__ import annotations

import itertools

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, LogEntry, User
from assembly.services import logbook


@pytest.fixture
def log(session: Session, assembly: Assembly, organiser: User) -> list[LogEntry]:
    """Five entries."""
    for number in range(3):
        logbook.record(session, assembly, "tested", by=organiser, details={"number": number, "text": "Ä"})
    session.commit()
    return list(logbook.entries_of(session, assembly))


def test_an_untouched_log_is_intact(session: Session, assembly: Assembly, log: list[LogEntry]) -> None:
    session.expire_all()
    assert [entry.number for entry in log] == [1, 2, 3, 4, 5]
    assert logbook.first_fault(log) is None
    assert logbook.head_of(session, assembly) == log[-1].digest
    for entry in log:
        assert logbook.first_fault(log, head=entry.digest) is None


@pytest.mark.parametrize("field", ["action", "subject", "details", "actor_id", "at", "digest", "previous"])
def test_a_changed_field_is_found(session: Session, log: list[LogEntry], field: str) -> None:
    value = {"details": {"number": 9}, "actor_id": None, "at": log[0].at}.get(field, "f" * 64)
    session.execute(sa.update(LogEntry).where(LogEntry.number == 3).values({field: value}))
    session.expire_all()
    assert str(logbook.first_fault(log)).startswith("Entry 3 ")


def test_a_missing_entry_is_found(log: list[LogEntry]) -> None:
    assert str(logbook.first_fault([*log[:2], *log[3:]])) == "Entry 3 is missing: the next one has the number 4."


def test_a_cut_tail_is_found_by_whoever_knows_the_head(log: list[LogEntry]) -> None:
    assert logbook.first_fault(log[:3]) is None
    assert "cut or rewritten" in str(logbook.first_fault(log[:3], head=log[-1].digest))


def test_a_consistent_rewrite_is_found_by_whoever_knows_the_head(session: Session, log: list[LogEntry]) -> None:
    head = log[-1].digest
    log[2].details = {"number": 7}
    for before, entry in itertools.pairwise(log[1:]):
        entry.previous = before.digest
        entry.digest = logbook.digest_of(entry)
    assert logbook.first_fault(log) is None
    assert "cut or rewritten" in str(logbook.first_fault(log, head=head))


def test_an_empty_log_has_the_head_of_nothing(session: Session) -> None:
    nobody = Assembly(id=7)
    assert logbook.head_of(session, nobody) == "0" * 64
    assert logbook.first_fault([], head="0" * 64) is None
