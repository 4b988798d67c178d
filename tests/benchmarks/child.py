"""One process, measured from outside: wall time from start to end, and its largest resident memory."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """How a process ended: `ended` is whether it did so before its limit."""

    seconds: float
    megabytes: float
    code: int
    ended: bool


def run(
    command: Sequence[str | Path], *, cwd: Path, log: Path, limit: float, environment: Mapping[str, str]
) -> Outcome:
    """Run a command in a process group of its own and end the group at the limit; its output goes to a log.

    The kernel counts the memory, so the measuring process must stay small: a child starts as its copy.
    """
    started = time.monotonic()
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            start_new_session=True,
        ) as process,
    ):
        overdue = threading.Event()

        def end() -> None:
            overdue.set()
            os.killpg(process.pid, signal.SIGKILL)

        timer = threading.Timer(limit, end)
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - started
        return Outcome(seconds, usage.ru_maxrss * 1024 / 1e6, process.returncode, not overdue.is_set())
