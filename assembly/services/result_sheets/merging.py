"""Where two people wrote on a sheet at once: what both want, entry by entry, and where that differs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from assembly.models import EntryKind, ResultSheet


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """An entry as a version holds it."""

    id: int
    kind: EntryKind
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Merged:
    """What the form shows: the text of each entry, what stands there in `theirs` where both changed it, new entries."""

    texts: Mapping[int, str]
    theirs: Mapping[int, str]
    new: Mapping[EntryKind, Sequence[str]]


def kept(entries: Iterable[Mapping[str, Any]]) -> list[Kept]:
    """Return the entries that a version holds."""
    return [Kept(int(one["id"]), EntryKind(one["kind"]), str(one["text"])) for one in entries]


def current(sheet: ResultSheet) -> list[Kept]:
    """Return the entries that a sheet has now."""
    return [Kept(entry.id, entry.kind, entry.text) for entry in sheet.entries]


def merged(
    base: Sequence[Kept], now: Sequence[Kept], texts: Mapping[int, str], new: Mapping[EntryKind, Sequence[str]]
) -> Merged:
    """Return what comes of `texts` and `new`, written on the version `base`, on what stands there `now`.

    1. What only one of both changed is as they want it; what neither changed stays.
    2. Where both changed an entry, mine stands in the form, with theirs beside it.
    3. What they removed while I changed it becomes a new entry: nothing is lost.
    """
    before = {one.id: one.text for one in base}
    shown, theirs = {}, {}
    for one in now:
        mine = texts.get(one.id, one.text)
        i_changed, they_changed = mine != before.get(one.id), one.text != before.get(one.id)
        shown[one.id] = mine if one.id in texts and i_changed else one.text
        if i_changed and they_changed and mine != one.text:
            theirs[one.id] = one.text
    there = {one.id for one in now}
    more = {kind: list(new.get(kind, ())) for kind in EntryKind}
    for one in base:
        mine = texts.get(one.id, one.text)
        if one.id not in there and mine and mine != one.text:
            more[one.kind].append(mine)
    return Merged(shown, theirs, more)
