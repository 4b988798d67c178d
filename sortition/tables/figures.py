"""How good a seating is, figure by figure, with the bound of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sortition.arrays import IntArray
from sortition.monitor import Monitor
from sortition.tables.bounds import distinct_bound, worst_table_bound
from sortition.tables.layout import NOWHERE, Layout, Value
from sortition.tables.plan import Clusters, Deviation, Diversity, Figures, Meetings, Moves
from sortition.tables.problem import Problem


def figures(problem: Problem, seats: Sequence[IntArray], *, bound: int) -> Figures:
    """Return the figures of a seating (m,) per round; `bound` is that of its meetings."""
    return Figures(
        clusters=_clusters(problem, seats),
        diversity=_diversity(problem, seats),
        meetings=_meetings(problem, seats, bound),
        moves=None if problem.task.change_of is None else _moves(problem, seats),
    )


def bound_on_meetings(problem: Problem, seats: Sequence[IntArray], *, monitor: Monitor) -> int:
    """Return how many pairs can have met at most in a plan that is at least as diverse as a seating."""
    fair = _diversity(problem, seats).deviation == 0
    sizes = _sizes(seats)
    return distinct_bound(problem.layouts, sizes, problem.values, problem.met, problem.past, fair=fair, monitor=monitor)


def bound_on_worst_table(problem: Problem, seats: Sequence[IntArray]) -> float:
    """Return how far the worst table must be from the group's make-up at least, with tables of these sizes."""
    return worst_table_bound(problem.layouts, _sizes(seats), problem.values)


def _sizes(seats: Sequence[IntArray]) -> list[list[int]]:
    return [np.bincount(of_round).tolist() for of_round in seats]


def _meetings(problem: Problem, seats: Sequence[IntArray], bound: int) -> Meetings:
    total = np.array(problem.met)
    for layout, of_round in zip(problem.layouts, seats, strict=True):
        total[np.ix_(layout.people, layout.people)] += of_round[:, None] == of_round[None, :]
    upper = np.triu_indices(len(total), 1)
    times = total[upper]
    return Meetings(
        distinct=int((times > 0).sum()),
        earlier=int((problem.met[upper] > 0).sum()),
        bound=bound,
        repeated=int(np.maximum(times - 1, 0).sum()),
        most_often=int(times.max(initial=0)),
    )


def _counts(layout: Layout, seats: IntArray, values: Sequence[Value]) -> IntArray:
    counts = np.zeros((len(layout.numbers), len(values)), dtype=np.int64)
    for column in layout.values.T:
        np.add.at(counts, (seats, column), 1)
    return counts


def _diversity(problem: Problem, seats: Sequence[IntArray]) -> Diversity:
    deviations = [
        deviation
        for number, (layout, of_round) in enumerate(zip(problem.layouts, seats, strict=True))
        for deviation in _deviations(problem, len(problem.task.kept.rounds) + number + 1, layout, of_round)
    ]
    return Diversity(
        deviation=sum(max(d.lower - d.people, d.people - d.upper) for d in deviations),
        bound=problem.bounds["deviation"],
        deviations=tuple(deviations),
        worst_table=max(
            (
                _distance(layout, of_round, problem.values)
                for layout, of_round in zip(problem.layouts, seats, strict=True)
            ),
            default=0.0,
        ),
        worst_table_bound=bound_on_worst_table(problem, seats),
    )


def _deviations(problem: Problem, number: int, layout: Layout, seats: IntArray) -> Iterator[Deviation]:
    counts = _counts(layout, seats, problem.values)
    lower, upper = layout.shares(counts.sum(axis=0), np.bincount(seats))
    for table, value in zip(*np.nonzero((counts < lower) | (counts > upper)), strict=True):
        if problem.values[value].kind == "diverse":
            yield Deviation(
                round=number,
                table=int(layout.numbers[table]),
                feature=problem.values[value].feature,
                value=problem.values[value].name,
                people=int(counts[table, value]),
                lower=int(lower[table, value]),
                upper=int(upper[table, value]),
            )


def _distance(layout: Layout, seats: IntArray, values: Sequence[Value]) -> float:
    """Return the largest distance of a table from the group's make-up in one feature, as a share of its seats."""
    counts, sizes = _counts(layout, seats, values), np.bincount(seats)
    apart = np.abs(counts / sizes[:, None] - counts.sum(axis=0) / len(seats))
    features = dict.fromkeys(value.feature for value in values if value.kind == "diverse")
    sums = [apart[:, [value.feature == feature for value in values]].sum(axis=1).max() / 2 for feature in features]
    return float(max(sums, default=0.0))


def _clusters(problem: Problem, seats: Sequence[IntArray]) -> Clusters:
    clustered = [value.kind == "cluster" for value in problem.values]
    used = sum(
        int((_counts(layout, of_round, problem.values)[:, clustered] > 0).sum())
        for layout, of_round in zip(problem.layouts, seats, strict=True)
    )
    return Clusters(tables=used, bound=problem.bounds["clusters"])


def _moves(problem: Problem, seats: Sequence[IntArray]) -> Moves:
    changed, gone, people = 0, 0, set[int]()
    for layout, of_round in zip(problem.layouts, seats, strict=True):
        moved = layout.had_seat & (of_round != layout.old)
        changed += int(moved.sum())
        gone += int((layout.had_seat & (layout.old == NOWHERE)).sum())
        people |= set(layout.people[moved].tolist())
    return Moves(seats=changed, people=len(people), bound=gone + problem.bounds["moves"])
