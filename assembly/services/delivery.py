"""Sending what is due: commit “sending” first, then send, then commit what became of it."""

from __future__ import annotations

import datetime as dt
import smtplib
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from assembly import database
from assembly.clock import now
from assembly.config import Config
from assembly.models import Mail, MailState
from assembly.services import mail as outbox
from assembly.services import smtp
from assembly.services.follow_up import notice_mails
from assembly.services.messages import truth
from assembly.services.smtp import Fate, MailServer, Outcome, ServerDownError

DELAYS = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 480, 480, 480))
"""Between attempts that failed for the time being: a day and a half in all, then it counts as refused."""
SERVER_DOWN_DELAY = dt.timedelta(minutes=1)
STUCK_AFTER = dt.timedelta(minutes=10)
"""Longer than a mail server may take for all its answers together."""
FOLDER = "mail"


class Delivery:
    """Sends what is due, in one thread; any number of processes may do so."""

    def __init__(self, config: Config, sessions: sessionmaker[Session], stopping: Callable[[], bool]) -> None:
        self._server = MailServer.from_url(config.mail_url) if config.mail_url else None
        self._folder = config.data_folder / FOLDER if config.embedded else None
        self._sender = config.mail_sender
        self._gateway = config.sms_gateway
        self._pages = notice_mails.Pages(config.public_url)
        self._sessions = sessions
        self._stopping = stopping
        self._last_copy = _newest_copy(self._folder)

    def deliver(self) -> None:
        """Send until nothing is due; without mail server, only write copies of new mails for whoever tries it out."""
        if self._server is not None:
            while self._is_due() and self._deliver_over_one_connection(self._server):
                pass
        elif self._folder is not None:
            self._write_copies(self._folder)

    def _is_due(self) -> bool:
        with database.reading(), self._sessions() as session:
            return not self._stopping() and outbox.is_due(session)

    def _deliver_over_one_connection(self, server: MailServer) -> bool:
        """Send as long as the connection stands; whether it broke after some use, and so is worth another."""
        was_used = False
        try:
            with server.connection() as client:
                while not self._stopping() and smtp.is_ready(client):
                    if not self._send_next(client):
                        return False
                    was_used = True
        except ServerDownError as error:
            reply = str(error)
            with self._sessions.begin() as session:
                outbox.postpone_all(session, SERVER_DOWN_DELAY, reply)
            return False
        return was_used

    def _send_next(self, client: smtplib.SMTP) -> bool:
        with self._sessions(expire_on_commit=False) as session:
            mail = outbox.claim_next(session)
            is_held_back = mail is not None and (
                truth.is_held_back(session, mail) or notice_mails.is_held_back(session, mail, pages=self._pages)
            )
            session.commit()
        if mail is None:
            return False
        if is_held_back:
            return True
        outcome = self._send(client, mail)

        def commit() -> None:
            with self._sessions.begin() as session:
                record(session, mail, outcome)

        database.patiently(commit)
        return True

    def _send(self, client: smtplib.SMTP, mail: Mail) -> Outcome:
        address = smtp.address_of(mail, gateway=self._gateway)
        if address is None:
            return Outcome(Fate.REFUSED, "There is no gateway for SMS: SMS_GATEWAY is not set.")
        message = smtp.message_of(mail, sender=self._sender, to=address)
        return smtp.send(client, message, sender=self._sender, recipient=address)

    def _write_copies(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        with database.reading(), self._sessions() as session:
            new = sa.select(Mail).where(Mail.state == MailState.QUEUED, Mail.id > self._last_copy)
            for mail in session.scalars(new.where(~truth.is_outdated()).order_by(Mail.id)):
                address = smtp.address_of(mail, gateway=self._gateway)
                message = smtp.message_of(mail, sender=self._sender, to=address)
                outbox.copy_in(folder, mail.id).write_bytes(message.as_bytes())
                self._last_copy = mail.id


def record(session: Session, mail: Mail, outcome: Outcome) -> None:
    """Write down what became of an attempt."""
    if outcome.fate is Fate.SENT:
        outbox.record_sent(session, mail, outcome.reply)
    elif outcome.fate is Fate.UNKNOWN:
        outbox.move(session, mail.id, MailState.PERHAPS_SENT, reply=outcome.reply)
    elif outcome.fate is Fate.LATER and mail.attempts <= len(DELAYS):
        due_at = now() + DELAYS[mail.attempts - 1]
        outbox.move(session, mail.id, MailState.QUEUED, only={MailState.SENDING}, due_at=due_at, reply=outcome.reply)
    else:
        outbox.move(session, mail.id, MailState.REFUSED, finished_at=now(), reply=outcome.reply)


def _newest_copy(folder: Path | None) -> int:
    copies = folder.glob("*.eml") if folder is not None and folder.is_dir() else ()
    return max((int(path.stem) for path in copies if path.stem.isdigit()), default=0)
