"""Herding: a stream of panels whose running mean follows a target."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sortition.arrays import FloatArray, IntArray
from sortition.decomposition.face import Face, PanelFinder
from sortition.decomposition.moves import MoveTable
from sortition.monitor import Monitor

NOISE = 0.3
"""Standard deviation of the noise on a class's debt: enough that panels differ, less than one seat."""
RUNAWAY_DEBT = 4.0
"""A class that is owed (or owes) this many seats is forced into (out of) the next panel."""
REFRESH = 12
"""After so many panels in a row that were known already, a program finds the next one."""
WINDOW = 600
"""How many of the latest panels are candidates to start from; more cost time and do not help."""
MINIMUM_GAIN = 1e-6


class PanelStore:
    """Distinct panels (C,) in the order they were found; grows as needed."""

    def __init__(self, classes: int) -> None:
        self._rows = np.empty((256, classes), dtype=np.float32)
        self._count = 0
        self._known: set[bytes] = set()
        self._squares: npt.NDArray[np.float32] = np.empty((0, classes), dtype=np.float32)
        self._quadratic: FloatArray = np.empty(0)
        self._sums: npt.NDArray[np.float32] = np.empty(0, dtype=np.float32)

    def __len__(self) -> int:
        return self._count

    @property
    def panels(self) -> npt.NDArray[np.float32]:
        """All panels, shape (N, C); whole numbers below 2^24, so exact."""
        return self._rows[: self._count]

    def add(self, panel: IntArray) -> bool:
        """Keep a panel; returns whether it was new."""
        if self.knows(panel):
            return False
        self._known.add(panel.astype(np.int32).tobytes())
        if self._count == len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
        self._rows[self._count] = panel
        self._count += 1
        return True

    def knows(self, panel: IntArray) -> bool:
        """Whether a panel is kept already."""
        return panel.astype(np.int32).tobytes() in self._known

    def best(self, weights: FloatArray) -> IntArray:
        """Return the recent panel with the largest weights·panel."""
        recent = self.panels[-WINDOW:]
        return _whole(recent[int(np.argmax(recent @ weights.astype(np.float32)))])

    def closest(self, linear: FloatArray, quadratic: FloatArray) -> IntArray:
        """Return the known panel minimising Σ quadratic·panel² − 2·linear·panel."""
        if len(self._squares) != len(self):
            self._squares = np.square(self.panels)
            self._quadratic = np.empty(0)
        if not np.array_equal(self._quadratic, quadratic):
            self._quadratic = quadratic
            self._sums = self._squares @ quadratic.astype(np.float32)
        return _whole(self.panels[int(np.argmin(self._sums - 2 * (self.panels @ linear.astype(np.float32))))])


def _whole(panel: npt.NDArray[np.float32]) -> IntArray:
    return panel.astype(np.int64)


class Herd:
    """Panels on a face, each the best it can find against the debt that the ones before it left.

    The debt of a class is what the target has asked for so far minus what the panels gave. Bounded debts mean
    that the mean of N panels is within O(1/N) of the target. Source: Welling, Herding dynamical weights (2009).
    """

    def __init__(self, face: Face, *, rng: np.random.Generator, monitor: Monitor) -> None:
        self.face = face
        self.store = PanelStore(face.classes)
        self._rng = rng
        self._monitor = monitor
        self._finder = PanelFinder(face, monitor)
        self._table = MoveTable(face)
        self._debt: FloatArray = np.zeros(face.classes)
        self._stale = 0

    def start(self) -> bool:
        """Find the first panel; returns whether there is one within the limits."""
        panel = self._finder.find(self._rng.standard_normal(self.face.classes))
        if panel is not None:
            self.store.add(panel)
        return panel is not None

    def run(self, panels: int) -> None:
        """Herd until the store holds that many panels, or new ones stay out for long."""
        steps = 0
        while len(self.store) < panels and steps < 2 * panels:
            self.step()
            steps += 1
            if steps % 64 == 0:
                self._monitor.report("panels", panels=len(self.store), total=panels)

    def step(self) -> IntArray:
        """Return the next panel (C,): it is kept, and the debt charged."""
        self._monitor.check()
        self._debt += self.face.target
        wanted = self._debt + NOISE * self._rng.standard_normal(self.face.classes)
        panel = self.climb(self.store.best(wanted), wanted)
        if self.store.knows(panel):
            panel = self.climb(panel, wanted, tuples=3)
        left = self._debt - panel
        worst = int(np.argmax(np.abs(left)))
        if abs(left[worst]) > RUNAWAY_DEBT or self._stale >= REFRESH:
            panel = self._fresh(wanted, worst if left[worst] > RUNAWAY_DEBT else None, panel)
        self._debt -= panel
        if self.store.add(panel):
            self._stale = 0
        else:
            self._stale += 1
        return panel

    def climb(
        self, panel: IntArray, wanted: FloatArray, scale: FloatArray | float = 1.0, *, tuples: int = 2
    ) -> IntArray:
        """Return the panel after exchanges that bring it closer to `wanted`, by the sum of squares / scale²."""
        distance = wanted - panel
        gain_in = (distance - 0.5) / np.square(scale)
        gain_out = (-distance - 0.5) / np.square(scale)
        better = self._table.improve(panel, gain_in, gain_out, minimum=MINIMUM_GAIN, tuples=tuples)
        return better if self.face.contains(better) else panel

    def _fresh(self, wanted: FloatArray, force: int | None, otherwise: IntArray) -> IntArray:
        found = self._finder.find(wanted, force)
        self._stale = 0
        return otherwise if found is None else self.climb(found, wanted)
