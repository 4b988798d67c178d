"""From population shares to quotas: largest remainder, with a chosen tolerance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from sortition.errors import InputError
from sortition.message import Message, marked, rounded
from sortition.model import Quota, Quotas

Share = int | Decimal | Fraction
"""Shares are exact: a decimal number is read as Decimal, never as a binary float."""
ROUNDING = Fraction(1, 100)
"""Published shares are rounded; a feature whose shares miss the whole by up to 1 % of it is scaled, and says so."""
_WHOLE = {"percent": 100, "fraction": 1}


@dataclass(frozen=True, slots=True)
class SharedSeats:
    """The outcome of `quotas_from_shares`: ranges, the seats they surround, and what was scaled on the way.

    `seats` {feature: {value: seats}} add up to the size in every feature and lie in their quotas.
    """

    quotas: Quotas
    seats: Mapping[str, Mapping[str, int]]
    notes: tuple[Message, ...]


def quotas_from_shares(
    shares: Mapping[str, Mapping[str, Share]],
    size: int,
    *,
    unit: Literal["percent", "fraction", "count"] = "percent",
    tolerance_seats: int = 0,
    tolerance_percent: Share = 0,
) -> SharedSeats:
    """Turn each feature's shares of the population into quotas for a panel of `size` seats.

    1. Largest remainder (Hamilton): every value gets the whole part of share × size; the seats left go to the largest
       remainders. Equal remainders: the smaller share first, so that small groups are spared, then table order.
    2. Widen by `tolerance_seats`, or to all counts within `tolerance_percent` percentage points of the share (the
       seats of step 1 always stay inside), and clip to 0 and size.

    `unit` says what shares of a feature add up to: "percent" 100, "fraction" 1, each up to rounding; "count" any
    number of residents. Exact arithmetic throughout.
    Raises InputError, for all features at once, if a share is negative or a feature does not add up; also if both
    tolerances are given, or one is negative.

    >>> result = quotas_from_shares({"age": {"16-29": 20, "30-59": 45, "60+": 35}}, 24, tolerance_seats=1)
    >>> result.seats["age"]
    {'16-29': 5, '30-59': 11, '60+': 8}
    >>> result.quotas["age"]["60+"]
    Quota(lower=7, upper=9, lower_flex=None, upper_flex=None)
    """
    if size < 1:
        raise InputError(f"The panel needs at least one seat, not {size}.")
    if tolerance_seats < 0 or tolerance_percent < 0:
        raise InputError("A tolerance cannot be negative.")
    if tolerance_seats and tolerance_percent:
        raise InputError("Give the tolerance either in seats or in percent, not both.")
    if problems := [text for feature, values in shares.items() for text in _problems(feature, values, unit)]:
        raise InputError("\n".join(problems))
    quotas: dict[str, dict[str, Quota]] = {}
    seats: dict[str, dict[str, int]] = {}
    notes = []
    for feature, values in shares.items():
        total = _total(values)
        if unit != "count" and total != _WHOLE[unit]:
            notes.append(_scaled(feature, total, unit))
        exact = {value: Fraction(share) / total for value, share in values.items()}
        seats[feature] = largest_remainder(exact, size)
        points = Fraction(tolerance_percent) / 100
        quotas[feature] = {
            value: _range(share, seats[feature][value], size, tolerance_seats, points) for value, share in exact.items()
        }
    return SharedSeats(quotas, seats, tuple(notes))


def largest_remainder(shares: Mapping[str, Fraction], size: int) -> dict[str, int]:
    """Apportion `size` seats to shares that add up to 1; ties as in `quotas_from_shares`."""
    seats = {value: math.floor(share * size) for value, share in shares.items()}
    # Python's sort is stable, so the order of the table decides last.
    by_remainder = sorted(shares, key=lambda value: (seats[value] - shares[value] * size, shares[value]))
    for value in by_remainder[: size - sum(seats.values())]:
        seats[value] += 1
    return seats


def _range(share: Fraction, seats: int, size: int, tolerance_seats: int, points: Fraction) -> Quota:
    lower = min(seats - tolerance_seats, math.ceil((share - points) * size))
    upper = max(seats + tolerance_seats, math.floor((share + points) * size))
    return Quota(max(lower, 0), min(upper, size))


def _problems(feature: str, values: Mapping[str, Share], unit: str) -> list[str]:
    negative = [value for value, share in values.items() if share < 0]
    if negative:
        names = ", ".join(f"“{value}”" for value in negative)
        return [f"{feature}: the share of {names} is negative. Give 0 or more."]
    total = _total(values)
    if unit == "count":
        return [] if total > 0 else [f"{feature}: all shares are 0. Give at least one that is not."]
    whole = _WHOLE[unit]
    if abs(total - whole) <= ROUNDING * whole:
        return []
    advice = "Check whether a value is missing or listed twice, or give numbers of residents instead of shares."
    return [f"{feature}: the shares add up to {rounded(total)}, not {whole}. {advice}"]


def _total(values: Mapping[str, Share]) -> Fraction:
    return sum((Fraction(share) for share in values.values()), Fraction(0))


def _scaled(feature: str, total: Fraction, unit: str) -> Message:
    sentence = marked("{feature}: the shares add up to {total} instead of {whole}; they were scaled to fit.")
    return Message(sentence, {"feature": feature, "total": rounded(total), "whole": _WHOLE[unit]})
