"""Leximin: raise the smallest chance as far as possible, then the second smallest, and so on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from sortition.arrays import BoolArray, FloatArray, IntArray
from sortition.errors import InfeasibleQuotasError, SolverError
from sortition.highs import INFINITY, Program, Solution, Status
from sortition.lottery import Level
from sortition.marginals import Marginals
from sortition.monitor import Monitor
from sortition.polytope import Polytope

FIXING_SLACK = 1e-9
"""How far below its level a class is held: ten times the solver's feasibility tolerance, so that the next program
stays feasible. A slack of 1e-6 leaks up to 0.05 into the top levels."""
DUAL_THRESHOLD = 1e-7
"""Duals of a level sum to 1; a class counts as bound by the level above this share."""
LEAK = 3e-6
"""How far the slacks of many levels may have moved a value or, per seat, a row."""
EXACT = 1e-11
"""How well the solved values keep every row."""


def leximin(polytope: Polytope, *, monitor: Monitor | None = None) -> Marginals:
    """Return the selection probabilities whose sorted vector is lexicographically largest.

    1. Maximise z with x_c ≥ multiplicity_c · z for every class c not yet fixed.
    2. Fix at z − FIXING_SLACK the classes whose constraint has a positive dual: they are at z in every optimum.
    3. Repeat until all are fixed.
    4. Now every class has a level and the tight rows are known: solve for the levels' values exactly.

    Shapes: one probability per class of `polytope`, in [0, 1]; classes whose upper bound is 0 have 0.
    Raises InfeasibleQuotasError if the relaxation is empty.
    Source: Flanigan et al., Nature 596 (2021), Algorithm 1, over the relaxation instead of the panels.
    """
    monitor = monitor or Monitor()
    free = polytope.upper > 0
    x = np.zeros(len(polytope.members))
    levels: list[Level] = []
    program = _program(polytope, free, monitor)
    while free.any():
        solution = program.solve()
        if solution.status is not Status.OPTIMAL:
            if levels:
                raise SolverError("A level of leximin lost feasibility; this is a defect of its tolerances.")
            raise InfeasibleQuotasError("No selection probabilities meet the quotas with this pool.")
        value, x = float(solution.x[-1]), solution.x[:-1]
        level = _level(polytope, solution, free, value)
        levels.append(level)
        free[list(level.classes)] = False
        _fix(program, polytope, level)
        monitor.report("leximin", bound=value)
    return _polished(
        polytope, Marginals(np.clip(x, polytope.lower, polytope.upper) / polytope.multiplicity, tuple(levels))
    )


def _program(polytope: Polytope, free: BoolArray, monitor: Monitor) -> Program:
    """Columns: x per class, then z. Rows: those of the polytope, its cuts, then one per class."""
    count = len(polytope.members)
    floor = sparse.hstack(
        [sparse.identity(count, format="csr"), sparse.csr_matrix(-np.where(free, polytope.multiplicity, 0.0)[:, None])]
    )
    rows, lower, upper = polytope.constraints()
    quotas = sparse.hstack([rows, sparse.csr_matrix((len(lower), 1))])
    return Program(
        sparse.csr_matrix(sparse.vstack([quotas, floor])),
        np.concatenate([lower, np.zeros(count)]),
        np.concatenate([upper, np.full(count, INFINITY)]),
        np.append(polytope.lower, 0.0),
        np.append(polytope.upper, INFINITY),
        cost=np.append(np.zeros(count), 1.0),
        monitor=monitor,
    )


def _offset(polytope: Polytope) -> int:
    return len(polytope.labels) + len(polytope.cuts)


def _level(polytope: Polytope, solution: Solution, free: BoolArray, value: float) -> Level:
    """Read the classes held down, and the multipliers that prove it, off the duals."""
    offset = _offset(polytope)
    class_duals = -solution.row_duals[offset:]
    row_duals = solution.row_duals[:offset]
    held = free & (class_duals * polytope.multiplicity > DUAL_THRESHOLD)
    if not held.any():
        raise SolverError("A level of leximin has no positive dual; the program is numerically degenerate.")
    return Level(
        value=value,
        classes=tuple(int(c) for c in np.flatnonzero(held)),
        class_multipliers={int(c): float(class_duals[c]) for c in np.flatnonzero(class_duals > 0)},
        row_multipliers={int(r): float(row_duals[r]) for r in np.flatnonzero(row_duals)},
    )


def _fix(program: Program, polytope: Polytope, level: Level) -> None:
    offset, z = _offset(polytope), len(polytope.members)
    for c in level.classes:
        program.set_coefficient(offset + c, z, 0.0)
        program.set_row_bounds(offset + c, float(polytope.multiplicity[c]) * (level.value - FIXING_SLACK), INFINITY)


def _polished(polytope: Polytope, marginals: Marginals) -> Marginals:
    """Return the marginals with the values of the levels solved for, free of what the slacks leaked.

    Every class is at the value of its level (equal levels are one), so the rows that are tight are linear equations
    over a few dozen values. The solution closest to the values found is taken, if it is as close as slacks can leak
    and keeps all rows; if not, tight rows were guessed wrong and the marginals stay as they are.
    """
    if not marginals.levels:
        return marginals
    group, start = _distinct_values(marginals)
    spread = np.zeros((len(polytope.members), len(start)))
    for level, number in zip(marginals.levels, group, strict=True):
        spread[list(level.classes), number] = polytope.multiplicity[list(level.classes)]
    rows, lower, upper = polytope.constraints()
    below = np.abs(rows @ (marginals.probabilities * polytope.multiplicity) - lower)
    above = np.abs(rows @ (marginals.probabilities * polytope.multiplicity) - upper)
    tight = np.minimum(below, above) < LEAK * polytope.instance.size
    certain = np.abs(start - 1.0) < LEAK
    by_level = rows @ spread
    equations = np.vstack([by_level[tight], np.eye(len(start))[certain]])
    wanted = np.concatenate([np.where(below < above, lower, upper)[tight], np.ones(int(certain.sum()))])
    change = np.linalg.lstsq(equations, wanted - equations @ start, rcond=1e-10)[0]
    exact = start + change
    totals = by_level @ exact
    keeps_rows = bool(np.all(totals >= lower - EXACT) and np.all(totals <= upper + EXACT))
    if np.abs(change).max() > 10 * LEAK or not keeps_rows or exact.max() > 1.0 + EXACT:
        return marginals
    levels = tuple(
        replace(level, value=float(exact[number])) for level, number in zip(marginals.levels, group, strict=True)
    )
    return Marginals((spread @ exact) / polytope.multiplicity, levels)


def _distinct_values(marginals: Marginals) -> tuple[IntArray, FloatArray]:
    """Return the number of each level's value, shape (levels,), and the distinct values, ascending."""
    values = np.array([level.value for level in marginals.levels])
    order = np.argsort(values, kind="stable")
    group = np.empty(len(values), dtype=np.int64)
    group[order] = np.cumsum(np.diff(values[order], prepend=values[order[0]]) > LEAK)
    return group, np.bincount(group, weights=values) / np.bincount(group)
