"""The demo's city as tests use it: seeded in a process of its own, whose clock is set back, and served."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.project import ROOT

SECONDS = 180
"""Until the city is seeded and served; other tests share the cores."""


def environment() -> dict[str, str]:
    """Return our environment, with this checkout's packages first and nobody's settings of the application."""
    settings = ("ASSEMBLY_DATA", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PASSWORD_SALT", "PUBLIC_URL", "MAIL_URL")
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("PYTHON", "COV_")) and n not in settings}
    return {**kept, "PYTHONPATH": str(ROOT)}


def command(folder: Path, *arguments: str) -> list[str]:
    """Return the command that `make demo` ends with."""
    return [sys.executable, str(ROOT / "data" / "demo_site.py"), "--data", str(folder), *arguments]


def seed(folder: Path) -> dict[str, Any]:
    """Seed the city into a folder, and return what the demo keeps about it."""
    subprocess.run(
        command(folder, "--only-seed"), env=environment(), check=True, capture_output=True, timeout=SECONDS, cwd=ROOT
    )
    found: dict[str, Any] = json.loads((folder / "demo.json").read_text(encoding="utf-8"))
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
        process.wait(timeout=60)
    finally:
        process.kill()
        process.wait()


def _wait_until_served(process: subprocess.Popen[bytes], port: int, output: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
            return
        time.sleep(0.2)
    raise AssertionError(output.read_text(encoding="utf-8", errors="replace"))
