"""Every pool of ../shared/data from its files to a verified draw, through the command line.

A run of all tests begins with them (see tests/conftest.py): the slowest takes minutes.
"""

from __future__ import annotations

import csv
import json
import re
import shlex
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from sortition.certificate import PROOF_TOLERANCE, level_gap
from sortition.cli import clock, main
from sortition.lottery import Lottery
from sortition.lottery_file import read_lottery
from sortition.polytope import Polytope
from tests.sortition.files.support import SHARED, shared

SIZES = {
    "sortition-foundation-150": 22,
    "opendlp-monitoring-100": 30,
    "nature-example-small-20": 20,
    "nature-example-large-200": 200,
    "chile-survey-1000": 100,
    "generated-312-35-6": 35,
    "generated-404-40-6": 40,
    "generated-825-75-4": 75,
}
SLOWEST = {
    "generated-321-30-8": 30,
    "generated-1727-110-7": 110,
    "generated-2220-160-6": 160,
    "generated-20000-200-5": 200,
}
SMALLEST_CHANCE = {
    "sortition-foundation-150": 1 / 11,
    "nature-example-small-20": 0.1,
    "nature-example-large-200": 0.1,
}
"""Published: Flanigan et al. (2021) and the data's README."""
RULE = """
assembly = "Bürgerrat"
title = "Losverfahren"
language = "de"
moment = 2031-03-14T18:00:00Z
[draw]
kind = "digits"
digits = {digits}
source = "Ziehung im Rathaus"
format = "Ziffern"
fallback = "Am nächsten Tag"
"""
BEFORE, AFTER = datetime(2031, 3, 1, tzinfo=UTC), datetime(2031, 3, 14, 18, 5, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder as the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock."""
    return lambda moment: monkeypatch.setattr(clock, "now", lambda: moment)


def run(line: str) -> str:
    result = CliRunner().invoke(main, shlex.split(line), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("name", [*SIZES, *SLOWEST])
def test_a_pool_is_solved_committed_drawn_and_verified(name: str, folder: Path, at: Callable[[datetime], None]) -> None:
    data, size = shared(name), {**SIZES, **SLOWEST}[name]
    files = f"--targets '{data}/targets.csv' --respondents '{data}/respondents.csv' --size {size}"
    run(f"solve {files} --output lottery.json")
    lottery = read_lottery(folder / "lottery.json")
    assert_proven_and_fair(lottery, name)
    assert_tickets_meet_the_targets(lottery, data)
    count = len(lottery.tickets)
    number = f"{count - 7}"
    (folder / "RULE.toml").write_text(RULE.format(digits=len(number)), encoding="utf-8")
    at(BEFORE)
    commitment = run("commit lottery.json --draw-rule RULE.toml --public public.json --audit audit.json").strip()
    assert re.fullmatch("[0-9a-f]{64}", commitment)
    at(AFTER)
    run(f"draw audit.json --ticket {number} --output drawn.json")
    ids = [lottery.instance.entries[i].id for i in lottery.tickets[int(number)]]
    assert sorted(json.loads((folder / "drawn.json").read_text())["members"]) == sorted(ids)
    lines = run(f"verify public.json audit.json drawn.json lottery.json --commitment {commitment} --ticket {number}")
    assert "FAIL" not in lines.upper()


def assert_proven_and_fair(lottery: Lottery, name: str) -> None:
    certificate, count = lottery.certificate, len(lottery.tickets)
    assert (certificate.proven, certificate.gap) == (True, 0.0)
    assert certificate.portfolio.largest <= 1e-6
    assert certificate.tickets.largest <= 2 / count
    times = np.bincount(lottery.tickets.ravel(), minlength=len(lottery.instance.entries))
    assert np.abs(times / count - lottery.ideal_probability).max() <= 2 / count
    for c in np.unique(lottery.class_of):
        equals = times[lottery.class_of == c]
        assert equals.max() - equals.min() <= 1
    assert lottery.unreachable == frozenset()
    assert times.min() > 0
    assert lottery.ideal_probability.sum() == pytest.approx(lottery.instance.size, abs=1e-6)
    if name in SMALLEST_CHANCE:
        assert lottery.ideal_probability.min() == pytest.approx(SMALLEST_CHANCE[name], abs=1e-6)
    assert not certificate.cuts
    assert level_gap(Polytope.of(lottery.instance), certificate.levels) <= PROOF_TOLERANCE


def assert_tickets_meet_the_targets(lottery: Lottery, data: Path) -> None:
    """Counted from the files as they are, not from what the engine read."""
    entries, tickets = lottery.instance.entries, lottery.tickets
    assert tickets.shape[1] == lottery.instance.size
    assert (np.diff(tickets, axis=1) > 0).all()
    for row in rows_of(data / "targets.csv"):
        feature, value = value_of(row)
        has = np.array([entry.values[feature] == value for entry in entries])
        held = has[tickets].sum(axis=1)
        assert int(row["min"]) <= held.min() <= held.max() <= int(row["max"]), (feature, value)
    assert len(rows_of(data / "respondents.csv")) == len(entries)


def rows_of(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def value_of(row: dict[str, Any]) -> tuple[str, str]:
    """The three kinds of headers that the pools have."""
    for names in (("feature", "value"), ("category", "name"), ("category", "feature")):
        if set(names) <= row.keys():
            return row[names[0]].strip(), row[names[1]].strip()
    raise AssertionError(row.keys())


def test_no_pool_is_forgotten() -> None:
    shared(next(iter(SIZES)))
    assert {path.name for path in SHARED.iterdir() if path.is_dir()} == SIZES.keys() | SLOWEST.keys()
