"""Maximin, Nash and Goldilocks against scipy on one column per person, and their proofs."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize, minimize_scalar

from sortition.errors import CancelledError, InfeasibleQuotasError
from sortition.marginals import Marginals
from sortition.model import Entry, Instance, Quota
from sortition.monitor import Monitor
from sortition.objectives.bounds import upper_bound
from sortition.objectives.goldilocks import goldilocks
from sortition.objectives.maximin import maximin
from sortition.objectives.nash import nash
from sortition.polytope import Polytope
from tests.sortition.objectives.random_pools import PersonProgram, pool, pools

Objective = Callable[..., Marginals]
OBJECTIVES: list[Objective] = [maximin, nash, goldilocks]
every_objective = pytest.mark.parametrize("objective", OBJECTIVES)
quick = settings(max_examples=40, deadline=None)


def chances(objective: Objective, instance: Instance) -> np.ndarray:
    """One chance per entry."""
    polytope = Polytope.of(instance)
    return objective(polytope).probabilities[polytope.class_of]


def weight(polytope: Polytope, marginals: Marginals) -> float:
    """What the level's class multipliers weigh the returned point."""
    x = marginals.probabilities * polytope.multiplicity
    return sum(multiplier * x[c] for c, multiplier in marginals.levels[0].class_multipliers.items())


@every_objective
@quick
@given(instance=pools())
def test_chances_meet_quotas_households_and_settled_seats(objective: Objective, instance: Instance) -> None:
    pi, program = chances(objective, instance), PersonProgram.of(instance)
    assert (program.at_most @ pi <= program.bound + 1e-9).all()
    assert pi.sum() == pytest.approx(instance.size, abs=1e-9)
    assert ((pi >= program.lower - 1e-12) & (pi <= program.upper + 1e-12)).all()


@every_objective
@quick
@given(instance=pools())
def test_proof_closes(objective: Objective, instance: Instance) -> None:
    """The bound from the multipliers, which needs only sums, equals the weight of what was returned."""
    polytope = Polytope.of(instance)
    marginals = objective(polytope)
    (level,) = marginals.levels
    reached = weight(polytope, marginals)
    assert upper_bound(polytope, level) == pytest.approx(reached, abs=1e-9 * (1 + abs(reached)))


@quick
@given(instance=pools())
def test_multipliers_bound_other_points_too(instance: Instance) -> None:
    """No vertex of the relaxation weighs more than the bound."""
    polytope = Polytope.of(instance)
    level = nash(polytope).levels[0]
    cost = np.array([level.class_multipliers.get(int(c), 0.0) for c in polytope.class_of])
    best = -PersonProgram.of(instance).minimise(-cost).fun
    assert best <= upper_bound(polytope, level) + 1e-7 * (1 + abs(best))


@quick
@given(instance=pools())
def test_maximin_is_the_largest_smallest_chance(instance: Instance) -> None:
    program = PersonProgram.of(instance)
    reachable = program.reachable()
    extra = np.hstack([-np.eye(len(reachable)), np.ones((len(reachable), 1))])[reachable]
    expected = -program.minimise(np.append(np.zeros(len(reachable)), -1.0), extra, np.zeros(len(extra))).fun
    polytope = Polytope.of(instance)
    marginals = maximin(polytope)
    assert marginals.probabilities[polytope.class_of][reachable].min() == pytest.approx(expected, abs=1e-8)
    (level,) = marginals.levels
    assert level.value == pytest.approx(expected, abs=1e-8)
    assert upper_bound(polytope, level) == pytest.approx(expected, abs=1e-8)
    assert sum(m * polytope.multiplicity[c] for c, m in level.class_multipliers.items()) == pytest.approx(1)


def scipy_nash(program: PersonProgram, counted: np.ndarray, start: np.ndarray, floor: float = 0.0) -> float:
    """The largest sum of logarithms that scipy finds from a start."""
    result = minimize(
        lambda p: -np.log(np.maximum(p[counted], 1e-12)).sum(),
        start,
        jac=lambda p: np.where(counted, -1 / np.maximum(p, 1e-12), 0.0),
        bounds=np.column_stack([np.where(counted, np.maximum(program.lower, floor), program.lower), program.upper]),
        constraints=[
            {"type": "ineq", "fun": lambda p: program.bound - program.at_most @ p, "jac": lambda _: -program.at_most},
            {"type": "eq", "fun": lambda p: program.equal @ p - program.value, "jac": lambda _: program.equal},
        ],
        options={"maxiter": 300, "ftol": 1e-12},
    )
    feasible = (program.at_most @ result.x <= program.bound + 1e-9).all() and result.success
    return -result.fun if feasible else -np.inf


