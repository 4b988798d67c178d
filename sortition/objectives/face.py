"""Which inequalities of a polytope hold with equality everywhere, and a point that meets all others strictly.

An interior-point method needs both: without them, a quota that the other quotas already force (three values whose
lower bounds sum to the panel's size, say) leaves it no interior to walk in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from sortition.arrays import BoolArray, FloatArray
from sortition.errors import InfeasibleQuotasError, SolverError
from sortition.highs import INFINITY, Program, Status
from sortition.monitor import Monitor
from sortition.polytope import Polytope

TIGHT = 1e-7
"""A slack no larger than this at every point is none: a hundred times the solver's feasibility tolerance, and far
below the tolerance of a certificate."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """The polytope as equalities and inequalities in general position: all inequalities are strict at `point`.

    Shapes: C classes. `equal`·x = `equal_value`, `at_most`·x ≤ `at_most_value`, both matrices (·, C), and
    lower ≤ x ≤ upper (C,); `lower` equals `upper` for classes whose count is the same at every point. Equalities
    may be redundant; inequalities that the bounds already imply are left out.
    """

    equal: sparse.csr_matrix
    equal_value: FloatArray
    at_most: sparse.csr_matrix
    at_most_value: FloatArray
    lower: FloatArray
    upper: FloatArray
    point: FloatArray

    @property
    def fixed(self) -> BoolArray:
        """Classes (C,) whose count is the same at every point."""
        return np.equal(self.lower, self.upper)


def maximin_program(polytope: Polytope, counted: BoolArray, monitor: Monitor) -> Program:
    """Return the program that maximises z with x_c ≥ multiplicity_c·z for the counted classes (C,).

    Columns: x per class, then z. Rows: those of the polytope with its cuts, then one per class. That z ≤ 1 follows
    from the upper bounds of x; as a bound of its own it would take the duals off the classes that prove it.
    """
    rows, row_lower, row_upper = polytope.constraints()
    count = rows.shape[1]
    sizes = sparse.csr_matrix(np.where(counted, -polytope.multiplicity, 0.0)[:, None])
    floors = sparse.hstack([sparse.csr_matrix(sparse.identity(count)), sizes])
    return Program(
        sparse.csr_matrix(sparse.vstack([sparse.hstack([rows, sparse.csr_matrix((rows.shape[0], 1))]), floors])),
        np.concatenate([row_lower, np.zeros(count)]),
        np.concatenate([row_upper, np.full(count, INFINITY)]),
        np.append(polytope.lower, 0.0),
        np.append(polytope.upper, INFINITY if counted.any() else 1.0),
        cost=np.append(np.zeros(count), 1.0),
        monitor=monitor,
    )


def find_face(polytope: Polytope, *, monitor: Monitor) -> Face:
    """Find the smallest face of the cube of bounds and rows that contains the polytope, and a point inside it.

    1. Start from a point that keeps every class as far from 0 as it can.
    2. Maximise the summed slack of all inequalities tight so far. If none gains any, they are tight everywhere.
    3. Else average the optimum in, drop those that gained, and repeat.

    Raises InfeasibleQuotasError if the polytope is empty.
    """
    equal, equal_value, at_most, at_most_value = _split(polytope)
    close = polytope.upper - polytope.lower <= TIGHT
    lower, upper = polytope.lower.copy(), np.where(close, polytope.lower, polytope.upper)
    free = ~close
    first = maximin_program(polytope, free, monitor).solve()
    if first.status is not Status.OPTIMAL:
        raise InfeasibleQuotasError("No selection probabilities meet the quotas with this pool.")
    point, found = first.x[:-1], 1
    tight_rows = at_most_value - at_most @ point <= TIGHT
    at_lower, at_upper = free & (point - lower <= TIGHT), free & (upper - point <= TIGHT)
    program = polytope.program(monitor=monitor)
    while tight_rows.any() or at_lower.any() or at_upper.any():
        program.set_cost(at_lower.astype(float) - at_upper - at_most.T @ tight_rows.astype(float))
        solution = program.solve()
        if solution.status is not Status.OPTIMAL:
            raise SolverError("A polytope lost feasibility; this is a defect of its tolerances.")
        x = solution.x
        gained = (
            tight_rows & (at_most_value - at_most @ x > TIGHT),
            at_lower & (x - lower > TIGHT),
            at_upper & (upper - x > TIGHT),
        )
        if not any(part.any() for part in gained):
            break
        point, found = (point * found + x) / (found + 1), found + 1
        tight_rows, at_lower, at_upper = tight_rows & ~gained[0], at_lower & ~gained[1], at_upper & ~gained[2]
    lower, upper = np.where(at_upper, upper, lower), np.where(at_lower, lower, upper)
    return Face(
        equal=sparse.csr_matrix(sparse.vstack([equal, at_most[tight_rows]])),
        equal_value=np.append(equal_value, at_most_value[tight_rows]),
        at_most=at_most[~tight_rows],
        at_most_value=at_most_value[~tight_rows],
        lower=lower,
        upper=upper,
        point=np.where(lower == upper, lower, point),
    )


def _split(polytope: Polytope) -> tuple[sparse.csr_matrix, FloatArray, sparse.csr_matrix, FloatArray]:
    """Split range rows into equalities and one-sided rows, without those that the bounds of the classes imply."""
    rows, low, high = polytope.constraints()
    positive, negative = rows.maximum(0), rows.minimum(0)
    least = positive @ polytope.lower + negative @ polytope.upper
    most = positive @ polytope.upper + negative @ polytope.lower
    same = low == high
    below, above = ~same & (high < most), ~same & (low > least)
    at_most = sparse.csr_matrix(sparse.vstack([rows[below], -rows[above]]))
    return rows[same], low[same], at_most, np.append(high[below], -low[above])
