"""Tables: ours against the algorithms of `groupselect`, at the same people, tables and rounds.

Run as `tables.py WHO PEOPLE ROUNDS` with our own interpreter, one plan per process; prints JSON. `groupselect` itself
is not to be had from the package index that this was made with, so LEGACY and DREAM are written here anew, from their
published descriptions (its documentation; Barrett and Gal, DREAM, arXiv:2410.21451), and are not its code. HERMES, its
third, is DREAM with a weight for each feature; at the weight 0.5 it is DREAM. Of three attempts the best counts, for
each figure by itself.
"""

from __future__ import annotations

import csv
import itertools
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sortition.tables import Person, Task, make_tables, numbered, planned_rounds

RESPONDENTS = Path(__file__).parents[2] / "data" / "respondents.csv"
FEATURES = ("Geschlecht", "Altersgruppe", "Stadtteil", "Bildungsabschluss")
UNSTATED = dict.fromkeys(("", "k. A."), "keine Angabe")
SEATS = 8
"""People at a table, at most; there are as few tables as that needs."""
LEGACY_ATTEMPTS, ATTEMPTS, PARETO = 100, 3, 0.5
"""groupselect's defaults: random restarts of LEGACY, attempts of DREAM, and its chance to choose by diversity."""

BOUNDS: list[int] = []
"""What no plan within the fair shares can exceed, as our own plans say."""
Values = list[tuple[str, ...]]
Tables = list[list[int]]
Shares = list[dict[str, float]]
Times = list[list[int]]
Exchange = Callable[[int, Tables, Values, Shares, tuple[Times, random.Random]], None]


