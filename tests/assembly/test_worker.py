"""Workers as they really run, on both pairs: nothing twice, nothing lost, whatever dies or is down for a moment."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from assembly import database, worker
from assembly import queue as queue_module
from assembly.models import Job, JobState
from assembly.queue import Queue
from assembly.services import handlers, jobs
from assembly.worker import Worker
from tests import patience
from tests.assembly import toys
from tests.assembly.engines import Engines, free_port
from tests.assembly.services.test_children import is_running, wait_until
from tests.assembly.services.test_delivery import PostOffice, serving
from tests.assembly.services.test_mail import invite
from tests.project import ROOT

Sessions = sessionmaker[Session]


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for work often, so that the tests need not wait for it."""
    monkeypatch.setattr(queue_module, "WAIT_SECONDS", 0.1)
    monkeypatch.setattr(worker, "LOOK_SECONDS", 0.3)
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.05)


@contextlib.contextmanager
def working(engines: Engines, *, grace: float = 5) -> Iterator[Worker]:
    """Run a worker in threads of this process."""
    made = Worker(engines.config)
    made.start()
    try:
        yield made
    finally:
        made.stop(grace=grace)


@contextlib.contextmanager
def processes(engines: Engines, folder: Path, *, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run workers as processes of their own; yields when they have begun."""
    environment = {**os.environ, **engines.environment}
    signs = [folder / f"ready-{number}" for number in range(count)]
    started = [
        subprocess.Popen([sys.executable, "-m", "tests.assembly.toys", sign], cwd=ROOT, env=environment)
        for sign in signs
    ]
    try:
        wait_until(lambda: all(sign.exists() for sign in signs))
        yield started
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=patience.SECONDS)


def load(sessions: Sessions, job_id: int) -> Job:
    with sessions() as session:
        return session.get_one(Job, job_id)


def wait_for(sessions: Sessions, job_id: int, state: JobState) -> Job:
    wait_until(lambda: load(sessions, job_id).state is state)
    return load(sessions, job_id)


def ask(sessions: Sessions, kind: str, folder: Path | None = None, *, key: str | None = None) -> int:
    with sessions.begin() as session:
        return toys.ask(session, kind, folder, key=key).id


def all_ended(sessions: Sessions) -> bool:
    with sessions() as session:
        return session.scalar(sa.select(sa.func.count()).where(Job.state.in_(("queued", "running")))) == 0


def traces(folder: Path) -> Counter[int]:
    """Return how often each job was done."""
    return Counter(int(path.name.split("-")[0]) for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "traces"
    made.mkdir()
    return made


def test_two_processes_do_every_job_once_although_messages_are_doubled(
    engines: Engines, sessions: Sessions, queue: Queue, folder: Path, tmp_path: Path
) -> None:
    with processes(engines, tmp_path, count=2):
        more_than_one_takes = worker.THREADS + 1
        asked = [ask(sessions, "toy_meet", folder) for _ in range(more_than_one_takes)]
        asked += [ask(sessions, "toy_touch", folder) for _ in range(20)]
        for job_id in asked * 2:
            queue.wake(str(job_id))
        wait_until(lambda: all_ended(sessions))
    assert traces(folder) == Counter(asked)
    assert {load(sessions, job_id).state for job_id in asked} == {JobState.DONE}


def test_a_worker_that_is_ended_while_it_starts_signs_off(
    engines: Engines, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Worker(engines.config)
    monkeypatch.setattr(made._threads[1], "start", _end)
    with pytest.raises(SystemExit):
        made.start()
    with sessions() as session:
        assert jobs.has_worker(session)
    made.stop(grace=5)
    with sessions() as session:
        assert not jobs.has_worker(session)


def _end() -> None:
    raise SystemExit(0)


def test_a_lost_message_loses_no_job(engines: Engines, sessions: Sessions, queue: Queue, folder: Path) -> None:
    asked = [ask(sessions, "toy_touch", folder) for _ in range(3)]
    queue._storage.flush_queue()
    with working(engines):
        wait_until(lambda: all_ended(sessions))
    assert traces(folder) == Counter(asked)


def test_without_any_queue_the_work_is_done_all_the_same(engines: Engines, sessions: Sessions, folder: Path) -> None:
    asked = ask(sessions, "toy_touch", folder)
    made = Worker(engines.config)
    made._queue.next = _fail  # type: ignore[method-assign]  # a broken queue
    made.start()
    wait_for(sessions, asked, JobState.DONE)
    made.stop(grace=5)
    assert traces(folder) == Counter([asked])


def _fail() -> str | None:
    raise ConnectionError("no queue")


def test_a_message_without_meaning_is_passed_over(
    engines: Engines, sessions: Sessions, queue: Queue, folder: Path
) -> None:
    for message in ("999999", "nonsense", "-1", ""):
        queue.wake(message)
    with working(engines):
        wait_for(sessions, ask(sessions, "toy_touch", folder), JobState.DONE)


def test_a_job_whose_worker_was_killed_is_seen_as_died_and_can_be_started_again(
    engines: Engines, sessions: Sessions, tmp_path: Path
) -> None:
    with processes(engines, tmp_path, count=1) as (process,):
        job_id = ask(sessions, "toy_child", key="lottery:1")
        child = wait_until(lambda: load(sessions, job_id).progress.get("pid"))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert load(sessions, job_id).state is JobState.RUNNING
    wait_until(lambda: not is_running(child))
    with sessions.begin() as session:
        jobs.sweep(session, handlers.repeatable_kinds(), dead_after=dt.timedelta())
    job = load(sessions, job_id)
    assert (job.state, job.error) == (JobState.FAILED, jobs.DIED)
    with working(engines):
        again = ask(sessions, "toy_child", key="lottery:1")
        assert again != job_id
        wait_until(lambda: load(sessions, again).progress.get("pid"))
        with sessions.begin() as session:
            jobs.cancel(session, session.get_one(Job, again))
        wait_for(sessions, again, JobState.CANCELLED)


def test_a_child_that_is_killed_is_a_failure_that_says_so(engines: Engines, sessions: Sessions) -> None:
    with working(engines):
        job_id = ask(sessions, "toy_child")
        os.kill(wait_until(lambda: load(sessions, job_id).progress.get("pid")), signal.SIGKILL)
        assert wait_for(sessions, job_id, JobState.FAILED).error == jobs.DIED


def test_cancelling_ends_a_job_and_its_child(engines: Engines, sessions: Sessions) -> None:
    with working(engines):
        job_id = ask(sessions, "toy_child")
        child = wait_until(lambda: load(sessions, job_id).progress.get("pid"))
        with sessions.begin() as session:
            jobs.cancel(session, session.get_one(Job, job_id))
        wait_for(sessions, job_id, JobState.CANCELLED)
        assert not is_running(child)


def test_what_a_service_refuses_is_shown_and_what_crashes_is_not(
    engines: Engines, sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    """An error's text may quote personal data, so neither the row nor the log has it."""
    with working(engines):
        refused, crashed, starved = (ask(sessions, f"toy_{kind}") for kind in ("refuse", "crash", "memory"))
        wait_until(lambda: all_ended(sessions))
    job = load(sessions, refused)
    assert (job.state, job.error, job.error_values) == (
        JobState.FAILED,
        "There are %(count)s seats too many.",
        {"count": 3},
    )
    assert load(sessions, crashed).error == handlers.UNEXPECTED
    assert load(sessions, starved).error == handlers.OUT_OF_MEMORY
    assert "ValueError at" in caplog.text
    assert "anna" not in caplog.text


def test_a_worker_that_ends_gives_back_what_can_be_repeated_and_ends_the_rest(
    engines: Engines, sessions: Sessions
) -> None:
    with working(engines, grace=0):
        lost, kept = ask(sessions, "toy_sleep"), ask(sessions, "toy_sleep_repeatable")
        for job_id in (lost, kept):
            wait_for(sessions, job_id, JobState.RUNNING)
    assert load(sessions, kept).state is JobState.QUEUED
    job = load(sessions, lost)
    assert (job.state, job.error) == (JobState.FAILED, jobs.RESTARTED)


def test_health_sees_a_worker_come_and_go(engines: Engines, sessions: Sessions) -> None:
    def has_worker() -> bool:
        with sessions() as session:
            return jobs.has_worker(session)

    assert not has_worker()
    with working(engines):
        assert has_worker()
    assert not has_worker()


def test_an_embedded_worker_that_starts_finds_what_its_predecessor_left(tmp_path: Path) -> None:
    """There is one worker then, so nothing waits for a heartbeat to grow old."""
    engines = Engines({"ASSEMBLY_DATA": str(tmp_path / "instance")})
    engine = database.make_engine(engines.config.database_url)
    database.migrate(engine)
    sessions = sessionmaker(engine)
    with sessions.begin() as session:
        job_id = toys.ask(session, "toy_sleep").id
        jobs.claim(session, job_id, handlers.known_kinds())
    with working(engines):
        assert load(sessions, job_id).error == jobs.DIED
    engine.dispose()


@contextlib.contextmanager
def locked(sessions: Sessions) -> Iterator[None]:
    """Hold what a writer needs: SQLite as a whole, in PostgreSQL the table of jobs."""
    with sessions.begin() as session:
        if session.connection().dialect.name == "postgresql":  # for SQLite, to begin is enough
            session.execute(sa.text("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE"))
        yield


def test_a_database_that_is_locked_for_a_moment_delays_and_loses_nothing(
    engines: Engines, sessions: Sessions, folder: Path
) -> None:
    with working(engines):
        with locked(sessions):
            asking = threading.Thread(target=lambda: ask(sessions, "toy_touch", folder))
            asking.start()
            time.sleep(0.5)
            assert list(folder.iterdir()) == []
        asking.join()
        wait_until(lambda: len(list(folder.iterdir())) == 1 and all_ended(sessions))


def test_how_a_job_ended_is_recorded_although_the_database_refuses_at_first(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite says “locked” when another one writes for longer than the timeout."""
    engines = Engines({"ASSEMBLY_DATA": str(tmp_path / "instance")})
    engine = database.make_engine(engines.config.database_url)
    database.migrate(engine)
    sessions = sessionmaker(engine)
    with sessions() as session:  # the connection of this test, which waits as long as ever
        session.execute(sa.select(Job.id))
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    with working(engines):
        job_id = ask(sessions, "toy_child")
        child = wait_until(lambda: load(sessions, job_id).progress.get("pid"))
        with sessions.begin() as session:
            session.execute(sa.update(Job).values(kind=Job.kind))
            os.kill(child, signal.SIGKILL)
            time.sleep(1)
        assert wait_for(sessions, job_id, JobState.FAILED).error == jobs.DIED
    engine.dispose()


def test_every_module_with_a_handler_is_known_to_the_worker() -> None:
    """Else its jobs would wait for ever on machines that serve no pages."""
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "assembly").rglob("*.py")
        if re.search(r"^@handler\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert set(worker.HANDLER_MODULES) == modules


def test_mail_does_not_wait_behind_long_jobs(engines: Engines, sessions: Sessions) -> None:
    office, port = PostOffice(), free_port()
    mailing = Engines(engines.environment | {"MAIL_URL": f"smtp://127.0.0.1:{port}"})
    with serving(office, port), working(mailing, grace=0):
        for _ in range(worker.THREADS):
            wait_for(sessions, ask(sessions, "toy_sleep"), JobState.RUNNING)
        with sessions.begin() as session:
            invite(session)
        wait_until(lambda: office.to == ["eva@example.org"])


def test_a_wrong_address_of_the_mail_server_is_said_at_the_start(engines: Engines) -> None:
    config = dataclasses.replace(engines.config, mail_url="mail.example.org")
    with pytest.raises(Exception, match="MAIL_URL must look like"):
        Worker(config)
