"""What members choose about how they are written to."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assembly.models import Member
from assembly.services import freezing, logbook
from assembly.services.respondents import subject_of


def choose_language(session: Session, member: Member, language: str) -> None:
    """Note in which language a member reads: their page, mails and letters."""
    freezing.lock_pool(session, member.assembly_id)
    if logbook.assign(member, {"language": language}, ("language",)):
        subject, details = subject_of(member.respondent), {"fields": ["language"]}
        assembly = member.respondent.assembly
        logbook.record(session, assembly, "preferences_changed", by=None, subject=subject, details=details)
