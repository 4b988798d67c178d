"""The engine's sentences in the language of the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import format_date, format_datetime, format_decimal, gettext, ngettext

import sortition
from assembly.i18n import period
from assembly.services.engine_messages import restored
from assembly.services.programme.times import Span
from sortition import NOT_STATED as NOT_STATED  # noqa: PLC0414  # pages write it, too
from sortition.files import Problem
from sortition.message import Message

NAMES = {"entry", "next", "row", "seed"}
"""Numbers that are names, so written without separators."""
NUMBER = "#,##0.######"
"""All digits that are there, not three of them at most."""
ROWS_SHOWN = 8
"""Row numbers shown for one problem; a file with the same mistake in each row has thousands."""


def sentence(message: Message) -> str:
    """Return a sentence of the engine, with what stands in it, in the language of the page."""
    text: str = gettext(message.template).format_map(in_words(message.values))
    return text


def in_words(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands in a sentence as it is written in the language of the page: numbers, days, sentences."""
    return {name: value if name in NAMES else _in_words(value) for name, value in values.items()}


def _in_words(value: Any) -> Any:
    text = value
    match value:
        case Message():
            text = sentence(value)
        case bool():
            text = gettext("yes") if value else gettext("no")
        case Span():
            text = period(value.starts_at, value.ends_at)
        case dt.datetime():
            text = format_datetime(value)
        case dt.date():
            text = format_date(value)
        case int() | float() | Decimal():
            text = format_decimal(value, NUMBER)
        case sortition.NOT_STATED:
            text = gettext("not stated")
    return text


def stored_sentence(content: Mapping[str, Any]) -> str:
    """Return a sentence of the engine as it is stored, in the language of the page."""
    return sentence(restored(content))


def value_name(name: str) -> str:
    """Return the name of a feature's value as people read it."""
    return gettext("not stated") if name == NOT_STATED else name


def problem_rows(problems: Sequence[Problem]) -> list[tuple[str, str, str]]:
    """Return where each problem is, what it is, and what to do, as a table shows them."""
    return [(where(problem), sentence(problem.what), sentence(problem.what_to_do)) for problem in problems]


def where(problem: Problem) -> str:
    """Return sheet, rows and column of a problem."""
    parts = []
    if problem.sheet:
        parts.append(gettext("sheet “%(sheet)s”", sheet=problem.sheet))
    if problem.rows:
        shown = ", ".join(map(str, problem.rows[:ROWS_SHOWN]))
        more = len(problem.rows) - ROWS_SHOWN
        parts.append(
            gettext("rows %(rows)s and %(more)s more", rows=shown, more=format_decimal(more))
            if more > 0
            else ngettext("row %(rows)s", "rows %(rows)s", len(problem.rows), rows=shown)
        )
    if problem.column:
        parts.append(gettext("column “%(column)s”", column=problem.column))
    return ", ".join(parts) or gettext("the whole file")
