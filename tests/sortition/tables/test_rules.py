"""Rules that contradict each other are named, no more of them than needed, and nobody's need is."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings

from sortition.errors import InputError, SolverError
from sortition.tables import Facilitator, InfeasibleRulesError, NamedRule, Only, Person, Round, Rules, Task, make_tables
from tests.sortition.tables import oracle
from tests.sortition.tables.support import people, rounds, seating, solved, tasks


def contradiction(task: Task) -> str:
    with pytest.raises(InfeasibleRulesError) as caught:
        make_tables(task, seconds=0)
    return str(caught.value)


def ids(*groups: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(group) for group in groups)


def test_together_and_apart_contradict_each_other_and_the_rest_is_not_named() -> None:
    rules = Rules(together=ids("ef", "ab", "bc"), apart=ids("de", "ac"))
    assert contradiction(Task(people(6), rounds(1, 2), rules=rules)) == (
        "These rules contradict each other at tables of these sizes: apart 2 (“a”, “c”); together 2 (“a”, “b”); "
        "together 3 (“b”, “c”). Change or leave out one of them."
    )


def test_a_set_larger_than_any_table_contradicts_the_sizes() -> None:
    message = contradiction(Task(people(8), rounds(2, 3), rules=Rules(together=ids("abcd"), apart=ids("ef"))))
    assert message == (
        "No tables of these sizes keep this rule: together 1 (“a”, “b”, “c”, “d”). Change it, or the sizes."
    )
    everyone = ids("abcdefgh")
    assert "(“a”, “b”, “c”, “d”, “e”, “f” …)" in contradiction(
        Task(people(8), rounds(1, 2), rules=Rules(apart=everyone))
    )


def test_a_restriction_to_tables_is_named_without_anybody() -> None:
    rules = Rules(only=(Only(frozenset("c"), frozenset({1})), Only(frozenset("ab"), frozenset({2}))), apart=ids("ab"))
    assert contradiction(Task(people(4), rounds(1, 2), rules=rules)) == (
        "These rules contradict each other at tables of these sizes: apart 1 (“a”, “b”); "
        "only 2 (a restriction to certain tables). Change or leave out one of them."
    )


def test_facilitators_rules_are_named_by_who_leads() -> None:
    languages = zip("abcd", ("de", "tr", "de", "de"), strict=True)
    members = tuple(Person(who, {"language": word}) for who, word in languages)

    def message(*facilitators: Facilitator) -> str:
        rules = Rules(facilitators=facilitators, language="language")
        return contradiction(Task(members, rounds(1, 2), rules=rules))

    assert message(Facilitator("F", speaks=frozenset({"tr"})), Facilitator("G", speaks=frozenset({"de"}))) == (
        "These rules contradict each other at tables of these sizes: what facilitator “F” speaks; "
        "what facilitator “G” speaks. Change or leave out one of them."
    )
    assert message(Facilitator("F", not_with=frozenset("abc")), Facilitator("G")) == (
        "No tables of these sizes keep this rule: whom facilitator “F” must not lead. Change it, or the sizes."
    )
    assert message(Facilitator("F", tables=frozenset({1})), Facilitator("G", tables=frozenset({1}))) == (
        "These rules contradict each other at tables of these sizes: the tables that facilitator “F” may lead; "
        "the tables that facilitator “G” may lead. Change or leave out one of them."
    )


def test_the_error_names_its_rules_for_an_application_and_survives_the_way_out_of_a_process() -> None:
    rules = Rules(only=(Only(frozenset("a"), frozenset({1})), Only(frozenset("a"), frozenset({2}))))
    with pytest.raises(InfeasibleRulesError) as caught:
        make_tables(Task(people(4), rounds(1, 2), rules=rules), seconds=0)
    error = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  # our own bytes
    assert error.rules == (NamedRule("only", 1), NamedRule("only", 2))
    assert str(error) == str(caught.value)


@settings(max_examples=60)
@given(tasks())
def test_the_named_rules_are_a_smallest_contradiction(task: Task) -> None:
    task = replace(task, rules=replace(task.rules, facilitators=(), language=None))
    assume(oracle.best(task) is None)
    message = contradiction(task)
    named = [
        (kind, position)
        for kind in ("together", "apart", "only")
        for position in range(len(getattr(task.rules, kind)))
        if f"{kind} {position + 1} (" in message
    ]
    assert named
    unnamed = [
        (kind, position)
        for kind in ("together", "apart", "only")
        for position in reversed(range(len(getattr(task.rules, kind))))
        if (kind, position) not in named
    ]
    alone = task
    for kind, position in unnamed:
        alone = oracle.without(alone, kind, position)
    assert oracle.best(alone) is None
    for kind, position in named:
        kept = sum(1 for other in named if other[0] == kind and other[1] < position)
        assert oracle.best(oracle.without(alone, kind, kept)) is not None


def test_facilitators_lead_one_table_each_and_the_same_in_all_rounds() -> None:
    facilitators = tuple(Facilitator(name) for name in "WXYZ")
    plan = solved(Task(people(9), rounds(3, 3), rules=Rules(facilitators=facilitators)))
    leads = [[table.facilitator for table in tables] for tables in plan.seating.rounds]
    assert leads[0] == leads[1] == leads[2]
    assert len(set(leads[0])) == 3


def test_a_facilitator_keeps_the_table_when_the_plan_changes() -> None:
    facilitators = tuple(Facilitator(name) for name in "XYZ")
    task = Task(people(6), rounds(1, 2), rules=Rules(facilitators=facilitators))
    before = seating("abc def")
    led = replace(
        before, rounds=tuple(tuple(replace(t, facilitator="ZX"[n]) for n, t in enumerate(r)) for r in before.rounds)
    )
    plan = solved(replace(task, change_of=led))
    assert [table.facilitator for table in plan.seating.rounds[0]] == ["Z", "X"]
    assert plan.figures.moves is not None
    assert plan.figures.moves.seats == 0


def test_a_set_that_sits_together_still_meets_others() -> None:
    plan = solved(Task(people(12), rounds(4, 3), rules=Rules(together=ids("ab"))), seconds=0.5)
    assert all(places["a"] == places["b"] for places in plan.seating.places())
    met = {other for pair in plan.seating.meetings() if "a" in pair for other in pair}
    assert len(met) >= 8


PERSON = people(4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"people": (*PERSON, PERSON[0])}, "Two people have the same id; every id must be unique."),
        ({"people": tuple(Person(str(n)) for n in range(1001))}, "At most 1000 people can be seated, not 1001."),
        ({"rounds": ()}, "There must be 1 to 100 rounds, not 0."),
        ({"diverse": ("age",)}, "Somebody has no value for the feature “age”."),
        (
            {"people": people(4, g="fmfm"), "diverse": ("g",), "cluster": ("g",)},
            "“g” is to be spread over the tables and brought together; choose one of the two.",
        ),
        ({"rules": Rules(together=ids("ax"))}, "Nobody has the id “x” that a rule “together” names."),
        ({"rules": Rules(apart=ids("ax"))}, "Nobody has the id “x” that a rule “apart” names."),
        (
            {"rules": Rules(only=(Only(frozenset("x"), frozenset({1})),))},
            "Nobody has the id “x” that a rule “only” names.",
        ),
        (
            {"rules": Rules(only=(Only(frozenset("a"), frozenset({9})),))},
            "A restriction to certain tables names none that stands in any round.",
        ),
        (
            {"rules": Rules(facilitators=(Facilitator("F", tables=frozenset({9})), Facilitator("G")))},
            "Facilitator “F” may lead no table that stands in any round.",
        ),
        (
            {"rules": Rules(facilitators=(Facilitator("F"), Facilitator("F")))},
            "Two facilitators have the same id; every id must be unique.",
        ),
        (
            {"rules": Rules(facilitators=(Facilitator("F"),))},
            "There are 1 facilitators for 2 tables; each needs one.",
        ),
        (
            {"rules": Rules(facilitators=(Facilitator("F", speaks=frozenset({"de"})), Facilitator("G")))},
            "Facilitators speak something, but no feature is named as the language.",
        ),
        ({"rounds": rounds(1, 5)}, "Round 1 has 5 tables for 4 people; choose fewer tables."),
        ({"rounds": (Round({}),)}, "Round 1 needs 1 to 100 tables, numbered from 1."),
        ({"rounds": (Round({0: None}),)}, "Round 1 needs 1 to 100 tables, numbered from 1."),
        ({"rounds": (Round({1: 0}),)}, "A table in round 1 has no seats."),
        ({"rounds": (Round({1: 2, 2: 1}),)}, "Round 1 has 3 seats for 4 people; add seats or tables."),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        Task(**({"people": PERSON, "rounds": rounds(1, 2)} | changes))  # type: ignore[arg-type]  # of the right types
    assert str(caught.value) == message


def test_no_repr_shows_anybody() -> None:
    rules = Rules(apart=ids("ab"), only=(Only(frozenset("a"), frozenset({1})),), facilitators=(Facilitator("F"),))
    task = Task(people(4), rounds(1, 1), rules=replace(rules, apart=()))
    plan = solved(task)
    parts = [task, rules, *rules.only, *rules.facilitators, *task.people, *task.rounds, plan.seating]
    parts += plan.seating.rounds[0]
    assert all("'a'" not in repr(part) and "'F'" not in repr(part) for part in parts)


def test_it_says_when_neither_tables_nor_a_contradiction_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sortition.tables.arrangement.NODES", 0)  # times PATIENCE is none at all
    rules = Rules(apart=ids("ae", "bf"))
    task = Task(people(8, g="ffffmmmm", a="abcabcab"), rounds(1, 3), diverse=("g", "a"), rules=rules)
    with pytest.raises(SolverError, match="No tables that keep all rules were found"):
        make_tables(task, seconds=0)
