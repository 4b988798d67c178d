"""Better seatings by exchanging people: simulated annealing round by round, with exact changes of every cost.

One round, all others held fixed, is a quadratic problem: whom it costs how much to sit with whom. For one person the
costs of exchanging seats with each of the others are a few array operations, and one of the exchanges is drawn with
the probabilities of a heat bath.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from sortition.arrays import BoolArray, FloatArray, IntArray
from sortition.monitor import Monitor
from sortition.tables.board import DEVIATION, Board, Phase

THIRD_TIME = 0.01
"""What each further time costs beyond that, so that repeats are spread over pairs where it makes no difference else."""
NOISE_ROWS = 256
"""Rows of random numbers made at once; they are used again in random order."""

_Key: TypeAlias = tuple[float, int, float, int]

EXPLORE, REPAIR = Phase(0.6, 1.2, 0.3, 3.0), Phase(0.25, 0.6, 0.15, DEVIATION)
"""First people outside the fair share cost as much as three repeated meetings, so that better seatings are found beyond
them; then none is left that need not be. Temperatures are in repeated meetings."""
POLISH = tuple(Phase(0.05, 0.15, 0.02, DEVIATION, evenness=price) for price in (0.1, 0.3, 1.0))
"""Then, with as many meetings, the worst table gets better; each of these begins at the best seating."""
STRICT = Phase(0.5, 1.2, 0.15, DEVIATION)
"""The way from the start that never leaves the fair shares, for when the repair did not succeed."""


class _Round:
    """One round while people change seats in it, the meetings of all other rounds held fixed."""

    def __init__(self, board: Board, seats: IntArray, met: IntArray, phase: Phase) -> None:
        self.seats = seats
        self._count_costs = board.count_costs(phase)
        self._board, self._values = board, board.layout.values
        self._everyone = np.arange(len(seats))
        again = np.where(met > 0, 1.0 + THIRD_TIME * (met - 1), 0.0)
        np.fill_diagonal(again, 0.0)
        self._company = again + board.company
        self._doubled = 2.0 * self._company
        here = np.zeros(board.layout.shape)
        here[self._everyone, seats] = 1.0
        self._sits = self._company @ here + board.seat_costs
        self._counts = board.counts(seats)
        self._more, self._less = (np.zeros(self._counts.shape) for _ in range(2))
        self._coming = np.zeros(here.shape)
        self._joins = np.empty(here.shape)
        for table in range(here.shape[1]):
            self._recount(table)
        self._refresh()

    def _recount(self, table: int) -> None:
        """Compute anew what one person more or less of each value costs at a table."""
        costs, counts = self._count_costs[table], self._counts[table]
        every = np.arange(len(counts))
        now = costs[every, counts]
        self._more[table] = costs[every, counts + 1] - now
        self._less[table] = costs[every, np.maximum(counts - 1, 0)] - now
        self._coming[:, table] = self._more[table][self._values].sum(axis=1)
        self._joins[:, table] = self._sits[:, table] + self._coming[:, table]

    def _refresh(self) -> None:
        """Compute anew what each person's leaving saves."""
        leaving = self._less[self.seats[:, None], self._values].sum(axis=1)
        self._saves = self._sits[self._everyone, self.seats] - leaving
        self._bend = self._more + self._less

    def changes(self, person: int) -> FloatArray:
        """Return by how much the cost changes if a person and each of the others change seats; shape (m,)."""
        seats, here = self.seats, self.seats[person]
        change: FloatArray = self._joins[person].take(seats)
        change += self._joins[:, here]
        change -= self._saves
        change -= self._doubled[person]
        change -= self._saves[person]
        if self._values.shape[1]:
            bend = self._bend.take(self._values[person], axis=1)  # where both have the same value nothing changes
            change -= np.einsum("mf,mf->m", self._board.alike[person], (bend + bend[here]).take(seats, axis=0))
        change[seats == here] = 0.0
        return change

    def exchange(self, one: int, other: int) -> None:
        """Let two people at different tables change seats."""
        here, there = int(self.seats[one]), int(self.seats[other])
        self.seats[one], self.seats[other] = there, here
        shift = self._company[other] - self._company[one]
        self._sits[:, here] += shift
        self._sits[:, there] -= shift
        for mine, theirs in zip(self._values[one], self._values[other], strict=True):
            self._counts[here, mine] -= 1
            self._counts[here, theirs] += 1
            self._counts[there, theirs] -= 1
            self._counts[there, mine] += 1
        self._recount(here)
        self._recount(there)
        self._refresh()

    def anneal(self, temperature: float, noise: FloatArray, rng: np.random.Generator) -> None:
        """Offer every person in turn an exchange, and every set that sits together another table."""
        people = rng.permutation(self._board.movable)
        rows = rng.integers(len(noise), size=len(people))
        for person, row in zip(people.tolist(), rows.tolist(), strict=True):
            change = self.changes(person)
            change -= temperature * noise[row, : len(change)]
            best = int(change.argmin())
            if change[best] < -temperature * noise[row, -1] and self.seats[best] != self.seats[person]:
                self.exchange(person, best)
        for group in self._board.layout.together:
            self._move_set(group, temperature, rng)

    def _move_set(self, group: IntArray, temperature: float, rng: np.random.Generator) -> None:
        """Exchange a whole set, one by one, with people at another table; undo it if it costs too much."""
        others = np.flatnonzero(np.bincount(self.seats) >= len(group))
        others = others[others != self.seats[group[0]]]
        if not len(others):
            return
        table = rng.choice(others)
        partners = rng.permutation(np.flatnonzero(self.seats == table))[: len(group)]
        total = 0.0
        for one, other in zip(group.tolist(), partners.tolist(), strict=True):
            total += float(self.changes(one)[other])
            self.exchange(one, other)
        if total > temperature * rng.exponential():
            for one, other in zip(group[::-1].tolist(), partners[::-1].tolist(), strict=True):
                self.exchange(one, other)


