"""Forty-eight recommendations on their way from the handover to published answers, in German, in a real browser.

The council office assigns all of them at once. A department takes its part along as a workbook and fills it in, which
becomes drafts that the mayor's office approves; the office publishes most of the rest out of a workbook, and others
in one form. One goes through every state to the end, sent back once by the members, each role doing its part; one is
late, and one is forwarded. Only the clock is moved.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine
from playwright.sync_api import expect
from sqlalchemy.orm import sessionmaker

from assembly.app import create_app
from assembly.config import Config
from assembly.extensions import db
from assembly.models import Assembly, Case, CaseState, Move, Role
from assembly.services import accounts, assemblies
from assembly.services.daily import today
from assembly.services.follow_up import cases
from assembly.views import answer_texts
from tests.assembly.conftest import WORDS
from tests.assembly.services.follow_up.offices import clerk, unit
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import said
from tests.assembly.web import set_password
from tests.browser.case_steps import fill_in, take
from tests.browser.conftest import NewPage
from tests.browser.person import Person, german, german_count
from tests.browser.support import served
from tests.browser.test_registrations import elsewhere

HANDED_OVER = dt.datetime(2035, 3, 1, 12, tzinfo=dt.UTC)
MANY, OF_THE_DEPARTMENT, LATE, FORWARDED = 48, 3, 48, 47
BY_FILE = range(OF_THE_DEPARTMENT + 1, 41)


@dataclasses.dataclass
class City:
    """The running application, its clock, and those who work on the cases."""

    address: str
    assembly_id: int
    title: str
    public: str
    clock: time_machine.Traveller
    folder: Path
    office: Person
    department: Person
    mayor: Person
    organiser: Person

    @property
    def cases(self) -> str:
        """The address of the list of cases."""
        return f"{self.address}/assemblies/{self.assembly_id}/cases"

    def case(self, number: int) -> Case:
        """Return the case of a recommendation as it is by now."""
        with sessionmaker(db.engine)() as session:
            [found] = cases.cases_about(session, session.get_one(Assembly, self.assembly_id), number)
            return found

    def after(self, days: int, *people: Person) -> None:
        """Let days pass; those who go on sign in again."""
        self.clock.shift(dt.timedelta(days=days))
        for person in people:
            person.page.context.clear_cookies()
            person.open(f"{self.address}/account/login")
            person.sign_in()

    def take(self, person: Person, number: int, kind: Move, **values: Any) -> None:
        """Publish a step on a recommendation that says just enough, and these."""
        take(person, f"{self.cases}/{self.case(number).id}", kind, **values)


@pytest.fixture
def city(new_page: NewPage, tmp_path: Path) -> Iterator[City]:
    """A public assembly on the day of its handover, a department, a mayor's office, and the council office."""
    config = Config.from_environment({"ASSEMBLY_DATA": str(tmp_path / "instance"), "PUBLIC_URL": "http://127.0.0.1"})
    with ExitStack() as running:
        app = elsewhere(lambda: create_app(config))
        app.config["RATELIMIT_ENABLED"] = False
        running.enter_context(app.app_context())
        clock = running.enter_context(time_machine.travel(HANDED_OVER, tick=True))
        session = db.session
        office = accounts.create_account(session, email="rat@example.org", name="Lene Marx")
        accounts.grant(session, office, Role.COUNCIL_OFFICE, by=None)
        assembly = assemblies.create_assembly(session, WORDS | {"is_public": True}, by=office)
        works, mayor = unit(session, "Tiefbauamt", office), unit(session, "Büro der OB", office, approves=True)
        helper = accounts.create_account(session, email="mitglieder@example.org", name="Mira Mit")
        accounts.grant(session, helper, Role.ORGANISER, assembly=assembly, by=None)
        users = (office, clerk(session, "Paula", works), clerk(session, "Moritz", mayor), helper)
        for user in users:
            set_password(session, user)
        hand_over(session, assembly, by=office, on=HANDED_OVER.date(), count=MANY)
        names = [(user.email, user.name) for user in users]
        about = assembly.id, assembly.title, f"/a/{assembly.slug}"
        session.commit()
        session.close()
        people = [Person(new_page(), *name) for name in names]
        yield City(running.enter_context(served(app)), *about, clock, tmp_path, *people)


