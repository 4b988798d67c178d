"""The options shared by check and solve reach the files as they are meant."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from sortition.cli.inputs import InputOptions, echo_remarks, input_options, load_input
from sortition.errors import InputError
from tests.sortition.files.support import RESPONDENTS, TARGETS, write_csv


@click.command()
@input_options
@click.option("--extra", default=1)
def command(inputs: InputOptions, extra: int) -> None:
    """Show what arrived."""
    loaded = load_input(inputs)
    echo_remarks(loaded)
    instance = loaded.instance
    answer = {
        "json": inputs.as_json,
        "extra": extra,
        "entries": [[e.id, dict(e.values), e.household] for e in instance.entries],
        "seats": [instance.size, sorted(instance.required), sorted(instance.excluded)],
    }
    click.echo(json.dumps(answer))


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """The options naming two valid files."""
    targets = write_csv(tmp_path / "t.csv", (*TARGETS, ("care", "yes", 0, 3)))
    people = write_csv(tmp_path / "r.csv", [(*row, care) for row, care in zip(RESPONDENTS, CARE, strict=True)])
    return ["--targets", str(targets), "--respondents", str(people), "--voluntary", "care"]


CARE = ("care", "", "yes", "k.A.", "yes")


def test_every_option_reaches_the_instance(files: list[str]) -> None:
    options = ["--size", "2", "--id-column", "name", "--household", "age", "--household", "gender", "--json"]
    seats = ["--required", "Ada", "--excluded", "Bo", "--excluded", "Cy", "--extra", "5"]
    result = CliRunner().invoke(command, [*files, *options, *seats])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["seats"] == [2, ["Ada"], ["Bo", "Cy"]]
    assert (answer["json"], answer["extra"]) == (True, 5)
    assert answer["entries"][0] == ["Ada", {"gender": "female", "age": "18-30", "care": "not_stated"}, None]


def test_remarks_go_to_standard_error(files: list[str]) -> None:
    result = CliRunner().invoke(command, [*files, "--size", "2", "--household", "age"])
    assert "Note: “id” is taken as the column of ids." in result.stderr
    assert json.loads(result.stdout)["entries"][0][2] == "h1"
    result = CliRunner().invoke(command, [*files, "--size", "2", "--household", "age", "--allow-same-household"])
    assert json.loads(result.stdout)["entries"][0][2] is None


def test_warnings_are_marked(files: list[str], tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text("random_number_seed = 3\n")
    result = CliRunner().invoke(command, [*files, "--size", "2", "--settings", str(tmp_path / "s.toml")])
    assert "Warning: The settings fix a random seed (3): good for rehearsals, not for a real draw." in result.stderr


def test_problems_are_raised_for_the_command_line_to_print(files: list[str]) -> None:
    result = CliRunner().invoke(command, [*files, "--size", "9", "--address-only", "--targets-sheet", "x"])
    assert isinstance(result.exception, InputError)
    assert result.stdout == ""


def test_a_wrong_use_is_exit_code_2(files: list[str]) -> None:
    assert CliRunner().invoke(command, files).exit_code == 2
    assert CliRunner().invoke(command, [*files, "--size", "0"]).exit_code == 2


def test_the_options_are_those_of_the_stable_command_line() -> None:
    names = {option for parameter in command.params for option in parameter.opts}
    files = {"--targets", "--respondents", "--settings", "--json"}
    assert files | {"--size", "--id-column", "--household", "--voluntary"} <= names
