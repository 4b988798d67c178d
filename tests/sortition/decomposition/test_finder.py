"""The finder of panels need not succeed, and nothing breaks when it does not."""

from __future__ import annotations

import numpy as np
import pytest

from sortition.decomposition import face as module
from sortition.decomposition.face import Face, PanelFinder
from sortition.errors import SolverError
from sortition.highs import Program, Solution
from sortition.model import Entry, Instance, Quota
from sortition.monitor import Monitor
from sortition.objectives.leximin import leximin
from sortition.polytope import Polytope


def test_a_program_that_the_solver_refuses_is_a_search_without_result(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = tuple(Entry(f"{n}", {"f": "ab"[n % 2], "g": "xyz"[n % 3]}) for n in range(12))
    quotas = {"f": {"a": Quota(1, 1), "b": Quota(1, 1)}, "g": {v: Quota(0, 1) for v in "xyz"}}
    polytope = Polytope.of(Instance(entries, quotas, 2))
    target = leximin(polytope).probabilities * polytope.multiplicity
    finder = PanelFinder(Face.at(polytope, target, np.random.default_rng(1)), Monitor())
    assert finder.find(np.ones(len(target))) is not None

    class Refusing(Program):
        def solve(self, *, node_limit: int | None = None, **_options: object) -> Solution:
            raise SolverError("HiGHS refused the program.")

    monkeypatch.setattr(module, "Program", Refusing)
    assert finder.find(np.ones(len(target))) is None
