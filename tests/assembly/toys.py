"""Jobs that do nothing useful, and a worker that does them: `python -m tests.assembly.toys FILE`."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

from sqlalchemy.orm import Session

from assembly.config import Config
from assembly.models import Job
from assembly.services import jobs
from assembly.services.children import run_in_child
from assembly.services.errors import RuleError
from assembly.services.handlers import Run, handler
from assembly.worker import Worker
from tests.assembly.targets import report_and_sleep


@handler("toy_touch")
def touch(run: Run) -> None:
    """Leave a trace of this attempt: a second one would leave a second."""
    traces = Path(run.payload["folder"])
    (traces / f"{run.job_id}-{run.attempt}-{os.getpid()}").touch()
    with run.sessions.begin() as session:
        run.finish(session)


@handler("toy_meet")
def meet(run: Run) -> None:
    """Leave a trace and wait for one of another process."""
    traces = Path(run.payload["folder"])
    (traces / f"{run.job_id}-{run.attempt}-{os.getpid()}").touch()
    while len({path.name.rpartition("-")[2] for path in traces.iterdir()}) == 1:
        run.go_on()
        time.sleep(0.05)
    with run.sessions.begin() as session:
        run.finish(session)


@handler("toy_sleep")
def sleep(run: Run) -> None:
    """Work until it is told to stop."""
    run.report({"phase": "sleeping"})
    while True:
        run.go_on()
        time.sleep(0.05)


@handler("toy_sleep_repeatable", repeatable=True)
def sleep_repeatable(run: Run) -> None:
    sleep(run)


@handler("toy_child")
def child(run: Run) -> None:
    """Let a child process report and sleep until it is killed."""
    run_in_child(report_and_sleep, (), on_progress=run.report, cancelled=run.cancelled)


@handler("toy_refuse")
def refuse(_run: Run) -> None:
    raise RuleError("There are %(count)s seats too many.", count=3)


@handler("toy_crash")
def crash(_run: Run) -> None:
    raise ValueError("anna.schmidt@example.org")


@handler("toy_memory")
def memory(_run: Run) -> None:
    raise MemoryError


def ask(session: Session, kind: str, folder: Path | None = None, *, key: str | None = None) -> Job:
    """Enqueue a toy."""
    return jobs.enqueue(session, kind, {"folder": str(folder)} if folder else {}, unique_key=key)


def main() -> None:
    """Work until SIGTERM; a file says that it began."""
    worker = Worker(Config.from_environment(os.environ))
    worker.start()
    Path(sys.argv[1]).touch()
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    ended.wait()
    worker.stop(grace=2)


if __name__ == "__main__":
    main()
