"""A member's pages of a site visit in a real browser: accessible, narrow, on one sheet of paper, without JavaScript."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.extensions import db
from assembly.models import Assembly, Event, EventKind, Member, Surface, User
from assembly.services.programme import events
from assembly.services.site_visits import observations, photos, visits
from assembly.services.site_visits.pictures import photo_from
from tests.assembly.photographs import photograph
from tests.browser.conftest import Axe, LiveServer, NewPage
from tests.browser.support import SIZES, overflowing
from tests.browser.test_member import Panel, with_a_member
from tests.browser.test_registrations import elsewhere

DETAILS: dict[str, Any] = {
    "meeting_point": "Pavillon an der Nordseite des Bahnhofsplatzes, unter der Uhr",
    "step_free_way": "Der ganze Weg ist ohne Stufen. Am Gleisbett geht es über die Rampe.",
    "benches": "Am Pavillon, an der Lindenallee (alle 50 m) und an der Schule",
    "toilets": "Im Bahnhof (barrierefrei) und in der Schule",
    "group_size": 16,
    "transport": "Kleinbus vom Rathaus um 15:40 Uhr",
    "transport_seats": 8,
    "weather_plan": "Bei über 32 Grad oder Gewitter gehen wir nur bis zur Lindenallee.",
    "safety_contact": "Sina Kern, Begleitung",
    "safety_phone": "06201 555-40",
    "remote_text": "Es gibt einen Film vom ganzen Weg mit Untertiteln.",
    "remote_link": "https://example.org/weg",
    "plain_text": "Wir treffen uns am Pavillon. Wir gehen langsam.",
}
STOPS = (
    ("Bahnhofsplatz", 0, Surface.PAVING, "Messung: 41 Grad auf dem Pflaster"),
    ("Lindenallee", 350, Surface.SMOOTH, "Schatten von 24 alten Linden"),
    ("Schulhof der Auenschule", 420, Surface.GRAVEL, ""),
)
SEEN = (
    {"seen": "Kein Baum und eine einzige Bank.", "heard": "Niemand bleibt stehen.", "questions": "Warum kein Wasser?"},
    {"seen": "Unter den Linden ist es kühler.", "heard": "", "questions": ""},
)
PAGES = (
    *("/m/", "/m/events/{tomorrow}", "/m/events/{today}", "/m/events/{today}/observations"),
    *("/m/events/{today}/observations/{own}", "/m/observations"),
)


@dataclasses.dataclass(frozen=True)
class Visits:
    """A panel with two site visits, one tomorrow and one that has just begun, and a sheet of the member."""

    panel: Panel
    tomorrow: int
    today: int
    own: int


def with_visits(folder: Path, language: str) -> Visits:
    """Return a drawn panel with two site visits."""
    panel = with_a_member(folder, language)
    with panel.app.app_context():
        session: Session = db.session
        assembly, by = session.scalars(sa.select(Assembly)).one(), session.scalars(sa.select(User)).first()
        member = session.scalars(sa.select(Member).where(Member.language == language)).first()
        assert by is not None
        assert member is not None
        tomorrow = visit_at(session, assembly, by, now() + dt.timedelta(hours=20))
        today = visit_at(session, assembly, by, now() - dt.timedelta(hours=1))
        for said, respondent_id in zip(SEEN, (None, member.respondent_id), strict=True):
            values: dict[str, Any] = dict(said)
            sheet = observations.write(session, today, values, respondent_id=respondent_id, by=by)
            photo = photos.add_photo(session, sheet, photo_from(photograph(1200, 750), clamd=None), "Ein Platz", by=by)
            photos.agree(session, sheet, photo, by=by)
            if respondent_id is None:
                observations.publish(session, sheet, version=observations.version_of(sheet), by=by)
        session.commit()
        return Visits(panel, tomorrow.id, today.id, sheet.id)


def visit_at(session: Session, assembly: Assembly, by: User, moment: dt.datetime) -> Event:
    """Plan a site visit with all that can be said about one."""
    start = moment.replace(microsecond=0)
    values = {"kind": EventKind.SITE_VISIT, "title": "Ortsbegehung am Markt", "to_bring": "Hut, Wasser"}
    times = {"starts_at": start, "ends_at": start + dt.timedelta(hours=2)}
    event = events.add_event(session, assembly, values | times, by=by)
    visits.describe(session, event, DETAILS, by=by)
    for name, metres, surface, about in STOPS:
        visits.add_stop(session, event, {"name": name, "metres": metres, "surface": surface, "about": about}, by=by)
    events.publish(session, event, by=by)
    return event


@pytest.mark.parametrize("language", ["de", "de-plain", "en"])
def test_pages_of_a_visit_are_accessible_and_never_scroll_sideways(
    language: str, tmp_path: Path, *, live_server: LiveServer, new_page: NewPage, axe: Axe
) -> None:
    made = elsewhere(lambda: with_visits(tmp_path, language))
    server, faults = live_server(made.panel.app), []
    for size in SIZES:
        page: Page = new_page(size)
        page.goto(f"{server}/m/{made.panel.link}")
        for address in PAGES:
            page.goto(server + address.format(tomorrow=made.tomorrow, today=made.today, own=made.own))
            expect(page.locator("h1")).to_have_count(1)
            faults += [f"{address} {size}: {fault}" for fault in (*axe(page), *overflowing(page))]
    assert faults == []


def test_the_way_is_printed_on_one_sheet(tmp_path: Path, live_server: LiveServer, new_page: NewPage) -> None:
    made = elsewhere(lambda: with_visits(tmp_path, "de"))
    server, page = live_server(made.panel.app), new_page()
    page.goto(f"{server}/m/{made.panel.link}")
    page.goto(f"{server}/m/events/{made.tomorrow}")
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
    page.emulate_media(media="print")
    for words in (DETAILS["meeting_point"], DETAILS["step_free_way"], DETAILS["safety_phone"], "Lindenallee"):
        expect(page.get_by_text(words).first).to_be_visible()


def test_a_member_writes_down_what_was_seen_without_javascript(
    tmp_path: Path, live_server: LiveServer, new_page: NewPage
) -> None:
    made = elsewhere(lambda: with_visits(tmp_path, "de"))
    server, page = live_server(made.panel.app), new_page("phone", javascript=False)
    page.goto(f"{server}/m/{made.panel.link}")
    page.goto(f"{server}/m/events/{made.today}")
    page.get_by_role("link", name="Aufschreiben, was ich gesehen habe").click()
    page.get_by_label("Wo war das?").select_option(label="Lindenallee")
    page.get_by_label("Was ich gesehen habe").fill("Viel Schatten")
    page.get_by_label("Foto", exact=False).first.set_input_files(
        files=[{"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": photograph()}]
    )
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_text("Beschreiben Sie das Foto").first).to_be_visible()
    page.get_by_label("Was das Foto zeigt").fill("Eine Allee ohne Menschen")
    page.get_by_label("Foto", exact=False).first.set_input_files(
        files=[{"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": photograph()}]
    )
    page.get_by_role("button", name="Speichern").click()
    page.get_by_role("link", name="Lindenallee").click()
    picture = page.get_by_role("img", name="Eine Allee ohne Menschen")
    assert picture.evaluate("async image => { await image.decode(); return image.naturalWidth; }") == 320
