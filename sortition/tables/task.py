"""What is to be split into tables: people, rounds, and the rules that hold in every round.

Everything is immutable, and no `repr` shows a person's data. Rules name people by id and never say why: a person who
needs the step-free table is one who may sit at certain tables only, and no plan shows even that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sortition.errors import InputError
from sortition.model import NOT_STATED
from sortition.tables.plan import Seating

NOTHING = frozenset({"", NOT_STATED})
"""What a cluster feature holds where there is nothing to share."""
MOST_TABLES, MOST_ROUNDS, MOST_PEOPLE = 100, 100, 1000


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """Somebody to be seated: an id, and one value per feature."""

    id: str
    values: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "Person(…)"


@dataclass(frozen=True, slots=True, repr=False)
class Facilitator:
    """Somebody who leads a table, the same one in all rounds.

    `speaks` are the values of the rules' `language` that they speak, None if that is not asked. They never lead a
    table with one of `not_with` (ids of people). `tables` are the numbers that they may lead, None for any.
    """

    id: str
    speaks: frozenset[str] | None = None
    not_with: frozenset[str] = frozenset()
    tables: frozenset[int] | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Only:
    """People who may sit at tables with certain numbers only. Nobody is told why."""

    people: frozenset[str]
    tables: frozenset[int]


@dataclass(frozen=True, slots=True, repr=False)
class Rules:
    """What holds in every round, whatever else must give way.

    Those of a set of `together` sit at one table, no two of a set of `apart` do. `language` is the feature whose
    values facilitators speak: whoever has a value that some facilitator is said to speak sits with one who does.
    """

    together: tuple[frozenset[str], ...] = ()
    apart: tuple[frozenset[str], ...] = ()
    only: tuple[Only, ...] = ()
    facilitators: tuple[Facilitator, ...] = ()
    language: str | None = None

    def __repr__(self) -> str:
        return "Rules(…)"


@dataclass(frozen=True, slots=True, repr=False)
class Round:
    """One round: the seats of each table by its number (None for as many as needed), and the ids of who is not there.

    Tables are filled evenly: sizes differ by at most one, except where a table has fewer seats.
    """

    tables: Mapping[int, int | None]
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, repr=False)
class Task:
    """All that decides a plan but the seed: people, rounds, features, rules, earlier events, and the plan to change.

    `diverse` features are to be at every table as in the whole group; those who share a value of a `cluster` feature
    are to sit at as few tables as possible (see `clustered`). `before` are the plans of earlier events, `kept` rounds
    of this one that are over: they come first in the plan, and are not among `rounds`. If `change_of` is given, people
    stay where it has them in the rounds to come as far as the rules allow.
    Raises InputError if a part refers to what is not there, or a round cannot seat those present.
    """

    people: tuple[Person, ...]
    rounds: tuple[Round, ...]
    diverse: tuple[str, ...] = ()
    cluster: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)
    before: tuple[Seating, ...] = ()
    kept: Seating = field(default_factory=lambda: Seating(()))
    change_of: Seating | None = None

    def __post_init__(self) -> None:
        ids = {person.id for person in self.people}
        if len(ids) != len(self.people):
            raise InputError("Two people have the same id; every id must be unique.")
        if len(ids) > MOST_PEOPLE:
            raise InputError(f"At most {MOST_PEOPLE} people can be seated, not {len(ids)}.")
        if not 1 <= len(self.rounds) <= MOST_ROUNDS:
            raise InputError(f"There must be 1 to {MOST_ROUNDS} rounds, not {len(self.rounds)}.")
        _require_features(self)
        _require_known(self, ids)
        for number, planned in enumerate(self.rounds, start=1):
            _require_seats(planned, len(ids - planned.absent), number)
        _require_facilitators(self)

    def __repr__(self) -> str:
        return f"Task({len(self.people)} people, {len(self.rounds)} rounds)"

    @property
    def table_numbers(self) -> tuple[int, ...]:
        """The numbers of all tables that stand in any round, in ascending order."""
        return tuple(sorted({number for planned in self.rounds for number in planned.tables}))

    def clustered(self, feature: str) -> tuple[str, ...]:
        """Return the values of a cluster feature whose people are to sit at few tables, sorted.

        Not blank, not held by one person alone, and not held by more than half: there is nothing to bring together.
        """
        held = [person.values.get(feature, "") for person in self.people]
        return tuple(v for v in sorted(set(held) - NOTHING) if 2 <= held.count(v) <= len(held) // 2)


def even_sizes(seats: Iterable[int | None], people: int) -> tuple[tuple[int, int], ...]:
    """Return the smallest and the largest size of each table when people are spread as evenly as the seats allow.

    >>> even_sizes([None, None, None], 8), even_sizes([2, None, None], 8)
    (((2, 3), (2, 3), (2, 3)), ((2, 2), (3, 3), (3, 3)))
    """
    limits = [people if seat is None else min(seat, people) for seat in seats]
    level = max((level for level in range(people + 1) if sum(min(n, level) for n in limits) <= people), default=0)
    exact = sum(min(n, level) for n in limits) == people
    return tuple((min(n, level), min(n, level if exact else level + 1)) for n in limits)


def _require_features(task: Task) -> None:
    wanted = dict.fromkeys((*task.diverse, *task.cluster))
    if task.rules.language is not None:
        wanted[task.rules.language] = None
    for feature in wanted:
        if any(feature not in person.values for person in task.people):
            raise InputError(f"Somebody has no value for the feature “{feature}”.")
    if both := sorted(set(task.diverse) & set(task.cluster)):
        raise InputError(f"“{both[0]}” is to be spread over the tables and brought together; choose one of the two.")


def _require_known(task: Task, ids: Collection[str]) -> None:
    rules = task.rules
    named: list[tuple[str, Iterable[str]]] = [("together", group) for group in rules.together]
    named += [("apart", group) for group in rules.apart]
    named += [("only", restriction.people) for restriction in rules.only]
    named += [("not_with", facilitator.not_with) for facilitator in rules.facilitators]
    for rule, people in named:
        if unknown := sorted(set(people) - set(ids)):
            raise InputError(f"Nobody has the id “{unknown[0]}” that a rule “{rule}” names.")
    numbers = set(task.table_numbers)
    for restriction in rules.only:
        if not restriction.tables & numbers:
            raise InputError("A restriction to certain tables names none that stands in any round.")
    for facilitator in rules.facilitators:
        if facilitator.tables is not None and not facilitator.tables & numbers:
            raise InputError(f"Facilitator “{facilitator.id}” may lead no table that stands in any round.")


def _require_seats(planned: Round, present: int, number: int) -> None:
    if not 1 <= len(planned.tables) <= MOST_TABLES or min(planned.tables) < 1:
        raise InputError(f"Round {number} needs 1 to {MOST_TABLES} tables, numbered from 1.")
    if any(seats is not None and seats < 1 for seats in planned.tables.values()):
        raise InputError(f"A table in round {number} has no seats.")
    if present < len(planned.tables):
        raise InputError(f"Round {number} has {len(planned.tables)} tables for {present} people; choose fewer tables.")
    seats = [present if seats is None else seats for seats in planned.tables.values()]
    if sum(seats) < present:
        raise InputError(f"Round {number} has {sum(seats)} seats for {present} people; add seats or tables.")


def _require_facilitators(task: Task) -> None:
    facilitators = task.rules.facilitators
    if not facilitators:
        return
    names = [facilitator.id for facilitator in facilitators]
    if len(set(names)) != len(names):
        raise InputError("Two facilitators have the same id; every id must be unique.")
    if len(names) < len(task.table_numbers):
        raise InputError(f"There are {len(names)} facilitators for {len(task.table_numbers)} tables; each needs one.")
    if task.rules.language is None and any(facilitator.speaks is not None for facilitator in facilitators):
        raise InputError("Facilitators speak something, but no feature is named as the language.")
