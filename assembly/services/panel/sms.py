"""An SMS to a drawn person who was not reached otherwise, through a gateway that takes mails."""

from __future__ import annotations

from collections.abc import Iterator

import phonenumbers
import sqlalchemy as sa
from phonenumbers import PhoneNumberFormat, PhoneNumberMatcher, PhoneNumberType
from sqlalchemy.orm import Session

from assembly.clock import ZONE, now
from assembly.models import Mail, MailState, Respondent, User
from assembly.services import logbook, mail
from assembly.services.errors import ConflictError, RuleError, marked
from assembly.services.mail import SMS
from assembly.services.panel import seats
from assembly.services.recipients import LANGUAGES, recipient_of
from assembly.services.respondents import subject_of

REGION = "DE"
"""Whose numbers are written without a country code."""
MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def number_of(respondent: Respondent) -> str | None:
    """Return the first mobile number that somebody gave, such as +4915112345678; None without one."""
    phone = respondent.contact.phone if respondent.contact else ""
    return next(_mobile_numbers(phone), None)


def text_for(respondent: Respondent) -> str:
    """Return what the SMS to a drawn person says, in their language: without their name, since phones are shared."""
    assembly = respondent.assembly
    context = {"assembly": assembly.title, "contact": ", ".join(assembly.contact.splitlines())}
    return mail.render_text(SMS, _language(respondent), context)


def newest(session: Session, respondent: Respondent) -> Mail | None:
    """Return the last SMS to a drawn person."""
    theirs = sa.select(Mail).where(Mail.template == SMS, Mail.respondent_id == respondent.id)
    return session.scalar(theirs.order_by(Mail.id.desc()).limit(1))


def send(session: Session, respondent: Respondent, *, by: User) -> None:
    """Put an SMS into the outbox, at most one a day; one that was refused does not count.

    Raises RuleError without a mobile number, ConflictError if one went today, still waits or was perhaps sent, or the
    person need not be reached.
    """
    seats.require_waiting(session, respondent, seats.WAITING)
    number = number_of(respondent)
    if number is None:
        raise RuleError(marked("There is no mobile phone number. Add it to the registration first."))
    deed = f"{SMS}:{respondent.id}:{now().astimezone(ZONE).date()}"
    _require_no_other(session, respondent, deed)
    mail.release_deed(session, deed)
    mail.write_mail(
        session,
        Mail(
            template=SMS,
            language=_language(respondent),
            recipient=number,
            subject="",
            text=text_for(respondent),
            html="",
            assembly_id=respondent.assembly_id,
            respondent_id=respondent.id,
            deed=deed,
        ),
    )
    logbook.record(session, respondent.assembly, "sms_sent", by=by, subject=subject_of(respondent))


def decide(session: Session, respondent: Respondent, *, was_sent: bool, by: User) -> None:
    """Decide whether the last SMS, which was perhaps sent, was. Raises ConflictError if that is no question."""
    made = newest(session, respondent)
    if made is None:
        raise ConflictError(marked("The state of this mail has changed meanwhile. Load the page again."))
    (mail.mark_as_sent if was_sent else mail.mark_as_not_sent)(session, made)
    action = "sms_was_sent" if was_sent else "sms_was_not_sent"
    logbook.record(session, respondent.assembly, action, by=by, subject=subject_of(respondent))


def _require_no_other(session: Session, respondent: Respondent, deed: str) -> None:
    last = newest(session, respondent)
    if last is None:
        return
    if last.state in {MailState.QUEUED, MailState.SENDING}:
        raise ConflictError(marked("An SMS to this person still waits to be sent."))
    if last.state is MailState.PERHAPS_SENT:
        raise ConflictError(marked("The last SMS was perhaps sent. Say first whether it was."))
    if last.deed == deed and last.state is not MailState.REFUSED:
        raise ConflictError(marked("An SMS went to this person today already."))


def _language(respondent: Respondent) -> str:
    return recipient_of(respondent.contact).language if respondent.contact else LANGUAGES[0]


def _mobile_numbers(phone: str) -> Iterator[str]:
    for match in PhoneNumberMatcher(phone, REGION):
        if phonenumbers.number_type(match.number) in MOBILE:
            yield phonenumbers.format_number(match.number, PhoneNumberFormat.E164)
