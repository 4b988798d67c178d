"""Points as mixes of panels, or the inequality that keeps them out."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sortition.decomposition import decompose as module
from sortition.decomposition import rays
from sortition.decomposition.decompose import decompose
from sortition.decomposition.face import PanelFinder
from sortition.decomposition.mix import Mix
from sortition.decomposition.rays import Pricer, Separation, mix_or_separate
from sortition.decomposition.states import PanelStates
from sortition.errors import CancelledError, InfeasibleQuotasError, SolverError
from sortition.highs import Program, Solution, Status
from sortition.monitor import Monitor
from sortition.objectives.leximin import leximin
from sortition.polytope import Polytope
from tests.sortition.oracle import class_panels, pool, tight_pool

SMALLEST = Polytope.of(pool(["000", "011", "101", "110"], [{"0": (0, 2), "1": (0, 1)}] * 3, 2))
NOBODY = np.empty((0, 4), dtype=np.int64)


def ways(polytope: Polytope, target: np.ndarray) -> list[Mix | Separation]:
    known = np.empty((0, len(target)), dtype=np.int64)
    pricer, states = Pricer.of(polytope, Monitor()), PanelStates.of(polytope, Monitor())
    assert states is not None
    return [
        *(
            decompose(polytope, target, known, pricer=either, rng=np.random.default_rng(0), monitor=Monitor())
            for either in (pricer, states)
        ),
        mix_or_separate(target, known, pricer=pricer, monitor=Monitor()),
    ]


@settings(max_examples=30)
@given(st.integers(0, 60), st.integers(0, 2**32))
def test_every_mix_of_panels_is_found_to_be_one(seed: int, weights: int) -> None:
    polytope = Polytope.of(tight_pool(seed, people=12, features=3, size=4))
    panels = class_panels(polytope)
    target = np.random.default_rng(weights).dirichlet(np.full(len(panels), 0.4)) @ panels
    for outcome in ways(polytope, target):
        assert isinstance(outcome, Mix)
        assert outcome.point == pytest.approx(target, abs=3e-7)
        assert all(polytope.contains_panel(panel) for panel in outcome.panels)
        assert outcome.weights.min() > 0
        assert outcome.weights.sum() == pytest.approx(1)


@pytest.mark.parametrize("seed", [0, 7, 10, 17, 32, 33])
def test_what_no_mix_makes_is_cut_off_by_an_inequality_that_all_panels_meet(seed: int) -> None:
    polytope = Polytope.of(tight_pool(seed, people=20, features=5, size=6))
    target = leximin(polytope).probabilities * polytope.multiplicity
    panels = class_panels(polytope)
    for outcome in ways(polytope, target):
        assert isinstance(outcome, Separation)
        assert np.abs(outcome.coefficients).max() == 1.0
        worth = panels @ outcome.coefficients
        assert worth.max() <= outcome.upper
        assert worth.max() == pytest.approx(outcome.upper, abs=1e-6)  # it touches the hull
        assert outcome.coefficients @ target > outcome.upper + 1e-3
        assert all(polytope.contains_panel(panel) for panel in outcome.nearest.panels)


def test_the_smallest_target_that_no_mix_makes() -> None:
    for outcome in ways(SMALLEST, np.full(4, 0.5)):
        assert isinstance(outcome, Separation)
        assert all(SMALLEST.contains_panel(panel) for panel in outcome.nearest.panels)
        assert outcome.coefficients @ outcome.nearest.point <= outcome.upper


def test_with_cuts_only_the_exact_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_herd", lambda *_, **__: pytest.fail("herding does not see cuts"))
    polytope = SMALLEST.with_cut(np.array([0.0, 1, 1, 1]), 1.0)
    target, pricer = np.array([1, 1 / 3, 1 / 3, 1 / 3]), Pricer.of(polytope, Monitor())
    outcome = decompose(polytope, target, NOBODY, pricer=pricer, rng=np.random.default_rng(0), monitor=Monitor())
    assert isinstance(outcome, Mix)


def test_a_target_at_the_centre_of_known_panels_needs_no_ray() -> None:
    known = np.array([[1, 1, 0, 0], [1, 0, 1, 0]])
    pricer = Pricer.of(SMALLEST, Monitor())
    outcome = mix_or_separate(np.array([1, 0.5, 0.5, 0]), known, pricer=pricer, monitor=Monitor())
    assert isinstance(outcome, Mix)
    assert outcome.weights.tolist() == [0.5, 0.5]


def test_no_panel_at_all_is_infeasible() -> None:
    polytope = Polytope.of(pool(["011000", "101000", "110000", "000011", "000101", "000110"], HALVES, 3))
    assert leximin(polytope).probabilities == pytest.approx([0.5] * 6, abs=1e-7)
    with pytest.raises(InfeasibleQuotasError):
        ways(polytope, np.full(6, 0.5))


HALVES = [{"0": (0, 3), "1": (0, 1)}] * 6


def test_where_no_first_panel_is_found_in_time_the_exact_way_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PanelFinder, "find", lambda *_: None)
    for outcome in ways(SMALLEST, np.array([1, 0.25, 0.25, 0.5])):
        assert isinstance(outcome, Mix)


def test_a_panel_that_breaks_a_quota_when_counted_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    pricer = Pricer.of(SMALLEST, Monitor())
    lie = Solution(Status.OPTIMAL, 1.0, 1.0, np.array([0.0, 1, 1, 0]), np.empty(0), np.empty(0))
    monkeypatch.setattr(Program, "solve", lambda self, **_: lie)
    assert pricer.good(np.ones(4)) is None
    with pytest.raises(SolverError, match="without a proof"):
        pricer.best(np.ones(4))


def test_a_ray_that_cannot_be_followed_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    known, pricer = np.array([[1, 1, 0, 0]]), Pricer.of(SMALLEST, Monitor())
    lie = Solution(Status.INFEASIBLE, np.nan, np.nan, np.empty(0), np.empty(0), np.empty(0))
    monkeypatch.setattr(Program, "solve", lambda self, **_: lie)
    with pytest.raises(SolverError, match="lost feasibility"):
        mix_or_separate(np.full(4, 0.5), known, pricer=pricer, monitor=Monitor())


def test_a_cancelled_decomposition_stops() -> None:
    cancelled = threading.Event()
    cancelled.set()
    monitor = Monitor(cancelled=cancelled)
    pricer, rng = Pricer.of(SMALLEST, monitor), np.random.default_rng(0)
    with pytest.raises(CancelledError):
        decompose(SMALLEST, np.full(4, 0.5), NOBODY, pricer=pricer, rng=rng, monitor=monitor)


def test_a_mix_drops_what_weighs_nothing_and_sums_to_one() -> None:
    mix = Mix(np.array([[1, 0], [0, 1], [1, 1]]), np.array([1.0, 0.0, 3.0]))
    assert mix.panels.tolist() == [[1, 0], [1, 1]]
    assert mix.weights.tolist() == [0.25, 0.75]
    assert mix.point.tolist() == [1.0, 0.75]


def test_drift_is_far_below_the_tolerance_of_the_whole() -> None:
    assert rays.DRIFT <= 1e-7
