"""A mix of panels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sortition.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Mix:
    """Panels (N, C), as counts per class, and their weights (N,): non-negative, with sum 1."""

    panels: IntArray
    weights: FloatArray

    def __post_init__(self) -> None:
        """Drop what weighs nothing, and make the sum exact."""
        used = self.weights > 0.0
        object.__setattr__(self, "panels", np.asarray(self.panels)[used])
        object.__setattr__(self, "weights", self.weights[used] / self.weights[used].sum())

    @property
    def point(self) -> FloatArray:
        """The expected counts per class, shape (C,)."""
        return np.asarray(self.weights @ self.panels, dtype=float)
