"""Exact pricing without a solver: where few seats are to be filled, a best panel by dynamic programming over counts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sortition.arrays import FloatArray, IntArray
from sortition.errors import InfeasibleQuotasError
from sortition.monitor import Monitor
from sortition.polytope import Polytope

MOST_STEPS = 3_000_000
"""So many steps between states are worked with; a panel then takes some 40 ms, about as much as a solver."""

MOST_COUNTS = 2_000
"""Of one feature; with more, the steps would be too many anyway."""

Steps = npt.NDArray[np.int32]
"""(2, N): states before and after."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PanelStates:
    """The counts per value that panels pass through, seat by seat, and the steps between them.

    A state is what the seats filled so far add up to in every feature; a step fills one more. Only states from which
    all quotas can still be met are kept. Households and multiplicities are not in the states: they are met because
    classes are gone through one by one, members of a household together.

    `groups` are classes of which at most one can be taken (a household), or one class alone; `capacity` (C,) its free
    seats; `steps[kind[c]]` are the steps of class c, between states 0 (only the settled seats) … `count` − 1.
    """

    polytope: Polytope
    count: int
    final: IntArray
    groups: tuple[IntArray, ...]
    capacity: IntArray
    kind: IntArray
    steps: tuple[Steps, ...]

    @classmethod
    def of(cls, polytope: Polytope, monitor: Monitor) -> PanelStates | None:
        """Return the states of a polytope's panels, or None if there are too many steps or no state at all.

        1. Number the counts that each feature may have; a state is one number for each, in mixed radix.
        2. Forward, seat by seat: apply every kind of class to every state; stop at MOST_STEPS.
        3. Backward: keep what leads to the last seat.

        Cuts hold for every panel, so they are left out. Raises CancelledError.
        """
        capacity = _capacity(polytope)
        features = []
        for feature in polytope.instance.quotas:
            counts = _FeatureCounts.of(polytope, feature)
            if counts is None:
                return None
            features.append(counts)
        places = np.cumprod([1, *(len(counts.after) for counts in features)], dtype=float)
        if places[-1] >= 2**62:
            return None
        values = np.array([feature.value_of for feature in features]).reshape(len(features), len(capacity)).T
        kinds, kind_of = np.unique(values[capacity > 0], axis=0, return_inverse=True)
        kind = np.full(len(capacity), -1)
        kind[capacity > 0] = kind_of.ravel()
        layers = _forward(features, places[:-1].astype(np.int64), kinds, _seats(polytope), monitor)
        if layers is None:
            return None
        count, final, steps = _backward(layers, len(kinds))
        return cls(polytope, count, final, _groups(polytope, capacity), capacity, kind, steps)

    def good(self, weights: FloatArray) -> IntArray:
        """Return a best panel; being exact costs nothing here."""
        return self.best(weights)[0]

    def best(self, weights: FloatArray) -> tuple[IntArray, float]:
        """Return a best panel (C,), and the largest weights·panel over all panels.

        Go through the classes; the value of a state is the largest weight of a way to it. Then go back; once a member
        of a household is taken, the way goes on before all of them, as it came.
        Raises InfeasibleQuotasError if there is no panel.
        """
        value = np.full(self.count, -np.inf)
        value[:1] = 0.0
        taken: list[tuple[int, int, Steps, Steps]] = []
        for number, group in enumerate(self.groups):
            # of a household at most one: all its members start from the values before it
            start = value if len(group) == 1 else value.copy()
            for c in group:
                before, after = self.steps[self.kind[c]]
                for _ in range(self.capacity[c]):
                    reached = start[before] + weights[c]
                    better = np.flatnonzero(reached > value[after])
                    if not len(better):
                        break
                    value[after[better]] = reached[better]
                    taken.append((number, int(c), before[better], after[better]))
        if not len(self.final) or np.isneginf(value[self.final].max()):
            raise InfeasibleQuotasError("No panel meets the quotas with this pool.")
        state = int(self.final[np.argmax(value[self.final])])
        panel = self.polytope.lower.astype(np.int64)
        has_member = -1
        for number, c, before, after in reversed(taken):
            if number == has_member:
                continue
            position = np.searchsorted(after, state)
            if position < len(after) and after[position] == state:
                panel[c] += 1
                state = int(before[position])
                has_member = number if len(self.groups[number]) > 1 else -1
        return panel, float(weights @ panel)


