from __future__ import annotations

import pytest
from hypothesis import given, settings

from sortition.errors import SolverError
from sortition.feasibility import Rule, RuleBook, count_problems, find_conflicts, minimal_conflict
from sortition.model import Entry, Instance, Quota
from sortition.polytope import Polytope
from tests.sortition.feasibility.small_pools import all_panels, instances


def book_of(instance):
    return RuleBook(Polytope.of(instance))


def has_panel(instance, rules=None):
    return any(True for _ in all_panels(instance, rules))


@settings(max_examples=100, deadline=None)
@given(instances())
def test_feasible_if_and_only_if_some_panel_obeys_all_rules(instance):
    book = book_of(instance)
    assert book.is_feasible(book.rules) == has_panel(instance)
    assert (minimal_conflict(book, book.rules) is None) == has_panel(instance)


@settings(max_examples=100, deadline=None)
@given(instances())
def test_a_conflict_cannot_be_obeyed_but_every_part_of_it_can(instance):
    book = book_of(instance)
    conflict = minimal_conflict(book, book.rules)
    if conflict:
        assert not has_panel(instance, conflict)
        for dropped in conflict:
            assert has_panel(instance, [rule for rule in conflict if rule != dropped])


@settings(max_examples=66, deadline=None)
@given(instances())
def test_conflicts_share_no_rule_and_without_them_a_panel_exists(instance):
    book = book_of(instance)
    conflicts = find_conflicts(book)
    named = [rule for conflict in conflicts for rule in conflict.rules]
    assert len(named) == len(set(named))
    assert has_panel(instance, [rule for rule in book.rules if rule not in named])


@settings(max_examples=100, deadline=None)
@given(instances())
def test_what_counting_rules_out_has_no_panel(instance):
    """Each sentence stands on its own: the rules it names suffice (with those of all persons)."""
    for problem in count_problems(instance):
        everyone = [rule for rule in book_of(instance).rules if not rule.is_quota]
        assert not has_panel(instance, [*everyone, *problem.rules])


def person(number, district, age="any", household=None):
    return Entry(str(number), {"District": district, "Age": age}, household)


def test_the_issues_example_in_words():
    """District North needs 6; 4 registered, 3 of them in two households."""
    entries = [person(n, "South") for n in range(20)]
    entries += [person(20, "North", household="a"), person(21, "North", household="a")]
    entries += [person(22, "North", household="b"), person(23, "South", household="b"), person(24, "North")]
    quotas = {"District": {"North": Quota(6, 6), "South": Quota(0, 4)}, "Age": {"any": Quota(0, 10)}}
    assert [str(problem.message) for problem in count_problems(Instance(tuple(entries), quotas, 10))] == [
        (
            "District “North” needs at least 6 members; 4 people are registered, 3 of them in 2 households, "
            "so at most 3 can be drawn."
        ),
        (
            "District: the maximums and the registrations together fill at most 7 of 10 seats; "
            "too few people can be drawn for: “North”."
        ),
    ]


def test_all_count_problems_are_said_not_only_the_first():
    entries = tuple(person(n, "North" if n else "South", "young" if n < 2 else "old", "home") for n in range(4))
    quotas = {
        "District": {"North": Quota(3, 5), "South": Quota(3, 3)},
        "Age": {"young": Quota(1, 1), "old": Quota(1, 1)},
    }
    instance = Instance(entries, quotas, 5, required=frozenset(["0", "1"]), excluded=frozenset(["2"]))
    assert [str(problem.message) for problem in count_problems(instance)] == [
        "The panel has 5 seats; 3 people are registered, 3 of them in 1 household, so at most 1 can be drawn.",
        "District: the minimums add up to 6, but the panel has only 5 seats.",
        "Age: the maximums add up to 2, but the panel has 5 seats.",
        (
            "District “North” needs at least 3 members; 2 people are registered, 2 of them in 1 household, "
            "so at most 1 can be drawn."
        ),
        "District “South” needs at least 3 members, but only 1 person is registered.",
        "Age “young” may have at most 1 member, but 2 seats are already given.",
        "The seats already given include several from the same household (in 1 household).",
    ]


def test_a_conflict_between_two_features_names_both_and_how_far_one_can_get():
    entries = tuple(person(n, "North" if n < 4 else "South", "young" if n < 4 else "old") for n in range(8))
    quotas = {
        "District": {"North": Quota(3, 4), "South": Quota(0, 4)},
        "Age": {"young": Quota(0, 2), "old": Quota(0, 4)},
    }
    (conflict,) = find_conflicts(book_of(Instance(entries, quotas, 4)))
    assert conflict.rules == (Rule("lower", "District", "North"), Rule("upper", "Age", "young"))
    assert str(conflict.headline) == (
        "District “North” needs at least 3 members, but at most 2 can be drawn while the following holds:"
    )
    assert [str(reason) for reason in conflict.reasons] == ["Age “young” may have at most 2 members."]


def test_each_kind_of_rule_has_its_sentence():
    entries = [person(n, "North", "young", "home") for n in range(2)] + [person(n, "South", "old") for n in (2, 3)]
    quotas = {
        "District": {"North": Quota(0, 2), "South": Quota(0, 2)},
        "Age": {"young": Quota(0, 2), "old": Quota(0, 1)},
    }
    instance = Instance(tuple(entries), quotas, 3, required=frozenset("2"), excluded=frozenset("3"))
    (conflict,) = find_conflicts(book_of(instance))
    assert str(conflict.headline) == "These rules together leave too few people for the panel:"
    assert [str(reason) for reason in conflict.reasons] == [
        "A household may have at most one member; 2 people share 1 household.",
        "1 registered person must not be drawn.",
    ]


def test_a_seat_already_given_can_be_in_the_way():
    entries = tuple(person(n, "North" if n else "South") for n in range(3))
    quotas = {"District": {"North": Quota(2, 2), "South": Quota(0, 2)}, "Age": {"any": Quota(0, 2)}}
    (conflict,) = find_conflicts(book_of(Instance(entries, quotas, 2, required=frozenset("0"))))
    assert str(conflict.headline) == (
        "District “North” needs at least 2 members, but at most 1 can be drawn while the following holds:"
    )
    assert [str(reason) for reason in conflict.reasons] == ["1 seat is already given."]


def test_a_maximum_alone_can_be_the_conflict():
    entries = tuple(person(n, "North") for n in range(3))
    quotas = {"District": {"North": Quota(0, 1), "South": Quota(0, 2)}, "Age": {"any": Quota(0, 2)}}
    (conflict,) = find_conflicts(book_of(Instance(entries, quotas, 2)))
    assert str(conflict.headline) == "District “North” may have at most 1 member, but at least 2 must be drawn."


def test_too_small_a_pool_is_a_conflict_of_no_rule():
    instance = Instance((person(1, "North"),), {"District": {"North": Quota(0, 2)}, "Age": {"any": Quota(0, 2)}}, 2)
    book = book_of(instance)
    assert minimal_conflict(book, book.rules) == ()
    assert find_conflicts(book) == ()
    with pytest.raises(SolverError):
        book.nearest(Rule("upper", "District", "North"), ())
