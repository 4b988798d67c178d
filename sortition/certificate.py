"""The certificate: check the proof of optimality, and measure how far panels are from it."""

from __future__ import annotations

import numpy as np

from sortition.arrays import FloatArray
from sortition.lottery import Deviation, Level
from sortition.objectives.bounds import upper_bound
from sortition.polytope import Polytope

PROOF_TOLERANCE = 1e-7
"""By how much a level's proven bound may lie above its value: ten times what the solver's tolerances allow."""

ROUNDING = 1e-14
"""By how much sums of floats may be off, relative to the sum of their absolute terms: fifty units in the last place."""


def level_gap(polytope: Polytope, levels: tuple[Level, ...]) -> float:
    """Return the largest amount by which any level could be raised as far as the multipliers prove; 0 if none.

    For level ℓ with multipliers λ: every panel has Σ λ_c x_c ≤ B. A lottery that keeps the classes of earlier
    levels j at π_c ≥ v_j and raises all others of the level to at least v therefore has
    v · Σ_open λ_c m_c + Σ_earlier λ_c m_c v_j ≤ B, so v ≤ (B − Σ_earlier λ_c m_c v_j) / Σ_open λ_c m_c.
    B is the level's own `bound`, or weak duality over the rows.

    A class that a level claims without a multiplier, or that no level claims, could be raised to 1 for all one knows;
    so could one whose proof has a negative multiplier on a class, or numbers that floats do not carry. A level below
    an earlier one was not the smallest chance that was left, and might be raised to the earlier one.
    """
    settled: dict[int, float] = {}
    worst = highest = 0.0
    for level in levels:
        open_weight, committed = 0.0, 0.0
        for c, multiplier in level.class_multipliers.items():
            weight = multiplier * float(polytope.multiplicity[c])
            if c in settled:
                committed += weight * settled[c]
            else:
                open_weight += weight
        if open_weight > 0.0:
            with np.errstate(over="ignore", invalid="ignore"):  # then nothing is proven, as `min` takes it
                bound = upper_bound(polytope, level) if level.bound is None else level.bound
                lost = ROUNDING * _magnitude(polytope, level)
            worst = max(worst, min(1.0, (bound - committed + lost) / open_weight) - level.value)
        unproven = any(level.class_multipliers.get(c, 0.0) <= 0.0 for c in level.classes)
        if unproven or min(level.class_multipliers.values(), default=0.0) < 0.0:
            worst = max(worst, 1.0 - level.value)
        if not settled.keys() >= set(level.classes):
            highest = max(highest, level.value)
            worst = max(worst, highest - level.value)
        settled = dict.fromkeys(level.classes, level.value) | settled
    unclaimed = set(map(int, np.flatnonzero(polytope.upper > 0))) - settled.keys()
    return 1.0 if unclaimed else worst


def _magnitude(polytope: Polytope, level: Level) -> float:
    """Return the sum of the absolute terms that the proof of a level adds up."""
    rows, lower, upper = polytope.constraints()
    y, weights = np.zeros(rows.shape[0]), np.zeros(rows.shape[1])
    y[list(level.row_multipliers)] = np.abs(list(level.row_multipliers.values()))
    weights[list(level.class_multipliers)] = np.abs(list(level.class_multipliers.values()))
    sides = np.maximum(np.where(np.isfinite(lower), np.abs(lower), 0.0), np.abs(upper))
    return float(y @ sides + (weights + abs(rows).T @ y) @ polytope.multiplicity)


def level_shortfall(levels: tuple[Level, ...], chances: FloatArray) -> float:
    """Return by how much any class has a smaller chance (C,) than the level that claims it says."""
    return max((level.value - float(chances[list(level.classes)].min()) for level in levels), default=0.0)


def deviation(ideal: FloatArray, actual: FloatArray) -> Deviation:
    """Return by how much any chance in `actual` falls short of, and exceeds, the one in `ideal`; same shapes."""
    difference = actual - ideal
    return Deviation(shortfall=max(0.0, float(-difference.min())), excess=max(0.0, float(difference.max())))
