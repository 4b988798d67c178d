from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortition.errors import InputError
from sortition.model import Quota
from sortition.shares import largest_remainder, quotas_from_shares

COUNTS = st.dictionaries(st.text(max_size=3), st.integers(0, 10_000), min_size=1).filter(lambda c: sum(c.values()) > 0)


@given(COUNTS, st.integers(1, 300), st.integers(0, 5))
def test_seats_add_up_keep_quota_and_lie_in_their_ranges(counts, size, tolerance):
    result = quotas_from_shares({"f": counts}, size, unit="count", tolerance_seats=tolerance)
    seats, quotas, total = result.seats["f"], result.quotas["f"], sum(counts.values())
    assert sum(seats.values()) == size
    for value, count in counts.items():
        assert abs(seats[value] - Fraction(count * size, total)) < 1
        assert quotas[value] == Quota(max(seats[value] - tolerance, 0), min(seats[value] + tolerance, size))


@given(COUNTS, st.integers(1, 300), st.decimals(0, 20, places=1))
def test_a_tolerance_in_percent_holds_every_count_within_it(counts, size, percent):
    result = quotas_from_shares({"f": counts}, size, unit="count", tolerance_percent=percent)
    for value, count in counts.items():
        share = Fraction(count, sum(counts.values()))
        quota, seats = result.quotas["f"][value], result.seats["f"][value]
        within = [n for n in range(size + 1) if abs(Fraction(n, size) - share) <= Fraction(percent) / 100]
        assert quota == Quota(min([*within, seats]), max([*within, seats]))


def test_equal_remainders_go_to_the_smaller_share_then_to_the_first():
    assert largest_remainder({"big": Fraction(5, 6), "small": Fraction(1, 6)}, 3) == {"big": 2, "small": 1}
    assert largest_remainder({"a": Fraction(1, 2), "b": Fraction(1, 2)}, 3) == {"a": 2, "b": 1}


def test_decimals_are_exact():
    """0.1 + 0.2 is 0.3 here, so no seat wanders."""
    shares = {"a": Decimal("0.1"), "b": Decimal("0.2"), "c": Decimal("0.7")}
    result = quotas_from_shares({"f": shares}, 10, unit="fraction")
    assert (result.seats["f"], result.notes) == ({"a": 1, "b": 2, "c": 7}, ())


def test_shares_off_by_rounding_are_scaled_and_it_is_said():
    result = quotas_from_shares({"f": {"a": Decimal("33.3"), "b": Decimal("33.3"), "c": Decimal("33.3")}}, 3)
    assert result.seats["f"] == {"a": 1, "b": 1, "c": 1}
    assert [str(note) for note in result.notes] == [
        "f: the shares add up to 99.9 instead of 100; they were scaled to fit."
    ]


def test_all_problems_are_reported_at_once():
    shares = {"f": {"a": 40, "b": 50}, "g": {"a": 120, "b": -20}, "h": {"a": 100}}
    with pytest.raises(InputError) as error:
        quotas_from_shares(shares, 10)
    assert str(error.value) == (
        "f: the shares add up to 90, not 100. Check whether a value is missing or listed twice, "
        "or give numbers of residents instead of shares.\n"
        "g: the share of “b” is negative. Give 0 or more."
    )


@pytest.mark.parametrize(
    ("size", "options"),
    [
        (0, {}),
        (5, {"tolerance_seats": -1}),
        (5, {"tolerance_percent": Decimal(-1)}),
        (5, {"tolerance_seats": 1, "tolerance_percent": 1}),
    ],
)
def test_impossible_wishes_are_refused(size, options):
    with pytest.raises(InputError):
        quotas_from_shares({"f": {"a": 100}}, size, **options)


def test_residents_need_at_least_one():
    with pytest.raises(InputError, match="all shares are 0"):
        quotas_from_shares({"f": {"a": 0}}, 5, unit="count")
