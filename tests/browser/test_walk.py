"""The whole way in German in a real browser: from an empty town to a verified draw, and on until all is closed.

Each who walks it is at a browser of their own, with real mails, a real worker and the messy sample workbook. Only the
clock is moved: to the day of the draw, to that of the replacement, and on from there, see `until_closed`.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Locator, expect
from sqlalchemy.orm import Session, sessionmaker

from assembly.app import create_app
from assembly.clock import ZONE
from assembly.config import Config
from assembly.extensions import db
from assembly.worker import Worker
from tests.assembly.engines import free_port
from tests.assembly.sample import DATA, VOLUNTARY
from tests.assembly.services.test_children import wait_until
from tests.assembly.services.test_delivery import PostOffice, serving
from tests.browser.conftest import NewPage
from tests.browser.person import Person, german
from tests.browser.support import served
from tests.browser.test_registrations import elsewhere
from tests.browser.until_closed import Matter, until_everything_is_closed
from tests.project import ROOT

NUMBER, SECOND_NUMBER = "731", "5173"
SEATS = 48
SLUG = "buergerrat-innenstadt"


@dataclass
class Town:
    """The running application, its mail server, its clock, and where downloads are kept."""

    address: str
    environment: dict[str, str]
    office: PostOffice
    clock: time_machine.Traveller
    folder: Path
    sessions: sessionmaker[Session]

    def command(self, *arguments: str) -> str:
        """Run a command of ours in a process of its own; it must end well."""
        environment = os.environ | self.environment
        command = [sys.executable, "-m", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def link_for(self, person: Person) -> str:
        """Return the link in the newest mail to somebody."""
        wait_until(lambda: person.email in self.office.to)
        (mail,) = [mail for mail in self.office.received if person.email in str(mail["To"])]
        body = mail.get_body(("plain",))
        assert body is not None
        link = re.search(r"https?://\S+", body.get_content())
        assert link is not None
        return link[0]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """An embedded application as `assembly serve` runs it, but in this process, so that its clock can be moved."""
    port, mail_port = free_port(), free_port()
    environment = {
        "ASSEMBLY_DATA": str(tmp_path / "instance"),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "MAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "MAIL_SENDER": "Bürgerrat <buergerrat@example.org>",
    }
    config, office, folder = Config.from_environment(environment), PostOffice(), tmp_path / "downloads"
    folder.mkdir()
    with ExitStack() as running:
        running.enter_context(serving(office, mail_port))
        app = elsewhere(lambda: create_app(config))
        clock = running.enter_context(time_machine.travel(dt.datetime.now(dt.UTC), tick=True))
        worker = Worker(config)
        running.callback(worker.stop)
        worker.start()
        address = running.enter_context(served(app, port))
        yield Town(address, environment, office, clock, folder, elsewhere(lambda: sessions_of(app)))


def sessions_of(app: Flask) -> sessionmaker[Session]:
    """Return what opens the application's database."""
    with app.app_context():
        return sessionmaker(db.engine)


def test_one_assembly_goes_the_whole_way_from_a_messy_workbook_to_closed(town: Town, new_page: NewPage) -> None:
    """A member is replaced, another one reads letters alone, and one answer comes too late."""
    admin = Person(new_page(), "admin@example.org", "Ada Amt")
    organiser = Person(new_page(), "orga@example.org", "Olga Organ")
    witness = Person(new_page(), "zeuge@example.org", "Zeno Zeuge")
    visitor = Person(new_page(), "", "Vera Visite")

    the_first_account_invites_the_organiser(town, admin, organiser)
    the_assembly_is_described(organiser)
    a_witness_is_invited(town, admin, witness)
    letters_and_quotas_are_recorded(organiser)
    registrations_are_imported(organiser)
    the_pool_is_put_in_order(organiser)
    the_quotas_are_checked(organiser)
    the_lottery_is_computed(organiser)
    moments = the_lottery_is_committed(organiser)
    commitment = the_public_sees_the_commitment(town, visitor)
    somebody_withdraws(town, organiser)

    town.clock.move_to(moments[0] + dt.timedelta(minutes=10))
    the_panel_is_drawn(organiser, witness)
    the_public_sees_and_verifies_the_draw(town, visitor, commitment)
    the_panel_is_called(town, organiser)
    the_replacement_is_committed(organiser)

    town.clock.move_to(moments[1] + dt.timedelta(minutes=10))
    the_replacement_is_drawn(organiser, witness)
    the_log_and_the_documents_hold(town, visitor, organiser, commitment)
    organiser.follow("Panel")
    seat = str(seats(organiser, "Drawn").get_by_role("link").first.get_attribute("href"))
    member = Person(new_page(), "", "Lena Leise")
    rest = (town.command, organiser, visitor, member)
    matter = Matter(town.address, SLUG, town.office, town.clock, town.sessions, town.folder, *rest)
    until_everything_is_closed(matter, town.address + seat)


