"""Progress out, cancellation in: the one object a long computation talks to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from sortition.errors import CancelledError


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a computation stands: the phase, the current bound, the deviation still left, the panels found."""

    phase: str
    bound: float | None = None
    deviation: float | None = None
    panels: int = 0
    total: int | None = None


class Monitor:
    """Reports progress to a callback and turns a set event into CancelledError.

    The event may be set from another thread or a signal handler; every loop and every running solver polls it,
    so a cancelled computation ends within a second.
    """

    def __init__(
        self,
        on_progress: Callable[[Progress], None] | None = None,
        cancelled: threading.Event | None = None,
    ) -> None:
        self._on_progress = on_progress
        self._cancelled = cancelled or threading.Event()

    @property
    def is_cancelled(self) -> bool:
        """Whether the caller asked to stop."""
        return self._cancelled.is_set()

    def check(self) -> None:
        """Raise CancelledError if the caller asked to stop."""
        if self.is_cancelled:
            raise CancelledError("Stopped on request; nothing was written.")

    def report(
        self,
        phase: str,
        *,
        bound: float | None = None,
        deviation: float | None = None,
        panels: int = 0,
        total: int | None = None,
    ) -> None:
        """Tell the callback where the computation stands; raises CancelledError if the caller asked to stop."""
        self.check()
        if self._on_progress is not None:
            self._on_progress(Progress(phase, bound=bound, deviation=deviation, panels=panels, total=total))
