"""Fixtures for reading and writing files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sortition.files.support import Case


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A folder with small valid files."""
    return Case(tmp_path)
