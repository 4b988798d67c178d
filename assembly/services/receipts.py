"""Receipts: before each draw, everyone in the pool gets what shows them that they are in the lottery, and how.

For the draw of free seats the pool are those who may be drawn: members who stay need no receipt.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from assembly import database
from assembly.clock import now
from assembly.models import (
    Assembly,
    Commitment,
    Contact,
    Job,
    Lottery,
    Mail,
    MailState,
    Obstacle,
    Receipt,
    Respondent,
    Status,
    User,
)
from assembly.services import freezing, jobs, logbook, mail, recipients
from assembly.services.batches import batches
from assembly.services.errors import ConflictError, ServiceError, marked
from assembly.services.handlers import Run, handler
from assembly.services.mail import Item
from assembly.services.recipients import Recipient, recipient_of
from sortition.protocol.documents import parse_audit
from sortition.protocol.receipts import grouped, receipt_bytes, receipts_of, short_code

TEMPLATE = "receipt"
RECEIPTS_BEFORE = dt.timedelta(hours=24)
"""Receipts reach people at least so long before the draw."""
MOST_AT_ONCE = 500
"""People of a pool whose receipts are written while one waits: that takes about a second."""

DRAWN_PANEL = marked("The panel has been drawn already, so no receipts are sent any more.")
DRAWN_SEATS = marked("The free seats have been drawn already, so no receipts are sent any more.")
LATE_FOR_PANEL = marked(
    "It is less than 24 hours to the draw: receipts that come so late prove little. Void the commitment with a public "
    "reason, and commit again with a later moment."
)
LATE_FOR_SEATS = marked(
    "It is less than 24 hours to the draw: receipts that come so late prove little. Void the commitment with a public "
    "reason, and fill the free seats at the next moment that the rule fixed."
)

PENDING = (MailState.QUEUED, MailState.SENDING, MailState.TO_PRINT)
UNDECIDED = (MailState.REFUSED, MailState.PERHAPS_SENT)


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Made:
    """A receipt as it follows from the audit document; `person` is the respondent's code."""

    person: str
    leaf: str
    code: str
    tickets: list[int]
    document: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """How far receipts are: people in the pool, who waits to be written to, mails and letters by state, obstacles."""

    people: int
    waiting: int
    states: Mapping[MailState, int]
    obstacles: Mapping[Obstacle, int]

    @property
    def letters(self) -> int:
        """How many are letters."""
        return self.states.get(MailState.TO_PRINT, 0) + self.states.get(MailState.PRINTED, 0)

    @property
    def mails(self) -> int:
        """How many are mails, whatever became of them."""
        return sum(self.states.values()) - self.letters

    @property
    def pending(self) -> int:
        """How many are written, but have not left the house."""
        return sum(self.states.get(state, 0) for state in PENDING)

    @property
    def undecided(self) -> int:
        """How many may not have arrived, so that somebody has to decide what becomes of them."""
        return sum(self.states.get(state, 0) for state in UNDECIDED)

    @property
    def missing(self) -> int:
        """How many people have no receipt: still waiting, without address, withdrawn, or erased."""
        return self.people - sum(self.states.values())

    @property
    def erased(self) -> int:
        """How many people were erased since the commitment."""
        return self.missing - self.waiting - sum(self.obstacles.values())


class Unsent(NamedTuple):
    """How many have no receipt though they may get one, a mail that may not have arrived, and one that waits."""

    waiting: int
    undecided: int
    pending: int


def send_receipts(session: Session, assembly: Assembly, commitment: Commitment, *, page: str, by: User) -> Job | None:
    """Send everyone in the pool their receipt, unless they have it: the one door. For a large pool, return the job.

    `page` is the address of the public page where receipts are looked up. Raises ConflictError if the draw is less than
    24 hours away, or this commitment is not to be drawn any more.
    """
    require_sendable(session, assembly, commitment)
    if people_of(commitment) > MOST_AT_ONCE:
        payload = {"commitment": commitment.id, "page": page}
        return jobs.enqueue(session, "receipts", payload, assembly=assembly, unique_key=_key(commitment), by=by)
    for batch in batches(_make(commitment)):
        _write(session, assembly, commitment, batch, page=page)
    _log(session, assembly, commitment, by=by)
    return None


