"""Maximin: the largest possible smallest chance, and nothing more."""

from __future__ import annotations

import numpy as np

from sortition.arrays import BoolArray
from sortition.errors import InfeasibleQuotasError
from sortition.highs import Solution, Status
from sortition.lottery import Level
from sortition.marginals import Marginals
from sortition.monitor import Monitor
from sortition.objectives.between import Bounds, between
from sortition.objectives.bounds import sparse_multipliers
from sortition.objectives.face import TIGHT, find_face, maximin_program
from sortition.objectives.nash import nash_point
from sortition.polytope import Polytope


def maximin(polytope: Polytope, *, monitor: Monitor | None = None) -> Marginals:
    """Return selection probabilities in the polytope whose smallest one is as large as possible.

    1. Leave out the classes that no point contains.
    2. Maximise z with x_c ≥ multiplicity_c·z for all others.
    3. Many points reach z. Take the one with the largest Σ log π among them: unique, so that a lottery does not hang
       on the solver's path, and fairer to those above the floor than an arbitrary corner.

    The only level has the `value` z, the `classes` that hold it down, multipliers λ ≥ 0 with
    Σ_c λ_c·multiplicity_c = 1, and the duals of the rows; so z' ≤ Σ_c λ_c·x'_c ≤ `upper_bound(polytope, level)` = z
    for the smallest chance z' of any lottery.

    Shapes: one probability per class of `polytope`, in [0, 1]; classes that no point contains have 0.
    Raises InfeasibleQuotasError if the polytope is empty.
    """
    monitor = monitor or Monitor()
    monitor.report("maximin")
    counted = find_face(polytope, monitor=monitor).upper > TIGHT
    solution = largest_floor(polytope, counted, monitor=monitor)
    rows = len(polytope.labels) + len(polytope.cuts)
    bounds = Bounds(
        floor=float(solution.x[-1]),
        ceiling=1.0,
        counted=counted,
        floor_duals=np.maximum(-solution.row_duals[rows:], 0.0),
        ceiling_duals=np.zeros(len(counted)),
        row_duals=solution.row_duals[:rows],
    )
    monitor.report("maximin", bound=bounds.floor)
    x, _ = nash_point(between(polytope, bounds, monitor=monitor), monitor=monitor)
    multipliers = sparse_multipliers(bounds.floor_duals)
    level = Level(bounds.floor, tuple(multipliers), multipliers, sparse_multipliers(bounds.row_duals))
    return Marginals(x / polytope.multiplicity, (level,))


def largest_floor(polytope: Polytope, counted: BoolArray, *, monitor: Monitor) -> Solution:
    """Return the solved `maximin_program`, whose last column is the largest floor under the counted classes (C,).

    Raises InfeasibleQuotasError if the polytope is empty.
    """
    solution = maximin_program(polytope, counted, monitor).solve()
    if solution.status is not Status.OPTIMAL:
        raise InfeasibleQuotasError("No selection probabilities meet the quotas with this pool.")
    return solution
