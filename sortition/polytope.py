"""Classes of interchangeable entries, and the polytope of panels and of selection probabilities over them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from scipy import sparse

from sortition.arrays import BoolArray, FloatArray, IntArray
from sortition.highs import INFINITY, Program
from sortition.model import Instance
from sortition.monitor import Monitor


@dataclass(frozen=True, slots=True)
class RowLabel:
    """What a row of the polytope says: the panel's size, a quota, or that a household has at most one member.

    `key` is () for the size, (feature, value) for a quota, and (running number,) for a household.
    """

    kind: Literal["size", "quota", "household"]
    key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Polytope:
    """Panels as counts per class: row_lower ≤ rows·x ≤ row_upper, lower ≤ x ≤ upper.

    Its integer points are the class panels. Relaxed, and divided by the multiplicities, it is the set Q of
    selection probabilities that meet the quotas in expectation; every lottery's probabilities lie in it.

    Shapes: C classes, R rows. `members[c]` are positions in `instance.entries`; `multiplicity` (C,) their number;
    `rows` (R, C) zeros and ones; `lower`, `upper` (C,); `row_lower`, `row_upper` (R,). `cuts` (K, C) and
    `cut_upper` (K,) are further inequalities cuts·x ≤ cut_upper that every panel meets.
    """

    instance: Instance
    members: tuple[IntArray, ...]
    multiplicity: IntArray
    rows: sparse.csr_matrix
    row_lower: FloatArray
    row_upper: FloatArray
    labels: tuple[RowLabel, ...]
    lower: FloatArray
    upper: FloatArray
    cuts: FloatArray
    cut_upper: FloatArray
    class_of: IntArray = field(repr=False)

    @classmethod
    def of(cls, instance: Instance) -> Polytope:
        """Build the polytope of an instance.

        Entries with the same values are one class. An entry that shares its household with another one, or whose
        seat is settled beforehand, is a class of its own: simple, and never wrong.
        """
        household_size = Counter(e.household for e in instance.entries if e.household is not None)
        features = list(instance.quotas)
        groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
        households: dict[str, list[int]] = defaultdict(list)
        for position, entry in enumerate(instance.entries):
            key = tuple(entry.values[feature] for feature in features)
            shares = entry.household is not None and household_size[entry.household] > 1
            if shares or entry.id in instance.required or entry.id in instance.excluded:
                key += (entry.id,)
            groups[key].append(position)
            if shares and entry.household is not None:
                households[entry.household].append(position)
        members = tuple(np.array(positions) for positions in groups.values())
        class_of = np.empty(len(instance.entries), dtype=np.int64)
        for number, positions in enumerate(members):
            class_of[positions] = number
        return cls._assemble(instance, members, class_of, list(households.values()))

    @classmethod
    def _assemble(
        cls, instance: Instance, members: tuple[IntArray, ...], class_of: IntArray, households: list[list[int]]
    ) -> Polytope:
        count = len(members)
        labels, lowers, uppers = [RowLabel("size")], [instance.size], [instance.size]
        incidence: list[list[int]] = [list(range(count))]
        first = [instance.entries[positions[0]] for positions in members]
        for feature, values in instance.quotas.items():
            holders: dict[str, list[int]] = {value: [] for value in values}
            for number, entry in enumerate(first):
                holders[entry.values[feature]].append(number)
            for value, quota in values.items():
                labels.append(RowLabel("quota", (feature, value)))
                lowers.append(quota.lower)
                uppers.append(min(quota.upper, instance.size))
                incidence.append(holders[value])
        for number, positions in enumerate(households):
            labels.append(RowLabel("household", (str(number),)))
            lowers.append(0)
            uppers.append(1)
            incidence.append([int(class_of[position]) for position in positions])
        indptr = np.cumsum([0, *(len(row) for row in incidence)])
        indices = np.concatenate([np.array(row, dtype=np.int64) for row in incidence])
        multiplicity = np.array([len(positions) for positions in members])
        required = np.array([entry.id in instance.required for entry in first], dtype=bool).reshape(count)
        excluded = np.array([entry.id in instance.excluded for entry in first], dtype=bool).reshape(count)
        return cls(
            instance=instance,
            members=members,
            multiplicity=multiplicity,
            rows=sparse.csr_matrix((np.ones(len(indices)), indices, indptr), shape=(len(labels), count)),
            row_lower=np.array(lowers, dtype=float),
            row_upper=np.array(uppers, dtype=float),
            labels=tuple(labels),
            lower=required.astype(float),
            upper=np.where(excluded, 0, multiplicity).astype(float),
            cuts=np.empty((0, count)),
            cut_upper=np.empty(0),
            class_of=class_of,
        )

    def __repr__(self) -> str:
        return f"Polytope({len(self.members)} classes, {len(self.labels)} rows, {len(self.cuts)} cuts)"

    def with_cut(self, coefficients: FloatArray, upper: float) -> Polytope:
        """Return the polytope with one more inequality coefficients·x ≤ upper."""
        return replace(
            self,
            cuts=np.vstack([self.cuts, coefficients]),
            cut_upper=np.append(self.cut_upper, upper),
        )

    def without(self, classes: BoolArray) -> Polytope:
        """Return the polytope in which the marked classes stay empty."""
        return replace(self, upper=np.where(classes, 0.0, self.upper))

    def constraints(self) -> tuple[sparse.csr_matrix, FloatArray, FloatArray]:
        """Return all rows (R + K, C), cuts below the quotas, and their lower and upper bounds (R + K,)."""
        if not len(self.cuts):
            return self.rows, self.row_lower, self.row_upper
        rows = sparse.csr_matrix(sparse.vstack([self.rows, sparse.csr_matrix(self.cuts)]))
        lower = np.append(self.row_lower, np.full(len(self.cuts), -INFINITY))
        return rows, lower, np.append(self.row_upper, self.cut_upper)

    def program(
        self,
        *,
        cost: FloatArray | None = None,
        integer: bool = False,
        monitor: Monitor | None = None,
    ) -> Program:
        """Return the program that maximises cost·x over this polytope (cuts are left out for integer points)."""
        rows, lower, upper = (self.rows, self.row_lower, self.row_upper) if integer else self.constraints()
        return Program(rows, lower, upper, self.lower, self.upper, cost=cost, integer=integer, monitor=monitor)

    def contains_panel(self, counts: IntArray) -> bool:
        """Whether integer counts per class, shape (C,), meet every quota, bound and household rule."""
        totals = self.rows @ counts
        return bool(
            np.all(totals >= self.row_lower)
            and np.all(totals <= self.row_upper)
            and np.all(counts >= self.lower)
            and np.all(counts <= self.upper)
        )
