"""Engines as this application needs them, and migrations."""

from __future__ import annotations

from contextvars import ContextVar
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig

reading_only: ContextVar[bool] = ContextVar("reading_only", default=False)
"""Whether the transactions begun in this context only read; SQLite then lets writers go on beside them."""

ENGINE_OPTIONS: dict[str, Any] = {"pool_pre_ping": True}
BUSY_TIMEOUT_MS = 15_000
"""How long SQLite waits for another writer before it says that the database is locked."""


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
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN" if reading_only.get() else "BEGIN IMMEDIATE")


def migrate(engine: sa.Engine) -> None:
    """Bring the database to the schema of this version; safe when several processes start at once."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(7239123)"))
        command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: sa.Connection) -> AlembicConfig:
    """Return Alembic's settings for our migrations over an open connection."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
