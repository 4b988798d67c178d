"""The draw rule: what decides the ticket, when, and in which exact format; fixed in the commitment.

It is read from a TOML file (an example with comments stands in `data/RULE.toml`) and committed as JSON.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sortition.errors import InputError
from sortition.shapes import Integer, ListOf, Nullable, OneOf, Record, Text
from sortition.toml import parse_toml

LEAST_ENTROPY_BITS = 64
"""Only values of at least this entropy are hashed: fewer outcomes could be tried out beforehand, one by one."""

_SOURCE = Record(
    {
        "kind": OneOf(("digits", "public_value")),
        "source": Text(600),
        "format": Text(400),
        "fallback": Text(600),
        "digits": Nullable(Integer(1, 6)),
        "pattern": Nullable(Text(200)),
        "entropy_bits": Nullable(Integer(LEAST_ENTROPY_BITS, 10_000)),
    }
)
_MOMENT = Text(40)
DRAW_RULE_SHAPE = Record(
    {
        "assembly": Text(200),
        "title": Text(200),
        "language": OneOf(("de", "en")),
        "publication": Nullable(Text(300)),
        "moment": _MOMENT,
        "draw": _SOURCE,
        "replacements": Nullable(
            Record({"draw": _SOURCE, "moments": ListOf(_MOMENT, at_least=1), "relaxation_order": ListOf(Text(200))})
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """What decides the ticket.

    With kind "digits", as many decimal digits as `digits` are drawn in public and are the ticket. With kind
    "public_value", a value that matches `pattern` and holds `entropy_bits` of entropy is hashed. `source`, `format`
    and `fallback` are for people: where it comes from, how exactly it is written, what holds if it does not come.
    """

    kind: Literal["digits", "public_value"]
    source: str
    format: str
    fallback: str
    digits: int | None = None
    pattern: str | None = None
    entropy_bits: int | None = None

    def __post_init__(self) -> None:
        if self.kind == "digits":
            if self.digits is None or self.pattern is not None or self.entropy_bits is not None:
                raise InputError("A draw of kind “digits” says how many `digits`, and has no pattern or entropy_bits.")
            return
        if self.pattern is None or self.entropy_bits is None or self.digits is not None:
            raise InputError("A draw of kind “public_value” needs `pattern` and `entropy_bits`, and has no `digits`.")
        if (possible := Pattern.parse(self.pattern).bits) < self.entropy_bits:
            raise InputError(
                f"Values of the pattern hold at most {possible:.1f} bits, so not the stated {self.entropy_bits}."
            )


@dataclass(frozen=True, slots=True)
class ReplacementRule:
    """What decides replacements, fixed in the first commitment: source, moments, order of relaxations.

    `relaxation_order` names all features, the one to relax first in front, for when no panel meets the quotas;
    empty if no order was fixed.
    """

    draw: Source
    moments: tuple[datetime, ...]
    relaxation_order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DrawRule:
    """Everything about the draw that is fixed in the commitment. `moment` has a time zone."""

    assembly: str
    title: str
    language: Literal["de", "en"]
    moment: datetime
    draw: Source
    publication: str | None = None
    replacements: ReplacementRule | None = None

    @classmethod
    def from_toml(cls, content: bytes, *, name: str) -> DrawRule:
        """Read a rule as an organiser writes it; raises InputError that says what is wrong and where."""
        return cls.from_document(_with_absent_fields(parse_toml(content, name=name)), name=name)

    @classmethod
    def from_document(cls, document: Mapping[str, Any], *, name: str) -> DrawRule:
        """Read a rule as it is committed; raises InputError that says what is wrong and where."""
        DRAW_RULE_SHAPE.check(document, name)
        planned = document["replacements"]
        if planned is not None:
            planned = ReplacementRule(
                Source(**planned["draw"]),
                tuple(_moment(text, f"{name}.replacements.moments") for text in planned["moments"]),
                tuple(planned["relaxation_order"]),
            )
            if list(planned.moments) != sorted(set(planned.moments)):
                raise InputError(f"{name}.replacements.moments must be in ascending order, each once.")
        fields = dict(document) | {"replacements": planned, "draw": Source(**document["draw"])}
        return cls(**(fields | {"moment": _moment(document["moment"], f"{name}.moment")}))

    def document(self) -> dict[str, Any]:
        """Return the rule as it is committed."""
        planned = self.replacements
        return {
            "assembly": self.assembly,
            "title": self.title,
            "language": self.language,
            "publication": self.publication,
            "moment": self.moment.isoformat(),
            "draw": _source_document(self.draw),
            "replacements": None
            if planned is None
            else {
                "draw": _source_document(planned.draw),
                "moments": [moment.isoformat() for moment in planned.moments],
                "relaxation_order": list(planned.relaxation_order),
            },
        }

    def for_replacement(self, moment: datetime) -> DrawRule:
        """Return the rule of a replacement draw at one of the moments fixed for replacements."""
        if self.replacements is None:
            raise InputError("The draw rule fixes nothing for replacements.")
        return replace(self, moment=moment, draw=self.replacements.draw)

    def next_replacement(self, now: datetime) -> DrawRule:
        """Return the rule of the first replacement draw after `now`; raises InputError if none is left."""
        later = [moment for moment in self.replacements.moments if moment > now] if self.replacements else []
        if not later:
            raise InputError(
                "All moments that the draw rule fixed for replacements have passed. Give a rule with further moments; "
                "verify will say that they were not fixed in the first commitment."
            )
        return self.for_replacement(later[0])


@dataclass(frozen=True, slots=True)
class Pattern:
    """A small, safe part of regular expressions: characters and character classes, each with an optional {n}.

    Documents come from strangers; full regular expressions could keep a computer busy for years.

    >>> Pattern.parse("[0-9a-f]{16}").bits
    64.0
    """

    regex: re.Pattern[str]
    bits: float

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Read a pattern; raises InputError if the text is not of this kind."""
        parts, bits, position = [], 0.0, 0
        while position < len(text):
            found = _PATTERN_PART.match(text, position)
            if found is None:
                raise InputError(
                    "A pattern consists of letters, digits, spaces, -,:;/_ and classes like [0-9a-f], each with an "
                    f"optional {{number}}; at character {position + 1} stands something else."
                )
            atom, count = found["atom"], int(found["count"] or 1)
            choices = _class_characters(atom[1:-1]) if atom.startswith("[") else {atom}
            parts.append(f"[{''.join(re.escape(c) for c in sorted(choices))}]{{{count}}}")
            bits += count * math.log2(len(choices))
            position = found.end()
        return cls(re.compile("".join(parts)), bits)


