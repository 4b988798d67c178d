"""What was written and does not leave for hours: whoever it is to is called, as long as there is time."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Mail, MailState, MemberMessage

PATIENCE = dt.timedelta(hours=2)
"""How long something written may wait beyond its moment before its member is called."""
NOT_SENT = (MailState.QUEUED, MailState.SENDING, MailState.REFUSED)


def in_vain() -> sa.ColumnElement[bool]:
    """Return the condition that a mail or SMS to a member should have left hours ago, or was tried, and did not leave.

    What waits for the end of the night does not wait in vain; what waits for the mail server says what it replied.
    """
    is_due = sa.or_(Mail.due_at <= now() - PATIENCE, Mail.attempts > 0, Mail.reply.is_not(None))
    return sa.and_(Mail.state.in_(NOT_SENT), Mail.created_at <= now() - PATIENCE, ~MemberMessage.is_copy, is_due)


def members(session: Session, *about: sa.ColumnElement[bool]) -> set[int | None]:
    """Return the numbers of the members whom messages about this do not reach."""
    found = sa.select(Mail.respondent_id).join(MemberMessage, MemberMessage.mail_id == Mail.id)
    return set(session.scalars(found.where(in_vain(), *about)))
