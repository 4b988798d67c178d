"""When data of an assembly are deleted: what starts each clock, and how long it runs."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import ZONE, now
from assembly.models import Assembly, Case, Commitment, Lottery, LotteryState, Respondent
from assembly.services import commitments
from assembly.services.panel import seats
from assembly.services.privacy.declaring import Deadline

PERIODS: Mapping[Deadline, dt.timedelta] = {
    Deadline.NOT_DRAWN: dt.timedelta(days=30),
    Deadline.MEMBERS: dt.timedelta(days=365),
    Deadline.FOLLOW_UP: dt.timedelta(days=90),
    Deadline.NEEDS: dt.timedelta(days=30),
    Deadline.VISITS: dt.timedelta(days=180),
    Deadline.PAYMENTS: dt.timedelta(days=90),
    Deadline.RECEIPTS: dt.timedelta(days=180),
    Deadline.CLAIMS: dt.timedelta(days=550),
    Deadline.FILES: dt.timedelta(days=30),
    Deadline.MAILS: dt.timedelta(days=90),
    Deadline.JOBS: dt.timedelta(days=30),
    Deadline.ACCOUNTS: dt.timedelta(days=730),
    Deadline.SUBSCRIPTIONS: dt.timedelta(days=7),
    Deadline.CONTACTS: dt.timedelta(days=365),
    Deadline.BARRIERS: dt.timedelta(days=180),
}
"""How long each clock runs. Proofs have none: they hold numbers of rows, which say nothing once these are cleared."""
BATCH = 500
"""Rows that a deletion takes in one transaction."""
ABANDONED = dt.timedelta(days=365)
"""How long registrations are kept if no panel is ever drawn from them."""
WITHOUT_RESULT = dt.timedelta(days=365)
"""How long after the last replacement an assembly ends that does not say when its panel hands over its result."""


@dataclasses.dataclass(frozen=True, slots=True)
class Schedule:
    """The moments that start an assembly's clocks, as far as they are known.

    `pool_ends`: from then on nobody else can be drawn; if no panel has been drawn, an assembly counts as abandoned
    from then on. `panel_ends`: the panel has handed over its result; `is_guessed` if the timeline does not say when.
    `follow_up_ends`: the last recommendation was closed; `is_followed_up` as long as one is open.
    """

    is_drawn: bool
    pool_ends: dt.datetime | None
    panel_ends: dt.datetime | None
    is_guessed: bool = False
    is_followed_up: bool = False
    follow_up_ends: dt.datetime | None = None

    @property
    def due(self) -> dict[Deadline, dt.datetime | None]:
        """Return when the data are deleted that depend on the assembly's own dates."""
        pool = self.pool_ends + PERIODS[Deadline.NOT_DRAWN] if self.pool_ends else None
        found: dict[Deadline, dt.datetime | None] = {Deadline.NOT_DRAWN: pool}
        for which in (Deadline.MEMBERS, Deadline.NEEDS, Deadline.VISITS, Deadline.CONTACTS):
            found[which] = max(self.panel_ends + PERIODS[which], pool) if self.panel_ends and pool else pool
        members = found[Deadline.MEMBERS]
        if self.is_followed_up:
            found[Deadline.FOLLOW_UP] = None
        elif self.follow_up_ends and members:
            found[Deadline.FOLLOW_UP] = max(self.follow_up_ends + PERIODS[Deadline.FOLLOW_UP], members)
        else:
            found[Deadline.FOLLOW_UP] = members
        return found


def schedule_of(session: Session, assembly: Assembly) -> Schedule:
    """Return what starts the clocks of an assembly.

    While a committed lottery waits for its draw, its documents are needed: then only what is abandoned is deleted.
    """
    commitment = commitments.current_commitment(session, assembly)
    if commitment is None or commitment.drawn_at is None:
        return Schedule(is_drawn=False, pool_ends=_abandoned(session, assembly), panel_ends=None)
    waits = sa.exists().where(Lottery.assembly_id == assembly.id, Lottery.state == LotteryState.COMMITTED)
    pool_ends = max(commitment.drawn_at, seats.deletion_clock_starts(session, assembly) or last_replacement(commitment))
    if session.scalar(sa.select(waits)):
        pool_ends += ABANDONED
    is_followed_up, follow_up_ends = _follow_up(session, assembly)
    schedule = functools.partial(
        Schedule, is_drawn=True, pool_ends=pool_ends, is_followed_up=is_followed_up, follow_up_ends=follow_up_ends
    )
    if assembly.result_date is None:
        return schedule(panel_ends=pool_ends + WITHOUT_RESULT, is_guessed=True)
    return schedule(panel_ends=max(_end_of(assembly.result_date), pool_ends))


def is_due(session: Session, assembly: Assembly, deadline: Deadline) -> bool:
    """Whether the time of an assembly's data is over."""
    moment = schedule_of(session, assembly).due[deadline]
    return moment is not None and moment <= now()


def _follow_up(session: Session, assembly: Assembly) -> tuple[bool, dt.datetime | None]:
    """Return whether a recommendation is open, and when the last one was closed."""
    is_open = sa.func.count().filter(Case.closed_on.is_(None))
    counted = session.execute(sa.select(is_open, sa.func.max(Case.closed_on)).where(Case.assembly_id == assembly.id))
    still_open, closed_on = counted.one()
    return bool(still_open), _end_of(closed_on) if closed_on else None


def _end_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), ZONE) + dt.timedelta(days=1)


def last_replacement(commitment: Commitment) -> dt.datetime:
    """Return the moment after which nobody else can be drawn, as the rule of a commitment fixed it."""
    rule = commitments.rule_of(commitment)
    return max((rule.moment, *(rule.replacements.moments if rule.replacements else ())))


def _abandoned(session: Session, assembly: Assembly) -> dt.datetime | None:
    """Return from when on an assembly without panel counts as abandoned."""
    made = session.scalars(sa.select(Commitment).where(Commitment.assembly_id == assembly.id))
    newest = session.scalar(
        sa.select(sa.func.max(Respondent.registered_at)).where(Respondent.assembly_id == assembly.id)
    )
    known = [*(last_replacement(commitment) for commitment in made), *([newest] if newest else [])]
    return max(known) + ABANDONED if known else None