@handler("receipts", repeatable=True)
def write(run: Run) -> None:
    """Write the receipts in batches, each in a transaction; what an earlier attempt wrote is not written again."""
    run.report({"phase": "receipts"})
    with database.reading(), run.sessions() as session:
        made = _make(session.get_one(Commitment, run.payload["commitment"]))
    done = 0
    for batch in batches(made):
        run.go_on()
        with run.sessions.begin() as session:
            commitment = session.get_one(Commitment, run.payload["commitment"])
            assembly = session.get_one(Assembly, commitment.assembly_id)
            _write(session, assembly, commitment, batch, page=run.payload["page"])
            done += len(batch)
            if done == len(made):
                by = session.get(User, session.get_one(Job, run.job_id).by_id)
                _log(session, assembly, commitment, by=by)
                run.finish(session)
        run.report({"phase": "receipts", "done": done, "total": len(made)})


def last_job(session: Session, commitment: Commitment) -> Job | None:
    """Return the newest job that writes the receipts of a commitment."""
    return jobs.last_job(session, _key(commitment))


def require_sendable(session: Session, assembly: Assembly, commitment: Commitment) -> None:
    """Lock the pool; raise ConflictError if the receipts of a commitment can no longer be sent."""
    freezing.lock_pool(session, assembly.id)
    session.refresh(commitment, ["voided_at", "drawn_at"])
    if (refusal := refusal_of(assembly, commitment)) is not None:
        raise refusal


def may_go_to(session: Session, written: Mail, person: Respondent) -> bool:
    """Whether a receipt that was written is still for its person. Raises ConflictError as `require_sendable` does."""
    commitment = commitment_of(session, written.id)
    if commitment is None or person.contact is None:
        return False
    require_sendable(session, person.assembly, commitment)
    return _obstacle(person.status, recipient_of(person.contact)) is not Obstacle.WITHDRAWN


def refusal_of(assembly: Assembly, commitment: Commitment) -> ServiceError | None:
    """Return why receipts cannot be sent, if that is so."""
    if commitment.voided_at is not None:
        return ConflictError(marked("This commitment was voided, so no receipts are sent for it."))
    if commitment.drawn_at is not None:
        return ConflictError(DRAWN_SEATS if commitment.lottery.is_replacement else DRAWN_PANEL)
    if is_late(commitment):
        return ConflictError(LATE_FOR_SEATS if commitment.lottery.is_replacement else LATE_FOR_PANEL)
    if not assembly.is_public:
        return ConflictError(
            marked("Open the public page in the description of the assembly first: the receipts lead to it.")
        )
    return None


def is_late(commitment: Commitment) -> bool:
    """Whether receipts that are not out yet reach people less than 24 hours before the draw that is to come."""
    return commitment.drawn_at is None and now() > last_moment(commitment)


def last_moment(commitment: Commitment) -> dt.datetime:
    """Return until when receipts can be sent."""
    return commitment.moment - RECEIPTS_BEFORE


def people_of(commitment: Commitment) -> int:
    """Return how many people of the pool, as it was committed, may be drawn: not the members who keep their seats."""
    summary = commitment.lottery.summary
    return int(summary["people"]) - int(summary["size"]) + int(summary.get("seats", summary["size"]))


def progress_of(session: Session, commitment: Commitment) -> Progress:
    """Return how far the receipts of a commitment are."""
    states = session.execute(
        sa.select(Mail.state, sa.func.count())
        .join(Receipt, Receipt.mail_id == Mail.id)
        .where(Receipt.commitment_id == commitment.id)
        .group_by(Mail.state)
    )
    obstacles = session.execute(
        sa.select(Receipt.obstacle, sa.func.count())
        .where(Receipt.commitment_id == commitment.id, Receipt.obstacle.is_not(None))
        .group_by(Receipt.obstacle)
    )
    has_one = sa.exists().where(Receipt.commitment_id == commitment.id, Receipt.respondent_id == Respondent.id)
    waiting = session.scalar(
        sa.select(sa.func.count()).where(
            Respondent.assembly_id == commitment.assembly_id, Respondent.status == Status.REGISTERED, ~has_one
        )
    )
    return Progress(
        people_of(commitment),
        waiting or 0,
        {state: count for state, count in states},  # noqa: C416  # rows are no pairs for the type checker
        {obstacle: count for obstacle, count in obstacles if obstacle is not None},
    )