def the_first_account_invites_the_organiser(town: Town, admin: Person, organiser: Person) -> None:
    link = town.command("assembly", "invite", admin.email, admin.name, "--role", "site_administrator")
    choose_a_password(admin, link.strip())
    admin.follow("City-wide roles")
    admin.fill_all({"Name": organiser.name, "E-mail address": organiser.email})
    admin.choose("Role", "Council office: creates assemblies, follows recommendations")
    admin.press("Give this role")
    choose_a_password(organiser, town.link_for(organiser))


def choose_a_password(person: Person, link: str) -> None:
    person.open(link)
    person.fill_all({"New password": person.password, "New password again": person.password})
    person.press("Set the password")
    person.sign_in()


def the_assembly_is_described(organiser: Person) -> None:
    organiser.follow("Create an assembly")
    organiser.fill_all(
        {
            "Title": "Bürgerrat Innenstadt",
            "Question": "Wie wollen wir uns in der Innenstadt von Auenfurt bewegen?",
            "Commissioned by": "Stadtrat Auenfurt, Beschluss 2026/114",
            "Seats on the panel": str(SEATS),
            "Contact": "Büro Bürgerrat, Telefon 0123 456",
        }
    )
    organiser.tick("The public page can be seen by everyone")
    organiser.press("Create")
    in_a_year = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=365)
    organiser.fill_all(
        {
            "Who decides": "Stadtrat",
            "What is not negotiable": "Die Buslinie 5 bleibt.",
            "The panel hands over its result on": in_a_year.isoformat(),
            "The decision is taken on": (in_a_year + dt.timedelta(days=60)).isoformat(),
        }
    )
    organiser.press("Save")


def a_witness_is_invited(town: Town, admin: Person, witness: Person) -> None:
    """Not by the organiser: whoever invited somebody cannot enter the number together with them."""
    admin.follow("Assemblies", last=True)
    admin.follow("Bürgerrat Innenstadt")
    admin.follow("Roles")
    admin.fill_all({"Name": witness.name, "E-mail address": witness.email})
    admin.choose("Role", "Witness: enters the drawn number independently")
    admin.press("Give this role")
    choose_a_password(witness, town.link_for(witness))
    witness.follow("Bürgerrat Innenstadt")
    witness.sign_out()


def letters_and_quotas_are_recorded(organiser: Person) -> None:
    organiser.follow("Invitation")
    organiser.fill_all(
        {
            "Register office": "Bürgeramt Auenfurt",
            "First letters sent on": (dt.datetime.now(dt.UTC).date() - dt.timedelta(days=30)).isoformat(),
            "Letters sent": "9000",
            "Of these undeliverable": "214",
        }
    )
    organiser.press("Save")
    organiser.follow("Features and targets")
    organiser.labelled("File").set_input_files(DATA / "targets.csv")
    organiser.press("Import targets")
    for feature in sorted(VOLUNTARY):
        organiser.follow("Edit %(feature)s", feature=feature)
        organiser.tick("Voluntary")
        organiser.press("Save")


def registrations_are_imported(organiser: Person) -> None:
    organiser.follow("Registrations")
    organiser.labelled("File with registrations").set_input_files(DATA / "respondents.xlsx")
    organiser.press("Upload and look")
    organiser.press_counted("Import %(num)s person", "Import %(num)s people", 640)
    organiser.sees("%(added)s people were added, %(updated)s changed.", added=640, updated=0)


