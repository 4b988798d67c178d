"""A small OParl server on 127.0.0.1, in version 1.0 or 1.1, that can be slow, broken and malicious."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 2
"""Objects on a page."""
LONG_AGO = "2026-01-05T09:00:00+01:00"


@dataclasses.dataclass
class Answer:
    """What a path answers once, instead of what it would."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    is_slow: bool = False


@dataclasses.dataclass
class OParl:
    """What the server says. `filters` is how it takes `modified_since`: it knows, ignores or refuses it."""

    version: str
    address: str = ""
    filters: str = "knows"
    lists: dict[str, list[Any]] = dataclasses.field(default_factory=dict)
    single: dict[str, Any] = dataclasses.field(default_factory=dict)
    instead: dict[str, list[Answer]] = dataclasses.field(default_factory=dict)
    """By the beginning of path and query; the last answer stays."""
    asked: list[str] = dataclasses.field(default_factory=list)
    hosts: list[str] = dataclasses.field(default_factory=list)
    ended: threading.Event = dataclasses.field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        """Return the address of a path."""
        return f"{self.address}{path}"

    def thing(self, kind: str, number: int | str, /, **more: Any) -> dict[str, Any]:
        """Return an object with what all have; its address is its id."""
        made = {
            "id": self.url(f"/{kind.lower()}/{number}"),
            "type": f"https://schema.oparl.org/{self.version}/{kind}",
            "created": LONG_AGO,
            "modified": LONG_AGO,
            "https://vendor.example/extra": {"anything": [1, None]},
        }
        return made | more

    def tombstone(self, kind: str, number: int, modified: dt.datetime) -> dict[str, Any]:
        """Return what is left of a deleted object."""
        return self.thing(kind, number, modified=modified.isoformat(), deleted=True)

    def fill(self) -> None:
        """Say what a small town would: three papers, three meetings, two committees."""
        self.single["/system"] = self.thing(
            "System",
            1,
            id=self.url("/system"),
            oparlVersion=f"https://schema.oparl.org/{self.version}/",
            name="Ratsinformation Auental",
            body=self.url("/bodies"),
        )
        body = self.thing(
            "Body",
            1,
            name="Stadt Auenfurt",
            paper=self.url("/papers"),
            meeting=self.url("/meetings"),
            organization=self.url("/organizations"),
        )
        self.single["/body/1"] = body
        self.lists["/bodies"] = [body, self.thing("Body", 2, name="Kreis Auental", paper=self.url("/papers"))]
        self.lists["/organizations"] = [
            self.thing("Organization", 1, name="Stadtrat"),
            self.thing("Organization", 2, shortName="Verkehrsausschuss"),
            self.thing("Organization", 3, name="Jugendrat"),
        ]
        self.lists["/papers"] = [self.paper(1, "Rückbau der Ufermauer"), self.paper(2, "Radweg"), self.paper(3, "Bus")]
        self.lists["/meetings"] = [self.meeting(number) for number in (1, 2, 3)]

    def paper(self, number: int, name: str, **more: Any) -> dict[str, Any]:
        """Return a paper that item 1 of the meeting with its number is about."""
        consultation = self.thing("Consultation", number, agendaItem=self.url(f"/agendaitem/{number}1"))
        values = {
            "reference": f"2027/{number:03}",
            "name": name,
            "paperType": "Beschlussvorlage",
            "date": f"2027-03-0{number}",
            "web": f"https://ris.example.org/paper/{number}",
            "mainFile": self.thing("File", number, accessUrl=f"https://ris.example.org/file/{number}.pdf"),
            "consultation": [consultation],
        }
        return self.thing("Paper", number, **values | more)

    def meeting(self, number: int, **more: Any) -> dict[str, Any]:
        """Return a meeting; in 1.1 it is embedded whole, in 1.0 its items and location are at their own addresses."""
        item = self.thing(
            "AgendaItem",
            f"{number}1",
            number="Ö 1",
            name=f"Beratung {number}",
            public=True,
            result="einstimmig beschlossen",
            resolutionText="Der Stadtrat beschließt den Antrag.",
            consultation=self.url(f"/consultation/{number}"),
        )
        location = self.thing("Location", number, description="Rathaus, Sitzungssaal")
        self.single[f"/agendaitem/{number}1"], self.single[f"/location/{number}"] = item, location
        is_embedded = self.version == "1.1"
        values = {
            "name": f"Sitzung {number}",
            "start": f"2035-0{number}-15T18:00:00+01:00",
            "end": f"2035-0{number}-15T21:00:00+01:00",
            "organization": [self.url("/organization/1"), self.url("/organization/2")],
            "web": f"https://ris.example.org/meeting/{number}",
            "agendaItem": [item if is_embedded else item["id"]],
            "location": location if is_embedded else location["id"],
        }
        return self.thing("Meeting", number, **values | more)

    def answer(self, path: str) -> Answer:
        """Return what the server says to a path with its query."""
        self.asked.append(path)
        for beginning, answers in self.instead.items():
            if path.startswith(beginning) and answers:
                return answers.pop(0)
        parts = urlsplit(path)
        if parts.path in self.single:
            return Answer(body=json.dumps(self.single[parts.path]).encode())
        if parts.path not in self.lists:
            return Answer(status=404)
        return self._page(parts.path, {name: values[-1] for name, values in parse_qs(parts.query).items()})

    def _page(self, path: str, query: dict[str, str]) -> Answer:
        found, since = self.lists[path], query.get("modified_since")
        if since and self.filters == "refuses":
            return Answer(status=400)
        if since and self.filters == "knows":
            found = [
                one for one in found if dt.datetime.fromisoformat(one["modified"]) >= dt.datetime.fromisoformat(since)
            ]
        else:
            found = [one for one in found if not (isinstance(one, dict) and one.get("deleted"))]
        number = int(query.get("page", 1))
        links = {}
        if number * PAGE < len(found):
            kept = f"&modified_since={since.replace('+', '%2B')}" if since else ""
            links["next"] = self.url(f"{path}?page={number + 1}{kept}")
        page = {"data": found[(number - 1) * PAGE : number * PAGE], "links": links, "pagination": {}}
        return Answer(body=json.dumps(page).encode())


@contextlib.contextmanager
def running(version: str) -> Iterator[OParl]:
    """Serve an OParl on a free port."""
    oparl = OParl(version)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library's name
            oparl.hosts.append(self.headers["Host"])
            answer = oparl.answer(self.path)
            with contextlib.suppress(OSError):
                if answer.is_slow:
                    oparl.ended.wait(30)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False  # so that closing it waits for what it answers
    oparl.address = f"http://127.0.0.1:{server.server_address[1]}"
    oparl.fill()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield oparl
    finally:
        oparl.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
