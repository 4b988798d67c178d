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
CLOSE = 1.5
"""No class may have this many tickets per person too many or too few, nor 1 + 1/persons: dealing moves a chance by up
to 1 − 1/persons of a ticket more, and then none moves by 2/m."""
POWER = 8
"""Replacing a ticket must lower Σ |debt per person|^POWER: with squares a class far out stays there, since bringing it
closer costs many others a little."""
SMALL_DEBT = 0.3
"""Below this debt in tickets per person, a class weighs little more when it is further away."""
PATIENCE = 150
"""After so many tickets in a row that could not be replaced, no more are tried."""
MOST_PASSES = 4
"""Every ticket is tried this many times at most, in random order."""


def ticket_count(smallest_chance: float, wanted: int) -> int:
    """Return the number of tickets: as wanted, or 10,000 if somebody would stand on fewer than 20 of them."""
    return max(wanted, MANY_TICKETS) if smallest_chance * wanted < FEW_EXPECTED else wanted


def class_tickets(polytope: Polytope, mix: Mix, count: int, *, rng: np.random.Generator, monitor: Monitor) -> IntArray:
    """Return `count` class panels, shape (count, C), whose mean is close to the mix.

    1. Every panel of the mix gets ⌊count · weight⌋ tickets.
    2. The rest is herded: each further ticket is the panel closest to what is still owed, portfolio panels and
       exchanges between them included.
    3. While a class is too far away (CLOSE), replace tickets by panels that bring the sum closer.
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
    scale = polytope.multiplicity.astype(float)
    for number in range(rest):
        debt += owed / rest
        chosen[number] = _closest(herd, debt, scale)
        debt -= chosen[number]
        if number % 64 == 0:
            monitor.report("tickets", panels=number, total=rest)
    return chosen


def _closest(herd: Herd, wanted: FloatArray, scale: FloatArray) -> IntArray:
    """Return the panel (C,) found closest to `wanted`, by the sum of squares / scale²."""
    start = herd.store.closest(wanted / np.square(scale), 1.0 / np.square(scale))
    climbed = herd.climb(start, wanted, scale)
    return min((start, climbed), key=lambda panel: float(np.square((wanted - panel) / scale).sum()))


def _improve(
    herd: Herd, polytope: Polytope, tickets: IntArray, wanted: FloatArray, *, rng: np.random.Generator, monitor: Monitor
) -> None:
    """Replace tickets in place; candidates come from squares, weighted towards the classes that are far away."""
    persons = polytope.multiplicity.astype(float)
    close = np.minimum(CLOSE, 1.0 + 1.0 / persons)
    debt = wanted - tickets.sum(axis=0)
    idle = 0
    for number in np.concatenate([rng.permutation(len(tickets)) for _ in range(MOST_PASSES)]):
        per_person = np.abs(debt) / persons
        if np.all(per_person < close) or idle > PATIENCE:
            return
        monitor.report("tickets", deviation=float(per_person.max()) / len(tickets), panels=len(tickets))
        scale = persons / np.hypot(SMALL_DEBT, per_person)
        owed, current = debt + tickets[number], tickets[number].copy()
        known = herd.store.closest(owed / np.square(scale), 1.0 / np.square(scale))
        candidates = np.stack([current, known, herd.climb(current, owed, scale)])
        chosen = int(np.argmin((((owed - candidates) / persons) ** POWER).sum(axis=1)))
        idle = 0 if chosen else idle + 1
        tickets[number] = candidates[chosen]
        debt = owed - candidates[chosen]


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
