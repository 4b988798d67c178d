"""The outbox: a mail is a row, written with the deed it tells of, and its states are seen by people."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from babel.dates import format_date, format_time
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assembly.clock import ZONE, now
from assembly.models import Assembly, Mail, MailState, Respondent, User
from assembly.queue import MAIL, wake_after_commit
from assembly.resources import resource_folder
from assembly.services.errors import ConflictError, NotFoundError, marked
from assembly.services.recipients import Recipient
from assembly.services.texts import MOMENTS, catalogue, locale_of

TRANSITIONS: Mapping[MailState, frozenset[MailState]] = {
    MailState.QUEUED: frozenset({MailState.SENDING, MailState.TO_PRINT, MailState.OUTDATED, MailState.ERASED}),
    MailState.SENDING: frozenset(
        {MailState.SENT, MailState.REFUSED, MailState.QUEUED, MailState.PERHAPS_SENT, MailState.OUTDATED}
    ),
    MailState.SENT: frozenset({MailState.TO_PRINT, MailState.ERASED}),
    MailState.REFUSED: frozenset({MailState.QUEUED, MailState.TO_PRINT, MailState.OUTDATED, MailState.ERASED}),
    MailState.PERHAPS_SENT: frozenset({MailState.SENT, MailState.QUEUED, MailState.TO_PRINT, MailState.ERASED}),
    MailState.TO_PRINT: frozenset({MailState.PRINTED, MailState.OUTDATED, MailState.ERASED}),
    MailState.PRINTED: frozenset({MailState.TO_PRINT, MailState.ERASED}),
    MailState.OUTDATED: frozenset({MailState.ERASED}),
    MailState.ERASED: frozenset(),
}
FOLDER = "mail"
"""Where the templates of mails are: these have an environment of their own."""
CASE_NOTICES = "case_notices"
OFFICE_TEMPLATES = frozenset({CASE_NOTICES})
"""What goes to addresses of offices, which are nobody's registration and nobody's account."""
SMS = "panel_sms"
CODE_SMS = "member_code_sms"
REMINDER_SMS = "member_reminder_sms"
CHANGE_SMS = "member_change_sms"
MESSAGE_SMS = "member_message_sms"
FOLLOW_UP_SMS = "member_follow_up_sms"
MEETINGS_SMS = "member_meetings_sms"
SMS_TEMPLATES = frozenset({SMS, CODE_SMS, REMINDER_SMS, CHANGE_SMS, MESSAGE_SMS, FOLLOW_UP_SMS, MEETINGS_SMS})
"""What goes to a phone number, through a gateway, where all others go to an address for mail."""
_NOTHING: Mapping[str, Any] = {
    **dict.fromkeys(("recipient", "qr", "reply", "unsubscribe")),
    **dict.fromkeys(("subject", "text", "html"), ""),
    "address": [],
}
"""What is left of the content of a mail."""
_NOBODY: Mapping[str, Any] = dict.fromkeys(("deed", "user_id", "respondent_id"))
"""What is left of whom it was to, once it was erased."""
_OWNERS = (Mail.id, Mail.deed, Mail.respondent_id)


def queue_mail(
    session: Session,
    template: str,
    *,
    to: str | None,
    language: str,
    context: Mapping[str, Any],
    assembly: Assembly | None = None,
    user: User | None = None,
    respondent: Respondent | None = None,
    deed: str | None = None,
    address: Sequence[str] = (),
    confidential: bool = False,
    unsubscribe: str | None = None,
) -> Mail:
    """Write a mail in the transaction of the deed, rendered from templates/mail/<template>.{subject.txt,txt,html}.

    It is to a `user` or a `respondent`, with whose data it is erased. Without `to` it waits to be printed as a letter
    to the postal `address` (lines). With `deed`, such as "receipt:17", the same mail is never written twice: the one
    that is there is returned. `confidential` mails hold a link that is a key; they go first, and their content is
    deleted once they were sent. `unsubscribe` is the link by which mail programs end a subscription (RFC 8058).
    """
    subject, text, html = render(template, language, context)
    return write_mail(
        session,
        Mail(
            template=template,
            language=language,
            recipient=to,
            address=list(address),
            subject=subject,
            text=text,
            html=html,
            assembly_id=assembly.id if assembly else None,
            user_id=user.id if user else None,
            respondent_id=respondent.id if respondent else None,
            deed=deed,
            is_confidential=confidential,
            unsubscribe=unsubscribe,
        ),
    )


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Item:
    """One of many mails: to whom, what stands in its template, by which deed it is never written twice."""

    recipient: Recipient
    context: Mapping[str, Any]
    deed: str
    respondent_id: int
    qr: str | None = None


def queue_mails(session: Session, template: str, items: Sequence[Item], *, assembly: Assembly) -> dict[str | None, int]:
    """Write many mails or letters at once, to people who can be reached; return the id of each deed's mail.

    As with `queue_mail`, whatever a deed has already stays; if its person was removed and is here again, it is theirs
    again. Whoever calls holds the lock of the pool, so that no two of them write the same deed.
    """
    deeds = [item.deed for item in items]
    earlier = {mail.deed: mail for mail in session.execute(sa.select(*_OWNERS).where(Mail.deed.in_(deeds)))}
    theirs = [
        {"id": earlier[item.deed].id, "respondent_id": item.respondent_id}
        for item in items
        if item.deed in earlier and earlier[item.deed].respondent_id is None
    ]
    if theirs:
        session.execute(sa.update(Mail), theirs)
    written = {deed: mail.id for deed, mail in earlier.items()}
    new = [_row(template, item, assembly) for item in items if item.deed not in written]
    written |= add_rows(session, new)
    return written


def add_rows(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[str | None, int]:
    """Write rows of mails whose deeds have none yet, rendered by whoever calls; return the id of each deed's mail."""
    if not rows:
        return {}
    # Without RETURNING, for which one statement would have to hold all rows, PostgreSQL takes a third of the time.
    session.execute(sa.insert(Mail).execution_options(render_nulls=True), rows)
    added = sa.select(Mail.deed, Mail.id).where(Mail.deed.in_([row["deed"] for row in rows]))
    wake_after_commit(session, MAIL)
    return {deed: mail_id for deed, mail_id in session.execute(added)}  # noqa: C416  # rows are no pairs for the type checker


