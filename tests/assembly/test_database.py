"""Several writers at once lose nothing, and readers hold up nobody."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from assembly import database
from assembly.models import Assembly, Job, Membership, Role, User
from assembly.services import accounts, assemblies, jobs, logbook
from assembly.services.errors import ConflictError, RuleError
from tests import patience
from tests.assembly.conftest import WORDS
from tests.assembly.services.test_jobs import at_once

Sessions = sessionmaker[Session]


def test_two_writers_at_once_lose_nothing(sessions: Sessions) -> None:
    """Each reads before it writes, which a deferred transaction of SQLite would not survive."""
    with sessions.begin() as session:
        job_id = jobs.enqueue(session, "count", {}).id

    def count() -> None:
        for _ in range(25):
            with sessions.begin() as session:
                job = session.scalars(sa.select(Job).where(Job.id == job_id).with_for_update()).one()
                job.progress = {"total": job.progress.get("total", 0) + 1}

    at_once(count, count, count)
    with sessions() as session:
        assert session.get_one(Job, job_id).progress == {"total": 75}


def test_the_log_stays_one_chain_when_several_write_at_once(sessions: Sessions) -> None:
    with sessions.begin() as session:
        user = accounts.create_account(session, email="orga@example.org", name="Olga Organ")
        assembly_id, user_id = assemblies.create_assembly(session, WORDS, by=user).id, user.id

    def write() -> None:
        for number in range(8):
            with sessions.begin() as session:
                by, assembly = session.get_one(User, user_id), session.get_one(Assembly, assembly_id)
                logbook.record(session, assembly, "noted", by=by, details={"number": number})

    at_once(write, write, write)
    with sessions() as session:
        assembly = session.get_one(Assembly, assembly_id)
        entries = list(logbook.entries_of(session, assembly))
        assert [entry.action for entry in entries].count("noted") == 24
        assert logbook.first_fault(entries, head=logbook.head_of(session, assembly)) is None


def test_two_organisers_who_end_each_others_role_at_once_leave_one(sessions: Sessions) -> None:
    with sessions.begin() as session:
        one, other = (accounts.create_account(session, email=f"{n}@example.org", name=n) for n in ("one", "other"))
        assembly = assemblies.create_assembly(session, WORDS, by=one)
        second = accounts.grant(session, other, Role.ORGANISER, assembly=assembly, by=one)
        (first,) = (m for m in one.memberships if m.role is Role.ORGANISER)
        ids = {"one": one.id, "other": other.id, "first": first.id, "second": second.id, "assembly": assembly.id}
    both, refused = threading.Barrier(2), []

    def revoke(membership_id: int, user_id: int) -> None:
        with sessions.begin() as session:
            session.get_one(Membership, membership_id)
            if session.get_bind().dialect.name == "postgresql":  # SQLite lets one begin after the other
                both.wait(timeout=patience.SECONDS)
            assembly, by = session.get_one(Assembly, ids["assembly"]), session.get_one(User, user_id)
            try:
                accounts.revoke(session, session.get_one(Membership, membership_id), assembly=assembly, by=by)
            except RuleError:
                refused.append(user_id)

    at_once(lambda: revoke(ids["second"], ids["one"]), lambda: revoke(ids["first"], ids["other"]))
    with sessions() as session:
        left = accounts.memberships_in(session, session.get_one(Assembly, ids["assembly"]))
        assert (len(left), len(refused)) == (1, 1)


def test_the_same_role_is_given_once_even_at_the_same_moment(sessions: Sessions) -> None:
    with sessions.begin() as session:
        user_id = accounts.create_account(session, email="a@example.org", name="A").id
    refused = []

    def give() -> None:
        with sessions.begin() as session:
            try:
                accounts.grant(session, session.get_one(User, user_id), Role.COUNCIL_OFFICE, by=None)
            except ConflictError:
                refused.append(1)

    at_once(give, give, give)
    with sessions() as session:
        assert (len(accounts.memberships_in(session, None)), len(refused)) == (1, 2)


def test_who_only_reads_goes_on_beside_a_writer(sessions: Sessions) -> None:
    with sessions.begin() as session:
        jobs.enqueue(session, "count", {})
    with sessions() as writer:
        jobs.enqueue(writer, "count", {})
        seen: list[int | None] = []

        def read() -> None:
            with database.reading(), sessions() as reader:
                seen.append(reader.scalar(sa.select(sa.func.count()).select_from(Job)))

        thread = threading.Thread(target=read)
        thread.start()
        thread.join(5)
        assert seen == [1]
        writer.commit()


def test_reading_ends_with_its_block() -> None:
    assert not database.reading_only.get()
    with database.reading():
        assert database.reading_only.get()
    assert not database.reading_only.get()


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sessions:
    """Two connections to a SQLite database that hardly waits for another writer."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    engine = database.make_engine(f"sqlite:///{tmp_path / 'test.sqlite'}")
    database.migrate(engine)
    return sessionmaker(engine)


def test_writers_in_sqlite_say_so_at_once(impatient: Sessions) -> None:
    """A second one waits at its beginning, not in the middle of what it does; a reader may begin."""
    with impatient.begin() as writer:
        writer.connection()
        with impatient() as second, pytest.raises(OperationalError, match="locked"):
            second.connection()
        with database.reading(), impatient() as reader:
            reader.connection()
    impatient.kw["bind"].dispose()


def test_patience_outlasts_a_lock_and_ends(impatient: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "WAITS", (0.1, 0.1, 0.1))
    writer = impatient()
    writer.connection()
    attempts: list[int] = []

    def write() -> None:
        attempts.append(1)
        if len(attempts) == 3:
            writer.rollback()
        with impatient.begin() as session:
            jobs.enqueue(session, "count", {})

    database.patiently(write)
    assert len(attempts) == 3
    writer.connection()
    attempts.append(1)
    with pytest.raises(OperationalError, match="locked"):
        database.patiently(write)
    assert len(attempts) == 4 + 4
    writer.close()
    impatient.kw["bind"].dispose()
