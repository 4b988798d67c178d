"""plan.json and the rules file: what is written is read again, what is damaged is refused, no need stands in a plan."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from sortition.errors import InputError
from sortition.tables import (
    Facilitator,
    Only,
    Plan,
    Rules,
    RulesFile,
    Task,
    parse_plan,
    parse_rules,
    plan_bytes,
    plan_document,
    read_plan,
)
from tests.sortition.files.test_fuzz import damage_bytes
from tests.sortition.tables.support import people, rounds, seating, solved

TRIES = int(os.environ.get("SORTITION_FUZZ", "500"))
RULES = """
language = "Sprache"
together = [["a", "b"]]
apart = [["c", "d"], ["e", "f"]]
sizes = [[3, 3], [2, 4]]
[[only]]
people = ["a"]
tables = [1]
[[facilitators]]
id = "F"
speaks = ["de"]
not_with = ["c"]
tables = [1, 2]
[[facilitators]]
id = "G"
"""


def task() -> Task:
    rules = Rules(only=(Only(frozenset("a"), frozenset({2})),), facilitators=(Facilitator("F"), Facilitator("G")))
    members = people(6, gender="fffmmm", secret="iizzzz")
    return Task(members, rounds(2, 2), ("gender",), ("secret",), rules, change_of=seating("abf cde", "abc def"))


@pytest.fixture(scope="module")
def plan() -> Plan:
    return solved(task())


def test_a_plan_is_read_as_it_was_written(plan: Plan) -> None:
    assert read_plan(plan_bytes(plan), name="plan.json") == plan
    assert plan.figures.diversity.deviations == ()


def test_deviations_and_new_plans_are_read_as_they_were_written() -> None:
    uneven = solved(Task(people(6, gender="ffffmm"), rounds(1, 2), ("gender",), change_of=seating("abc def")))
    fresh = solved(Task(people(6), rounds(1, 2)))
    assert uneven.figures.diversity.deviations
    assert [read_plan(plan_bytes(made), name="p") for made in (uneven, fresh)] == [uneven, fresh]


def test_a_plan_has_the_fields_that_others_rely_on(plan: Plan) -> None:
    document = plan_document(plan)
    assert document["format"] == "sortition-tables/1"
    assert list(document) == ["format", "seed", "rounds", "figures"]
    assert list(document["rounds"][0]["tables"][0]) == ["number", "facilitator", "people"]
    assert list(document["figures"]["moves"]) == ["seats", "people", "bound"]
    assert (document["figures"]["moves"]["seats"], document["figures"]["moves"]["bound"]) == (4, 4)
    assert list(document["figures"]) == ["optimal", "moves", "clusters", "diversity", "meetings"]


def test_a_plan_holds_no_value_and_no_need(plan: Plan) -> None:
    text = plan_bytes(plan).decode()
    assert all(word not in text for word in ("secret", "only", "gender", '"i"', '"z"'))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("seed"), "p lacks “seed”."),
        (lambda d: d.update(format="x"), "p.format must be one of “sortition-tables/1”."),
        (lambda d: d["rounds"][1]["tables"][0]["people"].append("d"), "p: round 2 seats somebody twice."),
        (lambda d: d["rounds"][0]["tables"].reverse(), "p: the table numbers of round 1 must ascend."),
        (lambda d: d["rounds"][0]["tables"][1].update(number=1), "p: the table numbers of round 1 must ascend."),
        (lambda d: d["rounds"].clear(), "p.rounds must be a list of at least 1."),
    ],
)
def test_what_is_no_plan_is_refused(plan: Plan, change: Callable[[Any], object], message: str) -> None:
    document = json.loads(plan_bytes(plan))
    change(document)
    with pytest.raises(InputError) as caught:
        parse_plan(document, name="p")
    assert str(caught.value) == message


def test_damaged_plans_are_plans_or_input_errors(plan: Plan) -> None:
    rng = random.Random(1)  # noqa: S311 - repeatable on purpose
    outcomes = {True: 0, False: 0}
    for _ in range(TRIES // 2):
        try:
            read_plan(damage_bytes(plan_bytes(plan), rng), name="plan.json")
            outcomes[True] += 1
        except InputError:
            outcomes[False] += 1
    assert min(outcomes.values()) > 0


def test_the_rules_file_says_everything() -> None:
    assert parse_rules(RULES.encode(), name="r") == RulesFile(
        Rules(
            together=(frozenset("ab"),),
            apart=(frozenset("cd"), frozenset("ef")),
            only=(Only(frozenset("a"), frozenset({1})),),
            facilitators=(
                Facilitator("F", frozenset({"de"}), frozenset("c"), frozenset({1, 2})),
                Facilitator("G"),
            ),
            language="Sprache",
        ),
        sizes=((3, 3), (2, 4)),
    )
    assert parse_rules(b"", name="r") == RulesFile()
    assert repr(parse_rules(RULES.encode(), name="r")) == "RulesFile(…)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("together = 3", "r.together must be a list."),
        ('together = [["a", 1]]', "r.together[0][1] must be a text of 1 to 1000 characters."),
        ('[[only]]\npeople = ["a"]', "r.only[0] lacks “tables”."),
        ("sizes = [[0]]", "r.sizes[0][0] must be an integer between 1 and 1000."),
        (
            "needs = []",
            "r has the unknown field “needs”; known are apart, facilitators, language, only, sizes, together.",
        ),
        ("together = [", "r is not a TOML file in UTF-8: Invalid value (at end of document)."),
    ],
)
def test_what_are_no_rules_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_rules(text.encode(), name="r")
    assert str(caught.value) == message


def test_damaged_rules_are_rules_or_input_errors() -> None:
    rng = random.Random(2)  # noqa: S311 - repeatable on purpose
    outcomes = {True: 0, False: 0}
    for _ in range(TRIES // 2):
        try:
            found = parse_rules(damage_bytes(RULES.encode(), rng), name="r")
            Task(people(6, Sprache="dddddd"), rounds(2, 2), rules=found.rules)
            outcomes[True] += 1
        except InputError:
            outcomes[False] += 1
    assert min(outcomes.values()) > 0
