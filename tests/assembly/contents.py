"""What a database holds: kept and put back, so that tests start from the same without making databases anew."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
END_OTHERS = f"SELECT pg_terminate_backend(pid, 5000) {OTHERS}"
SCHEMA = " UNION ALL ".join(
    f"SELECT count(*), sum(xmin::text::bigint) FROM {catalogue} WHERE {row} >= 16384"  # noqa: S608  # constants
    for catalogue, row in (
        ("pg_attribute", "attrelid"),
        ("pg_constraint", "oid"),
        ("pg_index", "indexrelid"),
        ("pg_trigger", "oid"),
        ("pg_proc", "oid"),
    )
)
"""Another answer after every change of the schema: each names the transaction that made a row of a catalogue."""


@dataclass(frozen=True)
class Rows:
    """All rows of a database in PostgreSQL, by table, and the last number of each of its sequences."""

    tables: dict[str, bytes]
    sequences: dict[str, int | None]


def copy_of(url: sa.URL) -> bytes | Rows:
    """Return what a database holds that nobody is connected to: the file of SQLite, the rows in PostgreSQL."""
    if url.database and url.get_backend_name() == "sqlite":
        return Path(url.database).read_bytes()
    with connected(url) as connection:
        tables = {name: _written(connection, name) for (name,) in connection.execute(TABLES).fetchall()}
        return Rows({name: rows for name, rows in tables.items() if rows}, dict(connection.execute(SEQUENCES)))


def put_back(copy: bytes | Rows, url: sa.URL) -> None:
    """Let a database that nobody is connected to hold what `copy_of` returned."""
    if isinstance(copy, bytes):
        assert url.database
        Path(url.database).write_bytes(copy)
        return
    with connected(url) as connection:
        connection.execute(END_OTHERS)
        connection.execute("SET session_replication_role = replica")  # no triggers, and foreign keys wait
        names = [sql.Identifier(name) for (name,) in connection.execute(TABLES).fetchall()]
        connection.execute(sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(name) for name in names))
        for table, rows in copy.tables.items():
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as sink:
                sink.write(rows)
        last = [
            sql.SQL("setval({}, {}, {})").format(sql.Literal(f'"{name}"'), sql.Literal(last or 1), last is not None)
            for name, last in copy.sequences.items()
        ]
        connection.execute(sql.SQL("SELECT {}").format(sql.SQL(", ").join(last)))


def schema_of(url: sa.URL) -> list[tuple[Any, ...]]:
    """Return what changes with every change of a PostgreSQL database's schema."""
    with connected(url) as connection:
        return connection.execute(SCHEMA.encode()).fetchall()


def connected(url: sa.URL) -> psycopg.Connection[tuple[Any, ...]]:
    """Return a connection of PostgreSQL's own driver, which commits at its end."""
    return psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))


def _written(connection: psycopg.Connection[tuple[Any, ...]], table: str) -> bytes:
    with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as source:
        return b"".join(bytes(part) for part in source)