@dataclass(frozen=True, slots=True, eq=False)
class _FeatureCounts:
    """The counts per value that one feature may have on the way, numbered.

    `after[n, v]` is the number of the counts that follow counts n when a seat goes to value v, −1 if none;
    `value_of` (C,) the value of each class.
    """

    after: IntArray
    value_of: IntArray

    @classmethod
    def of(cls, polytope: Polytope, feature: str) -> _FeatureCounts | None:
        """Return the counts of a feature, or None if no count at all could do, or too many."""
        values = list(polytope.instance.quotas[feature])
        settled = polytope.rows @ polytope.lower
        row = {label.key: r for r, label in enumerate(polytope.labels) if label.kind == "quota"}
        rows = [row[feature, value] for value in values]
        lower = np.maximum(polytope.row_lower[rows] - settled[rows], 0).astype(int).tolist()
        upper = (polytope.row_upper[rows] - settled[rows]).astype(int).tolist()
        seats = _seats(polytope)
        value_of = np.empty(len(polytope.members), dtype=np.int64)
        for number, r in enumerate(rows):
            value_of[polytope.rows[[r]].indices] = number

        def possible(counts: tuple[int, ...]) -> bool:
            owed = sum(max(low - count, 0) for low, count in zip(lower, counts, strict=True))
            within = all(count <= up for up, count in zip(upper, counts, strict=True))
            return within and owed <= seats - sum(counts)

        nothing = (0,) * len(values)
        if not possible(nothing):
            return None
        number_of, queue = {nothing: 0}, [nothing]
        after: list[list[int]] = []
        for here in queue:
            following = [(*here[:v], here[v] + 1, *here[v + 1 :]) for v in range(len(values))]
            for there in following:
                if there not in number_of and possible(there):
                    number_of[there] = len(number_of)
                    queue.append(there)
            if len(queue) > MOST_COUNTS:
                return None
            after.append([number_of.get(there, -1) for there in following])
        return cls(np.array(after, dtype=np.int64), value_of)


def _seats(polytope: Polytope) -> int:
    """Return how many seats are left when those settled beforehand are taken."""
    return int(polytope.row_upper[0] - polytope.lower.sum())


def _capacity(polytope: Polytope) -> IntArray:
    """How many free seats each class may take, (C,); none where its household has its member already."""
    capacity = np.minimum(polytope.upper - polytope.lower, _seats(polytope)).astype(np.int64)
    settled = polytope.rows @ polytope.lower
    for r in _household_rows(polytope):
        if settled[r] >= polytope.row_upper[r]:
            capacity[polytope.rows[[r]].indices] = 0
    return capacity


def _household_rows(polytope: Polytope) -> list[int]:
    return [r for r, label in enumerate(polytope.labels) if label.kind == "household"]


def _groups(polytope: Polytope, capacity: IntArray) -> tuple[IntArray, ...]:
    home = np.full(len(capacity), -1)
    for r in _household_rows(polytope):
        home[polytope.rows[[r]].indices] = r
    groups: dict[tuple[str, int], list[int]] = defaultdict(list)
    for c in np.flatnonzero(capacity):
        groups[("class", int(c)) if home[c] < 0 else ("household", int(home[c]))].append(int(c))
    return tuple(np.array(group) for group in groups.values())


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """The steps to one more seat: kinds of class, positions of the states before and after; and how many after."""

    kind: IntArray
    before: IntArray
    after: IntArray
    states: int


def _forward(
    features: list[_FeatureCounts], places: IntArray, kinds: IntArray, seats: int, monitor: Monitor
) -> list[_Layer] | None:
    keys, layers, left = np.zeros(1, dtype=np.int64), [], MOST_STEPS
    for _ in range(seats):
        digits = [keys // place % len(feature.after) for place, feature in zip(places, features, strict=True)]
        found: list[tuple[IntArray, IntArray, IntArray]] = []
        for number, values in enumerate(kinds):
            monitor.check()
            following = [f.after[digit, v] for f, digit, v in zip(features, digits, values, strict=True)]
            before = np.flatnonzero(np.all(np.array(following).reshape(len(features), len(keys)) >= 0, axis=0))
            key = sum((place * digit[before] for place, digit in zip(places, following, strict=True)), 0 * before)
            found.append((np.full(len(before), number), before, key))
            left -= len(before)
            if left < 0:
                return None
        kind, before, key = (np.concatenate(parts) for parts in zip(*found, strict=True)) if found else [keys[:0]] * 3
        keys, after = np.unique(key, return_inverse=True)
        layers.append(_Layer(kind, before, after.ravel(), len(keys)))
    return layers


def _backward(layers: list[_Layer], kinds: int) -> tuple[int, IntArray, tuple[Steps, ...]]:
    """Return the number of states that lead to the last seat, those with it, and the steps of each kind."""
    useful = np.ones(layers[-1].states if layers else 1, dtype=bool)
    kept: list[tuple[IntArray, IntArray, IntArray]] = []
    sizes = [int(useful.sum())]
    for number in reversed(range(len(layers))):
        layer = layers[number]
        keep = useful[layer.after]
        position_after = np.cumsum(useful) - 1
        useful = np.zeros(layers[number - 1].states if number else 1, dtype=bool)
        useful[layer.before[keep]] = True
        position_before = np.cumsum(useful) - 1
        kept.append((layer.kind[keep], position_before[layer.before[keep]], position_after[layer.after[keep]]))
        sizes.append(int(useful.sum()))
    offsets = np.cumsum([0, *sizes[::-1]])
    steps: list[Steps] = [np.empty((2, 0), dtype=np.int32)] * kinds
    by_kind: dict[int, list[Steps]] = defaultdict(list)
    for number, (kind, before, after) in enumerate(reversed(kept)):
        pairs = np.array([before + offsets[number], after + offsets[number + 1]], dtype=np.int32)
        order = np.lexsort((after, kind))
        borders = np.searchsorted(kind[order], np.arange(kinds + 1))
        for k in np.unique(kind):
            by_kind[int(k)].append(pairs[:, order[borders[k] : borders[k + 1]]])
    for k, parts in by_kind.items():
        steps[k] = np.concatenate(parts, axis=1)
    return int(offsets[-1]), np.arange(offsets[-2], offsets[-1]), tuple(steps)
