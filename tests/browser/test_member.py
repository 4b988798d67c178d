"""A member's pages in a real browser: accessible in three texts, never sideways, and usable without JavaScript."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session, sessionmaker

from assembly.app import create_app
from assembly.clock import now
from assembly.config import Config
from assembly.extensions import db
from assembly.models import Assembly, Event, EventKind, Member, Respondent, Status, User
from assembly.services.daily import today
from assembly.services.follow_up import rules
from assembly.services.members import access
from assembly.services.panel import calling
from assembly.services.programme import events, places
from assembly.services.recommendations import adopting, drafting, editing, minority
from assembly.services.recommendations.adopting import Ballot, Votes
from tests.assembly.services.panels import START, draw_panel
from tests.browser.conftest import Axe, LiveServer, NewPage
from tests.browser.support import SIZES, overflowing
from tests.browser.test_registrations import elsewhere

PAGES = (
    *("/m/", "/m/events/{event}", "/m/events/{event}/excuse", "/m/events/{past}/feedback"),
    *("/m/recommendations", "/m/recommendations/1"),
    *("/m/calendar", "/m/data", "/m/materials", "/m/messages", "/m/knowledge", "/m/questions", "/m/confirm"),
)


@dataclasses.dataclass(frozen=True)
class Panel:
    """An application with a member, their link and code, and one of their events."""

    app: Flask
    link: str
    code: str
    event: int
    past: int


def with_a_member(folder: Path, language: str) -> Panel:
    """Return a drawn panel with a programme, and a member who reads this language."""
    app = create_app(Config.from_environment({"ASSEMBLY_DATA": str(folder / "instance")}))
    with app.app_context():
        with time_machine.travel(START, tick=True) as traveller:
            made = draw_panel(sessionmaker(db.engine, expire_on_commit=False), folder, traveller)
        session = db.session
        assembly, by = session.get_one(Assembly, made.assembly_id), session.get_one(User, made.organiser_id)
        one = session.scalars(sa.select(Respondent).where(Respondent.status == Status.DRAWN)).first()
        assert one is not None
        calling.confirm(session, one, channel=calling.Channel.MAIL, language=language, by=by)
        member = session.get_one(Member, one.id)
        member.drawn_at = now() - dt.timedelta(days=30)  # the draw of the tests is in the future of the browser
        access.renew_calendar(session, member, by=None)
        recommend(session, assembly, by)
        token, event = access.renew(session, member, by=None), programme(session, assembly, by)
        past = yesterdays(session, assembly, by)
        session.commit()
        return Panel(app, token.link, token.code, event.id, past.id)


def yesterdays(session: Session, assembly: Assembly, by: User) -> Event:
    """Return an event that members can say how it was."""
    starts_at = now().replace(microsecond=0) - dt.timedelta(days=1)
    values = {"kind": EventKind.PLENARY, "title": "Gestern", "starts_at": starts_at}
    event = events.add_event(session, assembly, values | {"ends_at": starts_at + dt.timedelta(hours=2)}, by=by)
    events.publish(session, event, by=by)
    return event


def recommend(session: Session, assembly: Assembly, by: User) -> None:
    """Adopt a recommendation whose wording was changed since."""
    rules.publish_first(session, assembly, by=by)
    said = {"title": "Mehr Bäume", "text": "Bis 2030 pflanzt die Stadt Bäume.", "plain": "Die Stadt pflanzt Bäume."}
    one = drafting.draft(session, assembly, said, by=by)
    adopting.record(session, one, Ballot(1, Votes(3, 1, 0, 4)), counted_on=today(), by=by)
    minority.attach(session, one, "Lieber Sträucher.", 3, by=by)
    editing.change(session, one, said | {"text": "Bis 2031 pflanzt die Stadt Bäume."}, version=1, by=by)


def programme(session: Session, assembly: Assembly, by: User) -> Event:
    """Plan ten events, of which one is changed and one cancelled; return the first."""
    about = {"name": "Rathaus Auenfurt", "street": "Marktplatz 1", "city": "Auenfurt", "is_step_free": True}
    place = places.add_place(session, assembly, about | {"map_link": "https://map.example/"}, by=by)
    room = places.add_room(session, assembly, place, {"name": "Saal", "capacity": 60}, by=by)
    planned = []
    for number, title in enumerate(("Auftakt", "Ortsbegehung am Bahnhofsplatz", *["Treffen"] * 8), start=1):
        starts_at = now().replace(microsecond=0) + dt.timedelta(days=7 * number)
        values = {"kind": EventKind.PLENARY, "title": title, "starts_at": starts_at, "room_id": room.id}
        values |= {"ends_at": starts_at + dt.timedelta(hours=2), "to_bring": "Ausweis", "description": "Wir beginnen."}
        planned.append(events.add_event(session, assembly, values, by=by))
        events.publish(session, planned[-1], by=by)
    events.change_event(session, planned[0], {"to_bring": "Ausweis\nHut"}, note="Es wird heiß.", by=by)
    events.cancel(session, planned[1], reason="Sturmwarnung", by=by)
    return planned[0]


@pytest.mark.parametrize("language", ["de", "de-plain", "en"])
def test_a_members_pages_are_accessible_and_never_scroll_sideways(
    language: str, tmp_path: Path, *, live_server: LiveServer, new_page: NewPage, axe: Axe
) -> None:
    made = elsewhere(lambda: with_a_member(tmp_path, language))
    server, faults = live_server(made.app), []
    for size in SIZES:
        page: Page = new_page(size)
        page.goto(f"{server}/m/{made.link}")
        assert page.url == f"{server}/m/"
        for address in PAGES:
            page.goto(server + address.format(event=made.event, past=made.past))
            expect(page.locator("h1")).to_have_count(1)
            faults += [f"{address} {size}: {fault}" for fault in (*axe(page), *overflowing(page))]
    assert faults == []


def test_a_code_opens_the_page_without_javascript_and_the_page_is_closed_again(
    tmp_path: Path, live_server: LiveServer, new_page: NewPage
) -> None:
    made = elsewhere(lambda: with_a_member(tmp_path, "de"))
    server, page = live_server(made.app), new_page("phone", javascript=False)
    page.goto(f"{server}/m/")
    page.get_by_label("Ihr Code").fill(f"{made.code[:4].lower()} {made.code[4:]}")
    page.get_by_role("button", name="Meine Seite öffnen").click()
    expect(page.get_by_role("heading", level=2, name="Auftakt")).to_be_visible()
    page.get_by_role("button", name="Einfache Sprache").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Meine Termine")
    page.get_by_role("button", name="Meine Seite schließen").click()
    expect(page.get_by_label("Ihr Code")).to_be_visible()


def test_a_link_that_no_longer_works_is_accessible_too(
    tmp_path: Path, live_server: LiveServer, new_page: NewPage, axe: Axe
) -> None:
    made = elsewhere(lambda: with_a_member(tmp_path, "de"))
    server, page = live_server(made.app), new_page("phone")
    for address in (f"/m/{made.link[:-1]}", "/m/confirm", "/m/", "/m/link"):
        page.goto(server + address)
        assert (axe(page), overflowing(page)) == ([], [])


def test_the_schedule_is_printed_on_one_page(tmp_path: Path, live_server: LiveServer, new_page: NewPage) -> None:
    made = elsewhere(lambda: with_a_member(tmp_path, "de"))
    server, page = live_server(made.app), new_page()
    page.goto(f"{server}/m/{made.link}")
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
