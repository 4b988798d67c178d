"""The face of the panel polytope that carries a point: where its panels are to be found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from sortition.arrays import FloatArray, IntArray
from sortition.errors import SolverError
from sortition.highs import Program
from sortition.monitor import Monitor
from sortition.polytope import Polytope

SNAP = 1e-7
"""Row totals and class counts this close to a whole number are meant to be it: an order above the drift that the
levels of leximin accumulate, an order below the tolerance of the whole."""
SMALL_PROGRAM = 60
"""How many columns, those of smallest reduced cost, the mixed-integer program of a new panel is left with."""
PANEL_GAP = 0.1
"""A new panel need not be the best one; this relative gap is closed in milliseconds."""
NODE_LIMIT = 200


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """The panels c = ⌊x⌋ + z, z binary, that meet every row tight at x with equality.

    Exchanges of classes that keep all tight rows can be read off `signatures`: the sum of the random 64-bit numbers
    of a class's tight rows. The other rows are `loose`: an exchange may change them within their bounds.
    A mix of panels that makes x uses only panels on its face; that no class leaves ⌊x⌋ … ⌈x⌉ is a restriction that
    costs little.

    Shapes: `target` (C,) is x moved exactly onto the tight rows; `lower`, `upper` (C,) integers; `row_lower`,
    `row_upper` (R,); `signatures` (C,) uint64; `fractional` the classes with lower < upper.
    """

    polytope: Polytope
    target: FloatArray
    lower: IntArray
    upper: IntArray
    row_lower: FloatArray
    row_upper: FloatArray
    loose: IntArray
    signatures: npt.NDArray[np.uint64]
    fractional: IntArray

    @classmethod
    def at(cls, polytope: Polytope, x: FloatArray, rng: np.random.Generator) -> Face:
        """Return the face that carries the point x (C,)."""
        lower, upper = np.floor(x + SNAP), np.ceil(x - SNAP)
        return cls._between(polytope, x, lower, np.maximum(lower, upper), rng)

    @classmethod
    def spanned(cls, polytope: Polytope, x: FloatArray, panels: IntArray, rng: np.random.Generator) -> Face:
        """Return the face that carries x, with the class bounds that the given panels (N, C) span."""
        return cls._between(polytope, x, panels.min(axis=0).astype(float), panels.max(axis=0).astype(float), rng)

    @classmethod
    def _between(
        cls, polytope: Polytope, x: FloatArray, lower: FloatArray, upper: FloatArray, rng: np.random.Generator
    ) -> Face:
        totals = polytope.rows @ x
        at_lower = np.abs(totals - polytope.row_lower) < SNAP
        at_upper = np.abs(totals - polytope.row_upper) < SNAP
        row_lower = np.where(at_upper, polytope.row_upper, polytope.row_lower)
        row_upper = np.where(at_lower & ~at_upper, polytope.row_lower, polytope.row_upper)
        numbers = rng.integers(0, 2**64, size=len(totals), dtype=np.uint64)
        numbers[row_lower < row_upper] = 0
        signatures = np.zeros(len(x), dtype=np.uint64)
        rows = polytope.rows
        np.add.at(signatures, rows.indices, np.repeat(numbers, np.diff(rows.indptr)))
        fractional = np.flatnonzero(lower < upper)
        return cls(
            polytope=polytope,
            target=_onto_tight_rows(polytope, np.where(lower < upper, x, lower), row_lower, row_upper, fractional),
            lower=lower.astype(np.int64),
            upper=upper.astype(np.int64),
            row_lower=row_lower,
            row_upper=row_upper,
            loose=np.flatnonzero(row_lower < row_upper),
            signatures=signatures,
            fractional=fractional,
        )

    @property
    def classes(self) -> int:
        """The number of classes, C."""
        return len(self.target)

    def contains(self, panel: IntArray) -> bool:
        """Whether a class panel (C,) lies on the face."""
        totals = self.polytope.rows @ panel
        return bool(
            np.all(totals >= self.row_lower)
            and np.all(totals <= self.row_upper)
            and np.all(panel >= self.lower)
            and np.all(panel <= self.upper)
        )


class PanelFinder:
    """Panels on a face that are good for given weights, by a linear program and a small mixed-integer one."""

    def __init__(self, face: Face, monitor: Monitor) -> None:
        self._face = face
        self._monitor = monitor
        count = face.classes
        self._lower, self._upper = face.lower.astype(float), face.upper.astype(float)
        self._relaxation = self._program(np.arange(count), np.zeros(count), integer=False)

    def find(self, weights: FloatArray, force: int | None = None) -> IntArray | None:
        """Return a panel (C,) with a large weights·panel, or None if the limited search finds none.

        1. Solve the linear relaxation.
        2. Keep the columns of smallest reduced cost, fix the others where the relaxation has them, and solve the
           mixed-integer program over the kept columns; if that is too narrow, over all of them.

        With `force`, that class has at least one seat more than its lower bound.
        """
        lower = self._lower.copy()
        if force is not None:
            lower[force] = min(lower[force] + 1, self._upper[force])
            self._relaxation.set_column_bounds(np.array([force]), lower[[force]], self._upper[[force]])
        self._relaxation.set_cost(weights)
        relaxed = self._relaxation.solve()
        if force is not None:
            self._relaxation.set_column_bounds(np.array([force]), self._lower[[force]], self._upper[[force]])
        if not relaxed.has_point:
            return None
        rounded = np.clip(np.rint(relaxed.x), lower, self._upper)
        order = np.argsort(np.abs(relaxed.column_duals), kind="stable")
        for kept in (np.sort(order[:SMALL_PROGRAM]), np.arange(self._face.classes)):
            program = self._program(kept, rounded, integer=True, lower=lower, cost=weights)
            try:
                solution = program.solve(relative_gap=PANEL_GAP, node_limit=NODE_LIMIT)
            except SolverError:
                continue  # this search need not succeed, and nothing is concluded when it does not
            if solution.has_point:
                panel = rounded.copy()
                panel[kept] = np.rint(solution.x)
                return panel.astype(np.int64)
        return None

    def _program(
        self,
        kept: IntArray,
        fixed: FloatArray,
        *,
        integer: bool,
        lower: FloatArray | None = None,
        cost: FloatArray | None = None,
    ) -> Program:
        lower = self._lower if lower is None else lower
        rest = fixed.copy()
        rest[kept] = 0.0
        settled = self._face.polytope.rows @ rest
        return Program(
            sparse.csr_matrix(self._face.polytope.rows[:, kept]),
            self._face.row_lower - settled,
            self._face.row_upper - settled,
            lower[kept],
            self._upper[kept],
            cost=None if cost is None else cost[kept],
            integer=integer,
            monitor=self._monitor,
        )


def _onto_tight_rows(
    polytope: Polytope, x: FloatArray, row_lower: FloatArray, row_upper: FloatArray, fractional: IntArray
) -> FloatArray:
    """Move x by least squares over its fractional classes until the tight rows hold to the last digits."""
    tight = np.flatnonzero(row_lower == row_upper)
    rows = polytope.rows[tight][:, fractional].toarray()
    inverse = np.linalg.pinv(rows @ rows.T, rcond=1e-10, hermitian=True)
    for _ in range(3):
        missing = row_lower[tight] - polytope.rows[tight] @ x
        x[fractional] += rows.T @ (inverse @ missing)
    return x