_PATTERN_PART = re.compile(r"(?P<atom>\[[0-9A-Za-z-]+\]|[0-9A-Za-z ,:;/_-])(?:\{(?P<count>[1-9][0-9]{0,2})\})?")


def _class_characters(inside: str) -> set[str]:
    characters: set[str] = set()
    for first, last in re.findall(r"(.)(?:-(.))?", inside):
        span = range(ord(first), ord(last or first) + 1)
        if not span:
            raise InputError(f"The pattern's range {first}-{last} runs backwards.")
        characters.update(map(chr, span))
    return characters


def _source_document(source: Source) -> dict[str, Any]:
    return {field: getattr(source, field) for field in _SOURCE.fields}


def _moment(text: str, where: str) -> datetime:
    """Read an ISO 8601 moment with its offset from UTC, written in the one way that `isoformat` writes it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or moment.isoformat() != text:
        raise InputError(f"{where} must be a date and time with an offset, such as 2035-03-14T18:00:00+01:00.")
    return moment


def _with_absent_fields(table: dict[str, Any]) -> dict[str, Any]:
    """Fill in what TOML cannot say (null) and turn its date-times into text."""

    def source(value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {"digits": None, "pattern": None, "entropy_bits": None} | value

    def text(value: object) -> object:
        return value.isoformat() if isinstance(value, datetime) else value

    filled: dict[str, Any] = {"publication": None, "replacements": None} | table
    filled = {key: text(value) for key, value in filled.items()}
    if "draw" in filled:
        filled["draw"] = source(filled["draw"])
    if isinstance(filled["replacements"], dict):
        planned: dict[str, Any] = {"relaxation_order": []} | filled["replacements"]
        if isinstance(planned.get("moments"), list):
            planned["moments"] = [text(moment) for moment in planned["moments"]]
        if "draw" in planned:
            planned["draw"] = source(planned["draw"])
        filled["replacements"] = planned
    return filled
