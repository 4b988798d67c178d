"""From a portfolio to numbered, equally likely panels of persons."""

from __future__ import annotations

import numpy as np

from sortition.arrays import FloatArray, IntArray
from sortition.decomposition.face import Face
from sortition.decomposition.herding import Herd
from sortition.decomposition.mix import Mix
from sortition.monitor import Monitor
from sortition.polytope import Polytope

FEW_EXPECTED = 20
MANY_TICKETS = 10_000
CLOSE = 1.0
"""A class is close enough when it has less than one ticket per person too many or too few: after dealing, no
person's chance moves by 2/m or more."""
GOOD_ROUNDS, ROUNDS = 4, 80
"""After the first number of rounds it is enough that no chance moves by more than 2/m; the second is how often, at
most, new panels are sought, and far classes made to weigh more, once no exchange of tickets helps."""
HEAVIER = 1.15
"""The factor by which a far class then weighs more."""
TRIED = 24
"""Exchanges are tried between so many tickets that had best go and so many panels that had best come."""
CLIMBS = 6


def ticket_count(smallest_chance: float, wanted: int) -> int:
    """Return the number of tickets: as wanted, or 10,000 if somebody would stand on fewer than 20 of them."""
    return max(wanted, MANY_TICKETS) if smallest_chance * wanted < FEW_EXPECTED else wanted


def class_tickets(polytope: Polytope, mix: Mix, count: int, *, rng: np.random.Generator, monitor: Monitor) -> IntArray:
    """Return `count` class panels, shape (count, C), whose mean is close to the mix.

    1. Every panel of the mix gets ⌊count · weight⌋ tickets.
    2. The rest is herded: each further ticket is the panel closest to what is still owed, among the known ones and
       those that exchanges of classes reach from them.
    3. While a class is a whole ticket per person away, replace tickets by other known panels, as long as that lowers
       the weighted sum of squared debts; where it stalls, find new panels and let far classes weigh more.

    The closest list of tickets met is returned, in random order.
    """
    herd = Herd(Face.spanned(polytope, mix.point, mix.panels, rng), rng=rng, monitor=monitor)
    for panel in mix.panels:
        herd.store.add(panel)
    copies = np.floor(count * mix.weights + 1e-9).astype(np.int64)
    rounding = _Rounding(herd, polytope.multiplicity.astype(float), count * mix.point, copies, monitor)
    rounding.herd_rest(count - int(copies.sum()))
    rounding.exchange()
    return rounding.tickets()[rng.permutation(count)]


class _Rounding:
    """Copies per known panel, and what the classes are still owed."""

    def __init__(
        self, herd: Herd, multiplicity: FloatArray, wanted: FloatArray, copies: IntArray, monitor: Monitor
    ) -> None:
        self._herd = herd
        self._multiplicity = multiplicity
        self._copies = list(copies)
        self._debt = wanted - copies @ herd.store.panels.astype(float)
        self._monitor = monitor
        self._best = (self._furthest(), list(copies))

    def tickets(self) -> IntArray:
        """Return the closest list of class panels met, shape (count, C)."""
        copies = self._best[1]
        panels = self._herd.store.panels[: len(copies)].astype(np.int64)
        return np.repeat(panels, copies, axis=0)

    def herd_rest(self, rest: int) -> None:
        """Step 2."""
        debt, share = np.zeros(len(self._debt)), self._debt / max(rest, 1)
        inverse = 1.0 / np.square(self._multiplicity)
        for number in range(rest):
            debt += share
            start = self._herd.store.closest(debt * inverse, inverse)
            panel = self._herd.climb(start, debt, self._multiplicity)
            debt -= panel
            self._add(self._herd.store.number(panel))
            self._debt -= panel
            if number % 64 == 0:
                self._monitor.report("tickets", panels=number, total=rest)
        self._best = (self._furthest(), list(self._copies))

    def exchange(self) -> None:
        """Step 3."""
        weights = 1.0 / np.square(self._multiplicity)
        for number in range(ROUNDS):
            while self._furthest() >= CLOSE and self._exchange_once(weights):
                self._monitor.check()
            if self._furthest() < self._best[0]:
                self._best = (self._furthest(), list(self._copies))
            if self._best[0] < CLOSE or (number >= GOOD_ROUNDS and self._is_good()):
                return
            self._monitor.report("tickets", deviation=self._best[0] / sum(self._copies), panels=len(self._copies))
            weights[np.abs(self._debt) / self._multiplicity >= CLOSE] *= HEAVIER
            self._find_more(weights)

    def _furthest(self) -> float:
        return float((np.abs(self._debt) / self._multiplicity).max())

    def _is_good(self) -> bool:
        """Return whether no chance moves by more than 2/m.

        A class that is owed d tickets, dealt to its n members in turn, moves a chance by d/n + (n − 1)/n at most.
        """
        return self._best[0] == self._furthest() and bool(np.all(np.abs(self._debt) <= self._multiplicity + 1.0))

    def _add(self, number: int) -> None:
        self._copies.extend([0] * (number + 1 - len(self._copies)))
        self._copies[number] += 1

    def _exchange_once(self, weights: FloatArray) -> bool:
        """Make the best exchange of one ticket; returns whether there was one.

        Replacing panel p by q changes Σ weights·debt² by |P_p − P_q|² − 2 debt·(P_q − P_p), in the weights' metric.
        """
        panels = self._herd.store.panels
        scores = panels @ (weights * self._debt).astype(np.float32)
        drawn = np.flatnonzero(self._copies)
        going = drawn[np.argsort(scores[drawn], kind="stable")[:TRIED]]
        coming = np.argsort(-scores, kind="stable")[:TRIED]
        difference = panels[coming][:, None, :] - panels[going][None, :, :]
        gain = 2.0 * (scores[coming][:, None] - scores[going][None, :]) - np.square(difference) @ weights
        best = int(np.argmax(gain))
        if gain.flat[best] <= 1e-9 * weights.max():
            return False
        q, p = int(coming[best // len(going)]), int(going[best % len(going)])
        self._debt += panels[p].astype(float) - panels[q]
        self._copies[p] -= 1
        self._add(q)
        return True

    def _find_more(self, weights: FloatArray) -> None:
        """Add panels that exchanges of classes reach from drawn ones when they follow the debt."""
        store, scale = self._herd.store, 1.0 / np.sqrt(weights)
        scores = store.panels @ (weights * self._debt).astype(np.float32)
        for number in np.argsort(-scores, kind="stable")[:CLIMBS]:
            panel = store.panels[number].astype(np.int64)
            store.add(self._herd.climb(panel, panel + self._debt, scale, tuples=3))


def deal(polytope: Polytope, tickets: IntArray, *, rng: np.random.Generator) -> IntArray:
    """Return the tickets as persons: positions in the instance's entries, shape (tickets, size), ascending.

    Inside a class, seats go round the members in one random order, so equals are within one ticket of each other.
    """
    order = [rng.permutation(members) for members in polytope.members]
    following = [0] * len(order)
    dealt = np.empty((len(tickets), int(tickets[0].sum())), dtype=np.int64)
    for number, panel in enumerate(tickets):
        seats: list[int] = []
        for c in np.flatnonzero(panel):
            members = order[c]
            for _ in range(panel[c]):
                seats.append(members[following[c]])
                following[c] = (following[c] + 1) % len(members)
        dealt[number] = np.sort(seats)
    return dealt
