"""What differs between two texts, word by word."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Literal

Kind = Literal["same", "removed", "added"]
SHARED = 2
"""Words that both texts have between two changes, so that they stand as shared: fewer would tear phrases apart."""
_PIECE = re.compile(r"\s+|\S+")


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """A piece of text that both have, or only the former, or only the later one."""

    kind: Kind
    text: str


def difference(before: str, after: str) -> list[Part]:
    """Return both texts as one row of pieces: without those added it is `before`, without those removed `after`.

    >>> [(part.kind, part.text) for part in difference("Zwei Bänke", "Drei Bänke")]
    [('removed', 'Zwei'), ('added', 'Drei'), ('same', ' Bänke')]
    >>> [part.text for part in difference("auf Metern und rund um die Uhr", "auf Metern, von 6 um 22 Uhr")]
    ['auf ', 'Metern und rund um die', 'Metern, von 6 um 22', ' Uhr']
    """
    parts: list[Part] = []
    for removed, added in _runs(_PIECE.findall(before), _PIECE.findall(after)):
        if removed == added:
            parts.append(Part("same", removed))
            continue
        if removed:
            parts.append(Part("removed", removed))
        if added:
            parts.append(Part("added", added))
    return parts


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what stands in both texts at the same place: the same, or a whole phrase that was changed."""
    steps = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    removed = added = ""
    for number, (tag, old_from, old_to, new_from, new_to) in enumerate(steps):
        is_between = 0 < number < len(steps) - 1
        if tag == "equal" and not (is_between and _words(old[old_from:old_to]) < SHARED):
            if removed or added:
                yield removed, added
            shared = "".join(old[old_from:old_to])
            yield shared, shared
            removed = added = ""
        else:
            removed += "".join(old[old_from:old_to])
            added += "".join(new[new_from:new_to])
    if removed or added:
        yield removed, added


def _words(pieces: Sequence[str]) -> int:
    return sum(not piece.isspace() for piece in pieces)
