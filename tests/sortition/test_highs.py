"""The door to HiGHS: what it returns, how it is stopped, and what it refuses to pass on."""

from __future__ import annotations

import threading
import time

import highspy
import numpy as np
import pytest
from scipy import sparse

from sortition.errors import CancelledError, SolverError
from sortition.highs import INFINITY, Program, Status
from sortition.monitor import Monitor


def program(*, integer: bool = False, maximise: bool = True, lower: float = 0.0, upper: float = 2.5) -> Program:
    """Two columns between 0 and 2, of which the sum lies between `lower` and `upper`."""
    return Program(
        sparse.csr_matrix(np.ones((1, 2))),
        np.array([lower]),
        np.array([upper]),
        np.zeros(2),
        np.full(2, 2.0),
        cost=np.array([2.0, 1.0]),
        integer=integer,
        maximise=maximise,
    )


def test_a_linear_program_comes_with_duals() -> None:
    solution = program().solve()
    assert (solution.status, solution.has_point) == (Status.OPTIMAL, True)
    assert solution.x == pytest.approx([2, 0.5])
    assert (solution.objective, solution.bound) == (pytest.approx(4.5), pytest.approx(4.5))
    assert solution.row_duals == pytest.approx([1.0])
    assert solution.column_duals == pytest.approx([1.0, 0.0])


def test_a_mixed_integer_program_comes_with_its_bound() -> None:
    solution = program(integer=True).solve()
    assert solution.x == pytest.approx([2, 0])
    assert (solution.objective, solution.bound) == (pytest.approx(4), pytest.approx(4))
    assert solution.row_duals.size == solution.column_duals.size == 0


def test_minimising() -> None:
    assert program(maximise=False, lower=1.0).solve().x == pytest.approx([0, 1])


@pytest.mark.parametrize("integer", [False, True])
def test_what_cannot_be_met_is_infeasible(integer: bool) -> None:
    solution = program(integer=integer, lower=5.0, upper=6.0).solve()
    assert (solution.status, solution.has_point, solution.x.size) == (Status.INFEASIBLE, False, 0)


def test_a_program_is_changed_and_solved_again() -> None:
    changed = program()
    changed.set_cost(np.array([1.0, 3.0]))
    assert changed.solve().x == pytest.approx([0.5, 2])
    changed.set_column_bounds(np.array([1]), np.array([0.0]), np.array([1.0]))
    assert changed.solve().x == pytest.approx([1.5, 1])
    changed.set_row_bounds(0, 0.0, 2.0)
    assert changed.solve().x == pytest.approx([1, 1])
    changed.set_coefficient(0, 0, 2.0)
    assert changed.solve().x == pytest.approx([0.5, 1])
    changed.add_row(-INFINITY, 0.25, np.array([0]), np.array([1.0]))
    assert changed.solve().x == pytest.approx([0.25, 1])
    changed.add_column(9.0, 0.0, 0.25, np.array([0]), np.array([1.0]))
    assert changed.solve().x == pytest.approx([0.25, 1, 0.25])


def test_a_target_ends_the_search_early_with_a_point() -> None:
    solution = program(integer=True).solve(target=1.0)
    assert solution.has_point
    assert solution.objective >= 1.0 - 1e-9


def test_an_unbounded_program_proves_nothing() -> None:
    unbounded = program(upper=INFINITY)
    unbounded.set_column_bounds(np.array([0]), np.array([0.0]), np.array([INFINITY]))
    with pytest.raises(SolverError, match="Unbounded"):
        unbounded.solve()


def test_a_program_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(SolverError, match="refused"):
        program().set_row_bounds(7, 0.0, 1.0)


def test_a_point_that_is_optimal_only_as_scaled_is_solved_again_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """HiGHS may meet its tolerances on the program as it scaled it, and miss them on ours: then x is no solution."""
    honest, misses = highspy.Highs.getInfo, [1, 1]

    class Missed:
        primal_solution_status = 1

    def once(self: highspy.Highs) -> object:
        return Missed() if misses and misses.pop() else honest(self)

    monkeypatch.setattr(highspy.Highs, "getInfo", once)
    misses[:] = [1]
    assert program().solve().x == pytest.approx([2, 0.5])
    monkeypatch.setattr(highspy.Highs, "getInfo", lambda self: Missed())
    with pytest.raises(SolverError, match="misses a row or a bound"):
        program().solve()


def hard(cancelled: threading.Event) -> Program:
    """Market split (Cornuéjols and Dawande 1998): minutes of branching for 40 columns and 4 rows."""
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 100, (4, 40)).astype(float)
    half = np.floor(rows.sum(axis=1) / 2)
    return Program(
        sparse.csr_matrix(rows),
        half,
        half,
        np.zeros(40),
        np.ones(40),
        integer=True,
        monitor=Monitor(cancelled=cancelled),
    )


def test_a_running_search_is_interrupted_within_a_second() -> None:
    cancelled, moments = threading.Event(), []

    def stop() -> None:
        moments.append(time.monotonic())
        cancelled.set()

    timer = threading.Timer(0.5, stop)
    timer.start()
    with pytest.raises(CancelledError):
        hard(cancelled).solve()
    assert time.monotonic() - moments[0] < 1.0
    timer.join()


def test_nodes_are_limited() -> None:
    solution = hard(threading.Event()).solve(node_limit=5)
    assert (solution.status, solution.has_point) == (Status.LIMIT, False)


def test_a_cancelled_program_does_not_start() -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(CancelledError):
        hard(cancelled).solve()
