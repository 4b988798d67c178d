"""Leximin over panels, level by level."""

from __future__ import annotations

import numpy as np
import pytest

from sortition.certificate import PROOF_TOLERANCE, level_gap
from sortition.decomposition.rays import Pricer
from sortition.errors import SolverError
from sortition.highs import Program, Solution, Status
from sortition.hull import leximin_over_panels
from sortition.monitor import Monitor
from sortition.polytope import Polytope
from tests.sortition import oracle
from tests.sortition.oracle import class_panels, pool, tight_pool

SMALLEST = pool(["000", "011", "101", "110"], [{"0": (0, 2), "1": (0, 1)}] * 3, 2)


@pytest.mark.parametrize("seed", [0, 3, 7, 17])
def test_pricing_gives_the_leximin_of_all_panels(seed: int) -> None:
    instance = tight_pool(seed, people=20, features=5, size=6)
    panels = oracle.all_panels(instance)
    polytope = Polytope.of(instance)
    unreachable = np.ones(len(polytope.members), dtype=bool)
    unreachable[polytope.class_of[panels.any(axis=0)]] = False
    polytope = polytope.without(unreachable)
    pricer = Pricer.of(polytope, Monitor())
    outcome = leximin_over_panels(polytope, pricer.best(np.zeros(len(unreachable)))[0][None], pricer.best)
    chances = outcome.marginals.probabilities[polytope.class_of]
    assert chances == pytest.approx(oracle.leximin(panels), abs=1e-6)
    assert outcome.mix.point / polytope.multiplicity == pytest.approx(outcome.marginals.probabilities, abs=1e-12)
    assert level_gap(polytope, outcome.marginals.levels) <= PROOF_TOLERANCE
    listed = class_panels(polytope)
    for level in outcome.marginals.levels:
        assert level.bound is not None
        worth = sum(weight * listed[:, c] for c, weight in level.class_multipliers.items())
        assert np.max(worth) <= level.bound + 1e-9


def test_without_every_level_the_first_is_maximin() -> None:
    polytope = Polytope.of(SMALLEST)
    pricer = Pricer.of(polytope, Monitor())
    known = pricer.best(np.zeros(4))[0][None]
    (level,) = leximin_over_panels(polytope, known, pricer.best, every_level=False).marginals.levels
    assert level.value == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("lie", "message"),
    [
        (Solution(Status.INFEASIBLE, 0.0, 0.0, np.empty(0), np.empty(0), np.empty(0)), "lost feasibility"),
        (Solution(Status.OPTIMAL, 0.2, 0.2, np.array([0.2, 1.0]), np.zeros(5), np.zeros(2)), "no positive dual"),
    ],
)
def test_a_solver_that_proves_nothing_is_an_error(lie: Solution, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    polytope = Polytope.of(SMALLEST)
    panel = np.array([1, 1, 0, 0])
    monkeypatch.setattr(Program, "solve", lambda self, **_: lie)
    with pytest.raises(SolverError, match=message):
        leximin_over_panels(polytope, panel[None], lambda _: (panel, 0.0))
