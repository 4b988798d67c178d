"""What the engine works on: quotas, entries and the instance they form.

Everything here is immutable. No `repr` shows a person's data, so that none can reach a log or a traceback.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import rfc8785

from sortition.errors import InputError

NOT_STATED = "not_stated"
"""The value of a voluntary feature that a person did not state."""


@dataclass(frozen=True, slots=True)
class Quota:
    """Hard bounds on how many members have a value, and how far they may be relaxed.

    `lower_flex` ≤ `lower` ≤ `upper` ≤ `upper_flex`. An absent flex means that the bound must not be relaxed
    further than what the caller of a relaxation allows by default.
    """

    lower: int
    upper: int
    lower_flex: int | None = None
    upper_flex: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.lower <= self.upper:
            raise InputError(f"A quota needs 0 ≤ lower ≤ upper, not lower {self.lower}, upper {self.upper}.")
        if self.lower_flex is not None and not 0 <= self.lower_flex <= self.lower:
            raise InputError(f"A quota's min_flex {self.lower_flex} must be between 0 and its min {self.lower}.")
        if self.upper_flex is not None and self.upper_flex < self.upper:
            raise InputError(f"A quota's max_flex {self.upper_flex} must be at least its max {self.upper}.")


Quotas: TypeAlias = Mapping[str, Mapping[str, Quota]]
"""Feature → value → quota. The order is the order of the targets file."""


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """A respondent in the pool: an id, one value per feature of the quotas, and the household, if one is shared."""

    id: str
    values: Mapping[str, str]
    household: str | None = None

    def __repr__(self) -> str:
        return "Entry(…)"


@dataclass(frozen=True, slots=True, repr=False)
class Instance:
    """A pool, the quotas, the panel's size, and the seats that are settled beforehand.

    `entries` are sorted by id, so that the instance does not depend on the order of a file.
    `required` ids sit on every panel (a seat already given), `excluded` ids on none (someone withdrawn).
    Raises InputError if ids repeat, an entry lacks a feature or has a value without a quota, or the settled
    seats contradict each other.
    """

    entries: tuple[Entry, ...]
    quotas: Quotas
    size: int
    required: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    _index: Mapping[str, int] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.entries, key=lambda entry: entry.id))
        index = {entry.id: position for position, entry in enumerate(ordered)}
        object.__setattr__(self, "entries", ordered)
        object.__setattr__(self, "_index", index)
        if self.size < 1:
            raise InputError(f"The panel needs at least one seat, not {self.size}.")
        if len(index) != len(ordered):
            raise InputError("Two entries have the same id; every id must be unique.")
        for entry in ordered:
            self._require_known_values(entry)
        if unknown := (self.required | self.excluded) - index.keys():
            raise InputError(f"{len(unknown)} required or excluded ids are not in the pool.")
        if self.required & self.excluded:
            raise InputError("The same id is both required and excluded.")
        if len(self.required) > self.size:
            raise InputError(f"{len(self.required)} required members do not fit into {self.size} seats.")

    def _require_known_values(self, entry: Entry) -> None:
        for feature, values in self.quotas.items():
            if feature not in entry.values:
                raise InputError(f"An entry has no value for the feature “{feature}”.")
            if entry.values[feature] not in values:
                raise InputError(f"An entry has a value of “{feature}” for which there is no quota.")

    def __repr__(self) -> str:
        return f"Instance({len(self.entries)} entries, {len(self.quotas)} features, size {self.size})"

    def index_of(self, entry_id: str) -> int:
        """Return the position of an id in `entries`; raises KeyError if it is not in the pool."""
        return self._index[entry_id]

    def seed(self) -> int:
        """Return the 256-bit seed derived from the canonical inputs, so that nobody can try out seeds.

        SHA-256 over the RFC 8785 bytes of the rows sorted by id, the quotas, the size and the settled seats.
        """
        canonical = rfc8785.dumps(
            {
                "entries": [[e.id, dict(e.values), e.household] for e in self.entries],
                "quotas": {f: {v: [q.lower, q.upper] for v, q in vs.items()} for f, vs in self.quotas.items()},
                "size": self.size,
                "required": sorted(self.required),
                "excluded": sorted(self.excluded),
            }
        )
        return int.from_bytes(hashlib.sha256(b"sortition/seed/1" + canonical).digest(), "big")
