"""Looks for values in everything that is stored: each column of each table, compressed or not, and each file."""

from __future__ import annotations

import contextlib
import json
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

from sqlalchemy.orm import Session

from assembly.models import Base


def found_in_database(session: Session, values: Collection[str]) -> set[tuple[str, str]]:
    """Return (value, table.column) for every place in which a value stands."""
    found = set()
    for table in Base.metadata.tables.values():
        for row in session.execute(table.select()):
            for column, content in row._mapping.items():
                text = _text(content)
                found |= {(value, f"{table.name}.{column}") for value in values if value in text}
    return found


def found_in_files(folder: Path, values: Collection[str]) -> set[tuple[str, str]]:
    """Return (value, name of the file) for every file below a folder in which a value stands, as it is on the disk."""
    found = set()
    for path in _files(folder):
        content = path.read_bytes()
        found |= {(value, path.name) for value in values if value.encode() in content}
    return found


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _text(content: object) -> str:
    if isinstance(content, memoryview | bytes):
        plain = bytes(content)
        with contextlib.suppress(zlib.error):
            plain = zlib.decompress(plain)
        return plain.decode(errors="replace")
    return json.dumps(content, ensure_ascii=False, default=str)
