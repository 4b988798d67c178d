"""Engines as this application needs them, and migrations."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

reading_only: ContextVar[bool] = ContextVar("reading_only", default=False)
"""Whether the transactions begun in this context only read; SQLite then lets writers go on beside them."""

ENGINE_OPTIONS: dict[str, Any] = {
    "pool_pre_ping": True,
    "pool_size": 8,  # the threads of a process; another one opened for a page alone would cost more than the page
    "pool_use_lifo": True,  # what was used last has its pages at hand
    "hide_parameters": True,  # else logs and error messages would quote personal data
}
BUSY_TIMEOUT_MS = 15_000
"""How long SQLite waits for another writer before it says that the database is locked."""
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "secure_delete=ON",
)
"""Of every connection to SQLite; secure_delete overwrites what is deleted, which would stay in the file otherwise."""
FAULTS = (sa.exc.OperationalError, sa.exc.InterfaceError)
"""What a database raises that is locked, restarted or out of reach for a moment; from SQLite much else is one, too."""
_AWAY = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL}
)
WAITS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between the attempts of `patiently`."""


def make_engine(url: str) -> sa.Engine:
    """Return an engine for whoever has no web application around, such as a worker."""
    engine = sa.create_engine(url, **ENGINE_OPTIONS)
    configure(engine)
    return engine


@contextmanager
def reading() -> Iterator[None]:
    """Say that the transactions begun inside only read."""
    token = reading_only.set(True)
    try:
        yield
    finally:
        reading_only.reset(token)


def patiently(action: Callable[[], None]) -> None:
    """Do something in a transaction of its own, again if the database fails for a moment. Raises the last failure."""
    for seconds in WAITS:
        try:
            return action()
        except FAULTS:
            time.sleep(seconds)
    return action()


def is_full(fault: Exception) -> bool:
    """Whether a fault says that the disk of the database is full."""
    error = getattr(fault, "orig", None)
    return _sqlite_code(error) == sqlite3.SQLITE_FULL or isinstance(error, psycopg.errors.DiskFull)


def is_away(fault: Exception) -> bool:
    """Whether a fault says that the database is locked or out of reach, rather than what is wrong with a statement."""
    code = _sqlite_code(getattr(fault, "orig", None))
    return not is_full(fault) and (code is None or code in _AWAY)


def _sqlite_code(error: BaseException | None) -> int | None:
    """Return SQLite's primary code of an error, None if it is another driver's; the other bits tell details."""
    if not isinstance(error, sqlite3.Error):
        return None
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def configure(engine: sa.Engine) -> None:
    """Make a SQLite engine durable, strict about foreign keys, and safe with several writers.

    A transaction that read first cannot become a writer while another one writes: it fails at once, whatever the
    timeout. So writers start with BEGIN IMMEDIATE (https://sqlite.org/lang_transaction.html); the driver's own
    transaction control is switched off for that.
    """
    if engine.dialect.name != "sqlite":
        return

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (*PRAGMAS, f"busy_timeout={BUSY_TIMEOUT_MS}"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN" if reading_only.get() else "BEGIN IMMEDIATE")


def forget_deleted(engine: sa.Engine) -> bool:
    """Let go of old pages that may hold deleted rows; False if readers keep SQLite from it at this moment.

    SQLite keeps them in its write-ahead log, which is emptied here. PostgreSQL clears them away by itself (autovacuum).
    """
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        is_busy, *_ = cursor.fetchone() or (1,)
        return not is_busy
    finally:
        connection.close()


def migrate(engine: sa.Engine) -> None:
    """Bring the database to the schema of this version; safe when several processes start at once."""
    with migrating(engine) as connection:
        command.upgrade(alembic_config(connection), "head")


@contextmanager
def migrating(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Yield a connection in whose one transaction the schema may be changed, with nobody else doing so.

    SQLite changes a table by making it anew, so that rows elsewhere refer to none for a moment
    (https://sqlite.org/lang_altertable.html, “Making Other Kinds Of Table Schema Changes”).
    """
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        try:
            if is_sqlite:
                _pragma(connection, "foreign_keys=OFF")  # outside of the transaction, where alone it has an effect
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(sa.text("SELECT pg_advisory_xact_lock(7239123)"))
                yield connection
                if is_sqlite and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
                    raise RuntimeError(f"The migration would leave {len(lost)} rows that refer to nothing.")
        finally:
            if is_sqlite:
                _pragma(connection, "foreign_keys=ON")


def _pragma(connection: sa.Connection, setting: str) -> None:
    """Set something without beginning a transaction."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA {setting}")


def is_current(engine: sa.Engine) -> bool:
    """Whether the database has the schema of this version."""
    with reading(), engine.connect() as connection:
        known = ScriptDirectory.from_config(alembic_config(connection)).get_heads()
        return set(MigrationContext.configure(connection).get_current_heads()) == set(known)


def alembic_config(connection: sa.Connection) -> AlembicConfig:
    """Return Alembic's settings for our migrations over an open connection."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
