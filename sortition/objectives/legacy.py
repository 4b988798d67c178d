"""The Sortition Foundation's greedy rule, for comparison only: nothing about its chances is proven."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sortition.arrays import BoolArray, FloatArray, IntArray
from sortition.errors import InfeasibleQuotasError, InputError, SolverError
from sortition.model import Instance
from sortition.monitor import Monitor

MAXIMUM_ATTEMPTS = 100
"""Attempts per ticket, on average, after which to give up."""
BATCH_CELLS = 4_000_000
"""Tickets drawn at once times entries: bounds the memory to some 100 megabytes."""


def legacy(instance: Instance, *, tickets: int, rng: np.random.Generator, monitor: Monitor | None = None) -> IntArray:
    """Draw panels by the greedy rule, each independently.

    Entries of a value whose upper quota is 0 are put aside beforehand. Until a panel is full:

    1. Find the value with the largest (lower − members so far) / (entries left).
    2. Draw one of its entries left, all equally likely.
    3. Put aside the entries of the same household, and those of every value whose upper quota is reached.

    If some value then has fewer entries left than it still needs, start that panel anew. Required members sit first.

    Shapes: (tickets, size) positions in `instance.entries`, ascending within a ticket.
    Raises InputError without features, InfeasibleQuotasError if fewer entries than seats are available, SolverError
    when 100 attempts per ticket did not give as many panels, which proves nothing about the quotas.
    Source: the legacy algorithm of sortition-algorithms, https://github.com/sortitionfoundation/sortition-algorithms.
    """
    monitor = monitor or Monitor()
    pool = _Pool.of(instance)
    if not instance.quotas:
        raise InputError("The greedy rule chooses by features; the quotas name none.")
    if np.count_nonzero(pool.available) < instance.size:
        raise InfeasibleQuotasError("Fewer people may be drawn than there are seats.")
    batch = max(1, min(tickets, BATCH_CELLS // len(instance.entries)))
    panels, attempts = np.empty((0, instance.size), dtype=np.int64), 0
    while len(panels) < tickets:
        monitor.report("legacy", panels=len(panels), total=tickets)
        if attempts >= MAXIMUM_ATTEMPTS * tickets:
            raise SolverError(
                f"The greedy rule completed {len(panels)} of {tickets} panels in {attempts} attempts. "
                "The quotas may still be feasible; the other objectives find panels wherever there are any."
            )
        panels = np.vstack([panels, _attempt(pool, batch, rng, monitor)])
        attempts += batch
    return panels[:tickets]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Pool:
    """Shapes, with E entries and V values of all features: `holds` (E, V) zeros and ones, `lower`, `upper` (V,).

    `household` (E,) numbers the shared households, −1 for none. `available` (E,) is a mask, `required` are positions.
    """

    size: int
    holds: npt.NDArray[np.float32]
    lower: FloatArray
    upper: FloatArray
    household: IntArray
    available: BoolArray
    required: IntArray

    @classmethod
    def of(cls, instance: Instance) -> _Pool:
        values = [(feature, value) for feature, quotas in instance.quotas.items() for value in quotas]
        quotas = [instance.quotas[feature][value] for feature, value in values]
        column = {key: number for number, key in enumerate(values)}
        holds = np.zeros((len(instance.entries), len(values)), dtype=np.float32)
        for position, entry in enumerate(instance.entries):
            holds[position, [column[feature, entry.values[feature]] for feature in instance.quotas]] = 1
        closed = np.array([quota.upper == 0 for quota in quotas], dtype=bool)
        excluded = np.array([entry.id in instance.excluded for entry in instance.entries])
        numbers = {h: number for number, h in enumerate({e.household for e in instance.entries} - {None})}
        return cls(
            size=instance.size,
            holds=holds,
            lower=np.array([quota.lower for quota in quotas], dtype=float),
            upper=np.array([quota.upper for quota in quotas], dtype=float),
            household=np.array([numbers.get(entry.household, -1) for entry in instance.entries]),
            available=~excluded & ~holds[:, closed].any(axis=1),
            required=np.flatnonzero([entry.id in instance.required for entry in instance.entries]),
        )


def _attempt(pool: _Pool, batch: int, rng: np.random.Generator, monitor: Monitor) -> IntArray:
    """Try one panel per row of a batch; return those that succeeded, shape (successes, size)."""
    left = np.repeat(pool.available[None, :], batch, axis=0)
    members = np.empty((batch, 0), dtype=np.int64)
    counts = np.zeros((batch, len(pool.lower)))
    while len(left) and members.shape[1] < pool.size:
        monitor.check()
        number = members.shape[1]
        if number < len(pool.required):
            drawn = np.full(len(left), pool.required[number])
            if not left[:, pool.required[number]].all():
                return np.empty((0, pool.size), dtype=np.int64)
        else:
            drawn = _draw(pool, left, counts, rng)
        members = np.hstack([members, drawn[:, None]])
        counts = counts + pool.holds[drawn]
        left = _put_aside(pool, left, drawn, counts)
        alive = _can_go_on(pool, left, counts, complete=members.shape[1] == pool.size)
        left, members, counts = left[alive], members[alive], counts[alive]
    return np.sort(members, axis=1).reshape(-1, pool.size)


def _draw(pool: _Pool, left: BoolArray, counts: FloatArray, rng: np.random.Generator) -> IntArray:
    """Draw one entry per row: any of those left with the most urgent value."""
    remaining = left.astype(np.float32) @ pool.holds
    with np.errstate(divide="ignore", invalid="ignore"):
        urgency = np.where(remaining > 0, (pool.lower - counts) / remaining, -np.inf)
    candidates = left & (pool.holds.T[urgency.argmax(axis=1)] > 0)
    draws: IntArray = np.where(candidates, rng.random(left.shape, dtype=np.float32), -1.0).argmax(axis=1)
    return draws


def _put_aside(pool: _Pool, left: BoolArray, drawn: IntArray, counts: FloatArray) -> BoolArray:
    """Take the drawn, their households and all entries of full values out of those left."""
    left = left.copy()
    left[np.arange(len(left)), drawn] = False
    home = pool.household[drawn][:, None]
    left &= (pool.household != home) | (home < 0)
    full = (counts >= pool.upper).astype(np.float32)
    left &= (full @ pool.holds.T) == 0
    return left


def _can_go_on(pool: _Pool, left: BoolArray, counts: FloatArray, *, complete: bool) -> BoolArray:
    """Which rows can still meet their lower quotas, exceed no upper one, and have somebody left to draw."""
    needed, possible = pool.lower - counts, left.astype(np.float32) @ pool.holds
    fine: BoolArray = np.all(needed <= (0 if complete else possible), axis=1) & np.all(counts <= pool.upper, axis=1)
    return fine if complete else fine & left.any(axis=1)
