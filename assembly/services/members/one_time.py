"""One-time codes: six digits by the member's own channel, before needs and bank data are shown."""

from __future__ import annotations

import datetime as dt
import enum
import secrets

from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Channel, Mail, Member, OneTimeCode, User
from assembly.services import freezing, logbook, mail
from assembly.services.errors import ConflictError, marked
from assembly.services.members import tokens
from assembly.services.members.writing import recipient_for
from assembly.services.panel import sms
from assembly.services.respondents import subject_of

VALID = dt.timedelta(minutes=10)
TRIES = 5
"""For one code; `assembly.security.limits` counts those of a day."""
PAUSE = dt.timedelta(minutes=1)
"""Between two codes that a member asks for."""
TEMPLATE = "member_code"


class Way(enum.StrEnum):
    """How a member gets a code; whoever has neither mail nor a mobile phone is told one by support."""

    MAIL = "mail"
    SMS = "sms"
    ASK = "ask"


def way_to(member: Member, *, has_gateway: bool) -> Way:
    """Return how a member gets a code: as they want to be reached, else as they can be."""
    mailable = recipient_for(member).email is not None
    callable_ = has_gateway and sms.number_of(member.respondent) is not None
    if callable_ and (member.channel is Channel.SMS or not mailable):
        return Way.SMS
    return Way.MAIL if mailable else Way.ASK


def send(session: Session, member: Member, *, has_gateway: bool) -> Way:
    """Send a new code, which ends the one before. Raises ConflictError if one was made just now."""
    way = way_to(member, has_gateway=has_gateway)
    if way is Way.ASK:
        return way
    freezing.lock_pool(session, member.assembly_id)
    earlier = session.get(OneTimeCode, member.respondent_id)
    if earlier is not None and earlier.made_at > now() - PAUSE:
        raise ConflictError(marked("A code was made just now. Wait a minute before you ask for another one."))
    code, recipient, respondent = _make(session, member), recipient_for(member), member.respondent
    context = {
        "name": recipient.name,
        "assembly": respondent.assembly.title,
        "code": code,
        "minutes": int(VALID.total_seconds() // 60),
        "contact": respondent.assembly.contact,
    }
    is_sms = way is Way.SMS
    if is_sms:
        subject, html = "", ""
        text = mail.render_text(mail.CODE_SMS, recipient.language, context)
    else:
        subject, text, html = mail.render(TEMPLATE, recipient.language, context)
    written = Mail(
        template=mail.CODE_SMS if is_sms else TEMPLATE,
        language=recipient.language,
        recipient=sms.number_of(respondent) if is_sms else recipient.email,
        subject=subject,
        text=text,
        html=html,
        assembly_id=respondent.assembly_id,
        respondent_id=respondent.id,
        is_confidential=True,
    )
    mail.write_mail(session, written)
    subject, details = subject_of(respondent), {"channel": way.value}
    logbook.record(session, respondent.assembly, "one_time_code_sent", by=None, subject=subject, details=details)
    return way


def read_out(session: Session, member: Member, *, by: User) -> str:
    """Return a new code, to be told on the phone; the one before ends."""
    freezing.lock_pool(session, member.assembly_id)
    code = _make(session, member)
    subject = subject_of(member.respondent)
    logbook.record(session, member.respondent.assembly, "one_time_code_read_out", by=by, subject=subject)
    return code


def is_right(session: Session, member: Member, code: str) -> bool:
    """Try a code, and count the trial, which has to be committed; a right one is used up."""
    freezing.lock_pool(session, member.assembly_id)
    made = session.get(OneTimeCode, member.respondent_id, populate_existing=True)
    if made is None or made.ends_at <= now() or made.tries_left <= 0:
        return False
    made.tries_left -= 1
    typed = "".join(code.split())
    right = secrets.compare_digest(_fingerprint(session, member, typed), made.fingerprint)
    if right:
        made.tries_left = 0
    session.flush()
    return right


def _make(session: Session, member: Member) -> str:
    code = tokens.new_one_time_code()
    session.merge(
        OneTimeCode(
            respondent_id=member.respondent_id,
            fingerprint=_fingerprint(session, member, code),
            made_at=now(),
            ends_at=now() + VALID,
            tries_left=TRIES,
        )
    )
    session.flush()
    return code


def _fingerprint(session: Session, member: Member, code: str) -> str:
    return tokens.fingerprint(session, tokens.ONE_TIME, f"{member.respondent_id}\0{code}")
