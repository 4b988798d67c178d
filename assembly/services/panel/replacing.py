"""Vacated seats, in batches: a lottery over the remaining pool, by the rule that the first commitment fixed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, contains_eager

from assembly.clock import now
from assembly.models import Assembly, Commitment, Lottery, LotteryState, Respondent, Status, User
from assembly.services import freezing, jobs, logbook, lotteries
from assembly.services.children import run_in_child
from assembly.services.commitments import publish, rule_of
from assembly.services.engine_messages import stored
from assembly.services.errors import ConflictError, RuleError, marked
from assembly.services.handlers import Run, handler
from assembly.services.lotteries import MEMORY_BYTES
from assembly.services.panel import seats
from assembly.services.receipts import RECEIPTS_BEFORE
from assembly.services.solving import Report, summary_of
from sortition import InfeasibleQuotasError, InputError, Monitor, Progress
from sortition.lottery_file import lottery_document
from sortition.protocol.documents import parse_audit, parse_drawn
from sortition.protocol.draw_rule import DrawRule
from sortition.replacement import replacement_instance, solve_replacement

STAYS = (Status.REGISTERED, Status.DRAWN, Status.CONFIRMED)
"""Who is still in the pool or on the panel; everybody else has left since the draw before."""


@dataclasses.dataclass(frozen=True, slots=True)
class Leaving:
    """Since the last draw: whose seats are free, and all who are no longer in the pool, by their codes."""

    vacated: tuple[str, ...]
    out: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """Return the fingerprint of all that a replacement lottery depends on, besides the draw before it."""
        content = "\n".join((*self.vacated, "", *self.out)).encode()
        return hashlib.sha256(b"assembly/replacement/1" + content).hexdigest()


def last_drawn(session: Session, assembly: Assembly) -> Commitment | None:
    """Return the commitment that was drawn last: the end of the chain."""
    return session.scalar(
        sa.select(Commitment)
        .where(Commitment.assembly_id == assembly.id, Commitment.drawn_at.is_not(None))
        .order_by(Commitment.drawn_at.desc(), Commitment.id.desc())
        .limit(1)
    )


def standing_commitment(session: Session, assembly: Assembly) -> Commitment | None:
    """Return the commitment of a replacement that waits for its draw."""
    return session.scalar(
        sa.select(Commitment)
        .join(Lottery)
        .where(
            Commitment.assembly_id == assembly.id,
            Lottery.replaces_id.is_not(None),
            Lottery.state == LotteryState.COMMITTED,
        )
    )


def replacements_of(session: Session, assembly: Assembly) -> list[Commitment]:
    """Return the commitments of all replacements, drawn, waiting or voided, newest first, with their lotteries."""
    return list(
        session.scalars(
            sa.select(Commitment)
            .join(Commitment.lottery)
            .where(Commitment.assembly_id == assembly.id, Lottery.replaces_id.is_not(None))
            .options(contains_eager(Commitment.lottery))
            .order_by(Commitment.id.desc())
        )
    )


def newest_lottery(session: Session, assembly: Assembly) -> Lottery | None:
    """Return the newest replacement lottery."""
    return session.scalar(
        sa.select(Lottery)
        .where(Lottery.assembly_id == assembly.id, Lottery.replaces_id.is_not(None))
        .order_by(Lottery.id.desc())
        .limit(1)
    )


def next_rule(session: Session, assembly: Assembly) -> DrawRule | None:
    """Return the rule of the next replacement draw; None if the rule fixed none, or the last has passed."""
    drawn = last_drawn(session, assembly)
    if drawn is None:
        return None
    try:
        return rule_of(drawn).next_replacement(now())
    except InputError:
        return None


def moments_left(session: Session, assembly: Assembly) -> list[dt.datetime]:
    """Return the moments that the rule fixed for replacements and that are still to come."""
    drawn = last_drawn(session, assembly)
    planned = rule_of(drawn).replacements if drawn else None
    return [moment for moment in planned.moments if moment > now()] if planned else []


@dataclasses.dataclass(frozen=True, slots=True)
class FreeSeats:
    """How many seats are free, and when they are filled: `draw_at` is None if the rule has no moment left for them.

    Unless the replacement `is_fixed`, it has to be committed until `commit_until`.
    """

    seats: int
    draw_at: dt.datetime | None
    is_fixed: bool

    @property
    def commit_until(self) -> dt.datetime | None:
        """Until when the replacement has to be committed: everyone must have a day to check it."""
        return self.draw_at - RECEIPTS_BEFORE if self.draw_at and not self.is_fixed else None


def free_seats_of(session: Session, assembly: Assembly) -> FreeSeats | None:
    """Return what happens next with the seats that are free; None if none is."""
    if (free := seats.free_seats(session, assembly)) <= 0:
        return None
    if (fixed := standing_commitment(session, assembly)) is not None:
        return FreeSeats(free, fixed.moment, is_fixed=True)
    in_time = [moment for moment in moments_left(session, assembly) if moment >= now() + RECEIPTS_BEFORE]
    return FreeSeats(free, min(in_time, default=None), is_fixed=False)


def leaving(session: Session, assembly: Assembly, drawn: Commitment) -> Leaving:
    """Return who left since a draw: members, and people of the remaining pool."""
    audit = parse_audit(_document(drawn.audit_document), name="audit.json")
    before = {entry["row"]["id"] for entry in audit["entries"] if entry["row"] is not None}
    gone = session.scalars(
        sa.select(Respondent.code).where(Respondent.assembly_id == assembly.id, Respondent.status.not_in(STAYS))
    )
    out = sorted(before.intersection(gone))
    return Leaving(tuple(seats.vacated_codes(session, assembly)), tuple(out))


def start(session: Session, assembly: Assembly, *, relax: bool = False, by: User) -> Lottery:
    """Start computing the lottery that fills the vacated seats; while one is being computed, it is returned.

    `relax` allows the smallest change of quotas, in the order of the rule, if they cannot be met otherwise.
    Raises ConflictError if the panel is not drawn, a replacement waits for its draw, no seat is free or no moment is
    left.
    """
    freezing.lock_pool(session, assembly.id)
    if (running := lotteries.current_lottery(session, assembly)) is not None:
        if jobs.active(running.job) is None:
            lotteries.move(session, assembly, running, LotteryState.FAILED, by=None)
        elif running.replaces_id is None:
            raise ConflictError(marked("Another lottery is being computed. Wait until it has ended."))
        else:
            return running
    drawn = _require_open(session, assembly)
    left = leaving(session, assembly, drawn)
    if not seats.free_seats(session, assembly):
        raise ConflictError(marked("No seat is free, so there is nothing to replace."))
    lottery = Lottery(
        assembly_id=assembly.id,
        replaces_id=drawn.lottery_id,
        vacated=list(left.vacated),
        is_rehearsal=False,
        one_per_household=drawn.lottery.one_per_household,
        started_at=now(),
        started_by_id=by.id,
        inputs=left.fingerprint,
    )
    try:
        with session.begin_nested():
            session.add(lottery)
    except IntegrityError:  # somebody else was faster
        faster = lotteries.current_lottery(session, assembly)
        if faster is None:
            raise
        return faster
    payload = {"lottery": lottery.id, "relax": relax}
    lottery.job = jobs.enqueue(session, "replacement", payload, assembly=assembly, by=by)
    details = {"seats": len(left.vacated), "relax": relax}
    logbook.record(session, assembly, "replacement_started", by=by, subject=f"lottery:{lottery.id}", details=details)
    return lottery


@handler("replacement", repeatable=True)
def compute(run: Run) -> None:
    """Compute a replacement lottery in a child process; keep it with the end of the job in one transaction."""
    with run.sessions() as session:
        lottery = session.get_one(Lottery, run.payload["lottery"])
        assembly = session.get_one(Assembly, lottery.assembly_id)
        drawn = session.scalars(sa.select(Commitment).where(Commitment.lottery_id == lottery.replaces_id)).one()
        left = leaving(session, assembly, drawn)
        inputs, audit, result = lottery.inputs, _document(drawn.audit_document), _document(drawn.result)
    if left.fingerprint != inputs:
        raise ConflictError(marked("Somebody has left since this lottery was started. Start it again."))
    try:
        document, summary = run_in_child(
            replace_in_child,
            (audit, result, left.out, {"relax": bool(run.payload["relax"])}),
            on_progress=run.report,
            cancelled=run.cancelled,
            memory_bytes=MEMORY_BYTES,
        )
    except InfeasibleQuotasError:
        raise RuleError(
            marked(
                "Nobody left in the pool fits the vacated seats within the quotas. Allow the smallest change of them."
            )
        ) from None
    lotteries.keep(run, document, summary)


def replace_in_child(
    audit: bytes, result: bytes, out: tuple[str, ...], may: Mapping[str, bool], report: Report
) -> tuple[bytes, dict[str, Any]]:
    """Return lottery.json and the summary of a replacement. Raises the engine's errors."""

    def tell(progress: Progress) -> None:
        report(dataclasses.asdict(progress))

    before, drawn = parse_audit(audit, name="audit.json"), parse_drawn(result, name="drawn.json")
    instance = replacement_instance(before, drawn, out)
    solved = solve_replacement(before, drawn, instance, relax=may["relax"], monitor=Monitor(tell))
    content = json.dumps(lottery_document(solved.lottery), ensure_ascii=False, separators=(",", ":"))
    changes = solved.relaxation.changes if solved.relaxation else ()
    summary = summary_of(solved.lottery) | {
        "seats": instance.size - len(instance.required),
        "relaxed": [stored(change.message) for change in changes],
    }
    return content.encode(), summary


