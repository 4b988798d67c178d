"""The time, always with its zone: one place, so that tests can move it."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """Return the current moment in UTC."""
    return dt.datetime.now(dt.UTC)
