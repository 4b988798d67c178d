"""Small feasible pools for hypothesis, and the textbook form of their relaxation: one column per person."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import linprog

from sortition.model import Entry, Instance, Quota


def pool(  # noqa: PLR0917  # hypothesis gives them by position
    values: list[str],
    quotas: dict[str, dict[str, Quota]],
    size: int,
    households: dict[int, str] | None = None,
    required: frozenset[str] = frozenset(),
    excluded: frozenset[str] = frozenset(),
) -> Instance:
    """Build an instance from one string per entry, a character per feature."""
    features = list(quotas)
    entries = tuple(
        Entry(f"p{i:02d}", dict(zip(features, value, strict=True)), (households or {}).get(i))
        for i, value in enumerate(values)
    )
    return Instance(entries, quotas, size, required, excluded)


@st.composite
def pools(draw: st.DrawFn, *, largest: int = 12, settled: bool = True) -> Instance:
    """Draw a pool that has a panel: quotas lie around the counts of a panel drawn first."""
    count = draw(st.integers(2, largest))
    features = draw(st.integers(1, 3))
    columns = [draw(st.lists(st.sampled_from("abc"), min_size=count, max_size=count)) for _ in range(features)]
    homes = draw(st.dictionaries(st.integers(0, count - 1), st.sampled_from(["x", "y"]), max_size=4))
    panel: list[int] = []
    for i in draw(st.permutations(range(count))):
        if homes.get(i) is None or homes[i] not in {homes.get(j) for j in panel}:
            panel.append(i)
    panel = panel[: draw(st.integers(1, len(panel)))]
    quotas = {}
    for number, column in enumerate(columns):
        held = [column[i] for i in panel]
        quotas[f"f{number}"] = {
            v: Quota(max(0, held.count(v) - draw(st.integers(0, 1))), held.count(v) + draw(st.integers(0, 1)))
            for v in "abc"
        }
    values = ["".join(column[i] for column in columns) for i in range(count)]
    outside = [i for i in range(count) if i not in panel]
    required = {f"p{i:02d}" for i in panel[:1]} if settled and draw(st.booleans()) else set()
    excluded = {f"p{i:02d}" for i in outside[:1]} if settled and draw(st.booleans()) else set()
    return pool(values, quotas, len(panel), homes, frozenset(required), frozenset(excluded))


@dataclass(frozen=True)
class PersonProgram:
    """at_most·π ≤ bound, equal·π = value, lower ≤ π ≤ upper, with one column per entry."""

    at_most: np.ndarray
    bound: np.ndarray
    equal: np.ndarray
    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    @classmethod
    def of(cls, instance: Instance) -> PersonProgram:
        rows, bounds = [np.zeros(len(instance.entries))], [1.0]
        for feature, quotas in instance.quotas.items():
            for value, quota in quotas.items():
                row = np.array([float(e.values[feature] == value) for e in instance.entries])
                rows += [row, -row]
                bounds += [float(quota.upper), -float(quota.lower)]
        for household in {e.household for e in instance.entries} - {None}:
            rows.append(np.array([float(e.household == household) for e in instance.entries]))
            bounds.append(1.0)
        return cls(
            np.array(rows),
            np.array(bounds),
            np.ones((1, len(instance.entries))),
            np.array([float(instance.size)]),
            np.array([float(e.id in instance.required) for e in instance.entries]),
            np.array([float(e.id not in instance.excluded) for e in instance.entries]),
        )

    def minimise(self, cost: np.ndarray, extra: np.ndarray | None = None, extra_bound: np.ndarray | None = None):
        """Solve with scipy; `extra` rows may use further columns, which `cost` has, free between 0 and 1."""
        more = len(cost) - len(self.lower)
        wide = [np.hstack([block, np.zeros((len(block), more))]) for block in (self.at_most, self.equal)]
        if extra is not None:
            wide[0] = np.vstack([wide[0], extra])
        bound = self.bound if extra_bound is None else np.append(self.bound, extra_bound)
        ends = np.column_stack([np.append(self.lower, np.zeros(more)), np.append(self.upper, np.ones(more))])
        return linprog(cost, A_ub=wide[0], b_ub=bound, A_eq=wide[1], b_eq=self.value, bounds=ends)

    def reachable(self) -> np.ndarray:
        """Which entries have a positive chance somewhere."""
        return np.array([-self.minimise(-unit).fun > 1e-7 for unit in np.eye(len(self.lower))])


def panels(instance: Instance) -> list[tuple[int, ...]]:
    """All panels of an instance, by trying every set of entries."""
    return [c for c in combinations(range(len(instance.entries)), instance.size) if is_panel(instance, c)]


def is_panel(instance: Instance, members: tuple[int, ...]) -> bool:
    entries = [instance.entries[i] for i in members]
    homes = [e.household for e in entries if e.household is not None]
    ids = {e.id for e in entries}
    return (
        len(set(homes)) == len(homes)
        and instance.required <= ids
        and not instance.excluded & ids
        and all(
            quota.lower <= sum(e.values[feature] == value for e in entries) <= quota.upper
            for feature, quotas in instance.quotas.items()
            for value, quota in quotas.items()
        )
    )