def _row(template: str, item: Item, assembly: Assembly) -> dict[str, Any]:
    recipient, moment = item.recipient, now()
    subject, text, html = render(template, recipient.language, item.context)
    return {
        "template": template,
        "language": recipient.language,
        "recipient": recipient.email,
        "address": list(recipient.address),
        "subject": subject,
        "text": text,
        "html": html,
        "qr": item.qr,
        "assembly_id": assembly.id,
        "respondent_id": item.respondent_id,
        "deed": item.deed,
        "created_at": moment,
        "due_at": moment,
        "state": MailState.TO_PRINT if recipient.email is None else MailState.QUEUED,
    }


def write_mail(session: Session, mail: Mail) -> Mail:
    """Put a rendered mail into the outbox, unless its deed has one already, which is returned then."""
    if mail.deed is not None and (earlier := _mail_of(session, mail.deed)) is not None:
        return earlier
    mail.created_at = mail.due_at = now()
    mail.state = MailState.TO_PRINT if mail.recipient is None else MailState.QUEUED
    try:
        with session.begin_nested():
            session.add(mail)
    except IntegrityError:
        earlier = _mail_of(session, mail.deed) if mail.deed is not None else None
        if earlier is None:
            raise
        return earlier
    if mail.state is MailState.QUEUED:
        wake_after_commit(session, MAIL)
    return mail


def _mail_of(session: Session, deed: str) -> Mail | None:
    return session.scalar(sa.select(Mail).where(Mail.deed == deed))


