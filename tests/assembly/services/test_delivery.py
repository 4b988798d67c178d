"""Sending through a real mail server that takes, refuses, delays, breaks off, and is down."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import email
import email.policy
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from sqlalchemy.orm import Session, sessionmaker

from assembly import database
from assembly.clock import now
from assembly.config import Config, ConfigurationError
from assembly.models import Mail, MailState
from assembly.services import codes, delivery, smtp
from assembly.services import mail as outbox
from assembly.services.delivery import DELAYS, SERVER_DOWN_DELAY, Delivery
from assembly.services.smtp import MailServer
from tests import patience
from tests.assembly.engines import Engines, free_port
from tests.assembly.services.test_mail import RECEIPT, invite
from tests.project import ROOT

Sessions = sessionmaker[Session]


class PostOffice:
    """A mail server's manners: by the recipient's name it takes, refuses, delays or breaks off."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.to: list[str] = []
        self.kill_before_reply: int | None = None

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, _session: SmtpSession, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        name = address.partition("@")[0]
        if name == "nobody":
            return "550 5.1.1 No such mailbox"
        if name == "later":
            return "451 4.7.1 Greylisted, come back"
        if name == "break":
            server.transport.close()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802  # its name
        assert isinstance(envelope.content, bytes)
        if "spam" in envelope.rcpt_tos[0]:
            return "554 5.7.1 Looks like spam"
        self.received.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]  # bytes
        self.to += envelope.rcpt_tos
        if "cut" in envelope.rcpt_tos[0]:
            server.transport.close()
        if self.kill_before_reply is not None:
            os.kill(self.kill_before_reply, signal.SIGKILL)
        return "250 2.0.0 Taken as 4711"


@contextlib.contextmanager
def serving(office: PostOffice, port: int) -> Iterator[None]:
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def office(port: int) -> Iterator[PostOffice]:
    made = PostOffice()
    with serving(made, port):
        yield made


@pytest.fixture
def sender(engines: Engines, sessions: Sessions, port: int) -> Delivery:
    return Delivery(mailing(engines.config, port), sessions, lambda: False)


def mailing(config: Config, port: int) -> Config:
    return dataclasses.replace(
        config, mail_url=f"smtp://127.0.0.1:{port}", mail_sender="Bürgerrat <buergerrat@example.org>"
    )


def queue(sessions: Sessions, to: str, **options: Any) -> int:
    with sessions.begin() as session:
        return invite(session, to=to, **options).id


def load(sessions: Sessions, mail_id: int) -> Mail:
    with sessions() as session:
        return session.get_one(Mail, mail_id)


def test_a_mail_arrives_as_it_stands_in_the_outbox(office: PostOffice, sender: Delivery, sessions: Sessions) -> None:
    mail_id = queue(sessions, "eva@example.org")
    sender.deliver()
    mail, (message,) = load(sessions, mail_id), office.received
    assert (mail.state, mail.reply, mail.attempts) == (MailState.SENT, "250 2.0.0 Taken as 4711", 1)
    assert mail.finished_at is not None
    assert office.to == ["eva@example.org"]
    assert message["From"] == "Bürgerrat <buergerrat@example.org>"
    assert message["To"] == "eva@example.org"
    assert message["Subject"] == mail.subject
    assert message["Date"].datetime == mail.created_at.replace(microsecond=0)
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = message.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == mail.text
    assert html.get_content().replace("\r\n", "\n") == mail.html


def test_a_qr_code_is_a_picture_inside_the_html(office: PostOffice, sender: Delivery, sessions: Sessions) -> None:
    with sessions.begin() as session:
        _, text, html = outbox.render("receipt", "de", RECEIPT)
        mail = Mail(template="receipt", language="de", recipient="a@example.org", subject="S", text=text, html=html)
        mail.qr = qr = "https://buergerrat.example.org/a/x/receipt#0123"
        outbox.write_mail(session, mail)
    sender.deliver()
    (message,) = office.received
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    picture = list(message.walk())[-1]
    assert picture["Content-ID"] == f"<{codes.CONTENT_ID}>"
    assert f'src="cid:{codes.CONTENT_ID}"' in html
    assert picture.get_content() == codes.as_png(qr)
    assert picture.get_content().startswith(b"\x89PNG")


def test_lines_that_begin_with_a_dot_arrive_whole(office: PostOffice, sender: Delivery, sessions: Sessions) -> None:
    with sessions.begin() as session:
        text = "Hello\n.\n..two dots\n"
        mail = Mail(template="x", language="en", recipient="a@example.org", subject="S", text=text, html="")
        outbox.write_mail(session, mail)
    sender.deliver()
    assert office.received[0].get_content().replace("\r\n", "\n") == text