@dataclass(frozen=True, slots=True)
class Goal:
    """What cannot be bettered: all but the meetings, pairs that have not met (both ways), and the worst table."""

    cost: float
    unmet: float
    worst: float

    def is_reached(self, key: _Key) -> bool:
        """Whether a seating with this key reaches it."""
        return key[0] <= self.cost and key[1] <= self.unmet and key[2] <= self.worst


def improve(
    boards: Sequence[Board],
    seats: Sequence[IntArray],
    met: IntArray,
    *,
    steps: int,
    goal: Goal,
    rng: np.random.Generator,
    monitor: Monitor,
) -> tuple[IntArray, ...]:
    """Return the best seating that the search meets, never worse than the one it starts from.

    `seats` (m,) per round, `met` (n, n) how often each pair of the task's people met before, 1 on the diagonal. A
    step offers one person an exchange. Best is: fewest moves, then clusters, then diversity, then most pairs that have
    met, then the least worst table, then repeats spread widely. Raises CancelledError.
    """
    search = _Search(boards, seats, met, rng)
    meetings, evenness = replace(goal, worst=math.inf), replace(goal, unmet=math.inf)
    for phase in (EXPLORE, REPAIR):
        search.cool(phase, steps, meetings, monitor)
    if search.is_off:
        search.go_back()
        search.cool(STRICT, steps, meetings, monitor)
    for phase in POLISH:
        search.go_back()
        search.cool(phase, steps, evenness, monitor)
    return tuple(search.best)


class _Search:
    """Where the search stands, and the best seating it has met."""

    def __init__(
        self, boards: Sequence[Board], seats: Sequence[IntArray], met: IntArray, rng: np.random.Generator
    ) -> None:
        self._boards, self._met, self._rng = boards, met, rng
        self._noise = rng.gumbel(size=(NOISE_ROWS, len(met) + 1))
        self._done = 0
        self.best = [np.array(of_round) for of_round in seats]
        self.go_back()
        self._best_key = self._key()

    def go_back(self) -> None:
        """Go on from the best seating."""
        self._seats = [of_round.copy() for of_round in self.best]
        self._total = self._met.astype(np.int64)
        for board, of_round in zip(self._boards, self._seats, strict=True):
            self._total[np.ix_(board.layout.people, board.layout.people)] += _company(of_round)
        pairs = list(zip(self._boards, self._seats, strict=True))
        self._costs = [board.cost(of_round) for board, of_round in pairs]
        self._worst = [board.worst(of_round) for board, of_round in pairs]

    @property
    def is_off(self) -> bool:
        """Whether the search has ended where more is paid than for the best."""
        return sum(self._costs) > self._best_key[0]

    def cool(self, phase: Phase, steps: int, goal: Goal, monitor: Monitor) -> None:
        """Search round by round, in random order, while the temperature falls."""
        pending, before, share = list[int](), self._done, phase.share * steps
        while (done := self._done - before) < share and not goal.is_reached(self._best_key):
            monitor.report("seating", panels=self._done, total=max(steps, before + int(share)))
            pending = pending or self._rng.permutation(len(self._boards)).tolist()
            cooled = (phase.coldest / phase.hottest) ** (done / share)
            self._done += self._visit(pending.pop(), phase.hottest * cooled, phase)
            key = self._key()
            if key < self._best_key:
                self.best, self._best_key = [of_round.copy() for of_round in self._seats], key

    def _visit(self, number: int, temperature: float, phase: Phase) -> int:
        """Let the people of one round change seats; return how many there are."""
        board, seats = self._boards[number], self._seats[number]
        window = np.ix_(board.layout.people, board.layout.people)
        self._total[window] -= _company(seats)
        _Round(board, seats, self._total[window], phase).anneal(temperature, self._noise, self._rng)
        self._total[window] += _company(seats)
        self._costs[number], self._worst[number] = board.cost(seats), board.worst(seats)
        return len(seats)

    def _key(self) -> _Key:
        """Return what is compared: all but meetings, pairs that have not met, worst table, how unevenly pairs meet."""
        total = self._total
        repeats = int((total * total).sum() - (np.diagonal(total) ** 2).sum())
        return sum(self._costs), int((total == 0).sum()), max(self._worst), repeats


def _company(seats: IntArray) -> BoolArray:
    same: BoolArray = seats[:, None] == seats[None, :]
    return same
