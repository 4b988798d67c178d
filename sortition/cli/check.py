"""The command `check`: can any panel meet the quotas, and if not, why and what would help."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import click
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from sortition.cli.inputs import InputOptions, echo_remarks, input_options, load_input
from sortition.cli.progress import monitored
from sortition.feasibility import CheckReport, Conflict, Relaxation, UnreachableGroup, check
from sortition.model import Instance
from sortition.monitor import Monitor

FEASIBLE, NOT_FEASIBLE = 0, 1
REASONS_SHOWN = 10
"""A conflict of more rules than a person can weigh up is cut short on the terminal."""


@click.command(name="check")
@input_options
def check_command(options: InputOptions) -> None:
    """Say whether the quotas can be met, if not why and what to change, and who can never be drawn."""
    loaded = load_input(options)
    echo_remarks(loaded)
    with monitored() as monitor:
        sys.exit(run_check(loaded.instance, as_json=options.as_json, monitor=monitor))


def run_check(instance: Instance, *, as_json: bool, monitor: Monitor | None = None) -> int:
    """Check an instance, print the report on stdout (text or JSON), and return the exit code: 0 feasible, 1 not."""
    report = check(instance, monitor=monitor)
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
    else:
        Console(highlight=False).print(render(report))
    return FEASIBLE if report.feasible else NOT_FEASIBLE


def render(report: CheckReport) -> Group:
    """Return the report as lines for a terminal."""
    lines = _feasible(report) if report.feasible else _infeasible(report)
    return Group(*lines)


def _heading(text: str, style: str = "bold") -> Text:
    return Text(text, style=style)


def _bullet(text: object, depth: int = 1) -> Padding:
    return Padding(Text(f"• {text}"), (0, 0, 0, 2 * depth), expand=False)


def _feasible(report: CheckReport) -> Iterator[RenderableType]:
    yield _heading(f"Feasible: panels of {report.size} can be drawn from {report.entries} people.", "bold green")
    if not report.unreachable and not report.unexplained:
        yield Text("Everyone in the pool who may be drawn can be selected.")
        return
    yield Text()
    yield _heading("Some people can never be selected:", "bold yellow")
    for group in report.unreachable:
        yield from _group(group)
    if report.unexplained:
        yield _bullet(f"{report.unexplained} more.")


def _group(group: UnreachableGroup) -> Iterator[RenderableType]:
    yield _bullet(group.message)
    yield from _conflict(group.conflict, depth=2)
    if group.changes:
        yield _bullet("Any one of these changes would let them in:", 2)
        for change in group.changes:
            yield _bullet(change.message, 3)
    elif group.relaxation is not None:
        yield _bullet("These changes together would let them in:", 2)
        for change in group.relaxation.changes:
            yield _bullet(change.message, 3)
    else:
        yield _bullet("No change of the quotas would let them in.", 2)


def _conflict(conflict: Conflict, depth: int) -> Iterator[RenderableType]:
    yield _bullet(conflict.headline, depth)
    for reason in conflict.reasons[:REASONS_SHOWN]:
        yield _bullet(reason, depth + 1)
    if hidden := len(conflict.reasons[REASONS_SHOWN:]):
        yield _bullet(f"And {hidden} more; --json lists them all.", depth + 1)


def _infeasible(report: CheckReport) -> Iterator[RenderableType]:
    yield _heading(
        f"Not feasible: no panel of {report.size} from these {report.entries} people meets the quotas.", "bold red"
    )
    yield Text()
    yield _heading("Why")
    for problem in report.problems:
        yield _bullet(problem.message)
    for conflict in report.conflicts:
        yield from _conflict(conflict, depth=1)
    yield Text()
    yield _heading("What to change")
    yield from _relaxations(report.relaxations)
    yield Text()
    yield _heading("Or whom to invite")
    if report.additions is None:
        yield _bullet("No number of further registrations helps; the quotas or the size have to change.")
    else:
        yield _bullet(report.additions.message)


def _relaxations(relaxations: tuple[Relaxation, ...]) -> Iterator[RenderableType]:
    if not relaxations:
        yield _bullet("No change of the quotas helps; it is the pool, its households or the seats already given.")
    elif not relaxations[0].within_flex:
        yield _bullet("Nothing within min_flex and max_flex helps. The smallest change beyond them:")
    for number, found in enumerate(relaxations, start=1):
        yield _bullet(f"Choice {number}:")
        for change in found.changes:
            yield _bullet(change.message, 2)


COMMAND = check_command
