"""Wakes workers. The truth is a row in the database, so a message may be lost, doubled or late without harm.

Of Huey only the storages are used, SQLite's and Redis': a message is a few plain bytes, where Huey's own are pickles
that run as code, and its consumer wants the signals of the whole process, which the embedded web server needs.
"""

from __future__ import annotations

import logging
import sqlite3
from typing import Any

import redis
import sqlalchemy as sa
from huey.storage import RedisStorage, SqliteStorage
from sqlalchemy import event
from sqlalchemy.orm import Session

from assembly.config import Config

NAME = "assembly"
FILE = "queue.sqlite"
MAIL = "mail"
"""The message that mail is due; every other message is the id of a job."""
WAIT_SECONDS = 1.0
"""How long Redis waits for a message; a worker that is to end waits as long."""
CONNECT_SECONDS = 3
ANSWER_SECONDS = 10
BUSY_SECONDS = 15
_FAULTS = (redis.RedisError, sqlite3.Error, OSError)
_KEY = "assembly.messages"

log = logging.getLogger(__name__)


class Queue:
    """Carries messages from whoever commits a job to the workers."""

    def __init__(self, config: Config) -> None:
        self._storage: Any
        if config.redis_url:
            pool = redis.ConnectionPool.from_url(
                config.redis_url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=ANSWER_SECONDS
            )
            self._storage = RedisStorage(NAME, connection_pool=pool, read_timeout=WAIT_SECONDS)
        else:
            self._storage = SqliteStorage(
                NAME, filename=str(config.data_folder / FILE), timeout=BUSY_SECONDS, fsync=False
            )

    def attach(self, engine: sa.Engine) -> None:
        """Let the sessions of this engine wake workers when they have committed."""
        engine.update_execution_options(assembly_queue=self)

    def wake(self, message: str) -> None:
        """Send a message; a queue that is down is no error, since workers also look for themselves."""
        try:
            self._storage.enqueue(message.encode())
        except _FAULTS as error:
            log.warning("The queue did not take a message (%s); workers look for themselves.", type(error).__name__)

    def next(self) -> str | None:
        """Return a message, or None: SQLite at once, Redis after WAIT_SECONDS. Raises what the queue raises."""
        data: bytes | None = self._storage.dequeue()
        return bytes(data).decode() if data else None

    @property
    def waits(self) -> bool:
        """Whether `next` itself waits for a message."""
        return bool(self._storage.blocking)

    def answers(self) -> bool:
        """Whether the queue is well."""
        try:
            self._storage.queue_size()
        except _FAULTS:
            return False
        return True

    def close(self) -> None:
        """Close its connections."""
        if isinstance(self._storage, RedisStorage):
            self._storage.pool.disconnect()
        else:
            self._storage.close()


def wake_after_commit(session: Session, message: str) -> None:
    """Send a message once the session's transaction is committed, and never if it is rolled back."""
    session.info.setdefault(_KEY, set()).add(message)


@event.listens_for(Session, "after_commit")
def _send(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint: nobody else sees its rows yet
        return
    messages = session.info.pop(_KEY, ())
    queue = session.get_bind().get_execution_options().get("assembly_queue") if messages else None
    if isinstance(queue, Queue):
        for message in messages:
            queue.wake(message)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_KEY, None)
