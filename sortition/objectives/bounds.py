"""The linear-programming duality behind every certificate: no point of the polytope weighs more than its bound."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sortition.arrays import FloatArray
from sortition.errors import InfeasibleQuotasError
from sortition.highs import Status
from sortition.lottery import Level
from sortition.monitor import Monitor
from sortition.polytope import Polytope

MULTIPLIER_THRESHOLD = 1e-12
"""Multipliers below this are the solver's noise and left out of the certificate; the bound stays valid without them."""


def upper_bound(polytope: Polytope, level: Level) -> float:
    """Return a number that Σ_c λ_c·x_c exceeds at no point x of the polytope, from the multipliers of a level.

    λ = `level.class_multipliers` weighs the seats x_c of class c (not chances: π_c = x_c / multiplicity_c), and
    y = `level.row_multipliers` the rows, cuts numbered after them. With the reduced weight ρ_c = λ_c − Σ_r y_r·A_rc,

        Σ_c λ_c·x_c ≤ Σ_r y_r·b_r + Σ_c ρ_c·d_c,

    where b_r is the row's upper bound if y_r > 0 and its lower one if y_r < 0, and d_c the class's upper bound if
    ρ_c > 0 and its lower one if ρ_c < 0. This holds for *any* y, so checking it needs no trust in the solver: only
    sums. Cuts have no lower bound: a negative multiplier on one is the solver's noise, and taken as 0.
    """
    rows, row_lower, row_upper = polytope.constraints()
    y = _with_possible_signs(polytope, _dense(level.row_multipliers, rows.shape[0]))
    weights = _dense(level.class_multipliers, rows.shape[1])
    reduced = weights - rows.T @ y
    sides = np.where(y > 0, row_upper, row_lower)
    used = y != 0
    ends = np.where(reduced > 0, polytope.upper, polytope.lower)
    return float(y[used] @ sides[used] + reduced @ ends)


def best_level(
    polytope: Polytope, weights: FloatArray, value: float, classes: tuple[int, ...], monitor: Monitor
) -> Level:
    """Return the level whose multipliers prove the largest weight Σ_c weights_c·x_c over the polytope.

    `weights` (C,) is usually the gradient of a concave objective at its optimum x*: the bound then equals weights·x*,
    so nothing in the polytope improves the objective even to first order. Raises InfeasibleQuotasError.
    """
    solution = polytope.program(cost=weights, monitor=monitor).solve()
    if solution.status is not Status.OPTIMAL:
        raise InfeasibleQuotasError("No selection probabilities meet the quotas with this pool.")
    return Level(
        value=value,
        classes=classes,
        class_multipliers=sparse_multipliers(weights),
        row_multipliers=sparse_multipliers(_with_possible_signs(polytope, solution.row_duals)),
    )


def _with_possible_signs(polytope: Polytope, duals: FloatArray) -> FloatArray:
    """Return the duals without negative ones on cuts, which would make the bound infinite."""
    duals = duals.copy()
    duals[len(polytope.labels) :] = np.maximum(duals[len(polytope.labels) :], 0.0)
    return duals


def _dense(multipliers: Mapping[int, float], length: int) -> FloatArray:
    dense = np.zeros(length)
    for position, multiplier in multipliers.items():
        dense[position] = multiplier
    return dense


def sparse_multipliers(multipliers: FloatArray) -> dict[int, float]:
    """Return {position: multiplier} without the solver's noise."""
    return {int(i): float(multipliers[i]) for i in np.flatnonzero(np.abs(multipliers) > MULTIPLIER_THRESHOLD)}
