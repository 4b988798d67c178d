"""A progress line on the terminal, and Ctrl-C that stops within a second."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from sortition.monitor import Monitor
from sortition.monitor import Progress as Report

PHASES = {
    "reachable": "Who can be drawn at all",
    "leximin": "Raising the smallest chances",
    "panels": "Finding panels",
    "weights": "Weighing panels",
    "exact panels": "Finding panels exactly",
    "cuts": "Tightening the bound",
    "levels": "Raising chances level by level",
    "tickets": "Rounding to tickets",
    "arranging": "Arranging tables by the rules",
    "contradiction": "Finding rules that contradict each other",
    "seating": "Exchanging people between tables",
}
"""What people read for the phases the engine reports; others are shown as they are."""
UNITS = {"seating": "steps"}
"""What is counted in a phase; panels in all others."""


@contextmanager
def monitored() -> Iterator[Monitor]:
    """Yield a monitor that shows progress on stderr if that is a terminal, and that Ctrl-C cancels."""
    cancelled = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        cancelled.set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        if not sys.stderr.isatty():
            yield Monitor(cancelled=cancelled)
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=None)

            def show(report: Report) -> None:
                details = [PHASES.get(report.phase, report.phase)]
                if report.bound is not None:
                    details.append(f"smallest chance {report.bound:.2%}")
                if report.deviation is not None:
                    details.append(f"deviation {report.deviation:.1e}")
                if report.panels:
                    details.append(f"{report.panels} {UNITS.get(report.phase, 'panels')}")
                bar.update(task, description=" · ".join(details), total=report.total, completed=report.panels)

            yield Monitor(show, cancelled)
    finally:
        signal.signal(signal.SIGINT, before)
