"""Exchanges of classes that touch no row: the fast way from one panel to a better one."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, combinations

import numpy as np

from sortition.arrays import BoolArray, FloatArray, IntArray
from sortition.decomposition.face import Face

BUCKET_BITS = 20
CANDIDATES = {2: (192, 192), 3: (100, 48)}
"""For exchanges of pairs and of triples: how many of the most gainful columns may come in, and go out."""
MOVES_PER_ROUND = 48
MOVES_LOOKED_AT = 192
MAX_ROUNDS = 60

Move = tuple[list[int], list[int]]
"""Columns that gain one, columns that lose one."""


class MoveTable:
    """Local search over the integer points of a face.

    Two tuples of classes with equal summed signature can be exchanged without changing any tight row (up to a
    collision modulo 2^64: callers check panels exactly before they keep them); of these, the exchanges that leave
    the loose rows within their bounds are made. A column of signature 0 that is always available stands for
    “nobody”, so that pairs also cover one for one.
    """

    def __init__(self, face: Face) -> None:
        """Prepare the columns of a face: its classes, and nobody."""
        loose = face.polytope.rows[face.loose].toarray().astype(np.int16)
        self._loose = np.pad(loose, ((0, 0), (0, 1)))
        self._loose_lower, self._loose_upper = face.row_lower[face.loose], face.row_upper[face.loose]
        self._signatures = np.append(face.signatures, np.uint64(0))
        self._lower = np.append(face.lower, -1)
        self._upper = np.append(face.upper, 1)
        self._null = face.classes
        self._buckets = np.full(1 << BUCKET_BITS, -1, dtype=np.int32)

    def improve(
        self, counts: IntArray, gain_in: FloatArray, gain_out: FloatArray, *, minimum: float, tuples: int
    ) -> IntArray:
        """Return counts (C,) reached by exchanges that each gain more than `minimum`, best first.

        `gain_in[c]` is the gain of one more of class c, `gain_out[c]` of one fewer. Each column moves at most
        once, so that gains need only be right for its first move. Exchanges of pairs come first; with `tuples`
        3, exchanges of triples where no pair helps.
        """
        counts = np.append(counts, 0)
        gains = np.append(gain_in, 0.0), np.append(gain_out, 0.0)
        movable = np.ones(len(counts), dtype=bool)
        size = 2
        for _ in range(MAX_ROUNDS):
            moves = self._best_moves(counts, gains, movable, minimum, size)
            if not moves and size == tuples:
                break
            if not moves:
                size += 1
            for incoming, outgoing in moves:
                counts[incoming] += 1
                counts[outgoing] -= 1
                movable[incoming] = movable[outgoing] = False
            counts[self._null] = 0
            movable[self._null] = True
        return counts[:-1]

    def _best_moves(
        self,
        counts: IntArray,
        gains: tuple[FloatArray, FloatArray],
        movable: BoolArray,
        minimum: float,
        size: int,
    ) -> list[Move]:
        """Return disjoint exchanges of `size` columns, best first.

        1. Hash the summed signatures of all tuples that may go out; per bucket keep the most gainful.
        2. Look up all tuples that may come in.
        """
        gain_in, gain_out = gains
        most_in, most_out = CANDIDATES[size]
        incoming = self._most_gainful(np.flatnonzero(movable & (counts < self._upper)), gain_in, most_in)
        outgoing = self._most_gainful(np.flatnonzero(movable & (counts > self._lower)), gain_out, most_out)
        if len(incoming) < size or len(outgoing) < size:
            return []
        ins, outs = incoming[_combinations(len(incoming), size)], outgoing[_combinations(len(outgoing), size)]
        in_sum, out_sum = self._signatures[ins].sum(axis=0), self._signatures[outs].sum(axis=0)
        in_gain, out_gain = gain_in[ins].sum(axis=0), gain_out[outs].sum(axis=0)
        shift = np.uint64(64 - BUCKET_BITS)
        out_bucket = (out_sum >> shift).astype(np.int64)
        order = np.argsort(out_gain, kind="stable")
        self._buckets[out_bucket[order]] = order  # the last write, the largest gain, stays
        partner = self._buckets[(in_sum >> shift).astype(np.int64)]
        self._buckets[out_bucket] = -1
        found = np.flatnonzero(partner >= 0)
        partner = partner[found]
        gain = in_gain[found] + out_gain[partner]
        good = np.flatnonzero((out_sum[partner] == in_sum[found]) & (gain > minimum))
        best = good[np.argsort(-gain[good], kind="stable")[:MOVES_LOOKED_AT]]
        return self._compatible(counts, ins[:, found[best]], outs[:, partner[best]])

    def _compatible(self, counts: IntArray, ins: IntArray, outs: IntArray) -> list[Move]:
        """Return the exchanges, first come first served, that share no column and keep the loose rows."""
        totals = self._loose @ counts
        changes = self._loose[:, ins].sum(axis=1) - self._loose[:, outs].sum(axis=1)
        used: set[int] = set()
        moves: list[Move] = []
        for incoming, outgoing, change in zip(ins.T.tolist(), outs.T.tolist(), changes.T, strict=True):
            columns = [c for c in incoming + outgoing if c != self._null]
            if len(set(columns)) < len(columns) or not used.isdisjoint(columns):
                continue
            if len(totals):
                after = totals + change
                if np.any(after > self._loose_upper) or np.any(after < self._loose_lower):
                    continue
                totals = after
            used.update(columns)
            moves.append((incoming, outgoing))
            if len(moves) == MOVES_PER_ROUND:
                break
        return moves

    def _most_gainful(self, columns: IntArray, gain: FloatArray, most: int) -> IntArray:
        if len(columns) <= most:
            return columns
        kept = columns[np.argpartition(-gain[columns], most)[:most]]
        return kept if self._null in kept else np.append(kept, self._null)


@lru_cache(maxsize=64)
def _combinations(count: int, size: int) -> IntArray:
    """Return all ways to choose `size` of `count` positions, shape (size, ways)."""
    if size == 2:
        return np.stack(np.triu_indices(count, 1))
    flat = np.fromiter(chain.from_iterable(combinations(range(count), size)), dtype=np.int64)
    return flat.reshape(-1, size).T.copy()
