"""The figures that public and audit documents state; `commit` states them and `verify` computes them again.

Exact: integers, fractions, and decimal strings of twelve decimals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from sortition.arrays import IntArray
from sortition.errors import InputError
from sortition.lottery import Certificate, Deviation
from sortition.model import Quotas

DECIMALS = 12
SMALLEST_SHOWN_COUNT = 3
"""Pool counts below this are merged into others: a count of one or two points at people."""


def decimal_text(number: float) -> str:
    """Return a float as a decimal string of twelve decimals.

    >>> decimal_text(1e-06)
    '0.000001000000'
    """
    return f"{max(number, 0.0):.{DECIMALS}f}"


def rounded_up(number: Fraction) -> str:
    """Return an exact number as a decimal string of twelve decimals, rounded up so that no claim is too good.

    >>> rounded_up(Fraction(1, 3))
    '0.333333333334'
    """
    scaled = -((-number.numerator * 10**DECIMALS) // number.denominator)
    whole, rest = divmod(max(scaled, 0), 10**DECIMALS)
    return f"{whole}.{rest:0{DECIMALS}d}"


def merged_counts(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the pool counts of one feature, those below three merged with each other and with the largest.

    With the largest, so that even whoever knows this rule cannot compute a merged count: if one of the people
    with a merged value had the largest value instead, the same would be published. Values are in alphabetical
    order, also within a merged group, so that the order says nothing about the counts.

    >>> merged_counts({"divers": 2, "männlich": 40, "weiblich": 58})
    [{'values': ['divers', 'weiblich'], 'count': 60}, {'values': ['männlich'], 'count': 40}]
    """
    small = {value for value, count in counts.items() if count < SMALLEST_SHOWN_COUNT}
    if small:
        small.add(max(sorted(counts), key=lambda value: counts[value]))
    groups = [[value] for value in counts if value not in small] + ([sorted(small)] if small else [])
    return [{"values": values, "count": sum(counts[value] for value in values)} for values in sorted(groups)]


def value_counts(rows: Iterable[Mapping[str, str]], quotas: Mapping[str, Iterable[str]]) -> dict[str, dict[str, int]]:
    """Return how many rows have each value, features and values as in the quotas."""
    counts = {feature: dict.fromkeys(values, 0) for feature, values in quotas.items()}
    for values in rows:
        for feature, by_value in counts.items():
            by_value[values[feature]] += 1
    return counts


def counts_per_ticket(
    rows: Sequence[Mapping[str, str] | None], tickets: IntArray, quotas: Mapping[str, Iterable[str]]
) -> dict[str, dict[str, IntArray]]:
    """Return {feature: {value: members with it on each ticket}}; arrays of shape (m,).

    `rows` are the values of each entry, None where they were erased; `tickets` (m, size) are positions in them.
    """
    counts: dict[str, dict[str, IntArray]] = {}
    for feature, values in quotas.items():
        number = {value: index for index, value in enumerate(values)}
        held = np.array([-1 if row is None else number[row[feature]] for row in rows])[tickets]
        counts[feature] = {value: np.sum(held == index, axis=1) for value, index in number.items()}
    return counts


def chance_histogram(times: IntArray) -> list[dict[str, int]]:
    """Return how many entries stand on how many tickets, fewest tickets first; `times` has one number per entry."""
    return [{"tickets": k, "entries": n} for k, n in sorted(Counter(times.tolist()).items())]


def deviation(ideal: Sequence[str], times: IntArray, tickets: int) -> dict[str, str]:
    """Return the largest shortfall and excess of tickets against ideal chances, which are decimal strings."""
    differences = [Fraction(text) - Fraction(int(k), tickets) for text, k in zip(ideal, times, strict=True)]
    return {"shortfall": rounded_up(max(differences)), "excess": rounded_up(-min(differences))}


def bounds(quotas: Quotas) -> dict[str, dict[str, dict[str, int]]]:
    """Return the quotas as they are published."""
    return {f: {v: {"lower": q.lower, "upper": q.upper} for v, q in values.items()} for f, values in quotas.items()}


def flex(quotas: Quotas) -> dict[str, dict[str, dict[str, int | None]]]:
    """Return how far quotas may be relaxed, which replacements need; only the audit document holds it."""
    return {
        feature: {value: {"lower_flex": q.lower_flex, "upper_flex": q.upper_flex} for value, q in values.items()}
        for feature, values in quotas.items()
    }


def certificate_claim(certificate: Certificate, objective: str, tickets: Mapping[str, str]) -> dict[str, Any]:
    """Return what is published of a certificate; `tickets` is the `deviation` of the tickets."""

    def texts(value: Deviation) -> dict[str, str]:
        return {"shortfall": decimal_text(value.shortfall), "excess": decimal_text(value.excess)}

    return {
        "proven": certificate.proven,
        "proof": certificate.proof,
        "objective": objective,
        "tolerance": decimal_text(certificate.tolerance),
        "gap": decimal_text(certificate.gap),
        "portfolio": texts(certificate.portfolio),
        "tickets": dict(tickets),
    }


def require_fitting_order(relaxation_order: Sequence[str], quotas: Mapping[str, object]) -> None:
    """Raise InputError if an order of relaxations is neither empty nor names every feature once."""
    if relaxation_order and sorted(relaxation_order) != sorted(quotas):
        known = ", ".join(f"“{feature}”" for feature in quotas)
        raise InputError(f"relaxation_order must name every feature once, the one to relax first in front: {known}.")
