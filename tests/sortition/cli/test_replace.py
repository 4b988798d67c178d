"""replace from files to a lottery that can be committed next."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sortition.cli.replace import replace
from sortition.errors import InfeasibleQuotasError, InputError, NotProvenError
from sortition.lottery_file import read_lottery
from sortition.protocol.commit import commit
from sortition.protocol.documents import DrawnDocument
from sortition.protocol.draw import draw
from sortition.replacement import solve_replacement
from tests.sortition.protocol.factory import NOW, content, lottery_of, pool, rule
from tests.sortition.test_replacement import dead_end, first_stage

REPLACE = "--audit audit.json --drawn drawn.json --output replacement.json --out"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stage(folder: Path, made: Any, result: DrawnDocument) -> None:
    (folder / "audit.json").write_bytes(made.audit_bytes())
    (folder / "drawn.json").write_bytes(content(result))


def run(line: str) -> Result:
    return CliRunner().invoke(replace, line.split())


def test_vacated_seats_are_filled(folder: Path) -> None:
    made, result = first_stage(pool())
    stage(folder, made, result)
    gone = result["members"][:2]
    done = run(f"{REPLACE} {gone[0]},{gone[1]},")
    assert done.exception is None, done.output
    assert "fills 2 of 4 seats; chances are conditional" in done.stderr
    lottery = read_lottery(folder / "replacement.json")
    assert lottery.parent == made.hash
    assert lottery.instance.required == set(result["members"][2:])
    again = run(f"{REPLACE} {gone[0]}")
    assert isinstance(again.exception, InputError)
    assert "never overwritten" in str(again.exception)


def test_impossible_replacements_name_what_helps(folder: Path) -> None:
    made, result, _ = dead_end()
    stage(folder, made, result)
    done = run(f"{REPLACE} 01")
    assert isinstance(done.exception, InfeasibleQuotasError)
    (first,) = [line for line in done.stderr.splitlines() if line.startswith("1. ")]
    assert "Lower the minimum of gender “diverse” from 1 to 0." in first
    assert not (folder / "replacement.json").exists()
    done = run(f"{REPLACE} 01 --relax")
    assert done.exception is None, done.output
    assert "Relaxed: Lower the minimum of gender “diverse” from 1 to 0.\n" in done.stderr
    assert read_lottery(folder / "replacement.json").instance.quotas["gender"]["diverse"].lower == 0


@pytest.mark.parametrize("rehearsed", ["draw", "lottery"])
def test_after_a_rehearsal_replacements_are_one_and_say_so_before_they_are_solved(folder: Path, rehearsed: str) -> None:
    lottery = dataclasses.replace(lottery_of(pool()), rehearsal=rehearsed == "lottery")
    made = commit(lottery, rule(replacements=True), now=NOW)
    result = draw(made.audit, how="system_randomness", value="", now=NOW)
    stage(folder, made, result)
    done = run(f"{REPLACE} {result['members'][0]}")
    assert done.exception is None, done.output
    reason = {"draw": "drawn.json was drawn with system randomness.", "lottery": "the lottery of audit.json is one."}
    assert done.stderr.splitlines()[0] == (
        f"This is a REHEARSAL: {reason[rehearsed]} Everything that follows is one, too, and decides nothing."
    )
    assert read_lottery(folder / "replacement.json").rehearsal
    assert "REHEARSAL" in run(f"{REPLACE} nobody".replace("replacement", "other")).stderr


def test_an_unproven_lottery_is_written_only_on_request(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, result = first_stage(pool())
    stage(folder, made, result)

    def unproven(*arguments: Any, **options: Any) -> Any:
        solved = solve_replacement(*arguments, **options)
        certificate = dataclasses.replace(solved.lottery.certificate, proven=False)
        return dataclasses.replace(solved, lottery=dataclasses.replace(solved.lottery, certificate=certificate))

    monkeypatch.setattr(sys.modules["sortition.cli.replace"], "solve_replacement", unproven)
    gone = result["members"][0]
    assert isinstance(run(f"{REPLACE} {gone}").exception, NotProvenError)
    assert not (folder / "replacement.json").exists()
    assert run(f"{REPLACE} {gone} --allow-unproven").exception is None
    assert (folder / "replacement.json").exists()


def test_ids_that_are_no_members_are_refused(folder: Path) -> None:
    made, result = first_stage(pool())
    stage(folder, made, result)
    assert isinstance(run(f"{REPLACE} nobody").exception, InputError)
    assert isinstance(run(f"{REPLACE} ,").exception, InputError)
