from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sortition.errors import SolverError
from sortition.feasibility import Change, Relaxation, Rule, find_relaxations, relaxed
from sortition.feasibility.relaxations import seat_cost
from sortition.highs import Program, Solution, Status
from sortition.model import Entry, Instance, Quota
from sortition.polytope import Polytope
from tests.sortition.feasibility.small_pools import all_panels, instances

EVERYONE = (Rule("household"), Rule("required"), Rule("excluded"))


def needs(instance):
    """For every panel that keeps the rules for persons: by how many seats each quota side would have to move."""
    for panel in all_panels(instance, EVERYONE):
        moved = {}
        for feature, values in instance.quotas.items():
            for value, quota in values.items():
                count = sum(entry.values[feature] == value for entry in panel)
                if count < quota.lower:
                    moved[feature, value, "lower"] = quota.lower - count
                if count > quota.upper:
                    moved[feature, value, "upper"] = count - quota.upper
        yield moved


def room(instance, side):
    quota = instance.quotas[side[0]][side[1]]
    if side[2] == "lower":
        return quota.lower - (quota.lower_flex or 0)
    return instance.size - quota.upper if quota.upper_flex is None else quota.upper_flex - quota.upper


def cost(instance, moved, *, feature=None, beyond_only=False):
    return sum(
        seat_cost(instance.quotas[side[0]][side[1]], side[2], seat)
        for side, seats in moved.items()
        if feature in (None, side[0])
        for seat in range(1, seats + 1)
        if not beyond_only or seat > room(instance, side)
    )


def moves(relaxation):
    return {(c.feature, c.value, c.side): abs(c.new - c.old) for c in relaxation.changes}


def is_at_least(moved, other):
    return all(moved.get(side, 0) >= seats for side, seats in other.items())


@settings(max_examples=80, deadline=None)
@given(instances(flex=True))
def test_relaxations_within_flex_are_the_cheapest_each_time(instance):
    found = find_relaxations(Polytope.of(instance), limit=3)
    panels = list(needs(instance))
    allowed = [moved for moved in panels if all(seats <= room(instance, side) for side, seats in moved.items())]
    if not allowed:
        assert not any(relaxation.within_flex for relaxation in found)
        return
    for relaxation in found:
        assert relaxation.within_flex
        assert relaxation.cost == cost(instance, moves(relaxation)) == min(cost(instance, moved) for moved in allowed)
        assert any(True for _ in all_panels(relaxed(instance, relaxation)))
        allowed = [moved for moved in allowed if not is_at_least(moved, moves(relaxation))]
    assert len(found) == 3 or not allowed


@settings(max_examples=80, deadline=None)
@given(instances(flex=True))
def test_beyond_flex_only_when_nothing_else_helps_and_as_little_as_possible(instance):
    found = find_relaxations(Polytope.of(instance), limit=1)
    panels = list(needs(instance))
    assert bool(found) == bool(panels)
    if not found or found[0].within_flex:
        return
    best = min((cost(instance, moved, beyond_only=True), cost(instance, moved)) for moved in panels)
    assert (cost(instance, moves(found[0]), beyond_only=True), found[0].cost) == best
    for change in found[0].changes:
        side = (change.feature, change.value, change.side)
        assert change.beyond_flex == (moves(found[0])[side] > room(instance, side))
    assert any(True for _ in all_panels(relaxed(instance, found[0])))


@settings(max_examples=53, deadline=None)
@given(instances(), st.permutations(["f0", "f1"]))
def test_priority_protects_earlier_features_first(instance, priority):
    found = find_relaxations(Polytope.of(instance), limit=1, priority=priority)
    if not found:
        return

    def key(moved):
        return (*(cost(instance, moved, feature=feature) for feature in priority), cost(instance, moved))

    assert key(moves(found[0])) == min(key(moved) for moved in needs(instance))


@settings(max_examples=40, deadline=None)
@given(instances(), st.integers(0, 8))
def test_someone_who_must_be_present_is_on_the_panel_found(instance, number):
    polytope = Polytope.of(instance)
    present = np.arange(len(polytope.members)) == number % len(polytope.members)
    for found in find_relaxations(polytope, limit=1, present=present):
        assert found.panel[int(np.flatnonzero(present)[0])] >= 1


def test_several_small_changes_are_cheaper_than_emptying_a_group():
    entries = tuple(Entry(f"{n:02}", {"f": "abc"[n % 3]}) for n in range(30))
    quotas = {"f": {"a": Quota(8, 9), "b": Quota(8, 9), "c": Quota(1, 9)}}
    (first,) = find_relaxations(Polytope.of(Instance(entries, quotas, 15)), limit=1)
    assert {str(change.message) for change in first.changes} == {
        "Lower the minimum of f “a” from 8 to 7.",
        "Lower the minimum of f “b” from 8 to 7.",
    }
    assert first.cost == 2500


def test_relaxed_widens_flex_that_a_change_went_beyond():
    quotas = {"f": {"a": Quota(2, 2, 2, 2), "b": Quota(0, 1, 0, 1), "c": Quota(1, 1)}}
    instance = Instance((Entry("1", {"f": "a"}),), quotas, 4)
    changes = (Change("f", "a", "lower", 2, 1, beyond_flex=True), Change("f", "b", "upper", 1, 3, beyond_flex=True))
    quotas = relaxed(instance, Relaxation((*changes, Change("f", "c", "upper", 1, 2)), 0, {})).quotas["f"]
    assert quotas == {"a": Quota(1, 2, 1, 2), "b": Quota(0, 3, 0, 3), "c": Quota(1, 2)}
    assert [str(change.message) for change in changes] == [
        "Lower the minimum of f “a” from 2 to 1, which is beyond its min_flex.",
        "Raise the maximum of f “b” from 1 to 3, which is beyond its max_flex.",
    ]


def test_feasible_quotas_need_no_change():
    instance = Instance((Entry("1", {"f": "a"}),), {"f": {"a": Quota(1, 1)}}, 1)
    (found,) = find_relaxations(Polytope.of(instance))
    assert (found.changes, found.cost) == ((), 0)


def test_a_panel_that_does_not_meet_the_relaxed_quotas_is_an_error(monkeypatch):
    instance = Instance((Entry("1", {"f": "a"}),), {"f": {"a": Quota(1, 1, 1, 1)}}, 1)
    none = np.empty(0)
    monkeypatch.setattr(Program, "solve", lambda self, **_: Solution(Status.OPTIMAL, 0.0, 0.0, np.zeros(1), none, none))
    with pytest.raises(SolverError):
        find_relaxations(Polytope.of(instance))
