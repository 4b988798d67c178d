"""Jobs on both databases: one for two who start at once, claimed once, seen when they die."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session, sessionmaker

from assembly.clock import now
from assembly.models import Assembly, Job, JobState, User, Worker
from assembly.services import jobs
from assembly.services.errors import ConflictError, NotFoundError

KINDS = frozenset({"solve"})
Sessions = sessionmaker[Session]


def make(sessions: Sessions, *, key: str | None = None) -> int:
    with sessions.begin() as session:
        return jobs.enqueue(session, "solve", {"lottery": 1}, unique_key=key).id


def run(sessions: Sessions, job_id: int) -> int:
    with sessions.begin() as session:
        claimed = jobs.claim(session, job_id, KINDS)
        assert claimed is not None
        return claimed.attempts


def load(sessions: Sessions, job_id: int) -> Job:
    with sessions() as session:
        return session.get_one(Job, job_id)


def at_once(*actions: Callable[[], object]) -> None:
    """Start all actions at the same moment, each in a thread; raises what one of them raised."""
    barrier, errors = threading.Barrier(len(actions)), []

    def act(action: Callable[[], object]) -> None:
        barrier.wait()
        try:
            action()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=act, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_job_is_queued_with_what_it_is_about(session: Session, assembly: Assembly, organiser: User) -> None:
    job = jobs.enqueue(session, "solve", {"lottery": 7}, assembly=assembly, by=organiser)
    session.commit()
    assert (job.state, job.payload, job.assembly_id, job.by_id) == (
        JobState.QUEUED,
        {"lottery": 7},
        assembly.id,
        organiser.id,
    )
    assert repr(job) == f"Job({job.id})"


def test_a_job_is_found_through_its_assembly_only(session: Session, assembly: Assembly) -> None:
    job = jobs.enqueue(session, "solve", {}, assembly=assembly)
    assert jobs.get_job(session, job.id, assembly=assembly) is job
    with pytest.raises(NotFoundError):
        jobs.get_job(session, job.id, assembly=None)


def test_two_people_who_start_at_once_get_one_job(sessions: Sessions) -> None:
    seen: list[int] = []
    at_once(*[lambda: seen.append(make(sessions, key="lottery:1"))] * 6)
    assert len(seen) == 6
    assert len(set(seen)) == 1


def test_two_that_meet_in_open_transactions_get_one_job(sessions: Sessions) -> None:
    """The second one finds nothing when it looks, and the first one's row when it writes."""
    other: list[int] = []
    thread = threading.Thread(target=lambda: other.append(make(sessions, key="lottery:1")))
    with sessions.begin() as session:
        job_id = jobs.enqueue(session, "solve", {}, unique_key="lottery:1").id
        thread.start()
        thread.join(0.3)
        assert other == []
    thread.join()
    assert other == [job_id]


def test_once_a_job_has_ended_the_next_one_can_be_started(sessions: Sessions) -> None:
    first = make(sessions, key="lottery:1")
    attempt = run(sessions, first)
    assert make(sessions, key="lottery:1") == first
    with sessions.begin() as session:
        assert jobs.end(session, first, attempt, JobState.FAILED, error="It failed.")
    second = make(sessions, key="lottery:1")
    assert second != first
    with sessions() as session:
        last = jobs.last_job(session, "lottery:1")
        assert last is not None
        assert last.id == second


def test_jobs_without_key_are_all_made(sessions: Sessions) -> None:
    assert make(sessions) != make(sessions)


def test_only_one_worker_gets_a_job(sessions: Sessions) -> None:
    job_id, claimed = make(sessions), []

    def claim() -> None:
        with sessions.begin() as session:
            job = jobs.claim(session, job_id, KINDS)
            claimed.append(job.attempts if job else None)

    at_once(*[claim] * 6)
    assert sorted(claimed, key=str) == [1, None, None, None, None, None]


def test_a_worker_leaves_jobs_of_kinds_that_it_does_not_know(sessions: Sessions) -> None:
    job_id = make(sessions)
    with sessions.begin() as session:
        assert jobs.waiting(session, frozenset({"other"})) is None
        assert jobs.claim(session, job_id, frozenset({"other"})) is None
        assert jobs.waiting(session, KINDS) == job_id


def test_the_one_door_follows_the_table(session: Session) -> None:
    for before, after in itertools.product(JobState, JobState):
        job = Job(kind="solve", payload={}, created_at=now(), state=before)
        session.add(job)
        session.flush()
        assert jobs._move(session, job.id, after) == (after in jobs.TRANSITIONS[before])
        session.refresh(job)
        assert job.state is (after if after in jobs.TRANSITIONS[before] else before)


