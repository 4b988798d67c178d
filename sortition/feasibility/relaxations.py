"""What to change: the smallest relaxations of the quotas that let a panel exist.

**Cost.** Lowering a minimum m costs 1 + 2j/m for the j-th seat, raising a maximum M costs 1 + j/(M + 1) for the j-th
seat, in thousandths of a seat, rounded down. A seat taken from a small group is thus dearer than one from a large
group (the only seat costs 3, the first of twenty 1.1), and several small changes are cheaper than one that empties a
group. (sortition-algorithms charges 1 + 2/m and 1 for every seat alike.) Integers, so that costs compare exactly.

**Flex.** `min_flex` and `max_flex` say how far a minimum may be lowered and a maximum raised. An absent `min_flex`
means down to 0, an absent `max_flex` up to the panel's size, as in sortition-algorithms. If no relaxation within flex
exists, the smallest beyond it is given instead, marked as such: fewest cost beyond flex first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from sortition.arrays import BoolArray, FloatArray, IntArray
from sortition.errors import SolverError
from sortition.feasibility.rules import Rule, Side, quota_of, with_presence
from sortition.feasibility.wording import label
from sortition.highs import INFINITY, Program
from sortition.message import Message, marked
from sortition.model import Instance, Quota
from sortition.monitor import Monitor
from sortition.polytope import Polytope

RELAXATION_LIMIT = 4
"""How many relaxations are offered by default: enough to choose from, few enough to read."""
SEAT_COST = 1000
"""Cost unit: thousandths of a seat."""


@dataclass(frozen=True, slots=True)
class Change:
    """One side of a quota moved from `old` to `new`; `beyond_flex` if further than its flex allows."""

    feature: str
    value: str
    side: Side
    old: int
    new: int
    beyond_flex: bool = False

    @property
    def message(self) -> Message:
        """The change as a sentence."""
        sentence = {
            ("lower", False): marked("Lower the minimum of {label} from {old} to {new}."),
            ("lower", True): marked("Lower the minimum of {label} from {old} to {new}, which is beyond its min_flex."),
            ("upper", False): marked("Raise the maximum of {label} from {old} to {new}."),
            ("upper", True): marked("Raise the maximum of {label} from {old} to {new}, which is beyond its max_flex."),
        }[self.side, self.beyond_flex]
        return Message(sentence, {"label": label(self.feature, self.value), "old": self.old, "new": self.new})


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Changes that together let a panel exist, their cost in thousandths of a seat, and such a panel as the proof.

    `panel` {class: seats} numbers the classes as `Polytope.of(instance)` does, and has been counted against the
    relaxed quotas.
    """

    changes: tuple[Change, ...]
    cost: int
    panel: Mapping[int, int]

    @property
    def within_flex(self) -> bool:
        """Whether every change stays within its flex."""
        return not any(change.beyond_flex for change in self.changes)


def relaxed(instance: Instance, relaxation: Relaxation) -> Instance:
    """Return the instance with the changed quotas; flex bounds are widened where a change went beyond them."""
    quotas = {feature: dict(values) for feature, values in instance.quotas.items()}
    for change in relaxation.changes:
        quotas[change.feature][change.value] = _changed(quotas[change.feature][change.value], change)
    return replace(instance, quotas=quotas)


def _changed(quota: Quota, change: Change) -> Quota:
    if change.side == "lower":
        flex = None if quota.lower_flex is None else min(quota.lower_flex, change.new)
        return replace(quota, lower=change.new, lower_flex=flex)
    flex = None if quota.upper_flex is None else max(quota.upper_flex, change.new)
    return replace(quota, upper=change.new, upper_flex=flex)


def seat_cost(quota: Quota, side: Side, seat: int) -> int:
    """Return what moving a quota by its `seat`-th seat (from 1) costs, in thousandths of a seat."""
    if side == "lower":
        return SEAT_COST + 2 * SEAT_COST * seat // quota.lower
    return SEAT_COST + SEAT_COST * seat // (quota.upper + 1)


def find_relaxations(
    polytope: Polytope,
    *,
    limit: int = RELAXATION_LIMIT,
    priority: Sequence[str] = (),
    present: BoolArray | None = None,
    monitor: Monitor | None = None,
) -> tuple[Relaxation, ...]:
    """Return up to `limit` relaxations, the smallest first; () if no change of the quotas helps.

    1. Minimise the cost within flex; each found relaxation excludes those that change at least as much everywhere.
    2. If there is none, the one relaxation that goes beyond flex as little as possible.

    With `priority`, features named earlier are protected more: the cost of the first is minimised first, then that of
    the second, and so on; features not named come last, so they are relaxed first. `present` (C,) marks classes of
    which one person has to be on the panel. If the quotas need no relaxation, the first one has no changes.
    """
    within: list[Relaxation] = []
    while len(within) < limit:
        found = _Model(polytope, present, within, beyond=False).solve(priority, monitor)
        if found is None:
            break
        within.append(found)
        if not found.changes:
            break
    if within:
        return tuple(within)
    beyond = _Model(polytope, present, (), beyond=True).solve(priority, monitor)
    return () if beyond is None else (beyond,)


@dataclass(frozen=True, slots=True)
class _Slot:
    """One seat by which one side of a quota may move. Each costs more than the one before, so they fill in order."""

    rule: Rule
    row: int
    cost: int
    beyond: bool