def the_pool_is_put_in_order(organiser: Person) -> None:
    organiser.follow("Registered twice?")
    organiser.press("One person: exclude %(code)s", code="A0320")
    organiser.press("Different people", about="A0346, A0551")
    organiser.sees("No pair is left to decide.")
    organiser.follow("Households")
    organiser.follow("Pool and targets")
    find(organiser, "krawczyk anton")
    organiser.choose("Reason", "Holds a political office")
    organiser.press("Exclude")


def find(organiser: Person, words: str) -> None:
    """Open the page of the only person of the pool that these words find."""
    organiser.page.get_by_role("navigation", name=german("Registrations and pool")).get_by_role(
        "link", name=german("Registrations"), exact=True
    ).click()
    organiser.fill("Search", words)
    organiser.press("Show")
    organiser.page.get_by_role("row").nth(1).get_by_role("link").click()
    organiser.look()


def the_quotas_are_checked(organiser: Person) -> None:
    organiser.follow("Check")
    organiser.press("Check now")
    checked = "Panels of %(size)s can be drawn from these %(people)s people."
    organiser.sees(checked, size=SEATS, people=638, soon=True)


def the_lottery_is_computed(organiser: Person) -> None:
    organiser.follow("Lottery")
    organiser.press("Compute the lottery")
    organiser.sees("Proven: no lottery that meets these quotas is fairer.", soon=True)


def the_lottery_is_committed(organiser: Person) -> list[dt.datetime]:
    """Fix the lottery and its rule; return the moments of the draw and of the replacements."""
    organiser.follow("Commit to this lottery")
    soon = dt.datetime.now(ZONE).replace(second=0, microsecond=0) + dt.timedelta(hours=25)
    moments = [soon, *(soon + dt.timedelta(days=days) for days in (14, 28))]
    fields = ("Moment of the draw", "First replacement draw", "Second replacement draw")
    for label, moment in zip(fields, moments, strict=True):
        organiser.fill(label, f"{moment:%Y-%m-%dT%H:%M}")
    organiser.fill("Place", "Ratssaal, Markt 1")
    organiser.press("Commit to this lottery and rule")
    organiser.sees("Committed. Publish the fingerprint now: newspaper, notice board, council minutes.")
    return moments


def the_public_sees_the_commitment(town: Town, visitor: Person) -> str:
    """Return the commitment, as the newspaper takes it from the page."""
    visitor.open(town.address)
    visitor.follow("Bürgerrat Innenstadt")
    visitor.follow("How the panel is drawn, and how to check it")
    found = re.search(r"\b[0-9a-f]{64}\b", visitor.page.locator("main").inner_text())
    assert found is not None
    return found[0]


def somebody_withdraws(town: Town, organiser: Person) -> None:
    """Somebody who stands on the ticket that will be drawn: they count as drawn, and are replaced."""
    audit = json.loads(organiser.download("Audit document, confidential", town.folder).read_text(encoding="utf-8"))
    code = audit["entries"][audit["tickets"][int(NUMBER)][0]]["row"]["id"]
    organiser.follow("Registrations")
    find(organiser, code)
    organiser.press("Record withdrawal")
    organiser.follow("Draw")


def the_panel_is_drawn(organiser: Person, witness: Person) -> None:
    enter_number(organiser, witness, NUMBER, done="Both entries are equal: the panel is drawn.")
    witness.sees("The panel is drawn: ticket %(ticket)s.", ticket=NUMBER)
    organiser.follow("Draw")


def enter_number(organiser: Person, witness: Person, number: str, *, done: str) -> None:
    """Two accounts enter the same number, days later, so that they sign in anew, and neither sees the other's."""
    address = organiser.page.url
    for person, answer in (
        (organiser, "Entered. Now a second account enters the number, without seeing yours."),
        (witness, done),
    ):
        person.open(address)
        person.sign_in()
        assert person.page.url == address
        assert number not in re.sub("[0-9a-f]{64}", "", person.page.locator("main").inner_text())
        person.fill("Drawn number", number)
        person.press("Enter this number")
        person.sees(answer)
    organiser.open(address)


