"""The certificate proves true claims, and only those."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from sortition.certificate import PROOF_TOLERANCE, deviation, level_gap, level_shortfall
from sortition.lottery import Deviation, Level
from sortition.marginals import Marginals
from sortition.model import Instance
from sortition.objectives.bounds import upper_bound
from sortition.objectives.leximin import leximin
from sortition.polytope import Polytope
from tests.sortition.objectives.random_pools import pools
from tests.sortition.oracle import pool, tight_pool

UNEVEN = pool(list("aabbbcccccc"), [{"a": (1, 1), "b": (1, 1), "c": (1, 1)}], 3)
"""Three levels: 1/6 for c, 1/3 for b, 1/2 for a."""


def solved(instance: Instance) -> tuple[Polytope, Marginals]:
    polytope = Polytope.of(instance)
    return polytope, leximin(polytope)


def changed(levels: tuple[Level, ...], number: int, **changes: object) -> tuple[Level, ...]:
    return (*levels[:number], replace(levels[number], **changes), *levels[number + 1 :])


@settings(max_examples=50)
@given(pools())
def test_the_multipliers_of_leximin_prove_its_levels(instance: Instance) -> None:
    polytope, marginals = solved(instance)
    reachable = polytope.upper > 0
    assert level_gap(polytope, marginals.levels) <= PROOF_TOLERANCE
    assert level_shortfall(marginals.levels, marginals.probabilities) <= 1e-7
    assert sorted(c for level in marginals.levels for c in level.classes) == np.flatnonzero(reachable).tolist()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_level_claimed_too_low_is_found_out(number: int) -> None:
    polytope, marginals = solved(UNEVEN)
    assert [level.value for level in marginals.levels] == pytest.approx([1 / 6, 1 / 3, 1 / 2])
    lower = changed(marginals.levels, number, value=marginals.levels[number].value - 0.01)
    assert level_gap(polytope, lower) == pytest.approx(0.01)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_level_claimed_too_high_is_not_reached(number: int) -> None:
    _, marginals = solved(UNEVEN)
    raised = changed(marginals.levels, number, value=marginals.levels[number].value + 0.01)
    assert level_shortfall(raised, marginals.probabilities) == pytest.approx(0.01)
    assert level_shortfall(marginals.levels, marginals.probabilities) <= 1e-7
    assert level_shortfall((), marginals.probabilities) == 0.0


@pytest.mark.parametrize("factor", [0.0, 0.5, 1.1, -1.0])
@pytest.mark.parametrize("kind", ["row_multipliers", "class_multipliers"])
def test_other_multipliers_prove_less(factor: float, kind: str) -> None:
    """Weak duality holds for any multipliers, so wrong ones only make the gap larger, never the claim proven."""
    polytope, marginals = solved(UNEVEN)
    multipliers = getattr(marginals.levels[1], kind)
    for position in multipliers:
        wrong = {**multipliers, position: multipliers[position] * factor}
        tampered = changed(marginals.levels, 1, **{kind: wrong})
        bound = upper_bound(polytope, tampered[1])
        x = marginals.probabilities * polytope.multiplicity
        weight = sum(value * x[c] for c, value in tampered[1].class_multipliers.items())
        assert weight <= bound + 1e-7
        if kind == "row_multipliers":
            assert level_gap(polytope, tampered) > 0.01


def test_a_class_that_a_level_claims_without_a_multiplier_is_not_proven() -> None:
    """Maximin's proof with everybody named in it is no proof of leximin."""
    polytope, marginals = solved(UNEVEN)
    everyone = changed(marginals.levels[:1], 0, classes=(0, 1, 2))
    assert level_gap(polytope, everyone) == pytest.approx(1 - 1 / 6)


def test_a_class_that_no_level_claims_is_not_proven() -> None:
    polytope, marginals = solved(UNEVEN)
    assert level_gap(polytope, marginals.levels[:2]) == 1.0
    assert level_gap(polytope, ()) == 1.0


def test_a_level_that_repeats_settled_classes_proves_nothing_new() -> None:
    polytope, marginals = solved(UNEVEN)
    again = (*marginals.levels, marginals.levels[0])
    assert level_gap(polytope, again) == level_gap(polytope, marginals.levels)


