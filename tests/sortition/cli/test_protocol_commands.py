"""commit, draw and verify from files to files, with the exit behaviour that scripts rely on."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import openpyxl
import pytest
from click.testing import CliRunner, Result

from sortition.cli import clock, main
from sortition.cli.commit import commit
from sortition.cli.draw import draw
from sortition.cli.verify import verify
from sortition.errors import InputError, SortitionError, VerificationError
from sortition.files import ProblemsError
from sortition.lottery_file import write_lottery
from sortition.protocol.canonical import canonical_bytes_with_floats
from sortition.protocol.documents import parse_audit
from sortition.protocol.receipts import redact
from tests.sortition.protocol.factory import AFTER, MOMENT, NOW, lottery_of, pool

RULE = """
assembly = "A"
title = "T"
language = "en"
moment = 2031-03-14T18:00:00Z
[draw]
kind = "digits"
digits = 1
source = "S"
format = "F"
fallback = "B"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a solved lottery and a rule, as the current one; the clock stands before the draw."""
    monkeypatch.chdir(tmp_path)
    write_lottery(lottery_of(pool()), tmp_path / "lottery.json")
    (tmp_path / "RULE.toml").write_text(RULE)
    with (tmp_path / "respondents.csv").open("w", newline="") as stream:
        rows = [[e.id, f"Name {e.id}", *e.values.values()] for e in pool().entries]
        csv.writer(stream).writerows([["id", "name", "gender", "area"], *rows])
    set_clock(monkeypatch, NOW)
    return tmp_path


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


def run(command: click.Command, line: str) -> Result:
    return CliRunner().invoke(command, line.split())


def ok(command: click.Command, line: str) -> str:
    result = run(command, line)
    assert result.exception is None, result.output
    return result.stdout


def fails(command: click.Command, line: str, error: type[SortitionError]) -> str:
    result = run(command, line)
    assert isinstance(result.exception, error)
    assert type(result.exception) is error
    return str(result.exception)


COMMIT = "lottery.json --draw-rule RULE.toml --public public.json --audit audit.json"


def test_from_lottery_to_verified_panel(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commitment = ok(commit, f"{COMMIT} --receipts receipts --notice notice.pdf").strip()
    assert len(commitment) == 64
    assert sorted(path.name for path in folder.iterdir()) == [
        "RULE.toml", "audit.json", "lottery.json", "notice.pdf", "public.json", "receipts", "respondents.csv",
    ]  # fmt: skip
    assert sorted(path.name for path in (folder / "receipts").iterdir()) == [f"{n:02d}.json" for n in range(1, 13)]
    set_clock(monkeypatch, AFTER)
    tables = "--respondents respondents.csv --selected selected.csv --remaining remaining.csv"
    assert ok(draw, f"audit.json --ticket 7 --output drawn.json {tables}") == "7\n"
    members = json.loads((folder / "drawn.json").read_text())["members"]
    with (folder / "selected.csv").open(newline="") as stream:
        assert sorted(row["id"] for row in csv.DictReader(stream)) == members
    with (folder / "remaining.csv").open(newline="") as stream:
        assert len(list(csv.DictReader(stream))) == 12 - 4
    files = "public.json audit.json drawn.json lottery.json receipts/01.json"
    lines = ok(verify, f"{files} --commitment {commitment} --ticket 7").splitlines()
    assert lines[-1] == "VERIFIED: the documents are those committed to, and nothing contradicts them."
    assert not [line for line in lines if line.startswith("✗")]
    assert "VERIFIED" in ok(verify, "public.json --receipt receipts/01.json")


@pytest.mark.parametrize("option", ["--id-column registration", "--settings settings.toml"])
def test_tables_follow_the_id_column_that_the_lottery_was_solved_with(
    folder: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    table = (folder / "respondents.csv").read_text().replace("id,name", "registration,id")
    (folder / "respondents.csv").write_text(table)
    (folder / "settings.toml").write_text('id_column = "registration"\n')
    ok(commit, "lottery.json --draw-rule RULE.toml --public public.json --audit audit.json")
    set_clock(monkeypatch, AFTER)
    tables = "--respondents respondents.csv --selected selected.csv --remaining remaining.csv"
    ok(draw, f"audit.json --ticket 3 --output drawn.json {tables} {option}")
    with (folder / "selected.csv").open(newline="") as stream:
        ids = {row["registration"] for row in csv.DictReader(stream)}
    assert ids == set(json.loads((folder / "drawn.json").read_bytes())["members"])


def changed_value(text: str) -> str:
    return text.replace("07,Name 07,male", "07,Name 07,female")


def doubled_row(text: str) -> str:
    return text + "07,Name 07,male,north\n"


def another_person(text: str) -> str:
    return text + "99,Name 99,male,north\n"


def missing_row(text: str) -> str:
    return text.replace("07,Name 07,male,north\r\n", "")


def blank_id(text: str) -> str:
    return text + ",Name 99,male,north\n"


def missing_column(text: str) -> str:
    return text.replace("gender", "sex")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (changed_value, "Row 8, column “gender”: The value is not the one in the lottery, “male”."),
        (doubled_row, "Row 14: Row 8 already has this id."),
        (another_person, "Row 14: Nobody in the lottery has the id “99”."),
        (missing_row, "1 of those in the lottery are not in the file: “07”."),
        (blank_id, "Row 14: The id is blank."),
        (missing_column, "There is no column for the feature “gender”."),
    ],
)
@pytest.mark.parametrize("ticket", ["3", "7"])
def test_respondents_that_are_not_those_of_the_lottery_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[str], str], said: str, ticket: str
) -> None:
    ok(commit, COMMIT)
    set_clock(monkeypatch, AFTER)
    text = (folder / "respondents.csv").read_bytes().decode()
    (folder / "respondents.csv").write_bytes(change(text).encode())
    assert change(text) != text
    before = sorted(folder.iterdir())
    tables = "--respondents respondents.csv --selected selected.csv --remaining remaining.csv"
    assert said in fails(draw, f"audit.json --ticket {ticket} --output drawn.json {tables}", ProblemsError)
    assert sorted(folder.iterdir()) == before
    result = CliRunner().invoke(main, f"draw audit.json --ticket {ticket} --output drawn.json {tables}".split())
    assert result.exit_code == 2


def test_respondents_may_be_spelled_otherwise_and_erased_people_may_still_be_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ok(commit, COMMIT)
    set_clock(monkeypatch, AFTER)
    audit = parse_audit((folder / "audit.json").read_bytes(), name="audit.json")
    (folder / "audit.json").write_bytes(canonical_bytes_with_floats(dict(redact(audit, {"07"}))))
    text = (folder / "respondents.csv").read_text().replace("female", " FEMALE ")
    (folder / "respondents.csv").write_text(text)
    tables = "--respondents respondents.csv --selected selected.csv --remaining remaining.csv"
    ok(draw, f"audit.json --ticket 3 --output drawn.json {tables}")
    (folder / "respondents.csv").write_text(text + "99,Name 99,male,north\n")
    again = tables.replace("selected.csv", "s.csv").replace("remaining.csv", "r.csv")
    assert "“99”" in fails(draw, f"audit.json --ticket 3 --output drawn2.json {again}", ProblemsError)


def test_the_sheet_of_the_respondents_can_be_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another sheet looks the same, as that of an earlier round does."""
    ok(commit, COMMIT)
    set_clock(monkeypatch, AFTER)
    rows = list(csv.reader((folder / "respondents.csv").read_text().splitlines()))
    workbook = openpyxl.Workbook()
    for title, people in (("round 1", rows[:5]), ("round 2", rows)):
        sheet = workbook.create_sheet(title)
        for row in people:
            sheet.append(row)
    workbook.remove(workbook.worksheets[0])
    workbook.save(folder / "respondents.xlsx")
    tables = "--respondents respondents.xlsx --selected selected.csv --remaining remaining.csv"
    line = f"audit.json --ticket 3 --output drawn.json {tables} --respondents-sheet".split()
    result = CliRunner().invoke(draw, [*line, "round 1"])
    assert "8 of those in the lottery are not in the file" in str(result.exception)
    assert CliRunner().invoke(draw, [*line, "round 2"]).exception is None


