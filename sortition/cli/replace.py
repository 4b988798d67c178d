"""The command `replace`: solve the lottery that fills vacated seats from the remaining pool."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from sortition.cli.commit import FILE, echo_rehearsal
from sortition.cli.outputs import read_bytes, require_new
from sortition.cli.progress import monitored
from sortition.cli.solve import require_proof
from sortition.errors import InfeasibleQuotasError
from sortition.feasibility.relaxations import Relaxation
from sortition.lottery_file import write_lottery
from sortition.protocol.documents import parse_audit, parse_drawn
from sortition.replacement import replacement_instance, replacement_relaxations, solve_replacement


@click.command()
@click.option("--audit", required=True, type=FILE, help="Audit document of the last commitment.")
@click.option("--drawn", required=True, type=FILE, help="Result of its draw.")
@click.option("--out", required=True, metavar="ID[,ID...]", help="Members who leave; others leave the pool.")
@click.option("--output", required=True, type=FILE, help="Where the lottery goes (JSON), to be committed next.")
@click.option("--relax", is_flag=True, help="If the quotas cannot hold, make the smallest change of them, and say so.")
@click.option("--allow-unproven", is_flag=True, help="Write the lottery even if its fairness is not proven.")
def replace(*, audit: Path, drawn: Path, out: str, output: Path, relax: bool, allow_unproven: bool) -> None:
    """Fill the seats of members who left, by a lottery over the remaining pool and the quotas of the whole panel."""
    require_new([output])
    before = parse_audit(read_bytes(audit), name=audit.name)
    result = parse_drawn(read_bytes(drawn), name=drawn.name)
    if before["public"]["rehearsal"]:
        echo_rehearsal(f"the lottery of {audit} is one.")
    elif result["rehearsal"]:
        echo_rehearsal(f"{drawn} was drawn with system randomness.")
    instance = replacement_instance(before, result, [name.strip() for name in out.split(",") if name.strip()])
    try:
        with monitored() as monitor:
            solved = solve_replacement(before, result, instance, relax=relax, monitor=monitor)
    except InfeasibleQuotasError:
        _show(replacement_relaxations(before, instance))
        raise
    require_proof(solved.lottery, allow_unproven=allow_unproven)
    write_lottery(solved.lottery, output)
    for change in solved.relaxation.changes if solved.relaxation else ():
        click.echo(f"Relaxed: {change.message}", err=True)
    seats = instance.size - len(instance.required)
    click.echo(
        f"{output} fills {seats} of {instance.size} seats; chances are conditional on this stage. Commit it next, with "
        "the same draw rule, before the next moment fixed for replacements.",
        err=True,
    )


def _show(relaxations: Iterable[Relaxation]) -> None:
    click.echo("The vacated seats cannot be filled within the quotas. Smallest changes that help:", err=True)
    for number, relaxation in enumerate(relaxations, start=1):
        click.echo(f"{number}. " + " ".join(str(change.message) for change in relaxation.changes), err=True)
    click.echo("--relax makes the first one.", err=True)


COMMAND = replace
