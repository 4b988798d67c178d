"""Floors and ceilings that rounding has pushed a little too far still leave a point; impossible ones do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sortition.errors import SolverError
from sortition.highs import Status
from sortition.model import Quota
from sortition.monitor import Monitor
from sortition.objectives.between import Bounds, between
from sortition.polytope import Polytope
from tests.sortition.objectives.random_pools import pool

POLYTOPE = Polytope.of(pool(list("aab"), {"f": {"a": Quota(1, 1), "b": Quota(0, 1)}}, 2))
BOUNDS = Bounds(0.5, 1.0, np.array([True, True]), np.array([0.5, 0.0]), np.array([0.0, 1.0]), np.array([0, 0.5, 0]))


def test_duals_hold_classes_and_rows_exactly() -> None:
    face = between(POLYTOPE, BOUNDS, monitor=Monitor())
    assert face.lower.tolist() == face.upper.tolist() == [1.0, 1.0]
    assert (face.row_lower == face.row_upper)[:2].all()


def test_rounding_is_forgiven_by_the_least_slack() -> None:
    face = between(POLYTOPE, replace(BOUNDS, floor=0.5 + 5e-9), monitor=Monitor())
    assert face.program().solve().status is Status.OPTIMAL
    assert face.lower == pytest.approx([1.0, 0.5], abs=2e-8)
    assert face.lower[0] < face.upper[0]


def test_impossible_floor_is_a_defect() -> None:
    with pytest.raises(SolverError, match="Floor and ceiling leave no selection probabilities"):
        between(POLYTOPE, replace(BOUNDS, floor=0.6), monitor=Monitor())