@settings(max_examples=30, deadline=None)
@given(instance=pools(largest=8), seed=st.integers(0, 1000))
def test_nash_is_the_largest_product(instance: Instance, seed: int) -> None:
    """Neither scipy's general optimiser nor a step towards any vertex finds a larger product."""
    program, pi = PersonProgram.of(instance), chances(nash, instance)
    counted = program.reachable()
    assert ((pi > 0) == counted).all()
    reached = np.log(pi[counted]).sum()
    vertex = program.minimise(np.random.default_rng(seed).normal(size=len(pi))).x
    assert scipy_nash(program, counted, 0.5 * pi + 0.5 * vertex) <= reached + 1e-6
    for share in (1e-3, 1e-2, 0.1):
        mixed = (1 - share) * pi + share * vertex
        assert np.log(np.maximum(mixed[counted], 1e-300)).sum() <= reached + 1e-9


@settings(max_examples=30, deadline=None)
@given(instance=pools(largest=8), seed=st.integers(0, 1000))
def test_maximin_takes_the_largest_product_above_the_floor(instance: Instance, seed: int) -> None:
    program, polytope = PersonProgram.of(instance), Polytope.of(instance)
    marginals = maximin(polytope)
    pi, floor = marginals.probabilities[polytope.class_of], marginals.levels[0].value
    counted = pi > 0
    cost = np.random.default_rng(seed).normal(size=len(pi))
    rows = -np.eye(len(pi))[counted]
    vertex = program.minimise(cost, rows, np.full(len(rows), -floor + 1e-12))
    if vertex.success:
        mixed = 0.99 * pi + 0.01 * vertex.x
        assert np.log(mixed[counted]).sum() <= np.log(pi[counted]).sum() + 1e-9


@settings(max_examples=30, deadline=None)
@given(instance=pools(largest=8, settled=False), gamma=st.sampled_from([0.3, 1.0, 4.0]))
def test_goldilocks_is_the_best_pair_of_floor_and_ceiling(instance: Instance, gamma: float) -> None:
    program = PersonProgram.of(instance)
    counted = program.reachable()
    ratio = counted.sum() / instance.size
    unit = np.eye(len(counted))[counted]

    def objective(floor: float) -> float:
        rows = np.vstack([np.hstack([unit, -np.ones((len(unit), 1))]), np.hstack([-unit, np.zeros((len(unit), 1))])])
        bound = np.append(np.zeros(len(unit)), np.full(len(unit), -floor))
        result = program.minimise(np.append(np.zeros(len(counted)), 1.0), rows, bound)
        return result.fun * ratio + gamma / ratio / floor if result.success else 1e6 * (1 + floor)

    polytope = Polytope.of(instance)
    marginals = goldilocks(polytope, gamma=gamma)
    pi = marginals.probabilities[polytope.class_of][counted]
    reached = pi.max() * ratio + gamma / ratio / pi.min()
    (level,) = marginals.levels
    assert level.value == pytest.approx(pi.min(), abs=1e-8)
    assert 2 * gamma / ratio / level.value - upper_bound(polytope, level) == pytest.approx(reached, rel=1e-8)
    best = minimize_scalar(objective, bounds=(1e-3, 1.0), method="bounded", options={"xatol": 1e-9})
    assert reached <= best.fun * (1 + 1e-6)


def test_goldilocks_needs_a_positive_weight() -> None:
    polytope = Polytope.of(pool(["a", "b"], {"f": {"a": Quota(0, 1), "b": Quota(0, 1)}}, 1))
    with pytest.raises(ValueError, match="gamma must be positive"):
        goldilocks(polytope, gamma=0)


def test_goldilocks_lowers_the_floor_to_lower_the_ceiling() -> None:
    """Maximin gives one entry 1 to lift the others; Goldilocks trades some of that floor for a lower ceiling."""
    quotas = {
        "f": {"a": Quota(2, 2), "b": Quota(2, 2)},
        "g": {"a": Quota(1, 4), "b": Quota(0, 2)},
        "h": {"a": Quota(0, 1), "b": Quota(3, 4)},
    }
    instance = pool(["aab", "aba", "abb", "baa", "bbb", "bbb", "aba", "bba"], quotas, 4)
    pi = {objective: chances(objective, instance) for objective in OBJECTIVES}
    assert pi[goldilocks].max() <= pi[maximin].max() + 1e-9
    assert pi[goldilocks].min() <= pi[maximin].min() + 1e-9
    assert pi[maximin].min() >= pi[nash].min() - 1e-9