def render(template: str, language: str, context: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return subject, text and HTML of a template. Every name that it uses must be in the context."""
    environment = _environment(language)
    subject, text, html = (
        environment.get_template(f"{template}.{ending}").render(context) for ending in ("subject.txt", "txt", "html")
    )
    return " ".join(subject.split()), text.strip() + "\n", html.strip() + "\n"


def render_text(template: str, language: str, context: Mapping[str, Any]) -> str:
    """Return the text of a template that has neither subject nor HTML."""
    return _environment(language).get_template(f"{template}.txt").render(context).strip() + "\n"


@functools.cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(resource_folder("templates") / FOLDER),
        autoescape=select_autoescape(["html"]),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]  # the extension's
    environment.globals["language"] = language
    written, locale = MOMENTS[language], locale_of(language)
    environment.filters["date"] = lambda day: format_date(day, written["date.medium"], locale=locale)
    environment.filters["day"] = lambda at: format_date(at.astimezone(ZONE), written["date.full"], locale=locale)
    environment.filters["time"] = lambda at: format_time(at, written["time.short"], tzinfo=ZONE, locale=locale)
    return environment


def mails_of(
    session: Session, assembly: Assembly | None, *, states: Collection[MailState] = tuple(MailState)
) -> Iterable[Mail]:
    """Return the mails of an assembly, or those of none, newest first."""
    scope = Mail.assembly_id.is_(None) if assembly is None else Mail.assembly_id == assembly.id
    return session.scalars(sa.select(Mail).where(scope, Mail.state.in_(states)).order_by(Mail.id.desc()))


def counts_of(session: Session, assembly: Assembly | None) -> dict[MailState, int]:
    """Return how many mails of an assembly are in each state."""
    scope = Mail.assembly_id.is_(None) if assembly is None else Mail.assembly_id == assembly.id
    counted = session.execute(sa.select(Mail.state, sa.func.count()).where(scope).group_by(Mail.state))
    return {state: count for state, count in counted}  # noqa: C416  # rows are no pairs for the type checker


def get_mail(session: Session, mail_id: int, *, assembly: Assembly | None) -> Mail:
    """Return a mail of an assembly, or one that belongs to none. Raises NotFoundError."""
    mail = session.get(Mail, mail_id)
    if mail is None or mail.assembly_id != (assembly.id if assembly else None):
        raise NotFoundError
    return mail


def send_again(session: Session, mail: Mail, *, to: str | None = None) -> None:
    """Queue a mail that was refused, or perhaps not sent, once more, perhaps to another address.

    Raises ConflictError.
    """
    if mail.recipient is None or (mail.is_confidential and not mail.text):
        raise ConflictError("This mail cannot be sent again.")
    undecided = frozenset({MailState.REFUSED, MailState.PERHAPS_SENT})
    anew = {"recipient": to or mail.recipient, "due_at": now(), "attempts": 0, "finished_at": None}
    _decide(session, mail, MailState.QUEUED, only=undecided, **anew)
    wake_after_commit(session, MAIL)


def mark_as_sent(session: Session, mail: Mail) -> None:
    """Decide that a mail that was perhaps sent was sent. Raises ConflictError."""
    undecided = frozenset({MailState.PERHAPS_SENT})
    _decide(session, mail, MailState.SENT, only=undecided, finished_at=now(), **_after_sending(mail))


def mark_as_not_sent(session: Session, mail: Mail) -> None:
    """Decide that a mail that was perhaps sent was not, nor will be: another one may go. Raises ConflictError."""
    _decide(session, mail, MailState.ERASED, only=frozenset({MailState.PERHAPS_SENT}), **_NOTHING, **_NOBODY)


def release_deed(session: Session, deed: str) -> None:
    """Let another mail do what one that was refused did not."""
    session.execute(sa.update(Mail).where(Mail.deed == deed, Mail.state == MailState.REFUSED).values(deed=None))


def print_instead(session: Session, mail: Mail, *, address: Sequence[str] | None = None) -> None:
    """Make a letter of a mail, perhaps to another postal address (lines). Raises ConflictError."""
    if not mail.text:
        raise ConflictError("The content of this mail was deleted after it was sent, so there is no letter of it.")
    _decide(session, mail, MailState.TO_PRINT, finished_at=None, address=list(address or mail.address))


def mark_as_printed(session: Session, mails: Iterable[Mail]) -> None:
    """Record that letters were printed. Raises ConflictError."""
    for mail in mails:
        _decide(session, mail, MailState.PRINTED, finished_at=now(), **_after_sending(mail))


def erase(session: Session, which: sa.ColumnElement[bool]) -> None:
    """Delete whom mails went to and what they said; what is left says that there was a mail, and when.

    Raises ConflictError if one is being sent at this moment.
    """
    nothing = sa.update(Mail).where(which, Mail.state != MailState.SENDING)
    session.execute(
        nothing.values(state=MailState.ERASED, **_NOTHING, **_NOBODY).execution_options(synchronize_session=False)
    )
    session.expire_all()
    if session.scalar(sa.select(sa.exists().where(which, Mail.state == MailState.SENDING))):
        raise ConflictError(marked("The state of this mail has changed meanwhile. Load the page again."))


def delete_old(session: Session, which: sa.ColumnElement[bool], *, finished_before: dt.datetime, most: int) -> int:
    """Delete the content of mails that are done with since long, and return of how many; none is written again."""
    done = (MailState.SENT, MailState.REFUSED, MailState.PERHAPS_SENT, MailState.PRINTED, MailState.OUTDATED)
    moment = sa.func.coalesce(Mail.finished_at, Mail.created_at)
    old = sa.select(Mail.id).where(which, Mail.state.in_(done), moment < finished_before).order_by(Mail.id).limit(most)
    return sum(move(session, mail_id, MailState.ERASED, **_NOTHING) for mail_id in session.scalars(old).all())


def erase_unsent(session: Session, mail_ids: Sequence[int]) -> None:
    """Delete what was to be written to people and is not needed any more; what is on its way or was sent stays."""
    unsent = (MailState.QUEUED, MailState.REFUSED, MailState.TO_PRINT)
    session.execute(
        sa.update(Mail)
        .where(Mail.id.in_(mail_ids), Mail.state.in_(unsent))
        .values(state=MailState.ERASED, **_NOTHING, **_NOBODY)
        .execution_options(synchronize_session=False)
    )


def take_back(session: Session, which: sa.ColumnElement[bool]) -> int:
    """Delete whom mails were to and what they said, since their people are removed; return of how many.

    Of those that went out the deed stays, so that whoever comes back is not written to again. What is being sent at
    this moment is left to `assembly.services.privacy.retention`.
    """
    ended = (MailState.SENT, MailState.PRINTED)
    open_ = (MailState.QUEUED, MailState.REFUSED, MailState.TO_PRINT, MailState.PERHAPS_SENT, MailState.OUTDATED)
    taken = 0
    for states, nothing in ((ended, _NOTHING), (open_, {**_NOTHING, **_NOBODY})):
        statement = sa.update(Mail).where(which, Mail.state.in_(states)).values(state=MailState.ERASED, **nothing)
        rows = session.scalars(statement.returning(Mail.id).execution_options(synchronize_session=False))
        taken += len(rows.all())
    return taken


def copy_in(folder: Path, mail_id: int) -> Path:
    """Return where the copy of a mail stands that an application without mail server writes."""
    return folder / f"{mail_id}.eml"


def claim_next(session: Session) -> Mail | None:
    """Take the next due mail for sending, confidential ones first; None if none is due."""
    while True:
        mail_id = session.scalar(_due(Mail.id).order_by(Mail.is_confidential.desc(), Mail.due_at, Mail.id).limit(1))
        if mail_id is None:
            return None
        if move(session, mail_id, MailState.SENDING, sending_at=now(), attempts=Mail.attempts + 1):
            return session.get_one(Mail, mail_id, populate_existing=True)


def put_back(session: Session, mail: Mail, *, until: dt.datetime) -> None:
    """Let a mail that was claimed wait, such as for the end of the quiet hours; it was no attempt."""
    later = {"due_at": until, "attempts": Mail.attempts - 1}
    move(session, mail.id, MailState.QUEUED, only={MailState.SENDING}, **later)


def set_aside(session: Session, which: sa.ColumnElement[bool]) -> int:
    """Mark mails that did not go out, and no longer hold, as outdated; return of how many.

    Their deeds are free again: should it hold once more, it was never told.
    """
    sources = [state for state, targets in TRANSITIONS.items() if MailState.OUTDATED in targets]
    waiting = sa.update(Mail).where(which, Mail.state.in_(sources), Mail.state != MailState.SENDING)
    values = {"state": MailState.OUTDATED, "finished_at": now(), "deed": None}
    rows = session.scalars(waiting.values(values).returning(Mail.id).execution_options(synchronize_session=False))
    return len(rows.all())


def is_due(session: Session) -> bool:
    """Whether a mail is due."""
    return session.scalar(_due(Mail.id).limit(1)) is not None


def _due(*columns: Any) -> sa.Select[Any]:
    return sa.select(*columns).where(Mail.state == MailState.QUEUED, Mail.due_at <= now())


def postpone_all(session: Session, delay: dt.timedelta, reply: str) -> None:
    """Let all due mails wait while the mail server is down; it is nobody's failed attempt."""
    session.execute(
        sa.update(Mail)
        .where(Mail.state == MailState.QUEUED, Mail.due_at <= now())
        .values(due_at=now() + delay, reply=reply)
    )


def sweep(session: Session, *, stuck_after: dt.timedelta) -> int:
    """Mark mails whose sender died between its two commits as perhaps sent; return how many."""
    stuck = sa.select(Mail.id).where(Mail.state == MailState.SENDING, Mail.sending_at <= now() - stuck_after)
    return sum(move(session, mail_id, MailState.PERHAPS_SENT) for mail_id in session.scalars(stuck).all())


def record_sent(session: Session, mail: Mail, reply: str) -> None:
    """Record that the server took a mail."""
    move(session, mail.id, MailState.SENT, finished_at=now(), reply=reply, **_after_sending(mail))


def _after_sending(mail: Mail) -> dict[str, Any]:
    return {"text": "", "html": ""} if mail.is_confidential else {}


def _decide(session: Session, mail: Mail, to: MailState, **values: Any) -> None:
    if not move(session, mail.id, to, **values):
        raise ConflictError(marked("The state of this mail has changed meanwhile. Load the page again."))


def move(
    session: Session, mail_id: int, to: MailState, *, only: Collection[MailState] = tuple(MailState), **values: Any
) -> bool:
    """Change the state if the row still allows it: the one door."""
    sources = [state for state, targets in TRANSITIONS.items() if to in targets and state in only]
    statement = sa.update(Mail).where(Mail.id == mail_id, Mail.state.in_(sources)).values(state=to, **values)
    return session.scalar(statement.returning(Mail.id)) is not None
