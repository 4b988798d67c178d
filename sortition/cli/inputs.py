"""The options that say what to draw from, shared by `check` and `solve`, and how they become an instance."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import click

from sortition.cli.context import JSON
from sortition.files import LoadedInput, Shares, load_instance
from sortition.model import Quotas
from sortition.shares import quotas_from_shares

P = ParamSpec("P")
R = TypeVar("R")

_FILE = click.Path(path_type=Path)  # whether it can be read is told in the report, with all other problems


@dataclass(frozen=True, slots=True)
class InputOptions:
    """What the person typed; the names are those of the options."""

    targets: Path
    respondents: Path
    size: int
    settings: Path | None
    id_column: str | None
    household: tuple[str, ...]
    address_only: bool
    allow_same_household: bool
    voluntary: tuple[str, ...]
    required: tuple[str, ...]
    excluded: tuple[str, ...]
    targets_sheet: str | None
    respondents_sheet: str | None
    share_tolerance: int
    as_json: bool


_OPTIONS = (
    click.option("--targets", type=_FILE, required=True, help="Features, values and quotas: CSV or XLSX."),
    click.option("--respondents", type=_FILE, required=True, help="The people who registered: CSV or XLSX."),
    click.option("--size", type=click.IntRange(min=1), required=True, help="Number of seats on the panel."),
    click.option("--settings", type=_FILE, help="Settings (TOML) as sortition-algorithms has them."),
    click.option("--id-column", metavar="COLUMN", help="Column of the ids; guessed by default."),
    click.option(
        "--household",
        metavar="COLUMN",
        multiple=True,
        help="Column that tells who lives together, or the columns of the address (then the surname counts as well).",
    ),
    click.option(
        "--address-only", is_flag=True, help="The address alone, without the surname, tells who lives together."
    ),
    click.option("--allow-same-household", is_flag=True, help="Several people of one household may be drawn."),
    click.option("--voluntary", metavar="FEATURE", multiple=True, help="Feature that people need not state."),
    click.option("--required", metavar="ID", multiple=True, help="Person who is on every panel."),
    click.option("--excluded", metavar="ID", multiple=True, help="Person who is on no panel."),
    click.option("--targets-sheet", metavar="SHEET", help="Sheet of the targets workbook."),
    click.option("--respondents-sheet", metavar="SHEET", help="Sheet of the respondents workbook."),
    click.option(
        "--share-tolerance",
        metavar="SEATS",
        type=click.IntRange(min=0),
        default=1,
        show_default=True,
        help="If the targets are population shares: how many seats a quota may lie around its share.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output."),
)


def input_options(command: Callable[Concatenate[InputOptions, P], R]) -> Callable[P, R]:
    """Give a command all input options; it gets them as its first argument, an `InputOptions`."""

    @functools.wraps(command)
    def with_inputs(*args: P.args, **kwargs: P.kwargs) -> R:
        typed = {field.name: kwargs.pop(field.name) for field in fields(InputOptions)}
        return command(InputOptions(**typed), *args, **kwargs)  # type: ignore[arg-type]  # click gives the types above

    wrapped: Callable[P, R] = with_inputs
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def load_input(options: InputOptions) -> LoadedInput:
    """Read the files that the options name; raises ProblemsError with everything that is wrong with them."""
    click.get_current_context().meta[JSON] = options.as_json

    def from_shares(shares: Shares, size: int) -> Quotas:
        return quotas_from_shares(shares, size, unit="fraction", tolerance_seats=options.share_tolerance).quotas

    return load_instance(
        options.targets,
        options.respondents,
        size=options.size,
        settings_path=options.settings,
        id_column=options.id_column,
        household_columns=options.household,
        address_only=options.address_only,
        one_per_household=not options.allow_same_household,
        voluntary=options.voluntary,
        required=options.required,
        excluded=options.excluded,
        targets_sheet=options.targets_sheet,
        respondents_sheet=options.respondents_sheet,
        quotas_from_shares=from_shares,
    )


def echo_remarks(loaded: LoadedInput) -> None:
    """Print what was assumed and what should be looked at to standard error."""
    for note in loaded.notes:
        click.echo(f"Note: {note}", err=True)
    for warning in loaded.warnings:
        click.echo(f"Warning: {warning}", err=True)
