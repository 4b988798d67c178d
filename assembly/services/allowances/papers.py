"""What members get on paper: certificates that they took part, and what they were paid in a year.

A certificate says where and how long somebody was there, as it was noted at the events: nothing of needs or payments.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.clock import ZONE, now
from assembly.models import Attendance, AttendanceState, Claim, ClaimState, Event, EventState, Member, PaymentList
from assembly.services.attendance.people import THERE
from assembly.services.errors import NotFoundError, marked
from assembly.services.pdfs import REPORT, Data, Words, compiled, list_table, report, section
from assembly.services.texts import catalogue

FEW_PARTS = 2
"""So many columns of amounts fit on a page upright."""
OFFICIAL = "de"
"""The language of those for whom certificates are, whatever the member reads."""
LETTER_SIZE = 11
"""Points of what is read as a letter."""


class Reader(enum.StrEnum):
    """For whom a certificate is."""

    EMPLOYER = "employer"
    SCHOOL = "school"
    JOB_CENTRE = "job_centre"


MEANING: Mapping[Reader, str] = {
    Reader.EMPLOYER: marked(
        "This certificate is for the employer, as evidence of the time that the member spent with the citizens’ "
        "assembly. The ways there and back are not part of the times."
    ),
    Reader.SCHOOL: marked(
        "This certificate is for the school. Please excuse the lessons that the member missed at these times."
    ),
    Reader.JOB_CENTRE: marked(
        "This certificate is for the job centre. The members were drawn by lot; taking part is civic engagement and no "
        "employment."
    ),
}
LENGTHS = {
    AttendanceState.PRESENT: marked("all the time"),
    AttendanceState.PRESENT_HALF: marked("half of the time"),
}
PARTS: tuple[tuple[str, str], ...] = (
    ("attendance_cents", marked("Attendance")),
    ("travel_cents", marked("Way by car or bicycle")),
    ("ticket_cents", marked("Tickets for bus and train")),
    ("childcare_cents", marked("Childcare")),
    ("care_cents", marked("Care of relatives")),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Paid:
    """A claim that was paid, and when."""

    claim: Claim
    paid_at: dt.datetime


def presences_of(session: Session, member: Member) -> Sequence[tuple[Event, AttendanceState]]:
    """Return the events at which a member was, in the order of time."""
    found = session.execute(
        sa.select(Event, Attendance.state)
        .join(Attendance, Attendance.event_id == Event.id)
        .where(
            Attendance.respondent_id == member.respondent_id,
            Attendance.state.in_(THERE),
            Event.state != EventState.CANCELLED,
        )
        .order_by(Event.starts_at, Event.id)
    )
    return [(event, state) for event, state in found]


def certificate(session: Session, member: Member, reader: Reader, *, language: str = OFFICIAL) -> bytes:
    """Return a certificate as PDF. Raises NotFoundError for who was at no event, or is not known by name any more."""
    return compiled(REPORT, certificate_of(session, member, reader, language=language), made_at=now())


def certificate_of(session: Session, member: Member, reader: Reader, *, language: str) -> Data:
    """Return the words of a certificate. Raises NotFoundError, as above."""
    words, presences = Words(language, catalogue(language)), presences_of(session, member)
    contact = member.respondent.contact
    if not presences or contact is None:
        raise NotFoundError
    name, assembly = f"{contact.first_name} {contact.last_name}", member.respondent.assembly
    lines = [line.strip() for line in assembly.contact.splitlines() if line.strip()]
    facts = [(words.say(marked("Contact")), ", ".join(lines))] if lines else []
    about = marked(
        "We certify that %(name)s took part in these events as a member of the citizens’ assembly “%(title)s”:"
    )
    rows = [
        [words.day(event.starts_at), f"{words.time(event.starts_at)}–{words.time(event.ends_at)}", event.title, how]
        for event, how in ((event, words.say(LENGTHS[state])) for event, state in presences)
    ]
    columns = (marked("Day"), marked("Time"), marked("Event"), marked("Present"))
    events = list_table([words.say(column) for column in columns], rows, widths=(1.3, 1.1, 3, 1.3))
    sections = [
        section("", [words.say(about, name=name, title=assembly.title)], tables=[events]),
        section("", [words.say(MEANING[reader])], facts),
    ]
    signature = [words.day(now()), words.say(marked("Signature and stamp"))]
    title = words.say(marked("Certificate of participation"))
    return _paper(words, member, title, sections, signatures=[signature])


def years_of(session: Session, member: Member) -> list[int]:
    """Return the years in which a member was paid something, newest first."""
    return sorted({_year(one.paid_at) for one in _paid_of(session, member)}, reverse=True)


def statement(session: Session, member: Member, year: int, *, language: str) -> bytes:
    """Return what a member was paid in a year as PDF. Raises NotFoundError for a year without payments."""
    return compiled(REPORT, statement_of(session, member, year, language=language), made_at=now())


def statement_of(session: Session, member: Member, year: int, *, language: str) -> Data:
    """Return the words of a statement. Raises NotFoundError, as above."""
    words = Words(language, catalogue(language))
    paid = [one for one in _paid_of(session, member) if _year(one.paid_at) == year]
    if not paid:
        raise NotFoundError
    parts = [(name, label) for name, label in PARTS if any(getattr(one.claim, name) for one in paid)]
    columns = [marked("Event"), marked("Paid on"), *(label for _, label in parts), marked("Sum")]
    rows = [
        [
            f"{one.claim.event.title}, {words.day(one.claim.event.starts_at)}",
            words.day(one.paid_at),
            *(words.money(getattr(one.claim, name)) for name, _ in parts),
            words.money(one.claim.cents),
        ]
        for one in paid
    ]
    sums = [words.money(sum(getattr(one.claim, name) for one in paid)) for name, _ in parts]
    total = words.money(sum(one.claim.cents for one in paid))
    rows.append([words.say(marked("All together")), "", *sums, total])
    shown = list_table(
        [words.say(column) for column in columns],
        rows,
        widths=(2.6, 1.5, *(1.2 for _ in parts), 1.2),
        numeric=range(2, len(columns)),
    )
    contact = member.respondent.contact
    about = marked("This is what %(name)s was paid in %(year)s for taking part in the citizens’ assembly “%(title)s”.")
    name = f"{contact.first_name} {contact.last_name}" if contact else member.respondent.code
    text = words.say(about, name=name, year=str(year), title=member.respondent.assembly.title)
    title = words.say(marked("Allowances in %(year)s"), year=str(year))
    return _paper(words, member, title, [section("", [text], tables=[shown])], is_wide=len(parts) > FEW_PARTS)


def _paid_of(session: Session, member: Member) -> list[Paid]:
    found = session.execute(
        sa.select(Claim, PaymentList.paid_at)
        .join(PaymentList, PaymentList.id == Claim.list_id)
        .where(Claim.respondent_id == member.respondent_id, Claim.state == ClaimState.PAID)
        .options(joinedload(Claim.event))
        .order_by(PaymentList.paid_at, Claim.id)
    )
    return [Paid(claim, paid_at) for claim, paid_at in found if paid_at is not None]


def _year(moment: dt.datetime) -> int:
    return moment.astimezone(ZONE).year


def _paper(words: Words, member: Member, title: str, sections: Sequence[Data], **more: Any) -> Data:
    author, size = member.respondent.assembly.commissioning_body, LETTER_SIZE
    return report(words, author, title, sections, size=size, table_size=size - 1, **more)
