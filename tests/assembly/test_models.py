"""What the database itself guarantees, and that rows tell nothing in texts."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from assembly.models import Assembly, Contact, LogEntry, Membership, Role, User


def test_no_row_shows_its_content() -> None:
    assert repr(Contact(first_name="Rosa", last_name="Geheim")) == "Contact(new)"


def test_a_stored_row_shows_its_key(assembly: Assembly) -> None:
    assert repr(assembly) == "Assembly(1)"


def test_moments_keep_their_zone(session: Session, assembly: Assembly) -> None:
    session.expire_all()
    assert assembly.created_at.utcoffset() == dt.timedelta(0)
    assembly.created_at = dt.datetime(2026, 1, 1)  # noqa: DTZ001  # a moment without zone is what is refused
    with pytest.raises(StatementError, match="needs its time zone"):
        session.flush()


def test_a_city_wide_role_is_for_no_assembly(session: Session, assembly: Assembly, organiser: User) -> None:
    session.add(
        Membership(user=organiser, assembly_id=assembly.id, role=Role.DEPARTMENT, granted_at=assembly.created_at)
    )
    with pytest.raises(IntegrityError, match="ck_memberships_scope"):
        session.flush()


def test_a_role_is_held_once(session: Session, assembly: Assembly, organiser: User) -> None:
    session.add(
        Membership(user=organiser, assembly_id=assembly.id, role=Role.ORGANISER, granted_at=assembly.created_at)
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_foreign_keys_are_kept(session: Session) -> None:
    session.add(
        LogEntry(
            assembly_id=99,
            number=1,
            at=dt.datetime.now(dt.UTC),
            action="x",
            subject="x",
            details={},
            previous="0",
            digest="0",
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_readers_do_not_wait_for_a_writer(session: Session, assembly: Assembly) -> None:
    """WAL, and BEGIN without IMMEDIATE for those who only read."""
    assert session.scalar(sa.text("PRAGMA journal_mode")) == "wal"
