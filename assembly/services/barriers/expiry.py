"""When what people reported is forgotten: some time after it was closed, or should have been answered."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Barrier, BarrierState, Mail, MailState
from assembly.services import mail
from assembly.services.barriers import states
from assembly.services.privacy import deadlines
from assembly.services.privacy.deadlines import PERIODS
from assembly.services.privacy.declaring import Deadline


def close_answered(session: Session) -> int:
    """Close what was answered long ago and nobody has closed, so that it is forgotten, too; return of how many."""
    before = now().date() - PERIODS[Deadline.BARRIERS]
    old = _batch(session, Barrier.state == BarrierState.ANSWERED, Barrier.answered_on < before)
    for barrier in old:
        states.close(session, barrier, by=None)
    return len(old)


def dismiss_unanswered(session: Session) -> int:
    """Close and erase what should have been answered long ago and never was; return of how many."""
    before = now().date() - PERIODS[Deadline.BARRIERS]
    old = _batch(session, Barrier.state == BarrierState.OPEN, Barrier.due_on < before)
    for barrier in old:
        states.dismiss(session, barrier, by=None)
        _erase(session, barrier)
    return len(old)


def erase_closed(session: Session) -> int:
    """Erase what was closed long ago; return of how many."""
    before = now() - PERIODS[Deadline.BARRIERS]
    old = _batch(session, Barrier.closed_at < before, Barrier.erased_at.is_(None))
    for barrier in old:
        _erase(session, barrier)
    return len(old)


def _batch(session: Session, *conditions: sa.ColumnElement[bool]) -> Sequence[Barrier]:
    """Return some of those of whom this holds; who else would change them waits."""
    found = sa.select(Barrier).where(*conditions).order_by(Barrier.id).limit(deadlines.BATCH)
    return session.scalars(found.with_for_update()).all()


def _erase(session: Session, barrier: Barrier) -> None:
    """Erase who reported what, and what they were answered, in mails too. Numbers and days stay.

    What is being sent at this moment goes with the old mails.
    """
    deeds = Mail.deed.startswith(states.deeds_of(barrier), autoescape=True)
    mail.erase(session, sa.and_(deeds, Mail.state != MailState.SENDING))
    barrier.page = barrier.text = barrier.answer = ""
    barrier.email, barrier.erased_at = None, now()
    session.flush()
