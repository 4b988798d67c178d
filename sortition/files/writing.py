"""Writing tables that appear whole or not at all, and whose cells no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Protocol, TextIO

import openpyxl
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from sortition.errors import InputError
from sortition.files.folding import shown

_STARTS_FORMULA = re.compile(r"(^|\r\n|[;\t\r\n])(?=\s*[=+\-@＝＋－＠]|[\t\r])")
"""Where a spreadsheet would read a formula: at the start of a cell, or of what a program that expects another
delimiter takes for a cell."""


class RowWriter(Protocol):
    """Takes rows of texts, one after the other."""

    def write(self, cells: Sequence[str]) -> None:
        """Write one row."""


def neutralise(text: str) -> str:
    """Return a text that no spreadsheet program reads as a formula: an apostrophe goes before its start.

    >>> neutralise("=1+1"), neutralise("+49 30 1234"), neutralise("Anna")
    ("'=1+1", "'+49 30 1234", 'Anna')
    """
    return _STARTS_FORMULA.sub(r"\1'", text)


@contextmanager
def write_tables(*paths: Path) -> Iterator[tuple[RowWriter, ...]]:
    """Write CSV or (by their names) XLSX files, one writer each, that get their names when all went well.

    If anything fails, none appears and older files of these names stay. Only the owner may read them: they hold
    personal data. Raises InputError if they cannot be written.
    """
    temporaries: list[Path] = []
    try:
        temporaries.extend(_create_beside(path) for path in paths)
        pairs = list(zip(paths, temporaries, strict=True))
        try:
            with ExitStack() as stack:
                yield tuple(stack.enter_context(_writer(path, temporary)) for path, temporary in pairs)
            for _, temporary in pairs:
                _flush_to_disk(temporary)
            for path, temporary in pairs:
                temporary.replace(path)
        except OSError as error:
            raise _unwritable(paths[0], error) from error
    finally:
        for temporary in temporaries:
            temporary.unlink(missing_ok=True)


def _writer(path: Path, temporary: Path) -> AbstractContextManager[RowWriter]:
    return _xlsx_writer(temporary) if path.suffix.lower() == ".xlsx" else _csv_writer(temporary)


class _CsvWriter:
    """Commas, UTF-8, quotation marks only where needed."""

    def __init__(self, stream: TextIO) -> None:
        self._writer = csv.writer(stream)

    def write(self, cells: Sequence[str]) -> None:
        self._writer.writerow([neutralise(cell) for cell in cells])


class _XlsxWriter:
    """Texts only; what looks like a formula is marked as quoted, so that it stays a text when someone edits it."""

    def __init__(self) -> None:
        self.workbook = openpyxl.Workbook(write_only=True)
        self._sheet = self.workbook.create_sheet()

    def write(self, cells: Sequence[str]) -> None:
        self._sheet.append([self._cell(text) for text in cells])

    def _cell(self, text: str) -> Cell:
        cell = WriteOnlyCell(self._sheet, value=ILLEGAL_CHARACTERS_RE.sub("\ufffd", text))
        cell.data_type = "s"
        cell.quotePrefix = neutralise(text) != text
        return cell


@contextmanager
def _csv_writer(path: Path) -> Iterator[RowWriter]:
    with path.open("w", encoding="utf-8", errors="replace", newline="") as stream:
        yield _CsvWriter(stream)


@contextmanager
def _xlsx_writer(path: Path) -> Iterator[RowWriter]:
    writer = _XlsxWriter()
    try:
        yield writer
    finally:
        writer.workbook.save(path)  # also when given up: only saving removes openpyxl's own temporary files


def _create_beside(path: Path) -> Path:
    """Create an empty temporary file in the folder of `path`, so that it can be renamed to it in one step."""
    if path.is_dir():
        raise InputError(f"{shown(str(path))} is a folder; give the name of a file.")
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    except OSError as error:
        raise _unwritable(path, error) from error
    os.close(handle)
    return Path(name)


def _flush_to_disk(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(f"{shown(str(path))} cannot be written: {error.strerror}. Choose another file or folder.")
