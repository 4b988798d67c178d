"""A first seating by integer programming: every rule kept, and as good as can be in all but the meetings.

Between people with the same values, rules and former table it makes no difference who sits where, so the program has
one variable per such class and table, and the people of a class are dealt at random afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from sortition.arrays import FloatArray, IntArray
from sortition.errors import SolverError
from sortition.highs import INFINITY, Program, Solution, Status
from sortition.monitor import Monitor
from sortition.tables.layout import NOWHERE, Layout, Value
from sortition.tables.task import Facilitator

NODES, FEWEST_NODES, NODE_COLUMNS = 300, 10, 60_000
"""Nodes of branch and bound per stage: so many, fewer for large programs whose nodes take long (NODE_COLUMNS shared by
the columns), but some. Nearly all stages end at the root; after the limit the bound is given instead of the proof."""
PATIENCE = 100
"""So many times more nodes are searched before it is given up that not even one seating was found."""
ROUNDED = 1e-6
"""A bound on a whole number may be rounded up, but not for what the solver's tolerance adds to it."""
HALF = 0.5
"""Room that a row on whole numbers leaves: no more of them, and no trouble with the solver's tolerance."""
STAGES = ("moves", "facilitators", "clusters", "deviation")
"""What is minimised, one after the other."""


@dataclass(frozen=True, slots=True, eq=False)
class Arrangement:
    """For each layout how many of each class sit at each table; who leads which number; the stages' proven bounds.

    `bounds` are sums over the layouts, each counted as often as rounds have it.
    """

    blocks: tuple[Block, ...]
    facilitators: Mapping[int, int]
    bounds: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Classes and tables of one layout: `class_of` (m,), and `counts` (classes, T), how many of each sit where."""

    class_of: IntArray
    counts: IntArray

    def deal(self, rng: np.random.Generator) -> IntArray:
        """Return the table of each person, those of a class dealt at random."""
        seats = np.empty(len(self.class_of), dtype=np.int64)
        for number, row in enumerate(self.counts):
            members = np.flatnonzero(self.class_of == number)
            seats[rng.permutation(members)] = np.repeat(np.arange(len(row)), row)
        return seats


@dataclass(slots=True)
class _Model:
    """Columns and rows while they are collected."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    costs: dict[str, dict[int, float]] = field(default_factory=lambda: {stage: {} for stage in STAGES})
    entries: list[tuple[int, int, float]] = field(default_factory=list)
    row_lower: list[float] = field(default_factory=list)
    row_upper: list[float] = field(default_factory=list)

    def columns(self, count: int, upper: float | Sequence[float], *, integer: bool = True) -> IntArray:
        """Add columns from 0 to `upper`, and return their numbers."""
        first = len(self.lower)
        self.lower += [0.0] * count
        self.upper += np.broadcast_to(np.asarray(upper, dtype=float), count).tolist()
        self.integer += [integer] * count
        return np.arange(first, first + count)

    def row(self, terms: Mapping[int, float], lower: float, upper: float) -> None:
        """Add lower ≤ terms ≤ upper."""
        self.entries += [(len(self.row_lower), column, value) for column, value in terms.items()]
        self.row_lower.append(lower)
        self.row_upper.append(upper)

    def program(self, monitor: Monitor) -> Program:
        """Return the program that minimises."""
        rows, columns, values = zip(*self.entries, strict=True)
        shape = (len(self.row_lower), len(self.lower))
        return Program(
            sparse.csr_matrix((values, (rows, columns)), shape=shape),
            np.array(self.row_lower),
            np.array(self.row_upper),
            np.array(self.lower),
            np.array(self.upper),
            integer=np.array(self.integer),
            maximise=False,
            monitor=monitor,
        )

    def cost(self, stage: str) -> FloatArray:
        """Return the objective of a stage."""
        cost = np.zeros(len(self.lower))
        for column, value in self.costs[stage].items():
            cost[column] = value
        return cost


