"""From the bytes of an upload to rows of texts, by the engine's reader, and in a compact form for keeping."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from assembly import database
from assembly.models.base import Base
from assembly.services.engine_messages import restored, stored
from assembly.services.errors import NotFoundError, StorageError, marked
from assembly.services.target_files import FileProblemsError, require_name_of_table
from sortition.files import Problem, ProblemsError, is_targets_header
from sortition.files.folding import listed, shown
from sortition.files.tables import open_table
from sortition.message import Message

MOST_BYTES = 32 * 2**20
LONGEST_NAME = 200
MOST_ROWS = 100_000
MOST_COLUMNS = 200
MOST_UNPACKED = 300 * 2**20
"""Bytes of a workbook when unpacked; 100,000 rows with 20 columns have about 100 MB."""

FEWEST_KNOWN = 2
"""Columns that are understood in any file of registrations that also holds a sheet of targets."""
_ZIP_MARK = b"PK\x03\x04"
_FORMULA_STARTS = ("'=", "'+", "'-", "'@")
"""What our own exports put before a text that a spreadsheet would take for a formula."""


@dataclass(frozen=True, slots=True, repr=False)
class SourceRow:
    """A row of a file: its number as a spreadsheet shows it, one text per header, and whether it goes on beyond."""

    number: int
    cells: Sequence[str]
    surplus: bool

    def __repr__(self) -> str:
        return f"SourceRow({self.number})"


@dataclass(frozen=True, slots=True, repr=False)
class SourceTable:
    """A file as it was read. `file` is its name as uploaded, `sheet` None for CSV."""

    file: str
    sheet: str | None
    header: Sequence[str]
    header_row: int
    remarks: Sequence[Message]
    rows: Sequence[SourceRow]

    def __repr__(self) -> str:
        return f"SourceTable({len(self.rows)} rows)"


def read_table(content: bytes, *, name: str, score: Callable[[Sequence[str]], int]) -> SourceTable:
    """Read CSV or XLSX; `score` tells how many headers of a row are understood.

    The engine reads files, so the bytes lie in a private temporary one meanwhile, which is always deleted.
    Raises FileProblemsError if the file cannot be read, is too large, or is a table of something else; StorageError if
    the disk is full.
    """
    require_name_of_table(name)
    targets: list[Sequence[str]] = []

    def noting_targets(header: Sequence[str]) -> int:
        if is_targets_header(header):
            targets.append(header)
        return score(header)

    _require_sensible_size(content, name)
    suffix = Path(name).suffix.lower() if Path(name).suffix.lower() in {".csv", ".xlsx", ".txt"} else ""
    try:
        with tempfile.TemporaryDirectory(prefix="assembly-") as folder:
            path = Path(folder) / f"upload{suffix}"
            path.write_bytes(content)
            table = _read(path, name, noting_targets)
    except OSError as error:
        raise no_room() from error
    except ProblemsError as error:
        raise FileProblemsError(error.problems) from None
    _require_people(table, name, score(table.header), targets)
    return table


def _require_people(table: SourceTable, name: str, known: int, targets: Sequence[Sequence[str]]) -> None:
    """Refuse a file that is plainly another one.

    Below a header of targets, rows look like people of whom one feature is known.
    """
    if targets and known < FEWEST_KNOWN:
        columns = listed(text for text in targets[0] if text)
        raise _wrong_table(
            name,
            Message("This is likely the wrong file: it has the columns of targets ({columns}).", {"columns": columns}),
        )
    if len(table.header) == 1 and not known:
        column = shown(table.header[0])
        raise _wrong_table(
            name, Message("This is no table of registrations: it has one column only, “{column}”.", {"column": column})
        )


def _wrong_table(name: str, what: Message) -> FileProblemsError:
    advice = Message(
        "Give a table with one row for each person who registered. Targets are uploaded at “Features and targets”."
    )
    return FileProblemsError([Problem(what, advice, file=name)])


def pack(table: SourceTable) -> bytes:
    """Return a table as it is kept between upload and import."""
    content = {
        "file": table.file,
        "sheet": table.sheet,
        "header": list(table.header),
        "header_row": table.header_row,
        "remarks": [stored(remark) for remark in table.remarks],
        "rows": [[row.number, int(row.surplus), *row.cells] for row in table.rows],
    }
    return zlib.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), level=1)


def unpack(content: bytes) -> SourceTable:
    """Return a table that was kept."""
    kept: Mapping[str, Any] = json.loads(zlib.decompress(content))
    return SourceTable(
        file=kept["file"],
        sheet=kept["sheet"],
        header=tuple(kept["header"]),
        header_row=kept["header_row"],
        remarks=tuple(map(restored, kept["remarks"])),
        rows=tuple(SourceRow(number, cells, bool(surplus)) for number, surplus, *cells in kept["rows"]),
    )


def _read(path: Path, name: str, score: Callable[[Sequence[str]], int]) -> SourceTable:
    rows: list[SourceRow] = []
    with open_table(path, score=score) as table:
        if len(table.header) > MOST_COLUMNS:
            raise _too_large(name, Message("The table has more than {limit} columns.", {"limit": MOST_COLUMNS}))
        for row in table:
            if len(rows) == MOST_ROWS:
                raise _too_large(name, Message("The table has more than {limit} rows.", {"limit": MOST_ROWS}))
            rows.append(SourceRow(row.number, tuple(map(_tidy, row.cells)), row.surplus))
        remarks = tuple(
            Message(remark.template, dict(remark.values) | ({"file": name} if "file" in remark.values else {}))
            for remark in (*table.notes, *table.warnings)
        )
        header = tuple(map(_tidy, table.header))
        return SourceTable(name, table.sheet, header, table.header_row, remarks, rows)


def _tidy(text: str) -> str:
    """Return a cell without doubled blanks, and without the apostrophe by which our exports disarm formulas."""
    return " ".join((text[1:] if text.startswith(_FORMULA_STARTS) else text).split())


def _require_sensible_size(content: bytes, name: str) -> None:
    """Refuse what would not fit into memory, before it is opened. Unpacking stops at the declared sizes."""
    if len(content) > MOST_BYTES:
        raise _too_large(name, Message("The file is larger than 32 MB."))
    if not content.startswith(_ZIP_MARK):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except zipfile.BadZipFile:
        return  # the reader says what is wrong with it
    if unpacked > MOST_UNPACKED:
        raise _too_large(name, Message("The workbook is too large when unpacked."))


def _too_large(name: str, what: Message) -> FileProblemsError:
    advice = Message("Give only the rows and columns of people who registered, or save the sheet as CSV (UTF-8).")
    return FileProblemsError([Problem(what, advice, file=name)])


def keep(session: Session, upload: Base) -> None:
    """Add a row that holds a file. Raises StorageError if there is no room for it."""
    session.add(upload)
    try:
        session.flush()
    except OperationalError as error:
        if database.is_full(error):
            raise no_room() from None
        raise


def require_still_there(session: Session, upload: Base) -> None:
    """Raise NotFoundError if an uploaded file was used or discarded in another window meanwhile."""
    if session.get(type(upload), inspect(upload).identity, populate_existing=True) is None:
        raise NotFoundError


def name_of(path: str) -> str:
    r"""Return how an uploaded file is called, without folders, and not longer than a name is kept.

    >>> name_of("C:\\Daten\\liste.csv"), name_of("/")
    ('liste.csv', '?')
    """
    return Path(path.replace("\\", "/")).name[-LONGEST_NAME:] or "?"


def no_room() -> StorageError:
    """Return the error for a full disk."""
    return StorageError(
        marked("The server has no room for the file at the moment. Nothing was stored; please tell the office.")
    )
