"""The rules as an organiser writes them: a TOML file that stays with the organiser and goes into no output.

language = "Sprache"                   # feature whose values facilitators speak
together = [["p1", "p2"]]              # sit at one table
apart = [["p3", "p4", "p5"]]           # no two of them at one table
sizes = [[8, 8, 8], [12, 12]]          # seats of each table: one list per round, or one list for all
[[only]]                               # may sit at these tables only; nobody is told why
people = ["p6"]
tables = [1, 2]
[[facilitators]]                       # one per table, at least
id = "f1"
speaks = ["Deutsch", "Türkisch"]       # optional, like the next two
not_with = ["p7"]
tables = [1]
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sortition.shapes import Integer, ListOf, Record, Shape, Text
from sortition.tables.task import MOST_PEOPLE, MOST_TABLES, Facilitator, Only, Rules
from sortition.toml import parse_toml

_NUMBER = Integer(1, MOST_TABLES)
_IDS = ListOf(Text(one_line=False), at_least=1)
_FACILITATOR = Record(
    {"id": Text(), "speaks": ListOf(Text(one_line=False)), "not_with": _IDS, "tables": ListOf(_NUMBER, at_least=1)},
    optional=frozenset({"speaks", "not_with", "tables"}),
)
RULES_SHAPE: Shape = Record(
    {
        "language": Text(),
        "together": ListOf(_IDS),
        "apart": ListOf(_IDS),
        "sizes": ListOf(ListOf(Integer(1, MOST_PEOPLE), at_least=1), at_least=1),
        "only": ListOf(Record({"people": _IDS, "tables": ListOf(_NUMBER, at_least=1)})),
        "facilitators": ListOf(_FACILITATOR),
    },
    optional=frozenset({"language", "together", "apart", "sizes", "only", "facilitators"}),
)


@dataclass(frozen=True, slots=True, repr=False)
class RulesFile:
    """The rules, and the seats of each table, one list per round; no list if the file leaves them open."""

    rules: Rules = field(default_factory=Rules)
    sizes: tuple[tuple[int, ...], ...] = ()

    def __repr__(self) -> str:
        return "RulesFile(…)"


def parse_rules(content: bytes, *, name: str) -> RulesFile:
    """Read the rules; raises InputError that says what is wrong and where."""
    document = parse_toml(content, name=name)
    RULES_SHAPE.check(document, name)
    return RulesFile(
        rules=Rules(
            together=tuple(frozenset(group) for group in document.get("together", ())),
            apart=tuple(frozenset(group) for group in document.get("apart", ())),
            only=tuple(Only(frozenset(o["people"]), frozenset(o["tables"])) for o in document.get("only", ())),
            facilitators=tuple(_facilitator(row) for row in document.get("facilitators", ())),
            language=document.get("language"),
        ),
        sizes=tuple(tuple(row) for row in document.get("sizes", ())),
    )


def _facilitator(row: dict[str, Any]) -> Facilitator:
    return Facilitator(
        id=row["id"],
        speaks=frozenset(row["speaks"]) if "speaks" in row else None,
        not_with=frozenset(row.get("not_with", ())),
        tables=frozenset(row["tables"]) if "tables" in row else None,
    )
