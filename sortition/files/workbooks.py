"""Rows of an XLSX workbook, streamed, with guards against files made to exhaust the machine."""

from __future__ import annotations

import datetime as dt
import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeAlias

import openpyxl
from openpyxl.cell import Cell, MergedCell
from openpyxl.workbook.workbook import Workbook

from sortition.files.problems import ProblemsError, single_problem
from sortition.message import Message

LARGEST_PART = 400 << 20
"""Bytes of one unpacked sheet; 100,000 rows with 20 columns have about 100 MB."""

LARGEST_PART_IN_MEMORY = 100 << 20
"""Bytes of an unpacked part that openpyxl holds in memory: texts, styles."""

MOST_PARTS = 5_000
"""Files in the archive; a workbook has a few dozen."""

MOST_BLANK_ROWS = 10_000
"""Blank rows one after the other after which the sheet counts as ended; formatting alone often reaches the last row."""

_ZEROS = re.compile("0+")
_Cell: TypeAlias = (
    Cell | MergedCell
)  # as the stubs say; in fact ReadOnlyCell or EmptyCell, which have the same attributes


@contextmanager
def open_workbook(path: Path) -> Iterator[Workbook]:
    """Open a workbook for streaming and close it afterwards.

    Raises ProblemsError if it is no intact, readable workbook of sensible size.
    """
    with path.open("rb") as stream:  # a stream, because openpyxl judges files by their names
        workbook = _load(path, stream)
        try:
            yield workbook
        finally:
            workbook.close()


def sheet_names(workbook: Workbook, *, hidden: bool = False) -> list[str]:
    """Return the names of the sheets that hold cells, in order; hidden ones only on request."""
    return [sheet.title for sheet in workbook.worksheets if hidden or sheet.sheet_state == "visible"]


def read_sheet(path: Path, workbook: Workbook, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a sheet, with their numbers, as texts; the sheet ends before many blank rows.

    openpyxl stumbles over a damaged sheet with whatever exception its parser meets, so all become one problem.
    """
    sheet = workbook[name]
    sheet.reset_dimensions()  # the stated dimensions may be absurd or wrong
    rows = iter(sheet.iter_rows())
    blank = number = 0
    while blank < MOST_BLANK_ROWS:
        number += 1
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                cells = [_text(cell) for cell in next(rows)]
        except StopIteration:
            return
        except Exception as error:
            raise _damaged(path, sheet=name, row=number) from error
        blank = 0 if any(cells) else blank + 1
        yield number, cells


def _load(path: Path, stream: BinaryIO) -> Workbook:
    try:
        _require_sensible_archive(path, stream)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    except ProblemsError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:  # of the disk; without a number, openpyxl's own
            raise
        raise _damaged(path) from error


def _require_sensible_archive(path: Path, stream: BinaryIO) -> None:
    """Refuse what would not fit into memory. Unpacking stops at the stated sizes, so they can be trusted."""
    with zipfile.ZipFile(stream) as archive:
        parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise password_protected(path)
    names = {part.filename for part in parts}
    if "content.xml" in names and "[Content_Types].xml" not in names:
        raise single_problem(
            Message("The file is an OpenDocument spreadsheet."),
            Message("Save it as an Excel workbook (.xlsx) or as CSV (UTF-8)."),
            file=path.name,
        )
    too_large = any(
        part.file_size > (LARGEST_PART if "/worksheets/" in part.filename else LARGEST_PART_IN_MEMORY) for part in parts
    )
    if len(parts) > MOST_PARTS or too_large:
        raise single_problem(
            Message("The workbook is too large when unpacked."),
            Message("Delete sheets, pictures and columns that are not needed, or save the sheet as CSV (UTF-8)."),
            file=path.name,
        )


def password_protected(path: Path) -> ProblemsError:
    """Return the error for a workbook that only opens with a password."""
    return single_problem(
        Message("The workbook is protected by a password."),
        Message("Save a copy without a password."),
        file=path.name,
    )


def _damaged(path: Path, *, sheet: str | None = None, row: int | None = None) -> ProblemsError:
    return single_problem(
        Message("The workbook is damaged or not an Excel workbook."),
        Message("Open it in a spreadsheet program and save it again as .xlsx, or as CSV (UTF-8)."),
        file=path.name,
        sheet=sheet,
        row=row,
    )


def _text(cell: _Cell) -> str:
    """Return a cell as text: whole numbers without decimals, dates as ISO 8601, leading zeros as formatted."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, int) and _ZEROS.fullmatch(str(cell.number_format)):
        return str(value).zfill(len(str(cell.number_format)))
    if isinstance(value, dt.datetime) and value.time() == dt.time.min:
        return value.date().isoformat()
    return str(value)
