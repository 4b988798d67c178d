"""The command `solve`: from targets and respondents to a lottery with its certificate."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console

from sortition.cli.inputs import InputOptions, echo_remarks, input_options, load_input
from sortition.cli.outputs import require_writable
from sortition.cli.progress import monitored
from sortition.errors import InputError, NotProvenError
from sortition.lottery import Lottery
from sortition.lottery_file import write_lottery
from sortition.properties import properties, tables
from sortition.solve import DEFAULT_TICKETS, DEFAULT_TOLERANCE, LEGACY, LEXIMIN, OBJECTIVES, solve_lottery


@click.command()
@input_options
@click.option("--objective", type=click.Choice(OBJECTIVES), help="What fair means; leximin unless the settings say so.")
@click.option(
    "--tickets",
    type=click.IntRange(min=1),
    default=DEFAULT_TICKETS,
    show_default=True,
    help="Number of tickets, at least; 10000 if somebody would stand on fewer than 20.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0.0, max=1.0, min_open=True),
    default=DEFAULT_TOLERANCE,
    show_default=True,
    help="Largest deviation of anybody's chance from the proven optimum.",
)
@click.option("--seed", type=click.IntRange(min=0), help="For rehearsals only; by default it follows from the input.")
@click.option("--allow-unproven", is_flag=True, help="Write the lottery even if its fairness is not proven.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where the lottery goes."
)
def solve(
    options: InputOptions,
    *,
    objective: str | None,
    tickets: int,
    tolerance: float,
    seed: int | None,
    allow_unproven: bool,
    output: Path,
) -> None:
    """Find the lottery that is as fair as the quotas allow, and prove it."""
    require_writable(output)
    inputs = [path for path in (options.targets, options.respondents, options.settings) if path is not None]
    if output.resolve() in [path.resolve() for path in inputs]:
        raise InputError(f"{output} is one of the input files, which --output would overwrite. Choose another name.")
    loaded = load_input(options)
    echo_remarks(loaded)
    seed = loaded.settings.random_number_seed if seed is None else seed
    with monitored() as monitor:
        lottery = solve_lottery(
            loaded.instance,
            objective=objective or loaded.settings.objective or LEXIMIN,
            tickets=tickets,
            tolerance=tolerance,
            seed=seed,
            monitor=monitor,
        )
    require_proof(lottery, allow_unproven=allow_unproven)
    write_lottery(lottery, output)
    found = properties(lottery)
    if options.as_json:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    else:
        Console(highlight=False).print(tables(found))
    if lottery.rehearsal:
        click.echo("A seed was given: this lottery is a REHEARSAL and says so in every document.", err=True)
    click.echo(f"{output} holds the lottery. Commit it next: sortition commit {output} …", err=True)


def require_proof(lottery: Lottery, *, allow_unproven: bool) -> None:
    """Raise NotProvenError unless the lottery is proven, never promised to be (legacy), or allowed as it is."""
    if lottery.certificate.proven or allow_unproven or lottery.objective == LEGACY:
        return
    raise NotProvenError(
        "A lottery was found, but not the proof that it is as fair as the quotas allow "
        f"(gap {lottery.certificate.gap:.1e}). --allow-unproven writes it all the same."
    )


COMMAND = solve
