"""How many more registrations of which kind would let a panel exist with the quotas as they are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from sortition.arrays import FloatArray
from sortition.errors import SolverError
from sortition.feasibility.wording import counted, label
from sortition.highs import Program, Status
from sortition.message import Message, listed
from sortition.model import Entry, Instance
from sortition.monitor import Monitor
from sortition.polytope import Polytope

MIXES = 8
"""Random mixes of values on which it is tried whether a value matters, besides all-the-same for every value."""

Row = Mapping[str, str]
"""Feature → value of one registration."""


@dataclass(frozen=True, slots=True)
class Addition:
    """Registrations of one kind: those of their values that matter, and an example row for each of them."""

    matters: Row
    examples: tuple[Row, ...]

    @property
    def message(self) -> Message:
        """Name the kind, for example: 2 × District “North”, Age “16–29”."""
        if not self.matters:
            return Message("{count} × anyone", {"count": len(self.examples)})
        names = listed([label(feature, value) for feature, value in self.matters.items()])
        return Message("{count} × {values}", {"count": len(self.examples), "values": names})


@dataclass(frozen=True, slots=True)
class Additions:
    """The fewest registrations that let a panel exist; with exactly the example rows a panel was found."""

    kinds: tuple[Addition, ...]

    @property
    def count(self) -> int:
        """How many registrations in all."""
        return sum(len(kind.examples) for kind in self.kinds)

    @property
    def message(self) -> Message:
        """The whole finding as a sentence."""
        facts = {
            "registrations": counted(self.count, "1 more registration", "{count} more registrations"),
            "kinds": Message("; ".join(f"{{kind{n}}}" for n in range(len(self.kinds))), self._named_kinds()),
        }
        return Message("{registrations} would make a panel possible: {kinds}.", facts)

    def _named_kinds(self) -> dict[str, object]:
        return {f"kind{number}": kind.message for number, kind in enumerate(self.kinds)}


def find_additions(polytope: Polytope, *, monitor: Monitor | None = None) -> Additions | None:
    """Return the fewest further registrations, each in a household of its own; None if no number of them helps.

    1. Minimise their number over all combinations of values; among equally few, prefer combinations that people in
       the pool have. Being as few as possible, all of them sit, so that only their counts per value matter.
    2. Free their values, feature by feature, then value by value, while a panel still exists whatever the freed ones
       turn out to be: all the same, for each value, and `MIXES` random mixes. (All mixes would be too many; only the
       example rows are certain.)
    3. Group what is left, and find a panel for the pool with the example rows.
    """
    rows = _fewest(polytope, monitor)
    if rows is None:
        return None
    _expect_panel(polytope.instance, rows, monitor)
    if not rows:
        return Additions(())
    free = _Freedom(polytope, rows, monitor).find()
    kinds: dict[tuple[tuple[str, str], ...], list[Row]] = defaultdict(list)
    for number, row in enumerate(rows):
        kinds[tuple(item for item in row.items() if (number, item[0]) not in free)].append(row)
    return Additions(tuple(Addition(dict(matters), tuple(examples)) for matters, examples in kinds.items()))


def with_registrations(instance: Instance, rows: Sequence[Row]) -> Instance:
    """Return the instance with further registrations, whose ids are longer than any other, so never taken."""
    longest = max((entry.id for entry in instance.entries), key=len, default="")
    added = tuple(Entry(f"{longest}+{number}", row) for number, row in enumerate(rows))
    return replace(instance, entries=instance.entries + added)


def _expect_panel(instance: Instance, rows: Sequence[Row], monitor: Monitor | None) -> None:
    extended = Polytope.of(with_registrations(instance, rows))
    solution = extended.program(integer=True, monitor=monitor).solve()
    if not solution.has_point or not extended.contains_panel(np.round(solution.x).astype(np.int64)):
        raise SolverError("With the registrations found to be missing there still is no panel.")


def _fewest(polytope: Polytope, monitor: Monitor | None) -> list[Row] | None:
    """Solve step 1.

    Columns: seats per class, added registrations per combination in the pool, added made-up ones per value, and
    their number. Rows: those of the polytope, then for each feature “as many values as made-up registrations”.
    """
    instance = polytope.instance
    keys = [label.key for label in polytope.labels if label.kind == "quota"]
    combinations = _combinations(polytope)
    classes = np.array(list(combinations.values()), dtype=np.int64)
    shared = 1 + len(keys)  # the size and the quotas; household rows do not concern those added
    padding = sparse.csr_matrix((len(polytope.labels) - shared, len(classes)))
    known = sparse.vstack([polytope.rows[:shared][:, classes], padding])
    per_value = sparse.eye_array(len(polytope.labels), len(keys), k=-1)
    number = sparse.csr_matrix(([1.0], ([0], [0])), shape=(len(polytope.labels), 1))
    balance = np.zeros((len(instance.quotas), len(polytope.members) + len(classes) + len(keys) + 1))
    for row, feature in enumerate(instance.quotas):
        balance[row, -len(keys) - 1 : -1] = [key[0] == feature for key in keys]
        balance[row, -1] = -1.0
    top = sparse.csr_matrix(sparse.hstack([polytope.rows, known, per_value, number]))
    size, extra = instance.size, len(classes) + len(keys) + 1
    cost = np.zeros(len(polytope.members) + extra)
    cost[len(polytope.members) : -len(keys) - 1] = size + 1
    cost[-1] = size + 2  # one more for a made-up combination never outweighs one registration
    program = Program(
        sparse.csr_matrix(sparse.vstack([top, sparse.csr_matrix(balance)])),
        np.append(polytope.row_lower, np.zeros(len(balance))),
        np.append(polytope.row_upper, np.zeros(len(balance))),
        np.append(polytope.lower, np.zeros(extra)),
        np.append(polytope.upper, np.full(extra, size)),
        cost=cost,
        integer=True,
        maximise=False,
        monitor=monitor,
    )
    solution = program.solve()
    if not solution.has_point:
        return None
    counts = np.round(solution.x[len(polytope.members) :]).astype(np.int64).tolist()
    rows = [dict(row) for row, count in zip(combinations, counts, strict=False) for _ in range(count)]
    return rows + _paired(keys, counts[len(classes) : -1], counts[-1])


def _combinations(polytope: Polytope) -> dict[tuple[tuple[str, str], ...], int]:
    """Return the combinations of values in the pool, each with one class that has it."""
    combinations: dict[tuple[tuple[str, str], ...], int] = {}
    for number, positions in enumerate(polytope.members):
        entry = polytope.instance.entries[positions[0]]
        combinations.setdefault(tuple((f, entry.values[f]) for f in polytope.instance.quotas), number)
    return combinations


def _paired(keys: Sequence[tuple[str, ...]], counts: Sequence[int], number: int) -> list[Row]:
    """Deal the values of each feature to the rows in order."""
    rows: list[dict[str, str]] = [{} for _ in range(number)]
    dealt: Counter[str] = Counter()
    for (feature, value), count in zip(keys, counts, strict=True):
        for _ in range(count):
            rows[dealt[feature]][feature] = value
            dealt[feature] += 1
    return list(rows)


class _Freedom:
    """Which values of the added registrations could be any value: pairs of row number and feature."""

    def __init__(self, polytope: Polytope, rows: Sequence[Row], monitor: Monitor | None) -> None:
        self._polytope = polytope
        self._rows = rows
        self._row_of = {label.key: row for row, label in enumerate(polytope.labels) if label.kind == "quota"}
        self._program = polytope.program(integer=True, monitor=monitor)
        self._program.set_row_bounds(0, *([float(polytope.instance.size - len(rows))] * 2))
        self._free: set[tuple[int, str]] = set()
        self._random = np.random.default_rng(polytope.instance.seed())

    def find(self) -> set[tuple[int, str]]:
        everyone = range(len(self._rows))
        for feature in self._polytope.instance.quotas:
            if self._try({(number, feature) for number in everyone}):
                continue
            # Rows with the same value are alike in what counts, so the first refusal speaks for the rest.
            for value in dict.fromkeys(row[feature] for row in self._rows):
                for number in everyone:
                    if self._rows[number][feature] == value and not self._try({(number, feature)}):
                        break
        return self._free

    def _try(self, more: set[tuple[int, str]]) -> bool:
        free = self._free | more
        feature = next(iter(more))[1]
        holds = all(self._has_panel(rows) for rows in self._completions(free, feature))
        if holds:
            self._free = free
        return holds

    def _completions(self, free: set[tuple[int, str]], feature: str) -> Iterator[list[dict[str, str]]]:
        quotas = self._polytope.instance.quotas
        for value in quotas[feature]:
            rows = [dict(row) for row in self._rows]
            for number, name in free:
                if name == feature:
                    rows[number][feature] = value
            yield rows
        for _ in range(MIXES):
            rows = [dict(row) for row in self._rows]
            for number, name in sorted(free):
                values = list(quotas[name])
                rows[number][name] = values[int(self._random.integers(len(values)))]
            yield rows

    def _has_panel(self, rows: Sequence[Row]) -> bool:
        """Whether the pool can fill the other seats when all these sit."""
        counts: FloatArray = np.zeros(len(self._polytope.labels))
        for row in rows:
            for item in row.items():
                counts[self._row_of[item]] += 1
        if np.any(counts > self._polytope.row_upper):
            return False
        lower = np.maximum(self._polytope.row_lower - counts, 0)
        upper = self._polytope.row_upper - counts
        for number in self._row_of.values():
            self._program.set_row_bounds(number, float(lower[number]), float(upper[number]))
        return self._program.solve().status is not Status.INFEASIBLE
