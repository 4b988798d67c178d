"""What is done for each kind of job, and how it is run."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from assembly import database
from assembly.config import Config
from assembly.models import JobState
from assembly.services import jobs
from assembly.services.children import ChildCancelledError, ChildDiedError, ChildMemoryError
from assembly.services.errors import ServiceError, marked

LEAST_SECONDS_BETWEEN_REPORTS = 0.5
"""Progress that comes faster is left out, unless its phase is new: every report is a write."""

OUT_OF_MEMORY = marked(
    "This needed more memory than it may have. Nothing was changed. Please tell whoever runs the server."
)
UNEXPECTED = marked(
    "Something went wrong on our side. Nothing was changed. Please try again; if it happens again, tell the office."
)

log = logging.getLogger(__name__)


class StoppedError(Exception):
    """A job was cancelled, given to another worker, or its worker ends."""


@dataclasses.dataclass(slots=True, repr=False)
class Run:
    """One attempt at a job, for its handler."""

    sessions: sessionmaker[Session]
    config: Config
    job_id: int
    attempt: int
    payload: Mapping[str, Any]
    stopping: Callable[[], bool] = lambda: False
    _reported: tuple[float, object] = (0.0, None)

    def report(self, progress: Mapping[str, Any]) -> None:
        """Show how far it is, such as {"phase": …, "bound": …, "panels": …, "total": …}."""
        moment, phase = self._reported
        if progress.get("phase") == phase and time.monotonic() < moment + LEAST_SECONDS_BETWEEN_REPORTS:
            return
        with self.sessions.begin() as session:
            jobs.report(session, self.job_id, self.attempt, progress)
        self._reported = (time.monotonic(), progress.get("phase"))

    def cancelled(self) -> bool:
        """Whether to stop: cancelled, taken over, or the worker ends."""
        if self.stopping():
            return True
        with database.reading(), self.sessions() as session:
            return jobs.should_stop(session, self.job_id, self.attempt)

    def go_on(self) -> None:
        """Raise StoppedError if it is to stop; for handlers that work without a child process."""
        if self.cancelled():
            raise StoppedError

    def each(self, numbers: Iterable[int], *deeds: Callable[[Session, int], object]) -> None:
        """Do something about each of some rows, each deed in a transaction of its own.

        One that fails does not keep the others waiting; the first failure is raised once all are done. Raises
        StoppedError, between two of them, if it is to stop.
        """
        failures: list[Exception] = []
        for number, deed in ((number, deed) for number in numbers for deed in deeds):
            self.go_on()
            try:
                with self.sessions.begin() as session:
                    deed(session, number)
            except Exception as error:
                where = f"{type(error).__name__} at {place_of(error)}"
                log.error("Job %s failed for row %s: %s", self.job_id, number, where)  # noqa: TRY400  # a trace may quote data
                failures.append(error)
        if failures:
            raise failures[0]

    def finish(self, session: Session) -> None:
        """Mark the job as done in the transaction of its results, so that both are committed or none.

        Raises StoppedError if the job is another worker's by now; the results must not be committed.
        """
        if not jobs.end(session, self.job_id, self.attempt, JobState.DONE):
            raise StoppedError


Handler = Callable[[Run], None]


@dataclasses.dataclass(frozen=True, slots=True)
class _Registered:
    function: Handler
    repeatable: bool


_handlers: dict[str, _Registered] = {}


def handler(kind: str, *, repeatable: bool = False) -> Callable[[Handler], Handler]:
    """Register a function for a kind of job.

    It commits its own transactions, the last one after `run.finish(session)`. A ServiceError that it raises is shown
    to people, so its values hold no personal data. `repeatable` says that an interrupted one may simply run again.
    """

    def register(function: Handler) -> Handler:
        _handlers[kind] = _Registered(function, repeatable)
        return function

    return register


def known_kinds() -> frozenset[str]:
    """Return the kinds that this process can do."""
    return frozenset(_handlers)


def repeatable_kinds() -> frozenset[str]:
    """Return the kinds that may simply run again."""
    return frozenset(kind for kind, registered in _handlers.items() if registered.repeatable)


def perform(run: Run, kind: str) -> None:
    """Run a claimed job to its end, whatever that is, and record it."""
    registered = _handlers[kind]
    try:
        registered.function(run)
    except (ChildCancelledError, StoppedError):
        _record(run, lambda session: _stopped(session, run, repeatable=registered.repeatable))
    except ServiceError as error:
        _fail(run, error.message, error.values)
    except ChildDiedError:
        _fail(run, jobs.DIED)
    except (ChildMemoryError, MemoryError):
        _fail(run, OUT_OF_MEMORY)
    except Exception as error:  # a job must end, and its text may quote personal data
        log.error("Job %s (%s) failed: %s at %s", run.job_id, kind, type(error).__name__, place_of(error))  # noqa: TRY400  # a trace may quote data
        _fail(run, UNEXPECTED)
    else:
        _record(run, lambda session: jobs.end(session, run.job_id, run.attempt, JobState.DONE))


def place_of(error: BaseException) -> str:
    """Return where an error was raised: all that may be logged of it besides its type."""
    trace, where = error.__traceback__, "unknown"
    while trace is not None:
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return where


def _fail(run: Run, error: str, values: Mapping[str, Any] | None = None) -> None:
    _record(
        run,
        lambda session: jobs.end(session, run.job_id, run.attempt, JobState.FAILED, error=error, error_values=values),
    )


def _stopped(session: Session, run: Run, *, repeatable: bool) -> bool:
    if run.stopping():
        return jobs.interrupt(session, run.job_id, run.attempt, repeatable=repeatable)
    return jobs.end(session, run.job_id, run.attempt, JobState.CANCELLED)


def _record(run: Run, change: Callable[[Session], bool]) -> None:
    """Commit how the job ended, also when the database is locked or gone for a moment."""

    def commit() -> None:
        with run.sessions.begin() as session:
            change(session)

    database.patiently(commit)
