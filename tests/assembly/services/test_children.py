"""Child processes: results, progress, and every way in which they end too early."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assembly.services.children import (
    ChildCancelledError,
    ChildDiedError,
    ChildFailedError,
    ChildMemoryError,
    run_in_child,
)
from tests import patience
from tests.assembly import targets
from tests.project import ROOT


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until(condition: Callable[[], Any]) -> Any:
    """Return the first true value of a condition; fails when it stays false."""
    deadline = time.monotonic() + patience.SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(FileNotFoundError):
            if value := condition():
                return value
        time.sleep(0.02)
    pytest.fail("What was waited for did not happen.")


def test_the_result_comes_back_after_all_progress_in_its_order() -> None:
    seen: list[Any] = []
    assert run_in_child(targets.add, (2, 3), on_progress=seen.append) == 5
    assert seen == [{"phase": "adding", "panels": number} for number in range(3)]


def test_an_error_of_the_target_is_raised_here() -> None:
    with pytest.raises(ValueError, match="7 seats are too many"):
        run_in_child(targets.refuse)


def test_an_error_that_cannot_travel_is_named() -> None:
    with pytest.raises(ChildFailedError, match=r"^AwkwardError$"):
        run_in_child(targets.refuse_awkwardly)


def test_a_killed_child_is_reported_as_died_with_its_signal() -> None:
    seen: list[Any] = []
    with pytest.raises(ChildDiedError) as caught:
        run_in_child(targets.kill_itself, on_progress=seen.append)
    assert caught.value.exit_code == -9
    assert seen == ["about to die"]


def test_a_child_that_leaves_without_result_is_reported_as_died() -> None:
    with pytest.raises(ChildDiedError) as caught:
        run_in_child(targets.leave)
    assert caught.value.exit_code == 3


def test_memory_is_limited() -> None:
    with pytest.raises(ChildMemoryError):
        run_in_child(targets.take_memory, memory_bytes=2 * 2**30)


def test_a_cancelled_child_is_gone_within_a_second() -> None:
    pids: list[int] = []
    asked_at: list[float] = []

    def cancelled() -> bool:
        if pids and not asked_at:
            asked_at.append(time.monotonic())
        return bool(pids)

    with pytest.raises(ChildCancelledError):
        run_in_child(targets.report_and_sleep, on_progress=lambda seen: pids.append(seen["pid"]), cancelled=cancelled)
    assert time.monotonic() - asked_at[0] < 1
    assert not is_running(pids[0])


def test_an_error_of_the_listener_ends_the_child() -> None:
    pids: list[int] = []

    def fail(seen: Any) -> None:
        pids.append(seen["pid"])
        raise RuntimeError("the database is gone")

    with pytest.raises(RuntimeError, match="the database is gone"):
        run_in_child(targets.report_and_sleep, on_progress=fail)
    assert not is_running(pids[0])


def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, "-m", "tests.assembly.targets", path], cwd=ROOT)
    try:
        pid = int(wait_until(lambda: path.read_text(encoding="utf-8")))
        assert is_running(pid)
        os.kill(parent.pid, 9)
        wait_until(lambda: not is_running(pid))
    finally:
        parent.kill()
        parent.wait()
