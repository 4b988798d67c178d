"""The task in numbers: one `Layout` per round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sortition.arrays import BoolArray, IntArray
from sortition.tables.task import Round, Task, even_sizes

NOWHERE = -1
"""The table of a person who had none before."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a diverse or a cluster feature; of the latter, values that are not brought together are of no kind."""

    feature: str
    name: str
    kind: Literal["diverse", "cluster", "none"]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A round with m people present and T tables.

    people    (m,)  positions in the task's people
    numbers   (T,)  the tables' numbers
    smallest, largest (T,)  between which each table's size lies; the sizes sum to m
    values    (m, F)  each person's value of each feature, numbered over all features
    allowed   (m, T)  where each person may sit, facilitators aside
    shunned   (m, K)  the facilitators who must not lead a person's table
    old       (m,)  the table (0 … T−1) where the plan to change has a person, NOWHERE if it has none or that is gone
    had_seat  (m,)  whether the plan to change seats the person in this round
    together, apart: sets of people (0 … m−1), two at least
    """

    people: IntArray
    numbers: IntArray
    smallest: IntArray
    largest: IntArray
    values: IntArray
    allowed: BoolArray
    shunned: BoolArray
    old: IntArray
    had_seat: BoolArray
    together: tuple[IntArray, ...]
    apart: tuple[IntArray, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of people and of tables."""
        return len(self.people), len(self.numbers)

    def key(self) -> bytes:
        """Return what two rounds have in common that can be seated in the same way."""
        arrays = (self.people, self.numbers, self.smallest, self.largest, self.allowed, self.old, self.had_seat)
        return b"|".join(array.tobytes() for array in arrays)

    def shares(self, counts: IntArray, sizes: IntArray) -> tuple[IntArray, IntArray]:
        """Return floor and ceiling, each (T, V), of the fair share of each of V values at tables of some sizes.

        `counts` (V,) says how many of those present have each value. Integers only, so that nothing is rounded.
        """
        products = np.outer(sizes, counts)
        return products // len(self.people), -(-products // len(self.people))


def all_values(task: Task) -> tuple[Value, ...]:
    """Return the values in the order of their numbers: all of the diverse features, then all of the cluster features.

    Of a cluster feature only the values to be brought together count; the others are one, which has no name.
    """
    values: list[Value] = []
    for feature in task.diverse:
        values += [Value(feature, name, "diverse") for name in sorted({p.values[feature] for p in task.people})]
    for feature in task.cluster:
        values += [Value(feature, name, "cluster") for name in task.clustered(feature)] + [Value(feature, "", "none")]
    return tuple(values)


def layouts(task: Task) -> tuple[Layout, ...]:
    """Return the task's rounds in numbers."""
    numbered = {(value.feature, value.name): number for number, value in enumerate(all_values(task))}
    features = (*task.diverse, *task.cluster)
    rows = [[numbered.get((f, person.values[f]), numbered.get((f, ""), 0)) for f in features] for person in task.people]
    values = np.array(rows, dtype=np.int64).reshape(len(task.people), len(features))
    old = [] if task.change_of is None else task.change_of.places()
    return tuple(
        _layout(task, planned, values, old[position] if position < len(old) else {})
        for position, planned in enumerate(task.rounds)
    )


def _layout(task: Task, planned: Round, values: IntArray, places: dict[str, int]) -> Layout:
    present = [position for position, person in enumerate(task.people) if person.id not in planned.absent]
    ids = [task.people[position].id for position in present]
    local = {who: position for position, who in enumerate(ids)}
    numbers = sorted(planned.tables)
    slot = {number: position for position, number in enumerate(numbers)}
    allowed = np.ones((len(ids), len(numbers)), dtype=bool)
    for restriction in task.rules.only:
        elsewhere = [number not in restriction.tables for number in numbers]
        for who in restriction.people & local.keys():
            allowed[local[who], elsewhere] = False
    sizes = even_sizes([planned.tables[number] for number in numbers], len(ids))
    smallest, largest = np.array(sizes, dtype=np.int64).T
    if _interchangeable(task, planned):
        smallest = largest = smallest + (np.arange(len(numbers)) < len(ids) - smallest.sum())
    return Layout(
        people=np.array(present, dtype=np.int64),
        numbers=np.array(numbers, dtype=np.int64),
        smallest=smallest,
        largest=largest,
        values=values[present],
        allowed=allowed,
        shunned=_shunned(task, present),
        old=np.array([slot.get(places.get(who, 0), NOWHERE) for who in ids], dtype=np.int64),
        had_seat=np.array([who in places for who in ids], dtype=bool),
        together=_sets(task.rules.together, local),
        apart=_sets(task.rules.apart, local),
    )


def _interchangeable(task: Task, planned: Round) -> bool:
    """Whether tables differ in nothing but their numbers, so that any of them may be the larger ones."""
    named = task.rules.only or task.rules.facilitators or task.change_of is not None
    return not named and len(set(planned.tables.values())) == 1


def _shunned(task: Task, present: Sequence[int]) -> BoolArray:
    facilitators, language = task.rules.facilitators, task.rules.language
    spoken = frozenset().union(*(f.speaks for f in facilitators if f.speaks is not None))
    shunned = np.zeros((len(present), len(facilitators)), dtype=bool)
    for row, position in enumerate(present):
        person = task.people[position]
        word = "" if language is None else person.values[language]
        for column, facilitator in enumerate(facilitators):
            silent = word in spoken and facilitator.speaks is not None and word not in facilitator.speaks
            shunned[row, column] = silent or person.id in facilitator.not_with
    return shunned


def _sets(groups: Sequence[frozenset[str]], local: dict[str, int]) -> tuple[IntArray, ...]:
    found = [sorted(local[who] for who in group if who in local) for group in groups]
    return tuple(np.array(members, dtype=np.int64) for members in found if len(members) > 1)
