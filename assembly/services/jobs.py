"""Jobs: asked for in the transaction of a deed, claimed by one worker, seen when they die.

Workers commit; everything here only moves rows, by compare and set, so that it holds with any number of workers on
either database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Job, JobState, User, Worker
from assembly.queue import wake_after_commit
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked

TRANSITIONS: Mapping[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.CANCELLED}),
    JobState.RUNNING: frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.QUEUED}),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
}
DEAD_AFTER = dt.timedelta(seconds=30)
"""A worker whose last heartbeat is older is taken for dead; a heartbeat comes every 5 seconds."""
FORGOTTEN_AFTER = dt.timedelta(days=1)
"""The row of a dead worker is kept so long, for those who look what happened."""
MOST_ATTEMPTS = 3
"""A job that is safe to repeat is repeated after a death, but something that kills every worker must end."""

DIED = marked("The program that did this work stopped before it was done. Nothing was changed. Please start it again.")
RESTARTED = marked("The server was restarted while this was running. Nothing was changed. Please start it again.")


def enqueue(
    session: Session,
    kind: str,
    payload: Mapping[str, Any],
    *,
    assembly: Assembly | None = None,
    unique_key: str | None = None,
    by: User | None = None,
) -> Job:
    """Ask for a job in the transaction of the deed; a worker is woken once that is committed.

    `payload` holds ids, never personal data. While a job with the same `unique_key` is queued or running, that one is
    returned: two people who start at once get one.
    """
    while True:
        active = _active(session, unique_key)
        if active is not None:
            return active
        job = Job(
            kind=kind,
            payload=dict(payload),
            assembly_id=assembly.id if assembly else None,
            unique_key=unique_key,
            by_id=by.id if by else None,
            created_at=now(),
            state=JobState.QUEUED,
        )
        try:
            with session.begin_nested():
                session.add(job)
        except IntegrityError:
            if unique_key is None:
                raise
            continue  # somebody else was faster: theirs is found above, or has ended meanwhile
        wake_after_commit(session, str(job.id))
        return job


def _active(session: Session, unique_key: str | None) -> Job | None:
    if unique_key is None:
        return None
    active = sa.select(Job).where(
        Job.unique_key == unique_key, Job.state.in_([state for state in JobState if state.is_active])
    )
    return session.scalar(active.execution_options(populate_existing=True))


def last_job(session: Session, unique_key: str) -> Job | None:
    """Return the newest job with this key, in whatever state."""
    return session.scalar(sa.select(Job).where(Job.unique_key == unique_key).order_by(Job.id.desc()).limit(1))


def get_job(session: Session, job_id: int, *, assembly: Assembly | None) -> Job:
    """Return a job of an assembly, or one that belongs to none. Raises NotFoundError."""
    job = session.get(Job, job_id)
    if job is None or job.assembly_id != (assembly.id if assembly else None):
        raise NotFoundError
    return job


def active(job: Job | None) -> Job | None:
    """Return the job if it is queued or running."""
    return job if job is not None and job.state.is_active else None


def failure_of(job: Job | None) -> RuleError | None:
    """Return why a job ended without having done its work, if it did."""
    if job is None or job.state not in {JobState.FAILED, JobState.CANCELLED}:
        return None
    return RuleError(job.error, **job.error_values) if job.error else RuleError(marked("Cancelled."))


def cancel(session: Session, job: Job) -> None:
    """End a job: at once if it waits, within a second or so if it runs. Raises ConflictError if it has ended."""
    if _move(session, job.id, JobState.CANCELLED, only=JobState.QUEUED, finished_at=now()):
        return
    asked = (
        sa.update(Job)
        .where(Job.id == job.id, Job.state == JobState.RUNNING)
        .values(cancel_requested=True)
        .returning(Job.id)
    )
    if session.scalar(asked) is None:
        raise ConflictError("This has ended already, so it cannot be cancelled.")


def waiting(session: Session, kinds: Collection[str]) -> int | None:
    """Return the id of the job that has waited longest, of the kinds that a worker can do."""
    return session.scalar(
        sa.select(Job.id)
        .where(Job.state == JobState.QUEUED, Job.kind.in_(kinds))
        .order_by(Job.created_at, Job.id)
        .limit(1)
    )


def claim(session: Session, job_id: int, kinds: Collection[str]) -> Job | None:
    """Take a queued job for the calling worker; None if another one has it, or it is of another kind."""
    moment = now()
    was_claimed = _move(
        session,
        job_id,
        JobState.RUNNING,
        kinds=kinds,
        attempts=Job.attempts + 1,
        started_at=moment,
        heartbeat_at=moment,
        progress={},
    )
    return session.get(Job, job_id, populate_existing=True) if was_claimed else None


def end(
    session: Session,
    job_id: int,
    attempt: int,
    state: JobState,
    *,
    error: str | None = None,
    error_values: Mapping[str, Any] | None = None,
) -> bool:
    """Record how a running job ended; False if another worker has taken it over since this attempt."""
    return _move(
        session,
        job_id,
        state,
        only=JobState.RUNNING,
        attempt=attempt,
        finished_at=now(),
        error=error,
        error_values=dict(error_values or {}),
    )


def interrupt(session: Session, job_id: int, attempt: int, *, repeatable: bool, reason: str = RESTARTED) -> bool:
    """Give back a running job that cannot be finished here: to the queue if it is safe to repeat, else as failed.

    If it was to be cancelled anyway, it is.
    """
    if session.scalar(sa.select(Job.cancel_requested).where(Job.id == job_id, Job.attempts == attempt)):
        return end(session, job_id, attempt, JobState.CANCELLED)
    if repeatable and attempt < MOST_ATTEMPTS:
        if not _move(session, job_id, JobState.QUEUED, attempt=attempt, heartbeat_at=None):
            return False
        wake_after_commit(session, str(job_id))
        return True
    return end(session, job_id, attempt, JobState.FAILED, error=reason)


def report(session: Session, job_id: int, attempt: int, progress: Mapping[str, Any]) -> bool:
    """Record how far a running job is; False if it is no longer this attempt's."""
    reported = (
        sa.update(Job)
        .where(Job.id == job_id, Job.state == JobState.RUNNING, Job.attempts == attempt)
        .values(progress=dict(progress), heartbeat_at=now())
        .returning(Job.id)
    )
    return session.scalar(reported) is not None


