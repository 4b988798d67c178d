"""Every seating of a small task, written down one by one; nothing here is taken from the code under test."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sortition.tables import Round, Task

Seats = dict[str, int]
"""Id → number of the table, in one round."""


@dataclass(frozen=True)
class Best:
    """The best that any plan can be: figures summed over the rounds, in the order in which they matter."""

    moves: int
    clusters: int
    deviation: int
    distinct: int


def best(task: Task) -> Best | None:
    """Return the best figures, None if no plan keeps the rules."""
    found = [figures for leads in _leaders(task) if (figures := _best_led(task, leads)) is not None]
    return min(found, key=lambda b: (b.moves, b.clusters, b.deviation, -b.distinct), default=None)


def _best_led(task: Task, leads: dict[int, str]) -> Best | None:
    per_round = []
    for position in range(len(task.rounds)):
        ways = [(_figures(task, position, seats), seats) for seats in _seatings(task, task.rounds[position], leads)]
        if not ways:
            return None
        least = min(figures for figures, _ in ways)
        per_round.append((least, [seats for figures, seats in ways if figures == least]))
    met = {frozenset(pair) for seating in (*task.before, task.kept) for pair in seating.meetings()}
    ids = {person.id for person in task.people}
    known = {pair for pair in met if pair <= ids}
    meetings = [{frozenset(_pairs(seats)) for seats in ways} for _, ways in per_round]
    distinct = max(len(known.union(*choice)) for choice in itertools.product(*meetings))
    moves, clusters, deviation = (sum(column) for column in zip(*(least for least, _ in per_round), strict=True))
    return Best(moves, clusters, deviation, distinct)


def _pairs(seats: Seats) -> Iterator[frozenset[str]]:
    for one, other in itertools.combinations(seats, 2):
        if seats[one] == seats[other]:
            yield frozenset((one, other))


def _leaders(task: Task) -> Iterator[dict[int, str]]:
    """Every way to give each table a facilitator; which of those who may lead anybody does not matter for people."""
    facilitators = task.rules.facilitators
    if not facilitators:
        yield {}
        return
    for order in itertools.permutations(facilitators, len(task.table_numbers)):
        pairs = list(zip(task.table_numbers, order, strict=True))
        if all(f.tables is None or number in f.tables for number, f in pairs):
            yield {number: f.id for number, f in pairs}


def _seatings(task: Task, planned: Round, leads: dict[int, str]) -> Iterator[Seats]:
    ids = [person.id for person in task.people if person.id not in planned.absent]
    numbers = sorted(planned.tables)
    sizes = _possible_sizes([planned.tables[number] for number in numbers], len(ids))
    for tables in itertools.product(numbers, repeat=len(ids)):
        seats = dict(zip(ids, tables, strict=True))
        if tuple(tables.count(number) for number in numbers) in sizes and keeps_rules(task, seats, leads):
            yield seats


def _possible_sizes(seats: Sequence[int | None], people: int) -> set[tuple[int, ...]]:
    """Every choice of sizes that is as even as the seats allow: with the least sum of squares."""
    limits = [people if limit is None else limit for limit in seats]
    every = {sizes for sizes in itertools.product(*(range(limit + 1) for limit in limits)) if sum(sizes) == people}
    least = min(sum(size * size for size in sizes) for sizes in every)
    return {sizes for sizes in every if sum(size * size for size in sizes) == least}


def keeps_rules(task: Task, seats: Seats, leads: dict[int, str]) -> bool:
    """Whether a round keeps every rule."""
    rules = task.rules
    values = {person.id: person.values for person in task.people}
    spoken = {word for f in rules.facilitators for word in f.speaks or ()}
    here = [[seats[who] for who in group if who in seats] for group in rules.together]
    there = [[seats[who] for who in group if who in seats] for group in rules.apart]
    if any(len(set(tables)) > 1 for tables in here) or any(len(set(tables)) < len(tables) for tables in there):
        return False
    if any(seats[who] not in only.tables for only in rules.only for who in only.people if who in seats):
        return False
    for number, leader in leads.items():
        facilitator = next(f for f in rules.facilitators if f.id == leader)
        for who in (who for who, table in seats.items() if table == number):
            word = values[who][rules.language] if rules.language else ""
            if who in facilitator.not_with:
                return False
            if word in spoken and facilitator.speaks is not None and word not in facilitator.speaks:
                return False
    return True


def _figures(task: Task, position: int, seats: Seats) -> tuple[int, int, int]:
    return _moves(task, position, seats), clusters(task, seats), deviation(task, seats)


def _moves(task: Task, position: int, seats: Seats) -> int:
    if task.change_of is None:
        return 0
    before = {who: table.number for table in task.change_of.rounds[position] for who in table.people}
    return sum(who in before and before[who] != number for who, number in seats.items())


def clusters(task: Task, seats: Seats) -> int:
    """Tables at which those sit who share a value of a cluster feature that two or more, and no majority, have."""
    used = 0
    for feature in task.cluster:
        held = [person.values[feature] for person in task.people]
        for value in set(held) - {"", "not_stated"}:
            if held.count(value) >= 2 and 2 * held.count(value) <= len(held):
                people = {person.id for person in task.people if person.values[feature] == value}
                used += len({seats[who] for who in people if who in seats})
    return used


def deviation(task: Task, seats: Seats) -> int:
    """People outside floor to ceiling of the fair share, over all tables and values."""
    off = 0
    present = [person for person in task.people if person.id in seats]
    for feature in task.diverse:
        for value in {person.values[feature] for person in present}:
            held = sum(person.values[feature] == value for person in present)
            for number in set(seats.values()):
                at = [person for person in present if seats[person.id] == number]
                count = sum(person.values[feature] == value for person in at)
                share = held * len(at) / len(present)
                off += max(0, math.floor(share) - count, count - math.ceil(share))
    return off


def without(task: Task, name: str, position: int) -> Task:
    """Return the task without one rule."""
    rules = task.rules
    kept = tuple(rule for number, rule in enumerate(getattr(rules, name)) if number != position)
    return replace(task, rules=replace(rules, **{name: kept}))