def commit(session: Session, assembly: Assembly, lottery: Lottery, *, by: User) -> Commitment:
    """Commit to a replacement lottery, by the rule and for the next moment that the first commitment fixed.

    Raises ConflictError if it is not proven, somebody has left since, or the moment is too near; RuleError if the
    engine refuses.
    """
    freezing.lock_pool(session, assembly.id)
    session.refresh(lottery, ["state"])
    drawn = _require_open(session, assembly)
    if lottery.state is not LotteryState.SOLVED or lottery.document is None or lottery.replaces_id != drawn.lottery_id:
        raise ConflictError(marked("Only a lottery that is solved and proven, and no rehearsal, can be committed."))
    if leaving(session, assembly, drawn).fingerprint != lottery.inputs:
        raise ConflictError(marked("Somebody has left since this lottery was started. Start it again."))
    return publish(session, assembly, lottery, rule_of(drawn), place=drawn.place, by=by, replaces=drawn)


def _require_open(session: Session, assembly: Assembly) -> Commitment:
    """Return the commitment drawn last. Raises ConflictError if no replacement can follow it now."""
    drawn = last_drawn(session, assembly)
    if drawn is None:
        raise ConflictError(marked("The panel has not been drawn yet."))
    if standing_commitment(session, assembly) is not None:
        raise ConflictError(marked("A replacement is fixed already and waits for its draw."))
    rule = next_rule(session, assembly)
    if rule is None:
        raise ConflictError(marked("No moment is left that the draw rule fixed for replacements."))
    if rule.moment < now() + RECEIPTS_BEFORE:
        raise ConflictError(
            marked("The next replacement draw is less than 24 hours away, so people would not have their receipts.")
        )
    return drawn


def _document(content: bytes | None) -> bytes:
    if content is None:
        raise ConflictError(marked("The audit document has been deleted."))
    return content
