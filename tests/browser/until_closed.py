"""What comes after the draw, in German, in a real browser: until the council has answered, and everything is closed.

The other half of `test_walk`, with the same town. A member who reads letters alone comes to an evening at which two
recommendations are adopted; one is answered too late and carried out, the other one is rejected. Register, feed, mails,
letters and archive tell the same story.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import lxml.etree
import sqlalchemy as sa
import time_machine
from babel.dates import format_date
from sqlalchemy.orm import Session, sessionmaker

from assembly.models import Assembly, Case, CaseState, Mail, MailState, Move
from assembly.services.daily import today
from assembly.services.follow_up import cases
from assembly.services.programme.times import moment
from tests.assembly.services.test_children import wait_until
from tests.assembly.services.test_delivery import PostOffice
from tests.browser.case_steps import take
from tests.browser.person import Person, german

KEPT, REJECTED = 1, 2
"""The numbers of the two recommendations."""
TITLES = {KEPT: "Schatten am Ufer", REJECTED: "Parkhaus am Markt"}
EVENING = "Abschlussabend im Ratssaal"
SUBSCRIBER, OFFICE = "presse@example.org", "ratsbuero@example.org"


@dataclasses.dataclass
class Matter:
    """The assembly after its draw: where it is, its post and its clock, and who goes on with it."""

    address: str
    slug: str
    office: PostOffice
    clock: time_machine.Traveller
    sessions: sessionmaker[Session]
    folder: Path
    command: Callable[..., str]
    organiser: Person
    visitor: Person
    member: Person

    @property
    def base(self) -> str:
        """The address of the organisers' pages."""
        return f"{self.address}/assemblies/1"

    @property
    def public(self) -> str:
        """The address of what everybody sees."""
        return f"{self.address}/a/{self.slug}"

    def at(self, day: dt.date) -> None:
        """Let it be ten in the morning of a day; the organiser signs in again."""
        self.clock.move_to(moment(day, dt.time(10)))
        self.organiser.page.context.clear_cookies()
        self.organiser.open(f"{self.address}/account/login")
        self.organiser.sign_in()

    def after(self, days: int) -> None:
        """Let days pass."""
        self.at(today() + dt.timedelta(days=days))

    def case(self, number: int) -> Case:
        """Return the case of a recommendation as it is by now."""
        with self.sessions() as session:
            [found] = cases.cases_about(session, session.get_one(Assembly, 1), number)
            return found

    def take(self, number: int, kind: Move, **values: Any) -> None:
        """Publish a step on a recommendation."""
        take(self.organiser, f"{self.base}/cases/{self.case(number).id}", kind, **values)

    def letter(self, template: str) -> Mail:
        """Wait for the only letter of a kind that is to be printed, print it, and return it."""
        wanted = sa.select(Mail).where(Mail.template == template, Mail.state == MailState.TO_PRINT)

        def found() -> list[Mail]:
            with self.sessions() as session:
                return list(session.scalars(wanted))

        wait_until(lambda: bool(found()))
        [letter] = found()
        self.organiser.page.reload()
        with self.organiser.page.expect_download() as started:
            batch = german("Letters of batch %(number)s (PDF)", number=1)
            self.organiser.page.get_by_role("link", name=batch).first.click()
        assert started.value.path().read_bytes().startswith(b"%PDF-")
        self.organiser.page.get_by_role("button", name=german("Mark as printed")).first.click()
        assert found() == []
        return letter

    def mails_to(self, address: str) -> list[str]:
        """Return what mails to somebody say."""
        bodies = [mail.get_body(("plain",)) for mail in self.office.received if address in str(mail["To"])]
        return [str(body.get_content()) for body in bodies if body is not None]

    def is_written_to(self, address: str, *words: str) -> None:
        """Wait for a mail to somebody that says all this."""
        wait_until(lambda: any(all(word in body for word in words) for body in self.mails_to(address)))


def until_everything_is_closed(matter: Matter, seat: str) -> None:
    """Go all the way; `seat` is the page of somebody who was drawn and has not answered yet."""
    code = a_member_who_reads_letters_takes_their_seat(matter, seat)
    day = an_evening_is_planned(matter)
    the_member_is_reminded_by_letter(matter, code, day)
    two_recommendations_are_adopted_and_handed_over(matter, day)
    the_member_sees_them_and_agrees_to_be_written_to(matter, code)
    somebody_subscribes(matter)
    one_is_rejected_in_time_and_one_is_late(matter)
    both_are_debated_decided_and_closed(matter)
    the_member_hears_of_it_by_letter(matter, code)
    all_tell_the_same(matter)


