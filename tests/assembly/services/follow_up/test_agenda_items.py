"""Agenda items: one for each case and day of a notice after 30 days, as it was known then, whatever happens later."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from typing import Any

import docx
import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from assembly.clock import ZONE
from assembly.models import Assembly, Case, CaseNotice, Duty, LogEntry, Mail, Move, NoticeKind, User
from assembly.services import mail as outbox
from assembly.services.chapters import Document
from assembly.services.chapters_docx import file_of
from assembly.services.daily import today
from assembly.services.errors import NotFoundError
from assembly.services.follow_up import agenda_items, agenda_papers, cases, contacts, news, notices
from assembly.services.follow_up.agenda_items import AgendaItem
from assembly.services.follow_up.agenda_papers import Addresses
from assembly.services.follow_up.notice_mails import Pages
from assembly.services.follow_up.register import Filter
from assembly.services.follow_up.transitions import Actor
from assembly.views.case_papers import TEXTS
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import said
from tests.assembly.services.written import approve, speaking, text_of

HANDED_OVER = dt.date(2035, 3, 1)
ANSWER_DUE = dt.date(2035, 5, 30)
DAY = dt.timedelta(days=1)
PAGES = Pages("https://buergerrat.example.org")
ADDRESSES = Addresses(
    recommendation=f"{PAGES.public_url}/a/mobilitaet/recommendations/1",
    rules=f"{PAGES.public_url}/a/mobilitaet/follow-up",
)
MARKUP = '#panic("no") $x$ *bold* <w:t> =cmd|x {page} @label \\u{41} \x1b'
"""What typst, Word, a spreadsheet or a careless template would take for a command."""


class Office:
    """The council office, from day to day."""

    def __init__(self, session: Session, assembly: Assembly, user: User, traveller: Any) -> None:
        self.session, self.assembly, self.user, self._traveller = session, assembly, user, traveller
        self.case = hand_over(session, assembly, by=user, on=HANDED_OVER)[0]

    def on(self, day: dt.date, hour: int = 6) -> None:
        """Let it be a day, here."""
        self._traveller.move_to(dt.datetime.combine(day, dt.time(hour), ZONE))

    def take(self, move: Move, **values: Any) -> None:
        """Take a step."""
        values = said(move, today(), **values)
        cases.move(self.session, self.case, move, values, actor=Actor.OFFICE, by=self.user)

    def give(self) -> list[CaseNotice]:
        """Let a worker give what is due."""
        return notices.give_due(self.session, self.assembly, pages=PAGES)

    def items(self) -> list[AgendaItem]:
        """Return the agenda items about the case."""
        return agenda_items.items_of(self.session, [self.case])[self.case.id]

    def begin(self) -> None:
        """Assign the case to a department, extend, and let the answer be overdue for 30 days."""
        self.on(HANDED_OVER + 5 * DAY)
        self.take(Move.ASSIGN, unit="Tiefbaumt")
        self.take(Move.CORRECT, step=1, fact="unit", text="Tiefbauamt", reason="Ein Buchstabe fehlte.")
        self.take(Move.BEGIN_REVIEW)
        self.on(ANSWER_DUE - 10 * DAY)
        self.take(Move.EXTEND, duty="answer", days=14, reason="Das Gutachten kommt später.")
        self.on(ANSWER_DUE + 44 * DAY)
        self.give()


@pytest.fixture
def office(session: Session, assembly: Assembly, organiser: User) -> Iterator[Office]:
    """A case on the day of its handover."""
    with time_machine.travel(dt.datetime.combine(HANDED_OVER, dt.time(12), ZONE), tick=True) as traveller:
        assembly.is_public = True
        yield Office(session, assembly, organiser, traveller)


def document(office: Office, item: AgendaItem, addresses: Addresses = ADDRESSES) -> Document:
    """Return an item as a document."""
    language = agenda_papers.language_of(office.assembly)
    with speaking(language):
        return agenda_papers.document_of(item, office.assembly, texts=TEXTS, addresses=addresses)


@pytest.mark.parametrize("language", ["de", "en"])
def test_what_an_item_says(office: Office, language: str) -> None:
    """Written anew with UPDATE_SNAPSHOTS=1; read what changed before you commit it."""
    office.assembly.languages = ["tr", language]
    office.begin()
    text = text_of(document(office, office.items()[0]))
    assert text == approve(f"agenda_item.{language}.txt", text)


def test_there_is_one_for_each_case_and_day_of_a_notice_after_30_days(office: Office) -> None:
    """Also if two things are overdue on that day; and none after 14 days."""
    office.on(HANDED_OVER + 14 * DAY + 14 * DAY)
    office.give()
    assert office.items() == []
    office.on(ANSWER_DUE + 30 * DAY)
    given = office.give()
    assert [(one.duty, one.kind) for one in given] == [
        (Duty.ASSIGN, NoticeKind.OVERDUE_30),
        (Duty.ANSWER, NoticeKind.OVERDUE_30),
        (Duty.DEBATE, NoticeKind.BEFORE_14),
    ]
    assert [(one.number, one.day) for one in office.items()] == [(given[0].id, today())]
    assert [one.duty for one in office.items()[0].missed] == [Duty.ASSIGN, Duty.ANSWER]
    found = [agenda_items.get_item(office.session, office.assembly, 1, one.id) for one in given[:2]]
    assert found == [office.items()[0]] * 2


@pytest.mark.parametrize(("recommendation", "which"), [(2, 0), (1, 2), (1, 3)])
def test_other_notices_and_numbers_have_none(office: Office, recommendation: int, which: int) -> None:
    office.on(ANSWER_DUE + 30 * DAY)
    numbers = [*(one.id for one in office.give()), 9999]
    with pytest.raises(NotFoundError):
        agenda_items.get_item(office.session, office.assembly, recommendation, numbers[which])


def test_it_stays_what_it_was_when_the_answer_comes(office: Office) -> None:
    """The answer of the same day, and a later correction of what was said before, are not in it."""
    office.begin()
    before = document(office, office.items()[0])
    office.take(Move.ANSWER, reasons="Nun doch.")
    office.on(ANSWER_DUE + 60 * DAY)
    office.take(Move.CORRECT, step=1, fact="unit", text="Grünflächenamt", reason="Zuständigkeit.")
    office.session.expire_all()
    after = document(office, office.items()[0])
    assert text_of(after) == text_of(before)
    assert file_of(after, "pdf") == file_of(before, "pdf")


def test_what_is_redacted_later_is_gone_from_it(office: Office) -> None:
    office.begin()
    office.take(Move.REDACT, step=1, facts=["unit"], ground="Name", ordered_on=today())
    text = text_of(document(office, office.items()[0]))
    assert re.findall("Tiefbau", text) == []
    assert "Federführendes Amt: Auf Anordnung geschwärzt" in text


def test_what_people_wrote_is_no_command(office: Office) -> None:
    it = office.case.recommendation
    it.title = it.text = it.reasons = office.assembly.title = office.assembly.commissioning_body = MARKUP
    office.begin()
    made = document(office, office.items()[0])
    found = docx.Document(io.BytesIO(file_of(made, "docx")))
    shown = MARKUP.removesuffix("\x1b").strip()
    assert [one.text.strip() for one in found.paragraphs].count(shown) == 3  # the author, the text, the reasons
    assert file_of(made, "pdf").startswith(b"%PDF-")


def test_the_pdf_is_tagged_and_the_docx_has_its_links(office: Office) -> None:
    office.begin()
    made = document(office, office.items()[0])
    assert b"pdfuaid:part" in file_of(made, "pdf")
    found = docx.Document(io.BytesIO(file_of(made, "docx")))
    links = [one.target_ref for one in found.part.rels.values() if one.reltype.endswith("/hyperlink")]
    assert sorted(links) == sorted([ADDRESSES.recommendation, ADDRESSES.rules])


def test_without_a_public_page_it_leads_to_none(office: Office) -> None:
    office.begin()
    assert (
        re.findall("https?://|öffentlichen Seite", text_of(document(office, office.items()[0], Addresses("", ""))))
        == []
    )


def test_the_feed_has_it_once_and_from_the_moment_on(office: Office) -> None:
    office.begin()
    item = office.items()[0]
    found = [one for one in news.news_of(office.session, office.assembly, Filter()) if one.agenda]
    assert [(one.anchor, one.at) for one in found] == [
        (f"case-{office.case.id}-agenda-item-{item.number}", item.given_at)
    ]
    only = news.news_of(office.session, None, Filter(is_overdue=True), since=item.given_at - DAY)
    assert [one.agenda for one in only] == [item]
    assert news.news_of(office.session, None, Filter(), since=item.given_at) == []


def test_the_mail_has_its_address(office: Office) -> None:
    values = {"role": "mayor", "addressee": 0, "email": "ob@auenfurt.example"}
    contacts.add_contact(office.session, office.assembly, values, by=office.user)
    office.begin()
    found = office.session.scalars(sa.select(Mail).where(Mail.template == outbox.CASE_NOTICES)).all()[-1]
    address = (
        f"{PAGES.public_url}/a/{office.assembly.slug}/recommendations/1/agenda-item-{office.items()[0].number}.docx"
    )
    assert (address in found.text, address in str(found.html)) == (True, True)


def test_the_log_has_the_notice_alone(office: Office) -> None:
    office.begin()
    before = office.session.scalar(sa.select(sa.func.count()).select_from(LogEntry))
    office.items()
    assert office.session.scalar(sa.select(sa.func.count()).select_from(LogEntry)) == before
    assert office.session.get_one(Case, office.case.id).steps[-1].move is Move.EXTEND
