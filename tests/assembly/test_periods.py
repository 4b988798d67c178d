"""Periods end where the civil code says."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assembly.periods import Period, days, months


@pytest.mark.parametrize(
    ("period", "begins", "ends"),
    [
        (days(14), dt.date(2028, 2, 20), dt.date(2028, 3, 5)),  # a leap year
        (days(14), dt.date(2027, 2, 20), dt.date(2027, 3, 6)),
        (months(1), dt.date(2027, 1, 31), dt.date(2027, 2, 28)),
        (months(1), dt.date(2028, 1, 31), dt.date(2028, 2, 29)),
        (months(12), dt.date(2028, 2, 29), dt.date(2029, 2, 28)),
        (months(6), dt.date(2027, 8, 31), dt.date(2028, 2, 29)),
        (days(1), dt.date(2027, 12, 31), dt.date(2028, 1, 1)),
    ],
)
def test_a_period_ends_on_the_day_the_law_says(period: Period, begins: dt.date, ends: dt.date) -> None:
    assert period.after(begins) == ends


@given(st.integers(0, 9999), st.booleans())
def test_a_period_is_read_as_it_is_written(number: int, is_months: bool) -> None:  # hypothesis fills it
    period = Period(number, is_months)
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize("written", ["", "90", "P90", "P1Y", "P1M2D", "p9D", "P-1D", "P12345D", " P1D"])
def test_what_is_no_period_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="P90D"):
        Period.parse(written)
