"""Seeds recommendations: some in the making, and those that an assembly handed over almost a year ago."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

from demo_redaction import NAME
from sqlalchemy.orm import Session

from assembly.models import Assembly, Event, EventKind, Handover, Recommendation, User
from assembly.services.daily import today
from assembly.services.programme import events, times
from assembly.services.recommendations import adopting, drafting, editing, handing_over, importing, minority
from assembly.services.recommendations.adopting import Ballot, Votes
from assembly.services.recommendations.texts import FIELDS

CLOSING = "Abschluss: über die Empfehlungen abstimmen"
ADMINISTRATION, TRANSPORT = 1, 2
"""The addressees' numbers in the city's rules."""


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """A recommendation with who has to answer it, and how many of those present were against it or abstained."""

    title: str
    theme: str
    text: str
    reasons: str
    plain: str
    addressees: Sequence[int] = (ADMINISTRATION,)
    no: int = 2
    abstained: int = 1

    @property
    def values(self) -> Mapping[str, str]:
        """Return its text."""
        return {field: getattr(self, field) for field in FIELDS}


HANDED_OVER = (
    Said(
        "Busse fahren auch abends und am Wochenende",
        "Bus und Bahn",
        "Auf allen Stadtlinien fährt bis 23 Uhr mindestens alle 30 Minuten ein Bus, auch samstags und sonntags. Der "
        "Takt beginnt spätestens mit dem übernächsten Fahrplanwechsel.",
        "Wer im Schichtdienst arbeitet, pflegt oder abends Kultur erleben will, braucht heute ein Auto. Ein Takt, den "
        "man sich merken kann, ist wichtiger als einzelne zusätzliche Fahrten.",
        "Busse sollen öfter fahren. Auch am Abend. Auch am Wochenende. Dann kommen alle gut nach Hause.",
        (ADMINISTRATION, TRANSPORT),
    ),
    Said(
        "Ein Sozialticket für 15 Euro",
        "Bus und Bahn",
        "Wer Bürgergeld, Wohngeld, Grundsicherung oder BAföG bekommt, kauft ein Monatsticket für das ganze Stadtgebiet "
        "für 15 Euro. Der Nachweis genügt einmal im Jahr.",
        "Mobilität darf nicht am Geld scheitern. Einmal im Jahr nachzuweisen spart allen Zeit.",
        "Menschen mit wenig Geld sollen billig Bus fahren. Das Ticket kostet 15 Euro im Monat.",
        (ADMINISTRATION, TRANSPORT),
        no=5,
        abstained=2,
    ),
    Said(
        "Durchgehender Radweg vom Hafen zum Bahnhof",
        "Rad und Fuß",
        "Zwischen Hafen und Bahnhof entsteht ein durchgehender, baulich getrennter Radweg. An jeder Kreuzung hat er "
        "eigene Ampelphasen. Baubeginn ist innerhalb von zwei Jahren.",
        "Auf dieser Strecke geschehen die meisten Unfälle mit Rädern. Eine Farbe auf der Fahrbahn schützt niemanden.",
        "Vom Hafen zum Bahnhof soll es einen sicheren Radweg geben.",
        no=4,
    ),
    Said(
        "Tempo 30 vor Schulen, Kitas und Pflegeheimen",
        "Sicherheit",
        "Vor allen Schulen, Kitas, Krankenhäusern und Pflegeheimen gilt Tempo 30, auf 300 Metern und rund um die Uhr.",
        "Kinder und alte Menschen schätzen Geschwindigkeiten anders ein. Ein Schild mit Uhrzeiten versteht niemand.",
        "Vor Schulen und Heimen fahren Autos langsam. Höchstens 30.",
        no=3,
        abstained=0,
    ),
    Said(
        "Jede Haltestelle ist ohne Stufen erreichbar",
        "Für alle",
        "Bis Ende 2030 sind alle Haltestellen ohne Stufen erreichbar und haben eine Bank, ein Dach und eine Ansage. "
        "Die Reihenfolge legt die Stadt mit dem Beirat für Menschen mit Behinderungen fest.",
        "Das Gesetz verlangt es seit 2022. Wer im Rollstuhl sitzt oder einen Kinderwagen schiebt, kann nicht warten.",
        "Alle sollen in den Bus kommen. Auch mit Rollstuhl. Auch mit Kinderwagen.",
        (ADMINISTRATION, TRANSPORT),
        no=0,
        abstained=0,
    ),
    Said(
        "Rufbus für Neuhof und die Dörfer",
        "Bus und Bahn",
        "In Neuhof und den Ortsteilen ohne Linie fährt ein Rufbus, der mit einer Stunde Vorlauf auch am Telefon "
        "bestellt werden kann. Er kostet so viel wie der Linienbus.",
        "Eine leere Linie hilft niemandem, kein Bus aber auch nicht. Wer keine App hat, muss anrufen können: "
        f"{NAME} aus Neuhof geht zu Fuß in die Stadt, seit ihr Bus nicht mehr fährt.",
        "In Neuhof soll ein Bus kommen, wenn man ihn ruft. Man kann auch anrufen.",
        (TRANSPORT,),
        no=1,
        abstained=3,
    ),
    Said(
        "Anwohnerparken kostet nach Größe des Autos",
        "Auto",
        "Der Ausweis für das Parken im Wohngebiet kostet nach der Fläche des Autos: kleine zahlen weniger, große mehr. "
        "Menschen mit Behinderung und Pflegedienste zahlen nichts. Die Einnahmen gehen in Bus und Rad.",
        "Öffentlicher Raum ist knapp. Wer mehr davon braucht, soll mehr dafür zahlen.",
        "Große Autos brauchen mehr Platz. Sie sollen beim Parken mehr bezahlen.",
        no=8,
        abstained=2,
    ),
    Said(
        "Einmal im Jahr wird berichtet, was sich geändert hat",
        "Für alle",
        "Die Stadt veröffentlicht jedes Jahr im März, wie sich Wege, Unfälle, Takte und Kosten verändert haben, und "
        "bespricht es in einer öffentlichen Sitzung mit den Mitgliedern dieses Bürgerrats.",
        "Ohne Zahlen weiß niemand, ob die Empfehlungen wirken.",
        "Die Stadt soll jedes Jahr sagen: Was ist besser geworden? Was nicht?",
        no=0,
        abstained=2,
    ),
)
"""Of the assembly about ways in the city; the last one is merged from two drafts."""
DISSENT = 7, "Wer viele Kinder hat, braucht ein großes Auto. Der Preis sollte vom Einkommen abhängen.", 6
"""The recommendation's number, what a minority thinks, and how many they are."""
ORIGINALS = (
    ("Berichte im Internet", "Die Stadt stellt Zahlen zum Verkehr ins Internet, jedes Jahr."),
    ("Den Bürgerrat noch einmal fragen", "Die Stadt lädt die Mitglieder nach einem Jahr noch einmal ein."),
)
REFUSED = ("Bus und Bahn kostenlos für alle", "Alle fahren in Auenfurt ohne Fahrschein, bezahlt aus der Grundsteuer.")
HEAT = (
    Said(
        "Ein Hitzetelefon für alle, die allein leben",
        "Nachbarschaft",
        "An Tagen mit Hitzewarnung ruft die Stadt alle an, die das möchten, fragt nach und schickt Hilfe.",
        "Die meisten Menschen, die an Hitze sterben, sind alt und allein in ihrer Wohnung.",
        "Wenn es sehr heiß ist, ruft die Stadt an. So ist niemand allein.",
        no=0,
    ),
    Said(
        "Kühle Räume in jedem Stadtteil",
        "Orte",
        "In jedem Stadtteil ist ein kühler Raum an heißen Tagen von 10 bis 20 Uhr offen: Bücherei, Kirche oder Schule.",
        "Nicht jede Wohnung wird nachts wieder kühl.",
        "In jedem Stadtteil gibt es einen kühlen Raum. Dort kann man sich ausruhen.",
        no=3,
    ),
)
SHADE = ("Schatten an allen Haltestellen", "Jede Haltestelle bekommt bis 2030 ein Dach und eine Bank.")
TREES = ("Bäume für den Bahnhofsplatz", "Auf dem Bahnhofsplatz stehen bis 2028 zwanzig große Bäume.")


