"""Seeds what the demo's site visit has: the way, and what was seen there, with a picture that is drawn here."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from assembly.models import ConsentKind, Event, Member, Surface, User
from assembly.services.members import consents
from assembly.services.site_visits import observations, photos, visits
from assembly.services.site_visits.pictures import photo_from

DETAILS: dict[str, Any] = {
    "meeting_point": "Pavillon an der Nordseite des Bahnhofsplatzes, unter der Uhr",
    "step_free_way": "Der ganze Weg ist ohne Stufen. Am Gleisbett geht es über die Rampe an der Ostseite.",
    "benches": "Am Pavillon, an der Lindenallee (alle 50 m) und an der Schule",
    "toilets": "Im Bahnhof (barrierefrei) und in der Schule",
    "group_size": 16,
    "transport": "Kleinbus vom Rathaus um 13:40 Uhr für alle, die nicht so weit gehen können oder wollen",
    "transport_seats": 8,
    "weather_plan": "Bei Hitze, Glätte oder Gewitter gehen wir nur bis zur Lindenallee und sprechen im Bahnhof weiter.",
    "safety_contact": "Sina Kern, Begleitung mit Erste-Hilfe-Tasche",
    "safety_phone": "06201 555-40",
    "remote_text": "Es gibt einen Film vom ganzen Weg mit Untertiteln. Fragen stellen Sie auf Ihrer Seite.",
    "remote_link": "https://example.org/weg-am-bahnhofsplatz",
    "plain_text": "Wir treffen uns am Pavillon. Wir gehen langsam. Wir machen viele Pausen. Es gibt keine Stufen.",
}
STOPS = (
    ("Bahnhofsplatz", 0, Surface.PAVING, "Messung an einem heißen Tag: 41 Grad auf dem Pflaster"),
    ("Lindenallee", 350, Surface.SMOOTH, "Schatten von 24 alten Linden"),
    ("Schulhof der Auenschule", 420, Surface.GRAVEL, "Entsiegelt im letzten Jahr"),
)
SEEN: tuple[dict[str, str], ...] = (
    {
        "seen": "Auf dem Platz gibt es keinen Schatten und eine einzige Bank. Sie steht mitten auf dem Pflaster.",
        "heard": "Händlerinnen sagen: Nach 14 Uhr bleibt im Sommer niemand stehen.",
        "questions": "Warum ist der Brunnen trocken?",
    },
    {
        "seen": "Unter den Linden steht Bank an Bank. An heißen Tagen bleiben hier viele sitzen.",
        "heard": "",
        "questions": "",
    },
)
IN_WORDS = "Ein weiter, gepflasterter Platz in der Sonne; nur am Rand stehen ein Pavillon und ein Baum."
SIZE = (1200, 750)


@dataclasses.dataclass(frozen=True, slots=True)
class Visit:
    """A site visit of the demo."""

    session: Session
    event: Event
    organiser: User

    def describe(self) -> None:
        """Say what members must know before."""
        visits.describe(self.session, self.event, DETAILS, by=self.organiser)
        for name, metres, surface, about in STOPS:
            values = {"name": name, "metres": metres, "surface": surface, "about": about}
            visits.add_stop(self.session, self.event, values, by=self.organiser)

    def observe(self, there: Sequence[Member]) -> None:
        """Write down what was seen, once by a member; publish it with a picture. Most agree to photos."""
        for one in there[3:]:
            consents.give(self.session, one, ConsentKind.PHOTO, by=None)
        member = there[-1]
        visit = visits.visit_of(self.session, self.event)
        stops = visit.stops if visit else []
        for stop, said, writer in zip(stops, SEEN, (None, member), strict=False):
            sheet = observations.write(
                self.session,
                self.event,
                said | {"stop_id": stop.id},
                respondent_id=writer.respondent_id if writer else None,
                by=None if writer else self.organiser,
            )
            if writer is None:
                photo = photos.add_photo(
                    self.session, sheet, photo_from(drawn_square(), clamd=None), IN_WORDS, by=self.organiser
                )
                photos.agree(self.session, sheet, photo, by=self.organiser)
            observations.publish(self.session, sheet, version=observations.version_of(sheet), by=self.organiser)


def drawn_square() -> bytes:
    """Return a picture of the square, drawn as a photo of nobody."""
    image = Image.new("RGB", SIZE, "#bfe3f5")
    draw = ImageDraw.Draw(image)
    draw.ellipse((980, 50, 1100, 170), fill="#ffd34d")
    draw.rectangle((0, 330, 1200, 420), fill="#c9b79c")  # the row of houses
    for left in range(20, 1200, 130):
        draw.rectangle((left, 200 + left % 60, left + 110, 420), fill="#d8c7ab" if left % 20 else "#c2a98a")
        for window in range(left + 15, left + 90, 35):
            draw.rectangle((window, 290, window + 18, 320), fill="#6d7f8c")
    draw.rectangle((0, 420, 1200, 750), fill="#b8b2a7")
    for row, top in enumerate(range(420, 750, 22)):
        draw.line((0, top, 1200, top), fill="#a39d92", width=2)
        for left in range(-40 + 30 * (row % 2), 1200, 60):
            draw.line((left, top, left, top + 22), fill="#a39d92", width=2)
    draw.rectangle((120, 380, 330, 520), fill="#7a4b35")
    draw.polygon(((90, 380), (225, 300), (360, 380)), fill="#5c3626")
    draw.rectangle((940, 430, 960, 540), fill="#6b4a2b")
    draw.ellipse((880, 320, 1020, 460), fill="#5f8f4e")
    draw.rectangle((560, 560, 720, 574), fill="#6b4a2b")  # the one bench
    draw.rectangle((580, 574, 592, 604), fill="#6b4a2b")
    draw.rectangle((688, 574, 700, 604), fill="#6b4a2b")
    made = io.BytesIO()
    image.save(made, "PNG")
    return made.getvalue()