def _slots(polytope: Polytope, *, beyond: bool) -> Iterator[_Slot]:
    size = polytope.instance.size
    for row, row_label in enumerate(polytope.labels):
        if row_label.kind != "quota":
            continue
        feature, value = row_label.key
        quota = polytope.instance.quotas[feature][value]
        upper_flex = size if quota.upper_flex is None else min(quota.upper_flex, size)
        rooms: tuple[tuple[Side, int, int], ...] = (
            ("lower", quota.lower - (quota.lower_flex or 0), quota.lower),
            ("upper", upper_flex - quota.upper, size - quota.upper),
        )
        for side, flex, room in rooms:
            for seat in range(1, (room if beyond else flex) + 1):
                yield _Slot(Rule(side, feature, value), row, seat_cost(quota, side, seat), seat > flex)


class _Model:
    """The mixed-integer program over class counts, seats moved, and one choice per excluded change."""

    def __init__(
        self, polytope: Polytope, present: BoolArray | None, excluded: Sequence[Relaxation], *, beyond: bool
    ) -> None:
        self._polytope = polytope
        self._slots = list(_slots(polytope, beyond=beyond))
        self._costs = np.array([slot.cost for slot in self._slots], dtype=float)
        self._present = present
        self._excluded = excluded
        self._first_slot = len(polytope.members)
        self._columns = self._first_slot + len(self._slots) + sum(len(found.changes) for found in excluded)

    def solve(self, priority: Sequence[str], monitor: Monitor | None) -> Relaxation | None:
        """Minimise the levels one after the other; None if nothing helps."""
        program = self._program(monitor)
        solution = program.solve()
        if not solution.has_point:
            return None
        slot_columns = np.arange(self._first_slot, self._first_slot + len(self._slots))
        for costs in self._levels(priority):
            objective = np.zeros(self._columns)
            objective[slot_columns] = costs
            program.set_cost(objective)
            solution = program.solve()
            # Costs are integers, so half a unit of room keeps exactly the optima.
            program.add_row(-INFINITY, round(solution.objective) + 0.5, slot_columns, costs)
        return self._relaxation(np.round(solution.x).astype(np.int64))

    def _levels(self, priority: Sequence[str]) -> Iterator[FloatArray]:
        beyond = np.array([slot.beyond for slot in self._slots], dtype=bool)
        features = np.array([slot.rule.feature for slot in self._slots], dtype=object)
        if beyond.any():
            yield np.where(beyond, self._costs, 0.0)
        for feature in priority:
            yield np.where(features == feature, self._costs, 0.0)
        yield self._costs

    def _program(self, monitor: Monitor | None) -> Program:
        polytope = self._polytope
        rows, row_lower, row_upper = with_presence(polytope, self._present)
        moves = sparse.lil_matrix((rows.shape[0], self._columns - self._first_slot))
        for number, slot in enumerate(self._slots):
            moves[slot.row, number] = 1.0 if slot.rule.kind == "lower" else -1.0
        exclusions, exclusion_lower, exclusion_upper = self._exclusions()
        switches = self._columns - self._first_slot
        return Program(
            sparse.csr_matrix(sparse.vstack([sparse.hstack([rows, moves]), exclusions])),
            np.append(row_lower, exclusion_lower),
            np.append(row_upper, exclusion_upper),
            np.append(polytope.lower, np.zeros(switches)),
            np.append(polytope.upper, np.ones(switches)),
            integer=True,
            maximise=False,
            monitor=monitor,
        )

    def _exclusions(self) -> tuple[sparse.csr_matrix, FloatArray, FloatArray]:
        """Return the rows that keep out every relaxation that is at least as large as one already found.

        A choice b of 1 makes its change smaller than it was: moved + (room − was + 1)·b ≤ room; one b must be 1.
        """
        changes = sum(len(found.changes) for found in self._excluded)
        rows = sparse.lil_matrix((changes + len(self._excluded), self._columns))
        lower = np.full(rows.shape[0], -INFINITY)
        upper = np.full(rows.shape[0], INFINITY)
        column, row = self._first_slot + len(self._slots), 0
        for found in self._excluded:
            first = column
            for change in found.changes:
                rule = Rule(change.side, change.feature, change.value)
                numbers = [number for number, slot in enumerate(self._slots) if slot.rule == rule]
                room = len(numbers)
                for number in numbers:
                    rows[row, self._first_slot + number] = 1.0
                rows[row, column] = room - abs(change.new - change.old) + 1
                upper[row] = room
                row, column = row + 1, column + 1
            rows[row, first:column] = 1.0
            lower[row] = 1.0
            row += 1
        return sparse.csr_matrix(rows), lower, upper

    def _relaxation(self, x: IntArray) -> Relaxation:
        instance = self._polytope.instance
        moved: Counter[Rule] = Counter()
        beyond: set[Rule] = set()
        cost = 0
        for slot, moves in zip(self._slots, x[self._first_slot :].tolist(), strict=False):
            if moves:
                moved[slot.rule] += 1
                cost += slot.cost
                beyond |= {slot.rule} if slot.beyond else set()
        changes = tuple(_change(instance, rule, seats, beyond=rule in beyond) for rule, seats in moved.items())
        counts = x[: self._first_slot]
        found = Relaxation(changes, cost, {int(number): int(counts[number]) for number in np.flatnonzero(counts)})
        if not Polytope.of(relaxed(instance, found)).contains_panel(counts):
            raise SolverError("The panel found for a relaxation does not meet the relaxed quotas when counted.")
        return found


def _change(instance: Instance, rule: Rule, seats: int, *, beyond: bool) -> Change:
    quota = quota_of(instance, rule)
    if rule.kind == "lower":
        return Change(rule.feature, rule.value, "lower", quota.lower, quota.lower - seats, beyond)
    return Change(rule.feature, rule.value, "upper", quota.upper, quota.upper + seats, beyond)
