"""Reaching drawn people: attempts, what they say, and what has to be recorded before they have confirmed.

Whatever a person could do, staff can do on their behalf; the log names the account that did.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from assembly.clock import ZONE, now
from assembly.models import (
    AttemptOutcome,
    Channel,
    ContactAttempt,
    GuardianConsent,
    Member,
    Respondent,
    Status,
    User,
)
from assembly.services import freezing, logbook, respondents
from assembly.services.derived import age_on
from assembly.services.errors import ConflictError, RuleError, marked
from assembly.services.needs import people
from assembly.services.needs.people import Wish
from assembly.services.panel import attempts, seats
from assembly.services.panel.seats import WAITING, require_waiting
from assembly.services.respondents import subject_of

OF_AGE = 18


def record_attempt(
    session: Session,
    respondent: Respondent,
    *,
    channel: Channel,
    outcome: AttemptOutcome,
    callback_on: dt.date | None = None,
    note: str = "",
    by: User,
) -> ContactAttempt:
    """Record an attempt to reach a drawn person.

    Raises ConflictError if they need no longer be reached, RuleError for a callback without its date, or in the past.
    """
    require_waiting(session, respondent, (*WAITING, Status.CONFIRMED))
    if (callback_on is not None) != (outcome is AttemptOutcome.CALL_BACK):
        raise RuleError(
            marked("Enter when to call back, and do so only if a call was agreed."),
            field="callback_on",
        )
    if callback_on is not None and callback_on < now().astimezone(ZONE).date():
        raise RuleError(marked("This date has passed already."), field="callback_on")
    attempt = ContactAttempt(
        respondent_id=respondent.id,
        at=now(),
        by_id=by.id,
        channel=channel,
        outcome=outcome,
        callback_on=callback_on,
        note=note.strip(),
    )
    session.add(attempt)
    session.flush()
    details = {"channel": channel.value, "outcome": outcome.value}
    logbook.record(
        session, respondent.assembly, "contact_attempted", by=by, subject=subject_of(respondent), details=details
    )
    return attempt


def mark_not_reached(session: Session, respondent: Respondent, *, by: User) -> None:
    """Record that somebody could not be reached. Raises RuleError if not enough was tried, or ConflictError."""
    lacking = attempts.lacking_for_not_reached(attempts.attempts_of(session, respondent))
    if lacking is not None:
        raise RuleError(lacking)
    respondents.move(session, respondent, Status.NOT_REACHED, by=by)


def decline(session: Session, respondent: Respondent, *, by: User) -> None:
    """Record that somebody does not take the seat. Raises ConflictError."""
    respondents.move(session, respondent, Status.DECLINED, by=by)


def withdraw(session: Session, respondent: Respondent, *, by: User) -> None:
    """Record that a member leaves the panel. Raises ConflictError."""
    respondents.move(session, respondent, Status.WITHDRAWN, by=by)


def age_of(respondent: Respondent) -> int | None:
    """Return somebody's age today, if their date of birth is known: only today decides on a guardian."""
    if respondent.contact is None or respondent.contact.birth_date is None:
        return None
    return age_on(respondent.contact.birth_date, now().astimezone(ZONE).date())


def reference_age_of(respondent: Respondent) -> int | None:
    """Return somebody's age on the assembly's reference date, as far as both dates are known."""
    day = respondent.assembly.reference_date
    if day is None or respondent.contact is None or respondent.contact.birth_date is None:
        return None
    return age_on(respondent.contact.birth_date, day)


def may_be_minor(respondent: Respondent) -> bool:
    """Whether nothing that is recorded says that somebody is of age."""
    return age_of(respondent) is None and respondent.assembly.minimum_age < OF_AGE


def consent_of(session: Session, respondent: Respondent) -> GuardianConsent | None:
    """Return the guardian's consent, if it was recorded."""
    return session.get(GuardianConsent, respondent.id)


def record_consent(session: Session, respondent: Respondent, *, guardian: str, channel: Channel, by: User) -> None:
    """Record that a guardian agreed. Raises RuleError without a name, ConflictError if the person is not waited for."""
    require_waiting(session, respondent, WAITING)
    if not guardian.strip():
        raise RuleError(marked("Enter who agreed."), field="guardian")
    session.merge(
        GuardianConsent(
            respondent_id=respondent.id,
            recorded_at=now(),
            recorded_by_id=by.id,
            guardian=guardian.strip(),
            channel=channel,
        )
    )
    session.flush()
    logbook.record(session, respondent.assembly, "guardian_consented", by=by, subject=subject_of(respondent))


def confirm(
    session: Session,
    respondent: Respondent,
    *,
    channel: Channel,
    language: str,
    needs: Sequence[Wish] = (),
    is_of_age: bool = False,
    by: User,
) -> None:
    """Record that somebody takes the seat. `is_of_age` is what they said where no date of birth is known.

    Raises RuleError if a guardian's consent or a part of a need is missing, ConflictError if the seat is not theirs.
    """
    freezing.lock_pool(session, respondent.assembly_id)
    member = session.get_one(Member, respondent.id, populate_existing=True)
    if member.replaced_at is not None or seats.is_being_replaced(session, respondent):
        raise ConflictError(marked("The lottery over this seat is fixed already, so the person can no longer take it."))
    age = age_of(respondent)
    is_minor = age < OF_AGE if age is not None else may_be_minor(respondent) and not is_of_age
    if is_minor and consent_of(session, respondent) is None:
        raise RuleError(
            marked("Record a guardian’s consent first: the person is under 18.")
            if age is not None
            else marked(
                "The date of birth is not known. Ask whether the person is 18; if not, record a consent first."
            ),
            field="is_of_age",
        )
    respondents.move(session, respondent, Status.CONFIRMED, by=by)
    if age is None and is_of_age:
        logbook.record(session, respondent.assembly, "said_of_age", by=by, subject=subject_of(respondent))
    set_preferences(session, member, channel=channel, language=language, by=by)
    for wish in needs:
        people.add_need(session, respondent, wish, by=by)


def set_preferences(session: Session, member: Member, *, channel: Channel, language: str, by: User) -> None:
    """Record how a member wants to be reached, and in which language. Raises ConflictError unless they confirmed."""
    require_waiting(session, member.respondent, (Status.CONFIRMED,))
    changed = [name for name, value in (("channel", channel), ("language", language)) if value != getattr(member, name)]
    member.channel, member.language = channel, language
    if changed:
        subject = subject_of(member.respondent)
        details = {"fields": changed}
        logbook.record(
            session, member.respondent.assembly, "preferences_changed", by=by, subject=subject, details=details
        )
