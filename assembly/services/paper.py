"""Sheets to be filled in by hand, as PDF (A4, PDF/UA-1): the check-in list, a table's blank result sheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from babel.dates import format_datetime, format_time

from assembly.clock import ZONE
from assembly.models import AgendaItem, Event
from assembly.services.attendance.people import Listed
from assembly.services.errors import marked
from assembly.services.pdfs import PAGE, compiled
from assembly.services.texts import MOMENTS, catalogue, locale_of

CHECK_IN = "letter/check_in.typ"
RESULT_SHEET = "letter/result_sheet.typ"
PARTS = (
    marked("Arguments for"),
    marked("Arguments against"),
    marked("Open questions"),
    marked("Where we disagree"),
    marked("Drafts of recommendations"),
)
"""The parts of a result sheet, as `EntryKind` has them."""


def check_in_list(event: Event, listed: Sequence[Listed], *, language: str) -> bytes:
    """Return the list of an event in large type, to sign; it holds neither needs nor reasons of excuses.

    The same list gives the same bytes.
    """
    say = catalogue(language).ugettext
    data = {
        "title": say(marked("Attendance: %(event)s")) % {"event": event.title},
        "facts": [_when(event, language), *_where(event)],
        "columns": [say(text) for text in (marked("Seat"), marked("Name"), marked("Half"), marked("Signature"))],
        "rows": [
            {"number": str(one.number), "name": one.name, "note": ", ".join(map(say, one.notes))} for one in listed
        ],
        "hint": say(marked("“Half” is ticked for whoever was there for half of the event.")),
    }
    return _pdf(CHECK_IN, data, event, language=language)


def blank_result_sheet(event: Event, item: AgendaItem | None, *, language: str) -> bytes:
    """Return a blank result sheet of an event, or of an item of its agenda, for one table in one round."""
    say = catalogue(language).ugettext
    data = {
        "title": say(marked("Result sheet: %(event)s")) % {"event": event.title},
        "facts": [_when(event, language), *([item.title] if item else [])],
        "fields": [say(text) for text in (marked("Table"), marked("Round"))],
        "hint": say(
            marked("Please write no names: what counts is what was said, not who said it. One thought a line.")
        ),
        "parts": [say(part) for part in PARTS],
    }
    return _pdf(RESULT_SHEET, data, event, language=language)


def _when(event: Event, language: str) -> str:
    locale = locale_of(language)
    starts, ends = (at.astimezone(ZONE) for at in (event.starts_at, event.ends_at))
    begin = format_datetime(starts, MOMENTS[language]["datetime.medium"], locale=locale)
    return f"{begin} – {format_time(ends, MOMENTS[language]['time.short'], locale=locale)}"


def _where(event: Event) -> list[str]:
    return [f"{event.room.place.name}, {event.room.name}"] if event.room else []


def _pdf(template: str, data: dict[str, Any], event: Event, *, language: str) -> bytes:
    page = catalogue(language).ugettext(PAGE) % {"page": "{page}", "pages": "{pages}"}
    made_at: dt.datetime = event.changed_at or event.published_at or event.starts_at
    return compiled(template, data | {"language": locale_of(language), "page": page}, made_at=made_at)
