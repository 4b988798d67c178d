"""Telling people the result of the draw: a mail, or a letter to who has no address for mail; nobody gets it twice."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.clock import now
from assembly.models import (
    Assembly,
    AttemptOutcome,
    Channel,
    Contact,
    Job,
    Mail,
    MailState,
    Respondent,
    Status,
    User,
)
from assembly.services import jobs, logbook, mail
from assembly.services.errors import ConflictError, marked
from assembly.services.handlers import Run, handler
from assembly.services.panel import calling, seats


class Letter(enum.StrEnum):
    """What people are told about the draw; each of them once."""

    DRAWN = "panel_drawn"
    NOT_DRAWN = "panel_not_drawn"


BATCH = 200
"""People per transaction."""
LANGUAGES = ("de", "en")
WANTED = {Letter.DRAWN: Status.DRAWN, Letter.NOT_DRAWN: Status.REGISTERED}


def deed_of(letter: Letter, respondent_id: int) -> str:
    """Return the name of the deed of telling somebody, by which nobody is told twice."""
    return f"{letter.value}:{respondent_id}"


def waiting(session: Session, assembly: Assembly, letter: Letter) -> int:
    """Return how many people are still to be told."""
    if seats.panel_of(session, assembly) is None:
        return 0
    return session.scalar(sa.select(sa.func.count()).select_from(_untold(assembly, letter).subquery())) or 0


def preview(assembly: Assembly, letter: Letter, *, name: str, language: str, moment: Any) -> tuple[str, str]:
    """Return subject and text as somebody of this name would get them."""
    subject, text, _ = mail.render(letter.value, language, _context(assembly, name, moment))
    return subject, text


def send_test(session: Session, assembly: Assembly, letter: Letter, *, by: User) -> Mail:
    """Send the mail to one's own address only."""
    moment = seats.deletion_clock_starts(session, assembly) or now()
    return mail.queue_mail(
        session,
        letter.value,
        to=by.email,
        language=by.language,
        context=_context(assembly, by.name, moment),
        assembly=assembly,
        user=by,
    )


def start(session: Session, assembly: Assembly, letter: Letter, *, by: User) -> Job:
    """Tell everybody who has not been told. Raises ConflictError if the panel is not drawn, or nobody is left."""
    if not waiting(session, assembly, letter):
        raise ConflictError(marked("There is nobody left to be told."))
    job = jobs.enqueue(session, "panel_mails", {"letter": letter.value}, assembly=assembly, by=by)
    logbook.record(session, assembly, "panel_mails_started", by=by, details={"kind": letter.value})
    return job


@handler("panel_mails", repeatable=True)
def tell(run: Run) -> None:
    """Write the mails in batches; what was written before an interruption is not written again."""
    letter = Letter(run.payload["letter"])
    while True:
        run.go_on()
        with run.sessions.begin() as session:
            job = session.get_one(Job, run.job_id)
            assembly = session.get_one(Assembly, job.assembly_id)
            found = session.scalars(
                _untold(assembly, letter).options(joinedload(Respondent.contact)).order_by(Respondent.id).limit(BATCH)
            ).all()
            moment = seats.deletion_clock_starts(session, assembly)
            for one in found:
                _tell(session, assembly, letter, one, moment)
            if not found:
                run.finish(session)
                return


def _tell(session: Session, assembly: Assembly, letter: Letter, one: Respondent, moment: Any) -> None:
    contact = one.contact
    if contact is None:  # whoever was erased is not asked for
        return
    name = f"{contact.first_name} {contact.last_name}".strip()
    mail.queue_mail(
        session,
        letter.value,
        to=contact.email or None,
        language=contact.language if contact.language in LANGUAGES else LANGUAGES[0],
        context=_context(assembly, name, moment),
        assembly=assembly,
        respondent=one,
        deed=deed_of(letter, one.id),
        address=[
            name,
            f"{contact.street} {contact.house_number}".strip(),
            f"{contact.postcode} {contact.city}".strip(),
        ],
    )
    if letter is Letter.DRAWN:
        channel = Channel.MAIL if contact.email else Channel.LETTER
        calling.record_attempt(session, one, channel=channel, outcome=AttemptOutcome.SENT, by=None)


def _context(assembly: Assembly, name: str, moment: Any) -> Mapping[str, Any]:
    return {
        "name": name,
        "assembly": assembly.title,
        "size": assembly.panel_size,
        "last_day": moment.astimezone(mail.TIME_ZONE).date(),
        "contact": assembly.contact,
    }


def _untold(assembly: Assembly, letter: Letter) -> sa.Select[Any]:
    """People in the status that the letter is for, who can be written to and have not got it."""
    return _without(assembly, letter).where(_contact(sa.or_(Contact.email != "", Contact.street != "")))


def unreachable(session: Session, assembly: Assembly, letter: Letter) -> list[Respondent]:
    """Return the people in the status that the letter is for, of whom no address is known, with their contacts."""
    if seats.panel_of(session, assembly) is None:
        return []
    statement = _without(assembly, letter).where(_contact(sa.and_(Contact.email == "", Contact.street == "")))
    return list(session.scalars(statement.options(joinedload(Respondent.contact)).order_by(Respondent.code)))


def _without(assembly: Assembly, letter: Letter) -> sa.Select[Any]:
    told = sa.exists().where(Mail.deed == sa.literal(f"{letter.value}:") + sa.cast(Respondent.id, sa.String))
    return sa.select(Respondent).where(
        Respondent.assembly_id == assembly.id, Respondent.status == WANTED[letter], ~told
    )


def _contact(is_so: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(Contact.respondent_id == Respondent.id, is_so)


def letters_of(session: Session, assembly: Assembly) -> list[Mail]:
    """Return the letters about the draw that wait to be printed, in the order in which they were written."""
    kinds = [letter.value for letter in Letter]
    statement = sa.select(Mail).where(
        Mail.assembly_id == assembly.id, Mail.template.in_(kinds), Mail.state == MailState.TO_PRINT
    )
    return list(session.scalars(statement.order_by(Mail.id)))
