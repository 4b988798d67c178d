"""Messages that organisers write to members: drafted, seen as they will look, tried out, and sent once."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.clock import now
from assembly.models import (
    Announcement,
    Assembly,
    Attendance,
    AttendanceState,
    Audience,
    Channel,
    Event,
    Mail,
    MailState,
    Member,
    MemberMessage,
    MessageKind,
    User,
)
from assembly.models.base import UtcDateTime
from assembly.services import freezing, logbook, mail
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.follow_up import groups
from assembly.services.messages import people, quiet, truth, writing
from assembly.services.messages.people import Reader
from assembly.services.messages.writing import About, Addressed, Texts
from assembly.services.programme import events
from assembly.services.site import settings
from assembly.services.tables import seating
from assembly.services.texts import PLAIN

FIELDS = ("audience", "event_id", "table_number", "subject", "text", "plain_text", "english_subject", "english_text")
ENGLISH = "en"
_PARAGRAPHS = re.compile(r"\n\s*\n")


def _stands(event: Event | None, *states: AttendanceState) -> sa.ColumnElement[bool]:
    """Return the condition that a member stands to an event in one of these ways."""
    return sa.exists().where(
        Attendance.event_id == (event.id if event else None),
        Attendance.respondent_id == Member.respondent_id,
        Attendance.state.in_(states),
    )


def _everybody(_announcement: Announcement) -> sa.ColumnElement[bool]:
    return sa.true()


def _unanswered(announcement: Announcement) -> sa.ColumnElement[bool]:
    return ~_stands(announcement.event, *(state for state in AttendanceState if state is not AttendanceState.INVITED))


def _excused(announcement: Announcement) -> sa.ColumnElement[bool]:
    return _stands(announcement.event, AttendanceState.EXCUSED)


def _at_table(announcement: Announcement) -> sa.ColumnElement[bool]:
    return seating.sits_at(announcement.event_id, announcement.table_number)


def _followed_up(_announcement: Announcement) -> sa.ColumnElement[bool]:
    return groups.agrees()


AUDIENCES: Mapping[Audience, Callable[[Announcement], sa.ColumnElement[bool]]] = {
    Audience.ALL: _everybody,
    Audience.UNANSWERED: _unanswered,
    Audience.EXCUSED: _excused,
    Audience.TABLE: _at_table,
    Audience.FOLLOW_UP: _followed_up,
}
"""By audience, given the message, which of the confirmed members it is: another one is another line here."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Preview:
    """How a message would go out: how many by which way and when, who can be written to in none, and how it looks.

    `waits_until` is when mails and SMS leave, if it is quiet now; letters are printed by hand.
    """

    ways: Mapping[Channel, int]
    copies: int
    unreachable: Sequence[Reader]
    subject: str
    text: str
    waits_until: dt.datetime | None

    @property
    def count(self) -> int:
        """How many members get it."""
        return sum(self.ways.values())


def announcements_of(session: Session, assembly: Assembly) -> Sequence[tuple[Announcement, str]]:
    """Return the messages of an assembly, the newest first, each with the name of who wrote it."""
    found = session.execute(
        sa.select(Announcement, User.name)
        .join(User, User.id == Announcement.written_by_id)
        .where(Announcement.assembly_id == assembly.id)
        .options(joinedload(Announcement.event))
        .order_by(Announcement.id.desc())
    )
    return [(one, name) for one, name in found]


def get_announcement(session: Session, assembly: Assembly, announcement_id: int) -> Announcement:
    """Return a message of an assembly. Raises NotFoundError."""
    found = session.get(Announcement, announcement_id, options=[joinedload(Announcement.event)])
    if found is None or found.assembly_id != assembly.id:
        raise NotFoundError
    return found


def draft(session: Session, assembly: Assembly, values: Mapping[str, Any], *, by: User) -> Announcement:
    """Write a message, which nobody gets yet. Raises RuleError."""
    made = Announcement(assembly_id=assembly.id, written_by_id=by.id, written_at=now())
    _fill(session, assembly, made, values)
    session.add(made)
    session.flush()
    return made


def change(session: Session, announcement: Announcement, values: Mapping[str, Any], *, by: User) -> None:
    """Change a message that was not sent. Raises RuleError, ConflictError."""
    _require_draft(session, announcement)
    _fill(session, announcement.assembly, announcement, values)
    announcement.written_by_id, announcement.written_at = by.id, now()
    session.flush()


def discard(session: Session, announcement: Announcement) -> None:
    """Delete a message that was not sent. Raises ConflictError."""
    _require_draft(session, announcement)
    session.delete(announcement)
    session.flush()


def preview(
    session: Session, announcement: Announcement, *, name: str, language: str, page: str, has_gateway: bool
) -> Preview:
    """Return how a message would go out now, and how somebody of this name would read it."""
    readers = _readers(session, announcement, has_gateway=has_gateway)
    written = [one for one in readers if one.way is not Channel.PHONE]
    subject, text, _ = mail.render(truth.MESSAGE, language, _context(announcement, language, page, name=name))
    return Preview(
        Counter(one.way for one in written if not one.is_copy),
        sum(one.is_copy for one in written),
        [one for one in readers if one.way is Channel.PHONE],
        subject,
        text,
        _end_of_quiet(session, announcement),
    )


def send_test(session: Session, announcement: Announcement, *, page: str, by: User) -> Mail:
    """Send a message to one's own address only."""
    context = _context(announcement, by.language, page, name=by.name)
    assembly = announcement.assembly
    return mail.queue_mail(
        session, truth.MESSAGE, to=by.email, language=by.language, context=context, assembly=assembly, user=by
    )


