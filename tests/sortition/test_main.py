"""`python -m sortition` is the same program."""

from __future__ import annotations

import runpy
import sys

import pytest


def test_the_module_runs_the_command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["sortition", "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("sortition", run_name="__main__")
    assert ended.value.code == 0
    assert "check" in capsys.readouterr().out
