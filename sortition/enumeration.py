"""All class panels of a small pool."""

from __future__ import annotations

import numpy as np

from sortition.arrays import IntArray
from sortition.monitor import Monitor
from sortition.polytope import Polytope

MOST_PANELS = 50_000
MOST_NODES = 500_000


def enumerate_panels(
    polytope: Polytope, *, most: int = MOST_PANELS, nodes: int = MOST_NODES, monitor: Monitor | None = None
) -> IntArray | None:
    """Return all class panels, shape (N, C), or None if there are more than `most` or the search grows too large.

    Depth first over the classes; a branch ends when a row is over its upper bound, or cannot reach its lower
    bound with the classes that are left. An empty result, shape (0, C), means that no panel exists.
    """
    monitor = monitor or Monitor()
    count = len(polytope.members)
    dense = polytope.rows.toarray().astype(np.int64)
    columns = [dense[:, c] for c in range(count)]
    upper, lower = polytope.upper.astype(int), polytope.lower.astype(int)
    # what the classes from c on can still add to each row, and must add to it
    most_left = np.zeros((count + 1, len(dense)), dtype=np.int64)
    least_left = np.zeros((count + 1, len(dense)), dtype=np.int64)
    for c in reversed(range(count)):
        most_left[c] = most_left[c + 1] + columns[c] * upper[c]
        least_left[c] = least_left[c + 1] + columns[c] * lower[c]
    row_lower, row_upper = polytope.row_lower, polytope.row_upper
    found: list[list[int]] = []
    stack: list[tuple[int, tuple[int, ...], IntArray]] = [(0, (), np.zeros(len(dense), dtype=np.int64))]
    visited = 0
    while stack:
        position, chosen, totals = stack.pop()
        visited += 1
        if visited > nodes:
            return None
        if visited % 4096 == 0:
            monitor.report("enumeration", panels=len(found))
        if position == count:
            if len(found) == most:
                return None
            found.append(list(chosen))
            continue
        for seats in range(lower[position], upper[position] + 1):
            reached = totals + seats * columns[position]
            if np.any(reached + least_left[position + 1] > row_upper):
                break
            if np.all(reached + most_left[position + 1] >= row_lower):
                stack.append((position + 1, (*chosen, seats), reached))
    return np.array(found, dtype=np.int64).reshape(-1, count)
