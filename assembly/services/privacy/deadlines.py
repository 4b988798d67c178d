"""When data of an assembly are deleted: what starts each clock, and how long it runs."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import ZONE
from assembly.models import Assembly, Commitment, Lottery, LotteryState, Respondent
from assembly.services import commitments
from assembly.services.panel import seats
from assembly.services.privacy.declaring import Deadline

PERIODS: Mapping[Deadline, dt.timedelta] = {
    Deadline.NOT_DRAWN: dt.timedelta(days=30),
    Deadline.MEMBERS: dt.timedelta(days=365),
    Deadline.NEEDS: dt.timedelta(days=30),
    Deadline.VISITS: dt.timedelta(days=180),
    Deadline.PAYMENTS: dt.timedelta(days=90),
    Deadline.RECEIPTS: dt.timedelta(days=180),
    Deadline.CLAIMS: dt.timedelta(days=550),
    Deadline.FILES: dt.timedelta(days=30),
    Deadline.MAILS: dt.timedelta(days=90),
    Deadline.JOBS: dt.timedelta(days=30),
    Deadline.ACCOUNTS: dt.timedelta(days=730),
    Deadline.CONTACTS: dt.timedelta(days=365),
}
"""How long each clock runs. Proofs have none: they hold numbers of rows, which say nothing once these are cleared."""
ABANDONED = dt.timedelta(days=365)
"""How long registrations are kept if no panel is ever drawn from them."""
WITHOUT_RESULT = dt.timedelta(days=365)
"""How long after the last replacement an assembly ends that does not say when its panel hands over its result."""


@dataclasses.dataclass(frozen=True, slots=True)
class Schedule:
    """The moments that start an assembly's clocks, as far as they are known.

    `pool_ends`: from then on nobody else can be drawn; if no panel has been drawn, an assembly counts as abandoned
    from then on. `panel_ends`: the panel has handed over its result; `is_guessed` if the timeline does not say when.
    """

    is_drawn: bool
    pool_ends: dt.datetime | None
    panel_ends: dt.datetime | None
    is_guessed: bool = False

    @property
    def due(self) -> dict[Deadline, dt.datetime | None]:
        """Return when the data are deleted that depend on the assembly's own dates."""
        pool = self.pool_ends + PERIODS[Deadline.NOT_DRAWN] if self.pool_ends else None
        found: dict[Deadline, dt.datetime | None] = {Deadline.NOT_DRAWN: pool}
        for which in (Deadline.MEMBERS, Deadline.NEEDS, Deadline.VISITS, Deadline.CONTACTS):
            found[which] = max(self.panel_ends + PERIODS[which], pool) if self.panel_ends and pool else pool
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
    if assembly.result_date is None:
        return Schedule(is_drawn=True, pool_ends=pool_ends, panel_ends=pool_ends + WITHOUT_RESULT, is_guessed=True)
    handover = dt.datetime.combine(assembly.result_date, dt.time(), ZONE) + dt.timedelta(days=1)
    return Schedule(is_drawn=True, pool_ends=pool_ends, panel_ends=max(handover, pool_ends))


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
