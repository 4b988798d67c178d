"""The commands' clock, in one place so that tests can set it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current moment."""
    return datetime.now(UTC)
