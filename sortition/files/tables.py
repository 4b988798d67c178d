"""A table read from CSV or XLSX, told apart by content: a header and a stream of numbered rows of texts."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sortition.files import delimited, workbooks
from sortition.files.folding import clean, fold, listed, nearest, shown
from sortition.files.problems import ProblemsError, single_problem
from sortition.message import Message

HEADER_SEARCH = 20
"""Filled rows at the top among which the header is looked for: titles and dates often stand above it."""

MOST_ROWS = 1 << 20
"""Rows that a spreadsheet can hold; longer files are refused."""

HeaderScore = Callable[[Sequence[str]], int]
"""Tells how many of the wanted headers a row holds; the row (and the sheet) with most of them is taken."""

_ZIP_MARK = b"PK\x03\x04"
_OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_MARKS = {
    b"%PDF-": "PDF",
    b"{\\rtf": "RTF",
    b"<!doctyp": "HTML",
    b"<html": "HTML",
    b"<?xml": "XML",
}
"""How files begin that are text, but no table; tags in small letters."""
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """A row that is not blank: its number as a spreadsheet shows it, and one cleaned text per header.

    `surplus` tells that it goes on beyond the last header.
    """

    number: int
    cells: Sequence[str]
    surplus: bool

    def __repr__(self) -> str:
        return f"Row({self.number})"


@dataclass(frozen=True, slots=True)
class Table:
    """An open table. Iterating it reads the rows below the header, once, raising ProblemsError where it cannot."""

    file: str
    sheet: str | None
    header: tuple[str, ...]
    header_row: int
    notes: tuple[Message, ...]
    warnings: tuple[Message, ...]
    _rows: Iterator[tuple[int, list[str]]]

    def __iter__(self) -> Iterator[Row]:
        width = len(self.header)
        padding = [""] * width
        for number, texts in self._rows:
            if number > MOST_ROWS:
                raise single_problem(
                    Message("The table has more than {limit} rows.", {"limit": MOST_ROWS}),
                    Message("Give only the rows of people who registered."),
                    file=self.file,
                    sheet=self.sheet,
                )
            cells = [clean(text) for text in texts]
            if any(cells):
                yield Row(number, (cells + padding)[:width], any(cells[width:]))


@contextmanager
def open_table(path: Path, *, score: HeaderScore, sheet: str | None = None) -> Iterator[Table]:
    """Open a CSV or XLSX file, find its header (and its sheet, if none is named), and close it afterwards.

    Raises ProblemsError with one problem if the file cannot be read at all or holds nothing.
    """
    with ExitStack() as stack:
        try:
            start = _first_bytes(path)
            if start.startswith(_ZIP_MARK):
                table = _open_sheet(path, stack, score=score, sheet=sheet)
            else:
                _refuse_other_formats(path, start)
                table = _open_text(path, stack, score=score)
        except OSError as error:
            raise _unreadable(path, error) from error
        yield table


def _first_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise single_problem(
            Message("This is a folder, not a file."),
            Message("Give the file in it that holds the table."),
            file=path.name,
        )
    with path.open("rb") as stream:
        start = stream.read(8)
    if not start:
        raise _empty(path.name, None)
    return start


def _refuse_other_formats(path: Path, start: bytes) -> None:
    for mark, kind in _OTHER_MARKS.items():
        if start.startswith(mark) or start.lower().startswith(mark):
            raise single_problem(
                Message("The file is a document ({kind}), not a table.", {"kind": kind}),
                Message("Export the table as CSV (UTF-8) or as an Excel workbook (.xlsx)."),
                file=path.name,
            )
    if not start.startswith(_OLE_MARK):
        return
    with path.open("rb") as stream:
        if _ENCRYPTED_PACKAGE in stream.read(1 << 25):
            raise workbooks.password_protected(path)
    raise single_problem(
        Message("The file is in the old Excel format (.xls)."),
        Message("Save it as an Excel workbook (.xlsx) or as CSV (UTF-8)."),
        file=path.name,
    )


def _open_text(path: Path, stack: ExitStack, *, score: HeaderScore) -> Table:
    form = delimited.find_encoding(path)
    notes: tuple[Message, ...] = ()
    if path.suffix.lower() in {".xlsx", ".xlsm", ".xls"}:
        notes = (Message("{file} is called a workbook but is text; it was read as CSV.", {"file": shown(path.name)}),)
    warnings = (delimited.encoding_warning(path, form),) if form.guessed else ()
    all_rows = stack.enter_context(closing(delimited.read_delimited(path, form)))
    position, header, rows = _split_at_header(all_rows, score, path.name, None)
    return Table(path.name, None, header, position, notes, warnings, rows)


def _open_sheet(path: Path, stack: ExitStack, *, score: HeaderScore, sheet: str | None) -> Table:
    workbook = stack.enter_context(workbooks.open_workbook(path))
    visible = workbooks.sheet_names(workbook)
    if sheet is not None:
        name = _named_sheet(path, workbooks.sheet_names(workbook, hidden=True), sheet)
        candidates = [name]
    else:
        candidates = visible
    best: tuple[int, str] | None = None
    for name in candidates:
        try:
            _, header, _ = _split_at_header(workbooks.read_sheet(path, workbook, name), score, path.name, name)
        except ProblemsError:
            if len(candidates) == 1:
                raise
            continue
        if best is None or score(header) > best[0]:
            best = (score(header), name)
    if best is None:
        raise _empty(path.name, None)
    chosen = best[1]
    notes: tuple[Message, ...] = ()
    if len(candidates) > 1:
        values = {"file": shown(path.name), "sheet": shown(chosen), "sheets": listed(candidates)}
        notes = (Message("{file} has the sheets {sheets}; “{sheet}” was read.", values),)
    rows_of_sheet = workbooks.read_sheet(path, workbook, chosen)
    position, header, rows = _split_at_header(rows_of_sheet, score, path.name, chosen)
    return Table(path.name, chosen, header, position, notes, (), rows)


def _named_sheet(path: Path, names: Sequence[str], wanted: str) -> str:
    for name in names:
        if fold(name) == fold(wanted):
            return name
    guess = nearest(wanted, names)
    advice = Message("Name one of the sheets {sheets}.", {"sheets": listed(names)})
    if guess is not None:
        advice = Message("Did you mean “{guess}”?", {"guess": shown(guess)})
    raise single_problem(
        Message("There is no sheet “{sheet}”.", {"sheet": shown(wanted)}),
        advice,
        file=path.name,
    )


def _split_at_header(
    rows: Iterator[tuple[int, list[str]]], score: HeaderScore, file: str, sheet: str | None
) -> tuple[int, tuple[str, ...], Iterator[tuple[int, list[str]]]]:
    """Return the header's row number, the header, and the rows below it: the best of the first filled rows.

    If the file cannot be read beyond these, the returned rows raise the error at their end.
    """
    read: list[tuple[int, list[str]]] = []
    filled: list[tuple[int, int]] = []  # score and position in `read`, of filled rows
    rest = rows
    try:
        for number, texts in rows:
            cells = [clean(text) for text in texts]
            if any(cells):
                filled.append((score(cells), len(read)))
            read.append((number, cells))
            if len(filled) == HEADER_SEARCH:
                break
    except ProblemsError as error:
        if not filled:
            raise
        rest = _raising(error)
    if not filled:
        raise _empty(file, sheet)
    position = max(filled, key=lambda candidate: (candidate[0], -candidate[1]))[1]
    number, header = read[position]
    while header and not header[-1]:
        header.pop()
    return number, tuple(header), itertools.chain(read[position + 1 :], rest)


def _raising(error: ProblemsError) -> Iterator[tuple[int, list[str]]]:
    raise error
    yield  # makes this an iterator, so that the error comes when its turn has come


def _empty(file: str, sheet: str | None) -> ProblemsError:
    return single_problem(
        Message("The table is empty."),
        Message("Give a file with a row of headers and the rows below it."),
        file=file,
        sheet=sheet,
    )


def _unreadable(path: Path, error: OSError) -> ProblemsError:
    if isinstance(error, FileNotFoundError):
        return single_problem(
            Message("There is no such file."), Message("Look at the name and the folder."), file=str(path)
        )
    return single_problem(
        Message("The file cannot be read: {reason}.", {"reason": error.strerror or type(error).__name__}),
        Message("Look whether it may be read and is not in use."),
        file=path.name,
    )
