"""The time, always with its zone: one place, so that a demo can have a past and tests can wait for a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
"""Where the assemblies are."""

_shift = dt.timedelta()


def now() -> dt.datetime:
    """Return the current moment in UTC."""
    return dt.datetime.now(dt.UTC) + _shift


@contextmanager
def shifted(by: dt.timedelta) -> Iterator[None]:
    """Let everything in this process happen so much later (or earlier, if negative) than it is.

    For the sample city, whose assemblies have a past, and for tests; nothing that is served for real calls it. It
    holds for all threads, because a worker has its own, and not for other processes.
    """
    global _shift  # noqa: PLW0603  # the one clock of this process
    before = _shift
    _shift = before + by
    try:
        yield
    finally:
        _shift = before
