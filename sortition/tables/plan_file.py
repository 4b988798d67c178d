"""plan.json, format sortition-tables/1: who sits where, with the figures. It holds ids and no rule.

Of values it names only those of diverse features, where a table deviates from the fair share of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sortition.errors import InputError
from sortition.protocol.canonical import parse_json
from sortition.shapes import Boolean, Integer, ListOf, Nullable, Number, OneOf, Record, Shape, Text
from sortition.tables.plan import Clusters, Deviation, Diversity, Figures, Meetings, Moves, Plan, Seating, Table

FORMAT = "sortition-tables/1"

_ID = Text(one_line=False)
_TABLE = Record({"number": Integer(1), "facilitator": Nullable(_ID), "people": ListOf(_ID, at_least=1)})
_DEVIATION = Record(
    {
        "round": Integer(1),
        "table": Integer(1),
        "feature": _ID,
        "value": Text(may_be_empty=True, one_line=False),
        "people": Integer(),
        "lower": Integer(),
        "upper": Integer(),
    }
)
_FIGURES = Record(
    {
        "optimal": Boolean(),
        "moves": Nullable(Record({"seats": Integer(), "people": Integer(), "bound": Integer()})),
        "clusters": Record({"tables": Integer(), "bound": Integer()}),
        "diversity": Record(
            {
                "deviation": Integer(),
                "bound": Integer(),
                "deviations": ListOf(_DEVIATION),
                "worst_table": Number(0.0, 1.0),
                "worst_table_bound": Number(0.0, 1.0),
            }
        ),
        "meetings": Record(
            {
                "distinct": Integer(),
                "earlier": Integer(),
                "bound": Integer(),
                "gap": Integer(),
                "repeated": Integer(),
                "most_often": Integer(),
            }
        ),
    }
)
PLAN_SHAPE: Shape = Record(
    {
        "format": OneOf((FORMAT,)),
        "seed": Integer(),
        "rounds": ListOf(Record({"tables": ListOf(_TABLE, at_least=1)}), at_least=1),
        "figures": _FIGURES,
    }
)


def plan_document(plan: Plan) -> dict[str, Any]:
    """Return the plan as plain JSON values, in the format sortition-tables/1."""
    figures = plan.figures
    return {
        "format": FORMAT,
        "seed": plan.seed,
        "rounds": [
            {
                "tables": [
                    {"number": table.number, "facilitator": table.facilitator, "people": list(table.people)}
                    for table in tables
                ]
            }
            for tables in plan.seating.rounds
        ],
        "figures": {
            "optimal": figures.optimal,
            "moves": None if figures.moves is None else asdict(figures.moves),
            "clusters": asdict(figures.clusters),
            "diversity": asdict(figures.diversity) | {"deviations": [asdict(d) for d in figures.diversity.deviations]},
            "meetings": asdict(figures.meetings) | {"gap": figures.meetings.gap},
        },
    }


def plan_bytes(plan: Plan) -> bytes:
    """Return the plan as a JSON file."""
    return json.dumps(plan_document(plan), ensure_ascii=False, allow_nan=False, indent=1).encode() + b"\n"


def read_plan(content: bytes, *, name: str) -> Plan:
    """Return the plan in some bytes; raises InputError if they are not JSON or not a consistent plan."""
    return parse_plan(parse_json(content, name=name, floats=True), name=name)


def parse_plan(document: Mapping[str, Any], *, name: str) -> Plan:
    """Return the plan that a document of the format sortition-tables/1 describes.

    Raises InputError, with the place, if a field is missing, unknown or of the wrong kind, if a round seats somebody
    twice, or if the numbers of its tables do not ascend.
    """
    PLAN_SHAPE.check(document, name)
    rounds = []
    for number, planned in enumerate(document["rounds"], start=1):
        tables = tuple(
            Table(table["number"], tuple(table["people"]), table["facilitator"]) for table in planned["tables"]
        )
        seated = [who for table in tables for who in table.people]
        if len(set(seated)) != len(seated):
            raise InputError(f"{name}: round {number} seats somebody twice.")
        numbers = [table.number for table in tables]
        if numbers != sorted(set(numbers)):
            raise InputError(f"{name}: the table numbers of round {number} must ascend.")
        rounds.append(tables)
    return Plan(Seating(tuple(rounds)), _figures(document["figures"]), document["seed"])


def _figures(document: Mapping[str, Any]) -> Figures:
    diversity = document["diversity"] | {
        "deviations": tuple(Deviation(**deviation) for deviation in document["diversity"]["deviations"])
    }
    meetings = {name: value for name, value in document["meetings"].items() if name != "gap"}
    return Figures(
        clusters=Clusters(**document["clusters"]),
        diversity=Diversity(**diversity),
        meetings=Meetings(**meetings),
        moves=None if document["moves"] is None else Moves(**document["moves"]),
    )
