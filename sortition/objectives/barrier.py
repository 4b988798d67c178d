"""A primal-dual interior-point method for Σ weights·log x over a polytope."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.linalg import qr
from scipy.sparse.linalg import splu

from sortition.arrays import FloatArray, IntArray
from sortition.errors import SolverError
from sortition.monitor import Monitor
from sortition.objectives.face import Face

MAXIMUM_ITERATIONS = 200
"""Usual are 15 to 40; more means that the method cycles."""
COMPLEMENTARITY = 1e-18
"""Mean product of slack and multiplier at which to stop, relative to the mean gradient. Where an inequality is only
just not needed, the error of x is the root of this: still below 1e-8 per person."""
RESIDUAL = 1e-9
"""Largest gradient left over, relative to the mean gradient."""
STALLED_COMPLEMENTARITY, STALLED_RESIDUAL = 1e-11, 1e-8
"""What is good enough once rounding keeps iterations from halving the first."""
PATIENCE = 4
"""Iterations in a row that do not halve it, after which it is rounding that keeps them."""
STEP = 0.995
"""Share of the way to the boundary that a step may go."""
REGULARISATION = 1e-13
"""Added to the diagonal of the normal equations, as a share of it: rows whose classes are all at a bound make them
singular in floating point. It changes the steps, not where they lead."""
SHORT = 0.2
"""A step that can go no further than this is not worth it."""
LEAST_SLACK = 0.1
"""Slack of a row in seats, at the start."""
DEPENDENT = 1e-9
"""Equalities whose pivot is below this share of the first one follow from the others."""


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """Maximise weights·log x with equal·x = equal_value, at_most·x ≤ at_most_value, sign·x[index] ≤ bound."""

    weights: FloatArray
    equal: sparse.csr_matrix
    equal_value: FloatArray
    at_most: sparse.csr_matrix
    at_most_value: FloatArray
    index: IntArray
    sign: FloatArray
    bound: FloatArray
    floor: FloatArray
    ceiling: FloatArray

    def spread(self, values: FloatArray) -> FloatArray:
        """Add values given per bound up per column."""
        total = np.zeros(len(self.weights))
        np.add.at(total, self.index, values)
        return total


def maximise_log(face: Face, weights: FloatArray, *, monitor: Monitor) -> FloatArray:
    """Return the x (C,) of a face that maximises Σ weights_c·log x_c over the classes that are not fixed.

    Mehrotra's predictor and corrector on the Karush-Kuhn-Tucker conditions

        weights/x = equalᵀ·v + at_mostᵀ·λ + bounds' multipliers,  slack·multiplier → 0.

    The Hessian is diagonal, so that each step solves a system with one row per quota, household and cut only.
    Accuracy about 1e-9 per coordinate. Source: Mehrotra, SIAM J. Optim. 2 (1992); Boyd and Vandenberghe, section 11.7.
    Raises SolverError if it does not converge, CancelledError when the monitor asks to stop.
    """
    free = np.flatnonzero(~face.fixed)
    x = face.point.copy()
    if free.size:
        x[free] = _solve(_reduce(face, free, weights), face.point[free], monitor)
    return x


def _reduce(face: Face, free: IntArray, weights: FloatArray) -> _Problem:
    """Take the fixed classes out of the rows, and rows out that are left empty or follow from others."""
    constant = np.where(face.fixed, face.point, 0.0)
    equal, equal_value = _independent(face.equal[:, free], face.equal_value - face.equal @ constant)
    at_most = sparse.csr_matrix(face.at_most[:, free])
    used = np.diff(at_most.indptr) > 0
    has_lower, numbers = face.lower[free] > 0, np.arange(len(free))
    return _Problem(
        weights=weights[free],
        equal=equal,
        equal_value=equal_value,
        at_most=at_most[used],
        at_most_value=(face.at_most_value - face.at_most @ constant)[used],
        index=np.concatenate([numbers, numbers[has_lower]]),
        sign=np.concatenate([np.ones(len(free)), -np.ones(int(has_lower.sum()))]),
        bound=np.concatenate([face.upper[free], -face.lower[free][has_lower]]),
        floor=face.lower[free],
        ceiling=face.upper[free],
    )


def _independent(equal: sparse.csr_matrix, value: FloatArray) -> tuple[sparse.csr_matrix, FloatArray]:
    """Keep as many equalities as are linearly independent."""
    if not equal.shape[0]:
        return equal, value
    triangle, order = qr(equal.toarray().T, mode="r", pivoting=True)
    pivots = np.abs(np.diagonal(triangle))
    rank = int((pivots > DEPENDENT * max(1.0, pivots[0])).sum())
    kept = np.sort(order[:rank])
    return equal[kept], value[kept]


@dataclass(slots=True, eq=False)
class _Iterate:
    """x and its gradient, the slacks of rows and bounds, the multipliers of all; or a step in them."""

    x: FloatArray
    gradient: FloatArray
    row_slack: FloatArray
    row_dual: FloatArray
    bound_slack: FloatArray
    bound_dual: FloatArray
    equal_dual: FloatArray

    def complementarity(self) -> float:
        """Return the mean product of slack and multiplier."""
        total = self.row_slack @ self.row_dual + self.bound_slack @ self.bound_dual
        return float(total / (len(self.row_slack) + len(self.bound_slack)))

    def plus(self, step: _Iterate, length: float) -> _Iterate:
        """Go along a step."""
        return _Iterate(*(getattr(self, name) + length * getattr(step, name) for name in _Iterate.__slots__))

    def longest(self, step: _Iterate) -> float:
        """Return how far a step may go, at most 1, with all but the multipliers of equalities staying non-negative."""
        length = 1.0
        for name in _Iterate.__slots__[:-1]:
            value, change = getattr(self, name), getattr(step, name)
            down = change < 0
            if down.any():
                length = min(length, float((value[down] / -change[down]).min()))
        return length


@dataclass(slots=True, eq=False)
class _Targets:
    """By how much the products x·gradient, row slack·multiplier and bound slack·multiplier shall change."""

    x: FloatArray
    row: FloatArray
    bound: FloatArray


def _solve(problem: _Problem, inside: FloatArray, monitor: Monitor) -> FloatArray:
    at, before, slow = _start(problem, inside), np.inf, 0
    for _ in range(MAXIMUM_ITERATIONS):
        monitor.check()
        newton, mean, scale = _Newton(problem, at), at.complementarity(), float(at.gradient.mean())
        slow = slow + 1 if mean > 0.5 * before else 0
        if mean <= COMPLEMENTARITY * scale and newton.residual <= RESIDUAL * scale:
            break
        if slow >= PATIENCE and mean <= STALLED_COMPLEMENTARITY * scale and newton.residual <= STALLED_RESIDUAL * scale:
            break
        step = _cautious(problem, at, newton) if slow else _predicted(problem, at, newton)
        at, before = at.plus(step, min(1.0, STEP * at.longest(step))), mean
    else:
        raise SolverError("The interior-point method did not converge; this is a defect of its tolerances.")
    return at.x


def _predicted(problem: _Problem, at: _Iterate, newton: _Newton) -> _Iterate:
    """Predict how far the products can fall at once, and aim there; Mehrotra's step."""
    affine = newton.step(_targets(problem, at, 0.0))
    length, mean = at.longest(affine), at.complementarity()
    share = at.plus(affine, length).complementarity() / mean
    return newton.step(_targets(problem, at, mean * share**3, affine, length))


