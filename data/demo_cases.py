"""Seeds what became of recommendations in the year after their handover: kept promises, late ones, and all outcomes."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import sqlalchemy as sa
from demo_days import NOTICE, PAPER, numbered, working_from
from sqlalchemy.orm import Session

from assembly.models import Addressee, Assembly, Case, Move, Recommendation, User
from assembly.services.daily import today
from assembly.services.follow_up import cases
from assembly.services.follow_up.transitions import TABLE, Actor

COUNCIL = "Stadtrat Auenfurt"
ADMINISTRATION, TRANSPORT = 1, 2
LINK = "https://ris.auenfurt.example/vorgang/"
MEETING = {"body": COUNCIL, "is_public": True, "link": f"{LINK}sitzung"}
MINUTES = {"link": f"{LINK}niederschrift"}
On = Callable[[int], AbstractContextManager[None]]


@dataclasses.dataclass(frozen=True, slots=True)
class Taken:
    """A step so many days after the handover, in the case of the recommendation whose title begins so.

    What the council does is a multiple of the four weeks between its sittings.
    """

    days: int
    title: str
    addressee: int
    move: Move
    values: dict[str, Any]


def follow(session: Session, assembly: Assembly, on: On, handed_over: int, *, by: User) -> None:
    """Take all steps in the order of time; `on` lets things happen on a day, `handed_over` is that of the handover."""
    found, last = _cases(session, assembly), 0
    for step in sorted(steps(), key=lambda one: one.days):
        for day in range(last, step.days):
            with on(handed_over + day):
                cases.resume_due(session, assembly)
        last = step.days
        with on(handed_over + step.days):
            case = next(
                case
                for (title, number), case in found.items()
                if (step.addressee, True) == (number, title.startswith(step.title))
            )
            actor = (
                Actor.GROUP
                if Actor.GROUP in TABLE[step.move].actors and step.move is not Move.CORRECT
                else Actor.OFFICE
            )
            values = {name: value() if callable(value) else value for name, value in step.values.items()}
            cases.move(session, case, step.move, values, actor=actor, by=by)
    with on(0):
        cases.resume_due(session, assembly)


def _cases(session: Session, assembly: Assembly) -> dict[tuple[str, int], Case]:
    rows = session.execute(
        sa.select(Recommendation.title, Addressee.number, Case)
        .join(Case.recommendation)
        .join(Case.addressee)
        .where(Case.assembly_id == assembly.id)
    )
    return {(title, number): case for title, number, case in rows}


def steps() -> Iterator[Taken]:
    """Yield all steps, case by case."""
    yield from _cycle_path()
    yield from _speed_limit()
    yield from _bus_stops()
    yield from _parking()
    yield from _buses()
    yield from _ticket()
    yield from _on_call()
    yield from _yearly_report()


def _until_debate(
    title: str, unit: str, answer: dict[str, Any], answered: int = 80, to: int = ADMINISTRATION
) -> Iterator[Taken]:
    """Yield the assignment, the answer, the public debate, and the minutes on time."""
    yield Taken(6, title, to, Move.ASSIGN, {"unit": unit})
    yield Taken(12, title, to, Move.BEGIN_REVIEW, {})
    yield Taken(answered, title, to, Move.ANSWER, answer)
    yield Taken(112, title, to, Move.DEBATE, MEETING)
    yield Taken(128, title, to, Move.MINUTES, MINUTES)


def _decided(
    title: str, outcome: str, place: int, votes: tuple[int, int, int], to: int = ADMINISTRATION, **more: Any
) -> Taken:
    """Return the decision, the `place`-th of its day."""
    yes, no, abstained = votes
    series, paper = ("VV ", "VV-VO") if to == TRANSPORT else ("", PAPER)
    resolution = {
        "paper": lambda: f"{paper} {numbered(today() - NOTICE, place)}: Empfehlungen des Bürgerrats Mobilität",
        "paper_link": f"{LINK}vorlage",
        "resolution": lambda: f"{series}{numbered(today(), place)}",
        "yes": yes,
        "no": no,
        "abstained": abstained,
        "link": lambda: f"{LINK}{numbered(today(), place).replace('/', '-')}",
    }
    return Taken(168, title, to, Move.DECIDE, {"outcome": outcome} | resolution | more)


def _answer(outcome: str, summary: str, reasons: str, *, legal: str, financial: str, **more: Any) -> dict[str, Any]:
    signed = "Baudezernent Jonas Reuter, für die Oberbürgermeisterin"
    texts = {"summary": summary, "reasons": reasons, "legal": legal, "financial": financial, "signed_by": signed}
    return {"outcome": outcome} | texts | more


def _in(days: int) -> Callable[[], dt.date]:
    """Return a working day so many days from the day on which it is said."""
    return lambda: working_from(today() + dt.timedelta(days=days))


def _letter(letter: str) -> Callable[[], str]:
    """Return the number of a letter of the transport association, with the year in which it is written."""
    return lambda: f"VV {today().year}-{letter}"


def _milestones(*those: tuple[str, int]) -> Callable[[], list[dict[str, Any]]]:
    """Return milestones, each so many days from the day on which it is said."""
    return lambda: [{"milestone": text, "until": _in(days)()} for text, days in those]


def _measure(measure: str, unit: str, budget: str, begins: int, ends: int) -> dict[str, Any]:
    return {"measure": measure, "unit": unit, "budget": budget, "starts_on": _in(begins), "ends_on": _in(ends)}


def _cycle_path() -> Iterator[Taken]:
    title, unit = "Durchgehender Radweg", "Tiefbauamt"
    measure = _measure(
        "Radweg vom Hafen zum Bahnhof, 2,4 km, baulich getrennt, in zwei Bauabschnitten.", unit, "in_budget", 280, 700
    )
    yield from _until_debate(
        title,
        unit,
        _answer(
            "accepted",
            "Die Stadt baut den Radweg. Der Bau beginnt, sobald die Aufträge vergeben sind.",
            "Die Strecke ist der Unfallschwerpunkt im Radverkehr. Der Platz reicht aus, wenn eine Parkreihe entfällt.",
            legal="Die Widmung als Radweg ist ohne Planfeststellung möglich (Art. 6 BayStrWG).",
            financial="1,9 Millionen Euro, davon 70 Prozent Förderung; der Eigenanteil steht im Haushalt.",
            **measure,
        ),
    )
    yield _decided(title, "accepted", 1, (29, 8, 2))
    milestones = _milestones(
        ("Förderbescheid des Landes", 30),
        ("Ausführungsplanung fertig", 70),
        ("Bauaufträge vergeben", 150),
        ("Erster Abschnitt (Hafen bis Markt) befahrbar", 420),
        ("Zweiter Abschnitt (Markt bis Bahnhof) befahrbar", 690),
    )
    plan = {"milestones": milestones, "planned": 1_900_000, "starts_on": _in(175)}
    yield Taken(185, title, ADMINISTRATION, Move.IMPLEMENT, measure | plan)
    progress = (
        "Der Förderbescheid ist da. Die Ausführungsplanung dauert länger, weil am Markt Leitungen umgelegt werden."
    )
    granted = {"evidence": f"{LINK}foerderbescheid", "reached": [1], "spent": 140_000}
    yield Taken(250, title, ADMINISTRATION, Move.REPORT, {"progress": progress, "percent": 15} | granted)
    progress = "Die Planung ist fertig, die Aufträge sind ausgeschrieben. Danach beginnt der erste Bauabschnitt."
    plans = [
        {"shows": "Ausführungsplan mit allen Kreuzungen", "link": f"{LINK}ausfuehrungsplan"},
        {"shows": "Ausschreibung", "link": f"{LINK}ausschreibung"},
    ]
    planned = {"more_evidence": plans, "reached": [1, 2], "spent": 265_000}
    yield Taken(335, title, ADMINISTRATION, Move.REPORT, {"progress": progress, "percent": 30} | planned)


def _speed_limit() -> Iterator[Taken]:
    title, unit = "Tempo 30", "Straßenverkehrsamt"
    changed = (
        "Vor allen Schulen, Kitas, Krankenhäusern und Pflegeheimen gilt Tempo 30, auf 300 Metern, von 6 bis 22 Uhr."
    )
    measure = _measure("Schilder an 34 Stellen.", unit, "in_budget", 20, 120)
    answer = _answer(
        "with_changes",
        "Tempo 30 kommt, aber nur am Tag.",
        "Nachts sind sie geschlossen; die Straßenverkehrsordnung verlangt einen Grund für jede Beschränkung.",
        legal="§ 45 Abs. 9 Satz 4 Nr. 6 StVO erlaubt Tempo 30 vor diesen Einrichtungen in der Regel zu Betriebszeiten.",
        financial="12 000 Euro aus dem laufenden Haushalt.",
        changed_text=changed,
        changed_why="Die Straßenverkehrsordnung lässt rund um die Uhr nur mit besonderer Begründung zu.",
        **measure,
    )
    yield from _until_debate(title, unit, answer, answered=71)
    reply = "Wir verstehen die Änderung. Vor dem Krankenhaus muss Tempo 30 aber auch nachts gelten."
    yield Taken(90, title, ADMINISTRATION, Move.REPLY, {"step": 3, "reply": reply})
    yield _decided(title, "with_changes", 2, (33, 4, 2), changed_text=changed)
    milestones = _milestones(
        ("Anordnung für alle 34 Stellen", 21), ("Schilder vor Schulen und Kitas", 45), ("Alle Schilder stehen", 75)
    )
    yield Taken(180, title, ADMINISTRATION, Move.IMPLEMENT, measure | {"milestones": milestones, "planned": 12_000})
    begun = {"progress": "Vor allen Schulen und Kitas gilt Tempo 30.", "percent": 60, "reached": [1, 2], "spent": 7_400}
    yield Taken(220, title, ADMINISTRATION, Move.REPORT, begun)
    done = {"progress": "Alle 34 Schilder stehen.", "percent": 100, "reached": [1, 2, 3], "spent": 11_650}
    proof = {
        "evidence": f"{LINK}tempo30-karte",
        "more_evidence": [
            {"shows": "Fotos aller Schilder", "link": f"{LINK}tempo30-fotos"},
            {"shows": "Schlussrechnung", "link": f"{LINK}tempo30-rechnung"},
        ],
    }
    yield Taken(255, title, ADMINISTRATION, Move.REPORT, done | proof)
    summary = "Alle Schilder stehen, vor dem Krankenhaus gilt Tempo 30 auch nachts. Die Unfälle gingen zurück."
    yield Taken(308, title, ADMINISTRATION, Move.REVIEW, MEETING | {"summary": summary, "result": "carried_out"})
    yield Taken(336, title, ADMINISTRATION, Move.CLOSE, MEETING)


def _bus_stops() -> Iterator[Taken]:
    title = "Jede Haltestelle"
    answer = _answer(
        "to_be_examined",
        "Die Stadt prüft erst, was jede Haltestelle kostet.",
        "Für 112 Haltestellen liegt keine Bestandsaufnahme vor.",
        legal="Das Personenbeförderungsgesetz verlangt vollständige Barrierefreiheit seit 2022 (§ 8 Abs. 3 PBefG).",
        financial="Die Bestandsaufnahme kostet 60 000 Euro.",
        examination="Bestandsaufnahme aller Haltestellen mit dem Beirat für Menschen mit Behinderungen.",
    )
    yield from _until_debate(title, "Amt für Mobilität", answer)
    yield _decided(title, "to_be_examined", 3, (38, 0, 1))


def _parking() -> Iterator[Taken]:
    title = "Anwohnerparken"
    answer = _answer(
        "rejected",
        "Die Stadt lehnt das ab. Der Preis bleibt für alle gleich.",
        "Eine Staffelung nach Fläche würde für jeden Ausweis eine Prüfung der Fahrzeugpapiere verlangen.",
        legal="Das Land erlaubt eine Staffelung; das Bundesverwaltungsgericht hat ihr 2023 Grenzen gesetzt.",
        financial="Mehreinnahmen von 90 000 Euro stünden 140 000 Euro Personalkosten gegenüber.",
        ground="not_effective",
        ground_words="Der Aufwand wäre höher als der Ertrag.",
        alternatives="Geprüft wurde ein höherer Preis für den zweiten Ausweis; dazu kommt eine eigene Vorlage.",
    )
    yield from _until_debate(title, "Ordnungsamt", answer)
    reply = "Mit den Zahlen der Zulassungsstelle geht es ohne Prüfung jedes Ausweises. Andere Städte machen das."
    yield Taken(95, title, ADMINISTRATION, Move.REPLY, {"step": 3, "reply": reply})
    yield _decided(title, "rejected", 4, (21, 17, 1))
    yield Taken(224, title, ADMINISTRATION, Move.CLOSE, MEETING)


def _buses() -> Iterator[Taken]:
    title, unit = "Busse fahren auch abends", "Amt für Mobilität"
    measure = _measure("30-Minuten-Takt bis 23 Uhr auf fünf Linien, danach auf allen.", unit, "applied_for", 200, 560)
    answer = _answer(
        "accepted",
        "Der Takt kommt in zwei Schritten.",
        "Die Nachfrage am Abend ist auf fünf Linien gesichert, auf den übrigen wird sie erprobt.",
        legal="Der Verkehrsvertrag lässt Zubestellungen zu.",
        financial="2,1 Millionen Euro im Jahr; im Haushaltsentwurf beantragt.",
        **measure,
    )
    yield from _until_debate(title, unit, answer)
    yield _decided(title, "accepted", 5, (25, 12, 2))
    yield Taken(190, title, ADMINISTRATION, Move.IMPLEMENT, measure)
    yield Taken(27, title, TRANSPORT, Move.ASSIGN, {"unit": "Angebotsplanung"})
    yield Taken(40, title, TRANSPORT, Move.BEGIN_REVIEW, {})


def _ticket() -> Iterator[Taken]:
    title = "Ein Sozialticket"
    postponed = {"postponed_until": _in(140)}
    answer = _answer(
        "postponed",
        "Darüber wird mit dem nächsten Haushalt entschieden.",
        "Ob das Land ein Sozialticket fördert, steht erst mit dem Landeshaushalt fest.",
        legal="Als freiwillige Leistung zulässig.",
        financial="Zwischen 0,4 und 1,1 Millionen Euro im Jahr, je nach Förderung.",
        **postponed,
    )
    yield from _until_debate(title, "Sozialamt", answer)
    yield _decided(title, "postponed", 6, (30, 7, 2), postponed_until=_in(120))
    forwarded = {"receiver": "Ministerium für Verkehr", "letter": _letter("0417"), "letter_on": today}
    competent = _answer(
        "not_competent",
        "Über Tarife entscheidet das Land mit.",
        "Ein neuer Tarif braucht die Zustimmung der Genehmigungsbehörde des Landes.",
        legal="§ 39 PBefG.",
        financial="Ohne Zustimmung keine.",
        **forwarded,
    )
    yield from _until_debate(title, "Tarif und Vertrieb", competent, to=TRANSPORT)
    yield _decided(title, "not_competent", 1, (14, 2, 1), TRANSPORT)
    letter = {"receiver": "Ministerium für Verkehr", "letter": _letter("0533")}
    yield Taken(180, title, TRANSPORT, Move.FORWARD, letter)
    reply = "Das Ministerium stimmt einem Tarif zu, sobald die Stadt den Ausgleich zusagt."
    yield Taken(255, title, TRANSPORT, Move.FORWARDED_REPLY, {"reply": reply, "letter": lambda: f"IV-7/{today().year}"})
    yield Taken(280, title, TRANSPORT, Move.CLOSE, MEETING | {"body": "Verbandsversammlung"})


def _on_call() -> Iterator[Taken]:
    title, unit = "Rufbus", "Angebotsplanung"
    measure = _measure(
        "Rufbus für Neuhof und vier Ortsteile, bestellbar per Telefon und App.", unit, "in_budget", 90, 240
    )
    evasive = _answer(
        "to_be_examined",
        "Der Verkehrsverbund denkt darüber nach.",
        "Das Anliegen ist wichtig und wird in die weiteren Überlegungen einbezogen.",
        legal="Keine Bedenken.",
        financial="Noch nicht beziffert.",
        examination="In den weiteren Überlegungen.",
    )
    better = _answer(
        "accepted",
        "Der Rufbus kommt, mit Telefon.",
        "Fünf Ortsteile haben keine Linie. Ein Rufbus kostet dort weniger als ein halbleerer Linienbus.",
        legal="Als Linienbedarfsverkehr genehmigungsfähig (§ 44 PBefG).",
        financial="180 000 Euro im Jahr, im Haushalt.",
        **measure,
    )
    yield Taken(8, title, TRANSPORT, Move.ASSIGN, {"unit": unit})
    yield Taken(15, title, TRANSPORT, Move.BEGIN_REVIEW, {})
    yield Taken(78, title, TRANSPORT, Move.ANSWER, evasive)
    asked = "Die Stellungnahme sagt weder, was geprüft wird, noch bis wann. Wir bitten um eine Antwort mit Zahlen."
    yield Taken(86, title, TRANSPORT, Move.ASK_BETTER, {"reasons": asked})
    yield Taken(105, title, TRANSPORT, Move.ANSWER, better)
    yield Taken(112, title, TRANSPORT, Move.DEBATE, MEETING | {"body": "Verbandsversammlung"})
    yield Taken(128, title, TRANSPORT, Move.MINUTES, MINUTES)
    yield _decided(title, "accepted", 2, (15, 1, 1), TRANSPORT)
    yield Taken(182, title, TRANSPORT, Move.IMPLEMENT, measure)
    progress = "Der Betreiber ist gefunden, das Telefon wird ab dem nächsten Monat besetzt."
    yield Taken(250, title, TRANSPORT, Move.REPORT, {"progress": progress, "percent": 60})


def _yearly_report() -> Iterator[Taken]:
    title = "Einmal im Jahr wird berichtet"
    answer = _answer(
        "already_done",
        "Diesen Bericht gibt es schon. Er wird verständlicher.",
        "Der Mobilitätsbericht erscheint seit 2024 jedes Jahr im März.",
        legal="Keine Bedenken.",
        financial="Keine zusätzlichen Kosten.",
        done_link=f"{LINK}mobilitaetsbericht",
        adds="Künftig stehen darin auch die Kosten, und er wird in einer öffentlichen Sitzung vorgestellt.",
    )
    yield from _until_debate(title, "Amt für Mobilität", answer, answered=60)
    yield _decided(title, "already_done", 7, (39, 0, 0))
    yield Taken(224, title, ADMINISTRATION, Move.CLOSE, MEETING)
