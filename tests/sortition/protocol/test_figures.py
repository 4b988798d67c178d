"""The published figures are exact, and merged counts cannot be computed by anyone who knows the rule."""

from __future__ import annotations

import itertools
from collections import defaultdict
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortition.protocol.figures import decimal_text, merged_counts, rounded_up


def published(counts: dict[str, int]) -> str:
    return repr(merged_counts(counts))


@pytest.mark.parametrize(("people", "values"), [(p, v) for p in range(2, 13) for v in (2, 3, 4)])
def test_nobody_can_tell_how_many_people_have_a_merged_value(people: int, values: int) -> None:
    """All pools are tried: what is published for one with a count of 1 or 2 is published for another one too."""
    names = "abcd"[:values]
    pools: dict[str, list[dict[str, int]]] = defaultdict(list)
    for counts in itertools.product(range(people + 1), repeat=values):
        if sum(counts) == people:
            pool = dict(zip(names, counts, strict=True))
            pools[published(pool)].append(pool)
    for alike in pools.values():
        for pool in alike:
            for name, count in pool.items():
                if 0 < count < 3:
                    assert len({other[name] for other in alike}) > 1


@given(st.dictionaries(st.text(min_size=1), st.integers(0, 50), min_size=1))
def test_merged_counts_cover_every_value_and_sum_to_the_pool(counts: dict[str, int]) -> None:
    groups = merged_counts(counts)
    assert sorted(value for group in groups for value in group["values"]) == sorted(counts)
    assert sum(group["count"] for group in groups) == sum(counts.values())
    assert all(group["count"] >= min(3, sum(counts.values())) for group in groups)
    assert groups == sorted(groups, key=lambda group: group["values"])
    assert all(group["values"] == sorted(group["values"]) for group in groups)


@given(st.dictionaries(st.text(min_size=1), st.integers(0, 9), min_size=1), st.randoms())
def test_the_order_of_the_values_says_nothing(counts: dict[str, int], random: object) -> None:
    items = list(counts.items())
    random.shuffle(items)  # type: ignore[attr-defined]  # tests handle documents loosely
    assert merged_counts(dict(items)) == merged_counts(counts)


@given(st.fractions(min_value=-1, max_value=100))
def test_claims_are_rounded_up(number: Fraction) -> None:
    shown = Fraction(rounded_up(number))
    assert 0 <= shown - max(number, Fraction(0)) < Fraction(1, 10**12)


def test_decimal_texts() -> None:
    assert decimal_text(0.1) == "0.100000000000"
    assert decimal_text(-1e-18) == "0.000000000000"
    assert rounded_up(Fraction(-1, 3)) == "0.000000000000"
    assert rounded_up(Fraction(3, 2)) == "1.500000000000"
