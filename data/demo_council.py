"""The sample city's council information system, in a dictionary: it speaks OParl 1.1 without any network."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from demo_days import BETWEEN, NOTICE, PAPER, Days, numbered, working_until
from demo_follow_up import COUNCIL
from sqlalchemy.orm import Session, sessionmaker

from assembly.models import Assembly, User
from assembly.services.council import bodies, sources
from assembly.services.council.client import Client
from assembly.services.council.walking import Walker

ADDRESS = "https://ris.auenfurt.example/oparl/v1.1"
TYPE = "https://schema.oparl.org/1.1"
COMMITTEES = (COUNCIL, "Ausschuss für Klima und Mobilität", "Hauptausschuss")
PAPERS = (
    ("Beschlussvorlage", "Einsetzung eines Bürgerrats und Nachverfolgung seiner Empfehlungen"),
    ("Beschlussvorlage", "Hitzeaktionsplan für die Stadt Auenfurt"),
    ("Mitteilungsvorlage", "Trinkbrunnen: Standorte und Kosten"),
    ("Antrag", "Mehr Schatten auf Schulhöfen und Spielplätzen"),
    ("Beschlussvorlage", "Baumpflanzungen am Ufer, dritter Abschnitt"),
    ("Anfrage", "Öffnungszeiten kühler Räume an Wochenenden"),
    ("Mitteilungsvorlage", "Trinkwasser: Bericht der Stadtwerke"),
    ("Beschlussvorlage", "Stellplätze für Fahrräder am Bahnhof"),
    ("Antrag", "Bänke an allen Haltestellen"),
    ("Mitteilungsvorlage", "Bürgerrat Mobilität: Stand der Umsetzung"),
)
"""Each the subject of one of the meetings that have been, in order."""
MEETINGS = 13
PAST = len(PAPERS)
AFTER_SITTING = (0, 14, 21)
"""Days from the council’s sitting to the meetings of the committees after it."""


class Dictionary(Client):
    """A client whose server is a dictionary."""

    def __init__(self, objects: Mapping[str, Mapping[str, Any]]) -> None:
        """Take the objects by their addresses."""
        super().__init__()
        self._objects = objects

    def get(self, url: str) -> dict[str, Any]:
        """Return an object."""
        return dict(self._objects[url])


def mirror_council(session: Session, assembly: Assembly, days: Days, *, by: User) -> None:
    """Connect the city's council information system and mirror it, as the jobs would."""
    client = Dictionary(_objects(days))
    source = sources.connect(session, assembly, f"{ADDRESS}/system", by=by)
    found = bodies.find(client, source.address)
    source.version, source.bodies = found.version, [dict(one) for one in found.bodies]
    sources.choose(session, assembly, source.bodies[0]["id"], by=by)
    asked = sources.last_job(session, source)
    if asked is not None:
        session.delete(asked)  # nobody would answer
    source_id = source.id
    session.commit()  # and nothing is read after it: SQLite has one writer
    Walker(sessionmaker(session.get_bind()), client, source_id).walk()


def _objects(days: Days) -> dict[str, dict[str, Any]]:
    """Return all that the system says, by address."""
    papers = [_paper(number, days) for number in range(len(PAPERS))]
    meetings = [_meeting(number, days) for number in range(MEETINGS)]
    committees = [_object("Organization", number, name=name) for number, name in enumerate(COMMITTEES)]
    lists = {name: f"{ADDRESS}/{name}" for name in ("body", "paper", "meeting", "organization")}
    body = _object("Body", 0, name="Stadt Auenfurt", **{name: lists[name] for name in lists if name != "body"})
    system = {"id": f"{ADDRESS}/system", "type": f"{TYPE}/System", "name": "Ratsinformation", "body": lists["body"]}
    pages = zip(lists.values(), ([body], papers, meetings, committees), strict=True)
    return {one["id"]: one for one in (system, body)} | {url: {"data": data, "links": {}} for url, data in pages}


def _object(kind: str, number: int, /, **values: Any) -> dict[str, Any]:
    return {"id": f"{ADDRESS}/{kind.lower()}/{number + 1}", "type": f"{TYPE}/{kind}"} | values


def _paper(number: int, days: Days) -> dict[str, Any]:
    kind, name = PAPERS[number]
    day = working_until(day_of(number, days) - NOTICE)
    reference = numbered(day, 1)
    page = reference.replace("/", "-")
    consultation = _object("Consultation", number, agendaItem=f"{ADDRESS}/agendaitem/{number + 1}")
    return _object(
        "Paper",
        number,
        name=name,
        reference=f"{PAPER} {reference}",
        paperType=kind,
        date=day.isoformat(),
        web=f"https://ris.auenfurt.example/vorlage/{page}",
        mainFile=_object("File", number, accessUrl=f"https://ris.auenfurt.example/datei/{page}.pdf"),
        consultation=[consultation],
    )


def _meeting(number: int, days: Days) -> dict[str, Any]:
    committee, day, items = number % len(COMMITTEES), day_of(number, days), []
    if number < PAST:
        items.append(
            _object(
                "AgendaItem",
                number,
                number="Ö 4",
                name=PAPERS[number][1],
                public=True,
                result="mehrheitlich beschlossen",
                resolutionText="Der Vorlage wird zugestimmt. Die Verwaltung berichtet in einem Jahr.",
            )
        )
    return _object(
        "Meeting",
        number,
        name=f"{COMMITTEES[committee]}, öffentliche Sitzung",
        start=f"{day.isoformat()}T18:00:00",
        end=f"{day.isoformat()}T21:00:00",
        organization=[f"{ADDRESS}/organization/{committee + 1}"],
        location=_object("Location", 0, room="Ratssaal", streetAddress="Marktplatz 1", locality="Auenfurt"),
        web=f"https://ris.auenfurt.example/sitzung/{number + 1}",
        agendaItem=items,
        cancelled=number == PAST + 1,
    )


def day_of(number: int, days: Days) -> dt.date:
    """Return the day of a meeting: the last one of PAST is the council's last sitting before today."""
    sitting, committee = divmod(number - PAST + 1, len(COMMITTEES))
    return working_until(days.tuesday + sitting * BETWEEN + dt.timedelta(days=AFTER_SITTING[committee]))
