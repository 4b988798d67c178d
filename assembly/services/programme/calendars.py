"""Events as iCalendar (RFC 5545), so that calendars follow every change by themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from icalendar import Calendar
from icalendar import Event as Entry

from assembly.clock import ZONE
from assembly.models import Assembly, Event, EventState, Mode
from assembly.services.errors import marked
from assembly.services.texts import catalogue

PRODUCT = "-//Assembly//Programme//DE"
REFRESHED = dt.timedelta(hours=1)
"""How often a calendar should ask again, as far as it listens (RFC 7986)."""
ONLINE = marked("Online")


def calendar_of(assembly: Assembly, events: Iterable[Event], *, host: str, language: str) -> bytes:
    """Return the events as an iCalendar file; `host` makes their lasting names unique in the world.

    What was cancelled stays, as CANCELLED, or calendars would keep it. Times stand in local time with the zone's rules,
    so that they stay right if these rules change. Nothing about any member is in it.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", assembly.title)
    calendar.add("refresh-interval", REFRESHED, parameters={"VALUE": "DURATION"})
    for event in events:
        calendar.add_component(_entry(event, host, language))
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content


def _entry(event: Event, host: str, language: str) -> Entry:
    entry = Entry()
    entry.add("uid", f"{event.uid}@{host}")
    entry.add("sequence", event.sequence)
    stamp = event.changed_at or event.published_at or event.starts_at
    entry.add("dtstamp", stamp.replace(microsecond=0))
    entry.add("dtstart", event.starts_at.astimezone(ZONE))
    entry.add("dtend", event.ends_at.astimezone(ZONE))
    entry.add("summary", event.title)
    entry.add("status", "CANCELLED" if event.state is EventState.CANCELLED else "CONFIRMED")
    if location := _location(event, language):
        entry.add("location", location)
    if description := "\n\n".join(part for part in (event.change_note, event.description) if part):
        entry.add("description", description)
    return entry


def _location(event: Event, language: str) -> str:
    if event.room is None:
        return catalogue(language).ugettext(ONLINE) if event.mode is Mode.ONLINE else ""
    place = event.room.place
    town = f"{place.postcode} {place.city}".strip()
    return ", ".join(part for part in (f"{place.name} ({event.room.name})", place.street, town) if part)
