"""`sortition check` and `sortition solve` as scripts use them: exit codes, streams, and the lottery file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sortition import solve as engine
from sortition.cli import main
from tests.project import ROOT
from tests.sortition.files.support import write_csv

TARGETS = [
    ("feature", "value", "min", "max"),
    ("gender", "female", 1, 1),
    ("gender", "male", 1, 1),
    ("area", "North", 0, 1),
    ("area", "South", 1, 2),
]
PEOPLE = [
    ("id", "gender", "area"),
    *((f"p{n}", ("female", "male")[n % 2], ("North", "South", "South")[n % 3]) for n in range(12)),
]
NOT_TIGHT = [("id", "a", "b", "c"), *((row, *row) for row in ("000", "011", "101", "110"))]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with targets and respondents, as the current one."""
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "t.csv", TARGETS)
    write_csv(tmp_path / "r.csv", PEOPLE)
    return tmp_path


def run(line: str) -> Result:
    """Run a command line; nothing but the exit of a command may end it."""
    result = CliRunner().invoke(main, line.split())
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


INPUT = "--targets t.csv --respondents r.csv --size 2"


def document() -> dict[str, object]:
    found = json.loads(Path("lottery.json").read_text())
    assert isinstance(found, dict)
    return found


def test_a_lottery_is_written_with_the_fields_that_scripts_rely_on(folder: Path) -> None:
    result = run(f"solve {INPUT} --output lottery.json")
    assert result.exit_code == 0
    assert result.stderr.endswith("lottery.json holds the lottery. Commit it next: sortition commit lottery.json …\n")
    found = document()
    assert (found["format"], found["size"], found["objective"]) == ("sortition-lottery/1", 2, "leximin")
    assert found["rehearsal"] is False
    assert found["features"]["area"] == {"North": {"lower": 0, "upper": 1}, "South": {"lower": 1, "upper": 2}}
    assert len(found["entries"]) == 12
    first = found["entries"][0]
    assert first.keys() == {"id", "values", "household", "class", "ideal_probability", "selection_probability"}
    assert (first["id"], first["values"], first["household"]) == ("p0", {"gender": "female", "area": "North"}, None)
    assert len(found["tickets"]) == 1000
    assert all(len(ticket) == 2 for ticket in found["tickets"])
    assert sum(panel["probability"] for panel in found["portfolio"]) == pytest.approx(1)
    assert all(sum(panel["counts"].values()) == 2 for panel in found["portfolio"])
    certificate = found["certificate"]
    assert certificate.keys() >= {"proven", "tolerance", "portfolio", "tickets", "levels", "cuts"}
    assert (certificate["proven"], certificate["tolerance"], certificate["cuts"]) == (True, 1e-6, [])
    assert max(certificate["tickets"].values()) <= 2 / 1000
    assert max(certificate["portfolio"].values()) <= 1e-6
    assert sorted(path.name for path in folder.iterdir()) == ["lottery.json", "r.csv", "t.csv"]


def test_with_json_standard_output_is_nothing_else(folder: Path) -> None:
    solved = run(f"solve {INPUT} --output lottery.json --seed 3 --json")
    assert isinstance(json.loads(solved.stdout), dict)
    assert "REHEARSAL" in solved.stderr
    checked = run(f"check {INPUT} --json")
    assert checked.exit_code == 0
    assert json.loads(checked.stdout)["feasible"] is True
    assert "Note: “id” is taken as the column of ids." in checked.stderr


def test_a_seed_marks_a_rehearsal_whether_typed_or_set(folder: Path) -> None:
    assert run(f"solve {INPUT} --output lottery.json --seed 3").exit_code == 0
    assert document()["rehearsal"] is True
    (folder / "s.toml").write_text('random_number_seed = 4\nselection_algorithm = "nash"\n')
    assert run(f"solve {INPUT} --settings s.toml --output lottery.json").exit_code == 0
    assert (document()["rehearsal"], document()["objective"]) == (True, "nash")
    assert run(f"solve {INPUT} --settings s.toml --objective maximin --output lottery.json").exit_code == 0
    assert document()["objective"] == "maximin"


def test_tickets_and_tolerance_are_as_asked_for(folder: Path) -> None:
    assert run(f"solve {INPUT} --output lottery.json --tickets 500 --tolerance 1e-4").exit_code == 0
    assert (len(document()["tickets"]), document()["certificate"]["tolerance"]) == (500, 1e-4)