def test_a_class_is_held_where_it_was_settled_first() -> None:
    """Else a level of settled classes, which needs no proof, could raise what the later ones may rely on."""
    polytope, marginals = solved(UNEVEN)
    first, second, third = marginals.levels
    lower = replace(third, value=third.value - 0.1)
    again = replace(first, value=first.value + 0.1)
    assert level_gap(polytope, (first, second, lower)) == pytest.approx(0.1)
    assert level_gap(polytope, (first, again, second, lower)) >= 0.1 - 1e-9


def test_levels_out_of_order_are_no_leximin() -> None:
    """Whoever first gives all to one class can prove that the other cannot have more."""
    polytope = Polytope.of(pool(list("ab"), [{"a": (0, 1), "b": (0, 1)}], 1))
    unfair = (Level(0.9, (0,), {0: 1.0}, {0: 1.0}, 0.9), Level(0.1, (1,), {0: 1.0, 1: 1.0}, {0: 1.0}))
    assert level_gap(polytope, unfair) == pytest.approx(0.8)


def test_a_negative_multiplier_on_a_class_proves_nothing() -> None:
    polytope, marginals = solved(UNEVEN)
    second = marginals.levels[1]
    negative = changed(marginals.levels, 1, class_multipliers={**second.class_multipliers, 2: -0.5})
    assert level_gap(polytope, negative) >= 1 - second.value


@pytest.mark.parametrize("factor", [1e15, 1e200, 1e308])
def test_multipliers_beyond_what_floats_carry_prove_nothing(factor: float) -> None:
    """Two rows with huge multipliers that should cancel each other leave what rounding makes of them."""
    polytope, marginals = solved(UNEVEN)
    first = marginals.levels[0]
    rows = {
        row: first.row_multipliers.get(row, 0.0) + factor * sign for row, sign in ((0, 1), (1, -1), (2, -1), (3, -1))
    }
    assert level_gap(polytope, changed(marginals.levels, 0, row_multipliers=rows)) > 0.1


def test_noise_on_a_cut_does_not_spoil_the_bound() -> None:
    """A cut has no lower bound; a multiplier of −1e-17 on it once made the bound infinite and a proof worthless."""
    polytope = Polytope.of(UNEVEN).with_cut(np.ones(3), 3.0)
    marginals = leximin(polytope)
    cut = len(polytope.labels)
    noisy = changed(marginals.levels, 0, row_multipliers={**marginals.levels[0].row_multipliers, cut: -1e-17})
    assert level_gap(polytope, noisy) <= PROOF_TOLERANCE


def test_a_bound_by_enumeration_stands_for_the_rows() -> None:
    polytope, marginals = solved(UNEVEN)
    bounds = [upper_bound(polytope, level) for level in marginals.levels]
    given_bounds = tuple(
        replace(level, bound=bound, row_multipliers={}) for level, bound in zip(marginals.levels, bounds, strict=True)
    )
    assert level_gap(polytope, given_bounds) <= PROOF_TOLERANCE
    looser = changed(given_bounds, 0, bound=bounds[0] + 0.05)
    assert level_gap(polytope, looser) > 0.04


def test_cuts_are_part_of_the_proof() -> None:
    polytope, _ = solved(tight_pool(0, people=20, features=5, size=6))
    with_cut = polytope.with_cut(np.eye(len(polytope.members))[0], 0.1)
    assert level_gap(with_cut, leximin(with_cut).levels) <= PROOF_TOLERANCE
    looser = polytope.with_cut(np.eye(len(polytope.members))[0], 0.2)
    assert level_gap(looser, leximin(with_cut).levels) > 0.01


def test_deviation_is_the_largest_in_each_direction() -> None:
    assert deviation(np.array([0.5, 0.5, 0.2]), np.array([0.4, 0.75, 0.2])) == Deviation(
        shortfall=pytest.approx(0.1), excess=pytest.approx(0.25)
    )
    assert deviation(np.array([0.5]), np.array([0.5])) == Deviation(0.0, 0.0)
    assert Deviation(0.1, 0.3).largest == 0.3
    assert Deviation(0.2, 0.1).largest == 0.2
