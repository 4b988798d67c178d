"""Sending members the link and the code to their own page, by mail or letter, in their language."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import AccessKind, Assembly, Mail, Member, MemberAccess, Respondent, Status, User
from assembly.services import freezing, mail
from assembly.services.errors import RuleError, marked
from assembly.services.members import access, tokens
from assembly.services.members.writing import recipient_for
from assembly.services.panel import calling, seats
from assembly.services.recipients import Recipient

TEMPLATE = "member_access"


@dataclasses.dataclass(frozen=True, slots=True)
class Addresses:
    """Where members' pages are: only pages know it."""

    of_link: Callable[[str], str]
    of_page: str


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Reach:
    """A member, since when their link is open, and the mail or letter about it; None where there is none."""

    member: Member
    open_since: Any
    mail: Mail | None


def send(session: Session, member: Member, *, by: User, addresses: Addresses) -> None:
    """Make a new link and code for a member and write to them; a minor's guardian gets a copy by letter.

    What was sent before no longer opens the page. Raises RuleError without any address, ConflictError if the seat is
    not theirs.
    """
    recipient = recipient_for(member)
    if not recipient.is_reachable:
        raise RuleError(
            marked("There is neither an e-mail nor a postal address. Tell the code on the phone, or add an address.")
        )
    made = access.renew(session, member, by=by)
    take_back_unsent(session, member)
    qr = addresses.of_link(made.link)
    _write(session, member, recipient, _context(member, recipient, addresses, link=made.link, code=made.code), qr=qr)
    if (guardian := _guardian_of(session, member, recipient)) is not None:
        context = _context(member, guardian, addresses, link=made.link, code=made.code) | {"ward": recipient.name}
        _write(session, member, guardian, context, qr=qr)


def send_asked(session: Session, member: Member, *, addresses: Addresses) -> None:
    """Write a new link to a member who asked for one; their code, and what was sent before, still opens the page.

    Raises ConflictError if the seat is not theirs.
    """
    recipient, link = recipient_for(member), access.add_link(session, member)
    _write(session, member, recipient, _context(member, recipient, addresses, link=link), qr="")


def send_to_all_without(session: Session, assembly: Assembly, *, by: User, addresses: Addresses) -> int:
    """Write to every confirmed member whose page was never opened to them; return to how many."""
    freezing.lock_pool(session, assembly.id)
    count = 0
    for one in reach_of(session, assembly):
        is_waiting = one.open_since is None and one.member.respondent.status is Status.CONFIRMED
        if is_waiting and recipient_for(one.member).is_reachable:
            send(session, one.member, by=by, addresses=addresses)
            count += 1
    return count


def count_without(session: Session, assembly: Assembly) -> int:
    """Return how many confirmed members cannot open their page, to which everything leads that is written to them."""
    confirmed = sa.select(sa.func.count()).select_from(Member).join(Member.respondent)
    of_this = (Member.assembly_id == assembly.id, Member.replaced_at.is_(None), Respondent.status == Status.CONFIRMED)
    return session.scalar(confirmed.where(*of_this, ~access.opens_page())) or 0


def revoke(session: Session, member: Member, *, by: User) -> bool:
    """End a member's link and code; what was written and not sent yet goes, too."""
    take_back_unsent(session, member)
    return access.revoke(session, member, by=by)


def reach_of(session: Session, assembly: Assembly) -> list[Reach]:
    """Return who has a seat, by name, with what is known of their link."""
    members = [member for member in seats.members_of(session, assembly) if not access.has_left(member)]
    theirs = [member.respondent_id for member in members]
    since = _open_since(session, theirs)
    newest = sa.select(sa.func.max(Mail.id)).where(Mail.template == TEMPLATE).group_by(Mail.respondent_id)
    mails = session.scalars(sa.select(Mail).where(Mail.respondent_id.in_(theirs), Mail.id.in_(newest)))
    written = {one.respondent_id: one for one in mails}
    return [Reach(member, since.get(member.respondent_id), written.get(member.respondent_id)) for member in members]


def reach(session: Session, member: Member) -> Reach:
    """Return what is known of one member's link."""
    newest = session.scalar(_theirs(member).order_by(Mail.id.desc()).limit(1))
    return Reach(member, _open_since(session, [member.respondent_id]).get(member.respondent_id), newest)


def may_go_to(session: Session, written: Mail, person: Respondent) -> bool:
    """Whether what a mail says still opens a page: nothing newer was made, and nothing was revoked."""
    since = _open_since(session, [person.id]).get(person.id)
    newer = sa.exists().where(Mail.template == TEMPLATE, Mail.respondent_id == person.id, Mail.id > written.id)
    return since is not None and since <= written.created_at and not session.scalar(sa.select(newer))


def take_back_unsent(session: Session, member: Member) -> None:
    """Delete what was written to a member about their link and did not go out yet."""
    mail.erase_unsent(session, session.scalars(_theirs(member).with_only_columns(Mail.id)).all())


def _theirs(member: Member) -> sa.Select[Any]:
    return sa.select(Mail).where(Mail.template == TEMPLATE, Mail.respondent_id == member.respondent_id)


def _open_since(session: Session, respondent_ids: Sequence[int]) -> dict[int, Any]:
    found = session.execute(
        sa.select(MemberAccess.respondent_id, MemberAccess.made_at)
        .where(
            MemberAccess.respondent_id.in_(respondent_ids),
            MemberAccess.kind == AccessKind.LINK,
            MemberAccess.revoked_at.is_(None),
        )
        .order_by(MemberAccess.id)
    )
    return {respondent_id: made_at for respondent_id, made_at in found}  # noqa: C416  # rows are no pairs for the type checker


def _guardian_of(session: Session, member: Member, recipient: Recipient) -> Recipient | None:
    """Return the guardian of somebody who is not of age, as far as there is an address for a letter."""
    age = calling.age_of(member.respondent)
    consent = calling.consent_of(session, member.respondent)
    if consent is None or (age is not None and age >= calling.OF_AGE) or not recipient.address:
        return None
    return dataclasses.replace(
        recipient, name=consent.guardian, email=None, address=(consent.guardian, *recipient.address[1:])
    )


def _context(
    member: Member, to: Recipient, addresses: Addresses, *, link: str, code: str | None = None
) -> dict[str, Any]:
    assembly = member.respondent.assembly
    return {
        "name": to.name,
        "ward": None,
        "assembly": assembly.title,
        "link": addresses.of_link(link) if to.email else None,
        "page": addresses.of_page,
        "code": tokens.shown(code) if code else None,
        "contact": assembly.contact,
    }


def _write(session: Session, member: Member, to: Recipient, context: Mapping[str, Any], *, qr: str) -> None:
    subject, text, html = mail.render(TEMPLATE, to.language, context)
    written = Mail(
        template=TEMPLATE,
        language=to.language,
        recipient=to.email,
        address=list(to.address),
        subject=subject,
        text=text,
        html=html,
        qr=None if to.email else qr,
        assembly_id=member.assembly_id,
        respondent_id=member.respondent_id,
        is_confidential=True,
    )
    mail.write_mail(session, written)
