"""The greedy rule for comparison: its panels are panels, and its chances are those of the rule written down plainly."""

from __future__ import annotations

import threading
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.stats import chi2

from sortition.errors import CancelledError, InfeasibleQuotasError, InputError, SolverError
from sortition.model import Entry, Instance, Quota
from sortition.monitor import Monitor
from sortition.objectives.legacy import legacy
from tests.sortition.objectives.random_pools import is_panel, panels, pool, pools


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@settings(max_examples=40, deadline=None)
@given(instance=pools())
def test_every_ticket_is_a_panel(instance: Instance) -> None:
    try:
        tickets = legacy(instance, tickets=20, rng=rng())
    except SolverError:
        return
    assert tickets.shape == (20, instance.size)
    assert all(is_panel(instance, tuple(ticket)) for ticket in tickets)
    assert (np.diff(tickets, axis=1) > 0).all()


def exact_chances(instance: Instance) -> np.ndarray:
    """Each entry's chance under the rule, by following every path with its probability; successes only."""
    reached = [Fraction(0)] * len(instance.entries)
    values = [(f, v, q) for f, quotas in instance.quotas.items() for v, q in quotas.items()]

    def members_with(feature: str, value: str, group: tuple[int, ...]) -> list[int]:
        return [i for i in group if instance.entries[i].values[feature] == value]

    def follow(panel: tuple[int, ...], left: tuple[int, ...], chance: Fraction) -> None:
        homes = {instance.entries[i].household for i in panel} - {None}
        left = tuple(i for i in left if i not in panel and instance.entries[i].household not in homes)
        for f, v, quota in values:
            if len(members_with(f, v, panel)) >= quota.upper:
                left = tuple(i for i in left if instance.entries[i].values[f] != v)
        needs = [(quota.lower - len(members_with(f, v, panel)), members_with(f, v, left)) for f, v, quota in values]
        if len(panel) == instance.size:
            if all(need <= 0 for need, _ in needs):
                for i in panel:
                    reached[i] += chance
            return
        if any(need > len(candidates) for need, candidates in needs) or not left:
            return
        _, candidates = max((pair for pair in needs if pair[1]), key=lambda pair: Fraction(pair[0], len(pair[1])))
        for i in candidates:
            follow((*panel, i), left, chance / len(candidates))

    follow((), tuple(range(len(instance.entries))), Fraction(1))
    total = sum(reached)
    return np.array([float(r * instance.size / total) for r in reached])


@pytest.mark.parametrize("households", [{}, {0: "h", 5: "h"}])
def test_chances_are_those_of_the_rule(households: dict[int, str]) -> None:
    quotas = {
        "f": {"a": Quota(1, 2), "b": Quota(1, 2)},
        "g": {"x": Quota(2, 2), "y": Quota(0, 1)},
    }
    instance = pool(["ax", "ax", "ay", "bx", "by", "by", "ax"], quotas, 3, households)
    expected, tickets = exact_chances(instance), 20_000
    drawn = legacy(instance, tickets=tickets, rng=rng())
    share = np.bincount(drawn.ravel(), minlength=len(expected)) / tickets
    deviation = (share - expected) / np.sqrt(np.maximum(expected * (1 - expected), 1e-9) / tickets)
    assert (deviation**2).sum() < chi2.ppf(0.9999, len(expected))


def test_required_sit_and_excluded_do_not() -> None:
    instance = pool(
        list("aaaa"), {"f": {"a": Quota(0, 4)}}, 2, {1: "h", 0: "h"}, frozenset({"p00"}), frozenset({"p03"})
    )
    assert (legacy(instance, tickets=50, rng=rng()) == [0, 2]).all()


def test_required_household_mates_are_no_panel() -> None:
    instance = pool(list("aaa"), {"f": {"a": Quota(0, 3)}}, 2, {0: "h", 1: "h"}, frozenset({"p00", "p01"}))
    assert panels(instance) == []
    with pytest.raises(SolverError, match="0 of 5 panels in 500 attempts"):
        legacy(instance, tickets=5, rng=rng())


def test_panels_that_are_not_found_are_reported() -> None:
    with pytest.raises(SolverError, match="The quotas may still be feasible"):
        legacy(pool(list("aab"), {"f": {"a": Quota(0, 1), "b": Quota(0, 0)}}, 2), tickets=3, rng=rng())


def test_a_value_without_seats_does_not_stall_the_rule() -> None:
    """The first draw was among the entries of the first value, even if nobody with it may sit."""
    quotas = {"f": {"a": Quota(0, 0), "b": Quota(0, 2)}, "g": {"x": Quota(0, 2), "y": Quota(0, 2)}}
    instance = pool(["ax", "ay", "bx", "by", "by"], quotas, 2)
    drawn = legacy(instance, tickets=2_000, rng=rng())
    share = np.bincount(drawn.ravel(), minlength=5) / 2_000
    assert share[:2].tolist() == [0, 0]
    assert np.abs(share - exact_chances(instance)).max() < 0.05


def test_too_few_entries_are_reported() -> None:
    with pytest.raises(InfeasibleQuotasError, match="Fewer people may be drawn than there are seats"):
        legacy(pool(list("abb"), {"f": {"a": Quota(0, 2), "b": Quota(0, 0)}}, 2), tickets=3, rng=rng())


def test_same_generator_same_tickets() -> None:
    instance = pool(list("aabb"), {"f": {"a": Quota(1, 1), "b": Quota(1, 1)}}, 2)
    assert (legacy(instance, tickets=30, rng=rng()) == legacy(instance, tickets=30, rng=rng())).all()


def test_cancelled() -> None:
    event = threading.Event()
    event.set()
    instance = pool(list("ab"), {"f": {"a": Quota(0, 1), "b": Quota(0, 1)}}, 1)
    with pytest.raises(CancelledError):
        legacy(instance, tickets=1, rng=rng(), monitor=Monitor(cancelled=event))


def test_nobody_excluded_is_seated_when_too_few_are_available() -> None:
    alone = pool(["a"], {"f": {"a": Quota(0, 1)}}, 1)
    excluded = Instance(alone.entries, alone.quotas, 1, excluded=frozenset(entry.id for entry in alone.entries))
    with pytest.raises(InfeasibleQuotasError):
        legacy(excluded, tickets=3, rng=rng())


def test_the_rule_needs_features() -> None:
    with pytest.raises(InputError):
        legacy(Instance((Entry("a", {}), Entry("b", {})), {}, 1), tickets=3, rng=rng())
