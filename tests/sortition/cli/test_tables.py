"""`sortition tables` as scripts use it: exit codes, streams, the plan and the sheet."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sortition.errors import InputError
from sortition.files.people import read_people
from tests.sortition.cli.test_solve import run
from tests.sortition.files.support import texts, write_csv, write_xlsx
from tests.sortition.files.test_fuzz import TRIES, csv_bytes, csv_cells, xlsx_bytes, xlsx_cells

PEOPLE = [
    ("id", "gender", "language", "name"),
    *((f"p{n}", ("female", "Male")[n % 2], ("de", "de", "tr")[n % 3], f"N{n}") for n in range(12)),
]
RULES = 'together = [["p0", "p1"]]\napart = [["p2", "p3"]]\n[[only]]\npeople = ["p4"]\ntables = [2]\n'
LED = '[[facilitators]]\nid = "F"\n[[facilitators]]\nid = "G"\n[[facilitators]]\nid = "H"\n'
NEW = "tables --people people.csv --seconds 0.1 --output plan.json"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with people and rules, as the current one."""
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "people.csv", PEOPLE)
    (tmp_path / "rules.toml").write_text(RULES)
    return tmp_path


def document(name: str = "plan.json") -> Any:
    return json.loads(Path(name).read_text())


def refused(line: str, message: str) -> None:
    result = run(line)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_a_plan_is_written_and_told_in_words() -> None:
    result = run(f"{NEW} --tables 3 --rounds 3 --diverse gender --cluster language --constraints rules.toml")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("Distinct meetings: ")
    assert lines[1].startswith("Diversity: 0 people outside the fair shares (optimal). At the worst table ")
    assert lines[2] == "Brought together: 3 tables in all rounds (optimal)."
    assert result.stderr.splitlines() == [
        "Note: “id” is taken as the column of ids.",
        "Note: Columns that the tables do not use: “name”.",
        "plan.json holds the plan.",
    ]
    tables = [[t["people"] for t in planned["tables"]] for planned in document()["rounds"]]
    assert [sorted(who for people in planned for who in people) for planned in tables] == [
        sorted(f"p{n}" for n in range(12))
    ] * 3
    for planned in tables:
        assert "p4" in planned[1]
        assert any({"p0", "p1"} <= set(people) for people in planned)
        assert not any({"p2", "p3"} <= set(people) for people in planned)
    assert oct(Path("plan.json").stat().st_mode)[-3:] == "600"


def test_with_json_standard_output_is_the_plan() -> None:
    result = run(f"{NEW} --tables 3 --json")
    assert json.loads(result.stdout) == document()


def test_the_sheet_has_a_row_for_each_person_and_no_formula(folder: Path) -> None:
    write_csv(folder / "people.csv", [("id",), ("=1+1",), ("b",), ("c",), ("d",)])
    assert run(f"{NEW} --tables 2 --rounds 2 --late b --sheet plan.xlsx").exit_code == 0
    sheet = openpyxl.load_workbook("plan.xlsx").active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("id", "round 1", "round 2")
    assert [row[0] for row in rows[1:]] == ["=1+1", "b", "c", "d"]
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].quotePrefix
    assert rows[2][1] in {None, ""}
    assert {row[2] for row in rows[1:]} == {"1", "2"}


def test_an_output_that_exists_is_not_overwritten_and_both_or_none_appear(folder: Path) -> None:
    (folder / "plan.xlsx").write_text("mine")
    refused(f"{NEW} --tables 3 --sheet plan.xlsx", "plan.xlsx exists already and is never overwritten.")
    assert not (folder / "plan.json").exists()
    assert (folder / "plan.xlsx").read_text() == "mine"


def test_sizes_are_given_once_for_all_or_for_each_round(folder: Path) -> None:
    def sizes() -> list[list[int]]:
        found = [[len(t["people"]) for t in planned["tables"]] for planned in document()["rounds"]]
        (folder / "plan.json").unlink()
        return found

    assert run(f"{NEW} --sizes 6,4,2 --rounds 2").exit_code == 0
    assert sizes() == [[6, 4, 2]] * 2
    (folder / "rules.toml").write_text("sizes = [[6, 6], [4, 4, 4]]")
    assert run(f"{NEW} --constraints rules.toml").exit_code == 0
    assert sizes() == [[6, 6], [4, 4, 4]]
    refused(f"{NEW} --constraints rules.toml --rounds 3", "There are sizes for 2 rounds, but --rounds 3.")
    refused(f"{NEW} --constraints rules.toml --tables 3", "Give either --tables N, or the seats of each table")
    refused(NEW, "Give either --tables N, or the seats of each table")
    for wrong in ("3,x", "-1,4", "1.5", ",", "1234567"):
        refused(f"{NEW} --sizes {wrong}", "--sizes takes whole numbers between commas, such as 8,8,7.")


