"""The arranged task: every round in numbers, a first seating for each, and what can be proven about them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sortition.arrays import IntArray
from sortition.monitor import Monitor
from sortition.tables.arrangement import STAGES, Block, arrange
from sortition.tables.board import Board
from sortition.tables.bounds import Past
from sortition.tables.layout import Layout, Value, all_values, layouts
from sortition.tables.task import Task


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """The rounds of a task, with blocks to deal people from, and boards to exchange them on.

    `leads` says which facilitator (0 …) leads which number; `bounds` the least that each stage of the arrangement can
    reach; `met` (n, n) how often each pair met before, 1 on the diagonal, `past` at which tables.
    """

    task: Task
    layouts: tuple[Layout, ...]
    values: tuple[Value, ...]
    blocks: tuple[Block, ...]
    leads: Mapping[int, int]
    bounds: Mapping[str, int]
    met: IntArray
    past: Past

    def deal(self, rng: np.random.Generator) -> list[IntArray]:
        """Return a first seating of each round; people of one class are dealt at random, anew in each round."""
        return [block.deal(rng) for block in self.blocks]

    def boards(self, seats: Sequence[IntArray]) -> list[Board]:
        """Return the boards of the rounds, for tables of the sizes that they have in a seating."""
        return [
            Board.of(layout, of_round, self.leads, self.values)
            for layout, of_round in zip(self.layouts, seats, strict=True)
        ]


def arranged(task: Task, *, stages: Sequence[str] = STAGES, monitor: Monitor) -> Problem | None:
    """Return the task with the best arrangement of each round, or None if no tables keep the rules.

    Facilitators that may lead any table and anybody are placed by themselves, and each kind of round is arranged once;
    else all rounds are arranged together, because a facilitator leads the same table in all of them.
    """
    rounds, values = layouts(task), all_values(task)
    kinds = {layout.key(): layout for layout in reversed(rounds)}
    times = {key: sum(layout.key() == key for layout in rounds) for key in kinds}
    facilitators, numbers = task.rules.facilitators, task.table_numbers
    coupled = any(layout.shunned.any() for layout in rounds)
    found: dict[bytes, Block] = {}
    bounds, leads = dict.fromkeys(STAGES, 0), dict[int, int]()
    for keys in [list(kinds)] if coupled else [[], *([key] for key in kinds)]:
        led_here = facilitators if coupled or not keys else ()
        if not keys and not facilitators:
            continue
        outcome = arrange(
            [kinds[key] for key in keys],
            [times[key] for key in keys],
            values,
            led_here,
            numbers=numbers if led_here else (),
            led=_led(task),
            stages=stages,
            monitor=monitor,
        )
        if outcome is None:
            return None
        found |= dict(zip(keys, outcome.blocks, strict=True))
        leads |= outcome.facilitators
        bounds = {stage: bounds[stage] + outcome.bounds[stage] for stage in STAGES}
    met, past = _history(task)
    blocks = tuple(found[layout.key()] for layout in rounds)
    return Problem(task, rounds, values, blocks, leads, bounds, met, past)


def _led(task: Task) -> dict[int, str]:
    """Return who led which number in the plan to change, by its latest round."""
    rounds = () if task.change_of is None else task.change_of.rounds
    return {t.number: t.facilitator for tables in rounds for t in tables if t.facilitator is not None}


def _history(task: Task) -> tuple[IntArray, Past]:
    position = {person.id: number for number, person in enumerate(task.people)}
    rounds = itertools.chain.from_iterable(seating.rounds for seating in (*task.before, task.kept))
    past = [[[position[who] for who in table.people if who in position] for table in tables] for tables in rounds]
    met = np.eye(len(position), dtype=np.int64)
    for tables in past:
        for members in tables:
            met[np.ix_(members, members)] += 1 - np.eye(len(members), dtype=np.int64)
    return met, past
