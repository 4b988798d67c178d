"""The JSON Schema of the open data, made from the same tables as these: it cannot say anything else than they do."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import Any

from assembly.models import CaseState, Duty, Move, Outcome, RedactionGround, Result
from assembly.services.follow_up.facts import ANSWER_OF, DECISION_OF, Fact, Kind
from assembly.services.follow_up.open_data import FORMAT
from assembly.services.follow_up.rules import NUMBERS, PERIODS
from assembly.services.follow_up.transitions import TABLE

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

DAY: Schema = {"type": "string", "format": "date"}
TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
YES_OR_NO: Schema = {"type": "boolean"}
ADDRESS: Schema = {"type": "string", "format": "uri"}
PERIOD: Schema = {"type": "string", "pattern": r"^P\d+[DM]$", "description": "Days or months, as ISO 8601 writes it."}
SHA256: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
OF_KIND: Mapping[Kind, Schema] = {
    Kind.LINE: TEXT,
    Kind.TEXT: TEXT,
    Kind.LINK: ADDRESS,
    Kind.DAY: DAY,
    Kind.NUMBER: COUNT,
    Kind.YES: {"const": True},
    Kind.NAME: TEXT,
    Kind.NAMES: {"type": "array", "items": TEXT},
    Kind.EUROS: COUNT,
    Kind.NUMBERS: {"type": "array", "items": COUNT},
}
CHECKING = (
    "SHA-256 of the ASCII text “assembly/case-step/1”, the bytes of the salt (64 hexadecimal digits), and the "
    "canonical form (RFC 8785) of an object with the members case (the id of the case), number, move, taken_on and "
    "facts. The same value is in the log of the assembly. A step from which something was redacted has an empty salt."
)


def schema_of(address: str) -> Schema:
    """Return the schema, which stands at an address."""
    return {
        "$schema": DIALECT,
        "$id": address,
        "title": "What became of an assembly’s recommendations",
        "description": (
            "All days follow from the rules, the day of the handover and the steps. What was due before the day of "
            "as_of and has not ended is overdue."
        ),
        **_object(
            {
                "$schema": ADDRESS,
                "format": {"const": FORMAT},
                "licence": ADDRESS,
                "as_of": DAY,
                "assembly": _object({"title": TEXT, "question": TEXT, "page": ADDRESS}),
                "rules": _list(_rules()),
                "cases": _list({"$ref": "#/$defs/case"}),
            }
        ),
        "$defs": {
            "case": _case(),
            "step": {"oneOf": [_step(move) for move in TABLE]},
            "step_digest": SHA256 | {"description": CHECKING},
        },
    }


def _rules() -> Schema:
    return _object(
        {
            "version": COUNT,
            "holidays_of": TEXT | {"description": "The state whose public holidays move what is due, by two letters."},
            "digest": SHA256,
            "periods": _object(dict.fromkeys(PERIODS, PERIOD)),
            "numbers": _object(dict.fromkeys(NUMBERS, COUNT)),
        }
    )


def _case() -> Schema:
    redaction = _object({"ground": _one_of(RedactionGround), "reference": TEXT, "ordered_on": DAY})
    said = {
        "number": COUNT,
        "title": TEXT,
        "theme": TEXT,
        "text": TEXT,
        "digest": SHA256 | {"description": "Of the content as it was handed over, before any redaction."},
        "redactions": _list(redaction) | {"description": "That words were taken away by order after the handover."},
    }
    owed = {"duty": _one_of(Duty), "due_on": DAY}
    ways = {"since": DAY, "ended_on": _or_null(DAY), "is_kept": YES_OR_NO, "is_overdue": YES_OR_NO}
    return _object(
        {
            "id": COUNT,
            "page": ADDRESS,
            "recommendation": _object(said),
            "addressee": _object({"number": COUNT, "name": TEXT}),
            "rules": COUNT | {"description": "The version of the rules that holds for this case."},
            "handed_over_on": DAY,
            "state": _one_of(CaseState),
            "unit": TEXT,
            "answered": _or_null(_one_of(Outcome)) | {"description": "What the administration proposes."},
            "answered_on": _or_null(DAY),
            "decided": _or_null(_one_of(Outcome)) | {"description": "What the competent body decided."},
            "decided_on": _or_null(DAY),
            "result": _or_null(_one_of(Result)),
            "closed_on": _or_null(DAY),
            "measure": _or_null(_measure()),
            "next": _or_null(_object(owed | {"days_left": {"type": "integer"}, "is_overdue": YES_OR_NO})),
            "duties": _list(_object(owed | ways)),
            "steps": _list({"$ref": "#/$defs/step"}),
        }
    )


def _measure() -> Schema:
    milestone = {
        "number": COUNT,
        "text": TEXT | {"description": "As corrected; empty if it was taken away by order."},
        "until": DAY,
        "reached_on": _or_null(DAY),
        "is_overdue": YES_OR_NO,
    }
    return _object(
        {
            "percent": _or_null(COUNT) | {"description": "How far it is by the last report."},
            "planned": _or_null(COUNT) | {"description": "What it is to cost, in euros."},
            "spent": _or_null(COUNT) | {"description": "What was spent until the last report that says so, in euros."},
            "milestones": _list(_object(milestone)),
        }
    )


def _step(move: Move) -> Schema:
    facts = {fact.name: _fact(fact) for fact in _facts_of(move)}
    return _object(
        {
            "number": COUNT,
            "move": {"const": move.value},
            "taken_on": DAY,
            "recorded_at": {"type": "string", "format": "date-time"},
            "facts": {"type": "object", "properties": facts, "additionalProperties": False},
            "redacted": _list(TEXT) | {"description": "The names of facts that were taken away by order."},
            "salt": {"type": "string", "pattern": "^([0-9a-f]{64})?$"},
            "digest": {"$ref": "#/$defs/step_digest"},
        }
    )


def _facts_of(move: Move) -> list[Fact]:
    """Return all facts that a step can have, whatever its outcome."""
    further = {Move.ANSWER: ANSWER_OF, Move.DECIDE: DECISION_OF}.get(move, {})
    return [*TABLE[move].facts, *(fact for facts in further.values() for fact in facts)]


def _fact(fact: Fact) -> Schema:
    if fact.kind is Kind.CHOICE:
        return {"enum": [str(one) for one in fact.choices]}
    if fact.kind is Kind.LIST:
        parts = {part.name: _fact(part) for part in fact.parts}
        return _list({"type": "object", "properties": parts, "additionalProperties": False})
    return OF_KIND[fact.kind]


def _object(members: Mapping[str, Schema]) -> Schema:
    """Return the schema of an object that has all of these members, and no others."""
    return {
        "type": "object",
        "properties": dict(members),
        "required": list(members),
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _one_of(values: Iterable[enum.StrEnum]) -> Schema:
    return {"enum": [one.value for one in values]}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}
