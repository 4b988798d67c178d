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
PATIENCE = 3
"""Every ticket is improved this many times at most, in random order."""


def ticket_count(smallest_chance: float, wanted: int) -> int:
    """Return the number of tickets: as wanted, or 10,000 if somebody would stand on fewer than 20 of them."""
    return max(wanted, MANY_TICKETS) if smallest_chance * wanted < FEW_EXPECTED else wanted


def class_tickets(polytope: Polytope, mix: Mix, count: int, *, rng: np.random.Generator, monitor: Monitor) -> IntArray:
    """Return `count` class panels, shape (count, C), whose mean is close to the mix.

    1. Every panel of the mix gets ⌊count · weight⌋ tickets.
    2. The rest is herded: each further ticket is the panel closest to what is still owed, portfolio panels and
       exchanges between them included.
    3. While a class is a whole ticket per person away, replace tickets by panels that bring the sum closer.

    The sum of squared debts per person never rises in step 3.
    """
    target = mix.point
    herd = _herd(polytope, mix, rng, monitor)
    whole = np.floor(count * mix.weights + 1e-9).astype(np.int64)
    rest = count - int(whole.sum())
    tickets = np.repeat(mix.panels, whole, axis=0)
    owed = count * target - tickets.sum(axis=0)
    herded = _herded(herd, polytope, owed, rest, monitor)
    tickets = np.concatenate([tickets, herded]) if rest else tickets
    _improve(herd, polytope, tickets, count * target, rng=rng, monitor=monitor)
    return tickets[rng.permutation(count)]


def _herd(polytope: Polytope, mix: Mix, rng: np.random.Generator, monitor: Monitor) -> Herd:
    herd = Herd(Face.spanned(polytope, mix.point, mix.panels, rng), rng=rng, monitor=monitor)
    for panel in mix.panels:
        herd.store.add(panel)
    return herd


def _herded(herd: Herd, polytope: Polytope, owed: FloatArray, rest: int, monitor: Monitor) -> IntArray:
    debt = np.zeros(len(owed))
    chosen = np.empty((rest, len(owed)), dtype=np.int64)
    for number in range(rest):
        debt += owed / rest
        chosen[number] = _closest(herd, polytope, debt, None)
        debt -= chosen[number]
        if number % 64 == 0:
            monitor.report("tickets", panels=number, total=rest)
    return chosen


def _closest(herd: Herd, polytope: Polytope, wanted: FloatArray, current: IntArray | None) -> IntArray:
    """Return the panel (C,) found closest to `wanted`, by squared distance per person."""
    scale = polytope.multiplicity.astype(float)
    starts = [herd.store.closest(wanted / np.square(scale), 1.0 / np.square(scale))]
    if current is not None:
        starts.append(current)
    candidates = [*starts, herd.climb(starts[-1], wanted, scale)]
    distances = [float(np.square((wanted - panel) / scale).sum()) for panel in candidates]
    return candidates[int(np.argmin(distances))]


def _improve(
    herd: Herd, polytope: Polytope, tickets: IntArray, wanted: FloatArray, *, rng: np.random.Generator, monitor: Monitor
) -> None:
    debt = wanted - tickets.sum(axis=0)
    for _ in range(PATIENCE):
        for number in rng.permutation(len(tickets)):
            per_person = np.abs(debt) / polytope.multiplicity
            if per_person.max() < CLOSE:
                return
            better = _closest(herd, polytope, debt + tickets[number], tickets[number])
            debt += tickets[number] - better
            tickets[number] = better
            monitor.report("tickets", deviation=float(per_person.max()) / len(tickets), panels=len(tickets))


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
