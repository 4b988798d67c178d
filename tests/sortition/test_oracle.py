"""The oracle itself, on pools that can be solved by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sortition.model import Instance
from tests.sortition.oracle import all_panels, is_panel, leximin, pool


def test_panels_of_a_pool_small_enough_to_list() -> None:
    instance = pool(["a", "a", "b", "b"], [{"a": (1, 1), "b": (0, 1)}], 2, {0: "x", 2: "x"})
    assert all_panels(instance).tolist() == [[1, 0, 0, 1], [0, 1, 1, 0], [0, 1, 0, 1]]
    settled = Instance(instance.entries, instance.quotas, 2, frozenset({"p01"}), frozenset({"p02"}))
    assert all_panels(settled).tolist() == [[0, 1, 0, 1]]
    assert [is_panel(settled, m) for m in ([1, 3], [1, 2], [0, 3], [1, 1], [1], [0, 1])] == [True] + [False] * 5


def test_no_panel_is_larger_than_the_pool() -> None:
    assert all_panels(pool(["a"], [{"a": (0, 5)}], 2)).shape == (0, 1)


@pytest.mark.parametrize(
    ("panels", "expected"),
    [
        ([[1, 0], [0, 1]], [0.5, 0.5]),
        ([[1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1]], [1, 1 / 3, 1 / 3, 1 / 3]),
        ([[1, 0, 0], [1, 0, 0]], [1, 0, 0]),
        ([[1, 0, 1, 0], [0, 1, 1, 0], [0, 1, 0, 1]], [0.5, 0.5, 0.5, 0.5]),
        ([[1, 0, 0, 1, 1], [0, 1, 0, 1, 0], [0, 0, 1, 0, 1]], [1 / 3, 1 / 3, 1 / 3, 2 / 3, 2 / 3]),
    ],
)
def test_leximin_by_hand(panels: list[list[int]], expected: list[float]) -> None:
    assert leximin(np.array(panels)) == pytest.approx(expected, abs=1e-9)