def draft_about_heat(session: Session, assembly: Assembly, *, by: User) -> None:
    """Write the recommendations of a panel that still meets: two voted on early, one of them edited, and drafts."""
    edited = [_adopt(session, assembly, said, None, by=by) for said in HEAT][-1]
    clearer = {"text": edited.text.replace("von 10 bis 20 Uhr", "von 9 bis 21 Uhr")}
    editing.change(session, edited, dict(HEAT[-1].values) | clearer, version=edited.version, by=by)
    entry = drafting.open_entries(session, assembly)[0]
    drafts = [drafting.draft(session, assembly, _text(*SHADE), sources=[entry.id], by=by)]
    drafts.append(drafting.draft(session, assembly, _text(*TREES), by=by))
    common = _text("Schatten an Haltestellen und Plätzen", f"{SHADE[1]} {TREES[1]}")
    drafting.merge(session, assembly, drafts, common, by=by)
    drafting.draft(session, assembly, _text("Trinkbrunnen im Park", "In jedem Park steht ein Trinkbrunnen."), by=by)
    upload_from_elsewhere(session, assembly, by=by)


def close(session: Session, assembly: Assembly, *, by: User) -> list[Recommendation]:
    """Draft, merge and vote today on what the assembly about ways hands over; return what was adopted."""
    event = _closing_event(session, assembly, by=by)
    *singles, merged = HANDED_OVER
    adopted = [_adopt(session, assembly, said, event, by=by) for said in singles]
    originals = [drafting.draft(session, assembly, _text(*one), by=by) for one in ORIGINALS]
    common = drafting.merge(session, assembly, originals, merged.values, by=by)
    adopted.append(_vote(session, assembly, common, merged, event, by=by))
    refused = Said(REFUSED[0], "Bus und Bahn", REFUSED[1], "", "", no=17)
    _adopt(session, assembly, refused, event, by=by)
    number, text, supporters = DISSENT
    minority.attach(session, adopted[number - 1], text, supporters, by=by)
    return adopted


