"""What fair shares at every table leave of the meetings: who is rare sits apart, and meets hardly anyone alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from sortition.arrays import BoolArray, FloatArray, IntArray
from sortition.highs import INFINITY, Program
from sortition.monitor import Monitor
from sortition.tables.layout import Layout

MOST_COLUMNS = 2_500
"""Variables of the linear program above which it takes too long for what it gains: large groups run out of rounds
before they run out of people to meet."""
ROUNDED = 1e-6
"""A bound on a whole number may be rounded down, but not by what the solver's tolerance takes off it."""


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """A value of a feature, and what its fair share at every table means, summed over all rounds.

    `held` (n,) says who has it. A person sits beside `least` (n,) to `most` (n,) people of it. Among those who have it
    there are `fewest_pairs` to `most_pairs` meetings, repeated ones included.
    """

    held: BoolArray
    least: IntArray
    most: IntArray
    fewest_pairs: int
    most_pairs: int


def pairs(people: int) -> int:
    """Return the number of pairs among so many people."""
    return people * (people - 1) // 2


def fair_shares(layouts: Sequence[Layout], features: int, count: int) -> list[list[Share]]:
    """Return the values of the first so many features with their shares; `count` is the number of people."""
    return [_of_feature(layouts, column, count) for column in range(features)]


def _of_feature(layouts: Sequence[Layout], column: int, count: int) -> list[Share]:
    value_of = np.full(count, -1, dtype=np.int64)
    for layout in layouts:
        value_of[layout.people] = layout.values[:, column]
    return [_share(layouts, column, int(value), value_of == value) for value in np.unique(value_of[value_of >= 0])]


def _share(layouts: Sequence[Layout], column: int, value: int, held: BoolArray) -> Share:
    least, most = np.zeros(len(held), dtype=np.int64), np.zeros(len(held), dtype=np.int64)
    fewest_pairs = most_pairs = 0
    for layout in layouts:
        own = (layout.values[:, column] == value).astype(np.int64)
        people = np.array([own.sum()])
        lower, upper = layout.shares(people, layout.smallest)[0][:, 0], layout.shares(people, layout.largest)[1][:, 0]
        least[layout.people] += np.maximum(lower.min() - own, 0)
        most[layout.people] += np.maximum(upper.max() - own, 0)
        fewest, greatest = _pairs_at_tables(lower, upper, int(people[0]))
        fewest_pairs, most_pairs = fewest_pairs + fewest, most_pairs + greatest
    return Share(held, least, most, fewest_pairs, most_pairs)


def _pairs_at_tables(lower: IntArray, upper: IntArray, people: int) -> tuple[int, int]:
    """Return the fewest and the most pairs at tables with `lower` to `upper` of some people each.

    One more at a table with c makes c more pairs; the steps are taken from the cheapest, or from the dearest. Going up
    at one table the steps get dearer, so the cheapest first is exact, and the dearest first is a bound.

    >>> _pairs_at_tables(np.array([1, 1, 1]), np.array([2, 2, 2]), 4)
    (1, 1)
    """
    steps = sorted(n for low, high in zip(lower.tolist(), upper.tolist(), strict=True) for n in range(low, high))
    start, rest = sum(pairs(low) for low in lower.tolist()), people - int(lower.sum())
    return start + sum(steps[:rest]), start + sum(steps[len(steps) - rest :])


