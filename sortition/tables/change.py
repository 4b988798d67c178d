"""The rounds of a new plan, and of one that has to change: somebody does not come or comes late, a table is missing."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Collection, Mapping, Sequence

from sortition.errors import InputError, SortitionError
from sortition.monitor import Monitor
from sortition.tables.conflicts import contradiction
from sortition.tables.plan import Seating, Table
from sortition.tables.problem import arranged
from sortition.tables.task import Person, Round, Rules, Task

Seats = Mapping[int, int | None]
"""The seats of each table by its number, None for as many as needed."""

MOST_CHOICES = 1_000
"""Ways to choose the tables that are missing, above which somebody has to say which."""


def numbered(seats: Sequence[int | None]) -> dict[int, int | None]:
    """Return tables numbered from 1."""
    return dict(enumerate(seats, start=1))


def planned_rounds(seats: Sequence[Seats], *, absent: Collection[str], late: Collection[str]) -> tuple[Round, ...]:
    """Return rounds in which some people are absent, and others miss the first one."""
    return tuple(
        Round(dict(tables), frozenset(absent) | (frozenset(late) if position == 0 else frozenset()))
        for position, tables in enumerate(seats)
    )


def changed_task(
    people: Sequence[Person],
    plan: Seating,
    *,
    seats: Sequence[Seats] | None = None,
    tables: int | None = None,
    from_round: int = 1,
    absent: Collection[str] = (),
    late: Collection[str] = (),
    diverse: Sequence[str] = (),
    cluster: Sequence[str] = (),
    rules: Rules | None = None,
    before: Sequence[Seating] = (),
    monitor: Monitor | None = None,
) -> Task:
    """Return the task that moves as few people as possible away from where a plan has them.

    Rounds before `from_round` are over and stay as they are; late people miss that round only. `people` are all who
    take part from then on or are named as absent; whom the plan does not seat gets a seat. `seats` replaces the seats
    of each round to come; `tables` is the number of tables: if fewer, those are taken away whose absence moves the
    fewest, if more, they get the next numbers.
    Raises InputError if a part does not fit the plan, InfeasibleRulesError if no tables keep the rules.
    """
    if not 1 <= from_round <= len(plan.rounds):
        raise InputError(f"The plan has {len(plan.rounds)} rounds; it cannot be changed from round {from_round} on.")
    coming = Seating(plan.rounds[from_round - 1 :])
    if seats is not None and len(seats) != len(coming.rounds):
        raise InputError(f"There are {len(coming.rounds)} rounds to come, but seats for {len(seats)}.")
    rules = rules or Rules()

    def task(of_rounds: Sequence[Seats]) -> Task:
        return Task(
            people=tuple(people),
            rounds=planned_rounds(of_rounds, absent=absent, late=late),
            diverse=tuple(diverse),
            cluster=tuple(cluster),
            rules=rules,
            before=tuple(before),
            kept=Seating(plan.rounds[: from_round - 1]),
            change_of=coming,
        )

    as_before = seats or [_seats(tables_of_round) for tables_of_round in coming.rounds]
    numbers = sorted({number for of_round in as_before for number in of_round})
    if tables is not None and tables < 1:
        raise InputError("There must be at least one table.")
    if tables is None or tables == len(numbers):
        return task(as_before)
    if tables < len(numbers):
        return _without_tables(task(as_before), len(numbers) - tables, monitor or Monitor())
    more = dict.fromkeys(range(numbers[-1] + 1, numbers[-1] + 1 + tables - len(numbers)))
    return task([{**of_round, **more} for of_round in as_before])


def _seats(tables: Sequence[Table]) -> dict[int, int | None]:
    """Return the seats that a round of a plan shows: as many as needed if its tables are even, else those taken."""
    sizes = {table.number: len(table.people) for table in tables}
    even = max(sizes.values()) - min(sizes.values()) <= 1
    return {number: None if even else size for number, size in sizes.items()}


def _without_tables(task: Task, missing: int, monitor: Monitor) -> Task:
    """Return the task without so many tables, those whose absence moves the fewest people over all rounds.

    All who sit at a missing table move, so that choices of tables with more people than the best one moves in all need
    not be tried. The tables of a restriction, and those that may be led, are chosen like any other.
    """
    places = [] if task.change_of is None else task.change_of.places()
    choices = list(itertools.islice(itertools.combinations(task.table_numbers, missing), MOST_CHOICES + 1))
    if len(choices) > MOST_CHOICES:
        raise InputError("There are too many ways to choose the missing tables; give the seats of each table instead.")

    def seated(choice: Collection[int]) -> int:
        ids = {person.id for person in task.people}
        return sum(
            number in choice and who in ids and who not in planned.absent
            for planned, of_round in zip(task.rounds, places, strict=True)
            for who, number in of_round.items()
        )

    best: tuple[int, Task] | None = None
    refused: SortitionError | None = None
    for choice in sorted(choices, key=lambda choice: (seated(choice), choice)):
        if best is not None and seated(choice) >= best[0]:
            break
        try:
            fewer = _closed(task, choice)
        except InputError as error:  # a rule names none of the tables that are left, or their seats do not suffice
            refused = error
            continue
        problem = arranged(fewer, stages=("moves",), monitor=monitor)
        if problem is None:
            refused = contradiction(fewer, monitor=monitor) if refused is None else refused
        elif best is None or seated(choice) + problem.bounds["moves"] < best[0]:
            best = seated(choice) + problem.bounds["moves"], fewer
    if best is not None:
        return best[1]
    assert refused is not None  # noqa: S101  # some tables are missing, so there was a choice
    raise refused


def _closed(task: Task, choice: Collection[int]) -> Task:
    rounds = tuple(
        dataclasses.replace(planned, tables={n: seats for n, seats in planned.tables.items() if n not in choice})
        for planned in task.rounds
    )
    return dataclasses.replace(task, rounds=rounds)
