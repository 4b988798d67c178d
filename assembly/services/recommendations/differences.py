"""What differs between two texts, word by word."""

from __future__ import annotations

import dataclasses
import difflib
import re
from typing import Literal

Kind = Literal["same", "removed", "added"]
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
    """
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    parts: list[Part] = []
    for tag, old_from, old_to, new_from, new_to in difflib.SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            parts.append(Part("same", "".join(old[old_from:old_to])))
            continue
        if old_to > old_from:
            parts.append(Part("removed", "".join(old[old_from:old_to])))
        if new_to > new_from:
            parts.append(Part("added", "".join(new[new_from:new_to])))
    return parts
