"""Leximin over the panels themselves: slower than over the relaxation, and exact where that is not tight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from sortition.arrays import BoolArray, FloatArray, IntArray
from sortition.decomposition.mix import Mix
from sortition.errors import SolverError
from sortition.highs import INFINITY, Program, Solution, Status
from sortition.lottery import Level
from sortition.marginals import Marginals
from sortition.monitor import Monitor
from sortition.objectives.leximin import FIXING_SLACK
from sortition.polytope import Polytope

PRICING_TOLERANCE = 1e-8
"""A level is proven when no panel is worth this much more than the level's price; in probability."""

HELD_SHARE = 1e-3
"""A class is held when its dual is this large beside the largest: pricing is exact to PRICING_TOLERANCE only, so a
class with a tiny dual might still be raised; it is held at a later level instead."""

Price = Callable[[FloatArray], tuple[IntArray, float]]
"""Weights (C,) → a best panel (C,) and a proven upper bound on weights·panel."""


@dataclass(frozen=True, slots=True, eq=False)
class HullOutcome:
    """Leximin's marginals over the hull of all panels, and the mix that attains them."""

    marginals: Marginals
    mix: Mix


def leximin_over_panels(
    polytope: Polytope, known: IntArray, price: Price, *, every_level: bool = True, monitor: Monitor | None = None
) -> HullOutcome:
    """Return leximin over the convex hull of all panels, by column generation level by level.

    1. Maximise z with Σ_P w_P P_c ≥ multiplicity_c · z for every class not yet fixed, over the known panels.
    2. Price: a panel worth more than the duals' price joins; repeat until exact pricing finds none.
    3. Fix the classes with a positive dual at z, and repeat until all are fixed (or, without `every_level`,
       stop after the first: maximin).

    `known` (N, C) needs at least one panel. Each level's `bound` is the proven maximum of
    class_multipliers·panel over all panels. Classes whose upper bound is 0 are left out.
    Raises SolverError, CancelledError. Source: Flanigan et al., Nature 596 (2021), Algorithm 1.
    """
    monitor = monitor or Monitor()
    multiplicity = polytope.multiplicity.astype(float)
    panels = list(known)
    free = polytope.upper > 0
    master = _master(multiplicity, panels, free)
    levels: list[Level] = []
    rows = np.arange(len(multiplicity) + 1)
    while True:
        solution = master.solve()
        if solution.status is not Status.OPTIMAL:
            raise SolverError("A level of leximin over panels lost feasibility.")
        weights = np.maximum(-solution.row_duals[:-1], 0.0)
        panel, bound = price(weights)
        worth = float(weights @ panel)
        monitor.report("levels", bound=float(solution.x[0]), panels=len(panels), total=int(free.sum()))
        if worth > solution.row_duals[-1] + PRICING_TOLERANCE and not _known(panel, panels):
            panels.append(panel)
            master.add_column(0.0, 0.0, INFINITY, rows, np.append(panel, 1.0))
            continue
        level = _level(solution, weights, bound, multiplicity, free)
        levels.append(level)
        free[list(level.classes)] = False
        for c in level.classes:
            master.set_coefficient(c, 0, 0.0)
            master.set_row_bounds(c, multiplicity[c] * max(level.value - FIXING_SLACK, 0.0), INFINITY)
        if not free.any() or not every_level:
            mix = Mix(np.array(panels), np.maximum(solution.x[1:], 0.0))
            return HullOutcome(Marginals(mix.point / multiplicity, tuple(levels)), mix)


def _known(panel: IntArray, panels: list[IntArray]) -> bool:
    return any(np.array_equal(panel, other) for other in panels)


def _master(multiplicity: FloatArray, panels: list[IntArray], free: BoolArray) -> Program:
    """Columns: z, then a weight per panel. Rows: Σ w_P P_c − multiplicity_c z ≥ 0 per class, then Σ w = 1."""
    count = len(multiplicity)
    matrix = np.zeros((count + 1, 1 + len(panels)))
    matrix[:count, 0] = np.where(free, -multiplicity, 0.0)
    matrix[:count, 1:] = np.array(panels).T
    matrix[count, 1:] = 1.0
    return Program(
        sparse.csr_matrix(matrix),
        np.append(np.zeros(count), 1.0),
        np.append(np.full(count, INFINITY), 1.0),
        np.zeros(1 + len(panels)),
        np.append(1.0, np.full(len(panels), INFINITY)),
        cost=np.append(1.0, np.zeros(len(panels))),
    )


def _level(solution: Solution, weights: FloatArray, bound: float, multiplicity: FloatArray, free: BoolArray) -> Level:
    share = np.where(free, weights * multiplicity, 0.0)
    held = share > HELD_SHARE * share.max()
    value = float(solution.x[0])
    if value >= 1.0 - FIXING_SLACK:
        held = free.copy()
    if not held.any():
        raise SolverError("A level of leximin over panels has no positive dual.")
    return Level(
        value=value,
        classes=tuple(int(c) for c in np.flatnonzero(held)),
        class_multipliers={int(c): float(weights[c]) for c in np.flatnonzero(weights > 0)},
        row_multipliers={},
        bound=bound,
    )