def test_a_waiting_job_is_cancelled_at_once(sessions: Sessions) -> None:
    job_id = make(sessions)
    with sessions.begin() as session:
        jobs.cancel(session, session.get_one(Job, job_id))
    assert load(sessions, job_id).state is JobState.CANCELLED
    with sessions.begin() as session:
        assert jobs.claim(session, job_id, KINDS) is None


def test_a_running_job_is_told_to_stop(sessions: Sessions) -> None:
    job_id = make(sessions)
    attempt = run(sessions, job_id)
    with sessions.begin() as session:
        assert not jobs.should_stop(session, job_id, attempt)
        jobs.cancel(session, session.get_one(Job, job_id))
        assert jobs.should_stop(session, job_id, attempt)
    assert load(sessions, job_id).state is JobState.RUNNING


def test_what_has_ended_cannot_be_cancelled(sessions: Sessions) -> None:
    job_id = make(sessions)
    attempt = run(sessions, job_id)
    with sessions.begin() as session:
        jobs.end(session, job_id, attempt, JobState.DONE)
        with pytest.raises(ConflictError):
            jobs.cancel(session, session.get_one(Job, job_id))


def test_a_job_whose_worker_is_silent_is_seen_as_died_and_says_so(sessions: Sessions) -> None:
    job_id = make(sessions, key="lottery:1")
    run(sessions, job_id)
    with time_machine.travel(now() + jobs.DEAD_AFTER + dt.timedelta(seconds=1)), sessions.begin() as session:
        assert jobs.sweep(session, frozenset()) == 1
    job = load(sessions, job_id)
    assert (job.state, job.error) == (JobState.FAILED, jobs.DIED)
    assert make(sessions, key="lottery:1") != job_id


def test_a_job_with_a_heartbeat_is_left_alone(sessions: Sessions) -> None:
    job_id = make(sessions)
    attempt = run(sessions, job_id)
    with time_machine.travel(now() + jobs.DEAD_AFTER + dt.timedelta(seconds=1)), sessions.begin() as session:
        jobs.beat(session, "a-worker", [(job_id, attempt)])
        assert jobs.sweep(session, frozenset()) == 0
    assert load(sessions, job_id).state is JobState.RUNNING


def test_what_is_safe_to_repeat_is_repeated_but_not_for_ever(sessions: Sessions) -> None:
    job_id, states = make(sessions), []
    for attempt in range(1, jobs.MOST_ATTEMPTS + 1):
        assert run(sessions, job_id) == attempt
        with sessions.begin() as session:
            jobs.sweep(session, KINDS, dead_after=dt.timedelta())
        states.append(load(sessions, job_id).state)
    assert states == [JobState.QUEUED, JobState.QUEUED, JobState.FAILED]


def test_a_cancelled_job_that_died_is_cancelled_not_repeated(sessions: Sessions) -> None:
    job_id = make(sessions)
    run(sessions, job_id)
    with sessions.begin() as session:
        jobs.cancel(session, session.get_one(Job, job_id))
        jobs.sweep(session, KINDS, dead_after=dt.timedelta())
    assert load(sessions, job_id).state is JobState.CANCELLED


def test_a_worker_given_up_for_dead_cannot_speak_for_the_one_that_took_over(sessions: Sessions) -> None:
    job_id = make(sessions)
    first = run(sessions, job_id)
    with sessions.begin() as session:
        jobs.sweep(session, KINDS, dead_after=dt.timedelta())
    second = run(sessions, job_id)
    with sessions.begin() as session:
        assert not jobs.report(session, job_id, first, {"phase": "old"})
        assert not jobs.end(session, job_id, first, JobState.DONE)
        assert jobs.should_stop(session, job_id, first)
        assert not jobs.should_stop(session, job_id, second)
        assert jobs.report(session, job_id, second, {"phase": "new"})
    job = load(sessions, job_id)
    assert (job.state, job.progress) == (JobState.RUNNING, {"phase": "new"})


def test_a_worker_is_seen_as_long_as_its_heartbeat_is_young(sessions: Sessions) -> None:
    with sessions.begin() as session:
        assert not jobs.has_worker(session)
        jobs.beat(session, "a-worker", ())
        jobs.beat(session, "a-worker", ())
        assert jobs.has_worker(session)
        assert session.scalar(sa.select(sa.func.count()).select_from(Worker)) == 1
    with time_machine.travel(now() + jobs.DEAD_AFTER + dt.timedelta(seconds=1)), sessions.begin() as session:
        assert not jobs.has_worker(session)
    with time_machine.travel(now() + jobs.FORGOTTEN_AFTER + dt.timedelta(seconds=1)), sessions.begin() as session:
        jobs.sweep(session, KINDS)
        assert session.scalar(sa.select(sa.func.count()).select_from(Worker)) == 0
