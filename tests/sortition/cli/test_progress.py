"""The progress line shows on a terminal only, and Ctrl-C sets the event that stops everything."""

from __future__ import annotations

import io
import signal
import sys

import pytest

from sortition.cli.progress import PHASES, monitored
from sortition.errors import CancelledError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_phase_is_shown_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with monitored() as monitor:
        monitor.report("leximin", bound=0.0909)
        monitor.report("exact panels", deviation=0.02, panels=7, total=9)
        monitor.report("a phase of tomorrow")
    shown = terminal.getvalue()
    assert "a phase of tomorrow" in shown
    assert PHASES["leximin"] == "Raising the smallest chances"


def test_elsewhere_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with monitored() as monitor:
        monitor.report("leximin", bound=0.5)
    assert capsys.readouterr() == ("", "")


def test_ctrl_c_stops_at_the_next_report_and_is_as_before_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT)
    with monitored() as monitor:
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(CancelledError):
            monitor.report("tickets")
    assert signal.getsignal(signal.SIGINT) is before
