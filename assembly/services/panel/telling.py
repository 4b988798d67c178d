"""Telling people the result of the draw: a mail, or a letter to who has no address for mail; nobody gets it twice."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.clock import ZONE, now
from assembly.models import Assembly, Contact, Job, Mail, Respondent, Status, User
from assembly.services import commitments, freezing, jobs, logbook, mail, recipients
from assembly.services.errors import ConflictError, marked
from assembly.services.handlers import Run, handler
from assembly.services.mail import Item
from assembly.services.panel import replacing, seats
from assembly.services.privacy import deadlines
from assembly.services.privacy.declaring import Deadline
from assembly.services.recipients import recipient_of


class Letter(enum.StrEnum):
    """What people are told about the draw; each of them once."""

    DRAWN = "panel_drawn"
    NOT_DRAWN = "panel_not_drawn"


BATCH = 200
"""People per transaction."""
WANTED = {Letter.DRAWN: Status.DRAWN, Letter.NOT_DRAWN: Status.REGISTERED}


def deed_of(letter: Letter, respondent_id: int) -> str:
    """Return the name of the deed of telling somebody, by which nobody is told twice."""
    return f"{letter.value}:{respondent_id}"


def waiting(session: Session, assembly: Assembly, letter: Letter) -> int:
    """Return how many people are still to be told."""
    if seats.panel_of(session, assembly) is None:
        return 0
    return session.scalar(sa.select(sa.func.count()).select_from(_untold(assembly, letter).subquery())) or 0


def preview(session: Session, assembly: Assembly, letter: Letter, *, name: str, language: str) -> tuple[str, str]:
    """Return subject and text as somebody of this name would get them today."""
    subject, text, _ = mail.render(letter.value, language, _shared(session, assembly) | {"name": name})
    return subject, text


def send_test(session: Session, assembly: Assembly, letter: Letter, *, by: User) -> Mail:
    """Send the mail to one's own address only."""
    context = _shared(session, assembly) | {"name": by.name}
    return mail.queue_mail(
        session, letter.value, to=by.email, language=by.language, context=context, assembly=assembly, user=by
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
    letter, last = Letter(run.payload["letter"]), 0
    while True:
        run.go_on()
        with run.sessions.begin() as session:
            assembly = session.get_one(Assembly, session.get_one(Job, run.job_id).assembly_id)
            freezing.lock_pool(session, assembly.id)
            found = session.scalars(
                _untold(assembly, letter)
                .where(Respondent.id > last)
                .options(joinedload(Respondent.contact))
                .order_by(Respondent.id)
                .limit(BATCH)
            ).all()
            if not found:
                run.finish(session)
                return
            context, last = _shared(session, assembly), found[-1].id
            items = [_item(letter, one, context) for one in found]
            mail.queue_mails(session, letter.value, [item for item in items if item], assembly=assembly)


def may_go_to(_session: Session, written: Mail, person: Respondent) -> bool:
    """Whether a mail that was written still tells its person where they stand."""
    return person.status is WANTED[Letter(written.template)]


def _item(letter: Letter, one: Respondent, context: Mapping[str, Any]) -> Item | None:
    recipient = recipient_of(one.contact) if one.contact else None
    if recipient is None or not recipient.is_reachable:
        return None
    return Item(recipient, {**context, "name": recipient.name}, deed_of(letter, one.id), one.id)


def _shared(session: Session, assembly: Assembly) -> dict[str, Any]:
    """Return what the mails to everybody say alike: the last day of replacements that are to come, if any are.

    Before the draw, no day is known on which data are deleted; nobody but the organiser reads the mail then.
    """
    commitment = commitments.current_commitment(session, assembly)
    planned = commitments.rule_of(commitment).replacements if commitment else None
    to_come = [moment for moment in planned.moments if moment > now()] if planned else []
    if (waits := replacing.standing_commitment(session, assembly)) is not None:
        to_come.append(waits.moment)
    schedule = deadlines.schedule_of(session, assembly)
    deleted = schedule.due[Deadline.NOT_DRAWN] if schedule.is_drawn else None
    return {
        "assembly": assembly.title,
        "size": assembly.panel_size,
        "last_day": max(to_come).astimezone(ZONE).date() if to_come else None,
        "deleted_on": deleted.astimezone(ZONE).date() if deleted else None,
        "contact": assembly.contact,
    }


def _untold(assembly: Assembly, letter: Letter) -> sa.Select[Any]:
    """People in the status that the letter is for, who can be written to and have not got it."""
    return _without(assembly, letter).where(_contact(~recipients.is_unreachable()))


def unreachable(session: Session, assembly: Assembly, letter: Letter) -> list[Respondent]:
    """Return the people whom the letter is for and who can be written to neither by mail nor by post."""
    if seats.panel_of(session, assembly) is None:
        return []
    statement = _without(assembly, letter).where(_contact(recipients.is_unreachable()))
    return list(session.scalars(statement.options(joinedload(Respondent.contact)).order_by(Respondent.code)))


def _without(assembly: Assembly, letter: Letter) -> sa.Select[Any]:
    told = sa.exists().where(Mail.deed == sa.literal(f"{letter.value}:") + sa.cast(Respondent.id, sa.String))
    return sa.select(Respondent).where(
        Respondent.assembly_id == assembly.id, Respondent.status == WANTED[letter], ~told
    )


def _contact(is_so: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(Contact.respondent_id == Respondent.id, is_so)
