"""The weights that mix known panels into a target, as even as possible."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from sortition.arrays import FloatArray

MAX_STEPS = 16
"""A mix that exists is found in about ten; beyond, more panels are cheaper than more steps."""
SMALLEST_DAMPING, LARGEST_DAMPING = 1e-10, 1e-1
"""Relative to the mean diagonal: panels lie in an affine subspace, so the Gram matrix is singular by nature; more
damping where a step along a lost direction would overshoot (Levenberg–Marquardt)."""
EXACT = 1e-11
"""A mix this close to its target is exact for every purpose here; the next limit, 1e-6, is far."""


def nearest_weights(panels: FloatArray, target: FloatArray) -> tuple[FloatArray, float]:
    """Return the weights closest to uniform with weights·panels = target, and the residual they leave.

    The projection of the uniform weights u onto {w ≥ 0, Aw = b} is w = max(0, u + Aᵀλ); a semismooth Newton
    iteration with backtracking finds λ. If no such weights exist the residual stays large and the caller must
    find more panels.

    1. With the support S of the current w, solve (A_S A_Sᵀ) Δ = b − Aw.
    2. Step along Δ, halved until the dual objective b·λ − ½‖w‖² rises.
    3. Repeat until Aw = b.

    Shapes: panels (N, C), target (C,), weights (N,), non-negative, summing to 1 up to the residual, which is the
    largest absolute deviation of any class. Source: projection onto a polyhedron by its dual, Rockafellar &
    Wets, Variational Analysis, 12.
    """
    matrix = np.vstack([panels.T, np.ones(len(panels))])
    wanted = np.append(target, 1.0)
    uniform = np.full(len(panels), 1.0 / len(panels))
    multipliers = np.zeros(len(wanted))
    weights = uniform
    value = _dual(weights, wanted, multipliers)
    residual = wanted - matrix @ weights
    damping = SMALLEST_DAMPING
    for _ in range(MAX_STEPS):
        if np.abs(residual).max() < EXACT or damping > LARGEST_DAMPING:
            break
        step = _newton_step(matrix[:, weights > 0], residual, damping)
        candidate = np.maximum(uniform + matrix.T @ (multipliers + step), 0.0)
        candidate_value = _dual(candidate, wanted, multipliers + step)
        if not candidate_value > value:
            damping *= 30.0
            continue
        damping = max(damping / 10.0, SMALLEST_DAMPING)
        multipliers, weights, value = multipliers + step, candidate, candidate_value
        residual = wanted - matrix @ weights
    return weights, float(np.abs(residual).max())


def _dual(weights: FloatArray, wanted: FloatArray, multipliers: FloatArray) -> float:
    """Return the dual objective of the projection, up to a constant."""
    return float(wanted @ multipliers - 0.5 * weights @ weights)


def _newton_step(support: FloatArray, residual: FloatArray, damping: float) -> FloatArray:
    gram = support @ support.T
    gram[np.diag_indices_from(gram)] += damping * gram.trace() / len(gram)
    factor = linalg.cho_factor(gram, check_finite=False, overwrite_a=True)
    return np.asarray(linalg.cho_solve(factor, residual, check_finite=False))
