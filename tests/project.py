"""The project as a whole, for tests about it rather than about one module."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def tracked_files() -> list[Path]:
    """Return the files under version control, or about to be; skips the test outside a git checkout, but not in CI."""
    if not (ROOT / ".git").exists() and "CI" not in os.environ:
        pytest.skip("not a git checkout: which files are the project's is not known")
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = [ROOT / name for name in listing.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Run a command without the caller's Python settings and return what it printed; fails the test if it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV_"))}
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def run_python(*arguments: str | Path) -> str:
    """Run this Python in the checkout, like `run`."""
    return run(sys.executable, *arguments)
