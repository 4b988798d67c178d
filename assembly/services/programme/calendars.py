"""Events as iCalendar (RFC 5545), so that calendars follow every change by themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from icalendar import Alarm, Calendar, Timezone, TimezoneDaylight, TimezoneStandard, vRecur
from icalendar import Event as Entry

from assembly.clock import ZONE
from assembly.models import Assembly, Event, EventState, Mode
from assembly.services.errors import marked
from assembly.services.texts import PLAIN, catalogue

PRODUCT = "-//Assembly//Programme//DE"
REFRESHED = dt.timedelta(hours=1)
"""How often a calendar should ask again, as far as it listens (RFC 7986)."""
ONLINE = marked("Online")


def calendar_of(
    assembly: Assembly,
    events: Iterable[Event],
    *,
    host: str,
    language: str,
    alarms: Sequence[dt.timedelta] = (),
    page_of: Callable[[Event], str] | None = None,
) -> bytes:
    """Return the events as an iCalendar file; `host` makes their lasting names unique in the world.

    What was cancelled stays, as CANCELLED, or calendars would keep it. Times stand in local time with the zone's rules,
    so that they stay right if these rules change. Nothing about any member is in it. `alarms` are how long before each
    event a calendar reminds; `page_of` returns the address of its page.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", assembly.title)
    calendar.add("refresh-interval", REFRESHED, parameters={"VALUE": "DURATION"})
    calendar.add_component(_zone())
    for event in events:
        entry = _entry(event, host, language)
        if page_of is not None:
            entry.add("url", page_of(event))
        if event.state is not EventState.CANCELLED:
            for before in alarms:
                entry.add_component(_alarm(event, before))
        calendar.add_component(entry)
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
    about = event.plain_description or event.description if language == PLAIN else event.description
    if description := "\n\n".join(part for part in (event.change_note, about) if part):
        entry.add("description", description)
    return entry


def _zone() -> Timezone:
    """Return the rules of our zone, as they have been since 1996 and are for good.

    The library would list every change of the clocks up to 2038, which some calendars read as if it were always winter.
    """
    zone = Timezone()
    zone.add("tzid", ZONE.key)
    winter, summer = dt.timedelta(hours=1), dt.timedelta(hours=2)
    for part, name, month, first, before, after in (
        (TimezoneDaylight(), "CEST", 3, dt.datetime(1996, 3, 31, 2), winter, summer),  # noqa: DTZ001  # local, by the standard
        (TimezoneStandard(), "CET", 10, dt.datetime(1996, 10, 27, 3), summer, winter),  # noqa: DTZ001  # the same
    ):
        part.add("tzname", name)
        part.add("dtstart", first)
        part.add("rrule", vRecur({"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": "-1SU"}))
        part.add("tzoffsetfrom", before)
        part.add("tzoffsetto", after)
        zone.add_component(part)
    return zone


def _alarm(event: Event, before: dt.timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", event.title)
    alarm.add("trigger", -before)
    return alarm


def _location(event: Event, language: str) -> str:
    if event.room is None:
        return catalogue(language).ugettext(ONLINE) if event.mode is Mode.ONLINE else ""
    place = event.room.place
    town = f"{place.postcode} {place.city}".strip()
    return ", ".join(part for part in (f"{place.name} ({event.room.name})", place.street, town) if part)
