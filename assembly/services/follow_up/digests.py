"""The weekly mail to accounts of departments: on Monday, what is owed, overdue first. Nothing owed, no mail."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import DigestStop, Draft, Membership, Role, User
from assembly.services.daily import DIGESTS, today
from assembly.services.follow_up import desks, drafts
from assembly.services.follow_up.desks import Task
from assembly.services.handlers import Run, handler
from assembly.services.mail import queue_mail

DESK_PAGE = "/desk/"
"""Where the desk is; a test holds it against the address that the page has."""


@handler(DIGESTS, repeatable=True)
def write_all(run: Run) -> None:
    """Write this Monday’s mails, account after account; what an interrupted run wrote is not written again."""
    with run.sessions() as session:
        ids = readers(session) if today().weekday() == calendar.MONDAY else []
    link = run.config.public_url + DESK_PAGE
    run.each(ids, lambda session, number: write(session, session.get_one(User, number), link=link))
    with run.sessions.begin() as session:
        run.finish(session)


def readers(session: Session) -> Sequence[int]:
    """Return the accounts of departments that want the mail."""
    in_role = sa.select(Membership.user_id).where(Membership.role == Role.DEPARTMENT, Membership.revoked_at.is_(None))
    stopped = sa.select(DigestStop.user_id)
    wanted = sa.select(User.id).where(User.id.in_(in_role), User.id.not_in(stopped), User.active.is_(True))
    return session.scalars(wanted.order_by(User.id)).all()


def write(session: Session, user: User, *, link: str) -> bool:
    """Write today’s mail to an account, if there is anything to say; return whether there is.

    However often it is asked for, there is one mail for a day.
    """
    owed = [task for task in desks.tasks_of(session, user) if task.duty is not None]
    waiting = drafts.waiting(session) if desks.may_approve(session, user) else []
    if not owed and not waiting:
        return False
    context = {
        "name": user.name,
        "tasks": [_task(task) for task in owed],
        "waiting": [_waiting(draft) for draft in waiting],
        "link": link,
    }
    deed = f"digest:{user.id}:{today().isoformat()}"
    queue_mail(session, "digest", to=user.email, language=user.language, context=context, user=user, deed=deed)
    return True


def wants(session: Session, user: User) -> bool:
    """Whether an account gets the mail."""
    return session.get(DigestStop, user.id) is None


def switch(session: Session, user: User, *, on: bool) -> None:
    """Stop the mail to an account, or send it again."""
    if on:
        session.execute(sa.delete(DigestStop).where(DigestStop.user_id == user.id))
    else:
        session.merge(DigestStop(user_id=user.id))
    session.flush()


def _task(task: Task) -> dict[str, Any]:
    return {
        "number": task.case.recommendation.number,
        "title": task.case.recommendation.title,
        "assembly": task.assembly.title,
        "duty": task.duty.value if task.duty else "",
        "internal": task.internal,
        "due": task.due,
        "is_overdue": (task.days_left or 0) < 0,
    }


def _waiting(draft: Draft) -> dict[str, Any]:
    return {"number": draft.case.recommendation.number, "title": draft.case.recommendation.title}