def unsent(session: Session, commitment: Commitment) -> Unsent:
    """Return how many people of the pool have no receipt that left the house.

    Who cannot be reached at all counts as waiting until receipts are sent, which finds it out, and as nothing then.
    """
    in_pool = (Respondent.assembly_id == commitment.assembly_id, Respondent.status == Status.REGISTERED)
    found = session.execute(
        sa.select(
            sa.func.count().filter(Receipt.id.is_(None)).label("waiting"),
            sa.func.count().filter(Mail.state.in_(UNDECIDED)).label("undecided"),
            sa.func.count().filter(Mail.state.in_(PENDING)).label("pending"),
        )
        .select_from(Respondent)
        .outerjoin(Receipt, sa.and_(Receipt.respondent_id == Respondent.id, Receipt.commitment_id == commitment.id))
        .outerjoin(Mail, Mail.id == Receipt.mail_id)
        .where(*in_pool)
    ).one()
    return Unsent(found.waiting, found.undecided, found.pending)


def not_sent(session: Session, commitment: Commitment, *, limit: int) -> list[Receipt]:
    """Return the receipts that could not be sent, with their people, by code."""
    statement = (
        sa.select(Receipt)
        .join(Receipt.respondent)
        .where(Receipt.commitment_id == commitment.id, Receipt.obstacle.is_not(None))
        .options(contains_eager(Receipt.respondent).joinedload(Respondent.contact))
    )
    return list(session.scalars(statement.order_by(Respondent.code).limit(limit)))


def commitment_of(session: Session, mail_id: int) -> Commitment | None:
    """Return the commitment whose receipt a mail or letter is."""
    return session.scalar(sa.select(Commitment).join(Receipt).where(Receipt.mail_id == mail_id))


def withdraw_unsent(session: Session, commitment: Commitment) -> None:
    """Delete the mails and letters of a voided commitment's receipts, as far as they were not sent."""
    ids = session.scalars(
        sa.select(Mail.id).join(Receipt, Receipt.mail_id == Mail.id).where(Receipt.commitment_id == commitment.id)
    ).all()
    for batch in batches(ids):
        mail.erase_unsent(session, batch)


def forget(session: Session, commitment: Commitment) -> int:
    """Delete the receipts of a commitment with their mails, and return of how many: they go when the pool's data go.

    Those of 20,000 people take less than a second. Raises ConflictError if one of the mails is being sent just then.
    """
    ours = sa.select(Receipt.mail_id).where(Receipt.commitment_id == commitment.id, Receipt.mail_id.is_not(None))
    mail.erase(session, Mail.id.in_(ours))
    gone = session.scalars(sa.delete(Receipt).where(Receipt.commitment_id == commitment.id).returning(Receipt.id))
    return len(gone.all())


def _make(commitment: Commitment) -> list[Made]:
    """Return the receipts of everyone who may be drawn and was not redacted from the audit document."""
    if commitment.audit_document is None:
        raise ConflictError(marked("The audit document has been deleted."))
    audit = parse_audit(commitment.audit_document, name="audit.json")
    tickets: list[list[int]] = [[] for _ in audit["entries"]]
    for number, seats in enumerate(audit["tickets"]):
        for position in seats:
            tickets[position].append(number)
    places = [place for place, entry in enumerate(audit["entries"]) if entry["row"] is not None]
    return [
        Made(
            receipt["row"]["id"],
            audit["entries"][place]["leaf"],
            short_code(receipt),
            tickets[place],
            receipt_bytes(receipt),
        )
        for place, receipt in zip(places, receipts_of(audit, commitment=commitment.hash), strict=True)
        if audit["entries"][place]["settled"] != "required"
    ]


