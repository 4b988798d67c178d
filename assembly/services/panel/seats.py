"""Who has a seat on the panel, which seats are vacated, and until when they are filled again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.clock import now
from assembly.models import (
    Assembly,
    Commitment,
    Lottery,
    LotteryState,
    Member,
    Panel,
    Respondent,
    Status,
    User,
)
from assembly.services import freezing, logbook, respondents
from assembly.services.authorisation import Permission, get_assembly
from assembly.services.errors import ConflictError, NotFoundError, marked
from sortition import DrawRule

VACATED = (Status.DECLINED, Status.NOT_REACHED, Status.WITHDRAWN, Status.ERASED)
WAITING = (Status.DRAWN, Status.NOT_REACHED)
"""Whoever was drawn and may still take the seat."""
IN_QUERY = 500
"""Codes in one query; databases limit the parameters of a statement."""


def record_draw(
    session: Session, assembly: Assembly, commitment: Commitment, rule: DrawRule, codes: Collection[str], *, by: User
) -> None:
    """Give the drawn people their seats, in the transaction of the draw; of a replacement, those who left lose theirs.

    People who left before they were drawn have a seat, too: it is vacated at once.
    """
    if commitment.lottery.replaces_id is None:
        moments = rule.replacements.moments if rule.replacements else ()
        panel = Panel(assembly_id=assembly.id, drawn_at=now(), replacements_end_at=max((rule.moment, *moments)))
        session.add(panel)
        details = {"replacements_end_at": panel.replacements_end_at.isoformat()}
        logbook.record(session, assembly, "panel_opened", by=by, details=details)
    else:
        _replace(session, assembly, commitment.lottery.vacated or [], by=by)
    seated = set(session.scalars(sa.select(Member.respondent_id).where(Member.assembly_id == assembly.id)))
    for one in _by_codes(session, assembly, codes):
        if one.id not in seated:
            seat = Member(respondent_id=one.id, assembly_id=assembly.id, commitment_id=commitment.id, drawn_at=now())
            session.add(seat)
    session.flush()


def _replace(session: Session, assembly: Assembly, codes: Collection[str], *, by: User) -> None:
    """Others sit on the seats of these people now; whoever was erased stays erased."""
    for one in _by_codes(session, assembly, codes):
        if one.status is not Status.ERASED:
            respondents.move(session, one, Status.REPLACED, by=by)
        seat = session.get(Member, one.id)
        if seat is not None:
            seat.replaced_at = now()


def _by_codes(session: Session, assembly: Assembly, codes: Collection[str]) -> list[Respondent]:
    found: list[Respondent] = []
    ordered = sorted(codes)
    for start in range(0, len(ordered), IN_QUERY):
        some = Respondent.code.in_(ordered[start : start + IN_QUERY])
        found += session.scalars(sa.select(Respondent).where(Respondent.assembly_id == assembly.id, some))
    return found


def get_member(session: Session, respondent_id: int, *, user: User, may: Permission, assembly_id: int) -> Member:
    """Return the seat of a drawn person of an assembly with which the account may do this.

    Raises NotFoundError for everybody who was not drawn: callers see nobody else.
    """
    get_assembly(session, assembly_id, user=user, may=may)
    member = session.get(Member, respondent_id, options=[joinedload(Member.respondent).joinedload(Respondent.contact)])
    if member is None or member.assembly_id != assembly_id:
        raise NotFoundError
    return member


def panel_of(session: Session, assembly: Assembly) -> Panel | None:
    """Return the drawn panel of an assembly, if it has been drawn."""
    return session.get(Panel, assembly.id)


def members_of(session: Session, assembly: Assembly) -> list[Member]:
    """Return everybody who was drawn, with their contacts, by name; those who were replaced come last."""
    statement = (
        sa.select(Member)
        .where(Member.assembly_id == assembly.id)
        .options(joinedload(Member.respondent).joinedload(Respondent.contact))
    )
    return sorted(session.scalars(statement), key=_place)


def _place(member: Member) -> tuple[bool, str, str]:
    contact = member.respondent.contact
    return member.replaced_at is not None, contact.sort_key if contact else "", member.respondent.code


def vacated_codes(session: Session, assembly: Assembly) -> list[str]:
    """Return the codes of the members whose seats are free."""
    statement = (
        sa.select(Respondent.code)
        .join(Member, Member.respondent_id == Respondent.id)
        .where(Member.assembly_id == assembly.id, Member.replaced_at.is_(None), Respondent.status.in_(VACATED))
        .order_by(Respondent.code)
    )
    return list(session.scalars(statement))


def free_seats(session: Session, assembly: Assembly) -> int:
    """Return how many seats of the drawn panel nobody sits on.

    Of somebody who was erased before the draw nobody knows the name: that seat belongs to no member at all.
    """
    seated = session.scalar(
        sa.select(sa.func.count())
        .select_from(Member)
        .join(Respondent, Respondent.id == Member.respondent_id)
        .where(Member.assembly_id == assembly.id, Member.replaced_at.is_(None), Respondent.status.not_in(VACATED))
    )
    return assembly.panel_size - (seated or 0) if panel_of(session, assembly) else 0


def is_being_replaced(session: Session, respondent: Respondent) -> bool:
    """Whether the lottery over somebody's seat is fixed and waits for its draw: then it is no longer theirs."""
    fixed = session.scalars(
        sa.select(Lottery.vacated).where(
            Lottery.assembly_id == respondent.assembly_id, Lottery.state == LotteryState.COMMITTED
        )
    )
    return any(respondent.code in codes for codes in fixed if codes)


def deletion_clock_starts(session: Session, assembly: Assembly) -> dt.datetime | None:
    """Return the moment after which nobody else can be drawn, so that the data of those not drawn can go."""
    panel = panel_of(session, assembly)
    return panel.replacements_end_at if panel else None


def require_waiting(session: Session, respondent: Respondent, statuses: Collection[Status]) -> None:
    """Let nobody be erased or replaced meanwhile, and refuse if they were already."""
    freezing.lock_pool(session, respondent.assembly_id)
    session.refresh(respondent, ["status"])
    if respondent.status not in statuses:
        raise ConflictError(marked("This is no longer possible: the person’s status has changed. Load the page again."))
