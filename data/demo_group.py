"""The sample city's follow-up group: elected when the recommendations were handed over, and at work on two texts."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, ConsentKind, GroupChoice, Member, Move, Respondent, Status, User
from assembly.services.daily import today
from assembly.services.follow_up import groups, proposals
from assembly.services.members import access, consents

AGREE, ELECTED = 7, 5
STALLED = "Der Bericht ist seit Wochen überfällig, und abends fährt noch immer kein Bus. Bitte neu entscheiden."
REPLY = "Danke für die klare Antwort. Uns fehlt, ab wann die Buslinie auch sonntags fährt."


def elect(session: Session, assembly: Assembly, *, by: User) -> None:
    """Let some members agree to be written to, and elect the group from them."""
    confirmed = sa.select(Member).join(Member.respondent)
    here = (Member.assembly_id == assembly.id, Respondent.status == Status.CONFIRMED)
    agreeing = session.scalars(confirmed.where(*here).order_by(Member.respondent_id).limit(AGREE)).all()
    for member in agreeing:
        consents.give(session, member, ConsentKind.FOLLOW_UP, by=by)
    numbers = [one.respondent_id for one in agreeing[:ELECTED]]
    groups.record_election(session, assembly, numbers, held_on=today(), took_part=AGREE, by=by)


def work(session: Session, assembly: Assembly) -> str:
    """Draft a reply, let the group vote on another text, and return the link of somebody who has not voted yet."""
    first, second, third, *_ = groups.group_of(session, assembly)
    possible = proposals.possible_for(session, assembly)
    replies = [one for one in possible if one.move is Move.REPLY]
    proposals.begin(session, first, replies[0], REPLY)
    stalled = next(one for one in possible if one.move is Move.SEND_BACK)
    voted_on = proposals.begin(session, second, stalled, STALLED)
    proposals.open_vote(session, second, voted_on)
    proposals.vote(session, second, voted_on, GroupChoice.YES)
    return access.renew(session, third, by=None).link