def test_one_refused_recipient_holds_up_nobody_and_the_reply_is_kept(
    office: PostOffice, sender: Delivery, sessions: Sessions
) -> None:
    refused, spam, taken = (queue(sessions, f"{name}@example.org") for name in ("nobody", "spam", "eva"))
    sender.deliver()
    assert (load(sessions, refused).state, load(sessions, refused).reply) == (
        MailState.REFUSED,
        "550 5.1.1 No such mailbox",
    )
    assert (load(sessions, spam).state, load(sessions, spam).reply) == (MailState.REFUSED, "554 5.7.1 Looks like spam")
    assert load(sessions, taken).state is MailState.SENT
    assert office.to == ["eva@example.org"]


def test_what_fails_for_the_time_being_is_tried_again_later_and_not_for_ever(
    office: PostOffice, sender: Delivery, sessions: Sessions
) -> None:
    mail_id, moment = queue(sessions, "later@example.org"), now()
    for number, delay in enumerate(DELAYS, start=1):
        with time_machine.travel(moment, tick=False):
            sender.deliver()
            mail = load(sessions, mail_id)
            assert (mail.state, mail.attempts, mail.due_at) == (MailState.QUEUED, number, moment + delay)
            assert mail.reply == "451 4.7.1 Greylisted, come back"
            sender.deliver()
            assert load(sessions, mail_id).attempts == number
        moment += delay
    with time_machine.travel(moment, tick=False):
        sender.deliver()
    assert load(sessions, mail_id).state is MailState.REFUSED


def test_a_connection_that_breaks_before_the_content_is_no_sending(
    office: PostOffice, sender: Delivery, sessions: Sessions
) -> None:
    broken, other = queue(sessions, "break@example.org"), queue(sessions, "eva@example.org")
    sender.deliver()
    assert load(sessions, broken).state is MailState.QUEUED
    assert load(sessions, other).state is MailState.SENT


def test_a_connection_that_breaks_after_the_content_leaves_it_to_a_person(
    office: PostOffice, sender: Delivery, sessions: Sessions
) -> None:
    """The server may have taken it: sending again by itself could make it two."""
    mail_id = queue(sessions, "cut@example.org")
    sender.deliver()
    sender.deliver()
    assert load(sessions, mail_id).state is MailState.PERHAPS_SENT
    assert len(office.received) == 1
    with sessions.begin() as session:
        outbox.send_again(session, session.get_one(Mail, mail_id))
    sender.deliver()
    first, second = office.received
    assert first["Message-ID"] == second["Message-ID"]


def test_while_the_server_is_down_mails_wait_and_then_all_go(sender: Delivery, sessions: Sessions, port: int) -> None:
    asked = [queue(sessions, f"person{number}@example.org") for number in range(3)]
    sender.deliver()
    for mail_id in asked:
        mail = load(sessions, mail_id)
        assert (mail.state, mail.attempts) == (MailState.QUEUED, 0)
        assert "refused" in str(mail.reply)
    office = PostOffice()
    with serving(office, port), time_machine.travel(now() + SERVER_DOWN_DELAY + dt.timedelta(seconds=1)):
        sender.deliver()
    assert sorted(office.to) == [f"person{number}@example.org" for number in range(3)]
    assert {load(sessions, mail_id).state for mail_id in asked} == {MailState.SENT}


def test_two_at_once_send_nothing_twice(office: PostOffice, engines: Engines, sessions: Sessions, port: int) -> None:
    for number in range(20):
        queue(sessions, f"person{number}@example.org")
    senders = [Delivery(mailing(engines.config, port), sessions, lambda: False) for _ in range(2)]
    threads = [threading.Thread(target=sender.deliver) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(office.to) == sorted(f"person{number}@example.org" for number in range(20))


def test_killed_between_sending_and_sent_it_is_perhaps_sent(
    office: PostOffice, engines: Engines, sessions: Sessions, port: int, tmp_path: Path
) -> None:
    """The worker is killed when the server has everything and before it answers."""
    environment = {**os.environ, **engines.environment, "MAIL_URL": f"smtp://127.0.0.1:{port}"}
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.assembly.toys", tmp_path / "ready"], cwd=ROOT, env=environment
    )
    try:
        office.kill_before_reply = worker.pid
        mail_id = queue(sessions, "eva@example.org")
        assert worker.wait(timeout=patience.SECONDS) == -signal.SIGKILL
    finally:
        worker.kill()
        worker.wait()
    assert load(sessions, mail_id).state is MailState.SENDING
    office.kill_before_reply = None
    sender = Delivery(mailing(engines.config, port), sessions, lambda: False)
    with time_machine.travel(now() + delivery.STUCK_AFTER + dt.timedelta(seconds=1)):
        with sessions.begin() as session:
            outbox.sweep(session, stuck_after=delivery.STUCK_AFTER)
        sender.deliver()
    assert load(sessions, mail_id).state is MailState.PERHAPS_SENT
    assert len(office.received) == 1
    with sessions.begin() as session:
        outbox.mark_as_sent(session, session.get_one(Mail, mail_id))
    assert load(sessions, mail_id).state is MailState.SENT


