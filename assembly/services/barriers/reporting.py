"""Reporting a barrier: anybody may, with an address for the answer or without."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Barrier, Mail
from assembly.services import mail
from assembly.services.barriers.states import deeds_of
from assembly.services.daily import today
from assembly.services.site import settings
from assembly.services.working_days import working_day_from

RECEIVED = "barrier_received"
"""The template of the mail that confirms a report."""
MOST_CONFIRMED = 3
"""Confirmations to one address in a day: nobody's inbox is filled by a stranger."""


def due_after(session: Session, day: dt.date) -> dt.date:
    """Return by when what is reported on a day has to be answered: a working day in the city's state (§ 193 BGB)."""
    site = settings.current(session)
    return working_day_from(settings.answer_period(site).after(day), site.state)


def report(session: Session, *, page: str, text: str, email: str | None, language: str, city: str) -> Barrier:
    """Record a barrier, and confirm it by mail if there is an address. What was written is not in that mail.

    So nobody can have us send words of theirs to others. `city` is whose site it is, for the end of the mail.
    """
    _let_others_wait(session)
    day = today()
    barrier = Barrier(
        reported_at=now(), page=page, text=text, email=email, language=language, due_on=due_after(session, day)
    )
    session.add(barrier)
    session.flush()
    if email and _confirmed_lately(session, email) < MOST_CONFIRMED:
        context = {"number": barrier.id, "day": day, "due_on": barrier.due_on, "city": city}
        deed = f"{deeds_of(barrier)}received"
        mail.queue_mail(session, RECEIVED, to=email, language=language, context=context, deed=deed)
    return barrier


def _confirmed_lately(session: Session, email: str) -> int:
    same = sa.func.lower(Mail.recipient) == sa.func.lower(email)
    written = (Mail.template == RECEIVED, same, Mail.created_at > now() - dt.timedelta(days=1))
    return session.scalar(sa.select(sa.func.count()).select_from(Mail).where(*written)) or 0


def _let_others_wait(session: Session) -> None:
    """Let others who report at this moment wait, so that each counts the confirmations of those before.

    The first report of all is locked for that, which stays for ever; before there is one, nothing is to be counted.
    """
    session.execute(sa.select(Barrier.id).order_by(Barrier.id).limit(1).with_for_update())


def reported(session: Session, number: object) -> Barrier | None:
    """Return what somebody has just reported, by the number that was kept; None if there is nothing to tell of."""
    barrier = session.get(Barrier, number) if isinstance(number, int) else None
    return None if barrier is None or barrier.erased_at else barrier
