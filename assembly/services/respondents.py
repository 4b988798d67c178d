"""Where a respondent stands: the one transition table, and the one function that moves them."""

from __future__ import annotations

import enum
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from assembly.models import (
    Assembly,
    Exclusion,
    Import,
    ImportState,
    Mail,
    MailState,
    Respondent,
    Status,
    SupportNeed,
    User,
)
from assembly.services import freezing, logbook, mail
from assembly.services.authorisation import Permission, get_assembly
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.privacy import erasing

TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    Status.REGISTERED: frozenset({Status.EXCLUDED, Status.DRAWN, Status.WITHDRAWN, Status.ERASED}),
    Status.EXCLUDED: frozenset({Status.REGISTERED, Status.WITHDRAWN, Status.ERASED}),
    Status.DRAWN: frozenset({Status.CONFIRMED, Status.DECLINED, Status.NOT_REACHED, Status.WITHDRAWN, Status.ERASED}),
    Status.NOT_REACHED: frozenset(
        {Status.CONFIRMED, Status.DECLINED, Status.REPLACED, Status.WITHDRAWN, Status.ERASED}
    ),
    Status.CONFIRMED: frozenset({Status.WITHDRAWN, Status.ERASED}),
    Status.DECLINED: frozenset({Status.REPLACED, Status.ERASED}),
    Status.WITHDRAWN: frozenset({Status.REPLACED, Status.ERASED}),
    Status.REPLACED: frozenset({Status.ERASED}),
    Status.ERASED: frozenset(),
}
"""Who may follow what. Nobody who withdrew returns to the pool; erased is final."""

_NEEDS_NOTHING = frozenset({Status.DECLINED, Status.WITHDRAWN, Status.REPLACED})
"""Whoever is here does not come, so what they would have needed is kept no longer."""
_IS_TO_BE_REACHED = frozenset({Status.DRAWN, Status.NOT_REACHED})
"""Whoever leaves here was reached, so an SMS that waits, which says the contrary, goes out no more."""
_CHANGES_THE_POOL = frozenset({Status.REGISTERED, Status.EXCLUDED})


def get_respondent(
    session: Session, respondent_id: int, *, user: User, may: Permission, assembly_id: int | None = None
) -> Respondent:
    """Return a respondent with whose assembly the account may do this; `assembly_id` is the one asked for, if any.

    Raises NotFoundError if they do not exist for the account, ForbiddenError if it may not do this.
    """
    respondent = session.get(Respondent, respondent_id, options=[joinedload(Respondent.contact)])
    if respondent is None or assembly_id not in {None, respondent.assembly_id}:
        raise NotFoundError
    get_assembly(session, respondent.assembly_id, user=user, may=may)
    return respondent


def find_by_code(session: Session, assembly: Assembly, code: str) -> Respondent:
    """Return the respondent with a code. Raises RuleError."""
    found = session.scalar(
        sa.select(Respondent).where(Respondent.assembly_id == assembly.id, Respondent.code == code.strip())
    )
    if found is None:
        raise RuleError(marked("Nobody in this assembly has this code."), field="code")
    return found


def move(
    session: Session, respondent: Respondent, to: Status, *, by: User | None, reason: enum.StrEnum | None = None
) -> None:
    """Move a respondent to another status, and log it; whoever is excluded needs an Exclusion as reason.

    `by` is None for what the application does by itself. Raises ConflictError if that does not follow the present
    status or the pool is frozen, RuleError if the reason is missing.
    """
    if to is Status.ERASED:
        raise TypeError("Erasing clears what is kept of a person: use erase().")
    _move(session, respondent, to, by=by, reason=reason)


def exclude(session: Session, respondent: Respondent, reason: Exclusion, *, by: User | None) -> None:
    """Take somebody out of the pool."""
    move(session, respondent, Status.EXCLUDED, by=by, reason=reason)


def readmit(session: Session, respondent: Respondent, *, by: User) -> None:
    """Put somebody who was excluded back into the pool."""
    move(session, respondent, Status.REGISTERED, by=by)


def erase(session: Session, respondent: Respondent, *, by: User | None) -> None:
    """Erase everything that is kept of a person, in every copy; their row stays, for the counts and the proofs.

    Files that are uploaded but not yet applied may hold them too, so these are discarded. Raises ConflictError, also
    if a mail to them is being sent at this moment.
    """
    _move(session, respondent, Status.ERASED, by=by)
    erasing.erase_person(session, respondent)
    _discard_uploads(session, respondent, by=by)


def _move(
    session: Session, respondent: Respondent, to: Status, *, by: User | None, reason: enum.StrEnum | None = None
) -> None:
    assembly = respondent.assembly
    freezing.lock_pool(session, assembly.id)
    session.refresh(respondent, ["status", "exclusion"], with_for_update=True)
    require_possible(respondent, to)
    if to in _CHANGES_THE_POOL:
        freezing.require_open(session, assembly)
    exclusion = reason if to is Status.EXCLUDED else None
    if to is Status.EXCLUDED and not isinstance(exclusion, Exclusion):
        raise RuleError(marked("Choose a reason from the list."), field="reason")
    if to in _NEEDS_NOTHING:
        session.execute(sa.delete(SupportNeed).where(SupportNeed.respondent_id == respondent.id))
    theirs = sa.select(Mail.id).where(Mail.respondent_id == respondent.id)
    if to is Status.WITHDRAWN:
        mail.erase_unsent(session, session.scalars(theirs).all())
    elif respondent.status in _IS_TO_BE_REACHED and to not in _IS_TO_BE_REACHED:
        mail.erase_unsent(
            session, session.scalars(theirs.where(Mail.template == mail.SMS, Mail.state == MailState.QUEUED)).all()
        )
    before, respondent.status = respondent.status, to
    respondent.exclusion = exclusion if isinstance(exclusion, Exclusion) else None
    details = {"before": before.value, "after": to.value} | ({"reason": reason.value} if reason else {})
    logbook.record(session, assembly, "status_changed", by=by, subject=subject_of(respondent), details=details)


def require_possible(respondent: Respondent, to: Status) -> None:
    """Raise ConflictError if a status does not follow a respondent's present one."""
    if to not in TRANSITIONS[respondent.status]:
        raise ConflictError(marked("This is no longer possible: the person's status has changed. Load the page again."))


def subject_of(respondent: Respondent) -> str:
    """Return the name of a respondent in the log."""
    return f"respondent:{respondent.id}"


def subject_in_query(respondent_id: sa.ColumnElement[int] | InstrumentedAttribute[int]) -> sa.ColumnElement[str]:
    """Return the name in the log of the respondents whose numbers a column has."""
    return sa.literal("respondent:").concat(sa.cast(respondent_id, sa.String))


def _discard_uploads(session: Session, respondent: Respondent, *, by: User | None) -> None:
    pending = session.scalars(
        sa.select(Import).where(
            Import.assembly_id == respondent.assembly_id,
            Import.state == ImportState.UPLOADED,
        )
    )
    for upload in pending:
        upload.state, upload.content, upload.mapping = ImportState.DISCARDED, b"", {}
        upload.file_name = erasing.UNNAMED
        logbook.record(session, respondent.assembly, "import_discarded", by=by, subject=f"import:{upload.id}")
