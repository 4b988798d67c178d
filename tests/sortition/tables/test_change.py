"""Somebody does not come, comes late, or is new; a table is missing: as few people as possible move."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sortition.errors import InputError
from sortition.tables import InfeasibleRulesError, Only, Plan, Rules, Seating, changed_task, numbered
from sortition.tables import change as module
from tests.sortition.tables import oracle
from tests.sortition.tables.support import people, seating, solved

PLAN = seating("abc def", "ade bcf")


def changed(plan: Seating = PLAN, count: int = 6, **options: object) -> Plan:
    return solved(changed_task(people(count), plan, **options))  # type: ignore[arg-type]  # tests pass any option


def texts(plan: Plan) -> list[str]:
    """Each round as text, with the numbers of the tables where they are not 1, 2 …"""
    return [" ".join(f"{t.number}{''.join(t.people)}" for t in tables) for tables in plan.seating.rounds]


def moved(plan: Plan) -> tuple[int, int, int]:
    moves = plan.figures.moves
    assert moves is not None
    return moves.seats, moves.people, moves.bound


def test_nothing_changes_if_nothing_has_to() -> None:
    plan = changed()
    assert texts(plan) == ["1abc 2def", "1ade 2bcf"]
    assert moved(plan) == (0, 0, 0)


def test_somebody_does_not_come_and_nobody_moves() -> None:
    plan = changed(absent=["b"])
    assert texts(plan) == ["1ac 2def", "1ade 2cf"]


def test_two_of_one_table_do_not_come_and_one_person_moves_in_that_round() -> None:
    plan = changed(absent=["b", "c"])
    assert moved(plan) == (2, 2, 2)
    assert [len(table.people) for tables in plan.seating.rounds for table in tables] == [2, 2, 2, 2]


def test_who_comes_late_misses_the_first_round_only() -> None:
    assert texts(changed(late=["f"])) == ["1abc 2de", "1ade 2bcf"]


def test_somebody_new_gets_a_seat_and_nobody_moves() -> None:
    plan = changed(seating("abc de"), 6)
    assert texts(plan) == ["1abc 2def"]
    assert moved(plan) == (0, 0, 0)


def test_rounds_that_are_over_stay_with_people_who_have_left() -> None:
    plan = solved(changed_task(people(5), PLAN, from_round=2))
    assert texts(plan) == ["1abc 2def", "1ade 2bc"]
    assert plan.figures.meetings.earlier == 4  # ab, ac, bc, de; f has left
    late = changed(late=["b"], from_round=2)
    assert texts(late) == ["1abc 2def", "1ade 2cf"]


def test_the_missing_table_is_the_one_whose_people_are_fewest() -> None:
    plan = changed(seating("abc de fgh", "adf bg ceh"), 8, tables=2)
    assert [[table.number for table in tables] for tables in plan.seating.rounds] == [[1, 3], [1, 3]]
    assert moved(plan) == (4, 4, 4)


def test_a_table_that_somebody_needs_is_not_missing() -> None:
    rules = Rules(only=(Only(frozenset("d"), frozenset({2})),))
    plan = changed(seating("abc de fgh"), 8, tables=2, rules=rules)
    assert 2 in [table.number for table in plan.seating.rounds[0]]
    assert moved(plan) == (3, 3, 3)


def test_one_more_table_gets_the_next_number() -> None:
    plan = changed(tables=3)
    assert [table.number for table in plan.seating.rounds[0]] == [1, 2, 3]
    assert moved(plan)[0] == 4


def test_if_no_table_can_be_missing_it_says_why() -> None:
    rules = Rules(only=(Only(frozenset("a"), frozenset({1})), Only(frozenset("d"), frozenset({2}))))
    with pytest.raises(InputError, match="A restriction to certain tables names none that stands in any round"):
        changed(rules=rules, tables=1)
    with pytest.raises(InfeasibleRulesError, match="No tables of these sizes keep this rule: apart 1"):
        changed(rules=Rules(apart=(frozenset("ab"),)), tables=1)


def test_other_seats_may_be_given() -> None:
    plan = changed(seats=[numbered([2, 4]), numbered([4, 2])])
    assert [[len(table.people) for table in tables] for tables in plan.seating.rounds] == [[2, 4], [4, 2]]
    assert moved(plan) == (2, 2, 2) or moved(plan) == (2, 1, 2)


def test_uneven_tables_stay_uneven() -> None:
    plan = changed(seating("abcd ef"), absent=["f"])
    assert texts(plan) == ["1abc 2de"] or moved(plan)[0] == 1
    assert texts(changed(seating("abcd ef"))) == ["1abcd 2ef"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"from_round": 3}, "The plan has 2 rounds; it cannot be changed from round 3 on."),
        ({"seats": [numbered([3, 3])]}, "There are 2 rounds to come, but seats for 1."),
        ({"tables": 0}, "There must be at least one table."),
    ],
)
def test_what_does_not_fit_the_plan_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        changed(**options)
    assert str(caught.value) == message


def test_too_many_ways_to_choose_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CHOICES", 2)
    with pytest.raises(InputError, match="too many ways to choose the missing tables"):
        changed(seating("ab cd ef"), tables=2)


@settings(max_examples=40)
@given(st.permutations("abcdefg"), st.permutations("abcdefg"), st.sampled_from(["", "a", "bc"]))
def test_the_missing_table_moves_as_few_as_any_choice(first: list[str], second: list[str], absent: str) -> None:
    plan = seating(*(" ".join("".join(order[start::3]) for start in range(3)) for order in (first, second)))
    task = changed_task(people(7), plan, tables=2, absent=absent)
    every = []
    for gone in range(1, 4):
        seats = [{number: None for number in (1, 2, 3) if number != gone}] * 2
        best = oracle.best(changed_task(people(7), plan, seats=seats, absent=absent))
        assert best is not None
        every.append(best.moves)
    assert moved(solved(task))[0] == min(every)


def test_pairs_of_a_plan_are_counted_as_often_as_they_meet() -> None:
    assert sorted(PLAN.meetings()).count(("b", "c")) == 2
    assert len(list(PLAN.meetings())) == 12
    assert len(set(itertools.chain(PLAN.meetings()))) == 10