@every_objective
def test_one_feature_gives_seats_over_entries(objective: Objective) -> None:
    instance = pool(list("aaabbbbbbb"), {"f": {"a": Quota(2, 2), "b": Quota(1, 1)}}, 3)
    assert chances(objective, instance) == pytest.approx([2 / 3] * 3 + [1 / 7] * 7, abs=1e-9)


@every_objective
def test_smallest_pool_whose_relaxation_is_not_tight(objective: Objective) -> None:
    """The design's example: ½ each over the relaxation; the cut that says the truth changes it to 1, ⅓, ⅓, ⅓."""
    quotas = {f: {"0": Quota(0, 2), "1": Quota(0, 1)} for f in "fgh"}
    instance = pool(["000", "011", "101", "110"], quotas, 2)
    assert chances(objective, instance) == pytest.approx([0.5] * 4, abs=1e-9)
    polytope = Polytope.of(instance)
    others = np.array([0.0 if polytope.class_of[0] == c else 1.0 for c in range(4)])
    cut = objective(polytope.with_cut(others, 1.0))
    assert cut.probabilities[polytope.class_of] == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3], abs=1e-8)


@every_objective
def test_quotas_that_leave_no_room_are_no_trouble(objective: Objective) -> None:
    """Lower bounds that sum to the size force every quota; a value that must stay empty leaves the sum."""
    quotas = {"f": {"a": Quota(1, 3), "b": Quota(1, 3), "c": Quota(0, 3)}, "g": {"x": Quota(2, 2), "y": Quota(0, 2)}}
    instance = pool(["ax", "bx", "by", "cx", "cy", "ax"], quotas, 2)
    polytope = Polytope.of(instance)
    marginals = objective(polytope)
    assert marginals.probabilities[polytope.class_of] == pytest.approx([0.5, 1, 0, 0, 0, 0.5], abs=1e-9)


@every_objective
def test_settled_seats(objective: Objective) -> None:
    """Required seats are 1, excluded 0, household mates of the required 0, and the rest is shared out."""
    quotas = {"f": {"a": Quota(0, 3)}}
    instance = pool(list("aaaaa"), quotas, 3, {0: "h", 1: "h"}, frozenset({"p00"}), frozenset({"p04"}))
    assert chances(objective, instance) == pytest.approx([1, 0, 1, 1, 0], abs=1e-9)


@every_objective
def test_all_seats_settled(objective: Objective) -> None:
    instance = pool(list("aa"), {"f": {"a": Quota(0, 2)}}, 2, None, frozenset({"p00", "p01"}))
    assert chances(objective, instance) == pytest.approx([1, 1])


@every_objective
def test_infeasible_quotas_are_reported(objective: Objective) -> None:
    instance = pool(list("aab"), {"f": {"a": Quota(0, 1), "b": Quota(2, 2)}}, 3)
    with pytest.raises(InfeasibleQuotasError):
        objective(Polytope.of(instance))


@every_objective
def test_cancelled_before_it_starts(objective: Objective) -> None:
    event = threading.Event()
    event.set()
    instance = pool(list("ab"), {"f": {"a": Quota(0, 1), "b": Quota(0, 1)}}, 1)
    with pytest.raises(CancelledError):
        objective(Polytope.of(instance), monitor=Monitor(cancelled=event))


@every_objective
@settings(max_examples=25, deadline=None)
@given(instance=pools(), seed=st.integers(0, 1000))
def test_order_and_names_of_entries_do_not_matter(objective: Objective, instance: Instance, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(instance.entries))
    name = {entry.id: f"q{order[i]:02d}" for i, entry in enumerate(instance.entries)}
    renamed = Instance(
        tuple(Entry(name[e.id], e.values, e.household) for e in instance.entries),
        instance.quotas,
        instance.size,
        frozenset(name[i] for i in instance.required),
        frozenset(name[i] for i in instance.excluded),
    )
    before, after = chances(objective, instance), chances(objective, renamed)
    assert after[order] == pytest.approx(before, abs=1e-7)


@every_objective
@settings(max_examples=25, deadline=None)
@given(instance=pools())
def test_splitting_classes_does_not_matter(objective: Objective, instance: Instance) -> None:
    """A feature in which everybody differs, without a quota that bites, makes everyone a class of their own."""
    split = Instance(
        tuple(Entry(e.id, {**e.values, "name": e.id}, e.household) for e in instance.entries),
        {**instance.quotas, "name": {e.id: Quota(0, 1) for e in instance.entries}},
        instance.size,
        instance.required,
        instance.excluded,
    )
    assert chances(objective, split) == pytest.approx(chances(objective, instance), abs=1e-7)
