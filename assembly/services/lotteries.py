"""Lotteries of an assembly: started, computed as a job, and moved through their states."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Lottery, LotteryState, User
from assembly.services import instances, jobs, logbook
from assembly.services.children import run_in_child
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.handlers import Run, handler
from assembly.services.solving import solve_in_child
from sortition import InfeasibleQuotasError

MEMORY_BYTES = 4 * 2**30
"""Address space of the engine's process; 20,000 people need about 300 MB of memory."""

TRANSITIONS: Mapping[LotteryState, frozenset[LotteryState]] = {
    LotteryState.COMPUTING: frozenset({LotteryState.SOLVED, LotteryState.NOT_PROVEN, LotteryState.FAILED}),
    LotteryState.SOLVED: frozenset({LotteryState.COMMITTED}),
    LotteryState.NOT_PROVEN: frozenset(),
    LotteryState.FAILED: frozenset(),
    LotteryState.COMMITTED: frozenset({LotteryState.VOIDED, LotteryState.DRAWN}),
    LotteryState.VOIDED: frozenset(),
    LotteryState.DRAWN: frozenset(),
}


def start_lottery(
    session: Session, assembly: Assembly, *, is_rehearsal: bool, one_per_household: bool = True, by: User
) -> Lottery:
    """Start computing a lottery; while one is being computed, that one is returned.

    Raises RuleError if the pool or the quotas are not ready, ConflictError once a lottery has been committed.
    """
    if (running := current_lottery(session, assembly)) is not None:
        if jobs.active(running.job) is not None:
            return running
        move(session, assembly, running, LotteryState.FAILED, by=None)
    if not is_rehearsal and standing_lottery(session, assembly) is not None:
        raise ConflictError(
            marked("A lottery has been committed already; it has to be drawn, or voided with a reason.")
        )
    instance = instances.instance_of(session, assembly, one_per_household=one_per_household)
    lottery = Lottery(
        assembly_id=assembly.id,
        state=LotteryState.COMPUTING,
        is_rehearsal=is_rehearsal,
        one_per_household=one_per_household,
        started_at=now(),
        started_by_id=by.id,
        inputs=instances.fingerprint(instance),
    )
    try:
        with session.begin_nested():
            session.add(lottery)
    except IntegrityError:  # somebody else was faster
        faster: Lottery = session.scalars(_computing(assembly)).one()
        return faster
    lottery.job = jobs.enqueue(session, "lottery", {"lottery": lottery.id}, assembly=assembly, by=by)
    details = {"rehearsal": is_rehearsal, "one_per_household": one_per_household}
    logbook.record(session, assembly, "lottery_started", by=by, subject=f"lottery:{lottery.id}", details=details)
    return lottery


def current_lottery(session: Session, assembly: Assembly) -> Lottery | None:
    """Return the lottery that is being computed."""
    found: Lottery | None = session.scalar(_computing(assembly))
    return found


def standing_lottery(session: Session, assembly: Assembly) -> Lottery | None:
    """Return the lottery of the whole panel that is committed or drawn; replacements follow it."""
    return session.scalar(sa.select(Lottery).where(*is_standing(assembly.id)))


def is_standing(assembly_id: int | sa.BindParameter[int]) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions under which a lottery stands for the panel of an assembly."""
    states = (LotteryState.COMMITTED, LotteryState.DRAWN)
    return Lottery.assembly_id == assembly_id, Lottery.state.in_(states), Lottery.replaces_id.is_(None)


def lotteries_of(session: Session, assembly: Assembly) -> list[Lottery]:
    """Return the lotteries of an assembly, newest first."""
    statement = sa.select(Lottery).where(Lottery.assembly_id == assembly.id).order_by(Lottery.id.desc())
    return list(session.scalars(statement))


def get_lottery(session: Session, lottery_id: int, *, assembly: Assembly) -> Lottery:
    """Return a lottery of an assembly. Raises NotFoundError."""
    lottery = session.get(Lottery, lottery_id)
    if lottery is None or lottery.assembly_id != assembly.id:
        raise NotFoundError
    return lottery


def cancel(session: Session, assembly: Assembly, lottery: Lottery, *, by: User) -> None:
    """Stop computing a lottery. Raises ConflictError if it is not being computed."""
    job = jobs.active(lottery.job)
    if lottery.state is not LotteryState.COMPUTING or job is None:
        raise ConflictError(marked("This lottery is not being computed any more."))
    jobs.cancel(session, job)
    move(session, assembly, lottery, LotteryState.FAILED, by=by, reason=marked("Cancelled."))


@handler("lottery", repeatable=True)
def compute(run: Run) -> None:
    """Compute a lottery in a child process, and keep it with the end of the job in one transaction."""
    with run.sessions() as session:
        lottery = session.get_one(Lottery, run.payload["lottery"])
        assembly = session.get_one(Assembly, lottery.assembly_id)
        instance = instances.instance_of(session, assembly, one_per_household=lottery.one_per_household)
        inputs, seed = lottery.inputs, secrets.randbits(64) if lottery.is_rehearsal else None
    if instances.fingerprint(instance) != inputs:
        raise ConflictError(marked("Pool or quotas changed after the lottery was started. Start it again."))
    try:
        document, summary = run_in_child(
            solve_in_child,
            (instance, seed),
            on_progress=run.report,
            cancelled=run.cancelled,
            memory_bytes=MEMORY_BYTES,
        )
    except InfeasibleQuotasError:
        raise RuleError(
            marked("No panel meets the quotas with this pool. The check says why and what helps.")
        ) from None
    keep(run, document, summary)


def keep(run: Run, document: bytes, summary: Mapping[str, Any]) -> None:
    """Keep what the engine found, with the end of the job in one transaction; only what is proven is solved.

    Raises RuleError if a ticket breaks a rule: the proof is about chances, and says nothing about that.
    """
    if not summary["all_rules_met"]:
        raise RuleError(
            marked(
                "The computed tickets do not meet all rules: quotas, households, or chances that fit the tickets. This "
                "is a fault of the program. Nothing was kept, and nothing can be committed. Please tell whoever runs "
                "the server."
            )
        )
    with run.sessions.begin() as session:
        lottery = session.get_one(Lottery, run.payload["lottery"])
        assembly = session.get_one(Assembly, lottery.assembly_id)
        lottery.document, lottery.summary, lottery.solved_at = document, dict(summary), now()
        state = LotteryState.SOLVED if summary["proven"] else LotteryState.NOT_PROVEN
        move(session, assembly, lottery, state, by=None)
        run.finish(session)


def _computing(assembly: Assembly) -> sa.Select[Any]:
    return sa.select(Lottery).where(Lottery.assembly_id == assembly.id, Lottery.state == LotteryState.COMPUTING)


def move(
    session: Session, assembly: Assembly, lottery: Lottery, to: LotteryState, *, by: User | None, reason: str = ""
) -> None:
    """Move a lottery to another state: the one door. Raises ConflictError if it cannot go there from where it is."""
    before = lottery.state
    if to not in TRANSITIONS[before]:
        raise ConflictError(marked("This lottery is in another state by now. Load the page again."))
    lottery.state, lottery.reason = to, reason
    session.flush()
    details = {"before": before.value, "after": to.value} | ({"reason": reason} if reason else {})
    logbook.record(session, assembly, "lottery_moved", by=by, subject=f"lottery:{lottery.id}", details=details)
