"""The queue wakes once a transaction is committed, and nothing depends on it."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy.orm import Session, sessionmaker

from assembly.models import Job
from assembly.queue import Queue, wake_after_commit
from assembly.services import jobs
from tests.assembly.engines import Engines, free_port

Sessions = sessionmaker[Session]


def messages(queue: Queue) -> list[str | None]:
    """Take all messages, without waiting for one more."""
    return sorted(queue.next() for _ in range(queue._storage.queue_size()))


def test_messages_come_out_in_the_order_they_went_in(queue: Queue) -> None:
    queue.wake("17")
    queue.wake("mail")
    assert [queue.next(), queue.next()] == ["17", "mail"]
    assert queue.next() is None
    assert queue.answers()


def test_a_worker_is_woken_when_the_job_can_be_seen_and_not_before(sessions: Sessions, queue: Queue) -> None:
    with sessions() as session:
        job = jobs.enqueue(session, "solve", {})
        assert messages(queue) == []
        session.commit()
        assert messages(queue) == [str(job.id)]
        session.commit()
        assert messages(queue) == []


def test_a_savepoint_wakes_nobody(sessions: Sessions, queue: Queue) -> None:
    with sessions() as session:
        with session.begin_nested():
            wake_after_commit(session, "1")
        assert messages(queue) == []
        session.commit()
        assert messages(queue) == ["1"]


def test_what_is_rolled_back_wakes_nobody(sessions: Sessions, queue: Queue) -> None:
    with sessions() as session:
        jobs.enqueue(session, "solve", {})
        session.rollback()
        session.add(Job(kind="solve", payload={}, created_at=jobs.now()))
        session.commit()
    assert messages(queue) == []


def test_a_savepoint_that_is_rolled_back_takes_no_earlier_message_with_it(sessions: Sessions, queue: Queue) -> None:
    with sessions() as session:
        wake_after_commit(session, "1")
        with session.begin_nested() as savepoint:
            savepoint.rollback()
        session.commit()
    assert messages(queue) == ["1"]


def test_a_queue_that_is_down_stops_nobody(engines: Engines, caplog: pytest.LogCaptureFixture) -> None:
    config = dataclasses.replace(engines.config, redis_url=f"redis://127.0.0.1:{free_port()}/0")
    queue = Queue(config)
    queue.wake("17")
    assert not queue.answers()
    assert "workers look for themselves" in caplog.text
    queue.close()