def test_the_greedy_rule_is_written_though_it_proves_nothing(folder: Path) -> None:
    assert run(f"solve {INPUT} --objective legacy --output lottery.json").exit_code == 0
    assert document()["certificate"]["proven"] is False


def test_infeasible_quotas_are_exit_code_1_and_nothing_is_written(folder: Path) -> None:
    write_csv(folder / "t.csv", [*TARGETS[:3], ("area", "North", 2, 2), ("area", "South", 0, 0)])
    write_csv(folder / "r.csv", [*PEOPLE[:2], *(row for row in PEOPLE[2:] if row[2] == "South")])
    result = run(f"solve {INPUT} --output lottery.json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "No panel meets the quotas with this pool; `check` says why and what would help." in result.stderr
    assert not (folder / "lottery.json").exists()
    checked = run(f"check {INPUT} --json")
    assert checked.exit_code == 1
    assert json.loads(checked.stdout)["feasible"] is False


@pytest.mark.parametrize("command", ["check", "solve --output lottery.json"])
def test_bad_input_is_exit_code_2_with_all_problems_and_nothing_is_written(folder: Path, command: str) -> None:
    write_csv(folder / "r.csv", [*PEOPLE[:4], ("p0", "femal", "North"), ("x", "", "Sout")])
    result = run(f"{command} {INPUT}")
    assert (result.exit_code, result.stdout) == (2, "")
    for part in ("“femal”", "“female”", "“Sout”", "“South”", "already has this id"):
        assert part in result.stderr
    as_json = run(f"{command} {INPUT} --json")
    assert as_json.exit_code == 2
    assert len(json.loads(as_json.stdout)["problems"]) >= 3
    assert not (folder / "lottery.json").exists()


def test_a_folder_that_is_not_there_is_said_before_any_work(folder: Path) -> None:
    result = run(f"solve {INPUT} --output nowhere/lottery.json")
    assert result.exit_code == 2
    assert result.stderr == "Error: The folder nowhere does not exist. Make it, or choose another one.\n"


@pytest.mark.parametrize("option", ["--tickets 0", "--tolerance 0", "--objective fairest", "--seed -1", "--size 0"])
def test_options_out_of_range_are_exit_code_2(folder: Path, option: str) -> None:
    assert run(f"solve {INPUT} --output lottery.json {option}").exit_code == 2
    assert not (folder / "lottery.json").exists()


def test_what_is_not_proven_is_written_only_on_request(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST_CUTS", 0)
    rows = [(feature, value, 0, 2 - int(value)) for feature in "abc" for value in "01"]
    write_csv(folder / "t.csv", [TARGETS[0], *rows])
    write_csv(folder / "r.csv", NOT_TIGHT)
    line = f"solve {INPUT} --objective nash --output lottery.json"
    result = run(line)
    assert result.exit_code == 1
    assert "but not the proof that it is as fair as the quotas allow (gap 5.0e-01)" in result.stderr
    assert not (folder / "lottery.json").exists()
    assert run(f"{line} --allow-unproven").exit_code == 0
    assert document()["certificate"]["proven"] is False


def test_an_unknown_command_is_exit_code_2(folder: Path) -> None:
    assert run("sovle").exit_code == 2
    assert all(command in run("--help").stdout for command in ("check", "solve", "commit", "draw", "verify", "replace"))


def test_ctrl_c_ends_a_long_solve_within_a_second_without_file_or_traceback(folder: Path) -> None:
    """2,000 people who all differ: the solve would take minutes."""
    features = [f"f{n}" for n in range(8)]
    write_csv(folder / "t.csv", [TARGETS[0], *((f, v, 20, 45) for f in features for v in "abc")])
    people = [(n, *("abc"[(n // 3**k + n * k) % 3] for k in range(8))) for n in range(3000)]
    write_csv(folder / "r.csv", [("id", *features), *people])
    line = "--targets t.csv --respondents r.csv --size 100 --output lottery.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "sortition", "solve", *line.split()]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("Note:")  # files are read; now it solves
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        asked = time.monotonic()
        message = process.stderr.read()
    assert process.returncode == 1
    assert time.monotonic() - asked < 3.0
    assert message == "Stopped on request; nothing was written.\n"
    assert sorted(path.name for path in folder.iterdir()) == ["r.csv", "t.csv"]


def test_the_registrations_are_never_overwritten(folder: Path) -> None:
    before = (folder / "r.csv").read_bytes()
    result = run(f"solve {INPUT} --output r.csv")
    assert result.exit_code == 2
    assert "is one of the input files" in result.stderr
    assert (folder / "r.csv").read_bytes() == before