def _cautious(problem: _Problem, at: _Iterate, newton: _Newton) -> _Iterate:
    """Aim a little lower, or where that leads into a wall, only for the middle: Mehrotra's step can go in circles."""
    mean = at.complementarity()
    step = newton.step(_targets(problem, at, 0.2 * mean))
    return step if at.longest(step) >= SHORT else newton.step(_targets(problem, at, mean))


def _start(problem: _Problem, inside: FloatArray) -> _Iterate:
    """Start with equal chances, away from all bounds, and all products equal.

    The rows may be missed at first: Newton's steps mend it.
    """
    x = problem.weights * (inside.sum() / problem.weights.sum())
    room = 0.1 * np.minimum(problem.ceiling - problem.floor, x)
    x = np.clip(x, problem.floor + room, problem.ceiling - room)
    mean = problem.weights.mean()
    row_slack = np.maximum(problem.at_most_value - problem.at_most @ x, LEAST_SLACK)
    bound_slack = problem.bound - problem.sign * x[problem.index]
    return _Iterate(
        x=x,
        gradient=problem.weights / x,
        row_slack=row_slack,
        row_dual=mean / row_slack,
        bound_slack=bound_slack,
        bound_dual=mean / bound_slack,
        equal_dual=np.zeros(problem.equal.shape[0]),
    )


