"""The worker: takes jobs, sends mail, and sees when others died. Threads of the web server when embedded."""

from __future__ import annotations

import datetime as dt
import functools
import importlib
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from typing import TypeVar

from sqlalchemy.orm import sessionmaker

from assembly import database
from assembly.config import Config
from assembly.queue import MAIL, Queue
from assembly.services import daily, delivery, handlers, jobs, sealing
from assembly.services import mail as outbox
from assembly.services.delivery import Delivery
from assembly.services.handlers import Run, place_of
from assembly.services.messages import background
from assembly.services.privacy.erased_codes import attach_key

HANDLER_MODULES = (
    "assembly.services.barriers.reminding",
    "assembly.services.checks",
    "assembly.services.council.background",
    "assembly.services.daily",
    "assembly.services.follow_up.group_mail",
    "assembly.services.follow_up.digests",
    "assembly.services.follow_up.meeting_mail",
    "assembly.services.follow_up.noticing",
    "assembly.services.follow_up.resuming",
    "assembly.services.follow_up.subscribing",
    "assembly.services.imports.background",
    "assembly.services.lotteries",
    "assembly.services.messages.background",
    "assembly.services.panel.replacing",
    "assembly.services.panel.telling",
    "assembly.services.privacy.copies",
    "assembly.services.privacy.retention",
    "assembly.services.receipts",
    "assembly.services.tables.computing",
)
"""Modules with handlers of jobs, imported so that they register."""
THREADS = 3
"""Long computations run in child processes, so threads are for what goes on beside each other, not for speed."""
BEAT_SECONDS = 5.0
LOOK_SECONDS = 5.0
"""How often a worker looks for work that nobody woke it for."""
POLL_SECONDS = 0.2
"""How often it asks a queue that does not wait."""
GRACE_SECONDS = 10.0
"""How long running jobs may go on when the worker ends."""
END_SECONDS = 10.0
"""How long they may take to end when they were told to."""
END_POLL_SECONDS = 0.1

Result = TypeVar("Result")
log = logging.getLogger(__name__)


class Worker:
    """Threads that work until `stop`."""

    def __init__(self, config: Config, *, threads: int = THREADS) -> None:
        """Prepare everything. Raises ConfigurationError if the mail server's address is wrong."""
        for module in HANDLER_MODULES:
            importlib.import_module(module)
        self.id = uuid.uuid4().hex
        self._config = config
        self._engine = database.make_engine(config.database_url)
        self._sessions = sessionmaker(self._engine)
        self._queue = Queue(config)
        self._queue.attach(self._engine)
        attach_key(self._engine, config.secret_key)
        sealing.attach_keys(self._engine, config.secret_key)
        self._stopping = threading.Event()
        self._out_of_grace = threading.Event()
        self._delivery = Delivery(config, self._sessions, self._stopping.is_set)
        self._claims: set[tuple[int, int]] = set()
        self._threads = [
            threading.Thread(target=self._listen, name=f"worker-{number}", daemon=True) for number in range(threads)
        ]
        self._mail_is_due = threading.Event()
        self._threads.append(threading.Thread(target=self._send_mail, name="mail", daemon=True))
        self._pulse = threading.Thread(target=self._beat, name="pulse", daemon=True)

    def start(self) -> None:
        """Sign on and begin. An embedded worker is the only one, so whatever seems to run died with the last one."""
        with self._sessions.begin() as session:
            if self._config.embedded:
                jobs.sweep(session, handlers.repeatable_kinds(), dead_after=dt.timedelta())
                outbox.sweep(session, stuck_after=dt.timedelta())
            jobs.beat(session, self.id, ())
        if self._config.mail_url is None:
            log.warning("MAIL_URL is not set: mails wait in the outbox and are not sent.")
        for thread in (*self._threads, self._pulse):
            thread.start()

    def stop(self, *, grace: float = GRACE_SECONDS) -> None:
        """Take no more work, let what is running finish, end what does not in time, and sign off.

        It may come while `start` is at work: a signal to end does not wait.
        """
        self._stopping.set()
        self._mail_is_due.set()
        _join(self._threads, grace)
        self._out_of_grace.set()
        _join([*self._threads, self._pulse], END_SECONDS)
        try:
            with self._sessions.begin() as session:
                jobs.sign_off(session, self.id)
        except database.FAULTS as error:
            log.warning("The worker could not sign off: %s.", type(error).__name__)
        self._queue.close()
        self._engine.dispose()

    def _listen(self) -> None:
        look_at = 0.0
        while not self._stopping.is_set():
            message = self._guarded(self._queue.next)
            if message is not None:
                self._guarded(functools.partial(self._obey, message))
            elif time.monotonic() >= look_at:
                look_at = time.monotonic() + LOOK_SECONDS
                self._guarded(self._look)
            elif not self._queue.waits:
                self._stopping.wait(POLL_SECONDS)

    def _guarded(self, action: Callable[[], Result]) -> Result | None:
        """Do something; a fault must not end the thread, and its text may quote personal data."""
        try:
            return action()
        except Exception as error:  # see above
            log.error("Worker: %s at %s", type(error).__name__, place_of(error))  # noqa: TRY400  # the same
            self._stopping.wait(1)
            return None

    def _obey(self, message: str) -> None:
        if message == MAIL:
            self._mail_is_due.set()
        elif message.isdecimal():
            self._work(int(message))

    def _look(self) -> None:
        """Do what nobody woke us for: messages get lost."""
        while not self._stopping.is_set():
            with database.reading(), self._sessions() as session:
                job_id = jobs.waiting(session, handlers.known_kinds())
            if job_id is None:
                return
            self._work(job_id)

    def _work(self, job_id: int) -> None:
        """Claim a job, if it is still there for us, and run it."""
        with self._sessions() as session:
            job = jobs.claim(session, job_id, handlers.known_kinds())
            if job is None:
                return
            run = Run(
                sessions=self._sessions,
                config=self._config,
                job_id=job.id,
                attempt=job.attempts,
                payload=dict(job.payload),
                stopping=self._out_of_grace.is_set,
            )
            kind = job.kind
            session.commit()
        claim = (run.job_id, run.attempt)
        self._claims.add(claim)
        try:
            handlers.perform(run, kind)
        finally:
            self._claims.discard(claim)

    def _send_mail(self) -> None:
        """Send what is due, in a thread of its own: a mail must not wait for hours behind two lotteries."""
        while not self._stopping.is_set():
            self._guarded(self._delivery.deliver)
            self._mail_is_due.wait(LOOK_SECONDS)
            self._mail_is_due.clear()

    def _beat(self) -> None:
        """Show that we live, and look after those who do not; until the last job is done."""
        while any(thread.is_alive() for thread in self._threads):
            self._guarded(self._beat_once)
            if self._stopping.wait(BEAT_SECONDS):
                time.sleep(END_POLL_SECONDS)

    def _beat_once(self) -> None:
        with self._sessions.begin() as session:
            jobs.beat(session, self.id, tuple(self._claims))
            jobs.sweep(session, handlers.repeatable_kinds())
            outbox.sweep(session, stuck_after=delivery.STUCK_AFTER)
            daily.ask_if_due(session)
            background.ask_if_due(session)


def _join(threads: Iterable[threading.Thread], seconds: float) -> None:
    """Wait until the threads that have begun end, for so long at most."""
    deadline = time.monotonic() + seconds
    for thread in threads:
        if thread.ident is not None:
            thread.join(max(0.0, deadline - time.monotonic()))
