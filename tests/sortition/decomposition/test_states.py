"""Pricing by dynamic programming, held against all panels."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sortition.decomposition import states as module
from sortition.decomposition.rays import Pricer
from sortition.decomposition.states import PanelStates
from sortition.errors import CancelledError, InfeasibleQuotasError
from sortition.model import Entry, Instance, Quota
from sortition.monitor import Monitor
from sortition.polytope import Polytope
from tests.sortition.objectives.random_pools import pools
from tests.sortition.oracle import class_panels, pool, tight_pool

HALVES = [{"0": (0, 3), "1": (0, 1)}] * 6
INFEASIBLE = pool(["011000", "101000", "110000", "000011", "000101", "000110"], HALVES, 3)
"""The relaxation seats everybody half; no three of them are a panel."""


def states_of(polytope: Polytope) -> PanelStates:
    states = PanelStates.of(polytope, Monitor())
    assert states is not None
    return states


@settings(max_examples=80)
@given(pools(), st.integers(0, 2**32), st.booleans())
def test_the_best_panel_is_the_best_of_all(instance: Instance, seed: int, negative: bool) -> None:
    """With households, settled seats, closed classes, several of a class, and weights of either sign."""
    polytope = Polytope.of(instance)
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=len(polytope.members)) - 2.0 * negative
    panels = class_panels(polytope)
    panel, bound = states_of(polytope).best(weights)
    assert polytope.contains_panel(panel)
    assert bound == pytest.approx((panels @ weights).max(), abs=1e-12)
    assert weights @ panel == bound
    closed = rng.random(len(weights)) < 0.3
    panels = panels[~panels[:, closed].any(axis=1)]
    if len(panels) and not polytope.lower[closed].any():
        panel, bound = states_of(polytope.without(closed)).best(weights)
        assert bound == pytest.approx((panels @ weights).max(), abs=1e-12)
        assert not panel[closed].any()


@pytest.mark.parametrize("seed", range(20))
def test_of_a_household_no_second_member_is_taken_on_the_way_back(seed: int) -> None:
    """Everybody shares a household with somebody of other values, and all are wanted: ways of both members cross."""
    entries = tuple(Entry(f"{n:02}", {"a": "xy"[n % 2], "b": "xyz"[(n + n // 2) % 3]}, f"h{n // 2}") for n in range(12))
    quotas = {"a": {v: Quota(1, 3) for v in "xy"}, "b": {v: Quota(0, 3) for v in "xyz"}}
    polytope = Polytope.of(Instance(entries, quotas, 4))
    weights = np.random.default_rng(seed).random(len(polytope.members))
    panel, bound = states_of(polytope).best(weights)
    assert polytope.contains_panel(panel)
    assert bound == pytest.approx((class_panels(polytope) @ weights).max(), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_it_agrees_with_the_solver(seed: int) -> None:
    polytope = Polytope.of(tight_pool(seed, people=40, features=4, size=8))
    states, pricer = states_of(polytope), Pricer.of(polytope, Monitor())
    for weights in np.random.default_rng(seed).normal(size=(5, len(polytope.members))):
        assert states.best(weights)[1] == pytest.approx(pricer.best(weights)[1], abs=1e-7)
        assert weights @ states.good(weights) == states.best(weights)[1]


def test_no_panel_is_said_and_no_count_that_could_do_gives_no_states() -> None:
    with pytest.raises(InfeasibleQuotasError):
        states_of(Polytope.of(INFEASIBLE)).best(np.zeros(6))
    assert PanelStates.of(Polytope.of(pool(["0", "1"], [{"0": (2, 2), "1": (1, 1)}], 2)), Monitor()) is None


def test_too_many_steps_give_no_states(monkeypatch: pytest.MonkeyPatch) -> None:
    polytope = Polytope.of(tight_pool(1))
    assert PanelStates.of(polytope, Monitor()) is not None
    monkeypatch.setattr(module, "MOST_STEPS", 10)
    assert PanelStates.of(polytope, Monitor()) is None


def test_too_many_counts_of_one_feature_give_no_states() -> None:
    """Six values with up to ten seats each, and sixty seats: eleven to the sixth counts."""
    polytope = Polytope.of(pool([v for v in "012345" for _ in range(20)], [dict.fromkeys("012345", (0, 10))], 60))
    assert PanelStates.of(polytope, Monitor()) is None


def test_numbers_that_no_longer_fit_give_no_states() -> None:
    """Twenty features with ten possible counts each: their product is no 64-bit number."""
    polytope = Polytope.of(pool(["0" * 20, "1" * 20] * 10, [{"0": (0, 9), "1": (0, 9)}] * 20, 10))
    assert PanelStates.of(polytope, Monitor()) is None


def test_it_stops_when_asked() -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(CancelledError):
        PanelStates.of(Polytope.of(tight_pool(1)), Monitor(cancelled=cancelled))
