"""PDFs (A4, PDF/UA-1), made by typst from a template and its words: letters, reports, lists and certificates."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

import typst
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal, format_percent
from babel.support import Translations

from assembly.clock import ZONE
from assembly.resources import resource_folder
from assembly.services.errors import marked
from assembly.services.texts import MOMENTS, locale_of
from sortition import NOT_STATED

REPORT = "letter/report.typ"
"""The template of reports: sections of paragraphs, facts and tables."""
PAGE = marked("Page %(page)s of %(pages)s")

Data = dict[str, Any]


def compiled(template: str, data: Mapping[str, Any], *, made_at: dt.datetime) -> bytes:
    """Return a template filled with data as PDF; the same data give the same bytes."""
    pdf = typst.Compiler(ignore_system_fonts=True).compile(
        (resource_folder("templates") / template).read_bytes(),
        format="pdf",
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=["ua-1"],
        timestamp=made_at.replace(microsecond=0),
    )
    if not isinstance(pdf, bytes):
        raise TypeError("typst gave several files instead of one.")
    return pdf


@dataclasses.dataclass(frozen=True, slots=True)
class Words:
    """Sentences and figures in a language."""

    language: str
    texts: Translations

    def say(self, template: str, **values: object) -> str:
        """Return a sentence with its values."""
        text: str = self.texts.ugettext(template)
        return text % values if values else text

    def percent(self, share: float) -> str:
        """Return a share, with one or two decimals."""
        return format_percent(share, "#,##0.0# %", locale=locale_of(self.language))

    def number(self, number: float, pattern: str = "#,##0") -> str:
        """Return a number."""
        return format_decimal(number, pattern, locale=locale_of(self.language))

    def money(self, cents: int) -> str:
        """Return an amount in euros."""
        return format_currency(cents / 100, "EUR", locale=locale_of(self.language))

    def moment(self, moment: Any) -> str:
        """Return a moment in local time."""
        pattern = f"{MOMENTS[self.language]['datetime.medium']} (z)"
        return format_datetime(moment, pattern, tzinfo=ZONE, locale=locale_of(self.language))

    def day(self, moment: dt.datetime) -> str:
        """Return the day of a moment, here."""
        return self.date(moment.astimezone(ZONE).date())

    def date(self, day: dt.date) -> str:
        """Return a day."""
        return format_date(day, MOMENTS[self.language]["date.medium"], locale=locale_of(self.language))

    def time(self, moment: dt.datetime) -> str:
        """Return the time of a moment, here."""
        return format_time(moment, MOMENTS[self.language]["time.short"], tzinfo=ZONE, locale=locale_of(self.language))

    def value(self, name: str) -> str:
        """Return the name of a value."""
        return self.say(marked("not stated")) if name == NOT_STATED else name

    def yes_or_no(self, *, holds: bool) -> str:
        """Return yes or no."""
        return self.say(marked("yes")) if holds else self.say(marked("no"))


def report(words: Words, author: str, title: str, sections: Sequence[Data], **more: Any) -> Data:
    """Return the data of a report without a warning; `more` is what else its template knows."""
    return {
        "language": locale_of(words.language),
        "author": author,
        "title": title,
        "warning": "",
        "page": words.say(PAGE, page="{page}", pages="{pages}"),
        "sections": sections,
        **more,
    }


def section(
    title: str,
    paragraphs: Sequence[str] = (),
    facts: Sequence[tuple[str, str]] = (),
    tables: Sequence[Data] = (),
    points: Sequence[str] = (),
) -> Data:
    """Return a section of a report; one without title follows the title of the whole."""
    return {"title": title, "paragraphs": paragraphs, "facts": facts, "tables": tables, "points": points}


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], bars: Sequence[float], bar_label: str) -> Data:
    """Return a table whose first column is text and all others figures; bars are shares of their longest."""
    most = max(bars, default=0) or 1
    named = [{"label": column, "numeric": number > 0} for number, column in enumerate(columns)]
    return {"columns": named, "rows": rows, "bars": [bar / most for bar in bars], "bar_label": bar_label}


def list_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, widths: Sequence[float], numeric: Sequence[int] = ()
) -> Data:
    """Return a table of texts, whose `numeric` columns stand to the right; `widths` are shares of the page."""
    named = [{"label": column, "numeric": number in numeric} for number, column in enumerate(columns)]
    return {"columns": named, "rows": rows, "bars": [], "bar_label": "", "widths": widths}
