"""Nash welfare: the largest product of everybody's chances."""

from __future__ import annotations

import numpy as np

from sortition.arrays import BoolArray, FloatArray
from sortition.marginals import Marginals
from sortition.monitor import Monitor
from sortition.objectives.barrier import maximise_log
from sortition.objectives.bounds import best_level
from sortition.objectives.face import TIGHT, find_face
from sortition.polytope import Polytope


def nash(polytope: Polytope, *, monitor: Monitor | None = None) -> Marginals:
    """Return the selection probabilities π in the polytope with the largest Σ log π over all persons.

    1. Find the rows and classes that are the same at every point; classes forced to 0 leave the sum.
    2. Maximise over the rest by an interior-point method; the optimum is unique, accurate to 1e-8 per person.
    3. Prove it: the gradient λ_c = multiplicity_c / x_c weighs no point of the polytope more than the returned one.

    The only level's `class_multipliers` are λ and its `row_multipliers` the duals of step 3, so that for every
    lottery's π', by concavity, Σ log π' − Σ log π ≤ `upper_bound(polytope, level)` − Σ_c λ_c·x_c, which is 0 but for
    rounding. Its `value` is the smallest chance, its `classes` are those in the sum.

    Shapes: one probability per class of `polytope`, in [0, 1]; classes that no point contains have 0.
    Raises InfeasibleQuotasError if the polytope is empty.
    Source: Flanigan et al., Nature 596 (2021), supplement, over the relaxation instead of the panels.
    """
    monitor = monitor or Monitor()
    monitor.report("nash")
    x, counted = nash_point(polytope, monitor=monitor)
    weights = np.zeros(len(x))
    weights[counted] = polytope.multiplicity[counted] / x[counted]
    probabilities = x / polytope.multiplicity
    value = float(probabilities[counted].min(initial=1.0))
    classes = tuple(int(c) for c in np.flatnonzero(counted))
    return Marginals(probabilities, (best_level(polytope, weights, value, classes, monitor),))


def nash_point(polytope: Polytope, *, monitor: Monitor) -> tuple[FloatArray, BoolArray]:
    """Return the seats per class (C,) with the largest Σ multiplicity·log x, and which classes (C,) are in the sum.

    Also used to pick one point, and always the same, where another objective leaves many to choose from.
    """
    face = find_face(polytope, monitor=monitor)
    x = np.clip(maximise_log(face, polytope.multiplicity.astype(float), monitor=monitor), face.lower, face.upper)
    return x, face.upper > TIGHT
