from __future__ import annotations

import dataclasses
import itertools

import pytest
from hypothesis import given, settings

from sortition.errors import SolverError
from sortition.feasibility import Rule, additions, find_additions, with_registrations
from sortition.model import Entry, Instance, Quota
from sortition.polytope import Polytope
from tests.sortition.feasibility.small_pools import all_panels, instances

EVERYONE = (Rule("household"), Rule("required"), Rule("excluded"))


def fewest(instance):
    """The smallest number of free seats that can be completed by people of any kind, by enumeration."""
    for number in range(instance.size + 1):
        rest = instance.size - number
        panels = [()] if rest == 0 and not instance.required else []
        if rest and len(instance.required) <= rest:
            panels = all_panels(dataclasses.replace(instance, size=rest), EVERYONE)
        if any(can_complete(instance, panel, number) for panel in panels):
            return number
    return None


def can_complete(instance, panel, number):
    for feature, values in instance.quotas.items():
        counts = {value: sum(entry.values[feature] == value for entry in panel) for value in values}
        if any(counts[value] > quota.upper for value, quota in values.items()):
            return False
        least = sum(max(quota.lower - counts[value], 0) for value, quota in values.items())
        most = sum(quota.upper - counts[value] for value, quota in values.items())
        if not least <= number <= most:
            return False
    return True


@settings(max_examples=80, deadline=None)
@given(instances())
def test_as_few_registrations_as_possible_and_with_them_a_panel_exists(instance):
    found = find_additions(Polytope.of(instance))
    expected = fewest(instance)
    assert (None if found is None else found.count) == expected
    if found is not None:
        rows = [row for kind in found.kinds for row in kind.examples]
        assert any(True for _ in all_panels(with_registrations(instance, rows)))
        assert all(kind.matters.items() <= row.items() for kind in found.kinds for row in kind.examples)


@settings(max_examples=40, deadline=None)
@given(instances())
def test_a_value_said_not_to_matter_alone_does_not(instance):
    """For one missing registration all completions are tried on at most three features: the claim is exact."""
    found = find_additions(Polytope.of(instance))
    if found is None or found.count != 1:
        return
    (kind,) = found.kinds
    free = [feature for feature in instance.quotas if feature not in kind.matters]
    for feature in free:
        for value in instance.quotas[feature]:
            row = {**kind.examples[0], feature: value}
            assert any(True for _ in all_panels(with_registrations(instance, [row])))


def pool(*rows):
    return tuple(
        Entry(f"{number:02}", dict(zip(("District", "Age"), row, strict=True))) for number, row in enumerate(rows)
    )


def test_only_the_values_that_matter_are_named():
    entries = pool(*itertools.product(["South"], ["young", "old"] * 5))
    quotas = {
        "District": {"North": Quota(2, 3), "South": Quota(3, 4)},
        "Age": {"young": Quota(1, 5), "old": Quota(1, 5)},
    }
    found = find_additions(Polytope.of(Instance(entries, quotas, 6)))
    assert str(found.message) == "2 more registrations would make a panel possible: 2 × District “North”."


def test_a_combination_that_nobody_has_is_made_up_when_needed():
    entries = pool(("South", "old"), ("South", "old"), ("North", "old"), ("South", "young"))
    quotas = {
        "District": {"North": Quota(1, 1), "South": Quota(1, 1)},
        "Age": {"young": Quota(1, 1), "middle": Quota(1, 1), "old": Quota(0, 0)},
    }
    found = find_additions(Polytope.of(Instance(entries, quotas, 2)))
    assert str(found.message) == (
        "1 more registration would make a panel possible: 1 × District “North”, Age “middle”."
    )


def test_anyone_will_do_when_the_pool_is_merely_too_small():
    quotas = {"District": {"North": Quota(0, 3), "South": Quota(0, 3)}, "Age": {"old": Quota(0, 3)}}
    found = find_additions(Polytope.of(Instance(pool(("South", "old")), quotas, 3)))
    assert str(found.message) == "2 more registrations would make a panel possible: 2 × anyone."


def test_nothing_is_missing_from_a_feasible_pool():
    quotas = {"District": {"South": Quota(1, 1)}, "Age": {"old": Quota(1, 1)}}
    assert find_additions(Polytope.of(Instance(pool(("South", "old")), quotas, 1))).kinds == ()


def test_registrations_that_turn_out_not_to_help_are_an_error(monkeypatch):
    quotas = {"District": {"South": Quota(2, 2)}, "Age": {"old": Quota(2, 2)}}
    monkeypatch.setattr(additions, "with_registrations", lambda instance, rows: instance)
    with pytest.raises(SolverError):
        find_additions(Polytope.of(Instance(pool(("South", "old")), quotas, 2)))