def the_public_sees_and_verifies_the_draw(town: Town, visitor: Person, commitment: str) -> None:
    visitor.open(town.address)
    visitor.follow("Bürgerrat Innenstadt")
    visitor.follow("How the panel is drawn, and how to check it")
    visitor.sees(NUMBER)
    visitor.follow("Check the lottery")
    visitor.fill("Fingerprint (commitment)", commitment)
    visitor.press("Check now")
    verdict = visitor.page.locator("#verify-verdict")
    expect(verdict).to_have_text(german("Everything that was checked is right."))
    visitor.sees(german("the drawn number is ticket {ticket}").format(ticket=int(NUMBER)))
    visitor.look()


def the_panel_is_called(town: Town, organiser: Person) -> None:
    """Mails to all; four answer: three take their seats, one does not."""
    organiser.follow("Panel")
    organiser.sees("%(confirmed)s of %(size)s seats are confirmed.", confirmed=0, size=SEATS)
    organiser.follow("Mails and letters")
    before = len(town.office.received)
    recipients = german("To those who were drawn")
    organiser.press_counted("Send to %(num)s person", "Send to %(num)s people", SEATS - 1, about=recipients)
    wait_until(lambda: len(town.office.received) == before + SEATS - 1)
    organiser.follow("Contact list")
    addresses = [link.get_attribute("href") for link in seats(organiser, "Drawn").get_by_role("link").all()[:4]]
    for address in addresses[:3]:
        organiser.open(town.address + str(address))
        organiser.choose("Preferred channel", "E-mail")
        organiser.tick("The person says that they are 18 or older")
        organiser.press("Confirm the seat")
        organiser.sees("The seat is confirmed.")
    organiser.open(town.address + str(addresses[3]))
    organiser.follow("Declined")
    organiser.press("Record that the person declines")
    organiser.sees("Recorded. The seat is free for a replacement.")
    organiser.follow("Panel")
    organiser.sees("%(confirmed)s of %(size)s seats are confirmed.", confirmed=3, size=SEATS)


def the_replacement_is_committed(organiser: Person) -> None:
    organiser.follow("Replacement")
    organiser.sees_counted("%(num)s seat is free.", "%(num)s seats are free.", 2)
    organiser.tick("If the quotas cannot be met, change them as little as possible")
    organiser.press("Compute the replacement lottery")
    solved = (
        "The lottery over %(num)s seat is solved and proven.",
        "The lottery over %(num)s seats is solved and proven.",
    )
    organiser.sees_counted(*solved, 2, soon=True)
    organiser.press("Commit to this replacement")
    organiser.sees("The replacement is fixed")


def the_replacement_is_drawn(organiser: Person, witness: Person) -> None:
    enter_number(organiser, witness, SECOND_NUMBER, done="Both entries are equal: the replacements are drawn.")
    organiser.sees("drawn: %(number)s", number=SECOND_NUMBER)
    organiser.follow("Panel")
    expect(seats(organiser, "Left, the seat is filled anew")).to_have_count(2)
    expect(seats(organiser, "Confirmed")).to_have_count(3)
    expect(seats(organiser, "Drawn")).to_have_count(SEATS - 3)


def seats(organiser: Person, status: str) -> Locator:
    """Return the rows of the contact list with this status."""
    badge = organiser.page.get_by_role("cell").get_by_text(german(status), exact=True)
    return organiser.page.locator("#members tbody").get_by_role("row").filter(has=badge)


def the_log_and_the_documents_hold(town: Town, visitor: Person, organiser: Person, commitment: str) -> None:
    """On another computer, with the command line alone."""
    organiser.follow("Draw")
    audit = organiser.download("Audit document, confidential", town.folder)
    visitor.open(town.address)
    visitor.follow("Bürgerrat Innenstadt")
    visitor.follow("How the panel is drawn, and how to check it")
    visitor.sees(SECOND_NUMBER)
    public = visitor.download("Public document", town.folder)
    said = town.command("sortition", "verify", str(public), str(audit), "--commitment", commitment, "--ticket", NUMBER)
    assert commitment in said
    visitor.follow("Check the lottery", last=True)
    replaced = urlsplit(visitor.page.url).path.split("/")[-2]
    visitor.fill("Fingerprint (commitment)", replaced)
    visitor.press("Check now")
    visitor.sees("Everything that was checked is right.")
    head = json.loads(public.read_text(encoding="utf-8"))["log_head"]
    said = town.command("assembly", "audit", "verify", SLUG, "--head", head)
    assert "The log holds" in said
