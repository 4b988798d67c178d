"""The outcome of an objective: one selection probability per class, and why no better one exists."""

from __future__ import annotations

from dataclasses import dataclass

from sortition.arrays import FloatArray
from sortition.lottery import Level


@dataclass(frozen=True, slots=True, eq=False)
class Marginals:
    """Ideal selection probabilities over a polytope.

    `probabilities` (C,), in [0, 1], one per class of the polytope; classes whose upper bound is 0 have 0.
    `levels` prove that no point of the polytope does better.
    """

    probabilities: FloatArray
    levels: tuple[Level, ...]
