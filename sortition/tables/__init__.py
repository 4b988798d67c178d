"""Splitting those present into tables over an event's rounds.

>>> people = [Person(f"p{n:02}", {"gender": "fm"[n % 2]}) for n in range(9)]
>>> rounds = planned_rounds([numbered([None, None, None])] * 4, absent=(), late=())
>>> rules = Rules(apart=(frozenset({"p00", "p01"}),))
>>> plan = make_tables(Task(tuple(people), rounds), seconds=1)
>>> plan.figures.meetings.distinct, plan.figures.optimal
(36, True)
>>> plan = make_tables(Task(tuple(people), rounds, diverse=("gender",), rules=rules), seconds=1)
>>> plan.figures.diversity.deviation
0

Somebody does not come, and as few people as possible move:

>>> task = changed_task(people, plan.seating, absent=["p04"], diverse=["gender"], rules=rules)
>>> make_tables(task, seconds=1).figures.moves
Moves(seats=0, people=0, bound=0)
"""

from sortition.tables.change import changed_task, numbered, planned_rounds
from sortition.tables.conflicts import InfeasibleRulesError, NamedRule
from sortition.tables.plan import Figures, Plan, Seating, Table
from sortition.tables.plan_file import FORMAT, parse_plan, plan_bytes, plan_document, read_plan
from sortition.tables.rules_file import RulesFile, parse_rules
from sortition.tables.solve import DEFAULT_SECONDS, make_tables
from sortition.tables.task import Facilitator, Only, Person, Round, Rules, Task

__all__ = [
    "DEFAULT_SECONDS",
    "FORMAT",
    "Facilitator",
    "Figures",
    "InfeasibleRulesError",
    "NamedRule",
    "Only",
    "Person",
    "Plan",
    "Round",
    "Rules",
    "RulesFile",
    "Seating",
    "Table",
    "Task",
    "changed_task",
    "make_tables",
    "numbered",
    "parse_plan",
    "parse_rules",
    "plan_bytes",
    "plan_document",
    "planned_rounds",
    "read_plan",
]