def arrange(
    layouts: Sequence[Layout],
    times: Sequence[int],
    values: Sequence[Value],
    facilitators: Sequence[Facilitator],
    *,
    numbers: Sequence[int] = (),
    led: Mapping[int, str] | None = None,
    stages: Sequence[str] = STAGES,
    monitor: Monitor,
) -> Arrangement | None:
    """Return the best arrangement of some layouts that share their facilitators, or None if no tables keep the rules.

    1. Move as few people as possible away from where the plan to change has them.
    2. Then as few facilitators as possible away from the table that they led (`led`: number → id).
    3. Then bring those who share a value of a cluster feature to as few tables as possible.
    4. Then keep each value's count at each table as close as possible to the fair share, rounded either way.

    `times` says how many rounds have each layout, `numbers` which tables need a facilitator, if facilitators are given.
    With fewer `stages` the others do not count; with none, any seating that keeps the rules will do.
    Raises SolverError if neither a seating nor a contradiction is found, CancelledError.
    """
    model = _Model()
    leads = _add_facilitators(model, numbers, facilitators, led or {})
    built = [
        _add_layout(model, layout, count, values, leads, stages=stages)
        for layout, count in zip(layouts, times, strict=True)
    ]
    program, bounds = model.program(monitor), dict.fromkeys(STAGES, 0)
    costs = {stage: cost for stage in stages if (cost := model.cost(stage)).any()}
    solution = None if costs else _solved(program)
    for stage, cost in costs.items():
        program.set_cost(cost)
        solution = _solved(program)
        if solution is None:
            break
        reached = round(solution.objective)
        bounds[stage] = min(reached, int(np.ceil(solution.bound - ROUNDED)))
        columns = np.flatnonzero(cost)
        program.add_row(-INFINITY, reached + HALF, columns, cost[columns])
    if solution is None:
        return None
    x = np.rint(solution.x).astype(np.int64)
    return Arrangement(
        blocks=tuple(Block(class_of, x[columns]) for class_of, columns in built),
        facilitators={number: f for (f, number), column in leads.items() if x[column]},
        bounds=bounds,
    )


