"""What is fixed for one round while people exchange seats in it: what seats, company and counts of values cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sortition.arrays import BoolArray, FloatArray, IntArray
from sortition.tables.layout import NOWHERE, Layout, Value

RULE, MOVE, CLUSTER, DEVIATION = 1e9, 1e6, 1e5, 1e2
"""What one breach of a rule, one moved person, one more table of a cluster and one person outside the fair share cost.

A pair that meets again costs about 1, so that what matters more is never given up for what matters less.
"""


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the search: its share of the steps, between which temperatures it cools, and prices.

    `deviation` is the price of a person outside the fair share, `evenness` that of the square by which a count differs
    from the share itself.
    """

    share: float
    hottest: float
    coldest: float
    deviation: float
    evenness: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """What is fixed for one round, for m people, T tables and V values.

    seat_costs (m, T)  what sitting at a table costs by rule, or as a move
    company (m, m)     what sitting with somebody costs by rule
    outside (T, V, C)  for each count of a value at a table, by how many people it is outside the fair share
    rounded (T, V, C)  and the square of how far it is from the fair share itself, which is no whole number
    features           the values of each diverse feature
    clustered (V,)     which values are to sit at few tables
    alike (m, m, F)    1 where two people have the same value of a feature
    movable            who is in no set that sits together
    """

    layout: Layout
    seat_costs: FloatArray
    company: FloatArray
    outside: FloatArray
    rounded: FloatArray
    clustered: BoolArray
    features: tuple[tuple[int, ...], ...]
    alike: npt.NDArray[np.float32]
    movable: IntArray

    @classmethod
    def of(cls, layout: Layout, seats: IntArray, leads: Mapping[int, int], values: Sequence[Value]) -> Board:
        """Return the board of a round whose tables have the sizes that they have in `seats`."""
        people, tables = layout.shape
        leaders = [leads.get(int(number)) for number in layout.numbers]
        seat_costs = np.where(allowed_seats(layout, leaders), 0.0, RULE)
        kept = layout.old != NOWHERE
        seat_costs += MOVE * (kept[:, None] & (layout.old[:, None] != np.arange(tables)))
        company = np.zeros((people, people))
        for group in layout.together:
            company[np.ix_(group, group)] -= RULE
        for group in layout.apart:
            company[np.ix_(group, group)] += RULE
        np.fill_diagonal(company, 0.0)
        fixed = np.concatenate([np.empty(0, dtype=np.int64), *layout.together])
        outside, rounded = _by_count(layout, seats, values)
        return cls(
            layout=layout,
            seat_costs=seat_costs,
            company=company,
            outside=outside,
            rounded=rounded,
            clustered=np.array([value.kind == "cluster" for value in values], dtype=bool),
            features=_features(values),
            alike=(layout.values[:, None, :] == layout.values[None, :, :]).astype(np.float32),
            movable=np.setdiff1d(np.arange(people), fixed),
        )

    def counts(self, seats: IntArray) -> IntArray:
        """Return how many with each value sit at each table; shape (T, V)."""
        found = np.zeros(self.outside.shape[:2], dtype=np.int64)
        for column in self.layout.values.T:
            np.add.at(found, (seats, column), 1)
        return found

    def count_costs(self, phase: Phase) -> FloatArray:
        """Return what each count of a value at a table costs, (T, V, C), at the prices of a phase."""
        used = (np.arange(self.outside.shape[2]) > 0) & self.clustered[:, None]
        costs: FloatArray = phase.deviation * self.outside + phase.evenness * self.rounded + CLUSTER * used
        return costs

    def cost(self, seats: IntArray) -> float:
        """Return what a seating costs, but for meetings and rules about company."""
        counts = self.counts(seats)
        tables, values = np.indices(counts.shape)
        used = (counts[:, self.clustered] > 0).sum()
        outside = self.outside[tables, values, counts].sum()
        by_seat = self.seat_costs[np.arange(len(seats)), seats].sum()
        return float(by_seat + CLUSTER * used + DEVIATION * outside)

    def worst(self, seats: IntArray) -> float:
        """Return how far the worst table is from the group's make-up in one feature, as a share of its seats."""
        counts = self.counts(seats)
        tables, values = np.indices(counts.shape)
        away = np.sqrt(self.rounded)[tables, values, counts] / np.bincount(seats)[:, None]
        return float(max((away[:, list(group)].sum(axis=1).max() for group in self.features), default=0.0)) / 2


def allowed_seats(layout: Layout, leaders: Sequence[int | None]) -> BoolArray:
    """Return where each person may sit, (m, T), given who leads each table."""
    allowed = layout.allowed.copy()
    for table, leader in enumerate(leaders):
        if leader is not None:
            allowed[:, table] &= ~layout.shunned[:, leader]
    return allowed


def _features(values: Sequence[Value]) -> tuple[tuple[int, ...], ...]:
    names = dict.fromkeys(value.feature for value in values if value.kind == "diverse")
    return tuple(tuple(n for n, value in enumerate(values) if value.feature == name) for name in names)


def _by_count(layout: Layout, seats: IntArray, values: Sequence[Value]) -> tuple[FloatArray, FloatArray]:
    """Return `outside` and `rounded` of a board."""
    sizes = np.bincount(seats, minlength=len(layout.numbers))
    held = np.bincount(layout.values.ravel(), minlength=len(values))[: len(values)]
    floor, ceiling = layout.shares(held, sizes)
    counts = np.arange(sizes.max() + 2)
    outside = np.maximum(floor[:, :, None] - counts, 0) + np.maximum(counts - ceiling[:, :, None], 0)
    rounded = (np.outer(sizes, held)[:, :, None] / len(seats) - counts) ** 2
    diverse = np.array([value.kind == "diverse" for value in values], dtype=bool)[:, None]
    return np.asarray(outside * diverse, dtype=float), np.asarray(rounded * diverse, dtype=float)
