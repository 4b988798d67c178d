"""A member who no longer finds their link asks for a new one, by the address that they are written to."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.clock import now
from assembly.models import AccessKind, Contact, Member, MemberAccess, Respondent, Status
from assembly.services import freezing
from assembly.services.members import sending
from assembly.services.members.access import opens_page
from assembly.services.members.sending import Addresses
from assembly.services.members.writing import recipient_for

PAUSE = dt.timedelta(minutes=10)
"""Between two links that are asked for, so that strangers fill nobody's inbox."""
MOST = 3
"""Links that are sent to a member who asks for them in a day."""
DAY = dt.timedelta(days=1)


def send_link(session: Session, email: str, *, addresses: Addresses) -> int:
    """Write a new link to every member who reads mails at this address and whose page is open; return to how many.

    Callers say the same to everybody, since nobody is to learn from it who is a member. What opened the page before
    still does: else whoever knows an address could close its owner's page. A page that the office has closed, or never
    opened, stays so.
    """
    members = _members_at(session, email)
    for number in sorted({one.assembly_id for one in members}):
        freezing.lock_pool(session, number)
    waiting = [one for one in members if not _has_asked_enough(session, one)]
    for member in waiting:
        sending.send_asked(session, member, addresses=addresses)
    return len(waiting)


def _members_at(session: Session, email: str) -> list[Member]:
    """Return the confirmed members whose mails go to an address, and whose page the office has opened.

    Whoever wants letters gets no link by mail.
    """
    person = joinedload(Member.respondent)
    found = session.scalars(
        sa.select(Member)
        .join(Member.respondent)
        .join(Contact, Contact.respondent_id == Member.respondent_id)
        .where(
            sa.func.lower(Contact.email) == email.lower(),
            Respondent.status == Status.CONFIRMED,
            Member.replaced_at.is_(None),
            opens_page(MemberAccess.made_by_id.is_not(None)),
        )
        .options(person.joinedload(Respondent.contact), person.joinedload(Respondent.assembly))
        .order_by(Member.respondent_id)
    ).all()
    return [one for one in found if recipient_for(one).email is not None]


def _has_asked_enough(session: Session, member: Member) -> bool:
    asked = sa.select(MemberAccess.made_at).where(
        MemberAccess.respondent_id == member.respondent_id,
        MemberAccess.kind == AccessKind.LINK,
        MemberAccess.made_by_id.is_(None),
        MemberAccess.made_at > now() - DAY,
    )
    lately = session.scalars(asked).all()
    return len(lately) >= MOST or any(made_at > now() - PAUSE for made_at in lately)
