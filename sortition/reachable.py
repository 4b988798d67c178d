"""Who can be selected at all: the classes that at least one panel contains."""

from __future__ import annotations

import numpy as np

from sortition.arrays import BoolArray, FloatArray, IntArray
from sortition.errors import SolverError
from sortition.highs import Solution
from sortition.monitor import Monitor
from sortition.polytope import Polytope

NARROW_WIDTH = 80
"""Classes left free in the first, small program; 80 found panels fastest on pools with 64 to 1,276 classes."""
GOOD_ENOUGH = 0.5
"""A panel worth half of the linear bound is taken: proving it best costs more than looking for the next one."""
CHEAPEST = 0.5
"""Smallest objective coefficient of a class still looked for, so an objective below it means: none is there."""
MARGIN = 1e-6
"""Far above the solver's feasibility tolerance (1e-9), far below the distance of two integer objectives."""


def reachable_classes(polytope: Polytope, *, monitor: Monitor | None = None) -> BoolArray:
    """Return which classes at least one panel contains, shape (C,).

    Every panel found clears all its classes, so few panels are needed:

    1. Maximise a random weight over the classes not yet found, over the relaxation. A value below the smallest
       weight proves that none of them can be on a panel.
    2. Leave free only the classes with the smallest reduced costs, and take the first panel worth half of that.
    3. When this finds nothing new, free twice as many; when all are free, drop what the relaxation alone rules out,
       class by class, and let the exact program find a panel with any of the others, or prove that none exists.

    All classes are unreachable if no panel exists. Deterministic: weights come from the instance's own seed.
    Raises CancelledError when the monitor asks to stop.
    """
    return _Search(polytope, monitor or Monitor()).run()


class _Search:
    """The classes found so far, those still open, and the two programs that decide about them."""

    def __init__(self, polytope: Polytope, monitor: Monitor) -> None:
        self._polytope = polytope
        self._monitor = monitor
        self._columns: IntArray = np.arange(len(polytope.members))
        self._found = np.zeros(len(polytope.members), dtype=bool)
        self._open = polytope.upper > 0
        self._screened = False
        self._linear = polytope.program(monitor=monitor)
        self._exact = polytope.program(integer=True, monitor=monitor)
        self._random = np.random.default_rng(polytope.instance.seed())

    def run(self) -> BoolArray:
        width = NARROW_WIDTH
        while self._open.any():
            self._monitor.report("reachable", panels=int(self._found.sum()), total=len(self._found))
            weights = np.where(self._open, self._random.uniform(CHEAPEST, 1.0, len(self._open)), 0.0)
            self._linear.set_cost(weights)
            relaxed = self._linear.solve()
            if not relaxed.has_point or relaxed.objective < CHEAPEST - MARGIN:
                break
            if width < len(self._columns):
                if not self._accept(self._narrow_panel(relaxed, weights, width)):
                    width *= 2
            elif not self._screened:
                self._screen()
            elif not self._accept(self._any_panel()):
                break
        return self._found

    def _narrow_panel(self, relaxed: Solution, weights: FloatArray, width: int) -> Solution:
        """Round the relaxation's point: fractional classes and those with the smallest reduced costs are free."""
        fractional = np.abs(relaxed.x - np.round(relaxed.x)) > MARGIN
        order = np.argsort(np.where(fractional, -1.0, np.abs(relaxed.column_duals)), kind="stable")[:width]
        lower = np.round(relaxed.x)
        upper = lower.copy()
        lower[order], upper[order] = self._polytope.lower[order], self._polytope.upper[order]
        self._exact.set_column_bounds(self._columns, lower, upper)
        self._exact.set_cost(weights)
        return self._exact.solve(relative_gap=GOOD_ENOUGH, target=GOOD_ENOUGH * relaxed.objective)

    def _screen(self) -> None:
        """Close the open classes that cannot have one whole seat even in the relaxation."""
        self._screened = True
        for number in np.flatnonzero(self._open):
            self._linear.set_cost((self._columns == number).astype(float))
            if self._linear.solve().objective < 1 - MARGIN:
                self._open[number] = False

    def _any_panel(self) -> Solution:
        """Return a panel with any open class, or the proof that none exists."""
        self._exact.set_column_bounds(self._columns, self._polytope.lower, self._polytope.upper)
        self._exact.set_cost(self._open.astype(float))
        return self._exact.solve(target=CHEAPEST)

    def _accept(self, panel: Solution) -> bool:
        """Clear the panel's classes; whether any of them is new."""
        if not panel.has_point:
            return False
        counts = np.round(panel.x).astype(np.int64)
        if not self._polytope.contains_panel(counts):
            raise SolverError("The solver's panel does not meet the quotas when counted.")
        if not (self._open & (counts > 0)).any():
            return False
        self._found |= counts > 0
        self._open &= ~self._found
        return True
