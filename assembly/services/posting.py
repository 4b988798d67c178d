"""What became of the mails and letters of one kind, and what people decide about them."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.models import Assembly, Commitment, Mail, MailState, Receipt, Respondent
from assembly.services import acknowledgements, freezing, letters, mail, receipts
from assembly.services.errors import ConflictError, NotFoundError, marked
from assembly.services.mail import SMS_TEMPLATES
from assembly.services.members import sending
from assembly.services.messages import truth
from assembly.services.panel import telling
from assembly.services.panel.telling import Letter
from assembly.services.recipients import Recipient, recipient_of

LETTERS_AT_ONCE = 250
"""Letters in one file: as many as a printer takes in one go."""
MAY_GO_TO: Mapping[str, Callable[[Session, Mail, Respondent], bool]] = {
    acknowledgements.TEMPLATE: acknowledgements.may_go_to,
    receipts.TEMPLATE: receipts.may_go_to,
    sending.TEMPLATE: sending.may_go_to,
    **{letter.value: telling.may_go_to for letter in Letter},
    **dict.fromkeys(sorted(truth.TEMPLATES), truth.may_go_to),
}
"""By kind, the rule of its first sending: whether a mail that was written is still for its person."""
KINDS = tuple(MAY_GO_TO)


class Decision(enum.StrEnum):
    """What can be decided about a mail that was refused, or perhaps not sent."""

    AGAIN = "again"
    WAS_SENT = "was_sent"
    LETTER = "letter"


@dataclasses.dataclass(frozen=True, slots=True)
class Batch:
    """Letters to be printed together: the ids of the first and the last, and how many they are."""

    first: int
    last: int
    count: int


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Post:
    """The mails and letters of one kind: how many in each state, those to be decided about, letters in batches."""

    kind: str
    states: Mapping[MailState, int]
    undecided: Sequence[Mail]
    batches: Sequence[Batch]


def post_of(
    session: Session, assembly: Assembly, kind: str, *, limit: int, commitment: Commitment | None = None
) -> Post:
    """Return the mails and letters of a kind, with the first that have to be decided about and their people.

    Of receipts, only those of one `commitment`.
    """
    ours = [*_ours(assembly, kind)]
    if commitment is not None:
        ours.append(Mail.id.in_(sa.select(Receipt.mail_id).where(Receipt.commitment_id == commitment.id)))
    counted = session.execute(sa.select(Mail.state, sa.func.count()).where(*ours).group_by(Mail.state))
    undecided = session.scalars(
        sa.select(Mail)
        .where(*ours, Mail.state.in_(receipts.UNDECIDED))
        .options(joinedload(Mail.respondent).joinedload(Respondent.contact))
        .order_by(Mail.id)
        .limit(limit)
    ).all()
    printable = sa.select(Mail.id).where(*ours, Mail.state == MailState.TO_PRINT, ~truth.is_outdated())
    waiting = session.scalars(printable.order_by(Mail.id)).all()
    parts = [waiting[start : start + LETTERS_AT_ONCE] for start in range(0, len(waiting), LETTERS_AT_ONCE)]
    return Post(
        kind,
        {state: count for state, count in counted},  # noqa: C416  # rows are no pairs for the type checker
        undecided,
        [Batch(part[0], part[-1], len(part)) for part in parts],
    )


def letters_pdf(session: Session, assembly: Assembly, kind: str, span: tuple[int, int]) -> bytes:
    """Return a batch of letters (first and last id) as one PDF, also if they were printed. Raises NotFoundError."""
    return letters.letter_pdf(_batch(session, assembly, kind, span, printed=True))


def mark_as_printed(session: Session, assembly: Assembly, kind: str, span: tuple[int, int]) -> int:
    """Record that a batch of letters was printed, and return how many. Raises NotFoundError if none was waiting."""
    batch = _batch(session, assembly, kind, span, printed=False)
    mail.mark_as_printed(session, batch)
    return len(batch)


def get_mail(session: Session, assembly: Assembly, mail_id: int) -> Mail:
    """Return a mail of one of the kinds. Raises NotFoundError."""
    found = mail.get_mail(session, mail_id, assembly=assembly)
    if found.template not in KINDS:
        raise NotFoundError
    return found


def decide(session: Session, found: Mail, decision: Decision) -> None:
    """Carry out what was decided about a mail, to where its person can be reached today.

    Whatever goes out again obeys the rule of its first sending. Raises ConflictError.
    """
    if decision is Decision.WAS_SENT:
        mail.mark_as_sent(session, found)
        return
    recipient = _recipient_today(session, found)
    if decision is Decision.AGAIN:
        if found.template in SMS_TEMPLATES:
            mail.send_again(session, found)
            return
        if recipient.email is None:
            raise ConflictError(
                marked("There is no e-mail address. Add one to the registration first, or make a letter of the mail.")
            )
        mail.send_again(session, found, to=recipient.email)
    else:
        if found.template in SMS_TEMPLATES:
            raise ConflictError(marked("An SMS does not become a letter. Call the person instead."))
        if not recipient.address:
            raise ConflictError(marked("There is no postal address. Add it to the registration first."))
        mail.print_instead(session, found, address=recipient.address)


def _recipient_today(session: Session, found: Mail) -> Recipient:
    """Return how a mail's person can be reached. Raises ConflictError if it may not go to them any more."""
    person = found.respondent
    if person is not None:
        freezing.lock_pool(session, person.assembly_id)
        session.refresh(person)
    if person is None or person.contact is None or not MAY_GO_TO[found.template](session, found, person):
        raise ConflictError(
            marked(
                "This is not sent any more: since it was written, the person has left, was excluded, or stands "
                "elsewhere than the mail says."
            )
        )
    return recipient_of(person.contact)


def _ours(assembly: Assembly, kind: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Return which mails are of a kind; tests that staff sent to themselves are not."""
    return (Mail.assembly_id == assembly.id, Mail.template == kind, Mail.user_id.is_(None))


def _batch(session: Session, assembly: Assembly, kind: str, span: tuple[int, int], *, printed: bool) -> Sequence[Mail]:
    """Return the letters with ids in a span, with those that were printed before or without.

    Those that wait and no longer hold, such as the reminder of an event that was cancelled, are not among them.
    """
    states = (MailState.TO_PRINT, MailState.PRINTED) if printed else (MailState.TO_PRINT,)
    found = session.scalars(
        sa.select(Mail)
        .where(*_ours(assembly, kind), Mail.id.between(*span), Mail.state.in_(states))
        .where(sa.or_(Mail.state == MailState.PRINTED, ~truth.is_outdated()))
        .options(joinedload(Mail.assembly))
        .order_by(Mail.id)
        .limit(LETTERS_AT_ONCE + 1)
    ).all()
    if len(found) > LETTERS_AT_ONCE or not found or (found[0].id, found[-1].id) != span:
        raise NotFoundError
    return found