def send(
    session: Session, announcement: Announcement, *, page: str, has_gateway: bool, at_once: bool = False, by: User
) -> int:
    """Queue a message to everybody whom it is for; return how many mails, SMS and letters.

    In quiet hours mails and SMS leave at their end, unless they are to go at once. Raises ConflictError if it was
    sent already, or nobody would get it.
    """
    _require_draft(session, announcement)
    readers = _readers(session, announcement, has_gateway=has_gateway)
    due_at = (None if at_once else _end_of_quiet(session, announcement)) or now()
    addressed = [
        Addressed(one, MessageKind.FROM_STAFF, _deed(announcement, one), due_at if one.to is not None else now())
        for one in readers
        if one.way is not Channel.PHONE
    ]
    if not addressed:
        raise ConflictError(marked("There is nobody to whom this message could go."))
    announcement.queued_at = now()
    session.flush()
    texts = Texts(truth.MESSAGE, lambda language: _context(announcement, language, page))
    about = About(announcement.event, announcement_id=announcement.id)
    written = writing.write(session, announcement.assembly, texts, addressed, about)
    details = {"title": announcement.subject, "members": len({one.reader.respondent_id for one in addressed})}
    subject = f"announcement:{announcement.id}"
    logbook.record(session, announcement.assembly, "message_sent", by=by, subject=subject, details=details)
    return written


def states_of(session: Session, announcement: Announcement) -> dict[MailState, int]:
    """Return how many of the mails, SMS and letters of a message are in each state."""
    counted = session.execute(
        sa.select(Mail.state, sa.func.count())
        .join(MemberMessage, MemberMessage.mail_id == Mail.id)
        .where(MemberMessage.announcement_id == announcement.id)
        .group_by(Mail.state)
    )
    return {state: count for state, count in counted}  # noqa: C416  # rows are no pairs for the type checker


def waiting_until(session: Session, sent: Sequence[Announcement]) -> dict[int, dt.datetime]:
    """Return when the mails and SMS of messages leave that wait for the end of the quiet hours, by message."""
    found = session.execute(
        sa.select(Announcement.id, sa.func.max(Mail.due_at, type_=UtcDateTime()))
        .join(MemberMessage, MemberMessage.announcement_id == Announcement.id)
        .join(Mail, Mail.id == MemberMessage.mail_id)
        .where(
            Announcement.id.in_([one.id for one in sent]),
            Mail.state == MailState.QUEUED,
            Mail.attempts == 0,  # what is tried again waits for other reasons
            Mail.recipient.is_not(None),
            Mail.due_at > now(),
        )
        .group_by(Announcement.id)
    )
    return {number: until for number, until in found}  # noqa: C416  # rows are no pairs for the type checker


def words_for(announcement: Announcement, language: str) -> tuple[str, str]:
    """Return subject and text of a message as a reader of a language gets them."""
    if language == ENGLISH and announcement.english_text:
        return announcement.english_subject or announcement.subject, announcement.english_text
    if language == PLAIN and announcement.plain_text:
        return announcement.subject, announcement.plain_text
    return announcement.subject, announcement.text


def _context(announcement: Announcement, language: str, page: str, *, name: str = "") -> dict[str, Any]:
    subject, text = words_for(announcement, language)
    assembly = announcement.assembly
    return {
        "name": name,
        "ward": None,
        "assembly": assembly.title,
        "contact": assembly.contact,
        "page": page,
        "subject": subject,
        "text": text,
        "paragraphs": [paragraph.splitlines() for paragraph in _PARAGRAPHS.split(text.strip())],
        "is_only_german": language == ENGLISH and not announcement.english_text,
        "is_not_plain": language == PLAIN and not announcement.plain_text,
    }


def _readers(session: Session, announcement: Announcement, *, has_gateway: bool) -> list[Reader]:
    condition = AUDIENCES[announcement.audience](announcement)
    return people.readers_of(session, announcement.assembly, condition, has_gateway=has_gateway)


def _fill(session: Session, assembly: Assembly, announcement: Announcement, values: Mapping[str, Any]) -> None:
    if not values["subject"].strip():
        raise RuleError(marked("Write a subject."), field="subject")
    if not values["text"].strip():
        raise RuleError(marked("Write what the members are to read."), field="text")
    audience, event_id = Audience(values["audience"]), values["event_id"]
    if audience in {Audience.ALL, Audience.FOLLOW_UP}:
        event_id = None
    elif event_id is None:
        raise RuleError(marked("Choose the event that this is about."), field="event_id")
    else:
        events.get_visible_event(session, assembly, event_id)
    if audience is Audience.TABLE and values["table_number"] is None:
        raise RuleError(marked("Say which table it is."), field="table_number")
    for field in FIELDS:
        setattr(announcement, field, values[field])
    if audience is not Audience.TABLE:
        announcement.table_number = None
    announcement.audience, announcement.event_id = audience, event_id


def _end_of_quiet(session: Session, announcement: Announcement) -> dt.datetime | None:
    """Return until when mails and SMS wait, if it is quiet now and their event has not begun by then."""
    at, starts_at = now(), announcement.event.starts_at if announcement.event else None
    until = quiet.next_moment(at, starts_at=starts_at, state=settings.state_of(session, announcement.assembly_id))
    too_late = starts_at is not None and at < starts_at <= until
    return until if until > at and not too_late else None


def _require_draft(session: Session, announcement: Announcement) -> None:
    """Let nobody else send it meanwhile."""
    freezing.lock_pool(session, announcement.assembly_id)
    session.refresh(announcement, ["queued_at"], with_for_update=True)
    if announcement.queued_at is not None:
        raise ConflictError(marked("This message was sent already."))


def _deed(announcement: Announcement, reader: Reader) -> str:
    copy = ":copy" if reader.is_copy else ""
    return f"{MessageKind.FROM_STAFF.value}:{announcement.id}:{reader.respondent_id}{copy}"
