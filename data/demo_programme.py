"""Seeds the programme of the demo's drawn panel: a site visit lies behind it, an expert input is tomorrow."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from demo_days import Days
from demo_visit import Visit
from sqlalchemy.orm import Session

from assembly.models import (
    Assembly,
    AttendanceState,
    BookingState,
    Channel,
    ConsentKind,
    Event,
    EventKind,
    ExpertRole,
    ExpertState,
    Gender,
    ItemKind,
    Mail,
    MailState,
    MaterialKind,
    Mode,
    NeedKind,
    NeedState,
    Openness,
    RequestKind,
    Role,
    Status,
    User,
)
from assembly.services import mail as outbox
from assembly.services.attendance import noting, people
from assembly.services.experts import asking, inputs, inviting, questions
from assembly.services.features import features_of
from assembly.services.materials import publishing
from assembly.services.materials.publishing import Content
from assembly.services.members import access, consents
from assembly.services.messages import announcements, reminders, telling, truth
from assembly.services.needs import bookings, providers
from assembly.services.needs.people import answer, needs_of
from assembly.services.panel import calling
from assembly.services.programme import agenda, events, feedback, places, times
from assembly.services.tables import computing, plans
from sortition.tables import make_tables

TOWN_HALL = {
    "name": "Rathaus Auenfurt",
    "street": "Marktplatz 1",
    "postcode": "62101",
    "city": "Auenfurt",
    "transit_stop": "Marktplatz (Linien 3 und 7)",
    "directions": "Vom Halt über den Platz; stufenlos durch den Nordeingang, dort ist ein Aufzug.",
    "is_step_free": True,
    "has_accessible_toilet": True,
    "has_quiet_room": True,
}
SQUARE = {
    "name": "Bahnhofsplatz",
    "street": "Bahnhofstraße 40",
    "postcode": "62103",
    "city": "Auenfurt",
    "transit_stop": "Bahnhof (alle Linien)",
    "directions": "Treffpunkt ist der Pavillon an der Nordseite. Alle Wege sind gepflastert und ohne Stufen.",
    "is_step_free": True,
}
OPENING = "Auftakt: einander und die Frage kennenlernen"
VISIT = "Ortsbegehung: Hitze am Bahnhofsplatz"
HEARING = "Öffentliche Anhörung"
QUESTIONS = "Fragen an die Verwaltung"
DRAFTING = "Empfehlungen entwerfen"
TO_BRING = "Feste Schuhe, Kleidung für jedes Wetter, etwas zu trinken"
INPUT = "Wissenschaft und Pflege zur Hitze"
PROVIDERS: tuple[dict[str, Any], ...] = (
    {
        "name": "Dana Sommer, Gebärdensprachdolmetschen",
        "contact": "dolmetschen@example.org, 06201 555-20",
        "kinds": [NeedKind.SIGN_LANGUAGE.value],
    },
    {
        "name": "Kinderhaus Auenfurt",
        "contact": "kinderhaus@example.org, 06201 555-30",
        "kinds": [NeedKind.CHILDCARE.value],
        "is_one_person": False,
    },
)
ANSWERS = {
    NeedKind.MOBILITY: (NeedState.ARRANGED, "Ein Platz ohne Stufen ist vorn rechts frei; Hilfe am Nordeingang."),
    NeedKind.DIET: (NeedState.ARRANGED, "Die Küche weiß Bescheid; das Essen ist mit Ihrem Namen gekennzeichnet."),
    NeedKind.SPOKEN_LANGUAGE: (
        NeedState.DECLINED,
        "Für diesen Abend war niemand zu finden. Die Folien gibt es vorab auf Ukrainisch.",
    ),
}
OPENING_AGENDA = (
    ("Begrüßung durch die Stadt", ItemKind.PLENARY, 20, "Bürgermeisteramt"),
    ("Wer wir sind", ItemKind.SMALL_GROUPS, 60, "Tischmoderation"),
    ("Pause", ItemKind.BREAK, 20, ""),
    ("Wie wir arbeiten wollen", ItemKind.PLENARY, 60, "Moderation"),
)
INPUT_AGENDA = (
    ("Ankommen und Rückblick auf die Ortsbegehung", ItemKind.PLENARY, 20, "Moderation"),
    ("Was Hitze mit einer Stadt macht", ItemKind.INPUT, 30, "Prof. Dr. Ada Blume, Hochschule Auenfurt"),
    ("Was Pflegende im Sommer erleben", ItemKind.INPUT, 20, "Mert Yıldız, Pflegedienst"),
    ("Pause", ItemKind.BREAK, 15, ""),
    ("Fragen sammeln an den Tischen", ItemKind.SMALL_GROUPS, 50, "Tischmoderation"),
    ("Antworten und Ausblick", ItemKind.PLENARY, 30, "Moderation"),
)
QUESTION = "Was hilft zuerst gegen die Hitze: Schatten, Wasser oder weniger Verkehr?"
PERSPECTIVES = ("Stadtgrün und Klima", "Handel und Verkehr", "Menschen, die Hitze besonders trifft")
BLUME = ("Prof. Dr. Ada Blume", "Hochschule Auenfurt", "Prof. Dr. Ada Blume, Hochschule Auenfurt")
YILDIZ = ("Mert Yıldız", "Pflegedienst Auenfurt", "Mert Yıldız, Pflegedienst")
KRAUS = ("Toni Kraus", "Handelsverein Marktplatz", "")
"""An expert's name and affiliation, and who is in charge of the agenda's item in which they speak."""
SUMMARY = "Hitze in Auenfurt\n\nAn 21 Tagen im Jahr ist es heute heißer als 30 Grad. 1990 waren es 8.\n"
MESSAGE = {
    "subject": "Kommen Sie morgen?",
    "text": "bitte sagen Sie uns bis morgen Mittag, ob Sie kommen. Dann reichen Essen und Stühle für alle.",
    "plain_text": "Kommen Sie morgen?\nBitte sagen Sie es uns bis 12 Uhr.\nDann reicht das Essen für alle.",
    "english_subject": "Are you coming tomorrow?",
    "english_text": "Please tell us by noon tomorrow whether you are coming. Then there is enough food for everybody.",
}
DRAFT = {
    "subject": "Fotos von der Ortsbegehung",
    "text": "die Fotos vom Bahnhofsplatz sind da. Sie liegen beim nächsten Treffen am Eingang aus.",
    "plain_text": "",
    "english_subject": "",
    "english_text": "",
}
ANSWER = "Die Stadt aus ihrem Haushalt; das Land fördert die Hälfte, wenn der Antrag rechtzeitig gestellt ist."
TABLE_LEADS = ("Nadja Wirth", "Emre Kaya", "Luise Brandt")
FEEDBACK = (
    ((5, 5, 4, 5, 4), "Endlich reden alle miteinander.", ""),
    ((4, 4, 3, 5, 5), "", "Kürzere Vorträge, mehr Zeit an den Tischen."),
    ((3, 4, 4, 4, 2), "Die Pausen.", "Der Weg vom Bahnhof war schlecht beschildert."),
    ((5, 4, 5, 5, 5), "Die Stadtplanerin hat alle Fragen beantwortet.", ""),
    ((2, 3, 4, 4, 4), "", "Bei so vielen kam ich kaum zu Wort."),
)
"""Ratings in the order of the statements, what was good, what should be different."""


@dataclasses.dataclass(frozen=True, slots=True)
class Meetings:
    """The months after the draw; `today` is the day of the demo."""

    session: Session
    assembly: Assembly
    staff: Mapping[Role, User]
    today: dt.date

    def plan(self) -> None:
        """Plan everything, and publish all but the last event."""
        hall, yard = self._rooms()
        days = Days(self.today)
        opening = self._event((-5, 17, 20), EventKind.PLENARY, OPENING, hall)
        visit = self._event((-2, 14, 16), EventKind.SITE_VISIT, VISIT, yard, to_bring=TO_BRING, is_published=False)
        Visit(self.session, visit, self._organiser).describe()
        events.publish(self.session, visit, by=self._organiser)
        tomorrow = self._event((1, 17, 20), EventKind.EXPERT_INPUT, INPUT, hall)
        for event, items in ((opening, OPENING_AGENDA), (tomorrow, INPUT_AGENDA)):
            for title, kind, minutes, in_charge in items:
                values = {"title": title, "kind": kind, "minutes": minutes, "in_charge": in_charge}
                agenda.add_item(self.session, event, values, by=self._organiser)
        self._event((days.working(9), 18, 20), EventKind.PUBLIC_HEARING, HEARING, hall)
        self._event((days.working(13), 15, 17), EventKind.ONLINE_QUESTIONS, QUESTIONS, None)  # both may be on one day
        self._event((22, 10, 16), EventKind.SMALL_GROUPS, DRAFTING, hall)
        self._event((57, 10, 15), EventKind.CLOSING, "Empfehlungen beschließen", hall, is_published=False)

    def change(self) -> None:
        """Let the hearing begin later, and cancel the questions online."""
        planned = {event.title: event for event in events.events_of(self.session, self.assembly)}
        events.change_event(
            self.session,
            planned[HEARING],
            {"starts_at": planned[HEARING].starts_at + dt.timedelta(hours=1)},
            note="Die Anhörung beginnt eine Stunde später, um 19 Uhr.",
            by=self._organiser,
        )
        reason = "Die Verwaltung beantwortet die Fragen nun schriftlich."
        events.cancel(self.session, planned[QUESTIONS], reason=reason, by=self._organiser)

    def prefer_letters(self) -> None:
        """Let a member read letters only; of the event of tomorrow they are to be told on the phone."""
        listed = people.people_of(self.session, self.planned(INPUT))
        last = [one.member for one in listed if one.member.respondent.status is Status.CONFIRMED][-1]
        calling.set_preferences(self.session, last, channel=Channel.LETTER, language="de", by=self._organiser)

    def remind(self, page: str) -> None:
        """Let members be told of what has changed and reminded of what is to come, as the worker does."""
        telling.tell(self.session, self.assembly, page=page, has_gateway=False)
        reminders.write_due(self.session, self.assembly, page=page, has_gateway=False)

    def deliver(self) -> None:
        """Count all mails to members about events as sent; letters still have to be printed."""
        waiting = sa.select(Mail).where(Mail.template.in_(truth.TEMPLATES), Mail.state == MailState.QUEUED)
        for mail in self.session.scalars(waiting).all():
            outbox.move(self.session, mail.id, MailState.SENDING)
            outbox.record_sent(self.session, mail, "250 2.0.0 Ok")

    def write(self, page: str) -> None:
        """Send a message to those who have not said whether they come tomorrow, and begin another one."""
        values = {"audience": "unanswered", "event_id": self.planned(INPUT).id, "table_number": None, **MESSAGE}
        sent = announcements.draft(self.session, self.assembly, values, by=self._organiser)
        announcements.send(self.session, sent, page=page, has_gateway=False, by=self._organiser)
        self.deliver()
        values = {"audience": "all", "event_id": None, "table_number": None, **DRAFT}
        announcements.draft(self.session, self.assembly, values, by=self._organiser)

    def support(self) -> None:
        """Arrange for the next two events what members need, decline one thing, and leave the rest to be done."""
        planned = {event.title: event for event in events.events_of(self.session, self.assembly)}
        tomorrow, hearing, drafting = planned[INPUT], planned[HEARING], planned[DRAFTING]
        interpreter, childcare = (
            providers.add_provider(self.session, self.assembly, values, by=self._support) for values in PROVIDERS
        )
        for event, provider, kind, number, to in (
            (tomorrow, interpreter, NeedKind.SIGN_LANGUAGE, 1, BookingState.BOOKED),
            (tomorrow, childcare, NeedKind.CHILDCARE, 2, BookingState.BOOKED),
            (hearing, interpreter, NeedKind.SIGN_LANGUAGE, 1, BookingState.BOOKED),
            (drafting, interpreter, NeedKind.SIGN_LANGUAGE, 1, BookingState.BOOKED),
            (drafting, childcare, NeedKind.CHILDCARE, 2, BookingState.ASKED),
        ):
            values = {"kind": kind, "provider_id": provider.id, "people": number}
            booking = bookings.add_booking(self.session, event, values, by=self._support)
            bookings.move(self.session, booking, to, by=self._support)
        for need, respondent in needs_of(self.session, self.assembly):
            for event in (tomorrow, hearing):
                if need.kind in ANSWERS:
                    state, text = ANSWERS[need.kind]
                    answer(self.session, need, respondent, event, state=state, text=text, by=self._support)

    def inform(self) -> None:
        """Let two experts who disagree come to the input, and give members something to read and watch before."""
        event = self.planned(INPUT)
        question = questions.add_question(self.session, self.assembly, QUESTION, PERSPECTIVES, by=self._organiser)
        shade, cars, care = (perspective.id for perspective in question.perspectives)
        items = {item.in_charge: item for item in event.agenda if item.in_charge}
        for (name, affiliation, item), role, gender, interests, perspective in (
            (BLUME, ExpertRole.SCIENCE, Gender.FEMALE, "Leitet ein Forschungsvorhaben der Stadt.", shade),
            (YILDIZ, ExpertRole.AFFECTED, Gender.MALE, "Betreibt einen Pflegedienst in Auenfurt.", care),
            (KRAUS, ExpertRole.INTEREST_GROUP, None, "Vertritt den Einzelhandel am Marktplatz.", cars),
        ):
            said = {"name": name, "affiliation": affiliation, "role": role, "gender": gender, "interests": interests}
            values = said | {"proposed_by": "Mitglieder", "chosen_by": "Begleitgruppe des Bürgerrats"}
            expert = inviting.add_expert(
                self.session, self.assembly, values, perspectives=[perspective], by=self._organiser
            )
            for state in (ExpertState.INVITED, ExpertState.ACCEPTED):
                inviting.move(self.session, expert, state, by=self._organiser)
            minutes = items[item].minutes if item else 15
            inputs.add_input(self.session, expert, event, items.get(item), minutes=minutes, by=self._organiser)
        document = Content(file=publishing.looked_at(SUMMARY.encode(), clamd=None))
        video = Content(address="https://example.org/hitze", has_captions=True, transcript="Der Film zeigt den Platz.")
        for kind, title, content in (
            (MaterialKind.DOCUMENT, "Hitze in Auenfurt auf einer Seite", document),
            (MaterialKind.LINK, "Klimakarte des Landes", Content(address="https://example.org/klimakarte")),
            (MaterialKind.VIDEO, "Ein Sommertag am Bahnhofsplatz", video),
        ):
            about: dict[str, Any] = {
                "title": title,
                "language": "de",
                "source": "Stadt Auenfurt",
                "licence": "CC BY 4.0",
            }
            about |= {"event_id": event.id, "is_public": True, "is_to_read_before": kind is MaterialKind.DOCUMENT}
            made = publishing.add_material(self.session, self.assembly, kind, about, content, by=self._organiser)
            publishing.publish(self.session, made, by=self._organiser)
        answer = {"kind": RequestKind.QUESTION, "wording": "Wer bezahlt neue Bäume?", "is_published": True}
        asking.add_answer(self.session, self.assembly, answer | {"answer": ANSWER}, by=self._organiser)

    def ask(self) -> None:
        """Let a member ask something that nobody has answered yet."""
        listed = people.people_of(self.session, self.planned(INPUT))
        member = next(one.member for one in listed if one.member.respondent.status is Status.CONFIRMED)
        asking.ask(self.session, member, RequestKind.QUESTION, "Warum sind manche Brunnen abgestellt?")

    def attend(self, title: str) -> None:
        """Note who was at an event that is just over: all but one, one of them for half of it."""
        event = self.planned(title)
        *there, late, missing = people.people_of(self.session, event)
        for one in there:
            self._note(event, one, AttendanceState.PRESENT)
        self._note(event, late, AttendanceState.PRESENT_HALF)
        self._note(event, missing, AttendanceState.EXCUSED, reason="Spätschicht")

    def observe(self) -> None:
        """Write down what was seen on the site visit."""
        event = self.planned(VISIT)
        there = [one.member for one in people.people_of(self.session, event) if one.state is AttendanceState.PRESENT]
        confirmed = [one for one in there if one.respondent.status is Status.CONFIRMED]
        Visit(self.session, event, self._organiser).observe(confirmed)

    def rate(self, title: str) -> None:
        """Let members say how an event was, and publish the numbers."""
        event = self.planned(title)
        there = [one.member for one in people.people_of(self.session, event) if one.state is AttendanceState.PRESENT]
        for member, (ratings, good, better) in zip(there, FEEDBACK, strict=False):
            rated = dict(zip(feedback.Statement, ratings, strict=True))
            feedback.give(self.session, event, member.respondent_id, ratings=rated, good=good, better=better)
        feedback.publish(self.session, event, by=self._organiser)

    def seat(self) -> None:
        """Split tomorrow's people into tables, mixed by every feature, and show members where they sit."""
        event = self.planned(INPUT)
        listed = people.people_of(self.session, event)
        values = plans.usual(event, len(listed)) | {"near": [1], "leads": TABLE_LEADS}
        features = features_of(self.session, self.assembly)
        values |= {"diverse": [feature.id for feature in features if not feature.is_special_category]}
        plan = plans.describe(self.session, event, values, by=self._organiser)
        made = make_tables(computing.task_of(self.session, event, plan), seconds=1)
        computing.store(self.session, event, plan, made.seating, made.figures)
        plans.publish(self.session, event, by=self._organiser)

    def welcome(self) -> str:
        """Give members links to their own pages, and return the first one's; two members want to reach each other."""
        listed = people.people_of(self.session, self.planned(INPUT))
        confirmed = [one.member for one in listed if one.member.respondent.status is Status.CONFIRMED]
        first, second, *_ = confirmed
        for member in (first, second):
            consents.give(self.session, member, ConsentKind.CONTACT, by=None)
        access.renew_calendar(self.session, first, by=None)
        links = [access.renew(self.session, member, by=self._organiser).link for member in confirmed]
        return links[0]

    def planned(self, title: str) -> Event:
        """Return an event by its title."""
        return next(event for event in events.events_of(self.session, self.assembly) if event.title == title)

    def _note(self, event: Event, one: people.Listed, state: AttendanceState, *, reason: str = "") -> None:
        noting.note(self.session, event, one.member.respondent_id, state, reason=reason, by=self._organiser)

    @property
    def _support(self) -> User:
        return self.staff[Role.SUPPORT]

    @property
    def _organiser(self) -> User:
        return self.staff[Role.ORGANISER]

    def _rooms(self) -> tuple[int, int]:
        rooms = []
        for place, room in (
            (TOWN_HALL, {"name": "Großer Saal", "capacity": 80, "is_step_free": True, "has_induction_loop": True}),
            (SQUARE, {"name": "Pavillon", "capacity": 60, "is_step_free": True}),
        ):
            made = places.add_place(self.session, self.assembly, place, by=self._organiser)
            rooms.append(places.add_room(self.session, self.assembly, made, room, by=self._organiser).id)
        return rooms[0], rooms[1]

    def _event(
        self,
        when: tuple[int, int, int],
        kind: EventKind,
        title: str,
        room_id: int | None,
        *,
        to_bring: str = "",
        is_published: bool = True,
    ) -> Event:
        """Plan an event `when`: so many days from today, from one hour to another."""
        days, starts, ends = when
        on = self.today + dt.timedelta(days=days)
        is_hearing, is_online = kind is EventKind.PUBLIC_HEARING, room_id is None
        values = {
            "kind": kind,
            "title": title,
            "starts_at": times.moment(on, dt.time(starts)),
            "ends_at": times.moment(on, dt.time(ends)),
            "room_id": room_id,
            "mode": Mode.ONLINE if is_online else Mode.ON_SITE,
            "openness": Openness.PUBLIC if is_hearing else Openness.AGENDA_PUBLIC,
            "to_bring": to_bring,
        }
        led_by = self.staff[Role.FACILITATOR].id
        event = events.add_event(self.session, self.assembly, values, facilitators=[led_by], by=self._organiser)
        if is_published:
            events.publish(self.session, event, by=self._organiser)
        return event
