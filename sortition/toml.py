"""TOML as organisers write it, from bytes."""

from __future__ import annotations

import tomllib
from typing import Any

from sortition.errors import InputError


def parse_toml(content: bytes, *, name: str) -> dict[str, Any]:
    """Return the table in some bytes; raises InputError, naming the file, if they are not TOML in UTF-8."""
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name} is not a TOML file in UTF-8: {error}.") from error
