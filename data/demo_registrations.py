"""The files with registrations that the demo imports: those of the sample, as if they had come until now."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import openpyxl

SAMPLE = Path(__file__).resolve().parent
RECEIVED = "Eingang"
"""The column with the day on which a registration came; the sample's are those of one spring."""
PHONE = "06201 555-"
"""The sample has no numbers, but drawn people are called; these end with the place in it."""


def workbook(until: dt.date) -> bytes:
    """Return the messy workbook, whose last registration came on a day: old ones would be deleted."""
    book = openpyxl.load_workbook(SAMPLE / "respondents.xlsx")
    [column] = [cells for cells in book.worksheets[0].iter_cols() if str(cells[0].value).strip() == RECEIVED]
    received = {cell: cell.value for cell in column if isinstance(cell.value, dt.datetime)}
    later = dt.datetime.combine(until, dt.time()) - max(received.values())
    for cell, moment in received.items():
        cell.value = moment + dt.timedelta(days=later.days)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def part(rows: slice) -> bytes:
    """Return some of the sample's people as CSV, with phone numbers."""
    head, *people = (SAMPLE / "respondents.csv").read_text(encoding="utf-8").splitlines()
    numbered = [f"{person},{PHONE}{number:03}" for number, person in enumerate(people)]
    return "\n".join([f"{head},Telefon", *numbered[rows]]).encode()