def test_forty_eight_recommendations_are_answered_and_one_goes_all_the_way(city: City) -> None:
    for person in (city.office, city.department, city.mayor, city.organiser):
        person.open(f"{city.address}/account/login")
        person.sign_in()
    all_are_assigned_at_once(city)
    the_department_fills_in_its_part(city)
    the_mayors_office_approves(city)
    the_office_publishes_what_a_file_says(city)
    the_others_are_answered_in_one_form(city)
    everyone_sees_what_is_late(city)
    one_goes_all_the_way(city)
    one_is_forwarded(city)
    everyone_reads_how_it_ended(city)


def choose(city: City, person: Person, numbers: range, kind: Move) -> None:
    """Tick the cases of some recommendations in the list, and go on to the form of a step."""
    person.open(f"{city.cases}/")
    for number in numbers:
        person.page.locator(f"#case-{city.case(number).id}").check()
    person.page.locator("#move").select_option(kind.value)
    person.press("Go on")


def all_are_assigned_at_once(city: City) -> None:
    for kind in (Move.ASSIGN, Move.BEGIN_REVIEW):
        choose(city, city.office, range(1, MANY + 1), kind)
        if kind is Move.ASSIGN:
            city.office.page.locator("[name='unit']").fill("Tiefbauamt")
        city.office.press("Publish")
    assert {city.case(number).state for number in (1, MANY)} == {CaseState.UNDER_REVIEW}


def filled_in(city: City, person: Person, numbers: range, name: str) -> Path:
    """Take the workbook along, fill in the answers to some recommendations, and save it under a name."""
    path = person.download("Synopsis to fill in (Excel)", city.folder)
    book, words = openpyxl.load_workbook(path), answer_texts.headings()
    sheet = book.worksheets[0]
    columns = {words.columns_of([str(cell.value)]).popitem()[0]: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, columns["number"]).value in numbers:
            for fact, value in said(Move.ANSWER, today(), outcome="accepted").items():
                offered = {code: text for text, code in words.choices.get(fact, {}).items()}
                sheet.cell(row, columns[fact]).value = offered.get(str(value), value)
    filled = city.folder / name
    book.save(filled)
    return filled


def upload(person: Person, path: Path, *, publishes: bool) -> None:
    person.page.locator("input[type=file]").set_input_files(path)
    if publishes:
        person.tick("Publish what it says as answers")
    person.press("Upload and look")


def the_department_fills_in_its_part(city: City) -> None:
    paula, numbers = city.department, range(1, OF_THE_DEPARTMENT + 1)
    paula.open(f"{city.address}/desk/")
    paula.follow("Answers as files: %(assembly)s", assembly=city.title)
    expect(paula.page.get_by_label(german("Publish what it says as answers"))).to_have_count(0)
    upload(paula, filled_in(city, paula, numbers, "tiefbauamt.xlsx"), publishes=False)
    paula.press_counted("Save %(num)s draft", "Save %(num)s drafts", OF_THE_DEPARTMENT)
    paula.sees_counted("%(num)s draft was saved.", "%(num)s drafts were saved.", OF_THE_DEPARTMENT)
    for number in numbers:
        paula.open(f"{city.address}/desk/cases/{city.case(number).id}/drafts/answer")
        paula.press("Submit for approval")


def the_mayors_office_approves(city: City) -> None:
    for number in range(1, OF_THE_DEPARTMENT + 1):
        assert city.case(number).state is CaseState.UNDER_REVIEW, "nothing is public before"
        city.mayor.open(f"{city.address}/desk/cases/{city.case(number).id}/drafts/answer")
        city.mayor.press("Approve and publish")
        assert city.case(number).state is CaseState.ANSWERED