def people(count: int) -> Values:
    """Return the values of some people of the sample city, equally spaced over the file."""
    with RESPONDENTS.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    chosen = [rows[number * len(rows) // count] for number in range(count)]
    return [tuple(UNSTATED.get(row[feature], row[feature]) for feature in FEATURES) for row in chosen]


def sizes_of(count: int) -> list[int]:
    """Return the sizes of the tables, as equal as can be, the larger ones first."""
    tables = -(-count // SEATS)
    return [count // tables + (table < count % tables) for table in range(tables)]


def ours(values: Values, rounds: int, _seed: int) -> list[Tables]:
    """Our own, with its default options."""
    members = tuple(Person(f"{n:04}", dict(zip(FEATURES, row, strict=True))) for n, row in enumerate(values))
    tables = numbered([None] * len(sizes_of(len(values))))
    task = Task(members, planned_rounds([tables] * rounds, absent=(), late=()), diverse=FEATURES)
    plan = make_tables(task)
    BOUNDS.append(plan.figures.meetings.bound)
    return [[[int(who) for who in table.people] for table in of_round] for of_round in plan.seating.rounds]


def legacy(values: Values, rounds: int, seed: int) -> list[Tables]:
    """LEGACY: greedy placement with random restarts; then the sample of rounds, of many, with the most meetings."""
    rng = random.Random(seed)  # noqa: S311  # a peer's choice, not a draw
    attempts = [[_greedy(values, rng) for _ in range(rounds)] for _ in range(LEGACY_ATTEMPTS)]
    samples = [[rng.choice(attempts)[number] for number in range(rounds)] for _ in range(LEGACY_ATTEMPTS)]
    return max(samples, key=lambda sample: len(_met(sample)))


def _greedy(values: Values, rng: random.Random) -> Tables:
    """Place people in the order of their values, ties shuffled, each where the values of the features are rarest."""
    sizes = sizes_of(len(values))
    frequent = [
        sorted(sorted({row[f] for row in values}), key=lambda v, f=f: -sum(r[f] == v for r in values))
        for f in range(len(FEATURES))
    ]
    order = list(range(len(values)))
    rng.shuffle(order)
    order.sort(key=lambda who: [frequent[f].index(value) for f, value in enumerate(values[who])])
    tables: Tables = [[] for _ in sizes]
    for who in order:
        open_tables = [t for t, size in enumerate(sizes) if len(tables[t]) < size]
        for f, value in enumerate(values[who]):
            count = {t: sum(values[other][f] == value for other in tables[t]) for t in open_tables}
            open_tables = [t for t in open_tables if count[t] == min(count.values())]
        tables[min(open_tables, key=lambda t: len(tables[t]))].append(who)
    return tables


def dream(values: Values, rounds: int, seed: int) -> list[Tables]:
    """DREAM as the package does it: an exchange is drawn among those that help, with weights."""
    return _dream(values, rounds, seed, _draw_exchange)


def best(values: Values, rounds: int, seed: int) -> list[Tables]:
    """DREAM as its documentation can be read: the best of the exchanges that do not harm, in scores over all features.

    It makes more meetings at less diverse tables than DREAM as it is.
    """
    return _dream(values, rounds, seed, _best_exchange)


def _dream(values: Values, rounds: int, seed: int, exchange: Exchange) -> list[Tables]:
    """In each round seat people at random; then let each in turn change seats with somebody if that helps."""
    rng = random.Random(seed)  # noqa: S311  # a peer's choice, not a draw
    shares = [
        {v: sum(row[f] == v for row in values) / len(values) for v in {row[f] for row in values}}
        for f in range(len(FEATURES))
    ]
    times = [[0] * len(values) for _ in values]
    plan = []
    for _ in range(rounds):
        order = list(range(len(values)))
        rng.shuffle(order)
        tables: Tables = [order[t :: len(sizes_of(len(values)))] for t in range(len(sizes_of(len(values))))]
        for who in order:
            exchange(who, tables, values, shares, (times, rng))
        for table in tables:
            for one, other in itertools.permutations(table, 2):
                times[one][other] += 1
        plan.append(tables)
    return plan


def _draw_exchange(
    who: int, tables: Tables, values: Values, shares: Shares, state: tuple[Times, random.Random]
) -> None:
    """Exchange a person with one of those by whom each feature gets better at both tables or stays as it is.

    By chance, either the gain in diversity or that in meetings (which must not get fewer) weighs who it is.
    """
    times, rng = state
    mine = next(table for table in tables if who in table)
    gains: dict[int, int] = {}
    fewer: dict[int, int] = {}
    for table in tables:
        for other in table if table is not mine else ():
            better = [_closer(f, who, other, mine, table, (values, shares)) for f in range(len(FEATURES))]
            if None not in better:
                gains[other] = sum(gain or 0 for gain in better)
                fewer[other] = _fewer(who, other, mine, table, times)
    weights = gains if rng.random() < PARETO else {other: less for other, less in fewer.items() if less >= 0}
    if not sum(weights.values()):
        return
    _change_seats(who, rng.choices(list(weights), list(weights.values()))[0], tables)


def _best_exchange(
    who: int, tables: Tables, values: Values, shares: Shares, state: tuple[Times, random.Random]
) -> None:
    """Exchange a person with the best of those with whom neither diversity nor meetings get worse, but one better."""
    times, rng = state
    mine = next(table for table in tables if who in table)
    candidates: list[tuple[float, int, int]] = []
    for table in tables:
        for other in table if table is not mine else ():
            gained = -sum(
                _moves_away(f, leaving, coming, at, (values, shares))
                for f in range(len(FEATURES))
                for leaving, coming, at in ((who, other, mine), (other, who, table))
            )
            fewer = _fewer(who, other, mine, table, times) if gained >= 0 else -1
            if fewer >= 0 and gained + fewer > 0:
                candidates.append((gained, fewer, other))
    if candidates:
        by_diversity = rng.random() < PARETO
        _change_seats(who, max(candidates, key=lambda c: (c[0], c[1]) if by_diversity else (c[1], c[0]))[2], tables)


def _moves_away(f: int, leaving: int, coming: int, table: list[int], known: tuple[Values, Shares]) -> float:
    """Return how much further a table is from the shares of a feature if one person leaves for another."""
    values, shares = known
    less, more = values[leaving][f], values[coming][f]
    off = 0.0
    for value in {less, more} if less != more else ():
        surplus = sum(values[one][f] == value for one in table) - shares[f][value] * len(table)
        off += abs(surplus + (value == more) - (value == less)) - abs(surplus)
    return off / len(table)


def _change_seats(who: int, other: int, tables: Tables) -> None:
    mine, theirs = (next(table for table in tables if one in table) for one in (who, other))
    mine[mine.index(who)], theirs[theirs.index(other)] = other, who


def _fewer(who: int, other: int, mine: list[int], theirs: list[int], times: Times) -> int:
    """Return how many repeated meetings fewer there are if two people change seats."""
    again = _again(who, mine, who, times) + _again(other, theirs, other, times)
    return again - _again(who, theirs, other, times) - _again(other, mine, who, times)


def _closer(  # noqa: PLR0917  # one feature, two people, two tables
    f: int, who: int, other: int, mine: list[int], theirs: list[int], known: tuple[Values, Shares]
) -> int | None:
    """Return 1 if a feature comes closer to its shares at both tables, 0 if it stays, None if it does not."""
    values, shares = known
    leaving, coming = values[who][f], values[other][f]
    if leaving == coming:
        return 0

    def surplus(table: list[int], value: str) -> float:
        return sum(values[one][f] == value for one in table) - shares[f][value] * len(table)

    here = surplus(mine, leaving) > 0 > surplus(mine, coming)
    there = surplus(theirs, coming) > 0 > surplus(theirs, leaving)
    return 1 if here and there else None


def _again(who: int, table: list[int], leaving: int, times: list[list[int]]) -> int:
    return sum(times[who][other] for other in table if other not in {who, leaving})


def _met(plan: Sequence[Tables]) -> set[tuple[int, int]]:
    return {pair for tables in plan for table in tables for pair in itertools.combinations(sorted(table), 2)}


def figures(plan: Sequence[Tables], values: Values) -> dict[str, float]:
    """Measure a plan, with nothing of ours: distinct meetings, the worst table, people outside fair shares."""
    worst, outside = 0.0, 0
    for tables in plan:
        for table in tables:
            for f in range(len(FEATURES)):
                off = 0.0
                for value in {row[f] for row in values}:
                    count, held = (
                        sum(row[f] == value for row in some) for some in ([values[w] for w in table], values)
                    )
                    off += abs(count / len(table) - held / len(values))
                    share = held * len(table)
                    outside += max(0, share // len(values) - count, count + (-share // len(values)))
                worst = max(worst, off / 2)
    return {"distinct": len(_met(plan)), "worst": worst, "outside": outside}


PROGRAMS: dict[str, tuple[Callable[[Values, int, int], list[Tables]], int]] = {
    "ours": (ours, 1),
    "dream": (dream, ATTEMPTS),
    "best": (best, ATTEMPTS),
    "legacy": (legacy, 1),
}


def main() -> None:
    """Make the plans of one program and print the best of each figure."""
    who, count, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    program, attempts = PROGRAMS[who]
    values = people(count)
    started = time.monotonic()
    found = [figures(program(values, rounds, seed), values) for seed in range(attempts)]
    result: dict[str, Any] = {name: min(f[name] for f in found) for name in ("worst", "outside")}
    result |= {"distinct": max(f["distinct"] for f in found), "tables": len(sizes_of(count))}
    result |= {"bound": BOUNDS[0]} if BOUNDS else {}
    sys.stdout.write(json.dumps(result | {"plan_seconds": time.monotonic() - started}) + "\n")


if __name__ == "__main__":
    main()