def test_outputs_that_would_overwrite_each_other_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ok(commit, "lottery.json --draw-rule RULE.toml --public public.json --audit audit.json")
    set_clock(monkeypatch, AFTER)
    tables = "--respondents respondents.csv --selected same.csv --remaining remaining.csv"
    fails(draw, f"audit.json --ticket 3 --output same.csv {tables}", InputError)
    assert not (folder / "same.csv").exists()


def test_verify_ends_with_an_error_unless_verified(folder: Path) -> None:
    commitment = ok(commit, COMMIT).strip()
    result = run(verify, "public.json audit.json")
    assert isinstance(result.exception, VerificationError)
    assert result.stdout.splitlines()[-1].startswith("CONSISTENT, BUT NOT VERIFIED")
    result = run(verify, f"public.json --commitment {'0' * 64}")
    assert isinstance(result.exception, VerificationError)
    assert result.stdout.splitlines()[-1] == "NOT VERIFIED: 1 checks failed."
    text = (folder / "public.json").read_text()
    (folder / "public.json").write_text(text.replace('"size":4', '"size": 4'))
    assert "canonical form" in fails(verify, f"public.json --commitment {commitment}", InputError)


def test_the_file_that_was_tampered_with_is_named_as_it_was_given(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file in turn is changed, in its canonical form, while all others are honest."""
    commitment = ok(commit, f"{COMMIT} --receipts receipts").strip()
    set_clock(monkeypatch, AFTER)
    ok(draw, "audit.json --ticket 7 --output drawn.json")
    (folder / "sub").mkdir()
    files = ["public.json", "audit.json", "drawn.json", "lottery.json", "receipts/01.json"]

    def changed(document: dict[str, Any]) -> dict[str, Any]:
        match document["format"]:
            case "sortition-public/1":
                return document | {"software": "another"}
            case "sortition-audit/1":
                document["entries"][0]["ideal_probability"] = "0.123456789012"
            case "sortition-drawn/1":
                return document | {"ticket": 6}
            case "sortition-lottery/1":
                return document | {"objective": "nash"}
            case _:
                document["row"]["values"]["gender"] = "diverse"
        return document

    for number, file in enumerate(files):
        content = changed(json.loads((folder / file).read_bytes()))
        (folder / "sub" / "x.json").write_bytes(canonical_bytes_with_floats(content))
        given = [*files[:number], "sub/x.json", *files[number + 1 :]]
        result = run(verify, f"{' '.join(given)} --commitment {commitment}")
        assert isinstance(result.exception, VerificationError)
        blamed = [line for line in result.stdout.splitlines() if line.startswith("✗ sub/x.json: ")]
        assert blamed, result.stdout
    result = run(verify, f"public.json --receipt sub/x.json --commitment {commitment}")
    assert "✗ sub/x.json: The receipt's row is NOT in the pool" in result.stdout
    (folder / "sub" / "x.json").write_bytes((folder / "public.json").read_bytes() + b" ")
    assert fails(verify, "sub/x.json", InputError).startswith("sub/x.json is not in its canonical form")


def test_a_rehearsal_may_be_held_at_once_and_says_so(folder: Path) -> None:
    commitment = ok(commit, COMMIT).strip()
    result = run(draw, "audit.json --system-randomness --output drawn.json")
    assert result.exception is None
    assert "REHEARSAL" in result.stderr
    output = ok(verify, f"public.json audit.json drawn.json --commitment {commitment}")
    assert output.splitlines()[-1].startswith("VERIFIED AS A REHEARSAL")


def test_what_is_made_of_a_rehearsal_is_announced_as_one_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "REHEARSAL" not in run(commit, COMMIT).stderr
    write_lottery(replace(lottery_of(pool()), rehearsal=True), folder / "seeded.json")
    set_clock(monkeypatch, MOMENT)
    (folder / "public.json").unlink()
    (folder / "audit.json").unlink()
    result = run(commit, COMMIT.replace("lottery.json", "seeded.json"))
    assert isinstance(result.exception, InputError)  # the moment has passed, but that was found out later
    assert result.stderr == (
        "This is a REHEARSAL: seeded.json was solved with a seed, or after the rehearsal of a draw. "
        "Everything that follows is one, too, and decides nothing.\n"
    )


def test_erased_members_are_announced(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ok(commit, COMMIT)
    set_clock(monkeypatch, AFTER)
    document = json.loads((folder / "audit.json").read_text())
    position = document["tickets"][7][0]
    document["entries"][position] |= {"row": None, "secret": None}
    content = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    (folder / "audit.json").write_text(content)
    result = run(draw, "audit.json --ticket 7 --output drawn.json")
    assert result.stderr == "1 drawn people were erased: they count as drawn and withdrawn.\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("", "exactly one of"),
        ("--ticket 7 --system-randomness", "exactly one of"),
        ("--ticket 7 --public-value x", "exactly one of"),
        ("--ticket 07", "exactly the 1 digits"),
        ("--public-value x", "another kind of draw"),
        ("--ticket 7 --selected s.csv", "belong together"),
        ("--ticket 7 --respondents RULE.toml --selected RULE.toml --remaining r.csv", "never overwritten"),
        ("--ticket 7 --respondents none.csv --selected s.csv --remaining r.csv", "none.csv"),
    ],
)
def test_draws_that_are_not_clear_are_refused_and_leave_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, options: str, message: str
) -> None:
    ok(commit, COMMIT)
    set_clock(monkeypatch, AFTER)
    before = sorted(folder.iterdir())
    result = run(draw, f"audit.json {options} --output drawn.json")
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)
    assert sorted(folder.iterdir()) == before


def test_commit_refuses_and_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sorted(folder.iterdir())
    assert "belong together" in fails(commit, f"{COMMIT} --reason because", InputError)
    assert "cannot be read" in fails(commit, f"{COMMIT} --voids none.json --reason because", InputError)
    set_clock(monkeypatch, MOMENT)
    assert "has passed" in fails(commit, COMMIT, InputError)
    assert sorted(folder.iterdir()) == before


def test_voiding_is_possible_until_the_moment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ok(commit, COMMIT).strip()
    again = COMMIT.replace("public.json", "second.json").replace("audit.json", "second-audit.json")
    ok(commit, f"{again} --voids public.json --reason overlooked")
    voided = json.loads((folder / "second.json").read_text())["voided"]
    assert voided == [{"commitment": first, "reason": "overlooked"}]
    set_clock(monkeypatch, MOMENT)
    (folder / "RULE.toml").write_text(RULE.replace("2031", "2032"))
    third = again.replace("second", "third")
    assert "only drawn" in fails(commit, f"{third} --voids public.json --reason unhappy", InputError)


def test_lotteries_are_never_committed_over_others(folder: Path) -> None:
    ok(commit, COMMIT)
    content = (folder / "audit.json").read_bytes()
    assert "never overwritten" in fails(commit, COMMIT, InputError)
    assert (folder / "audit.json").read_bytes() == content


def test_an_unsound_lottery_is_not_committed(folder: Path) -> None:
    lottery = lottery_of(pool())
    entries = tuple(replace(entry, household="all") for entry in lottery.instance.entries)
    write_lottery(replace(lottery, instance=replace(lottery.instance, entries=entries)), folder / "bad.json")
    assert "not sound" in fails(commit, COMMIT.replace("lottery.json", "bad.json"), VerificationError)
    assert not (folder / "audit.json").exists()


def test_the_clock_has_a_zone() -> None:
    assert clock.now().tzinfo is not None
