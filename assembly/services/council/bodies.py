"""Finding the bodies (municipalities, districts) that an OParl server speaks for."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assembly.services.council import reading
from assembly.services.council.client import Client
from assembly.services.council.reading import Object
from assembly.services.errors import RuleError, marked

VERSIONS = ("1.0", "1.1")
SYSTEM, BODY = "System", "Body"
MOST_PAGES = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """What is at an address: the version of OParl, the system's name, and its bodies, each with `id` and `name`."""

    version: str
    name: str
    bodies: Sequence[Mapping[str, str]]


def find(client: Client, address: str) -> Found:
    """Return what is at an address: a system with its bodies, or one body.

    Raises RuleError if there is neither, it is of another version than 1.0 and 1.1, or it cannot be asked.
    """
    found = client.get(address)
    version, name = reading.type_of(found)
    if name not in {SYSTEM, BODY}:
        raise RuleError(marked("At this address is no OParl: neither a system nor a body."))
    if version not in VERSIONS:
        raise RuleError(marked("This server speaks OParl %(version)s. OParl 1.0 and 1.1 can be read."), version=version)
    listed = [found] if name == BODY else _listed(client, found.get("body"))
    bodies = {
        reading.id_of(one): reading.name_of(one)
        for one in listed
        if reading.id_of(one) and reading.name_of(one) and one.get("deleted") is not True
    }
    if not bodies:
        raise RuleError(marked("This OParl server names no body whose papers could be read."))
    return Found(version, reading.name_of(found), [{"id": one, "name": bodies[one]} for one in bodies])


def _listed(client: Client, value: Any) -> Iterator[Object]:
    """Yield the bodies of a system: behind the address of a list, embedded, or each at an address of its own."""
    url = reading.link(value)
    if not url:
        yield from _objects(client, value)
        return
    for _ in range(MOST_PAGES):
        page = client.get(url)
        if reading.type_of(page)[1] == BODY:
            yield page
            return
        yield from _objects(client, page.get("data"))
        links = page.get("links")
        url = reading.link(links.get("next")) if isinstance(links, Mapping) else ""
        if not url:
            return


def _objects(client: Client, values: Any) -> Iterator[Object]:
    for value in reading.each(values):
        if isinstance(value, Mapping):
            yield value
        elif reading.link(value):
            yield client.get(value)
