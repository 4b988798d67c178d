"""The part of a polytope where the chances lie between a floor and a ceiling that are already the best possible."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from sortition.arrays import BoolArray, FloatArray
from sortition.errors import SolverError
from sortition.highs import Status
from sortition.monitor import Monitor
from sortition.polytope import Polytope

SLACKS = (0.0, 1e-12, 1e-10, 1e-8)
"""How far below the best floor and above the best ceiling to stay, so that the solver's rounding leaves a point; the
least that does is taken."""
POSITIVE_DUAL = 1e-7
"""A dual above this share of the largest one marks a constraint that is tight at every optimum."""


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """The best floor and ceiling under the chances of the counted classes, and the duals that prove them.

    Shapes: C classes, R + K rows and cuts: `counted` (C,), `floor_duals` and `ceiling_duals` (C,) not negative,
    `row_duals` (R + K,). A class or row with a dual is tight at every optimum, so it can be held there exactly.
    """

    floor: float
    ceiling: float
    counted: BoolArray
    floor_duals: FloatArray
    ceiling_duals: FloatArray
    row_duals: FloatArray


def between(polytope: Polytope, bounds: Bounds, *, monitor: Monitor) -> Polytope:
    """Return the polytope in which the chances of the counted classes lie between floor and ceiling.

    Raises SolverError if rounding leaves it no point.
    """
    for candidate in _candidates(polytope, bounds):
        if candidate.program(monitor=monitor).solve().status is Status.OPTIMAL:
            return candidate
    raise SolverError("Floor and ceiling leave no selection probabilities; this is a defect of their tolerances.")


def _candidates(polytope: Polytope, bounds: Bounds) -> Iterator[Polytope]:
    """Yield first the exact face, without which rounding makes it thin instead of flat; then ever thicker ones."""
    yield _hold(_clip(polytope, bounds, 0.0), bounds)
    for slack in SLACKS:
        yield _clip(polytope, bounds, slack)


def _clip(polytope: Polytope, bounds: Bounds, slack: float) -> Polytope:
    least = np.clip(polytope.multiplicity * (bounds.floor - slack), polytope.lower, polytope.upper)
    most = np.clip(polytope.multiplicity * (bounds.ceiling + slack), least, polytope.upper)
    return replace(
        polytope,
        lower=np.where(bounds.counted, least, polytope.lower),
        upper=np.where(bounds.counted, most, polytope.upper),
    )


def _hold(polytope: Polytope, bounds: Bounds) -> Polytope:
    """Hold everything that has a dual where it is tight."""
    at_floor, at_ceiling = _marked(bounds.floor_duals), _marked(bounds.ceiling_duals)
    row_duals = bounds.row_duals[: len(polytope.labels)]
    marked = _marked(np.abs(row_duals))
    return replace(
        polytope,
        lower=np.where(at_ceiling & ~at_floor, polytope.upper, polytope.lower),
        upper=np.where(at_floor, polytope.lower, polytope.upper),
        row_lower=np.where(marked & (row_duals > 0), polytope.row_upper, polytope.row_lower),
        row_upper=np.where(marked & (row_duals < 0), polytope.row_lower, polytope.row_upper),
    )


def _marked(duals: FloatArray) -> BoolArray:
    return duals > POSITIVE_DUAL * max(float(duals.max(initial=0.0)), POSITIVE_DUAL)
