"""The exact way: a point as a mix of panels, or else the inequality that keeps it out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from sortition.arrays import FloatArray, IntArray
from sortition.decomposition.mix import Mix
from sortition.decomposition.states import PanelStates
from sortition.errors import InfeasibleQuotasError, SolverError
from sortition.highs import INFINITY, Program, Solution, Status
from sortition.monitor import Monitor
from sortition.polytope import Polytope

PRICING_TOLERANCE = 1e-8
"""A panel must beat the current face by this much (coefficients scaled to at most 1) to count as new."""
DRIFT = 1e-7
"""How far, in seats, a class may lie beside the ray: levels of leximin are held with a slack, so a target can lie that
little outside the hull. Without room for it the ray ends at once, and the master hangs on pivots of 1e-8."""
REACHED = 1e-9
"""The target counts as a mix of panels when the ray gets this close to it, relative to its length."""


@dataclass(frozen=True, slots=True)
class Pricer:
    """Panels with the largest weights·panel: quickly any good one, or the best one with proof."""

    polytope: Polytope
    program: Program

    @classmethod
    def of(cls, polytope: Polytope, monitor: Monitor) -> Pricer:
        """Return the pricer of a polytope; cuts hold for every panel, so they are left out."""
        return cls(polytope, polytope.program(integer=True, monitor=monitor))

    def good(self, weights: FloatArray) -> IntArray | None:
        """Return a panel found with little effort, or None."""
        return self._panel(self._solve(weights, node_limit=50, relative_gap=0.02))

    def best(self, weights: FloatArray) -> tuple[IntArray, float]:
        """Return a best panel, and a proven upper bound on weights·panel over all panels.

        Raises InfeasibleQuotasError if there is no panel.
        """
        solution = self._solve(weights)
        if solution.status is Status.INFEASIBLE:
            raise InfeasibleQuotasError("No panel meets the quotas with this pool.")
        panel = self._panel(solution)
        if solution.status is not Status.OPTIMAL or panel is None:
            raise SolverError("Exact pricing ended without a proof.")
        return panel, solution.bound

    def _solve(self, weights: FloatArray, *, node_limit: int | None = None, relative_gap: float = 0.0) -> Solution:
        self.program.set_cost(weights)
        return self.program.solve(node_limit=node_limit, relative_gap=relative_gap)

    def _panel(self, solution: Solution) -> IntArray | None:
        if not solution.has_point:
            return None
        panel = np.rint(solution.x).astype(np.int64)
        return panel if self.polytope.contains_panel(panel) else None


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """The inequality coefficients·x ≤ upper holds for every panel, by exact pricing, and not for the target.

    `nearest` is the mix at which the ray from the panels' mean to the target leaves their hull.
    """

    coefficients: FloatArray
    upper: float
    nearest: Mix


def mix_or_separate(
    target: FloatArray, known: IntArray, *, pricer: Pricer | PanelStates, monitor: Monitor
) -> Mix | Separation:
    """Return the target (C,) as a mix of panels, or an inequality that separates it from all panels.

    1. From the mean q of the known panels (N, C), maximise s ≤ 1 with q + s(target − q) a mix of known panels,
       but for DRIFT.
    2. If s = 1, return the mix. Otherwise the duals y say in which direction panels are missing: add one with
       a larger y·panel than the known ones, found quickly if possible, else by exact pricing.
    3. If exact pricing proves that there is none, y·x ≤ max_P y·P is valid for every panel, tight where the ray
       leaves the hull (usually a facet), and cuts off the target.

    Raises InfeasibleQuotasError if there is no panel at all, CancelledError on request.
    """
    panels = list(known) if len(known) else [pricer.best(np.zeros(len(target)))[0]]
    centre = np.mean(panels, axis=0)
    direction = target - centre
    length = float(np.abs(direction).max())
    if length < PRICING_TOLERANCE:
        return Mix(np.array(panels), np.full(len(panels), 1.0 / len(panels)))
    master = _master(panels, centre, direction)
    rows = np.arange(len(target) + 1)
    while True:
        solution = master.solve()
        if solution.status is not Status.OPTIMAL or not solution.has_point:
            raise SolverError("The ray through known panels lost feasibility.")
        reached = float(solution.x[0])
        mix = Mix(np.array(panels), solution.x[1:])
        monitor.report("exact panels", deviation=(1.0 - reached) * length, panels=len(panels))
        if reached >= 1.0 - REACHED:
            return mix
        weights = -solution.row_duals[:-1]  # weights·direction ≥ 1, so some are not 0
        weights /= float(np.abs(weights).max())
        bar = float((np.array(panels) @ weights).max())
        panel = pricer.good(weights)
        if panel is None or weights @ panel <= bar + PRICING_TOLERANCE:
            panel, bound = pricer.best(weights)
            if weights @ panel <= bar + PRICING_TOLERANCE:
                return Separation(weights, bound + PRICING_TOLERANCE, mix)
        panels.append(panel)
        master.add_column(0.0, 0.0, INFINITY, rows, np.append(panel - centre, 1.0))


def _master(panels: list[IntArray], centre: FloatArray, direction: FloatArray) -> Program:
    """Columns: s, then a weight per panel. Rows: |Σ w_P (P − q) − s (target − q)| ≤ DRIFT per class, Σ w = 1."""
    count = len(centre)
    matrix = np.zeros((count + 1, 1 + len(panels)))
    matrix[:count, 0] = -direction
    matrix[:count, 1:] = (np.array(panels) - centre).T
    matrix[count, 1:] = 1.0
    return Program(
        sparse.csr_matrix(matrix),
        np.append(np.full(count, -DRIFT), 1.0),
        np.append(np.full(count, DRIFT), 1.0),
        np.zeros(1 + len(panels)),
        np.append(1.0, np.full(len(panels), INFINITY)),
        cost=np.append(1.0, np.zeros(len(panels))),
    )
