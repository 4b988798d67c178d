"""What is kept about drawn people besides their seats goes when their data are erased."""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import ContactAttempt, GuardianConsent, Mail, Member, Respondent, SupportNeed
from assembly.services import mail


class Letter(enum.StrEnum):
    """What people are told about the draw; each of them once."""

    DRAWN = "panel_drawn"
    NOT_DRAWN = "panel_not_drawn"


def deed_of(letter: Letter, respondent_id: int) -> str:
    """Return the name of the deed of telling somebody, by which nobody is told twice."""
    return f"{letter.value}:{respondent_id}"


def clear(session: Session, respondent: Respondent) -> None:
    """Delete attempts, consent, needs and mails of a person; the row of their seat stays, without what they prefer.

    Raises ConflictError if a mail to them is being sent at this moment.
    """
    for table in (ContactAttempt, GuardianConsent, SupportNeed):
        session.execute(sa.delete(table).where(table.respondent_id == respondent.id))
    if (seat := session.get(Member, respondent.id)) is not None:
        seat.channel = seat.language = None
    deeds = [deed_of(letter, respondent.id) for letter in Letter]
    mail.erase(session, session.scalars(sa.select(Mail).where(Mail.deed.in_(deeds))).all())
