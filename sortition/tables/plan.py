"""A plan: who sits where in each round, and how good that is. It holds no rule, and so no need of anybody."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """One table in one round: its number, the ids at it in ascending order, and who leads it."""

    number: int
    people: tuple[str, ...]
    facilitator: str | None = None

    def __repr__(self) -> str:
        return f"Table({self.number}, {len(self.people)} people)"


@dataclass(frozen=True, slots=True, repr=False)
class Seating:
    """The tables of each round, in ascending order of their numbers."""

    rounds: tuple[tuple[Table, ...], ...]

    def __repr__(self) -> str:
        return f"Seating({len(self.rounds)} rounds)"

    def places(self) -> list[dict[str, int]]:
        """Return, for each round, the number of the table at which each id sits."""
        return [{who: table.number for table in tables for who in table.people} for tables in self.rounds]

    def meetings(self) -> Iterator[tuple[str, str]]:
        """Yield each pair as often as it sits at one table; the smaller id first."""
        for tables in self.rounds:
            for table in tables:
                yield from itertools.combinations(sorted(table.people), 2)


@dataclass(frozen=True, slots=True)
class Meetings:
    """Who has met whom. A meeting is a pair that sat at one table at least once.

    `distinct` counts them over this event and all earlier ones among the people of the task, `earlier` those that
    there were before. `bound` is what `distinct` cannot exceed in any plan that is as good in what goes before it
    (moves, clusters, diversity). `repeated` counts every further time a pair meets, `most_often` is how often the pair
    met that met most often.
    """

    distinct: int
    earlier: int
    bound: int
    repeated: int
    most_often: int

    @property
    def gap(self) -> int:
        """How many more meetings a better plan could have at most."""
        return self.bound - self.distinct


@dataclass(frozen=True, slots=True)
class Deviation:
    """A table where a value has fewer or more people than its fair share, rounded either way."""

    round: int
    table: int
    feature: str
    value: str
    people: int
    lower: int
    upper: int


@dataclass(frozen=True, slots=True)
class Diversity:
    """How far the tables' make-up is from the group's.

    `deviation` sums, over all tables and values, by how many people a table is outside floor to ceiling of the fair
    share, `bound` is the least possible, `deviations` name them. `worst_table` is the largest share of a table's seats
    that would have to be taken by others for the group's exact make-up in one feature; whole people always leave at
    least `worst_table_bound`.
    """

    deviation: int
    bound: int
    deviations: tuple[Deviation, ...]
    worst_table: float
    worst_table_bound: float


@dataclass(frozen=True, slots=True)
class Clusters:
    """At how many tables those sit who share a value, over all rounds and values of the cluster features."""

    tables: int
    bound: int


@dataclass(frozen=True, slots=True)
class Moves:
    """How many seats changed against the plan before, over all rounds, and how few it could be."""

    seats: int
    people: int
    bound: int


@dataclass(frozen=True, slots=True)
class Figures:
    """How good a plan is, in the order in which things matter: moves, clusters, diversity, meetings."""

    clusters: Clusters
    diversity: Diversity
    meetings: Meetings
    moves: Moves | None = None

    @property
    def optimal(self) -> bool:
        """Whether every figure reaches its bound: no plan under the same rules is better."""
        moved = self.moves is None or self.moves.seats == self.moves.bound
        exact = self.clusters.tables == self.clusters.bound and self.diversity.deviation == self.diversity.bound
        return moved and exact and self.meetings.gap == 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A seating with its figures, and the seed from which it was made."""

    seating: Seating
    figures: Figures
    seed: int
