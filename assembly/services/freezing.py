"""When the pool is frozen: who is in it, and what they are drawn by, can no longer change."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Lottery, LotteryState, Respondent, Status
from assembly.services.errors import ConflictError, marked

AFTER_THE_DRAW = (Status.DRAWN, Status.CONFIRMED, Status.DECLINED, Status.NOT_REACHED, Status.REPLACED)


def lock_pool(session: Session, assembly_id: int) -> None:
    """Let whoever else wants to change the same pool wait until this transaction ends."""
    session.execute(sa.select(Assembly.id).where(Assembly.id == assembly_id).with_for_update())


def is_frozen(session: Session, assembly: Assembly) -> bool:
    """Tell whether the pool is frozen: a lottery over it is committed, or somebody was drawn from it."""
    standing = sa.exists().where(
        Lottery.assembly_id == assembly.id, Lottery.state.in_((LotteryState.COMMITTED, LotteryState.DRAWN))
    )
    drawn = sa.exists().where(Respondent.assembly_id == assembly.id, Respondent.status.in_(AFTER_THE_DRAW))
    return bool(session.scalar(sa.select(sa.or_(standing, drawn))))


def require_open(session: Session, assembly: Assembly) -> None:
    """Lock the pool; raise ConflictError if it is frozen."""
    lock_pool(session, assembly.id)
    if is_frozen(session, assembly):
        raise ConflictError(
            marked(
                "Pool and quotas are frozen, because the lottery is fixed. "
                "People can still withdraw or have their data erased."
            )
        )
