"""PostgreSQL and Redis, really started: on free ports, in folders of their own, never as root."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import redis
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from assembly import database
from assembly.config import Config
from assembly.queue import Queue
from assembly.services import sealing
from assembly.services.privacy.erased_codes import attach_key
from tests import patience
from tests.assembly.contents import copy_of, put_back, schema_of

SECRET = "nothing-that-anybody-guesses-0123456789"  # of a server that lives for seconds
SQLITE = "assembly.sqlite"


@dataclass(frozen=True)
class Engines:
    """The environment of an application: embedded, or with real engines."""

    environment: dict[str, str]

    @property
    def config(self) -> Config:
        return Config.from_environment(self.environment)


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def missing(what: str) -> None:
    """Skip by name; in CI everything must be there."""
    if "CI" in os.environ:
        pytest.fail(f"{what} is not installed, but CI tests with it.")
    pytest.skip(f"{what} is not installed here")


def _account() -> str | None:
    """Return whom servers run as, if that must be another one than us."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """Yield a folder that the servers' account may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="assembly-engines-"))
    account = _account()
    if account is not None:
        shutil.chown(folder, account)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _server(*command: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server that ends with us, also when we are killed, where the system can do that."""
    setpriv = shutil.which("setpriv")
    together = (setpriv, "--pdeathsig", "INT", "--") if setpriv else ()
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [*together, *command],
            cwd=folder,
            stdout=output,
            stderr=output,
            user=_account(),
            extra_groups=[] if _account() else None,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)  # PostgreSQL then does not wait for its clients
            process.wait(timeout=patience.SECONDS)


def _wait_for(answers: object, process: subprocess.Popen[bytes], folder: Path) -> None:
    assert callable(answers)
    deadline = time.monotonic() + patience.SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(psycopg.OperationalError, redis.RedisError):
            answers()
            return
        time.sleep(0.05)
    pytest.fail((folder / "output").read_text(encoding="utf-8", errors="replace"))


def _postgres_programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.split(".")[0]))
    on_path = shutil.which("initdb")
    return found[-1] if found else Path(on_path).parent if on_path else None


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server without the name of a database; “migrated” is one to copy from."""
    with running_postgresql() as address:
        yield address


@contextlib.contextmanager
def running_postgresql() -> Iterator[str]:
    """Run a PostgreSQL server; yield its address without the name of a database."""
    programs = _postgres_programs()
    if programs is None:
        missing("PostgreSQL")
    assert programs is not None
    with _folder() as folder:
        data, port, account = folder / "data", str(free_port()), _account()
        initdb = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(
            [*initdb, "--locale=C.UTF-8", "--no-instructions"],
            cwd=folder,
            user=account,
            extra_groups=[] if account else None,
            check=True,
            capture_output=True,
        )
        settings = (
            "fsync=off",
            "synchronous_commit=off",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={folder}",
        )
        options = itertools.chain.from_iterable(("-c", setting) for setting in settings)
        with _server(str(programs / "postgres"), "-D", str(data), "-p", port, *options, folder=folder) as process:
            address = f"postgresql://postgres@127.0.0.1:{port}"
            _wait_for(lambda: psycopg.connect(f"{address}/postgres").close(), process, folder)
            execute(address, "CREATE DATABASE migrated")
            engine = database.make_engine(f"postgresql+psycopg://postgres@127.0.0.1:{port}/migrated")
            database.migrate(engine)
            engine.dispose()
            yield address


def execute(address: str, statement: str) -> None:
    """Run one statement on the server itself."""
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The address of a Redis server."""
    with running_redis() as address:
        yield address


@contextlib.contextmanager
def running_redis() -> Iterator[str]:
    """Run a Redis server; yield its address."""
    program = shutil.which("redis-server")
    if program is None:
        missing("redis-server")
    assert program is not None
    with _folder() as folder:
        port = free_port()
        options = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder))
        with _server(program, "--port", str(port), *options, folder=folder) as process:
            client = redis.Redis(port=port)
            _wait_for(client.ping, process, folder)
            client.close()
            yield f"redis://127.0.0.1:{port}/0"


EMPTY, TESTED = "empty", "tested"
"""Databases of the tests' server: the first without schema, made anew for each test, as the second seldom is."""


@pytest.fixture(scope="session")
def emptied(postgresql: str) -> Callable[[], None]:
    """Return what empties the migrated database: made anew only if its schema changed, which takes a hundred times."""
    template, tested = (sa.make_url(f"{postgresql}/{name}") for name in ("migrated", TESTED))
    schema, content = schema_of(template), copy_of(template)
    _make(postgresql, TESTED, template="migrated")

    def empty() -> None:
        if schema_of(tested) == schema:
            put_back(content, tested)
        else:
            _make(postgresql, TESTED, template="migrated")

    return empty


def _make(address: str, name: str, *, template: str) -> None:
    execute(address, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    execute(address, f"CREATE DATABASE {name} TEMPLATE {template}")


def _distributed(request: pytest.FixtureRequest, folder: Path, name: str) -> Engines:
    """Return the environment with Redis, empty, and a database of PostgreSQL."""
    address, queue = request.getfixturevalue("postgresql"), request.getfixturevalue("redis_server")
    with contextlib.closing(redis.Redis.from_url(queue)) as client:
        client.flushall()
    return Engines(
        {
            "ASSEMBLY_DATA": str(folder),
            "DATABASE_URL": f"{address}/{name}",
            "REDIS_URL": queue,
            "SECRET_KEY": SECRET,
            "PASSWORD_SALT": SECRET,
            "PUBLIC_URL": "https://buergerrat.example.org",
        }
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_engines(request: pytest.FixtureRequest, tmp_path: Path) -> Engines:
    """Both pairs of database and queue, with nothing in the database."""
    if request.param == "sqlite":
        return Engines({"ASSEMBLY_DATA": str(tmp_path / "instance")})
    _make(request.getfixturevalue("postgresql"), EMPTY, template="template0")
    return _distributed(request, tmp_path / "instance", EMPTY)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file of SQLite to copy from."""
    config = Config.from_environment({"ASSEMBLY_DATA": str(tmp_path_factory.mktemp("migrated"))})
    engine = database.make_engine(config.database_url)
    database.migrate(engine)
    engine.dispose()
    return config.data_folder / SQLITE


@pytest.fixture(params=["sqlite", "postgresql"])
def engines(request: pytest.FixtureRequest, tmp_path: Path, migrated_sqlite: Path) -> Engines:
    """Both pairs of database and queue, migrated."""
    if request.param == "sqlite":
        made = Engines({"ASSEMBLY_DATA": str(tmp_path / "instance")})
        shutil.copy(migrated_sqlite, made.config.data_folder / SQLITE)
        return made
    request.getfixturevalue("emptied")()
    return _distributed(request, tmp_path / "instance", TESTED)


@pytest.fixture
def queue(engines: Engines) -> Iterator[Queue]:
    """The queue of both pairs."""
    made = Queue(engines.config)
    yield made
    made.close()


@pytest.fixture
def sessions(engines: Engines, queue: Queue) -> Iterator[sessionmaker[Session]]:
    """Sessions on both pairs, without any web application; their commits wake workers."""
    engine = database.make_engine(engines.config.database_url)
    queue.attach(engine)
    attach_key(engine, engines.config.secret_key)
    sealing.attach_keys(engine, engines.config.secret_key)
    yield sessionmaker(engine)
    engine.dispose()
