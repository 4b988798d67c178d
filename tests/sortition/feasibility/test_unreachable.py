from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from sortition.feasibility import Relaxation, explain_unreachable, relaxed, unreachable
from sortition.model import Entry, Instance, Quota
from sortition.polytope import Polytope
from sortition.reachable import reachable_classes
from tests.sortition.feasibility.small_pools import all_panels, instances


def explained(instance):
    polytope = Polytope.of(instance)
    return explain_unreachable(polytope, reachable_classes(polytope))


def holders(instance, profile):
    return [e for e in instance.entries if profile.items() <= e.values.items() and e.id not in instance.excluded]


@settings(max_examples=100, deadline=None)
@given(instances())
def test_groups_are_right_minimal_and_what_would_let_them_in_does(instance):
    panels = list(all_panels(instance))
    if not panels:
        return
    groups, unexplained = explained(instance)
    seated = {entry.id for panel in panels for entry in panel}
    assert unexplained == 0
    named = set()
    for group in groups:
        if not group.profile:
            continue
        people = {entry.id for entry in holders(instance, group.profile)}
        named |= people
        assert group.count == len(people)
        assert not people & seated
        for feature in group.profile if len(group.profile) > 1 else ():
            rest = {name: value for name, value in group.profile.items() if name != feature}
            assert {entry.id for entry in holders(instance, rest)} & seated
        for change in group.changes:
            assert can_sit(instance, people, (change,))
        if group.relaxation is not None:
            assert not group.changes
            assert can_sit(instance, people, group.relaxation.changes)
    alone = sum(not group.profile for group in groups)
    never = {entry.id for entry in instance.entries} - seated - instance.excluded
    assert len(never - named) == alone


def can_sit(instance, people, changes):
    changed = relaxed(instance, Relaxation(tuple(changes), 0, {}))
    return any(people & {entry.id for entry in panel} for panel in all_panels(changed))


def pool(*rows):
    return tuple(
        Entry(f"{n:02}", {"District": district, "Age": age}, *home) for n, (district, age, *home) in enumerate(rows)
    )


def test_a_full_quota_keeps_people_out_and_one_change_lets_them_in():
    """The one young person of the North would need the only seat of the young; the South needs it."""
    entries = pool(("North", "old"), ("North", "young"), ("South", "young"), ("South", "young"))
    quotas = {
        "District": {"North": Quota(1, 1), "South": Quota(1, 1)},
        "Age": {"young": Quota(1, 1, 0, 1), "old": Quota(0, 1)},
    }
    (group,), unexplained = explained(Instance(entries, quotas, 2))
    assert (group.count, unexplained) == (1, 0)
    assert str(group.message) == "Nobody with District “North”, Age “young” can be selected (1 person is registered)."
    assert str(group.conflict.headline) == (
        "District “South” needs at least 1 member, but at most 0 can be drawn while the following holds:"
    )
    assert [str(reason) for reason in group.conflict.reasons] == [
        "Age “young” may have at most 1 member.",
        "One of these people is on the panel.",
    ]
    assert [str(change.message) for change in group.changes] == [
        "Raise the maximum of Age “young” from 1 to 2, which is beyond its max_flex."
    ]


def test_a_minimum_that_keeps_people_out_is_lowered():
    entries = pool(("North", "old"), ("North", "old"), ("South", "old"))
    quotas = {"District": {"North": Quota(2, 2, 2, 2), "South": Quota(0, 1)}, "Age": {"old": Quota(0, 2)}}
    (group,), _ = explained(Instance(entries, quotas, 2))
    assert [str(change.message) for change in group.changes] == [
        "Lower the minimum of District “North” from 2 to 1, which is beyond its min_flex."
    ]


def test_a_household_whose_seat_is_given_is_named_without_its_values():
    entries = pool(("North", "old", "home"), ("North", "old", "home"), ("North", "old"), ("North", "old"))
    quotas = {"District": {"North": Quota(2, 2)}, "Age": {"old": Quota(2, 2)}}
    (group,), _ = explained(Instance(entries, quotas, 2, required=frozenset(["00"])))
    assert str(group.message) == "One person who shares a household can never be selected."
    assert str(group.conflict.reasons[-1]) == "This person is on the panel."
    assert (group.changes, group.relaxation) == ((), None)


def test_people_beyond_the_limit_are_counted(monkeypatch):
    monkeypatch.setattr(unreachable, "GROUP_LIMIT", 1)
    entries = pool(("North", "old"), ("South", "old"), ("South", "old"), ("West", "old"), ("West", "old"))
    quotas = {
        "District": {"North": Quota(1, 1), "South": Quota(0, 0), "West": Quota(0, 0)},
        "Age": {"old": Quota(1, 1)},
    }
    instance = Instance(entries, quotas, 1)
    (group,), unexplained = explained(instance)
    assert (group.profile, group.count, unexplained) == ({"District": "South"}, 2, 2)
    assert explained(replace(instance, excluded=frozenset(["03", "04"])))[1] == 0
