"""What no plan can exceed: bounds on distinct meetings, and on how alike a table and the group can be."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence

import numpy as np

from sortition.arrays import BoolArray, IntArray
from sortition.monitor import Monitor
from sortition.tables.layout import Layout, Value
from sortition.tables.shares import Share, fair_shares, meetings_within_shares, pairs

Past = Sequence[Sequence[Collection[int]]]
"""Earlier rounds, each as the people (positions in the task) at each of its tables."""


def distinct_bound(
    layouts: Sequence[Layout],
    sizes: Sequence[Sequence[int]],
    values: Sequence[Value],
    met: IntArray,
    past: Past,
    *,
    fair: bool,
    monitor: Monitor,
) -> int:
    """Return how many pairs can have met at most after rounds with tables of some sizes: the least of several bounds.

    - Of persons: nobody meets more people than there are seats beside them over all rounds, nor people whom they can
      never meet. If every table has its fair share (`fair`), that holds for the people of each value: nobody can meet
      more of them than the shares have room for, and seats are wasted on those whom one has all met; a linear program
      over all of these and all features (see `meetings_within_shares`) says how much they allow together.
    - Of pairs of rounds: people of one table who are spread over too few tables in another round meet again. The
      repeats along a tree of rounds are all different (Hunter's inequality).
    - Of sets: those who sit together in every round meet again in every round but the first.

    `met` (n, n) says how often pairs of the task's people met before, `past` where.
    Sources: Harvey and Winterer, Solving the MOLR and Social Golfer Problems, CP 2005 (the social golfer problem);
    Hunter, An upper bound for the probability of a union, J. Appl. Probab. 13 (1976).
    """
    known = (met > 0) & ~np.eye(len(met), dtype=bool)
    possible = _possible(layouts, len(met)) & ~known
    beside = _beside(layouts, len(met))
    most, wasted = np.minimum(possible.sum(axis=1), beside), np.zeros(len(met), dtype=np.int64)
    features = fair_shares(layouts, len({v.feature for v in values if v.kind == "diverse"}), len(met)) if fair else []
    for shares in features:
        room, waste = _by_value(shares, possible)
        most = np.minimum(most, np.minimum(room, beside - waste))
        wasted = np.maximum(wasted, waste)
    seated = sum(pairs(size) for of_round in sizes for size in of_round)
    again = max(_again_between_rounds(layouts, sizes, past), _again_in_sets(layouts, known), -(-int(wasted.sum()) // 2))
    new = min(int(most.sum()) // 2, seated - again)
    if features:
        new = min(new, meetings_within_shares(features, possible, seated, monitor=monitor))
    return int(known.sum()) // 2 + new


def _possible(layouts: Sequence[Layout], count: int) -> BoolArray:
    """Return who can meet whom in some round at all; shape (n, n), the diagonal False."""
    possible = np.zeros((count, count), dtype=bool)
    for layout in layouts:
        seats = layout.allowed.astype(np.int64)
        here = (seats @ seats.T) > 0
        for group in layout.apart:
            here[np.ix_(group, group)] = False
        possible[np.ix_(layout.people, layout.people)] |= here
    np.fill_diagonal(possible, val=False)
    return possible


def _beside(layouts: Sequence[Layout], count: int) -> IntArray:
    """Return how many seats there are beside each person over all rounds, at the largest tables they may sit at."""
    beside = np.zeros(count, dtype=np.int64)
    for layout in layouts:
        beside[layout.people] += np.where(layout.allowed, layout.largest - 1, 0).max(axis=1)
    return beside


def _by_value(shares: Sequence[Share], possible: BoolArray) -> tuple[IntArray, IntArray]:
    """Return how many people each can still meet if each value of a feature has its fair share at every table.

    And how many seats beside each are taken by people with whom no new meeting is left.
    """
    left = [possible[:, share.held].sum(axis=1) for share in shares]
    room = sum(np.minimum(some, share.most) for some, share in zip(left, shares, strict=True))
    wasted = sum(np.maximum(share.least - some, 0) for some, share in zip(left, shares, strict=True))
    return np.asarray(room), np.asarray(wasted)


def _again_in_sets(layouts: Sequence[Layout], known: BoolArray) -> int:
    """Return how often pairs that must sit together meet again, over all rounds."""
    forced = np.zeros(known.shape, dtype=np.int64)
    for layout in layouts:
        here = np.zeros(known.shape, dtype=np.int64)
        for group in layout.together:
            here[np.ix_(layout.people[group], layout.people[group])] = 1
        forced += here
    np.fill_diagonal(forced, 0)
    return int(np.maximum(forced + known - 1, 0)[forced > 0].sum()) // 2


def _again_between_rounds(layouts: Sequence[Layout], sizes: Sequence[Sequence[int]], past: Past) -> int:
    """Return the repeats along a largest tree that joins all rounds; those of earlier events are one node of it."""
    rounds = [(set(layout.people.tolist()), of_round) for layout, of_round in zip(layouts, sizes, strict=True)]
    earlier = [(set().union(*tables), [len(table) for table in tables]) for tables in past]
    nearest = {number: max((_overlap(one, other) for other in earlier), default=0) for number, one in enumerate(rounds)}
    total = 0
    while nearest:
        joined = max(nearest, key=lambda number: nearest[number])
        total += nearest.pop(joined)
        nearest = {n: max(before, _overlap(rounds[joined], rounds[n])) for n, before in nearest.items()}
    return total


def _overlap(one: tuple[set[int], Sequence[int]], other: tuple[set[int], Sequence[int]]) -> int:
    """Return how many pairs that share a table in one round must share one in the other, at least."""
    (here, sizes), (there, others) = one, other
    return max(_spread(sizes, len(others), len(here - there)), _spread(others, len(sizes), len(there - here)))


def _spread(sizes: Sequence[int], tables: int, gone: int) -> int:
    """Return how many pairs stay when the people of each table spread evenly over others, and some are gone.

    >>> _spread([6, 6], 5, 0), _spread([6, 6], 5, 1), _spread([6, 6], 5, 2)
    (2, 1, 0)
    """
    left = sorted(sizes)
    for _ in range(gone):  # at the fullest table one person fewer spares the most
        left[-1] -= 1
        left.sort()
    return sum((n % tables) * pairs(n // tables + 1) + (tables - n % tables) * pairs(n // tables) for n in left)


def worst_table_bound(layouts: Sequence[Layout], sizes: Sequence[Sequence[int]], values: Sequence[Value]) -> float:
    """Return how far the worst table must be from the group's make-up, because people are whole.

    For a table of s seats and one feature, rounding the fair shares to whole people that sum to s, by largest
    remainder, is the closest there is; the distance is the share of seats that others would have to take.
    """
    worst = 0.0
    for layout, of_round in zip(layouts, sizes, strict=True):
        held = np.bincount(layout.values.ravel(), minlength=len(values))
        for _, group in itertools.groupby(range(len(values)), key=lambda number: values[number].feature):
            numbers = [number for number in group if values[number].kind == "diverse"]
            for size in set(of_round) if numbers else ():
                shares = held[numbers] * size / len(layout.people)
                rest = np.sort(shares - np.floor(shares))[::-1]
                up = round(float(rest.sum()))
                worst = max(worst, float((1 - rest[:up]).sum() + rest[up:].sum()) / 2 / size)
    return worst
