"""The certificate: check the proof of optimality, and measure how far panels are from it."""

from __future__ import annotations

import numpy as np

from sortition.arrays import FloatArray, IntArray
from sortition.lottery import Deviation, Level
from sortition.marginals import Marginals
from sortition.polytope import Polytope

PROOF_TOLERANCE = 1e-7
"""By how much a level's proven bound may lie above its value: ten times what the solver's tolerances allow."""


def level_gap(polytope: Polytope, levels: tuple[Level, ...]) -> float:
    """Return the largest amount by which any level could be raised as far as the multipliers prove; 0 if none.

    For level ℓ with multipliers λ: every panel has Σ λ_c x_c ≤ B. A lottery that keeps the classes of earlier
    levels j at π_c ≥ v_j and raises all others of the level to at least v therefore has
    v · Σ_open λ_c m_c + Σ_earlier λ_c m_c v_j ≤ B, so v ≤ (B − Σ_earlier λ_c m_c v_j) / Σ_open λ_c m_c.
    B is the level's own `bound`, or weak duality over the rows.
    """
    settled: dict[int, float] = {}
    worst = 0.0
    for level in levels:
        open_weight, committed = 0.0, 0.0
        for c, multiplier in level.class_multipliers.items():
            weight = multiplier * float(polytope.multiplicity[c])
            if c in settled:
                committed += weight * settled[c]
            else:
                open_weight += weight
        if open_weight > 0.0:
            bound = _bound(polytope, level) if level.bound is None else level.bound
            worst = max(worst, min(1.0, (bound - committed) / open_weight) - level.value)
        settled |= dict.fromkeys(level.classes, level.value)
    return worst


def _bound(polytope: Polytope, level: Level) -> float:
    """Return the upper bound on Σ λ_c x_c over the polytope that the row multipliers prove."""
    multipliers = np.zeros(len(polytope.labels) + len(polytope.cuts))
    for row, multiplier in level.row_multipliers.items():
        multipliers[row] = multiplier
    rows, cuts = multipliers[: len(polytope.labels)], np.maximum(multipliers[len(polytope.labels) :], 0.0)
    rest = -(polytope.rows.T @ rows) - polytope.cuts.T @ cuts
    for c, multiplier in level.class_multipliers.items():
        rest[c] += multiplier
    return float(
        np.maximum(rows, 0.0) @ polytope.row_upper
        + np.minimum(rows, 0.0) @ polytope.row_lower
        + cuts @ polytope.cut_upper
        + np.maximum(rest, 0.0) @ polytope.upper
        + np.minimum(rest, 0.0) @ polytope.lower
    )


def deviation(ideal: FloatArray, actual: FloatArray) -> Deviation:
    """Return by how much any chance in `actual` falls short of, and exceeds, the one in `ideal`; same shapes."""
    difference = actual - ideal
    return Deviation(shortfall=max(0.0, float(-difference.min())), excess=max(0.0, float(difference.max())))


def portfolio_deviation(polytope: Polytope, marginals: Marginals, panels: IntArray, weights: FloatArray) -> Deviation:
    """Return the deviation of integer panels (N, C) with weights (N,) from the ideal probabilities."""
    return deviation(marginals.probabilities, (weights @ panels) / polytope.multiplicity)
