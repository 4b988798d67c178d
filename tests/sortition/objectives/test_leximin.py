"""Leximin over the relaxation, against one program per person."""

from __future__ import annotations

import threading
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings

from sortition.errors import CancelledError, InfeasibleQuotasError, SolverError
from sortition.highs import Program, Solution, Status
from sortition.model import Instance
from sortition.monitor import Monitor
from sortition.objectives.leximin import leximin
from sortition.polytope import Polytope
from tests.sortition.objectives.random_pools import PersonProgram, pools
from tests.sortition.oracle import pool


def expected(instance: Instance) -> np.ndarray:
    """Level by level over one column per person; whoever no program can raise above the level is stuck."""
    program = PersonProgram.of(instance)
    count = len(program.lower)
    free = np.array([e.id not in instance.excluded for e in instance.entries])
    floor = np.zeros(count)
    zeros = np.zeros(count)
    while free.any():
        rows = np.hstack([-np.eye(count), free[:, None].astype(float)])
        best = program.minimise(np.append(zeros, -1.0), rows, np.where(free, 0.0, 1e-9 - floor))
        floor[free] = level = -best.fun
        for person in np.flatnonzero(free):
            raised = program.minimise(-np.eye(count)[person], -np.eye(count), 1e-9 - floor)
            free[person] = -raised.fun > level + 1e-6
    return floor


@settings(max_examples=40)
@given(pools(largest=9))
def test_leximin_of_the_relaxation_by_one_program_per_person(instance: Instance) -> None:
    polytope = Polytope.of(instance)
    marginals = leximin(polytope)
    assert marginals.probabilities[polytope.class_of] == pytest.approx(expected(instance), abs=1e-6)
    values = [level.value for level in marginals.levels]
    assert all(earlier <= later + 1e-6 for earlier, later in pairwise(values))


def test_a_cut_changes_the_truth() -> None:
    """The design's smallest pool that is not tight: ½ each; with the cut x₁ + x₂ + x₃ ≤ 1 it is 1, ⅓, ⅓, ⅓."""
    polytope = Polytope.of(pool(["000", "011", "101", "110"], [{"0": (0, 2), "1": (0, 1)}] * 3, 2))
    assert leximin(polytope).probabilities == pytest.approx([0.5] * 4, abs=1e-7)
    cut = leximin(polytope.with_cut(np.array([0.0, 1, 1, 1]), 1.0))
    assert cut.probabilities == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3], abs=1e-7)
    assert max(cut.levels[0].row_multipliers) == len(polytope.labels)


def test_classes_that_stay_empty_have_no_chance_and_no_level() -> None:
    polytope = Polytope.of(pool(list("abc"), [dict.fromkeys("abc", (0, 1))], 1))
    marginals = leximin(polytope.without(np.array([True, False, False])))
    assert marginals.probabilities == pytest.approx([0, 0.5, 0.5], abs=1e-7)
    assert {c for level in marginals.levels for c in level.classes} == {1, 2}


def test_an_empty_relaxation_is_infeasible() -> None:
    with pytest.raises(InfeasibleQuotasError):
        leximin(Polytope.of(pool(["a"], [{"a": (2, 2)}], 2)))


def test_a_cancelled_leximin_stops() -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(CancelledError):
        leximin(Polytope.of(pool(["a"], [{"a": (1, 1)}], 1)), monitor=Monitor(cancelled=cancelled))


def test_a_solver_without_duals_or_that_loses_its_way_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    polytope = Polytope.of(pool(list("ab"), [{"a": (1, 1), "b": (0, 1)}], 2))
    honest = Program.solve
    silent = Solution(Status.OPTIMAL, 0.0, 0.0, np.zeros(3), np.zeros(5), np.zeros(3))
    monkeypatch.setattr(Program, "solve", lambda self, **_: silent)
    with pytest.raises(SolverError, match="no positive dual"):
        leximin(polytope)
    lost = Solution(Status.INFEASIBLE, np.nan, np.nan, np.empty(0), np.empty(0), np.empty(0))
    rest = iter([honest])
    uneven = Polytope.of(pool(list("abb"), [{"a": (1, 1), "b": (1, 1)}], 2))
    monkeypatch.setattr(Program, "solve", lambda self, **_: next(rest)(self) if rest.__length_hint__() else lost)
    with pytest.raises(SolverError, match="lost feasibility"):
        leximin(uneven)
