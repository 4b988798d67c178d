"""Settings shared by all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.demo import demo_city, seeded_city  # noqa: F401  # fixtures

# No deadline: workers share the cores, so a slow example says nothing. In CI always the same examples, so that a
# submission fails for what it changed; `make test` at a developer's goes on searching.
hypothesis.settings.register_profile("project", deadline=None, derandomize="CI" in os.environ, print_blob=True)
hypothesis.settings.load_profile("project")

LONGEST = (
    "test_shared_pools.py",
    "test_log_output.py",
    "test_walk.py",
    "test_programme_walk.py",
    "test_every_page.py",
    "test_tables.py",
    "test_demo.py",
)
"""Modules with tests of minutes: begun last, they would leave one process at work alone."""


GARBAGE = (5000, 10, 10)
"""How seldom to look for objects that only refer to each other: each test leaves an application, which is soon many of
them, and Python's own numbers would look through all that is loaded several times per test."""


def pytest_configure() -> None:
    """Look for garbage seldom."""
    gc.set_threshold(*GARBAGE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: item.path.name not in LONGEST)
    gc.freeze()  # what is loaded stays: looking through it again with each application's end is most of that end


NOT_MEASURED = tuple(Path(__file__).parents[1] / folder for folder in ("assembly", "tests/assembly", "tests/browser"))
"""Where tests run without counting lines: only the engine's are counted, and counting takes a quarter of the time."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Count lines only where the engine is tested."""
    plugin = item.config.pluginmanager.getplugin("_cov")
    controller = None if plugin is None else plugin.cov_controller
    if controller is None or not any(item.path.is_relative_to(folder) for folder in NOT_MEASURED):
        return (yield)
    controller.pause()
    try:
        return (yield)
    finally:
        controller.resume()
