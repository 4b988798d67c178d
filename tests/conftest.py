"""Settings shared by all tests."""

from __future__ import annotations

import os

import hypothesis
import pytest

from tests.demo import demo_city, seeded_city  # noqa: F401  # fixtures

# No deadline: workers share the cores, so a slow example says nothing. In CI always the same examples, so that a
# submission fails for what it changed; `make test` at a developer's goes on searching.
hypothesis.settings.register_profile("project", deadline=None, derandomize="CI" in os.environ, print_blob=True)
hypothesis.settings.load_profile("project")

LONGEST = ("test_shared_pools.py", "test_log_output.py", "test_walk.py", "test_programme_walk.py")
"""Modules with tests of minutes: begun last, they would leave one process at work alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: item.path.name not in LONGEST)