def meetings_within_shares(
    features: Sequence[Sequence[Share]], possible: BoolArray, seated: int, *, monitor: Monitor
) -> int:
    """Return how many of the `possible` (n, n) new meetings there can be if every value has its fair share everywhere.

    A linear program over classes of people who have the same values and sit beside as many: e is how often the people
    of two classes share a table over all rounds, x ≤ e in how many new meetings. The shares bound both for each class
    and value, and e among those of one value; e sums to `seated`, the pairs at all tables. Averaging any plan over the
    people of each class gives a point of it, so its optimum bounds every plan. Where the shares leave everybody enough
    new people to meet, or the program would be too large, `seated` is returned.
    Raises CancelledError.
    """
    shares = [share for of_feature in features for share in of_feature]
    if all((share.most <= possible[:, share.held].sum(axis=1)).all() for share in shares):
        return seated
    groups = _Groups.of(features, possible)
    if 2 * len(groups.one) > MOST_COLUMNS:
        return seated
    matrix, lower, upper = _rows(shares, groups, seated)
    cost = np.repeat([1.0, 0.0], len(groups.one))
    program = Program(matrix, lower, upper, np.zeros(len(cost)), groups.limits(), cost=cost, monitor=monitor)
    return min(seated, math.floor(program.solve().bound + ROUNDED))


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """People who are there, in G groups of those alike: `member` (people, G), and one of each, `first`.

    `one` and `other` are the two groups of each pair of groups, which may be the same.
    """

    there: IntArray
    member: IntArray
    first: IntArray
    one: IntArray
    other: IntArray
    possible: BoolArray

    @classmethod
    def of(cls, features: Sequence[Sequence[Share]], possible: BoolArray) -> _Groups:
        """Return the groups of people with the same values who sit beside as many."""
        there = np.flatnonzero(np.any([share.held for share in features[0]], axis=0))
        shares = [share for of_feature in features for share in of_feature]
        columns = [np.asarray(row)[there] for share in shares for row in (share.held, share.least, share.most)]
        _, first, group = np.unique(np.stack(columns, axis=1), axis=0, return_index=True, return_inverse=True)
        one, other = np.triu_indices(len(first))
        member = np.eye(len(first), dtype=np.int64)[group.ravel()]
        return cls(there, member, first, one, other, possible)

    def limits(self) -> FloatArray:
        """Return the upper bounds of x and e: new meetings that are possible, and any number, but none with oneself."""
        between = self.member.T @ self.possible[np.ix_(self.there, self.there)].astype(np.int64) @ self.member
        same = self.one == self.other
        available = between[self.one, self.other] / np.where(same, 2, 1)
        alone = same & (self.member.sum(axis=0)[self.one] == 1)
        return np.concatenate([available, np.where(alone, 0.0, INFINITY)])

    def sums(self, of_person: IntArray) -> FloatArray:
        """Return the sum of something over the people of each group."""
        return np.asarray(self.member.T @ of_person[self.there], dtype=float)


def _rows(shares: Sequence[Share], groups: _Groups, seated: int) -> tuple[sparse.csr_matrix, FloatArray, FloatArray]:
    """Return the rows of the program with their bounds; the columns are x, then e, for each pair of groups."""
    count, size = len(groups.one), len(groups.first)
    column = np.arange(count)
    same = sparse.identity(count)
    parts: list[tuple[Any, Any, FloatArray, FloatArray]] = [(same, -same, np.full(count, -INFINITY), np.zeros(count))]
    for share in shares:
        held = share.held[groups.there][groups.first]
        # How often each group meets people of the value: of a pair of groups, either may be of it.
        weights = np.concatenate([held[groups.other], held[groups.one]]).astype(float)
        ends = np.concatenate([groups.one, groups.other]), np.concatenate([column, column])
        beside = sparse.csr_matrix((weights, ends), shape=(size, count))
        left = np.minimum(groups.possible[:, share.held].sum(axis=1), share.most)
        parts.append((beside, None, np.full(size, -INFINITY), groups.sums(left)))
        parts.append((None, beside, groups.sums(share.least), groups.sums(share.most)))
        within = sparse.csr_matrix((held[groups.one] & held[groups.other]).astype(float))
        parts.append((None, within, np.array([float(share.fewest_pairs)]), np.array([float(share.most_pairs)])))
    parts.append((None, sparse.csr_matrix(np.ones(count)), np.array([float(seated)]), np.array([float(seated)])))
    matrix: Any = sparse.bmat([[x, e] for x, e, _, _ in parts], format="csr")
    lower, upper = (np.concatenate([part[side] for part in parts]) for side in (2, 3))
    return sparse.csr_matrix(matrix), lower, upper
