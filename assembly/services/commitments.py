"""Fix a lottery and its draw rule before the draw; void it with a reason; let everyone see the documents."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Commitment, Lottery, LotteryState, User
from assembly.services import draws, freezing, instances, logbook, lotteries, public, receipts
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.kept import Kept
from sortition import DrawRule, InputError, VerificationError
from sortition import commit as commit_lottery
from sortition.lottery_file import parse_lottery
from sortition.protocol.commit import Voided
from sortition.protocol.documents import parse_public
from sortition.protocol.draw_rule import ReplacementRule, Source
from sortition.protocol.notice import notice_pdf

DIGITS = {1000: 3, 10_000: 4}
LONGEST_WAIT = dt.timedelta(days=731)
"""From the draw to the last replacement."""
NOTICES = Kept[bytes](64)


@dataclasses.dataclass(frozen=True, slots=True)
class RuleTexts:
    """What an organiser writes about a draw by digits drawn in public; everything else of the rule follows."""

    moment: dt.datetime
    source: str
    format: str
    fallback: str
    replacement_moments: tuple[dt.datetime, ...] = ()
    replacement_source: str = ""


def draw_rule(
    assembly: Assembly, texts: RuleTexts, *, tickets: int, publication: str | None, language: str
) -> DrawRule:
    """Return the rule of a draw by digits, for as many tickets.

    Raises RuleError if the draw is too soon for receipts, or a moment for replacements does not come after it, or so
    late that people's data were kept too long: nobody could correct a wrong year once the panel is drawn.
    """
    if texts.moment < now() + receipts.RECEIPTS_BEFORE:
        raise RuleError(
            marked("People must have their receipts 24 hours before the draw: choose a later moment."), field="moment"
        )
    if any(moment <= texts.moment for moment in texts.replacement_moments):
        raise RuleError(marked("Replacements are drawn after the draw itself."), field="replacement_moments")
    if any(moment > texts.moment + LONGEST_WAIT for moment in texts.replacement_moments):
        raise RuleError(
            marked(
                "The last replacement draw is at most two years after the draw, since the data of those not drawn are "
                "kept until then. Look at the year."
            ),
            field="replacement_moments",
        )
    source = Source("digits", texts.source, texts.format, texts.fallback, digits=DIGITS[tickets])
    replacements = None
    if texts.replacement_moments:
        # Few seats for a whole pool: chances are so small that the lottery has the larger number of tickets.
        again = dataclasses.replace(source, source=texts.replacement_source or texts.source, digits=DIGITS[10_000])
        replacements = ReplacementRule(again, tuple(sorted(set(texts.replacement_moments))))
    return DrawRule(
        assembly=assembly.title,
        title=assembly.title,
        language="de" if language == "de" else "en",
        moment=texts.moment,
        draw=source,
        publication=publication,
        replacements=replacements,
    )


def commit(
    session: Session, assembly: Assembly, lottery: Lottery, rule: DrawRule, *, place: str, by: User
) -> Commitment:
    """Commit to a lottery: from now on the pool is frozen, and only its tickets can be drawn.

    Raises ConflictError if the lottery is not the proven one of today's pool, another one stands, or there are no two
    accounts that could enter the number; RuleError if the rule does not fit.
    """
    freezing.lock_pool(session, assembly.id)
    session.refresh(lottery, ["state"])
    if lottery.is_rehearsal or lottery.state is not LotteryState.SOLVED:
        raise ConflictError(marked("Only a lottery that is solved and proven, and no rehearsal, can be committed."))
    if lotteries.standing_lottery(session, assembly) is not None:
        raise ConflictError(
            marked("A lottery has been committed already; it has to be drawn, or voided with a reason.")
        )
    if lottery.document is None or instances.is_out_of_date(session, assembly, lottery):
        raise ConflictError(marked("Pool or quotas have changed since. Compute the lottery again before you commit."))
    return publish(session, assembly, lottery, rule, place=place, by=by)


def publish(
    session: Session,
    assembly: Assembly,
    lottery: Lottery,
    rule: DrawRule,
    *,
    place: str,
    by: User,
    replaces: Commitment | None = None,
) -> Commitment:
    """Make the documents of a commitment, and publish it; the caller has seen that it may be.

    For a replacement, `rule` is that of the draw before, `replaces`. Raises ConflictError if nobody could draw it
    later, RuleError if the engine refuses.
    """
    if not draws.has_two_to_enter(session, assembly, committed_at=now()):
        raise ConflictError(
            marked(
                "Nobody could enter the drawn number, so nothing was committed. Two accounts have to enter it, "
                "organisers or witnesses who have their role before the commitment, and of whom neither invited the "
                "other. Let somebody join as witness whom you have not invited yourself, then commit."
            )
        )
    made_lottery = parse_lottery(json.loads(lottery.document or b""), name="lottery.json")
    voided = _last_voided(session, lottery)
    try:
        made = commit_lottery(
            made_lottery,
            rule,
            now=now(),
            voids=Voided(parse_public(voided.public_document, name="public.json"), voided.void_reason)
            if voided
            else None,
            log_head=logbook.head_of(session, assembly),
        )
    except (InputError, VerificationError) as error:
        raise RuleError(marked("The draw rule does not fit: %(reason)s"), reason=str(error)) from None
    commitment = Commitment(
        assembly_id=assembly.id,
        lottery=lottery,
        hash=made.hash,
        committed_at=now(),
        committed_by_id=by.id,
        moment=DrawRule.from_document(made.public["draw_rule"], name="draw_rule").moment,
        place=place,
        rule=made.public["draw_rule"],
        registrations=public.counts_of(session, assembly) if replaces is None else None,
        public_document=made.public_bytes(),
        audit_document=made.audit_bytes(),
    )
    session.add(commitment)
    lotteries.move(session, assembly, lottery, LotteryState.COMMITTED, by=by)
    session.flush()
    details = {"commitment": made.hash, "moment": commitment.moment.isoformat()}
    if replaces is not None:
        details["replaces"] = replaces.hash
    logbook.record(session, assembly, "committed", by=by, subject=f"commitment:{commitment.id}", details=details)
    return commitment


def void(session: Session, assembly: Assembly, commitment: Commitment, *, reason: str, by: User) -> None:
    """Void a commitment, publicly and with a reason, before the moment of its draw; its receipts go no further.

    Raises ConflictError once that moment has passed: then it can only be drawn.
    """
    freezing.lock_pool(session, assembly.id)
    session.refresh(commitment, ["voided_at", "drawn_at"])
    if commitment.voided_at is not None or commitment.drawn_at is not None:
        raise ConflictError(marked("This commitment has been drawn or voided already."))
    if now() >= commitment.moment:
        raise ConflictError(marked("The moment of the draw has passed: this commitment can only be drawn."))
    if not reason.strip():
        raise RuleError(marked("Say why: the reason is public."), field="reason")
    commitment.voided_at, commitment.void_reason = now(), reason.strip()
    receipts.withdraw_unsent(session, commitment)
    lotteries.move(session, assembly, commitment.lottery, LotteryState.VOIDED, by=by, reason=reason.strip())
    details = {"commitment": commitment.hash, "reason": reason.strip()}
    logbook.record(session, assembly, "voided", by=by, subject=f"commitment:{commitment.id}", details=details)


def amend_place(session: Session, assembly: Assembly, commitment: Commitment, place: str, *, by: User) -> None:
    """Announce another place or hour, publicly; the rule stays as it was committed."""
    before, commitment.place = commitment.place, place.strip()
    if before != commitment.place:
        details = {"place": {"before": before, "after": commitment.place}}
        subject = f"commitment:{commitment.id}"
        logbook.record(session, assembly, "draw_place_amended", by=by, subject=subject, details=details)


def commitments_of(session: Session, assembly: Assembly) -> list[Commitment]:
    """Return all commitments of an assembly, newest first; none is ever removed."""
    statement = sa.select(Commitment).where(Commitment.assembly_id == assembly.id).order_by(Commitment.id.desc())
    return list(session.scalars(statement))


def current_commitment(session: Session, assembly: Assembly) -> Commitment | None:
    """Return the commitment of the whole panel that stands: drawn, or to be drawn; replacements follow it."""
    return session.scalar(
        sa.select(Commitment)
        .join(Lottery)
        .where(Commitment.assembly_id == assembly.id, Commitment.voided_at.is_(None), Lottery.replaces_id.is_(None))
    )


def get_commitment(session: Session, commitment_id: int, *, assembly: Assembly) -> Commitment:
    """Return a commitment of an assembly. Raises NotFoundError."""
    commitment = session.get(Commitment, commitment_id)
    if commitment is None or commitment.assembly_id != assembly.id:
        raise NotFoundError
    return commitment


def find_commitment(session: Session, fingerprint: str, *, assembly: Assembly) -> Commitment | None:
    """Return the commitment of an assembly with a fingerprint."""
    return session.scalar(
        sa.select(Commitment).where(Commitment.assembly_id == assembly.id, Commitment.hash == fingerprint)
    )


def notice(commitment: Commitment) -> bytes:
    """Return the one-page notice for the press and the notice board, as PDF: always the same of a commitment."""
    return NOTICES.get(
        commitment.hash, lambda: notice_pdf(parse_public(commitment.public_document, name="public.json"))
    )


def rule_of(commitment: Commitment) -> DrawRule:
    """Return the draw rule as it was committed."""
    return DrawRule.from_document(commitment.rule, name="draw_rule")


def _last_voided(session: Session, lottery: Lottery) -> Commitment | None:
    """Return the newest voided commitment in whose place a lottery's stands; it lists those before it itself."""
    return session.scalar(
        sa.select(Commitment)
        .join(Lottery)
        .where(
            Commitment.assembly_id == lottery.assembly_id,
            Commitment.voided_at.is_not(None),
            Lottery.replaces_id == lottery.replaces_id,
        )
        .order_by(Commitment.id.desc())
        .limit(1)
    )
