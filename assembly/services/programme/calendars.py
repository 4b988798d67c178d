"""Events as iCalendar (RFC 5545), so that calendars follow every change by themselves."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence

from icalendar import Alarm, Calendar, Timezone, TimezoneDaylight, TimezoneStandard, vRecur
from icalendar import Event as Component

from assembly.clock import ZONE
from assembly.models import Assembly, Event, EventState, Mode
from assembly.services.errors import marked
from assembly.services.kept import Kept
from assembly.services.texts import PLAIN, catalogue

PRODUCT = "-//Assembly//Programme//DE"
REFRESHED = dt.timedelta(hours=1)
"""How often a calendar should ask again, as far as it listens (RFC 7986)."""
ONLINE = marked("Online")
_kept: Kept[bytes] = Kept(100)
"""Calendars ask every hour, and a file with sixty events takes 30 ms to write; a hundred of these are 3 MB."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Entry:
    """What the calendar says of an event."""

    uid: str
    sequence: int
    stamp: dt.datetime
    starts_at: dt.datetime
    ends_at: dt.datetime
    title: str
    is_cancelled: bool
    location: str
    description: str
    page: str


def calendar_of(
    assembly: Assembly,
    events: Iterable[Event],
    *,
    host: str,
    language: str,
    meeting_points: Mapping[int, str],
    alarms: Sequence[dt.timedelta] = (),
    page_of: Callable[[Event], str] | None = None,
) -> bytes:
    """Return the events as an iCalendar file; `host` makes their lasting names unique in the world.

    What was cancelled stays, as CANCELLED, or calendars would keep it. Times stand in local time with the zone's rules,
    so that they stay right if these rules change. Nothing about any member is in it, so that members with the same
    events share it. `meeting_points` say where site visits begin, by the event's number. `alarms` are how long before
    each event a calendar reminds; `page_of` returns the address of its page.
    """
    entries = tuple(
        _entry(event, host, language, meeting_points.get(event.id, ""), page_of(event) if page_of else "")
        for event in events
    )
    key = assembly.title, entries, tuple(alarms)
    return _kept.get(key, lambda: _file(*key))


def _entry(event: Event, host: str, language: str, meeting_point: str, page: str) -> _Entry:
    stamp = event.changed_at or event.published_at or event.starts_at
    about = event.plain_description or event.description if language == PLAIN else event.description
    return _Entry(
        uid=f"{event.uid}@{host}",
        sequence=event.sequence,
        stamp=stamp.replace(microsecond=0),
        starts_at=event.starts_at.astimezone(ZONE),
        ends_at=event.ends_at.astimezone(ZONE),
        title=event.title,
        is_cancelled=event.state is EventState.CANCELLED,
        location=", ".join(meeting_point.splitlines()) or _location(event, language),
        description="\n\n".join(part for part in (event.change_note, about) if part),
        page=page,
    )


def _file(title: str, entries: Iterable[_Entry], alarms: Iterable[dt.timedelta]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", title)
    calendar.add("refresh-interval", REFRESHED, parameters={"VALUE": "DURATION"})
    calendar.add_component(_zone())
    for entry in entries:
        calendar.add_component(_component(entry, alarms))
    content: bytes = calendar.to_ical()
    return content


def _component(entry: _Entry, alarms: Iterable[dt.timedelta]) -> Component:
    component = Component()
    component.add("uid", entry.uid)
    component.add("sequence", entry.sequence)
    component.add("dtstamp", entry.stamp)
    component.add("dtstart", entry.starts_at)
    component.add("dtend", entry.ends_at)
    component.add("summary", entry.title)
    component.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    for name, text in (("location", entry.location), ("description", entry.description), ("url", entry.page)):
        if text:
            component.add(name, text)
    if not entry.is_cancelled:
        for before in alarms:
            component.add_component(_alarm(entry.title, before))
    return component


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


def _alarm(title: str, before: dt.timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -before)
    return alarm


def _location(event: Event, language: str) -> str:
    if event.room is None:
        return catalogue(language).ugettext(ONLINE) if event.mode is Mode.ONLINE else ""
    place = event.room.place
    town = f"{place.postcode} {place.city}".strip()
    return ", ".join(part for part in (f"{place.name} ({event.room.name})", place.street, town) if part)
