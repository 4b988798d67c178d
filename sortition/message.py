"""Sentences with named placeholders, so that an application can translate them and the command line print them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def marked(template: str) -> str:
    """Mark a sentence where it is written, if it becomes a Message elsewhere: so it is found for translation."""
    return template


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
