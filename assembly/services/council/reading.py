"""Reading objects of OParl 1.0 and 1.1: what is unknown is left out, what is malformed is None, nothing is trusted.

References are addresses in one server and embedded objects in another, so that everywhere either is read.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from assembly.clock import ZONE

Object = Mapping[str, Any]
Follow = Callable[[str], Object | None]
"""Returns the object at an address, None if there is none to be had."""

LONGEST_NAME = 200
LONGEST_TEXT = 20_000
LONGEST_LINK = 500
MOST_ITEMS = 500
"""Items of one meeting, consultations of one paper, bodies of one system."""
_TYPE = re.compile(r"https?://schema\.oparl\.org/(\d+\.\d+)/(\w+)/?")
_UNSEEN = {"Cc", "Cs"}
"""Categories of characters that databases refuse or nobody sees; line breaks and tabs stay."""


def type_of(found: Object) -> tuple[str, str]:
    """Return the version and the name of an object's type, such as 1.1 and Body; empty texts if it says none."""
    match = _TYPE.fullmatch(str(found.get("type")))
    return (match[1], match[2]) if match else ("", "")


def text(value: Any, longest: int = LONGEST_NAME) -> str:
    """Return a text as it can be stored: without control characters, cut off; empty for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    seen = "".join(one for one in value if one in "\n\t" or unicodedata.category(one) not in _UNSEEN).strip()
    return seen if len(seen) <= longest else seen[: longest - 1].rstrip() + "…"


def line(value: Any, longest: int = LONGEST_NAME) -> str:
    """Return a text in one line."""
    return text(" ".join(value.split()) if isinstance(value, str) else value, longest)


def link(value: Any) -> str:
    """Return an address of the web that people can be led to; empty for anything else: javascript, a password."""
    if not isinstance(value, str) or len(value) > LONGEST_LINK or text(value, LONGEST_LINK).split() != [value]:
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    is_plain = parts.scheme in {"http", "https"} and parts.hostname and parts.username is None
    return value if is_plain else ""


def id_of(value: Any) -> str:
    """Return the id of an object, which is its address, or of the one that an address names; empty if there is none."""
    return link(value.get("id") if isinstance(value, Mapping) else value)


def each(value: Any) -> Iterator[Any]:
    """Go through a list, or through the one thing that stands where a list is due."""
    if isinstance(value, list):
        yield from value[:MOST_ITEMS]
    elif value is not None:
        yield value


def day(value: Any) -> dt.date | None:
    """Return a date, also that of a moment; None if it is none."""
    try:
        return (
            dt.date.fromisoformat(value) if len(value) == len("2027-01-01") else dt.datetime.fromisoformat(value).date()
        )
    except (TypeError, ValueError):
        return None


def moment(value: Any) -> dt.datetime | None:
    """Return a moment in UTC; without a zone it is one of the clocks here. None if it is none."""
    try:
        read = dt.datetime.fromisoformat(value)
        return (read if read.tzinfo else read.replace(tzinfo=ZONE)).astimezone(dt.UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def folded(*texts: str) -> str:
    """Return texts as they are searched: whatever their capitals, and however their umlauts are composed."""
    return unicodedata.normalize("NFC", " ".join(texts)).casefold()


@dataclasses.dataclass(frozen=True, slots=True)
class Paper:
    """What is mirrored of a paper; each consultation as its id and its agenda item's."""

    values: Mapping[str, Any]
    consultations: Mapping[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Meeting:
    """What is mirrored of a meeting, and of its items by their ids, in their order."""

    values: Mapping[str, Any]
    items: Mapping[str, Mapping[str, Any]]


def paper(found: Object, follow: Follow) -> Paper | None:
    """Return a paper; None without a name and a reference, since nobody would find it."""
    reference, name = line(found.get("reference")), line(found.get("name"), LONGEST_TEXT)
    if not (reference or name):
        return None
    kind = line(found.get("paperType"))
    file = _embedded(found.get("mainFile"), follow)
    consultations = {
        id_of(one): id_of(one.get("agendaItem")) if isinstance(one, Mapping) else ""
        for one in each(found.get("consultation"))
        if id_of(one)
    }
    values = {
        "reference": reference,
        "name": name,
        "paper_type": kind,
        "dated_on": day(found.get("date")),
        "web": link(found.get("web")),
        "main_file": (link(file.get("accessUrl")) or link(file.get("downloadUrl"))) if file else "",
        "modified_at": moment(found.get("modified")),
        "search": folded(reference, name, kind),
    }
    return Paper(values, consultations)


def meeting(found: Object, follow: Follow, organizations: Mapping[str, str]) -> Meeting | None:
    """Return a meeting, with the names of its committees; None if it has neither name, nor committee, nor time."""
    names = [organizations.get(id_of(one), "") or _name_of(one) for one in each(found.get("organization"))]
    named = [one for one in dict.fromkeys(names) if one]
    name, starts_at = line(found.get("name"), LONGEST_TEXT), moment(found.get("start"))
    if not (name or named or starts_at):
        return None
    items: dict[str, Mapping[str, Any]] = {}
    for position, one in enumerate(each(found.get("agendaItem")), 1):
        item = _item(one, position, follow)
        if item is not None:
            items.setdefault(*item)
    values = {
        "name": name,
        "organizations": named,
        "starts_at": starts_at,
        "ends_at": moment(found.get("end")),
        "location": _location(found.get("location"), follow),
        "web": link(found.get("web")),
        "is_cancelled": found.get("cancelled") is True,
        "modified_at": moment(found.get("modified")),
        "search": folded(name, *named, *(f"{item['name']} {item['resolution']}" for item in items.values())),
    }
    return Meeting(values, items)


def _item(value: Any, position: int, follow: Follow) -> tuple[str, Mapping[str, Any]] | None:
    found = _embedded(value, follow)
    if found is None or not id_of(found) or found.get("deleted") is True:
        return None
    consultation = found.get("consultation")
    return id_of(found), {
        "position": position,
        "number": line(found.get("number")),
        "name": line(found.get("name"), LONGEST_TEXT),
        "is_public": found.get("public") is not False,
        "result": line(found.get("result")),
        "resolution": text(found.get("resolutionText"), LONGEST_TEXT),
        "web": link(found.get("web")),
        "consultation": id_of(consultation),
        "paper": id_of(consultation.get("paper")) if isinstance(consultation, Mapping) else "",
    }


def _location(value: Any, follow: Follow) -> str:
    found = _embedded(value, follow)
    if found is None:
        return ""
    place = " ".join(filter(None, (line(found.get("postalCode")), line(found.get("locality")))))
    parts = [line(found.get("room")), line(found.get("streetAddress")), place]
    return line(found.get("description")) or line(", ".join(filter(None, parts)))


def _name_of(value: Any) -> str:
    return name_of(value) if isinstance(value, Mapping) else ""


def name_of(found: Object) -> str:
    """Return what a body or a committee is called."""
    return line(found.get("name")) or line(found.get("shortName"))


def _embedded(value: Any, follow: Follow) -> Object | None:
    """Return an embedded object, or the one at an address."""
    if isinstance(value, Mapping):
        return value
    return follow(value) if link(value) else None