def hand_over(session: Session, assembly: Assembly, recommendations: Sequence[Recommendation], *, by: User) -> Handover:
    """Hand what was adopted over today."""
    return handing_over.hand_over(
        session,
        assembly,
        recommendations,
        handed_over_on=today(),
        received_by="Oberbürgermeisterin Henrike Thormann, in der Sitzung des Stadtrats",
        by=by,
    )


def _closing_event(session: Session, assembly: Assembly, *, by: User) -> Event:
    values = {
        "kind": EventKind.PLENARY,
        "title": CLOSING,
        "starts_at": times.moment(today(), dt.time(10)),
        "ends_at": times.moment(today(), dt.time(16)),
    }
    event = events.add_event(session, assembly, values, by=by)
    events.publish(session, event, by=by)
    return event


def _adopt(session: Session, assembly: Assembly, said: Said, event: Event | None, *, by: User) -> Recommendation:
    return _vote(session, assembly, drafting.draft(session, assembly, said.values, by=by), said, event, by=by)


def _vote(
    session: Session, assembly: Assembly, one: Recommendation, said: Said, event: Event | None, *, by: User
) -> Recommendation:
    drafting.address(session, one, said.addressees, by=by)
    present = adopting.panel_size(session, assembly) - 1
    votes = Votes(present - said.no - said.abstained, said.no, said.abstained, present)
    adopting.record(session, one, Ballot(one.version, votes), counted_on=today(), event=event, by=by)
    return one


def _text(title: str, text: str) -> Mapping[str, str]:
    return {"title": title, "text": text}


ELSEWHERE = (
    ("Nummer", "Titel", "Empfehlung", "Begründung", "Thema", "Ja", "Nein", "Enthaltungen", "Anwesend"),
    (
        *("41", "Schattige Haltestellen", "Jede Haltestelle bekommt bis 2030 ein Dach oder einen Baum."),
        *("Wer wartet, steht heute in der Sonne.", "Bus und Bahn", "19", "2", "1", "22"),
    ),
    ("42", "Trinkbrunnen", "An jedem Platz steht ein Trinkbrunnen.", "", "Plätze", "20", "1", "1", "22"),
    ("43", "Kühle Räume", "Bibliothek und Rathaus öffnen an heißen Tagen länger.", *[""] * 6),
)
"""What a youth panel adopted on its own; the last one came too late for its vote."""


def upload_from_elsewhere(session: Session, assembly: Assembly, *, by: User) -> None:
    """Upload what the youth panel recommends; it is still to be looked at and imported."""
    name = "Empfehlungen Jugendrat.csv"
    content = "".join(";".join(row) + "\n" for row in ELSEWHERE).encode()
    importing.upload(session, assembly, content, name=name, counted_on=today(), by=by)
