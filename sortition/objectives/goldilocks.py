"""Goldilocks: nobody's chance too small, nobody's too large."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from sortition.arrays import BoolArray, FloatArray, IntArray
from sortition.errors import SolverError
from sortition.highs import INFINITY, Program, Solution, Status
from sortition.lottery import Level
from sortition.marginals import Marginals
from sortition.monitor import Monitor
from sortition.objectives.between import Bounds, between
from sortition.objectives.bounds import sparse_multipliers
from sortition.objectives.face import TIGHT, find_face
from sortition.objectives.maximin import largest_floor
from sortition.objectives.nash import nash_point
from sortition.polytope import Polytope

GAMMA = 1.0
"""Weight of the smallest against the largest chance; 1 in the paper."""
GAP = 1e-10
"""Largest distance of the ceiling from its supporting lines at the optimum; the lines are exact but for rounding."""


def goldilocks(polytope: Polytope, *, gamma: float = GAMMA, monitor: Monitor | None = None) -> Marginals:
    """Return selection probabilities that bound both the smallest and the largest chance.

    1. Find the floor L and the ceiling U of the chances that minimise U·n/k + γ·(k/n)/L, for n persons and k seats,
       see `best_bounds`.
    2. Of the probabilities between them take the ones with the largest Σ log π: unique.

    Seats settled beforehand and classes that no point contains count neither for L and U nor for n and k.

    The only level has the `value` L. Its multipliers are those of the objective made linear at the optimum:
    `class_multipliers` λ_c − ω_c with λ ≥ 0 on classes at the floor, ω ≥ 0 on classes at the ceiling,
    Σ λ_c·multiplicity_c = γ·(k/n)/L² and Σ ω_c·multiplicity_c = n/k. With B = `upper_bound(polytope, level)` every
    lottery has U'·n/k + γ·(k/n)/L' ≥ 2·γ·(k/n)/L − B, which is the objective reached.

    Shapes: one probability per class of `polytope`, in [0, 1]; classes that no point contains have 0.
    Raises InfeasibleQuotasError if the polytope is empty, ValueError unless γ is positive.
    Source: Baharav and Flanigan, Fair, Manipulation-Robust, and Transparent Sortition, EC 2024.
    """
    if not gamma > 0:
        raise ValueError(f"gamma must be positive, not {gamma}.")
    monitor = monitor or Monitor()
    monitor.report("goldilocks")
    bounds = best_bounds(polytope, gamma=gamma, monitor=monitor)
    x, _ = nash_point(between(polytope, bounds, monitor=monitor), monitor=monitor)
    weights = bounds.floor_duals - bounds.ceiling_duals
    classes = tuple(int(c) for c in np.flatnonzero(weights))
    level = Level(bounds.floor, classes, sparse_multipliers(weights), sparse_multipliers(bounds.row_duals))
    return Marginals(x / polytope.multiplicity, (level,))


def best_bounds(polytope: Polytope, *, gamma: float = GAMMA, monitor: Monitor) -> Bounds:
    """Return the floor L and the ceiling U that minimise U·n/k + γ·(k/n)/L over the polytope; both are unique.

    The smallest possible ceiling is a convex, piecewise linear function of the floor. Each linear program at a fixed
    floor gives a line that supports it; where the objective over all lines so far is smallest, the next one is asked.
    As there are finitely many pieces, this ends with the exact optimum.

    Raises InfeasibleQuotasError if the polytope is empty.
    """
    counted = (find_face(polytope, monitor=monitor).upper > TIGHT) & (polytope.lower < polytope.upper)
    nothing = np.zeros(len(counted))
    if not counted.any():
        return Bounds(1.0, 1.0, counted, nothing, nothing, np.zeros(len(polytope.labels) + len(polytope.cuts)))
    ratio = _ratio(polytope, counted)
    weight, highest = gamma / ratio**2, float(largest_floor(polytope, counted, monitor=monitor).x[-1])
    program = _program(polytope, counted, monitor)
    program.set_cost(np.append(nothing, [0.0, 1.0]))
    column = np.array([len(counted)])
    slopes, intercepts, floor = np.empty(0), np.empty(0), highest
    while True:
        ceiling, slope = _ceiling(program, column, floor)
        monitor.report("goldilocks", bound=floor)
        if len(slopes) and ceiling <= (intercepts + slopes * floor).max() + GAP:
            break
        slopes, intercepts = np.append(slopes, slope), np.append(intercepts, ceiling - slope * floor)
        floor = _lowest(slopes, intercepts, weight, highest)
    program.set_cost(np.append(nothing, [-weight / floor**2 * ratio, ratio]))
    program.set_column_bounds(column, np.array([0.0]), np.array([INFINITY]))
    return _proven(polytope, counted, floor, ceiling, program.solve())


def _ceiling(program: Program, column: IntArray, floor: float) -> tuple[float, float]:
    """Return the smallest ceiling at a floor, and by how much it rises with the floor."""
    program.set_column_bounds(column, np.array([floor]), np.array([floor]))
    solution = program.solve()
    if solution.status is not Status.OPTIMAL:
        raise SolverError("The smallest ceiling above a feasible floor was not found.")
    return float(solution.objective), max(float(solution.column_duals[column[0]]), 0.0)


def _proven(polytope: Polytope, counted: BoolArray, floor: float, ceiling: float, solution: Solution) -> Bounds:
    """Read the duals off the program with the objective made linear at its optimum."""
    rows = len(polytope.labels) + len(polytope.cuts)
    floors, ceilings = solution.row_duals[rows:].reshape(2, -1)
    floor_duals, ceiling_duals = np.zeros((2, len(counted)))
    floor_duals[counted], ceiling_duals[counted] = np.maximum(floors, 0.0), np.maximum(-ceilings, 0.0)
    return Bounds(floor, ceiling, counted, floor_duals, ceiling_duals, -solution.row_duals[:rows])


def _ratio(polytope: Polytope, counted: BoolArray) -> float:
    """n/k: counted persons per seat that is not settled beforehand."""
    seats = polytope.instance.size - polytope.lower[~counted].sum()
    return float(polytope.multiplicity[counted].sum() / seats)


def _lowest(slopes: FloatArray, intercepts: FloatArray, weight: float, highest: float) -> float:
    """Return the floor in (0, highest] that minimises max(intercepts + slopes·floor) + weight/floor.

    It lies where one line's own minimum is, where two lines cross, or at the end.
    """
    rising = slopes > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        crossings = ((intercepts - intercepts[:, None]) / (slopes[:, None] - slopes)).ravel()
    floors: FloatArray = np.concatenate([np.sqrt(weight / slopes[rising]), np.array([highest]), crossings])
    floors = floors[np.isfinite(floors) & (floors > 0) & (floors <= highest)]
    values = (intercepts + slopes * floors[:, None]).max(axis=1) + weight / floors
    return float(floors[values.argmin()])


def _program(polytope: Polytope, counted: BoolArray, monitor: Monitor) -> Program:
    """Return a program to minimise over x per class, then L, then U, with L ≤ chance ≤ U for the counted classes."""
    rows, row_lower, row_upper = polytope.constraints()
    numbers: IntArray = np.flatnonzero(counted)
    pick = sparse.csr_matrix(sparse.identity(len(counted), format="csr")[numbers])
    sizes = sparse.csr_matrix(polytope.multiplicity[numbers].astype(float)[:, None])
    nothing = sparse.csr_matrix(sizes.shape)
    matrix = sparse.vstack(
        [
            sparse.hstack([rows, sparse.csr_matrix((rows.shape[0], 2))]),
            sparse.hstack([pick, -sizes, nothing]),
            sparse.hstack([pick, nothing, -sizes]),
        ]
    )
    zero, endless = np.zeros(len(numbers)), np.full(len(numbers), INFINITY)
    return Program(
        sparse.csr_matrix(matrix),
        np.concatenate([row_lower, zero, -endless]),
        np.concatenate([row_upper, endless, zero]),
        np.append(polytope.lower, [0.0, 0.0]),
        np.append(polytope.upper, [INFINITY, INFINITY]),
        maximise=False,
        monitor=monitor,
    )
