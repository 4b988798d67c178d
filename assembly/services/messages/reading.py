"""What a member was written, as they and the organisers read it again."""

from __future__ import annotations

import dataclasses
import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Announcement, Channel, Mail, MailState, Member, MemberMessage
from assembly.services.mail import SMS_TEMPLATES
from assembly.services.messages import announcements, truth

GONE_OUT = (MailState.SENT, MailState.PERHAPS_SENT, MailState.PRINTED)
"""States in which a member has got something, as far as anybody knows."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Message:
    """A message to a member: when it was sent or is due, by which way, and whether it went to their guardian."""

    mail: Mail
    way: Channel
    is_copy: bool
    subject: str
    text: str

    @property
    def at(self) -> dt.datetime:
        """When it went out, or when it is to."""
        return self.mail.finished_at or self.mail.due_at


def messages_of(session: Session, member: Member) -> list[Message]:
    """Return all that was written to a member about events, or to their guardian, the newest first, in one query."""
    return _messages(session, member)


def own_messages_of(session: Session, member: Member) -> list[Message]:
    """Return what a member got or is about to get, in one query; copies are another's, and what is outdated is void."""
    holds = sa.or_(Mail.state.in_(GONE_OUT), ~truth.is_outdated())
    return _messages(session, member, MemberMessage.is_copy.is_(False), Mail.state != MailState.OUTDATED, holds)


def _messages(session: Session, member: Member, *conditions: sa.ColumnElement[bool]) -> list[Message]:
    found = session.execute(
        sa.select(Mail, MemberMessage.is_copy, Announcement)
        .join(MemberMessage, MemberMessage.mail_id == Mail.id)
        .outerjoin(Announcement, Announcement.id == MemberMessage.announcement_id)
        .where(Mail.respondent_id == member.respondent_id, Mail.state != MailState.ERASED, *conditions)
        .order_by(Mail.due_at.desc(), Mail.id.desc())
    )
    return [_message(mail, is_copy=is_copy, announcement=announcement) for mail, is_copy, announcement in found]


def _message(mail: Mail, *, is_copy: bool, announcement: Announcement | None) -> Message:
    """Return a message with its whole text, of which an SMS holds but the subject."""
    is_sms = mail.template in SMS_TEMPLATES
    way = Channel.SMS if is_sms else Channel.MAIL if mail.recipient is not None else Channel.LETTER
    subject, text = mail.subject, mail.text
    if is_sms and announcement is not None:
        subject, text = announcements.words_for(announcement, mail.language)
    return Message(mail, way, is_copy, subject, text)