def a_member_who_reads_letters_takes_their_seat(matter: Matter, seat: str) -> str:
    """Return the code from their letter."""
    organiser = matter.organiser
    organiser.open(seat)
    organiser.choose("Preferred channel", "Letter")
    organiser.tick("The person says that they are 18 or older")
    organiser.press("Confirm the seat")
    organiser.open(f"{matter.base}/panel/access/")
    organiser.press_counted("Write to %(num)s member without a link", "Write to %(num)s members without a link", 4)
    letter = matter.letter("member_access")
    found = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", letter.text)
    assert found is not None
    enter(matter, found[0])
    matter.member.sees("My schedule")
    return found[0]


def enter(matter: Matter, code: str) -> None:
    """Type the code from the letter."""
    matter.member.page.context.clear_cookies()
    matter.member.open(f"{matter.address}/m/")
    matter.member.fill("Your code", code)
    matter.member.press("Open my page")


def an_evening_is_planned(matter: Matter) -> dt.date:
    """Return its day."""
    organiser, day = matter.organiser, today() + dt.timedelta(days=30)
    organiser.open(f"{matter.base}/programme/events/new")
    organiser.fill_all({"Title": EVENING, "Day": day.isoformat(), "Begins at": "18:00", "Ends at": "21:00"})
    organiser.choose("Kind", "Closing")
    organiser.press("Save")
    organiser.press("Publish")
    return day


def the_member_is_reminded_by_letter(matter: Matter, code: str, day: dt.date) -> None:
    matter.at(day - dt.timedelta(days=13))
    matter.organiser.open(f"{matter.base}/programme/messages/")
    letter = matter.letter("member_reminder")
    assert EVENING in letter.text
    enter(matter, code)
    matter.member.sees(EVENING)


def two_recommendations_are_adopted_and_handed_over(matter: Matter, day: dt.date) -> None:
    organiser = matter.organiser
    matter.at(day + dt.timedelta(days=1))
    for title in TITLES.values():
        organiser.open(f"{matter.base}/recommendations/new")
        organiser.fill_all({"Title": title, "Recommendation": f"{title}: bis 2030.", "Reasons": "Es ist heiß."})
        organiser.press("Save")
    organiser.open(f"{matter.base}/recommendations/counts?event=0")
    for number in TITLES:
        for name, votes in (("yes", 40), ("no", 5), ("abstained", 1), ("present", 46)):
            organiser.page.locator(f"[name='{name}_{number}']").fill(str(votes))
    organiser.page.locator("[name='counted_on']").fill(day.isoformat())
    organiser.press("Record the counts")
    for number in TITLES:
        organiser.open(f"{matter.base}/recommendations/{number}")
        organiser.page.locator("[name='addressees']").first.check()
        organiser.press("Save the addressees")
    organiser.follow("Recommendations", last=True)
    organiser.follow("Hand over")
    organiser.fill("Received by", "Oberbürgermeisterin Dr. Anna Berg")
    organiser.press("Look at what this means")
    organiser.press("Hand over")
    organiser.sees("Handed over: from now on answers are owed.")
    assert {matter.case(number).state for number in TITLES} == {CaseState.HANDED_OVER}


def the_member_sees_them_and_agrees_to_be_written_to(matter: Matter, code: str) -> None:
    member = matter.member
    enter(matter, code)
    member.open(f"{matter.address}/m/recommendations")
    for title in TITLES.values():
        member.sees(title)
    member.open(f"{matter.address}/m/data")
    member.press("I agree", about=german("You may write to me about what becomes of our recommendations"))
    member.sees("Saved.")


def somebody_subscribes(matter: Matter) -> None:
    visitor = matter.visitor
    visitor.open(f"{matter.public}/follow-up/subscribe")
    visitor.fill("Your e-mail address", SUBSCRIBER)
    visitor.press("Subscribe")
    wait_until(lambda: bool(matter.mails_to(SUBSCRIBER)))
    link = re.search(r"https?://\S+", matter.mails_to(SUBSCRIBER)[0])
    assert link is not None
    visitor.open(link[0])
    visitor.press("Yes, I subscribe")


