"""Many rows are written in parts that one statement can take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

BATCH = 1000

_Item = TypeVar("_Item")


def batches(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    """Return a sequence in parts of at most BATCH.

    >>> [len(batch) for batch in batches(range(2001))]
    [1000, 1000, 1]
    """
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
