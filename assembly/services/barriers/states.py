"""How a reported barrier goes on: open → answered → closed. Overdue follows from the day.

What is no report is closed without an answer. It is open again if the answer did not arrive, so that another is given.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Barrier, BarrierState, User
from assembly.services.accounts import CITY_LOG
from assembly.services.errors import ConflictError, NotFoundError, marked

TRANSITIONS: Mapping[BarrierState, frozenset[BarrierState]] = {
    BarrierState.OPEN: frozenset({BarrierState.ANSWERED, BarrierState.CLOSED}),
    BarrierState.ANSWERED: frozenset({BarrierState.CLOSED, BarrierState.OPEN}),
    BarrierState.CLOSED: frozenset(),
}


def is_overdue(barrier: Barrier, day: dt.date) -> bool:
    """Whether a barrier should have been answered before a day."""
    return barrier.state is BarrierState.OPEN and barrier.due_on < day


def deeds_of(barrier: Barrier) -> str:
    """Return how the deeds of a barrier's mails begin."""
    return f"barrier:{barrier.id}:"


def get_barrier(session: Session, barrier_id: int, *, to_change: bool = False) -> Barrier:
    """Return a barrier; who else would change it waits. Raises NotFoundError."""
    barrier = session.get(Barrier, barrier_id, with_for_update=to_change, populate_existing=to_change)
    if barrier is None:
        raise NotFoundError
    return barrier


def close(session: Session, barrier: Barrier, *, by: User | None) -> None:
    """Close what is answered; from then on the clock of its erasure runs. Raises ConflictError."""
    if barrier.state is BarrierState.OPEN:
        raise _other_state()
    _close(session, barrier)
    CITY_LOG.info("barrier_closed barrier:%s by account %s", barrier.id, by.id if by else "none")


def dismiss(session: Session, barrier: Barrier, *, by: User | None) -> None:
    """Close what is open without an answer: it is no report, or its time is over. Nobody gets a mail.

    Raises ConflictError.
    """
    if barrier.state is not BarrierState.OPEN:
        raise _other_state()
    _close(session, barrier)
    CITY_LOG.info("barrier_dismissed barrier:%s by account %s", barrier.id, by.id if by else "none")


def move(barrier: Barrier, to: BarrierState) -> None:
    """Change the state if it allows it: the one door. Raises ConflictError."""
    if to not in TRANSITIONS[barrier.state]:
        raise _other_state()
    barrier.state = to


def _close(session: Session, barrier: Barrier) -> None:
    move(barrier, BarrierState.CLOSED)
    barrier.closed_at = now()
    session.flush()


def _other_state() -> ConflictError:
    return ConflictError(marked("This case has another state by now: somebody else was faster."))
