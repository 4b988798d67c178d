"""What a plan promises: diverse, clustered, many meetings, the same for the same seed, and stopped on request."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from sortition.errors import CancelledError, InputError
from sortition.monitor import Monitor, Progress
from sortition.tables import Person, Task, make_tables, numbered, planned_rounds, search, shares
from sortition.tables.design import has_design, transversal_design
from tests.sortition.tables.support import people, rounds, seating, solved


def group(count: int, seed: int = 0) -> tuple[Person, ...]:
    """A group with four features of two to five values."""
    rng = np.random.default_rng(seed)
    members = []
    for number in range(count):
        values = {f"f{k}": f"v{rng.integers(k)}" for k in (2, 3, 4, 5)}
        members.append(Person(f"p{number:03}", values))
    return tuple(members)


DIVERSE = ("f2", "f3", "f4", "f5")


def test_everyone_meets_everyone_in_the_affine_plane() -> None:
    plan = solved(Task(people(9), rounds(4, 3)), seconds=2)
    assert (plan.figures.meetings.distinct, plan.figures.optimal) == (36, True)


@pytest.mark.parametrize(("count", "tables"), [(25, 5), (23, 5), (49, 7), (40, 7), (100, 13), (4, 2), (3, 3)])
def test_a_design_repeats_no_meeting(count: int, tables: int) -> None:
    assert has_design(count, tables, tables)
    plan = make_tables(Task(group(count), rounds(tables, tables)), seconds=0)
    assert plan.figures.meetings.repeated == 0
    assert plan.figures.optimal
    assert {len(table.people) for tables_ in plan.seating.rounds for table in tables_} <= {
        count // tables,
        -(-count // tables),
    }


@pytest.mark.parametrize(("count", "tables", "made"), [(26, 5, 5), (16, 4, 2), (25, 5, 6), (1, 1, 1)])
def test_there_is_no_design_for_other_numbers(count: int, tables: int, made: int) -> None:
    assert not has_design(count, tables, made)


def test_the_fuller_tables_of_a_design_come_first() -> None:
    for seats in transversal_design(11, 5, 5):
        assert np.bincount(seats).tolist() == [3, 2, 2, 2, 2]


def test_a_design_is_not_taken_where_it_is_less_diverse() -> None:
    plan = solved(Task(group(35), rounds(3, 5), diverse=DIVERSE), seconds=1)
    assert plan.figures.diversity.deviation == plan.figures.diversity.bound == 0
    assert plan.figures.meetings.distinct > 250


def test_a_design_is_taken_where_it_is_as_diverse() -> None:
    members = tuple(Person(f"p{n:02}", {"group": "abcde"[n % 5]}) for n in range(25))
    plan = make_tables(Task(members, rounds(5, 5), diverse=("group",)), seconds=0)
    assert (plan.figures.diversity.deviation, plan.figures.meetings.repeated) == (0, 0)


def test_a_hundred_people_are_seated_fairly_and_meet_new_people_each_time() -> None:
    plan = solved(Task(group(100), rounds(3, 12), diverse=DIVERSE), seconds=2)
    figures = plan.figures
    assert figures.diversity.deviation == figures.diversity.bound == 0
    assert figures.meetings.distinct >= 1095
    assert figures.meetings.bound == 1104
    assert figures.diversity.worst_table_bound < figures.diversity.worst_table < 0.4


def test_deviations_that_cannot_be_avoided_are_named() -> None:
    task = Task(people(6, g="ffffmm"), planned_rounds([numbered([2, 4])], absent=(), late=()), diverse=("g",))
    assert solved(task).figures.diversity.deviations == ()
    change = replace(task, rounds=rounds(1, 2), change_of=seating("abc def"))
    diversity = solved(change).figures.diversity
    assert (diversity.deviation, diversity.bound) == (4, 4)
    assert [(d.table, d.value, d.people, d.lower, d.upper) for d in diversity.deviations] == [
        (1, "f", 3, 2, 2),
        (1, "m", 0, 1, 1),
        (2, "f", 1, 2, 2),
        (2, "m", 2, 1, 1),
    ]
    assert diversity.worst_table == pytest.approx(1 / 3)
    assert diversity.worst_table_bound == 0


def test_those_who_share_a_value_sit_at_as_few_tables_as_possible() -> None:
    members = people(12, language="tttaaddddddd", gender="fmfmfmfmfmfm")
    plan = solved(Task(members, rounds(4, 3), diverse=("gender",), cluster=("language",)))
    assert (plan.figures.clusters.tables, plan.figures.clusters.bound) == (8, 8)
    for places in plan.seating.places():
        assert len({places[who] for who in "abc"}) == 1
        assert len({places[who] for who in "de"}) == 1
    assert plan.figures.diversity.deviation == 0


def test_blank_lonely_and_majority_values_are_no_clusters() -> None:
    members = tuple(
        Person(who, {"needs": value})
        for who, value in zip("abcdefghijk", ("x", *["not_stated"] * 2, "", "", *["most"] * 6), strict=True)
    )
    task = Task(members, rounds(1, 2), cluster=("needs",))
    assert task.clustered("needs") == ()
    assert solved(task).figures.clusters.tables == 0


def test_meetings_of_earlier_events_count() -> None:
    first = solved(Task(people(9), rounds(2, 3)), seconds=1)
    second = solved(Task(people(9), rounds(2, 3), before=(first.seating,)), seconds=2)
    assert first.figures.meetings.distinct == second.figures.meetings.earlier == 18
    assert (second.figures.meetings.distinct, second.figures.meetings.repeated) == (36, 0)


def test_earlier_meetings_of_people_who_are_gone_do_not_count() -> None:
    plan = solved(Task(people(4), rounds(1, 2), before=(seating("axy bcz"),)))
    assert plan.figures.meetings.earlier == 1
    assert plan.figures.meetings.distinct == 3


def test_the_same_seed_gives_the_same_plan() -> None:
    task = Task(group(24), rounds(4, 4), diverse=DIVERSE)
    one, same, other = (solved(task, seconds=0.2, seed=seed) for seed in (5, 5, 6))
    assert one == same
    assert one.seating != other.seating


def test_seconds_and_seed_have_limits() -> None:
    task = Task(people(4), rounds(1, 2))
    for wrong in ({"seed": -1}, {"seconds": -1.0}, {"seconds": float("nan")}, {"seconds": 1e9}):
        with pytest.raises(InputError, match="The seed must not be negative, and the seconds lie between 0 and 86400"):
            make_tables(task, **wrong)  # type: ignore[arg-type]  # wrong values of the right types


def test_it_reports_and_stops_within_a_second() -> None:
    stop, seen, set_at = threading.Event(), [], [0.0]

    def watch(progress: Progress) -> None:
        seen.append(progress)
        if progress.phase == "seating" and progress.panels > 2000:
            set_at[0] = time.monotonic()
            stop.set()

    with pytest.raises(CancelledError):
        make_tables(Task(group(60), rounds(8, 7), diverse=DIVERSE), seconds=600, monitor=Monitor(watch, stop))
    assert time.monotonic() - set_at[0] < 1
    assert [seen[0].phase, seen[-1].phase] == ["arranging", "seating"]
    assert seen[-1].total == 600 * 40_000


def test_if_the_search_ends_off_the_fair_shares_it_goes_the_strict_way(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task(group(36), rounds(4, 6), diverse=DIVERSE)
    monkeypatch.setattr(search, "REPAIR", replace(search.REPAIR, share=0.0))
    monkeypatch.setattr(search, "EXPLORE", replace(search.EXPLORE, coldest=1.2))
    plan = solved(task, seconds=0.5)
    assert plan.figures.diversity.deviation == plan.figures.diversity.bound == 0
    assert plan.figures.meetings.distinct > 230


def test_shares_bound_the_meetings_where_rounds_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    members = people(12, area="aabbccddeeff")
    task = Task(members, rounds(9, 3), diverse=("area",))
    tight = solved(task, seconds=1).figures.meetings
    assert (tight.distinct, tight.bound) == (60, 60)  # those of one area never share a table
    monkeypatch.setattr(shares, "MOST_COLUMNS", 0)
    assert solved(task, seconds=0).figures.meetings.bound == 60
    mixed = Task(group(24), rounds(12, 4), diverse=DIVERSE)
    loose = solved(mixed, seconds=0).figures.meetings.bound
    monkeypatch.undo()
    assert solved(mixed, seconds=0).figures.meetings.bound < loose <= 276


def test_the_worst_table_gets_better_when_everybody_has_met() -> None:
    task = Task(group(50), rounds(2, 6), diverse=DIVERSE)
    quick, thorough = (solved(task, seconds=seconds).figures for seconds in (0, 2))
    assert quick.meetings.gap > thorough.meetings.gap == 0
    assert thorough.diversity.worst_table < quick.diversity.worst_table
