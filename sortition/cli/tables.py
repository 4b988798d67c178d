"""The command `tables`: splits those present into tables over an event's rounds, and changes such a plan."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from sortition.cli.context import JSON
from sortition.cli.outputs import NewFile, read_bytes, require_new, write_new
from sortition.cli.progress import monitored
from sortition.errors import InputError
from sortition.files import write_tables
from sortition.files.folding import shown
from sortition.files.people import read_people
from sortition.monitor import Monitor
from sortition.tables import (
    DEFAULT_SECONDS,
    Figures,
    Person,
    Plan,
    RulesFile,
    Seating,
    Task,
    changed_task,
    make_tables,
    numbered,
    parse_rules,
    plan_bytes,
    plan_document,
    planned_rounds,
    read_plan,
)
from sortition.tables.change import Seats
from sortition.tables.plan import Deviation
from sortition.tables.solve import MOST_SECONDS

DEVIATIONS_SHOWN = 20
"""Deviations from the fair share that the terminal shows; the file holds all."""

_FILE = click.Path(dir_okay=False, path_type=Path)


class _Commas(click.ParamType[tuple[str, ...]]):
    """Texts between commas."""

    name = "texts"

    def convert(self, value: object, _param: object, _ctx: object) -> tuple[str, ...]:
        """Return the texts; a default is a tuple already."""
        if isinstance(value, tuple):
            return value
        return tuple(part for part in (part.strip() for part in str(value).split(",")) if part)


@dataclasses.dataclass(frozen=True, slots=True)
class Options:
    """What the person typed; the names are those of the options."""

    people: Path
    people_sheet: str | None
    id_column: str | None
    tables: int | None
    sizes: tuple[str, ...] | None
    rounds: int | None
    diverse: tuple[str, ...]
    cluster: tuple[str, ...]
    constraints: Path | None
    before: tuple[Path, ...]
    change_of: Path | None
    from_round: int
    absent: tuple[str, ...]
    late: tuple[str, ...]


@click.command(name="tables")
@click.option("--people", type=click.Path(path_type=Path), required=True, help="Who is there: CSV or XLSX.")
@click.option("--people-sheet", metavar="SHEET", help="Sheet of the workbook.")
@click.option("--id-column", metavar="COLUMN", help="Column of the ids; guessed by default.")
@click.option("--tables", type=click.IntRange(min=1), help="Number of tables; sizes then differ by one at most.")
@click.option("--sizes", type=_Commas(), metavar="A,B,C", help="Or the seats of each table.")
@click.option("--rounds", type=click.IntRange(min=1), help="Number of rounds; 1 by default.")
@click.option("--diverse", metavar="FEATURE", multiple=True, help="Feature that every table has as the whole group.")
@click.option(
    "--cluster", metavar="FEATURE", multiple=True, help="Feature whose values sit at as few tables as possible."
)
@click.option("--constraints", type=_FILE, help="Rules (TOML): together, apart, only, facilitators, sizes of rounds.")
@click.option("--before", type=_FILE, multiple=True, help="Plan of an earlier event: those who met there have met.")
@click.option("--change-of", type=_FILE, help="Plan to change, moving as few people as possible.")
@click.option("--from-round", type=click.IntRange(min=1), default=1, help="With --change-of: the first round to come.")
@click.option("--absent", type=_Commas(), default=(), metavar="ID,ID", help="Who does not come; facilitators, too.")
@click.option("--late", type=_Commas(), default=(), metavar="ID,ID", help="Who misses the first round (to come).")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Another seed, another plan.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.0, max=MOST_SECONDS),
    default=DEFAULT_SECONDS,
    show_default=True,
    help="About how long to search at most; counted in steps, so that the same seed gives the same plan.",
)
@click.option("--output", type=_FILE, required=True, help="Where the plan goes (JSON).")
@click.option("--sheet", type=_FILE, help="Where it goes as a table of people and rounds: XLSX or CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON on standard output.")
def tables_command(
    *, seed: int, seconds: float, output: Path, sheet: Path | None, as_json: bool, **typed: object
) -> None:
    """Split people into tables: diverse, by the rules, and so that as many as possible meet."""
    click.get_current_context().meta[JSON] = as_json
    options = Options(**typed)  # type: ignore[arg-type]  # click gives the types above
    require_new([output, *([] if sheet is None else [sheet])])
    rules = RulesFile() if options.constraints is None else _rules(options.constraints)
    people = _people(options, rules)
    with monitored() as monitor:
        task = _task(options, people, rules, monitor)
        plan = make_tables(task, seconds=seconds, seed=seed, monitor=monitor)
    _write(plan, output, sheet)
    if as_json:
        click.echo(json.dumps(plan_document(plan), ensure_ascii=False, indent=2))
    else:
        Console(highlight=False, soft_wrap=True).print(Text("\n".join(sentences(plan.figures))))
    click.echo(f"{output} holds the plan.", err=True)


def _rules(path: Path) -> RulesFile:
    return parse_rules(read_bytes(path), name=path.name)


def _seating(path: Path) -> Seating:
    return read_plan(read_bytes(path), name=path.name).seating


def _people(options: Options, rules: RulesFile) -> tuple[Person, ...]:
    language = [] if rules.rules.language is None else [rules.rules.language]
    features = [*options.diverse, *options.cluster, *language]
    read = read_people(options.people, features, id_column=options.id_column, sheet=options.people_sheet)
    for note in read.notes:
        click.echo(f"Note: {note}", err=True)
    return read.people


def _task(options: Options, people: Sequence[Person], file: RulesFile, monitor: Monitor) -> Task:
    before = [_seating(path) for path in options.before]
    plan = None if options.change_of is None else _seating(options.change_of)
    known = {person.id for person in people} | (set() if plan is None else {who for r in plan.places() for who in r})
    leading = {facilitator.id for facilitator in file.rules.facilitators}
    _require_known("--absent", options.absent, known | leading)
    _require_known("--late", options.late, known)
    facilitators = tuple(f for f in file.rules.facilitators if f.id not in options.absent)
    rules = dataclasses.replace(file.rules, facilitators=facilitators)
    if plan is not None:
        return changed_task(
            people,
            plan,
            seats=_changed_seats(options, file, len(plan.rounds)),
            tables=options.tables,
            from_round=options.from_round,
            absent=options.absent,
            late=options.late,
            diverse=options.diverse,
            cluster=options.cluster,
            rules=rules,
            before=before,
            monitor=monitor,
        )
    if options.from_round != 1:
        raise InputError("--from-round belongs to --change-of; a new plan has all its rounds to come.")
    return Task(
        people=tuple(people),
        rounds=planned_rounds(_new_seats(options, file), absent=options.absent, late=options.late),
        diverse=options.diverse,
        cluster=options.cluster,
        rules=rules,
        before=tuple(before),
    )


def _require_known(option: str, ids: Collection[str], known: Collection[str]) -> None:
    for who in ids:
        if who not in known:
            raise InputError(f"Nobody has the id “{shown(who)}” that {option} names.")


def _new_seats(options: Options, file: RulesFile) -> list[Seats]:
    """Return the seats of each round, from the options or the rules file; only one of them may say."""
    listed = _listed_sizes(options, file)
    if (options.tables is None) == (not listed):
        raise InputError("Give either --tables N, or the seats of each table: --sizes, or sizes in the constraints.")
    if not listed:
        return [numbered([None] * int(options.tables or 0))] * (options.rounds or 1)
    if len(listed) > 1 and options.rounds not in {None, len(listed)}:
        raise InputError(f"There are sizes for {len(listed)} rounds, but --rounds {options.rounds}.")
    return [numbered(row) for row in (listed * (options.rounds or 1) if len(listed) == 1 else listed)]


def _changed_seats(options: Options, file: RulesFile, planned: int) -> list[Seats] | None:
    """Return the seats of each round to come where they are given anew."""
    if options.rounds is not None:
        raise InputError("--rounds belongs to a new plan; a changed one has the rounds of the plan before.")
    listed = _listed_sizes(options, file)
    if len(listed) <= 1:
        coming = planned - options.from_round + 1
        return [numbered(row) for row in listed * coming] or None
    if len(listed) != planned:
        raise InputError(f"There are sizes for {len(listed)} rounds, but the plan has {planned}.")
    return [numbered(row) for row in listed[options.from_round - 1 :]]


def _listed_sizes(options: Options, file: RulesFile) -> list[tuple[int, ...]]:
    if options.sizes is None:
        return list(file.sizes)
    if not options.sizes or not all(text.isascii() and text.isdecimal() and len(text) < 6 for text in options.sizes):
        raise InputError("--sizes takes whole numbers between commas, such as 8,8,7.")
    return [tuple(int(text) for text in options.sizes)]


def _write(plan: Plan, output: Path, sheet: Path | None) -> None:
    """Write the plan and the sheet, both or none."""
    if sheet is None:
        write_new([NewFile(output, plan_bytes(plan))])
        return
    with write_tables(sheet) as (writer,):
        for row in sheet_rows(plan.seating):
            writer.write(row)
        write_new([NewFile(output, plan_bytes(plan))])


def sheet_rows(seating: Seating) -> Iterator[list[str]]:
    """Yield the rows of the sheet: for each person, in the order of the ids, the table in each round."""
    places = seating.places()
    yield ["id", *(f"round {number}" for number in range(1, len(places) + 1))]
    for who in sorted({who for of_round in places for who in of_round}):
        yield [who, *(str(of_round.get(who, "")) for of_round in places)]


def sentences(figures: Figures) -> Iterator[str]:
    """Yield the figures in words."""
    if figures.moves is not None:
        moves = figures.moves
        yield f"Moved: {moves.people} people, {moves.seats} seats in all rounds ({_proof(moves.seats - moves.bound)})."
    meetings, diversity, clusters = figures.meetings, figures.diversity, figures.clusters
    earlier = f", {meetings.earlier} of them before" if meetings.earlier else ""
    yield (
        f"Distinct meetings: {meetings.distinct}{earlier}; at most {meetings.bound} are possible "
        f"({_proof(meetings.gap)}). Repeated: {meetings.repeated}; nobody meets the same person more than "
        f"{meetings.most_often} times."
    )
    yield (
        f"Diversity: {diversity.deviation} people outside the fair shares "
        f"({_proof(diversity.deviation - diversity.bound)}). At the worst table {diversity.worst_table:.0%} of the "
        f"seats differ from the group; {diversity.worst_table_bound:.0%} cannot be avoided."
    )
    yield from (_deviation(deviation) for deviation in diversity.deviations[:DEVIATIONS_SHOWN])
    if hidden := len(diversity.deviations[DEVIATIONS_SHOWN:]):
        yield f"  and {hidden} more tables"
    if clusters.tables:
        yield f"Brought together: {clusters.tables} tables in all rounds ({_proof(clusters.tables - clusters.bound)})."


def _proof(gap: int) -> str:
    return "optimal" if gap == 0 else f"gap {gap}"


def _deviation(found: Deviation) -> str:
    fair = str(found.lower) if found.lower == found.upper else f"{found.lower} to {found.upper}"
    what = f"{shown(found.feature)} “{shown(found.value)}”"
    return f"  round {found.round}, table {found.table}: {found.people} with {what}, fair is {fair}"


COMMAND = tables_command
