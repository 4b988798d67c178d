"""The demo's city as tests use it: seeded in a process of its own, whose clock is set back, and served."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import patience
from tests.project import ROOT

KEPT = "demo.json"
LEFT_OVER = {"password": "old", "assemblies": []}
"""What an earlier demo kept in the folder."""


def environment() -> dict[str, str]:
    """Return our environment, with this checkout's packages first and nobody's settings of the application."""
    settings = ("ASSEMBLY_DATA", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PASSWORD_SALT", "PUBLIC_URL", "MAIL_URL")
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("PYTHON", "COV_")) and n not in settings}
    return {**kept, "PYTHONPATH": str(ROOT)}


def command(folder: Path, *arguments: str) -> list[str]:
    """Return the command that `make demo` ends with."""
    return [sys.executable, str(ROOT / "data" / "demo_site.py"), "--data", str(folder), *arguments]


@pytest.fixture(scope="session")
def seeded_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the demo's city, seeded once per test run, whatever processes share it; to be copied only."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "seeded-city"
    with (shared / "seeded-city.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "seeded-city.done").exists():
            folder.mkdir(exist_ok=True)
            (folder / KEPT).write_text(json.dumps(LEFT_OVER), encoding="utf-8")
            seed(folder)
            (shared / "seeded-city.done").touch()
    return folder


@pytest.fixture
def demo_city(seeded_city: Path, tmp_path: Path) -> Path:
    """A folder with the demo's city that a test may change."""
    return copied(seeded_city, tmp_path / "city")


def copied(city: Path, folder: Path) -> Path:
    """Copy a city that nothing is running with."""
    return shutil.copytree(city, folder)


def seed(folder: Path) -> None:
    """Seed the city into a folder, as the demo does when it starts over."""
    subprocess.run(
        command(folder, "--fresh", "--only-seed"),
        env=environment(),
        check=True,
        capture_output=True,
        timeout=patience.SECONDS,
        cwd=ROOT,
    )


def kept(folder: Path) -> dict[str, Any]:
    """Return what the demo keeps about a city: the password of its accounts, and its assemblies."""
    found: dict[str, Any] = json.loads((folder / KEPT).read_text(encoding="utf-8"))
    return found


@contextlib.contextmanager
def served_demo(folder: Path, port: int, *arguments: str) -> Iterator[Path]:
    """Run the demo as people do, until the end of the block, where Ctrl-C stops it; yields what it printed."""
    output = folder.with_suffix(".output")
    with output.open("wb") as file:
        process = subprocess.Popen(
            command(folder, "--port", str(port), *arguments), env=environment(), stdout=file, stderr=file, cwd=ROOT
        )
    try:
        _wait_until_served(process, port, output)
        yield output
        process.send_signal(signal.SIGINT)
        process.wait(timeout=patience.SECONDS)
    finally:
        process.kill()
        process.wait()


def _wait_until_served(process: subprocess.Popen[bytes], port: int, output: Path) -> None:
    deadline = time.monotonic() + patience.SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
            return
        time.sleep(0.2)
    raise AssertionError(output.read_text(encoding="utf-8", errors="replace"))
