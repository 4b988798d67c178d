"""A thin, typed door to HiGHS: one linear or mixed-integer program, changed and solved again with a warm start."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from sortition.arrays import BoolArray, FloatArray, IntArray
from sortition.errors import SolverError
from sortition.monitor import Monitor

FEASIBILITY_TOLERANCE = 1e-10
"""How far HiGHS may miss a row or a bound; the smallest value it takes; its default 1e-7 leaks in leximin."""
INFINITY: float = highspy.kHighsInf
FEASIBLE_POINT, SCALING_OFF = 2, 0
"""HiGHS's own numbers: of the state of its point, and of a scaling strategy."""


class Status(enum.Enum):
    """What a solve proved."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Solution:
    """The outcome of one solve.

    `x` (columns), `row_duals` (rows) and `column_duals` (columns) are arrays of floats; the duals are empty for
    mixed-integer programs. `bound` is the proven bound on the objective, equal to `objective` for linear programs.
    With status INFEASIBLE, and with LIMIT before any feasible point was found, `x` is empty.
    """

    status: Status
    objective: float
    bound: float
    x: FloatArray
    row_duals: FloatArray
    column_duals: FloatArray

    @property
    def has_point(self) -> bool:
        """Whether a feasible point was found."""
        return bool(self.x.size)


class Program:
    """min or max cost·x subject to row_lower ≤ rows·x ≤ row_upper, lower ≤ x ≤ upper, x integer where asked.

    Deterministic: one thread, fixed seed, limits on nodes only.
    """

    def __init__(
        self,
        rows: sparse.csr_matrix,
        row_lower: FloatArray,
        row_upper: FloatArray,
        lower: FloatArray,
        upper: FloatArray,
        *,
        cost: FloatArray | None = None,
        integer: BoolArray | bool = False,
        maximise: bool = True,
        monitor: Monitor | None = None,
    ) -> None:
        self._monitor = monitor or Monitor()
        self._mixed = bool(np.any(integer))
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy leaves its constructor untyped
        for option, value in {
            "output_flag": False,
            "threads": 1,
            "random_seed": 0,
            "primal_feasibility_tolerance": FEASIBILITY_TOLERANCE,
            "dual_feasibility_tolerance": FEASIBILITY_TOLERANCE,
            "mip_feasibility_tolerance": FEASIBILITY_TOLERANCE,
            "mip_rel_gap": 0.0,
            "mip_abs_gap": 1e-9,
        }.items():
            self._highs.setOptionValue(option, value)
        for callback in (self._highs.cbSimplexInterrupt, self._highs.cbIpmInterrupt, self._highs.cbMipInterrupt):
            callback.subscribe(self._on_interrupt)
        program = highspy.HighsLp()
        matrix = sparse.csr_matrix(rows)
        program.num_col_, program.num_row_ = matrix.shape[1], matrix.shape[0]
        program.col_cost_ = np.zeros(matrix.shape[1]) if cost is None else np.asarray(cost, dtype=float)
        program.col_lower_, program.col_upper_ = np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)
        program.row_lower_, program.row_upper_ = np.asarray(row_lower, dtype=float), np.asarray(row_upper, dtype=float)
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = matrix.indptr
        program.a_matrix_.index_ = matrix.indices
        program.a_matrix_.value_ = matrix.data.astype(float)
        program.sense_ = highspy.ObjSense.kMaximize if maximise else highspy.ObjSense.kMinimize
        if self._mixed:
            mask = np.broadcast_to(np.asarray(integer), matrix.shape[1])
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            program.integrality_ = [kinds[bool(flag)] for flag in mask]
        self._expect_ok(self._highs.passModel(program))

    def _on_interrupt(self, event: Any) -> None:
        if self._monitor.is_cancelled:
            event.interrupt()

    @staticmethod
    def _expect_ok(status: highspy.HighsStatus) -> None:
        if status == highspy.HighsStatus.kError:
            raise SolverError("HiGHS refused the program.")

    @property
    def columns(self) -> int:
        """Number of variables."""
        return int(self._highs.getNumCol())

    def set_cost(self, cost: FloatArray) -> None:
        """Replace the whole objective; shape (columns,)."""
        columns = np.arange(len(cost), dtype=np.int32)
        self._expect_ok(self._highs.changeColsCost(len(cost), columns, np.asarray(cost, dtype=float)))

    def set_column_bounds(self, columns: IntArray, lower: FloatArray, upper: FloatArray) -> None:
        """Replace the bounds of some columns."""
        indices = np.asarray(columns, dtype=np.int32)
        self._expect_ok(
            self._highs.changeColsBounds(
                len(indices), indices, np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)
            )
        )

    def set_row_bounds(self, row: int, lower: float, upper: float) -> None:
        """Replace the bounds of one row."""
        self._expect_ok(self._highs.changeRowBounds(row, lower, upper))

    def set_coefficient(self, row: int, column: int, value: float) -> None:
        """Replace one coefficient."""
        self._expect_ok(self._highs.changeCoeff(row, column, value))

    def add_row(self, lower: float, upper: float, columns: IntArray, values: FloatArray) -> None:
        """Append a row."""
        self._expect_ok(
            self._highs.addRow(
                lower, upper, len(columns), np.asarray(columns, dtype=np.int32), np.asarray(values, dtype=float)
            )
        )

    def add_column(self, cost: float, lower: float, upper: float, rows: IntArray, values: FloatArray) -> None:
        """Append a continuous column."""
        self._expect_ok(
            self._highs.addCol(
                cost, lower, upper, len(rows), np.asarray(rows, dtype=np.int32), np.asarray(values, dtype=float)
            )
        )

    def solve(
        self,
        *,
        node_limit: int | None = None,
        relative_gap: float = 0.0,
        target: float | None = None,
        presolve: bool = True,
    ) -> Solution:
        """Solve, warm-started from the last solve where it can be.

        `node_limit` and `relative_gap` apply to mixed-integer programs; `target` stops at the first feasible point
        whose objective is at least (at most, when minimising) that value, with status LIMIT. Without `presolve` it
        starts cold, for when its presolve is not to be trusted.
        Raises CancelledError when the monitor asks to stop, SolverError when the end proves nothing.
        """
        self._monitor.check()
        self._highs.setOptionValue("presolve", "choose" if presolve else "off")
        if not presolve:
            self._highs.clearSolver()
        if self._mixed:
            self._highs.setOptionValue("mip_max_nodes", 2**31 - 1 if node_limit is None else node_limit)
            self._highs.setOptionValue("mip_rel_gap", relative_gap)
            self._highs.setOptionValue("objective_target", -INFINITY if target is None else self._as_minimum(target))
        self._run()
        if self._is_optimal_only_scaled():
            self._highs.setOptionValue("simplex_scale_strategy", SCALING_OFF)
            self._highs.clearSolver()
            self._run()
        return self._solution()

    def _run(self) -> None:
        self._expect_ok(self._highs.run())
        self._monitor.check()

    def _is_optimal_only_scaled(self) -> bool:
        """Whether HiGHS met its tolerances on the program as it scaled it, but not on ours."""
        optimal = self._highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return optimal and self._highs.getInfo().primal_solution_status != FEASIBLE_POINT

    def _as_minimum(self, value: float) -> float:
        """HiGHS reads objective_target in the sense of the model."""
        return value

    def _solution(self) -> Solution:
        model_status = self._highs.getModelStatus()
        info = self._highs.getInfo()
        status = _STATUS.get(model_status)
        if status is None:
            raise SolverError(f"HiGHS ended with “{self._highs.modelStatusToString(model_status)}”.")
        none = np.empty(0)
        if status is Status.OPTIMAL and info.primal_solution_status != FEASIBLE_POINT:
            raise SolverError("HiGHS calls a point optimal that misses a row or a bound.")
        if status is Status.INFEASIBLE or info.primal_solution_status != FEASIBLE_POINT:
            return Solution(status, np.nan, np.nan, none, none, none)
        solution = self._highs.getSolution()
        x = np.asarray(solution.col_value)
        objective = info.objective_function_value
        if self._mixed:
            return Solution(status, objective, info.mip_dual_bound, x, none, none)
        return Solution(status, objective, objective, x, np.asarray(solution.row_dual), np.asarray(solution.col_dual))


_STATUS = {
    highspy.HighsModelStatus.kOptimal: Status.OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: Status.INFEASIBLE,
    highspy.HighsModelStatus.kUnboundedOrInfeasible: Status.INFEASIBLE,
    highspy.HighsModelStatus.kSolutionLimit: Status.LIMIT,
    highspy.HighsModelStatus.kIterationLimit: Status.LIMIT,
    highspy.HighsModelStatus.kObjectiveTarget: Status.LIMIT,
}
