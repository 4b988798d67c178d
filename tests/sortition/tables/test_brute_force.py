"""Against every plan of small tasks: rules always hold, figures are what they say, and optimal means optimal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from sortition.tables import InfeasibleRulesError, Plan, Task, make_tables
from tests.sortition.tables import oracle
from tests.sortition.tables.support import solved, tasks


def require_good(task: Task, plan: Plan) -> None:
    """The plan seats everybody who is there, keeps the rules, and is as good as its figures say."""
    figures = plan.figures
    deviation = clusters = 0
    for planned, tables, places in zip(task.rounds, plan.seating.rounds, plan.seating.places(), strict=True):
        assert set(places) == {person.id for person in task.people} - planned.absent
        assert {table.number for table in tables} == set(planned.tables)
        leads = {table.number: table.facilitator for table in tables if table.facilitator is not None}
        assert bool(leads) == bool(task.rules.facilitators)
        assert len(set(leads.values())) == len(leads)
        assert oracle.keeps_rules(task, places, leads)
        deviation += oracle.deviation(task, places)
        clusters += oracle.clusters(task, places)
    assert (figures.diversity.deviation, figures.clusters.tables) == (deviation, clusters)
    pairs = [set(pair) for seating in (*task.before, plan.seating) for pair in seating.meetings()]
    assert figures.meetings.distinct == len({frozenset(pair) for pair in pairs})
    assert figures.meetings.repeated == len(pairs) - figures.meetings.distinct
    assert figures.meetings.most_often == max(pairs.count(pair) for pair in pairs)


def require_as_good_as_every_plan(task: Task) -> None:
    """Nothing that matters more is given up, and no plan has more meetings than the bound, or than an optimal one."""
    best = oracle.best(task)
    if best is None:
        with pytest.raises(InfeasibleRulesError):
            make_tables(task, seconds=0)
        return
    plan = solved(task)
    require_good(task, plan)
    figures = plan.figures
    moves = 0 if figures.moves is None else figures.moves.seats
    assert (moves, figures.clusters.tables, figures.diversity.deviation) == (best.moves, best.clusters, best.deviation)
    assert figures.moves is None or figures.moves.bound == best.moves
    assert (figures.clusters.bound, figures.diversity.bound) == (best.clusters, best.deviation)
    assert figures.meetings.distinct <= best.distinct <= figures.meetings.bound
    assert not figures.optimal or figures.meetings.distinct == best.distinct
    assert figures.diversity.worst_table >= figures.diversity.worst_table_bound - 1e-9


@settings(max_examples=60, deadline=None)
@given(tasks(ruled=False))
def test_without_rules(task: Task) -> None:
    require_as_good_as_every_plan(task)


@settings(max_examples=80, deadline=None)
@given(tasks())
def test_with_rules(task: Task) -> None:
    require_as_good_as_every_plan(task)


@settings(max_examples=60, deadline=None)
@given(tasks(changed=True))
def test_changes_move_as_few_people_as_possible(task: Task) -> None:
    require_as_good_as_every_plan(task)