def should_stop(session: Session, job_id: int, attempt: int) -> bool:
    """Whether a running job was cancelled, or given to another worker."""
    goes_on = sa.select(Job.id).where(
        Job.id == job_id,
        Job.state == JobState.RUNNING,
        Job.attempts == attempt,
        Job.cancel_requested.is_(False),
    )
    return session.scalar(goes_on) is None


def beat(session: Session, worker_id: str, claims: Collection[tuple[int, int]]) -> None:
    """Say that a worker lives, and the jobs that it is running, each as (id, attempt)."""
    moment = now()
    alive = sa.update(Worker).where(Worker.id == worker_id).values(heartbeat_at=moment).returning(Worker.id)
    if session.scalar(alive) is None:
        session.add(Worker(id=worker_id, started_at=moment, heartbeat_at=moment))
    for job_id, attempt in claims:
        session.execute(
            sa.update(Job)
            .where(Job.id == job_id, Job.attempts == attempt, Job.state == JobState.RUNNING)
            .values(heartbeat_at=moment)
        )


def sign_off(session: Session, worker_id: str) -> None:
    """Remove a worker that ends as it should."""
    session.execute(sa.delete(Worker).where(Worker.id == worker_id))


def has_worker(session: Session) -> bool:
    """Whether any worker lives."""
    youngest = session.scalar(sa.select(sa.func.max(Worker.heartbeat_at)))
    return youngest is not None and youngest >= now() - DEAD_AFTER


def sweep(session: Session, repeatable: Collection[str], *, dead_after: dt.timedelta = DEAD_AFTER) -> int:
    """Give back the running jobs whose heartbeat is dead, and forget old workers; return how many jobs there were.

    Kinds that are safe to repeat are queued again, the others are failed and say so.
    """
    moment = now()
    dead = session.execute(
        sa.select(Job.id, Job.attempts, Job.kind).where(
            Job.state == JobState.RUNNING, Job.heartbeat_at <= moment - dead_after
        )
    ).all()
    count = sum(
        interrupt(session, job_id, attempt, repeatable=kind in repeatable, reason=DIED)
        for job_id, attempt, kind in dead
    )
    session.execute(sa.delete(Worker).where(Worker.heartbeat_at <= moment - FORGOTTEN_AFTER))
    return count


def _move(
    session: Session,
    job_id: int,
    to: JobState,
    *,
    only: JobState | None = None,
    attempt: int | None = None,
    kinds: Collection[str] | None = None,
    **values: Any,
) -> bool:
    """Change the state if the row still allows it: the one door."""
    sources = [state for state, targets in TRANSITIONS.items() if to in targets and only in {None, state}]
    statement = sa.update(Job).where(Job.id == job_id, Job.state.in_(sources))
    if attempt is not None:
        statement = statement.where(Job.attempts == attempt)
    if kinds is not None:
        statement = statement.where(Job.kind.in_(kinds))
    return session.scalar(statement.values(state=to, **values).returning(Job.id)) is not None
