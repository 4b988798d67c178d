"""Counts for rate limits in a file, so that all processes of one machine count together, and a restart forgets none."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from limits.storage import MovingWindowSupport, Storage

SCHEME = "assembly-file"
FILE = "limits.sqlite"
BUSY_SECONDS = 15
_TABLE = "CREATE TABLE IF NOT EXISTS tries (key TEXT NOT NULL, at REAL NOT NULL, until REAL NOT NULL)"

log = logging.getLogger(__name__)


def file_address(folder: Path) -> str:
    """Return the address under which the limiter finds the counts in a folder."""
    return f"{SCHEME}://{folder / FILE}"


class FileStorage(Storage, MovingWindowSupport):
    """Tries with their moment, in a file that is opened for each count: few pages are limited, and threads share it."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  # declared so by the library

    def __init__(self, uri: str, *, wrap_exceptions: bool = False) -> None:
        """Take the address that `file_address` gave."""
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._file = uri.removeprefix(f"{SCHEME}://")

    @property
    def base_exceptions(self) -> type[Exception]:
        """What goes wrong with a file."""
        return sqlite3.Error

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Note tries unless there are too many in the last `expiry` seconds; say whether they were noted."""
        with self._writing() as connection:
            at = time.time()
            connection.execute("DELETE FROM tries WHERE until <= ?", (at,))
            [(noted,)] = connection.execute("SELECT count(*) FROM tries WHERE key = ?", (key,))
            if noted + amount > limit:
                return False
            connection.executemany("INSERT INTO tries VALUES (?, ?, ?)", [(key, at, at + expiry)] * amount)
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002  # the library's
        """Return when the oldest try that counts was, and how many count."""
        with self._writing() as connection:
            at = time.time()
            [(oldest, noted)] = connection.execute(
                "SELECT min(at), count(*) FROM tries WHERE key = ? AND until > ?", (key, at)
            )
            return (at if oldest is None else oldest), noted

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Note tries, however many there are, and return their number."""
        with self._writing() as connection:
            at = time.time()
            connection.executemany("INSERT INTO tries VALUES (?, ?, ?)", [(key, at, at + expiry)] * amount)
        return self.get(key)

    def get(self, key: str) -> int:
        """Return how many tries count."""
        return self.get_moving_window(key, 0, 0)[1]

    def get_expiry(self, key: str) -> float:
        """Return when none of the tries counts any more."""
        with self._writing() as connection:
            [(until,)] = connection.execute("SELECT max(until) FROM tries WHERE key = ?", (key,))
            return time.time() if until is None else float(until)

    def check(self) -> bool:
        """Say whether the file can be written."""
        try:
            with self._writing():
                return True
        except sqlite3.Error:
            return False

    def clear(self, key: str) -> None:
        """Forget the tries of one key."""
        with self._writing() as connection:
            connection.execute("DELETE FROM tries WHERE key = ?", (key,))

    def reset(self) -> int:
        """Forget all tries, and return how many there were."""
        with self._writing() as connection:
            return connection.execute("DELETE FROM tries").rowcount

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Let nobody else count meanwhile, so that of tries at the same moment each sees those before it."""
        try:
            connection = self._opened()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            connection = self._opened_anew()
        with contextlib.closing(connection), connection:
            yield connection

    def _opened(self) -> sqlite3.Connection:
        """Return a connection that writes already. Raises DatabaseError itself only if the file is damaged."""
        connection = sqlite3.connect(self._file, timeout=BUSY_SECONDS, isolation_level=None)
        with contextlib.ExitStack() as unless_it_opens:
            unless_it_opens.callback(connection.close)
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_TABLE)
            [(found,)] = connection.execute("PRAGMA quick_check(1)")
            if found != "ok":
                raise sqlite3.DatabaseError(found)
            unless_it_opens.pop_all()
        return connection

    def _opened_anew(self) -> sqlite3.Connection:
        """Put an empty file in the place of a damaged one: the counts are lost, but people can sign in.

        Of several processes that find the damage one does this; for the others the file is sound when it is their turn.
        """
        with Path(f"{self._file}.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            try:
                return self._opened()
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                log.error("%s was damaged; counting for rate limits begins anew.", FILE)  # noqa: TRY400  # says it all
            for name in (f"{self._file}-journal", self._file):
                Path(name).unlink(missing_ok=True)
            return self._opened()
