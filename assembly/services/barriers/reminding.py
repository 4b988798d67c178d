"""The daily reminder of administrators: what has to be answered soon, or should have been, and has not arrived."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.config import Config
from assembly.models import Barrier, BarrierState, Membership, Role, User
from assembly.services import mail
from assembly.services.barriers.answering import did_not_arrive
from assembly.services.daily import BARRIERS, today
from assembly.services.handlers import Run, handler
from assembly.services.recipients import LANGUAGES
from assembly.services.site import settings

REMINDER = "barrier_reminder"
"""The template of the mail."""
PAGE = "/administration/barriers/"
"""Where the link leads; a test holds it against the address that the page has."""


@handler(BARRIERS, repeatable=True)
def remind_administrators(run: Run) -> None:
    """Write to each administrator once a day, as long as something is due soon or overdue."""
    with run.sessions() as session:
        ids = _administrators(session)
    run.each(ids, lambda session, number: remind(session, session.get_one(User, number), config=run.config))
    with run.sessions.begin() as session:
        run.finish(session)


def remind(session: Session, user: User, *, config: Config) -> int:
    """Write to an administrator what is to be answered; return how much that is. One mail a day, whoever runs this."""
    found = to_remind_of(session)
    if found:
        rows = [{"number": one.id, "due_on": one.due_on, "is_overdue": one.due_on < today()} for one in found]
        mail.queue_mail(
            session,
            REMINDER,
            to=user.email,
            language=user.language if user.language in LANGUAGES else LANGUAGES[0],
            context={"name": user.name, "barriers": rows, "page": f"{config.public_url}{PAGE}"},
            user=user,
            deed=f"barrier_reminder:{user.id}:{today().isoformat()}",
        )
    return len(found)


def to_remind_of(session: Session) -> Sequence[Barrier]:
    """Return what is due within the days from which administrators want to be reminded, or overdue.

    That is what is open, and whose answer did not arrive.
    """
    last = today() + dt.timedelta(days=settings.current(session).remind_days)
    is_open = sa.or_(Barrier.state == BarrierState.OPEN, did_not_arrive())
    open_ = sa.select(Barrier).where(is_open, Barrier.due_on <= last)
    return session.scalars(open_.order_by(Barrier.due_on, Barrier.id)).all()


def _administrators(session: Session) -> list[int]:
    held = (Membership.role == Role.SITE_ADMINISTRATOR, Membership.revoked_at.is_(None))
    return list(session.scalars(sa.select(Membership.user_id).where(*held).distinct().order_by(Membership.user_id)))
