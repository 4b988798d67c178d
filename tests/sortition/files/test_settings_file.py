"""A settings file of sortition-algorithms works unchanged."""

from __future__ import annotations

from pathlib import Path

import pytest

from sortition.files import FileSettings, ProblemReport, read_settings
from tests.sortition.files.support import Case, shared, texts

# As the other program writes it when there is none (version 0.12.15), shortened to its keys.
THEIRS = """
id_column = "nationbuilder_id"
check_same_address = true
check_same_address_columns = ["primary_address1", "primary_zip"]
max_attempts = 100
columns_to_keep = ["first_name", "last_name", "mobile_number", "email", "primary_address1"]
selection_algorithm = "maximin"
solver_backend = "highspy"
random_number_seed = 0
"""


def read(tmp_path: Path, text: str | bytes) -> tuple[FileSettings, list[tuple[int | None, str]]]:
    path = tmp_path / "settings.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    report = ProblemReport()
    settings = read_settings(path, report=report)
    return settings, [(problem.row, str(problem.what)) for problem in report.problems()]


def test_their_settings_are_understood(tmp_path: Path) -> None:
    settings, problems = read(tmp_path, THEIRS)
    assert problems == []
    assert settings.id_column == "nationbuilder_id"
    assert settings.household_columns == ("primary_address1", "primary_zip")
    assert settings.output_columns() == (
        *("first_name", "last_name", "mobile_number", "email", "primary_address1", "primary_zip"),
    )
    assert (settings.objective, settings.random_number_seed) == ("maximin", None)
    assert texts(settings.notes) == ["Settings without a meaning here: “max_attempts”, “solver_backend”."]
    assert settings.warnings == ()


def test_addresses_are_not_used_unless_checked(tmp_path: Path) -> None:
    settings, _ = read(tmp_path, THEIRS.replace("check_same_address = true", "check_same_address = false"))
    assert settings.household_columns == ()
    assert "primary_zip" not in settings.output_columns()


def test_they_apply_to_a_real_pool_and_options_go_before_them(tmp_path: Path) -> None:
    folder = shared("sortition-foundation-150")
    case = Case(tmp_path)
    (tmp_path / "s.toml").write_text(THEIRS)
    targets = [line.split(",") for line in (folder / "targets.csv").read_text().splitlines()]
    people = [line.split(",") for line in (folder / "respondents.csv").read_text().splitlines()]
    people[2][5] = people[1][5].upper()  # primary_address1 of two people
    people[2][8] = people[1][8]  # primary_zip
    loaded = case.load(targets, people, size=22, settings_path=tmp_path / "s.toml")
    shared_homes = [entry.id for entry in loaded.instance.entries if entry.household is not None]
    assert shared_homes == ["p0", "p1"]
    assert loaded.settings.objective == "maximin"
    options = {"id_column": "email", "household_columns": ["primary_city"]}
    loaded = case.load(targets, people, size=22, settings_path=tmp_path / "s.toml", **options)
    assert loaded.id_column == "email"
    assert {entry.household for entry in loaded.instance.entries} == {None}


def test_an_empty_file_leaves_everything_open_and_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbf") == (FileSettings(), [])


def test_unknown_keys_are_named_with_the_nearest_known_one(tmp_path: Path) -> None:
    settings, problems = read(tmp_path, 'id_colum = "x"\nzzz = 1\n')
    assert problems == []
    assert texts(settings.warnings) == [
        "The setting “id_colum” is unknown and was ignored; is it “id_column”?",
        "The setting “zzz” is unknown and was ignored.",
    ]


def test_a_fixed_seed_and_an_algorithm_not_offered_are_warned_of(tmp_path: Path) -> None:
    settings, problems = read(tmp_path, 'random_number_seed = 7\nselection_algorithm = "diversimax"\n')
    assert problems == []
    assert (settings.objective, settings.random_number_seed) == (None, 7)
    assert texts(settings.warnings) == [
        "diversimax is not offered here; the default is taken instead.",
        "The settings fix a random seed (7): good for rehearsals, not for a real draw.",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("id_column = 3", (None, "The value of “id_column” is of the wrong kind.")),
        ('id_column = ""', (None, "The value of “id_column” is of the wrong kind.")),
        ('columns_to_keep = "a"', (None, "The value of “columns_to_keep” is of the wrong kind.")),
        ("columns_to_keep = [1]", (None, "The value of “columns_to_keep” is of the wrong kind.")),
        ('check_same_address = "yes"', (None, "The value of “check_same_address” is of the wrong kind.")),
        ("random_number_seed = true", (None, "The value of “random_number_seed” is of the wrong kind.")),
        ("random_number_seed = 1.5", (None, "The value of “random_number_seed” is of the wrong kind.")),
        ('selection_algorithm = "x"', (None, "There is no selection algorithm “x”.")),
        (
            "check_same_address = true",
            (None, "The same address is to be checked, but check_same_address_columns lists no column."),
        ),
        (b"id_column = '\xfc'", (None, "The settings are not a TOML file in UTF-8.")),
        ("a = " + "[" * 100_000, (None, "The settings are not a TOML file in UTF-8.")),
    ],
)
def test_wrong_settings_are_problems(tmp_path: Path, text: str | bytes, problem: tuple[int | None, str]) -> None:
    assert read(tmp_path, text)[1] == [problem]


def test_a_slip_in_the_notation_is_reported_with_its_line(tmp_path: Path) -> None:
    ((row, what),) = read(tmp_path, 'id_column = "x"\nbroken = \n')[1]
    assert row == 2
    assert what.startswith("The settings are not valid TOML: ")


def test_an_unfinished_file_is_reported_without_line(tmp_path: Path) -> None:
    ((row, what),) = read(tmp_path, 'id_column = "x')[1]
    assert row is None
    assert what.startswith("The settings are not valid TOML: ")


def test_problems_of_the_settings_come_with_all_others(case: Case) -> None:
    assert case.problems(settings_path=case.folder / "no.toml", size=9) == [
        "The settings cannot be read: No such file or directory.",
        "The panel has 9 seats, but only 4 people registered.",
    ]


def test_columns_to_keep_must_be_in_the_file(case: Case) -> None:
    path = case.folder / "s.toml"
    path.write_text('columns_to_keep = ["name", "mail"]\n')
    assert case.problems(settings_path=path) == ["1: There is no column “mail”, which the settings keep."]
