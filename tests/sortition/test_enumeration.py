"""All class panels of a small pool, against all panels of persons."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings

from sortition.enumeration import enumerate_panels
from sortition.errors import CancelledError
from sortition.model import Instance
from sortition.monitor import Monitor
from sortition.polytope import Polytope
from tests.sortition.feasibility.small_pools import instances
from tests.sortition.oracle import all_panels, pool


@settings(max_examples=80)
@given(instances())
def test_class_panels_are_those_of_all_panels_of_persons(instance: Instance) -> None:
    polytope = Polytope.of(instance)
    of_classes = np.eye(len(polytope.members), dtype=int)[polytope.class_of]
    expected = np.unique(all_panels(instance) @ of_classes, axis=0)
    found = enumerate_panels(polytope)
    assert found is not None
    assert found.shape == expected.shape
    assert np.unique(found, axis=0).tolist() == expected.tolist()


def test_too_many_panels_or_steps_are_given_up() -> None:
    polytope = Polytope.of(pool([f"{n}" for n in range(8)], [{f"{n}": (0, 1) for n in range(8)}], 4))
    found = enumerate_panels(polytope, most=70)
    assert found is not None
    assert len(found) == 70
    assert enumerate_panels(polytope, most=69) is None
    assert enumerate_panels(polytope, nodes=20) is None


def test_a_long_enumeration_reports_and_is_cancelled() -> None:
    letters = "abcdefghijklmnopq"
    polytope = Polytope.of(pool(list(letters), [dict.fromkeys(letters, (0, 1))], 8))
    phases: list[str] = []
    enumerate_panels(polytope, monitor=Monitor(lambda progress: phases.append(progress.phase)))
    assert set(phases) == {"enumeration"}
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(CancelledError):
        enumerate_panels(polytope, monitor=Monitor(cancelled=cancelled))