def _write(session: Session, assembly: Assembly, commitment: Commitment, batch: Sequence[Made], *, page: str) -> None:
    """Write mails and receipts of some people; who has theirs is left out, who was unreachable is tried again."""
    require_sendable(session, assembly, commitment)
    made = {one.person: one for one in batch}
    people = session.execute(_people(assembly, list(made))).all()
    ids = [person.id for person in people]
    known = {
        one: (receipt_id, mail_id)
        for one, receipt_id, mail_id in session.execute(
            sa.select(Receipt.respondent_id, Receipt.id, Receipt.mail_id).where(
                Receipt.commitment_id == commitment.id, Receipt.respondent_id.in_(ids)
            )
        )
    }
    told_before = _told_before(session, commitment, ids)
    open_ = [(person, recipient_of(person)) for person in people if known.get(person.id, (0, None))[1] is None]
    obstacles = {person.id: _obstacle(person.status, recipient) for person, recipient in open_}
    items = {
        person.id: _item(
            assembly,
            commitment,
            made[person.code],
            person.id,
            recipient,
            page=page,
            replaces=person.id in told_before,
        )
        for person, recipient in open_
        if obstacles[person.id] is None
    }
    mails = mail.queue_mails(session, TEMPLATE, list(items.values()), assembly=assembly)
    new, changed = [], []
    for person, _ in open_:
        item = items.get(person.id)
        outcome = {"obstacle": obstacles[person.id], "mail_id": mails[item.deed] if item else None}
        if person.id in known:
            changed.append({"id": known[person.id][0], **outcome})
            continue
        one = made[person.code]
        own = {"code": one.code, "leaf": one.leaf, "tickets": one.tickets, "document": one.document}
        new.append({"commitment_id": commitment.id, "respondent_id": person.id, **own, **outcome})
    if new:
        session.execute(sa.insert(Receipt).execution_options(render_nulls=True), new)
    if changed:
        session.execute(sa.update(Receipt), changed)


def _people(assembly: Assembly, codes: Sequence[str]) -> sa.Select[Any]:
    """Whoever was erased has no contact any more, and gets no receipt."""
    columns = [getattr(Contact, name) for name in recipients.FIELDS]
    return (
        sa.select(Respondent.id, Respondent.code, Respondent.status, *columns)
        .join(Contact)
        .where(Respondent.assembly_id == assembly.id, Respondent.code.in_(codes))
        .order_by(Respondent.id)
    )


def _told_before(session: Session, commitment: Commitment, respondent_ids: Sequence[int]) -> set[int]:
    """Return who has a receipt of an earlier commitment to the same draw, which does not hold any more."""
    statement = (
        sa.select(Receipt.respondent_id)
        .join(Receipt.commitment)
        .join(Commitment.lottery)
        .join(Receipt.mail)
        .where(
            Commitment.assembly_id == commitment.assembly_id,
            Commitment.voided_at.is_not(None),
            Lottery.replaces_id == commitment.lottery.replaces_id,
            Receipt.respondent_id.in_(respondent_ids),
            Mail.state != MailState.ERASED,
        )
    )
    return set(session.scalars(statement))


def _obstacle(status: Status, recipient: Recipient) -> Obstacle | None:
    if status is Status.WITHDRAWN:
        return Obstacle.WITHDRAWN
    return None if recipient.is_reachable else Obstacle.NO_ADDRESS


def _item(
    assembly: Assembly,
    commitment: Commitment,
    made: Made,
    respondent_id: int,
    recipient: Recipient,
    *,
    page: str,
    replaces: bool,
) -> Item:
    code = grouped(made.code)
    context = {
        "name": recipient.name,
        "assembly": assembly.title,
        "moment": commitment.moment,
        "place": commitment.place.strip(),
        "page": page,
        "code": code,
        "fingerprint": commitment.hash,
        "replaces": replaces,
        "of_free_seats": commitment.lottery.is_replacement,
        "contact": assembly.contact.strip(),
    }
    # What stands behind # never leaves the browser, so the code is in no server's log.
    return Item(recipient, context, f"{TEMPLATE}:{commitment.id}:{respondent_id}", respondent_id, qr=f"{page}#{code}")


def _log(session: Session, assembly: Assembly, commitment: Commitment, *, by: User | None) -> None:
    progress = progress_of(session, commitment)
    details = {"mails": progress.mails, "letters": progress.letters, "missing": progress.missing}
    logbook.record(session, assembly, "receipts_sent", by=by, subject=f"commitment:{commitment.id}", details=details)


def _key(commitment: Commitment) -> str:
    return f"receipts:{commitment.id}"