def one_is_rejected_in_time_and_one_is_late(matter: Matter) -> None:
    matter.organiser.open(f"{matter.base}/cases/contacts")
    matter.organiser.fill("E-mail address", OFFICE)
    matter.organiser.press("Add")
    for number in TITLES:
        matter.take(number, Move.ASSIGN)
        matter.take(number, Move.BEGIN_REVIEW)
    matter.after(30)
    matter.take(REJECTED, Move.ANSWER, outcome="rejected")
    due = matter.case(KEPT).due_on
    assert due is not None
    matter.at(due - dt.timedelta(days=2))
    matter.is_written_to(OFFICE, TITLES[KEPT])
    matter.is_written_to(SUBSCRIBER, TITLES[REJECTED], german("Answer of the administration"))
    matter.at(due + dt.timedelta(days=2))
    matter.visitor.open(f"{matter.public}/recommendations/{KEPT}")
    matter.visitor.sees_counted("Overdue for %(num)s day", "Overdue for %(num)s days", 2)
    matter.is_written_to(SUBSCRIBER, TITLES[KEPT], "Überfällig seit")
    matter.take(KEPT, Move.ANSWER, outcome="accepted")
    assert (matter.case(KEPT).late, matter.case(REJECTED).late) == (1, 0)


def both_are_debated_decided_and_closed(matter: Matter) -> None:
    for number, outcome in ((KEPT, "accepted"), (REJECTED, "rejected")):
        for kind in (Move.DEBATE, Move.MINUTES):
            matter.take(number, kind)
        matter.take(number, Move.DECIDE, outcome=outcome)
    matter.take(KEPT, Move.IMPLEMENT)
    matter.after(60)
    matter.take(KEPT, Move.REPORT, percent=100, evidence="https://example.org/foto")
    matter.take(KEPT, Move.REVIEW, result="carried_out")
    for number in TITLES:
        matter.take(number, Move.CLOSE)
    assert {matter.case(number).state for number in TITLES} == {CaseState.CLOSED}


def the_member_hears_of_it_by_letter(matter: Matter, code: str) -> None:
    organiser, member = matter.organiser, matter.member
    organiser.open(f"{matter.base}/programme/messages/new")
    organiser.page.get_by_label(german("Those who agreed to the follow-up")).check()
    organiser.fill_all({"Subject": "Alles ist abgeschlossen", "Text": f"{TITLES[KEPT]} ist umgesetzt."})
    organiser.press("Save and look at it")
    organiser.follow("Send …")
    organiser.press_counted("Send to %(num)s person", "Send to %(num)s people", 1)
    organiser.open(f"{matter.base}/programme/messages/")
    assert TITLES[KEPT] in matter.letter("member_message").text
    enter(matter, code)
    member.open(f"{matter.address}/m/recommendations/{KEPT}")
    member.sees("Closed")
    member.sees("Carried out")


def all_tell_the_same(matter: Matter) -> None:
    """Page, register, open data, feed, mails, log and archive: one too late and carried out, the other one rejected."""
    answered = matter.case(KEPT).steps[2]
    assert answered.move is Move.ANSWER
    late = german("Done on %(day)s, too late", day=format_date(answered.taken_on, "long", locale="de"))
    stories = {KEPT: (late, german("Carried out")), REJECTED: (german("Rejected"),)}
    archive = matter.folder / "archive"
    matter.command("assembly", "archive", matter.slug, str(archive))
    assert "as it was written" in matter.command("assembly", "check-archive", str(archive))
    for number, story in stories.items():
        copy = (archive / "de" / "recommendations" / f"{number}.html").as_uri()
        for page in (f"{matter.public}/recommendations/{number}", copy):
            matter.visitor.page.goto(page)
            shown = " ".join(str(matter.visitor.page.locator("main").text_content()).split())
            wanted = (TITLES[number], german("Closed"), *story)
            assert [words for words in wanted if words not in shown] == [], page
    registered = json.loads(_read(f"{matter.public}/follow-up.json"))["cases"]
    facts = [(one["recommendation"]["title"], one["state"], one["decided"], one["result"]) for one in registered]
    assert facts == [
        (TITLES[KEPT], "closed", "accepted", "carried_out"),
        (TITLES[REJECTED], "closed", "rejected", None),
    ]
    assert json.loads((archive / "files" / "follow-up.json").read_text(encoding="utf-8"))["cases"] == registered
    news = lxml.etree.fromstring(_read(f"{matter.public}/follow-up.atom").encode())
    said = [str(title.text) for title in news.iter("{http://www.w3.org/2005/Atom}title")]
    closed = german("Closed in a public meeting")
    for title in TITLES.values():
        assert [words for words in said if title in words and closed in words], said
    assert [words for words in said if TITLES[KEPT] in words and "überfällig" in words], said
    matter.after(1)
    matter.is_written_to(SUBSCRIBER, *TITLES.values(), closed)
    matter.command("assembly", "audit", "verify", matter.slug)


def _read(address: str) -> str:
    with urlopen(address) as answer:  # noqa: S310  # our own server
        return str(answer.read().decode())