def _targets(
    problem: _Problem, at: _Iterate, mean: float, affine: _Iterate | None = None, length: float = 1.0
) -> _Targets:
    """Products of slack and multiplier shall become `mean`; the affine step corrects for the second order."""
    targets = _Targets(
        problem.weights - at.x * at.gradient,
        mean - at.row_slack * at.row_dual,
        mean - at.bound_slack * at.bound_dual,
    )
    if affine is not None:
        targets.x -= length**2 * affine.x * affine.gradient
        targets.row -= length**2 * affine.row_slack * affine.row_dual
        targets.bound -= length**2 * affine.bound_slack * affine.bound_dual
    return targets


class _Newton:
    """The Newton system at an iterate, factorised once for predictor and corrector."""

    def __init__(self, problem: _Problem, at: _Iterate) -> None:
        self._problem, self._at = problem, at
        self._rows = sparse.csr_matrix(sparse.vstack([problem.equal, problem.at_most]))
        self._inverse = 1.0 / (at.gradient / at.x + problem.spread(at.bound_dual / at.bound_slack))
        corner = np.append(np.zeros(problem.equal.shape[0]), at.row_slack / at.row_dual)
        normal = self._rows @ sparse.diags(self._inverse) @ self._rows.T + sparse.diags(corner)
        normal += REGULARISATION * sparse.diags(normal.diagonal())
        self._factor = splu(sparse.csc_matrix(normal)) if self._rows.shape[0] else None
        self._dual = (
            self._rows.T @ np.append(at.equal_dual, at.row_dual)
            + problem.spread(problem.sign * at.bound_dual)
            - at.gradient
        )
        self._equal = problem.equal @ at.x - problem.equal_value
        self._row = problem.at_most @ at.x + at.row_slack - problem.at_most_value
        self._bound = problem.sign * at.x[problem.index] + at.bound_slack - problem.bound
        self.residual = float(np.abs(self._dual).max() + np.abs(at.gradient - problem.weights / at.x).max())

    def step(self, targets: _Targets) -> _Iterate:
        """Solve for the step that changes the products by the targets, to first order, and meets all equations."""
        problem, at = self._problem, self._at
        by_bounds = (targets.bound + at.bound_dual * self._bound) / at.bound_slack
        downhill = targets.x / at.x - self._dual - problem.spread(problem.sign * by_bounds)
        right = np.append(self._equal, self._row + targets.row / at.row_dual)
        right += self._rows @ (self._inverse * downhill)
        dual = self._factor.solve(right) if self._factor is not None else np.empty(0)
        x = self._inverse * (downhill - self._rows.T @ dual)
        bound_slack = -self._bound - problem.sign * x[problem.index]
        return _Iterate(
            x=x,
            gradient=(targets.x - at.gradient * x) / at.x,
            row_slack=-self._row - problem.at_most @ x,
            row_dual=dual[problem.equal.shape[0] :],
            bound_slack=bound_slack,
            bound_dual=(targets.bound - at.bound_dual * bound_slack) / at.bound_slack,
            equal_dual=dual[: problem.equal.shape[0]],
        )