def _solved(program: Program) -> Solution | None:
    """Return a solution, optimal or the best within the limit of nodes; None if there is none.

    HiGHS's presolve calls some of these programs infeasible that are not (1.15, with facilitators and changes), so
    that verdict counts only if it comes without presolve as well.
    """
    nodes = min(NODES, max(FEWEST_NODES, NODE_COLUMNS // program.columns))
    solution = program.solve(node_limit=nodes)
    if solution.status is Status.INFEASIBLE:
        solution = program.solve(node_limit=nodes, presolve=False)
    if solution.status is Status.LIMIT and not solution.has_point:
        solution = program.solve(node_limit=PATIENCE * nodes)
    if solution.status is Status.INFEASIBLE:
        return None
    if not solution.has_point:
        raise SolverError("No tables that keep all rules were found, and no proof that there are none.")
    return solution


def _add_facilitators(
    model: _Model, numbers: Sequence[int], facilitators: Sequence[Facilitator], led: Mapping[int, str]
) -> dict[tuple[int, int], int]:
    """Add who leads which number: one facilitator for each, and at most one number for each facilitator."""
    leads: dict[tuple[int, int], int] = {}
    for position, facilitator in enumerate(facilitators):
        may = [1.0 if facilitator.tables is None or number in facilitator.tables else 0.0 for number in numbers]
        columns = model.columns(len(numbers), may)
        leads |= {(position, number): int(column) for number, column in zip(numbers, columns, strict=True)}
        model.row(dict.fromkeys(columns.tolist(), 1.0), 0.0, 1.0)
    for number in numbers:
        model.row({leads[position, number]: 1.0 for position in range(len(facilitators))}, 1.0, 1.0)
        before = next((p for p, f in enumerate(facilitators) if f.id == led.get(number)), None)
        if before is not None:
            others = (leads[position, number] for position in range(len(facilitators)) if position != before)
            model.costs["facilitators"] |= dict.fromkeys(others, 1.0)
    return leads


def _add_layout(
    model: _Model,
    layout: Layout,
    times: int,
    values: Sequence[Value],
    leads: Mapping[tuple[int, int], int],
    *,
    stages: Collection[str],
) -> tuple[IntArray, IntArray]:
    """Add one layout; return the class of each person, and the columns of each class at each table."""
    tables = len(layout.numbers)
    class_of, first = _classes(layout, stages)
    sizes = np.bincount(class_of)
    x = np.stack(
        [model.columns(tables, (size * layout.allowed[p]).tolist()) for p, size in zip(first, sizes, strict=True)]
    )
    larger = model.columns(tables, (layout.largest - layout.smallest).tolist())
    for row, size in zip(x, sizes, strict=True):
        model.row(dict.fromkeys(row.tolist(), 1.0), size, size)
    for table in range(tables):
        seats = dict.fromkeys(x[:, table].tolist(), 1.0) | {int(larger[table]): -1.0}
        model.row(seats, layout.smallest[table], layout.smallest[table])
    for number, person in enumerate(first):
        _add_moves(model, x[number], int(layout.old[person]), times)
        shunned = np.flatnonzero(layout.shunned[person])
        for table in range(tables) if len(shunned) else ():
            led = {leads[int(f), int(layout.numbers[table])]: float(sizes[number]) for f in shunned}
            model.row({int(x[number, table]): 1.0} | led, -INFINITY, sizes[number])
    _add_sets(model, layout, class_of, x)
    for number, value in enumerate(values):
        held = np.flatnonzero((layout.values[first] == number).any(axis=1))
        if value.kind == "cluster" and "clusters" in stages:
            _add_cluster(model, layout, x[held], int(sizes[held].sum()), times)
        elif value.kind == "diverse" and len(held) and "deviation" in stages:
            _add_shares(model, layout, x[held], larger, people=int(sizes[held].sum()), times=times)
    return class_of, x


def _classes(layout: Layout, stages: Collection[str]) -> tuple[IntArray, IntArray]:
    """Return each person's class, and one person of each: who is named by a set of people is a class alone.

    What no stage asks for makes no difference, so that a mere question whether there is a seating is a small one.
    """
    alone = np.zeros(len(layout.people), dtype=np.int64)
    for number, member in enumerate(m for group in (*layout.together, *layout.apart) for m in group):
        alone[member] = number + 1
    parts = [layout.allowed, layout.shunned, alone[:, None]]
    if "moves" in stages:
        parts.append(layout.old[:, None])
    if {"clusters", "deviation"} & set(stages):
        parts.append(layout.values)
    rows = np.concatenate([np.asarray(part, dtype=np.int64) for part in parts], axis=1)
    _, first, class_of = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return class_of.ravel(), first


def _add_moves(model: _Model, row: IntArray, old: int, times: int) -> None:
    if old != NOWHERE:
        model.costs["moves"] |= {int(column): float(times) for table, column in enumerate(row) if table != old}


def _add_sets(model: _Model, layout: Layout, class_of: IntArray, x: IntArray) -> None:
    for group in layout.together:
        for one, other in zip(class_of[group], class_of[group[1:]], strict=False):
            for table in range(x.shape[1]):
                model.row({int(x[one, table]): 1.0, int(x[other, table]): -1.0}, 0.0, 0.0)
    for group in layout.apart:
        for table in range(x.shape[1]):
            model.row(dict.fromkeys(x[class_of[group], table].tolist(), 1.0), -INFINITY, 1.0)


def _add_cluster(model: _Model, layout: Layout, x: IntArray, people: int, times: int) -> None:
    """Count the tables at which some of these classes sit; at least as many as the largest tables can seat them."""
    used = model.columns(x.shape[1], 1.0)
    model.costs["clusters"] |= dict.fromkeys(used.tolist(), float(times))
    for table in range(x.shape[1]):
        most = float(min(people, layout.largest[table]))
        model.row(dict.fromkeys(x[:, table].tolist(), 1.0) | {int(used[table]): -most}, -INFINITY, 0.0)
    model.row(dict.fromkeys(used.tolist(), 1.0), fewest_tables(layout, people), INFINITY)


def fewest_tables(layout: Layout, people: int) -> int:
    """Return how many of the largest tables it takes to seat so many people."""
    room = np.cumsum(np.sort(layout.largest)[::-1])
    return int(np.searchsorted(room, people)) + 1 if people else 0


def _add_shares(model: _Model, layout: Layout, x: IntArray, larger: IntArray, *, people: int, times: int) -> None:
    """Measure by how many people each table is below the floor or above the ceiling of a value's fair share."""
    count = np.array([people])
    floor, ceiling = (share[:, 0] for share in layout.shares(count, layout.smallest))
    floor_more, ceiling_more = (share[:, 0] for share in layout.shares(count, layout.smallest + 1))
    missing, surplus = (model.columns(x.shape[1], INFINITY, integer=False) for _ in range(2))
    model.costs["deviation"] |= dict.fromkeys([*missing.tolist(), *surplus.tolist()], float(times))
    for table in range(x.shape[1]):
        there = dict.fromkeys(x[:, table].tolist(), 1.0)
        size = int(larger[table])
        least = there | {int(missing[table]): 1.0, size: float(floor[table] - floor_more[table])}
        most = there | {int(surplus[table]): -1.0, size: float(ceiling[table] - ceiling_more[table])}
        model.row(least, float(floor[table]), INFINITY)
        model.row(most, -INFINITY, float(ceiling[table]))