def the_office_publishes_what_a_file_says(city: City) -> None:
    office = city.office
    office.open(f"{city.cases}/")
    office.follow("Answers as files")
    path = filled_in(city, office, BY_FILE, "ratsbuero.xlsx")
    spoil(path)
    upload(office, path, publishes=True)
    office.sees("The file has problems. Correct it and upload it again: all of it is taken over, or nothing.")
    assert city.case(BY_FILE[0]).state is CaseState.UNDER_REVIEW
    office.press("Delete file", about=path.name)
    path = filled_in(city, office, BY_FILE, "ratsbuero-2.xlsx")
    upload(office, path, publishes=True)
    office.press_counted("Publish %(num)s answer", "Publish %(num)s answers", len(BY_FILE))
    office.sees_counted("%(num)s answer was published.", "%(num)s answers were published.", len(BY_FILE))
    assert {city.case(number).state for number in BY_FILE} == {CaseState.ANSWERED}


def spoil(path: Path) -> None:
    """Take the reasons out of one row."""
    book = openpyxl.load_workbook(path)
    sheet, words = book.worksheets[0], answer_texts.headings()
    column = next(cell.column for cell in sheet[1] if words.columns_of([str(cell.value)]) == {"reasons": 0})
    row = next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 2).value == BY_FILE[0])
    sheet.cell(row, column).value = None
    book.save(path)


def the_others_are_answered_in_one_form(city: City) -> None:
    """All but one, which is late; that for which the city is not competent says so by itself."""
    office = city.office
    choose(city, office, range(BY_FILE[-1] + 1, FORWARDED), Move.ANSWER)
    office.follow("Rejected")
    values = said(Move.ANSWER, today(), outcome="rejected")
    values.pop("outcome")
    fill_in(office, values)
    office.press("Publish")
    city.take(office, FORWARDED, Move.ANSWER, outcome="not_competent")


def everyone_sees_what_is_late(city: City) -> None:
    city.after(100, city.office, city.organiser)
    visitor = city.mayor
    visitor.open(f"{city.address}{city.public}/recommendations/{LATE}")
    days = (today() - city.case(LATE).due_on).days
    visitor.sees_counted("Overdue for %(num)s day", "Overdue for %(num)s days", days)
    city.take(city.office, LATE, Move.ANSWER, outcome="accepted")
    assert (city.case(LATE).late, city.case(1).late) == (1, 0)


def one_goes_all_the_way(city: City) -> None:
    """Sent back once by the members for a better answer; then debated, decided, carried out, reviewed and closed."""
    city.take(city.organiser, 1, Move.ASK_BETTER)
    assert city.case(1).state is CaseState.UNDER_REVIEW
    city.take(city.office, 1, Move.ANSWER, outcome="accepted")
    city.take(city.organiser, 1, Move.REPLY, step=len(city.case(1).steps))
    for kind in (Move.DEBATE, Move.MINUTES, Move.DECIDE, Move.IMPLEMENT):
        city.take(city.office, 1, kind)
    city.after(60, city.office)
    city.take(city.office, 1, Move.REPORT, percent=100, evidence="https://example.org/foto")
    city.take(city.office, 1, Move.REVIEW, result="carried_out")
    city.take(city.office, 1, Move.CLOSE)
    assert city.case(1).state is CaseState.CLOSED


def one_is_forwarded(city: City) -> None:
    for kind in (Move.DEBATE, Move.MINUTES):
        city.take(city.office, FORWARDED, kind)
    city.take(city.office, FORWARDED, Move.DECIDE, outcome="not_competent")
    for kind in (Move.FORWARD, Move.FORWARDED_REPLY, Move.CLOSE):
        city.take(city.office, FORWARDED, kind)


def everyone_reads_how_it_ended(city: City) -> None:
    visitor = city.mayor
    visitor.open(f"{city.address}{city.public}/follow-up/register")
    expect(visitor.page.locator("main")).to_contain_text(german_count("%(num)s case.", "%(num)s cases.", MANY))
    for number, words in (
        (1, "Carried out"),
        (FORWARDED, "Reply of the competent body"),
        (LATE, "Done on %(day)s, too late"),
    ):
        visitor.open(f"{city.address}{city.public}/recommendations/{number}")
        expect(visitor.page.locator("main")).to_contain_text(german(words).split("%")[0].strip())