def test_a_plan_is_changed_and_says_who_moved() -> None:
    assert run(f"{NEW} --tables 3 --rounds 3").exit_code == 0
    first = document()["rounds"][0]["tables"][0]["people"]
    changed = "tables --people people.csv --seconds 0.1 --change-of plan.json"
    result = run(f"{changed} --absent {first[0]},{first[1]} --late p11 --output new.json --from-round 2")
    assert result.exit_code == 0
    assert result.stdout.startswith("Moved: ")
    assert document("new.json")["rounds"][0] == document()["rounds"][0]
    assert document("new.json")["figures"]["moves"]["bound"] == document("new.json")["figures"]["moves"]["seats"]
    later = [{who for t in planned["tables"] for who in t["people"]} for planned in document("new.json")["rounds"]]
    assert [len(people) for people in later] == [12, 10 - ("p11" not in first[:2]), 10]
    assert run(f"{changed} --tables 2 --output fewer.json").exit_code == 0
    assert [len(planned["tables"]) for planned in document("fewer.json")["rounds"]] == [2, 2, 2]
    assert run(f"{changed} --sizes 8,2,2 --output sized.json").exit_code == 0
    assert [len(t["people"]) for t in document("sized.json")["rounds"][2]["tables"]] == [8, 2, 2]
    refused(f"{changed} --rounds 2 --output x.json", "--rounds belongs to a new plan")
    Path("rules.toml").write_text("sizes = [[6, 6], [6, 6], [4, 4, 4]]")
    assert run(f"{changed} --constraints rules.toml --from-round 3 --output y.json").exit_code == 0
    Path("rules.toml").write_text("sizes = [[6, 6], [4, 4, 4]]")
    refused(f"{changed} --constraints rules.toml --output x.json", "There are sizes for 2 rounds, but the plan has 3.")
    refused(f"{NEW.replace('plan', 'z')} --tables 2 --from-round 2", "--from-round belongs to --change-of")


def test_many_deviations_are_cut_short_on_the_terminal() -> None:
    write_csv(Path("people.csv"), [("id", "g"), *((f"p{n:02}", "xy"[n < 24]) for n in range(48))])
    assert run(f"{NEW} --tables 12 --rounds 2").exit_code == 0
    changed = "tables --people people.csv --seconds 0 --change-of plan.json --diverse g --output new.json"
    lines = run(changed).stdout.splitlines()
    assert lines[3].startswith("  round 1, table ")
    assert lines[3].endswith("fair is 2")
    assert lines[-1].endswith(" more tables")


def test_earlier_plans_count_as_met() -> None:
    assert run(f"{NEW} --tables 3 --rounds 2").exit_code == 0
    result = run("tables --people people.csv --tables 3 --before plan.json --output b.json --seconds 0.1")
    assert result.exit_code == 0
    assert ", 33 of them before;" in result.stdout


def test_facilitators_may_be_absent() -> None:
    Path("rules.toml").write_text('language = "language"\n' + LED.replace('"H"', '"H"\nspeaks = ["tr"]'))
    line = f"{NEW} --tables 2 --constraints rules.toml --absent G"
    assert run(line).exit_code == 0
    assert {t["facilitator"] for t in document()["rounds"][0]["tables"]} == {"F", "H"}
    Path("plan.json").unlink()
    refused(f"{NEW} --tables 3 --constraints rules.toml --absent G", "There are 2 facilitators for 3 tables")


def test_unknown_ids_and_missing_files_are_input_errors() -> None:
    refused(f"{NEW} --tables 3 --absent p0,nobody", "Nobody has the id “nobody” that --absent names.")
    refused(f"{NEW} --tables 3 --late nobody", "Nobody has the id “nobody” that --late names.")
    refused(f"{NEW} --tables 3 --before no.json", "no.json cannot be read")
    refused(f"{NEW} --tables 3 --constraints no.toml", "no.toml cannot be read")
    refused(f"{NEW} --tables 3 --diverse age", "There is no column for the feature “age”.")


def test_contradictions_end_with_1_and_nothing_is_written() -> None:
    Path("rules.toml").write_text('together = [["p0", "p1"]]\napart = [["p0", "p1"]]')
    result = run(f"{NEW} --tables 3 --constraints rules.toml")
    assert (result.exit_code, Path("plan.json").exists()) == (1, False)
    assert "These rules contradict each other" in result.stderr


def test_people_are_read_with_values_spelled_as_met_first(tmp_path: Path) -> None:
    rows = [("Nr", "Geschlecht"), ("1", "weiblich"), ("2", "WEIBLICH "), ("3", "k. A."), ("4", "")]
    for path in (write_csv(tmp_path / "p.csv", rows), write_xlsx(tmp_path / "p.xlsx", rows)):
        table = read_people(path, ["geschlecht"])
        assert [(p.id, p.values["geschlecht"]) for p in table.people] == [
            ("1", "weiblich"),
            ("2", "weiblich"),
            ("3", "not_stated"),
            ("4", "not_stated"),
        ]
        assert texts(table.notes) == ["“Nr” is taken as the column of ids."]
        assert repr(table) == "PeopleTable(4 people)"


def test_problems_of_the_people_come_in_one_report(tmp_path: Path) -> None:
    write_csv(tmp_path / "people.csv", [("id", "g"), ("a", "x"), ("a", "y"), ("", "x"), ("b", "x", "more")])
    result = run(f"{NEW} --tables 2 --json")
    assert result.exit_code == 2
    assert [problem["what"] for problem in json.loads(result.stdout)["problems"]] == [
        "Row 2 already has this id.",
        "The id is blank.",
        "The row has more cells than the header.",
    ]
    write_csv(tmp_path / "people.csv", [("id", "g")])
    refused(f"{NEW} --tables 2", "There are no people below the header.")


@pytest.mark.parametrize("damage", [csv_bytes, csv_cells, xlsx_bytes, xlsx_cells])
def test_damaged_files_give_people_or_an_input_error(tmp_path: Path, damage: Any) -> None:
    rng = random.Random(damage.__name__)  # noqa: S311 - repeatable on purpose
    outcomes = {True: 0, False: 0}
    for _ in range(TRIES // 4):
        path = tmp_path / "damaged"
        path.write_bytes(damage([list(row) for row in PEOPLE], rng))
        try:
            read_people(path, rng.choice((["gender"], ["gender", "language"], [])), id_column=rng.choice((None, "id")))
            outcomes[True] += 1
        except InputError:
            outcomes[False] += 1
    if TRIES >= 100:
        assert min(outcomes.values()) > 0
