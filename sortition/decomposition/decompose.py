"""Write ideal selection probabilities as a mix of panels, or prove that no mix makes them."""

from __future__ import annotations

import numpy as np

from sortition.arrays import FloatArray, IntArray
from sortition.decomposition.face import Face
from sortition.decomposition.herding import Herd
from sortition.decomposition.mix import Mix
from sortition.decomposition.rays import Pricer, Separation, mix_or_separate
from sortition.decomposition.states import PanelStates
from sortition.decomposition.weights import nearest_weights
from sortition.monitor import Monitor
from sortition.polytope import Polytope

FIRST_PANELS, MORE_PANELS, MOST_PANELS = 1.5, 1.1, 4.0
"""Panels per fractional class: before the first try at weights, the factor between tries, and the last try."""
GOOD_ENOUGH = 1e-8
"""Largest deviation of a class from its target with which a herd's mix is accepted."""


def decompose(
    polytope: Polytope,
    target: FloatArray,
    known: IntArray,
    *,
    pricer: Pricer | PanelStates,
    rng: np.random.Generator,
    monitor: Monitor,
) -> Mix | Separation:
    """Return the target (C,), a point of the polytope, as a mix of panels, or a separating inequality.

    1. Herd panels on the face of the target until weights make it exactly; fast, and enough for nearly all pools.
    2. If that does not close, ask exactly (`mix_or_separate`), starting from all panels known so far.

    Step 1 is left out where pricing by states makes step 2 faster, and with cuts: only panels on the cuts' faces can
    be in the mix, which herding does not see.
    `known` (N, C) are panels found before. Raises InfeasibleQuotasError, CancelledError.
    """
    if isinstance(pricer, Pricer) and not len(polytope.cuts):
        herded = _herd(polytope, target, rng=rng, monitor=monitor)
        if isinstance(herded, Mix):
            return herded
        known = np.unique(np.concatenate([known, herded]), axis=0)
    return mix_or_separate(target, known, pricer=pricer, monitor=monitor)


def _herd(polytope: Polytope, target: FloatArray, *, rng: np.random.Generator, monitor: Monitor) -> Mix | IntArray:
    """Return the mix, or the panels found without one."""
    face = Face.at(polytope, target, rng)
    herd = Herd(face, rng=rng, monitor=monitor)
    if not herd.start():
        return np.empty((0, face.classes), dtype=np.int64)
    share = FIRST_PANELS
    fractional = face.fractional
    while share <= MOST_PANELS:
        wanted = int(share * len(fractional)) + 2
        herd.run(wanted)
        panels = herd.store.panels
        weights, residual = nearest_weights(panels[:, fractional].astype(float), face.target[fractional])
        monitor.report("weights", deviation=residual, panels=len(panels))
        if residual <= GOOD_ENOUGH:
            return Mix(panels.astype(np.int64), weights)
        if len(panels) < wanted:
            break
        share *= MORE_PANELS
    return herd.store.panels.astype(np.int64)
