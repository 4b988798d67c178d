"""What was tried to reach drawn people: what staff recorded, and what the outbox tells of the mail about the draw."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    Assembly,
    AttemptOutcome,
    Channel,
    ContactAttempt,
    Mail,
    MailState,
    Member,
    Respondent,
    User,
)
from assembly.services.errors import marked
from assembly.services.mail import SMS
from assembly.services.panel.telling import Letter

CHANNELS_BEFORE_NOT_REACHED = 2
DAYS_BEFORE_NOT_REACHED = dt.timedelta(days=7)
_TOLD: Mapping[MailState, tuple[Channel, AttemptOutcome]] = {
    MailState.SENT: (Channel.MAIL, AttemptOutcome.SENT),
    MailState.PRINTED: (Channel.LETTER, AttemptOutcome.SENT),
    MailState.REFUSED: (Channel.MAIL, AttemptOutcome.UNDELIVERABLE),
}
"""What a mail in these states counts as. Whatever still waits, or was perhaps sent, reached nobody yet."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Attempt:
    """An attempt to reach somebody; `by` is the name of who made it, None for what the application sent."""

    at: dt.datetime
    channel: Channel
    outcome: AttemptOutcome
    callback_on: dt.date | None = None
    note: str = ""
    by: str | None = None


def attempts_of(session: Session, respondent: Respondent) -> list[Attempt]:
    """Return the attempts to reach somebody, newest first."""
    recorded = session.execute(
        sa.select(ContactAttempt, User.name)
        .outerjoin(User, User.id == ContactAttempt.by_id)
        .where(ContactAttempt.respondent_id == respondent.id)
        .order_by(ContactAttempt.id)
    )
    told = session.execute(_mails().where(Mail.respondent_id == respondent.id))
    made = [_recorded(attempt, name) for attempt, name in recorded] + [_told(mail) for mail in told]
    return sorted(made, key=_moment)[::-1]


def last_attempts(session: Session, assembly: Assembly) -> dict[int, Attempt]:
    """Return respondent id → the last attempt to reach them."""
    newest = (
        sa.select(sa.func.max(ContactAttempt.id))
        .join(Member, Member.respondent_id == ContactAttempt.respondent_id)
        .where(Member.assembly_id == assembly.id)
        .group_by(ContactAttempt.respondent_id)
    )
    recorded = session.scalars(sa.select(ContactAttempt).where(ContactAttempt.id.in_(newest)))
    told = session.execute(_mails().where(Mail.assembly_id == assembly.id, Mail.respondent_id.is_not(None)))
    made = [(mail.respondent_id, _told(mail)) for mail in told]
    made += [(attempt.respondent_id, _recorded(attempt, None)) for attempt in recorded]
    return dict(sorted(made, key=lambda pair: _moment(pair[1])))


def lacking_for_not_reached(attempts: Iterable[Attempt]) -> str | None:
    """Return what is still to be done before somebody counts as not reached, as a sentence; None if nothing is.

    The rule: two channels, one of them written, and seven days since the first attempt.
    """
    made = sorted(attempts, key=_moment)
    if len({attempt.channel for attempt in made}) < CHANNELS_BEFORE_NOT_REACHED:
        return marked("Try a second channel first.")
    if not any(a.channel.is_written and a.outcome is not AttemptOutcome.UNDELIVERABLE for a in made):
        return marked("Write to the person first: by mail, SMS or letter.")
    if now() < made[0].at + DAYS_BEFORE_NOT_REACHED:
        return marked("Wait until seven days have passed since the first attempt.")
    return None


def _mails() -> sa.Select[int | None, str, MailState, str | None, dt.datetime]:
    """Select the mails, letters and SMS to drawn people that count, without what they say."""
    moment = sa.func.coalesce(Mail.finished_at, Mail.created_at, type_=Mail.created_at.type)
    return (
        sa.select(Mail.respondent_id, Mail.template, Mail.state, Mail.reply, moment.label("at"))
        .where(Mail.template.in_((Letter.DRAWN.value, SMS)), Mail.state.in_(_TOLD))
        .order_by(Mail.id)
    )


def _told(mail: Any) -> Attempt:
    channel, outcome = _TOLD[mail.state]
    if mail.template == SMS:
        channel = Channel.SMS
    is_refused = outcome is AttemptOutcome.UNDELIVERABLE
    return Attempt(mail.at, channel, outcome, note=(mail.reply or "") if is_refused else "")


def _recorded(attempt: ContactAttempt, by: str | None) -> Attempt:
    return Attempt(attempt.at, attempt.channel, attempt.outcome, attempt.callback_on, attempt.note, by)


def _moment(attempt: Attempt) -> dt.datetime:
    return attempt.at
