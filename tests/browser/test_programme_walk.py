"""The way from a drawn panel to a programme that every member knows of, in German, in a real browser.

An organiser plans from a template, adds a site visit and two opposing experts, books an interpreter, makes tables and
moves an event. One member reads mail; the other one has no mail, and loses nothing. Mails, letters and the calendar are
real, the worker too; only the clock is moved.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import sqlalchemy as sa
import time_machine
from icalendar import Calendar
from playwright.sync_api import expect
from sqlalchemy.orm import sessionmaker

from assembly.app import create_app
from assembly.config import Config
from assembly.extensions import db
from assembly.models import Channel, Event, EventKind, EventState, Mail, MailState, Member, Status, User
from assembly.services.members import access
from assembly.services.panel import calling
from assembly.worker import Worker
from tests import patience
from tests.assembly.engines import free_port
from tests.assembly.services.panels import AFTER_DRAW, START, draw_panel, members_in
from tests.assembly.services.test_children import wait_until
from tests.assembly.services.test_delivery import PostOffice, serving
from tests.assembly.web import set_password
from tests.browser.conftest import NewPage
from tests.browser.person import Person, german
from tests.browser.support import served
from tests.browser.test_registrations import elsewhere

FIRST_DAY = dt.date(2035, 5, 8)
NEW_DAY = dt.date(2035, 5, 29)
MONDAY = AFTER_DRAW + dt.timedelta(hours=40)
"""In the morning, when nobody is to be left in peace."""


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
    reader: str

    def letters(self) -> list[Mail]:
        """Return the letters about events that wait to be printed."""
        with sessionmaker(db.engine)() as session:
            about = Mail.template.in_(("member_change", "member_reminder"))
            return list(session.scalars(sa.select(Mail).where(about, Mail.state == MailState.TO_PRINT)))

    def is_told(self, words: str, text: str) -> None:
        """Wait for a mail to the member who reads mail whose subject holds these words, and that says this."""
        wait_until(lambda: any(text in body for body in self._bodies(words)))

    def _bodies(self, words: str) -> list[str]:
        parts = [mail.get_body(("plain",)) for mail in self._mails(words)]
        return [str(part.get_content()) for part in parts if part is not None]

    def _mails(self, words: str) -> list[Any]:
        here = [mail for mail in self.office.received if self.reader in str(mail["To"])]
        return [mail for mail in here if words in str(mail["Subject"])]

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
        people = members_in(session, Status.DRAWN)
        reader = str(people[0].contact.email)
        for one, channel in zip(people, [Channel.MAIL] + 3 * [Channel.LETTER], strict=True):
            if channel is Channel.LETTER:
                one.contact.email = ""
            calling.confirm(session, one, channel=channel, language="de", by=by)
            member = session.get_one(Member, one.id)
            access.renew_calendar(session, member, by=by)
            links.append((access.renew(session, member, by=by).link, access.calendar_token(session, member)))
        session.commit()
        clock.move_to(MONDAY)
        running.enter_context(serving(office, mail_port))
        worker = Worker(config)
        running.callback(worker.stop)
        worker.start()
        address = running.enter_context(served(app, port))
        base = f"{address}/assemblies/{drawn.assembly_id}"
        (by_mail, token), (by_letter, _), *_others = links
        calendar = f"{address}/m/calendar/{token}.ics"
        yield Town(address, base, office, clock, by_mail, by_letter, calendar, reader)


def test_what_an_organiser_plans_and_moves_reaches_every_member(town: Town, new_page: NewPage) -> None:
    organiser = Person(new_page(), "orga@example.org", "Olga Organ")
    organiser.open(f"{town.base}/programme/")
    organiser.sign_in()
    a_programme_is_planned_from_a_template(organiser)
    the_site_visit_is_described(town, organiser)
    two_opposing_experts_are_invited(town, organiser)
    an_interpreter_is_booked(town, organiser)
    tables_are_made(town, organiser)
    moved = an_event_is_moved(town, organiser)
    reader, other = Person(new_page(), "", "Vera"), Person(new_page("phone"), "", "Lena")
    for member, link in ((reader, town.by_mail), (other, town.by_letter)):
        the_member_sees_it(town, member, link, moved)
    the_calendar_has_moved_it(town, moved)
    town.is_told(moved.title, "29. Mai 2035")
    assert ["29. Mai 2035" in letter.text for letter in town.letters()] == [True] * 3
    the_letters_are_printed(town, organiser, 3)
    moved = next(event for event in town.events() if event.id == moved.id)
    everyone_is_reminded(town, organiser, moved)
    who_reads_letters_is_called(town, organiser, moved)


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
    organiser.open(f"{town.base}/programme/events/{visit.id}")
    organiser.sees("The site visit is not described yet.")
    organiser.open(f"{town.base}/programme/visits/{visit.id}/edit")
    organiser.fill_all(
        {
            "Meeting point": "Pavillon am Bahnhofsplatz",
            "Step-free way": "Der ganze Weg ist ohne Stufen.",
            "How those take part who cannot come": "Ein Film des Wegs liegt bei den Materialien.",
            "Telephone number for emergencies": "06201 555-99",
        }
    )
    organiser.press("Save")
    organiser.fill_all({"Stop on the way": "Brunnen", "Metres": "0"})
    organiser.press("Add a stop")
    publish(town, organiser, visit)


def tables_are_made(town: Town, organiser: Person) -> None:
    event = next(event for event in town.events() if event.kind is EventKind.SMALL_GROUPS)
    publish(town, organiser, event)
    organiser.follow("Tables")
    organiser.fill_all({"Number of tables": "2", "Number of rounds": "1"})
    organiser.press("Save")
    organiser.press("Compute the tables")
    button = organiser.page.get_by_role("button", name=german("Publish for members"))
    expect(button).to_be_visible(timeout=patience.WORKER_MILLISECONDS)
    organiser.press("Publish for members")


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
    organiser.press("Show who provides it")
    organiser.labelled("Provider").select_option(label="Dana Sommer")
    organiser.press("Add a booking")


def an_event_is_moved(town: Town, organiser: Person) -> Event:
    is_input = EventKind.EXPERT_INPUT
    (event,) = [one for one in town.events() if one.state is EventState.PUBLISHED and one.kind is is_input]
    organiser.open(f"{town.base}/programme/events/{event.id}/edit")
    organiser.fill_all({"Day": NEW_DAY.isoformat(), "What has changed": "Der Saal war nicht frei."})
    organiser.press("Save and show the change")
    organiser.sees("Changed")
    return event


def the_member_sees_it(town: Town, member: Person, link: str, event: Event) -> None:
    member.open(f"{town.address}/m/{link}")
    shown = member.page.locator("main").inner_text()
    expected = (event.title, "Der Saal war nicht frei.", "29. Mai 2035")
    assert [words for words in expected if words not in shown] == []
    theirs = {EventKind.SITE_VISIT: "Pavillon am Bahnhofsplatz", EventKind.SMALL_GROUPS: german("My table")}
    for one in town.events():
        if one.state is not EventState.DRAFT and one.kind in theirs:
            member.open(f"{town.address}/m/events/{one.id}")
            assert theirs[one.kind] in member.page.locator("main").inner_text()


def the_calendar_has_moved_it(town: Town, event: Event) -> None:
    with urlopen(town.calendar) as answer:  # noqa: S310  # our own server
        calendar = Calendar.from_ical(answer.read())
    (found,) = [one for one in calendar.walk("VEVENT") if one["DTSTART"].dt.date() == NEW_DAY]
    assert (str(found["SUMMARY"]), int(found["SEQUENCE"])) == (event.title, event.sequence + 1)


def at_work(organiser: Person, address: str) -> None:
    """Open a page; whoever was away for weeks signs in again."""
    organiser.open(address)
    if organiser.page.url != address:
        organiser.sign_in()
        organiser.open(address)


def the_letters_are_printed(town: Town, organiser: Person, count: int) -> None:
    """Print what waits; then nothing does."""
    at_work(organiser, f"{town.base}/programme/messages/")
    batch = organiser.page.get_by_role("link", name=german("Letters of batch %(number)s (PDF)", number=1)).first
    with organiser.page.expect_download() as started:
        batch.click()
    assert started.value.path().read_bytes().startswith(b"%PDF-")
    organiser.page.get_by_role("button", name=german("Mark as printed")).first.click()
    organiser.sees_counted("%(num)s letter counts as printed.", "%(num)s letters count as printed.", count)
    assert town.letters() == []


def everyone_is_reminded(town: Town, organiser: Person, event: Event) -> None:
    """Fourteen days before the event come the letters, seven days before it the mail."""
    town.clock.move_to(event.starts_at - dt.timedelta(days=14) + dt.timedelta(minutes=20))
    wait_until(lambda: len(town.letters()) == 3)
    assert {letter.template for letter in town.letters()} == {"member_reminder"}
    the_letters_are_printed(town, organiser, 3)
    town.clock.move_to(event.starts_at - dt.timedelta(days=7) + dt.timedelta(minutes=20))
    town.is_told("Erinnerung", "29. Mai 2035")


def who_reads_letters_is_called(town: Town, organiser: Person, event: Event) -> None:
    """A change three days before reaches nobody in writing who has no mail."""
    town.clock.move_to(event.starts_at - dt.timedelta(days=3, hours=5))
    at_work(organiser, f"{town.base}/programme/events/{event.id}/edit")
    organiser.fill_all({"Begins at": "19:00", "Ends at": "21:30", "What has changed": "Eine Stunde später."})
    organiser.press("Save and show the change")
    town.is_told("jetzt", "19:00")
    wait_until(lambda: _calls(town, organiser) == 3)
    organiser.page.get_by_role("link", name=re.compile(f"^{german('Call')}: ")).first.click()
    organiser.look()
    organiser.page.locator("select#outcome").select_option("reached")
    organiser.press("Record the call")
    assert (_calls(town, organiser), town.letters()) == (2, [])


def _calls(town: Town, organiser: Person) -> int:
    organiser.open(f"{town.base}/panel/calls/")
    return organiser.page.locator("#calls tbody tr").count()