def test_an_address_that_begins_like_a_phone_number_is_one_for_mail(
    sessions: Sessions, sender: Delivery, office: PostOffice
) -> None:
    mail_id = queue(sessions, "+ada@example.org")
    sender.deliver()
    assert (office.to, load(sessions, mail_id).state) == (["+ada@example.org"], MailState.SENT)


def test_an_embedded_application_without_mail_server_keeps_mails_and_writes_copies(tmp_path: Path) -> None:
    config = Config.from_environment({"ASSEMBLY_DATA": str(tmp_path / "instance")})
    engine = database.make_engine(config.database_url)
    database.migrate(engine)
    sessions = sessionmaker(engine)
    first, second = queue(sessions, "eva@example.org"), queue(sessions, "adam@example.org")
    Delivery(config, sessions, lambda: False).deliver()
    folder = config.data_folder / delivery.FOLDER
    assert {path.name for path in folder.iterdir()} == {f"{first}.eml", f"{second}.eml"}
    message = email.message_from_bytes((folder / f"{first}.eml").read_bytes(), policy=email.policy.default)
    assert message["To"] == "eva@example.org"
    assert load(sessions, first).state is MailState.QUEUED
    (folder / f"{first}.eml").unlink()
    third = queue(sessions, "third@example.org")
    Delivery(config, sessions, lambda: False).deliver()
    assert {path.name for path in folder.iterdir()} == {f"{second}.eml", f"{third}.eml"}
    engine.dispose()


def test_a_password_is_not_sent_without_encryption(
    monkeypatch: pytest.MonkeyPatch, port: int, office: PostOffice
) -> None:
    monkeypatch.setattr(smtp, "LOCAL_HOSTS", frozenset())
    server = MailServer.from_url(f"smtp://user:secret@127.0.0.1:{port}")
    with pytest.raises(smtp.ServerDownError, match="no encryption"), server.connection():
        pass


def test_a_server_that_is_none_is_said_to_be_down(port: int) -> None:
    def hang_up(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        connection.close()

    with socket.create_server(("127.0.0.1", port)) as listener:
        thread = threading.Thread(target=hang_up, args=(listener,))
        thread.start()
        server = MailServer.from_url(f"smtp://127.0.0.1:{port}")
        with pytest.raises(smtp.ServerDownError), server.connection():
            pass
        thread.join()


def test_addresses_take_the_form_that_servers_know() -> None:
    assert smtp._ascii("eva@bücher.example") == "eva@xn--bcher-kva.example"
    with pytest.raises(UnicodeError):
        smtp._ascii("bürger@example.org")


def test_an_address_that_no_server_takes_is_refused_with_a_reason(
    office: PostOffice, sender: Delivery, sessions: Sessions
) -> None:
    mail_id = queue(sessions, "bürger@example.org")
    sender.deliver()
    assert load(sessions, mail_id).state is MailState.REFUSED
    assert office.to == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.org", ("mail.example.org", 587, False, None, None)),
        ("smtps://mail.example.org", ("mail.example.org", 465, True, None, None)),
        ("smtp://u%40x:p%2Fw@mail.example.org:25", ("mail.example.org", 25, False, "u@x", "p/w")),
    ],
)
def test_mail_url_is_read(url: str, expected: tuple[object, ...]) -> None:
    assert dataclasses.astuple(MailServer.from_url(url)) == expected


@pytest.mark.parametrize("url", ["", "mail.example.org", "http://mail.example.org", "smtp://", "smtp://host:port"])
def test_a_wrong_mail_url_is_said_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^MAIL_URL must look like"):
        MailServer.from_url(url)


def test_nothing_secret_is_in_the_servers_repr() -> None:
    assert "secret" not in repr(MailServer.from_url("smtp://user:secret@example.org"))
