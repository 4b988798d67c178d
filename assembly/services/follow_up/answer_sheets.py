"""The synopsis of answers as a workbook (XLSX) that departments fill in: locked where it says what it is about.

Choices are lists to choose from, days are days; a second sheet says which outcome asks for what.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

from assembly.services.follow_up.answer_rows import ABOUT, FACTS, Row
from assembly.services.follow_up.facts import Fact, Kind

if TYPE_CHECKING:
    from openpyxl.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

LONGEST_CELL = 32_000
"""Characters: a cell of a workbook holds 32,767, and the library cuts what is longer without a word."""
NOT_HERE = "-"
"""The key of a row that holds too much for a workbook, so that it is not read."""
WIDTHS = {"key": 12, "number": 8, "title": 28, "text": 50, "addressee": 20, "stands_with": 20, "due": 13}
WIDE, NARROW = 45, 18
TEXT = "@"
"""The format of cells that hold texts: a spreadsheet makes no day of 12/2035 then, and no number of 007."""
FORMATS = {Kind.DAY: "DD.MM.YYYY", Kind.NUMBER: "0"}
_LOCKED = PatternFill("solid", fgColor="EEEEEE")
_WRAPPED = Alignment(wrap_text=True, vertical="top")


@dataclasses.dataclass(frozen=True, slots=True)
class Words:
    """What a workbook says: headers of columns, words of choices by their values, the names and rows of its sheets."""

    headers: Mapping[str, str]
    choices: Mapping[str, Mapping[str, str]]
    answers: str
    guide: str
    lists: str
    guide_rows: Sequence[tuple[str, str]]
    too_long: str


def workbook_of(rows: Sequence[Row], words: Words) -> bytes:
    """Return the workbook of these rows."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    sheet: Worksheet = book.create_sheet(words.answers)
    _head(sheet, words)
    for number, row in enumerate(rows, start=2):
        _fill_in(sheet, number, row, words)
    sheet.auto_filter.ref = sheet.dimensions
    _validate(sheet, book.create_sheet(words.lists), len(rows) + 1, words)
    _explain(book.create_sheet(words.guide, 1), words)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _head(sheet: Worksheet, words: Words) -> None:
    for position, name in enumerate((*ABOUT, *(fact.name for fact in FACTS)), start=1):
        cell = sheet.cell(1, position, words.headers[name])
        cell.font, cell.fill, cell.alignment = Font(bold=True), _LOCKED, _WRAPPED
    for position, name in enumerate(ABOUT, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = WIDTHS[name]
    for position, fact in enumerate(FACTS, start=len(ABOUT) + 1):
        width = WIDE if fact.kind is Kind.TEXT else NARROW
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = "D2"
    sheet.protection.sheet = True  # against slips, so without a password
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    sheet.protection.autoFilter = sheet.protection.sort = False
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def _fill_in(sheet: Worksheet, number: int, row: Row, words: Words) -> None:
    case = row.case
    is_too_long = any(isinstance(value, str) and len(value) > LONGEST_CELL for value in row.said.values())
    about = {
        "key": NOT_HERE if is_too_long else row.key,
        "number": case.recommendation.number,
        "title": case.recommendation.title,
        "text": case.recommendation.text,
        "addressee": case.addressee.name,
        "stands_with": case.unit,
        "due": case.due_on,
    }
    for position, name in enumerate(ABOUT, start=1):
        cell = sheet.cell(number, position)
        _write(cell, about[name])
        cell.fill = _LOCKED
    for position, fact in enumerate(FACTS, start=len(ABOUT) + 1):
        cell = sheet.cell(number, position)
        _write(cell, words.too_long if is_too_long else _in_words(fact, row.said.get(fact.name), words))
        cell.protection = Protection(locked=is_too_long)
        cell.number_format = FORMATS.get(fact.kind, TEXT)


def _in_words(fact: Fact, value: Any, words: Words) -> Any:
    return words.choices[fact.name].get(str(value), value) if fact.kind is Kind.CHOICE and value is not None else value


def _write(cell: Cell | MergedCell, value: Any) -> None:
    """Write a value; a text is one for every program, whatever it begins with, and stays one if it is edited."""
    cell.alignment = _WRAPPED
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST_CELL]
        cell.data_type = "s"
        cell.quotePrefix = True
    else:
        cell.value = value
        if isinstance(value, dt.date):
            cell.number_format = "DD.MM.YYYY"


def _validate(sheet: Worksheet, lists: Worksheet, last: int, words: Words) -> None:
    """Let choices be chosen from lists, which stand in a hidden sheet since some are too long to stand in the cells."""
    lists.sheet_state = "hidden"
    for position, fact in enumerate(FACTS, start=len(ABOUT) + 1):
        letter = get_column_letter(position)
        if fact.kind is Kind.CHOICE:
            offered = list(words.choices[fact.name].values())
            column = lists.max_column + 1 if lists.max_column > 1 or lists["A1"].value else 1
            for number, text in enumerate(offered, start=1):
                lists.cell(number, column, text)
            source = get_column_letter(column)
            rule = DataValidation("list", formula1=f"'{lists.title}'!${source}$1:${source}${len(offered)}")
        elif fact.kind is Kind.DAY:
            rule = DataValidation("date", operator="greaterThan", formula1="36526")  # 1 January 2000
        else:
            continue
        rule.allow_blank = True
        sheet.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{max(last, 2)}")


def _explain(sheet: Worksheet, words: Words) -> None:
    for number, texts in enumerate(words.guide_rows, start=1):
        for position, text in enumerate(texts, start=1):
            _write(sheet.cell(number, position), text)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 30, 90
