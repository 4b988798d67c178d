"""Rounding a mix to numbered tickets, and dealing seats to persons."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sortition.decomposition.mix import Mix
from sortition.monitor import Monitor
from sortition.polytope import Polytope
from sortition.tickets import class_tickets, deal, ticket_count
from tests.sortition.oracle import class_panels, pool, tight_pool


@pytest.mark.parametrize(
    ("chance", "wanted", "count"),
    [(0.02, 1000, 1000), (0.0199, 1000, 10_000), (0.001, 50_000, 50_000), (0.5, 10, 10_000), (0.0001, 20_000, 20_000)],
)
def test_nobody_expects_fewer_than_twenty_of_a_thousand_tickets(chance: float, wanted: int, count: int) -> None:
    assert ticket_count(chance, wanted) == count


@settings(max_examples=30)
@given(st.integers(0, 40), st.integers(0, 2**32), st.sampled_from([1, 7, 100, 1000]))
def test_any_mix_of_panels_becomes_panels_with_nearly_its_mean(seed: int, weights: int, count: int) -> None:
    polytope = Polytope.of(tight_pool(seed, people=14, features=3, size=5))
    rng = np.random.default_rng(weights)
    panels = class_panels(polytope)
    mix = Mix(panels[:40], rng.dirichlet(np.ones(len(panels[:40])) * 0.3))
    tickets = class_tickets(polytope, mix, count, rng=rng, monitor=Monitor())
    assert tickets.shape == (count, len(polytope.members))
    assert all(polytope.contains_panel(panel) for panel in np.unique(tickets, axis=0))
    owed = np.abs(tickets.sum(axis=0) - count * mix.point) / polytope.multiplicity
    assert owed.max() <= 2.0
    dealt = deal(polytope, tickets, rng=rng)
    assert dealt.shape == (count, 5)
    assert (np.diff(dealt, axis=1) > 0).all()
    assert (np.array([np.bincount(polytope.class_of[t], minlength=tickets.shape[1]) for t in dealt]) == tickets).all()


def test_a_mix_of_whole_shares_is_kept_exactly() -> None:
    polytope = Polytope.of(pool(list("abcd"), [dict.fromkeys("abcd", (0, 1))], 2))
    panels = np.array([[1, 1, 0, 0], [0, 0, 1, 1]])
    mix = Mix(panels, np.array([0.25, 0.75]))
    tickets = class_tickets(polytope, mix, 8, rng=np.random.default_rng(0), monitor=Monitor())
    assert sorted(map(tuple, tickets.tolist())) == [(0, 0, 1, 1)] * 6 + [(1, 1, 0, 0)] * 2


def test_dealing_goes_round_everybody_of_a_class() -> None:
    polytope = Polytope.of(pool(list("aaaaab"), [{"a": (2, 2), "b": (1, 1)}], 3))
    panels = np.tile(np.array([2, 1]), (12, 1))
    dealt = deal(polytope, panels, rng=np.random.default_rng(3))
    times = np.bincount(dealt.ravel(), minlength=6)
    assert sorted(times[:5].tolist()) == [4, 5, 5, 5, 5]
    assert times[5] == 12
