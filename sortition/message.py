"""Sentences with named placeholders, so that an application can translate them and the command line print them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import SupportsFloat


def marked(template: str) -> str:
    """Mark a sentence where it is written, if it becomes a Message elsewhere: so it is found for translation."""
    return template


def rounded(number: SupportsFloat, *, digits: int = 6) -> int | float:
    """Return a number with so many digits, to stand in a sentence; each language writes it in its own way.

    >>> rounded(1 / 3, digits=4), rounded(98.0)
    (0.3333, 98)
    """
    short = float(f"{float(number):.{digits}g}")
    return int(short) if short.is_integer() else short


@dataclass(frozen=True, slots=True)
class Message:
    """A whole English sentence with named placeholders, and their values.

    `template` is what a translator sees; `str()` gives the English text. Values may be Messages themselves.

    >>> str(Message("District {value} needs {lower}.", {"value": "North", "lower": 6}))
    'District North needs 6.'
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format_map(self.values)


def listed(parts: Sequence[Message]) -> Message:
    """Join sentences or names by commas; each stays a Message of its own."""
    names = [f"part{number}" for number in range(len(parts))]
    return Message(", ".join(f"{{{name}}}" for name in names), dict(zip(names, parts, strict=True)))
