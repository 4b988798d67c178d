"""From a task to a plan: arrange, improve, and say how far from the best it can be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sortition.arrays import IntArray
from sortition.errors import InputError
from sortition.monitor import Monitor
from sortition.tables.board import CLUSTER, DEVIATION, MOVE
from sortition.tables.conflicts import contradiction
from sortition.tables.design import has_design, transversal_design
from sortition.tables.figures import bound_on_meetings, bound_on_worst_table, figures
from sortition.tables.plan import Plan, Seating, Table
from sortition.tables.problem import Problem, arranged
from sortition.tables.search import Goal, improve
from sortition.tables.shares import pairs
from sortition.tables.task import Task

STEPS_PER_SECOND = 40_000
"""Steps of the search in about a second: it is limited by steps, so that the same seed always gives the same plan."""
DEFAULT_SECONDS = 10.0
MOST_SECONDS = 86_400.0
ROUNDING = 1e-9
"""What the rounding of floats may add to a share of seats."""


def make_tables(task: Task, *, seconds: float = DEFAULT_SECONDS, seed: int = 0, monitor: Monitor | None = None) -> Plan:
    """Return who sits where in each round: every rule kept, then as good as can be found.

    1. Arrange each round by integer programming: of all seatings that keep the rules, one with the fewest moves (of
       the plan to change), the tightest clusters, and the most diverse tables, in this order.
    2. Start from a design without any repeated meeting instead, where there is one that is as good in all of these.
    3. Exchange people by simulated annealing, for as many distinct meetings as possible, then for a better worst table,
       then for repeats that are spread widely; stop when the bounds are reached, or after `seconds`, counted in steps.
    4. Compare with the bounds.

    The same task, seconds and seed give the same plan. Raises InfeasibleRulesError, naming rules that contradict each
    other, InputError for a seed or time that cannot be, CancelledError when the monitor asks to stop.
    Sources: Harvey and Winterer, Solving the MOLR and Social Golfer Problems, CP 2005; Brimberg, Mladenović and
    Urošević, Solving the maximally diverse grouping problem by skewed general variable neighborhood search, Information
    Sciences 295 (2015); Barrett, Gal, Gölz, Hong and Procaccia, Now We're Talking: Better Deliberation Groups through
    Submodular Optimization, AAAI 2023.
    """
    if seed < 0 or not 0.0 <= seconds <= MOST_SECONDS:
        raise InputError(f"The seed must not be negative, and the seconds lie between 0 and {MOST_SECONDS:.0f}.")
    monitor = monitor or Monitor()
    monitor.report("arranging")
    problem = arranged(task, monitor=monitor) if arranged(task, stages=(), monitor=monitor) else None
    if problem is None:
        monitor.report("contradiction")
        raise contradiction(task, monitor=monitor)
    rng = np.random.default_rng(seed)
    seats = _designed(problem, rng) or problem.deal(rng)
    bound = bound_on_meetings(problem, seats, monitor=monitor)
    best = improve(
        problem.boards(seats),
        seats,
        problem.met,
        steps=int(seconds * STEPS_PER_SECOND),
        goal=_goal(problem, seats, bound),
        rng=rng,
        monitor=monitor,
    )
    monitor.check()  # who asks to stop at the last moment gets no plan either
    return Plan(_seating(problem, best), figures(problem, best, bound=bound), seed)


def _goal(problem: Problem, seats: Sequence[IntArray], bound: int) -> Goal:
    weights = {"moves": MOVE, "clusters": CLUSTER, "deviation": DEVIATION}
    return Goal(
        cost=sum(weight * problem.bounds[stage] for stage, weight in weights.items()),
        unmet=2 * (pairs(len(problem.met)) - bound),
        worst=bound_on_worst_table(problem, seats) + ROUNDING,
    )


def _designed(problem: Problem, rng: np.random.Generator) -> list[IntArray] | None:
    """Return a seating without any repeated meeting, if there is one that costs nothing else either.

    People are taken in the order of their values, so that the columns of the design, from each of which a table gets
    one person, hold people who are alike.
    """
    first = problem.layouts[0]
    same = all(layout.key() == first.key() for layout in problem.layouts)
    free = not (first.together or first.apart or problem.task.change_of) and bool(
        (first.smallest == first.largest).all()
    )
    if not same or not free or not has_design(*first.shape, len(problem.layouts)):
        return None
    order = rng.permutation(first.shape[0])
    order = order[np.lexsort(first.values[order].T[::-1])] if first.values.size else order
    seats = []
    for by_rank in transversal_design(*first.shape, len(problem.layouts)):
        of_round = np.empty_like(by_rank)
        of_round[order] = by_rank
        seats.append(of_round)
    sized = all((np.bincount(of_round, minlength=first.shape[1]) == first.largest).all() for of_round in seats)
    free = sized and all(
        board.cost(of_round) == 0 for board, of_round in zip(problem.boards(seats), seats, strict=True)
    )
    return seats if free else None


def _seating(problem: Problem, seats: Sequence[IntArray]) -> Seating:
    task, rounds = problem.task, []
    for layout, of_round in zip(problem.layouts, seats, strict=True):
        ids = np.array([task.people[position].id for position in layout.people], dtype=object)
        rounds.append(
            tuple(
                Table(int(number), tuple(sorted(ids[of_round == table])), _leader(problem, int(number)))
                for table, number in enumerate(layout.numbers)
            )
        )
    return Seating((*task.kept.rounds, *rounds))


def _leader(problem: Problem, number: int) -> str | None:
    leader = problem.leads.get(number)
    return None if leader is None else problem.task.rules.facilitators[leader].id
