"""What the engine is held against: all panels of persons tried one by one, and objectives over all of them.

Nothing here knows classes, relaxations, faces, cuts or levels' multipliers.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.optimize import linprog

from sortition.model import Entry, Instance, Quota
from sortition.polytope import Polytope

RAISED = 1e-6
"""A chance that can be raised by less is stuck at its level; vertices of pools this small lie far further apart."""


def pool(
    rows: list[str], quotas: list[dict[str, tuple[int, int]]], size: int, homes: dict[int, str] | None = None
) -> Instance:
    """An instance from one string per entry, a character per feature, and (lower, upper) by feature and value."""
    entries = tuple(
        Entry(f"p{i:02d}", {f"f{n}": value for n, value in enumerate(row)}, (homes or {}).get(i))
        for i, row in enumerate(rows)
    )
    return Instance(
        entries,
        {f"f{n}": {v: Quota(*bounds) for v, bounds in values.items()} for n, values in enumerate(quotas)},
        size,
    )


def tight_pool(seed: int, *, people: int = 20, features: int = 4, size: int = 6) -> Instance:
    """Every value exactly as often as on one random panel: narrow enough that the relaxation often promises more."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 2, (people, features))
    ones = values[rng.choice(people, size, replace=False)].sum(axis=0)
    quotas = [{"0": (size - int(one),) * 2, "1": (int(one),) * 2} for one in ones]
    return pool(["".join(map(str, row)) for row in values], quotas, size)


def all_panels(instance: Instance) -> np.ndarray:
    """Every panel as a row of zeros and ones, shape (panels, entries)."""
    entries = instance.entries
    features = [
        (np.array([entry.values[feature] == value for entry in entries]), quota)
        for feature, quotas in instance.quotas.items()
        for value, quota in quotas.items()
    ]
    homes = {entry.household for entry in entries} - {None}
    found = np.zeros((0, len(entries)), dtype=np.int64)
    candidates = np.array(list(combinations(range(len(entries)), instance.size)), dtype=np.int64)
    if len(candidates):
        found = np.zeros((len(candidates), len(entries)), dtype=np.int64)
        np.put_along_axis(found, candidates, 1, axis=1)
    for held, quota in features:
        count = found @ held
        found = found[(count >= quota.lower) & (count <= quota.upper)]
    for home in homes:
        found = found[found @ np.array([entry.household == home for entry in entries]) <= 1]
    for entry_id in instance.required:
        found = found[found[:, instance.index_of(entry_id)] == 1]
    for entry_id in instance.excluded:
        found = found[found[:, instance.index_of(entry_id)] == 0]
    return found


def class_panels(polytope: Polytope) -> np.ndarray:
    """Every panel as counts per class, shape (panels, classes); nobody of a class that is closed."""
    classes = np.eye(len(polytope.members), dtype=np.int64)[polytope.class_of]
    found = np.unique(all_panels(polytope.instance) @ classes, axis=0).reshape(-1, len(polytope.members))
    return found[np.all(found <= polytope.upper, axis=1)]


def is_panel(instance: Instance, members: list[int]) -> bool:
    """Whether positions in the instance's entries form a panel, told person by person."""
    entries = [instance.entries[i] for i in members]
    ids = {entry.id for entry in entries}
    homes = [entry.household for entry in entries if entry.household is not None]
    return (
        len(ids) == len(members) == instance.size
        and len(homes) == len(set(homes))
        and instance.required <= ids
        and not instance.excluded & ids
        and all(
            quota.lower <= sum(entry.values[feature] == value for entry in entries) <= quota.upper
            for feature, quotas in instance.quotas.items()
            for value, quota in quotas.items()
        )
    )


def leximin(panels: np.ndarray) -> np.ndarray:
    """Everybody's chance under leximin over all panels, shape (entries,); 0 for those on none.

    Level by level: the largest z below which nobody free falls; then one program per person says who could have
    more while nobody falls below their floor, and those who could not are stuck at z.
    """
    free = panels.any(axis=0)
    floor = np.zeros(panels.shape[1])
    while free.any():
        level = largest_floor(panels, floor, free)
        floor[free] = level
        stuck = free.copy()
        for person in np.flatnonzero(free):
            if stuck[person]:
                chances = _solve(panels, floor - 1e-9, np.zeros_like(free), np.append(-panels[:, person], 0.0)) @ panels
                stuck &= chances <= level + RAISED
        free &= ~stuck
    return floor


def largest_floor(panels: np.ndarray, floor: np.ndarray, free: np.ndarray) -> float:
    """The largest z such that some mix gives z to everyone free, and to everyone else their floor."""
    weights = _solve(panels, floor, free, np.append(np.zeros(len(panels)), -1.0))
    return float((weights @ panels)[free].min())


def _solve(panels: np.ndarray, floor: np.ndarray, free: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Weights per panel that minimise cost·(weights, z): those free have at least z, all others their floor."""
    result = linprog(
        cost,
        A_ub=np.hstack([-panels.T, free[:, None].astype(float)]),
        b_ub=np.where(free, 0.0, -floor),
        A_eq=np.append(np.ones(len(panels)), 0.0)[None],
        b_eq=[1.0],
        bounds=[(0, None)] * len(panels) + [(0, 1)],
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    assert result.status == 0, result.message
    return result.x[:-1]
