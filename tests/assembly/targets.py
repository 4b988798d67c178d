"""What runs in child processes in the tests; it imports little, so that they start fast."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Report = Callable[[Any], None]


class AwkwardError(Exception):
    """An error that cannot be pickled: its arguments are not those of its class."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__("one text of two numbers")
        self.numbers = first, second


def add(first: int, second: int, report: Report) -> int:
    for panels in range(3):
        report({"phase": "adding", "panels": panels})
    return first + second


def report_and_sleep(report: Report) -> None:
    report({"phase": "asleep", "pid": os.getpid()})
    time.sleep(600)


def refuse(_report: Report) -> None:
    raise ValueError("7 seats are too many")


def refuse_awkwardly(_report: Report) -> None:
    raise AwkwardError(1, 2)


def kill_itself(report: Report) -> None:
    report("about to die")
    os.kill(os.getpid(), signal.SIGKILL)


def leave(_report: Report) -> None:
    os._exit(3)


def take_memory(_report: Report) -> int:
    return len(bytearray(8 * 2**30))


def outlive_parent(path: str, report: Report) -> None:
    """Say who we are, and go on."""
    Path(path).write_text(str(os.getpid()), encoding="utf-8")
    report_and_sleep(report)


if __name__ == "__main__":  # a parent that is killed while its child works
    from assembly.services.children import run_in_child

    run_in_child(outlive_parent, (sys.argv[1],))
