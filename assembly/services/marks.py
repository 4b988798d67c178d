"""Marks that tell a row from what it was before: a form or page holds one, and it is compared when it comes back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable


def mark_of(values: Iterable[object]) -> str:
    """Return 16 hexadecimal digits that stand for some values; other values have others."""
    return hashlib.sha256(json.dumps([str(value) for value in values]).encode()).hexdigest()[:16]
