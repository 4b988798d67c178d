"""Answering reported barriers: administrators see which are due, and write or note what was said."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import ZONE
from assembly.models import AnswerWay, Barrier, BarrierState, Mail, MailState, User
from assembly.services import mail
from assembly.services.accounts import CITY_LOG
from assembly.services.barriers.states import deeds_of, move
from assembly.services.daily import today
from assembly.services.errors import ConflictError, RuleError, marked
from assembly.services.site import settings

ANSWERED = "barrier_answered"
"""The template of the mail with the answer."""
UNDECIDED = (MailState.REFUSED, MailState.PERHAPS_SENT)
"""Where a mail with an answer stands whose fate somebody has to decide."""


class Fate(enum.StrEnum):
    """What can be decided about an answer that the mail server refused, or perhaps sent."""

    AGAIN = "again"
    WAS_SENT = "was_sent"
    ANOTHER_WAY = "another_way"


def _deed(barrier: Barrier) -> str:
    return f"{deeds_of(barrier)}answered"


def all_barriers(session: Session) -> Sequence[Barrier]:
    """Return all barriers: open ones first, by the day on which they are due, then the newest."""
    is_done = sa.case((Barrier.state == BarrierState.OPEN, 0), else_=1)
    due = sa.case((Barrier.state == BarrierState.OPEN, Barrier.due_on), else_=None)
    return session.scalars(sa.select(Barrier).order_by(is_done, due, Barrier.id.desc())).all()


def mail_with_answer(session: Session, barrier: Barrier) -> MailState | None:
    """Return where the mail with the answer stands; None if there is none."""
    return session.scalar(sa.select(Mail.state).where(Mail.deed == _deed(barrier)))


def did_not_arrive() -> sa.ColumnElement[bool]:
    """Return the condition under which the mail with the answer was refused, or perhaps not sent."""
    deed = sa.literal("barrier:").concat(sa.cast(Barrier.id, sa.String)).concat(":answered")
    stuck = sa.exists().where(Mail.deed == deed, Mail.state.in_(UNDECIDED))
    return sa.and_(Barrier.state == BarrierState.ANSWERED, stuck)


def not_arrived(session: Session) -> frozenset[int]:
    """Return the numbers of the barriers whose answers did not arrive, as far as is known."""
    return frozenset(session.scalars(sa.select(Barrier.id).where(did_not_arrive())))


def decide(session: Session, barrier: Barrier, fate: Fate, *, by: User) -> None:
    """Carry out what was decided about an answer that did not arrive. Raises ConflictError.

    If it is to be given in another way, the case is open again, and what was written stands ready in the form.
    """
    ours = sa.select(Mail).where(Mail.deed == _deed(barrier), Mail.state.in_(UNDECIDED))
    found = session.scalar(ours.with_for_update())
    if found is None or barrier.state is not BarrierState.ANSWERED:
        raise ConflictError(marked("The state of this mail has changed meanwhile. Load the page again."))
    if fate is Fate.AGAIN:
        mail.send_again(session, found)
    elif fate is Fate.WAS_SENT:
        mail.mark_as_sent(session, found)
    else:
        mail.erase(session, Mail.id == found.id)
        move(barrier, BarrierState.OPEN)
        barrier.answer_way = barrier.answered_on = barrier.answered_by_id = None
        session.flush()
    CITY_LOG.info("barrier_answer_decided barrier:%s by account %s: %s", barrier.id, by.id, fate.value)


def may_be_left(barrier: Barrier) -> bool:
    """Whether nobody need be answered: there is no address, or an answer that was written did not arrive there."""
    return not barrier.email or bool(barrier.answer)


def answer(
    session: Session,
    barrier: Barrier,
    *,
    way: AnswerWay,
    text: str,
    answered_on: dt.date | None,
    city: str,
    by: User,
) -> None:
    """Answer by mail at once, or note that somebody was answered in another way, or that nobody can be.

    `city` is whose site it is, for the end of the mail.
    Raises RuleError if there is no address to write to, or the day cannot be; ConflictError if it is answered.
    """
    if way is AnswerWay.MAIL and not barrier.email:
        raise RuleError(marked("There is no address to which a mail could go."), field="way")
    if way is AnswerWay.NOBODY and not may_be_left(barrier):
        raise RuleError(marked("There is an address: answer by mail, or say how you answered."), field="way")
    day = today() if way in (AnswerWay.MAIL, AnswerWay.NOBODY) or answered_on is None else answered_on
    reported_on = barrier.reported_at.astimezone(ZONE).date()
    if not reported_on <= day <= today():
        raise RuleError(marked("The day lies before the report, or in the future."), field="answered_on")
    move(barrier, BarrierState.ANSWERED)
    barrier.answer, barrier.answer_way, barrier.answered_on, barrier.answered_by_id = text, way, day, by.id
    session.flush()
    if way is AnswerWay.MAIL:
        context = {
            "number": barrier.id,
            "day": reported_on,
            "text": text,
            "enforcement": settings.current(session).enforcement,
            "city": city,
        }
        deed, language = _deed(barrier), barrier.language
        mail.queue_mail(session, ANSWERED, to=barrier.email, language=language, context=context, deed=deed)
    CITY_LOG.info("barrier_answered barrier:%s by account %s: %s", barrier.id, by.id, way.value)
