"""The way from a drawn panel to a programme that every member knows of, in German, in a real browser.

An organiser plans from a template, adds a site visit and two opposing experts, books an interpreter, makes tables and
moves an event. One member reads mail; the other one has no mail, and loses nothing. Mails, letters and the calendar are
real, the worker too; only the clock is moved.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.request import urlopen

import pytest
import sqlalchemy as sa
import time_machine
from icalendar import Calendar
from sqlalchemy.orm import sessionmaker

from assembly.app import create_app
from assembly.config import Config
from assembly.extensions import db
from assembly.models import Channel, Event, EventKind, EventState, Member, Status, User
from assembly.services.members import access
from assembly.services.panel import calling
from assembly.worker import Worker
from tests.assembly.engines import free_port
from tests.assembly.services.panels import AFTER_DRAW, START, draw_panel, members_in
from tests.assembly.services.test_delivery import PostOffice, serving
from tests.assembly.web import set_password
from tests.browser.conftest import NewPage
from tests.browser.person import Person
from tests.browser.support import served
from tests.browser.test_registrations import elsewhere

FIRST_DAY = dt.date(2035, 5, 8)
NEW_DAY = dt.date(2035, 5, 15)


@dataclasses.dataclass
class Town:
    """The running application with a drawn panel, its post office and its clock; the links of the two members."""

    address: str
    base: str
    office: PostOffice
    clock: time_machine.Traveller
    by_mail: str
    by_letter: str
    calendar: str

    def events(self) -> list[Event]:
        """Return the events in the order of time."""
        with sessionmaker(db.engine)() as session:
            return list(session.scalars(sa.select(Event).order_by(Event.starts_at)))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A panel of four of whom two have confirmed, one with mail and one without."""
    port, mail_port = free_port(), free_port()
    environment = {
        "ASSEMBLY_DATA": str(tmp_path / "instance"),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "MAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "MAIL_SENDER": "Bürgerrat <buergerrat@example.org>",
    }
    config, office = Config.from_environment(environment), PostOffice()
    with ExitStack() as running:
        app = elsewhere(lambda: create_app(config))
        running.enter_context(app.app_context())
        clock = running.enter_context(time_machine.travel(START, tick=True))
        drawn = draw_panel(sessionmaker(db.engine, expire_on_commit=False), tmp_path, clock)
        session, by = db.session, db.session.get_one(User, drawn.organiser_id)
        set_password(session, by)
        links = []
        for one, channel in zip(members_in(session, Status.DRAWN), (Channel.MAIL, Channel.LETTER), strict=False):
            if channel is Channel.LETTER:
                one.contact.email = ""
            calling.confirm(session, one, channel=channel, language="de", by=by)
            member = session.get_one(Member, one.id)
            access.renew_calendar(session, member, by=by)
            links.append((access.renew(session, member, by=by).link, access.calendar_token(session, member)))
        session.commit()
        clock.move_to(AFTER_DRAW + dt.timedelta(days=1))
        running.enter_context(serving(office, mail_port))
        worker = Worker(config)
        running.callback(worker.stop)
        worker.start()
        address = running.enter_context(served(app, port))
        base = f"{address}/assemblies/{drawn.assembly_id}"
        (by_mail, token), (by_letter, _) = links
        yield Town(address, base, office, clock, by_mail, by_letter, f"{address}/m/calendar/{token}.ics")


def test_what_an_organiser_plans_and_moves_reaches_every_member(town: Town, new_page: NewPage) -> None:
    organiser = Person(new_page(), "orga@example.org", "Olga Organ")
    organiser.open(f"{town.base}/programme/")
    organiser.sign_in()
    a_programme_is_planned_from_a_template(organiser)
    the_site_visit_is_described(town, organiser)
    two_opposing_experts_are_invited(town, organiser)
    an_interpreter_is_booked(town, organiser)
    moved = an_event_is_moved(town, organiser)
    the_member_sees_it(town, Person(new_page(), "", "Vera"), moved)
    the_calendar_has_moved_it(town, moved)


def a_programme_is_planned_from_a_template(organiser: Person) -> None:
    organiser.choose("Template", "Eight evenings, two weeks apart")
    organiser.fill("First day", FIRST_DAY.isoformat())
    organiser.choose("State whose public and school holidays are avoided", "Bavaria")
    organiser.press("Show the days")
    organiser.press("Plan these drafts")
    organiser.sees("Getting to know each other and the question")


def publish(town: Town, organiser: Person, event: Event) -> None:
    organiser.open(f"{town.base}/programme/events/{event.id}")
    organiser.press("Publish")


def the_site_visit_is_described(town: Town, organiser: Person) -> None:
    (visit,) = [event for event in town.events() if event.kind is EventKind.SITE_VISIT]
    publish(town, organiser, visit)


def two_opposing_experts_are_invited(town: Town, organiser: Person) -> None:
    event = next(event for event in town.events() if event.kind is EventKind.EXPERT_INPUT)
    organiser.open(f"{town.base}/questions/")
    organiser.fill_all(
        {"Question": "Schatten oder Parkplätze?", "Perspectives that should be heard": "Stadtgrün\nHandel"}
    )
    organiser.press("Add the question")
    for name, perspective in (("Ada Blume", "Stadtgrün"), ("Toni Kraus", "Handel")):
        organiser.open(f"{town.base}/experts/new")
        organiser.fill_all({"Name": name, "Chosen by": "Beirat", "Declared interests": "keine"})
        organiser.page.get_by_label(perspective).check()
        organiser.press("Save")
        organiser.press("The invitation is out")
        organiser.press("They have accepted")
        organiser.page.locator("#place").select_option(str(event.id))
        organiser.fill("Minutes", "20")
        organiser.press("Add")
    publish(town, organiser, event)


def an_interpreter_is_booked(town: Town, organiser: Person) -> None:
    event = next(event for event in town.events() if event.kind is EventKind.EXPERT_INPUT)
    organiser.open(f"{town.base}/needs/providers")
    organiser.fill("Name", "Dana Sommer")
    organiser.tick("Sign language interpreting")
    organiser.press("Add a provider")
    organiser.open(f"{town.base}/needs/events/{event.id}")
    organiser.page.locator("select#kind").select_option("sign_language")
    organiser.labelled("Provider").select_option(label="Dana Sommer")
    organiser.press("Add a booking")


def an_event_is_moved(town: Town, organiser: Person) -> Event:
    (event,) = [
        event for event in town.events() if event.state is EventState.PUBLISHED and event.kind is EventKind.EXPERT_INPUT
    ]
    organiser.open(f"{town.base}/programme/events/{event.id}/edit")
    organiser.fill_all({"Day": NEW_DAY.isoformat(), "What has changed": "Der Saal war nicht frei."})
    organiser.press("Save and show the change")
    organiser.sees("Changed")
    return event


def the_member_sees_it(town: Town, member: Person, event: Event) -> None:
    member.open(f"{town.address}/m/{town.by_mail}")
    shown = member.page.locator("main").inner_text()
    assert [words in shown for words in (event.title, "Der Saal war nicht frei.", "15. Mai 2035")] == [True] * 3


def the_calendar_has_moved_it(town: Town, event: Event) -> None:
    with urlopen(town.calendar) as answer:  # noqa: S310  # our own server
        calendar = Calendar.from_ical(answer.read())
    (found,) = [
        one
        for one in calendar.walk("VEVENT")
        if str(one["SUMMARY"]) == event.title and one["DTSTART"].dt.date() == NEW_DAY
    ]
    assert int(found["SEQUENCE"]) == event.sequence + 1
