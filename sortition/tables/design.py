"""Seatings without a repeated meeting, by construction."""

from __future__ import annotations

import numpy as np

from sortition.arrays import IntArray


def has_design(people: int, tables: int, rounds: int) -> bool:
    """Whether `transversal_design` makes so many rounds: a prime number of tables, and no more rounds or seats each."""
    prime = tables > 1 and all(tables % divisor for divisor in range(2, int(tables**0.5) + 1))
    return prime and rounds <= tables and people <= tables * tables


def transversal_design(people: int, tables: int, rounds: int) -> tuple[IntArray, ...]:
    """Return rounds (people,) of table numbers in which no two people meet twice, sizes differing by at most one.

    Person a + p·i (column i, row a; p tables, a prime number) sits at table a + r·i mod p in round r: two people of
    different columns meet in the one round that solves a linear equation, those of one column never. The fuller tables
    get the smaller numbers.
    Source: the transversal designs from finite fields; Colbourn and Dinitz (eds.), Handbook of Combinatorial Designs,
    2nd ed. (2006), III.3.
    """
    column, row = np.divmod(np.arange(people), tables)
    seatings = []
    for number in range(rounds):
        seats = (row + number * column) % tables
        by_size = np.argsort(-np.bincount(seats, minlength=tables), kind="stable")
        rank = np.empty(tables, dtype=np.int64)
        rank[by_size] = np.arange(tables)
        seatings.append(rank[seats])
    return tuple(seatings)
