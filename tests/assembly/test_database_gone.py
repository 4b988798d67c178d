"""A database that is gone or locked for a moment: a clear page, nothing lost, nothing twice, and then it goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from assembly import database
from assembly.app import create_app
from assembly.config import Config
from assembly.extensions import db
from assembly.models import Assembly, JobState, Role
from assembly.services import accounts
from tests.assembly.conftest import Visitor, sign_in
from tests.assembly.engines import Engines, execute
from tests.assembly.services.test_children import wait_until
from tests.assembly.test_worker import all_ended, ask, load, traces, working

Sessions = sessionmaker[Session]
FORM = {
    "title": "Bürgerrat Mobilität",
    "question": "Wie wollen wir uns bewegen?",
    "commissioning_body": "Stadtrat",
    "panel_size": "48",
    "minimum_age": "16",
    "predecessor_id": "",
    "languages": "de",
}
GONE = "The database does not answer at the moment"
FULL = "The server has no room"


@contextlib.contextmanager
def gone(config: Config) -> Iterator[None]:
    """End all connections to a database of PostgreSQL, and let nobody in meanwhile."""
    url = sa.make_url(config.database_url)
    server = f"postgresql://{url.username}@{url.host}:{url.port}"
    execute(server, f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS false")
    others = f"FROM pg_stat_activity WHERE datname = '{url.database}'"
    execute(server, f"SELECT pg_terminate_backend(pid) {others}")
    try:
        yield
    finally:
        execute(server, f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS true")


@contextlib.contextmanager
def application(config: Config) -> Iterator[tuple[Flask, FlaskClient]]:
    """Yield an application, as it answers outside of tests, and a client of its council office."""
    app = create_app(config)
    app.test_client_class = Visitor
    app.config |= {"WTF_CSRF_ENABLED": False, "RATELIMIT_ENABLED": False}
    with app.app_context():
        user = accounts.create_account(db.session, email="orga@example.org", name="Olga Organ", language="en")
        accounts.grant(db.session, user, Role.COUNCIL_OFFICE, by=None)
        db.session.commit()
        client = app.test_client()
        sign_in(client, user)
        with client.session_transaction() as cookie:
            cookie["language"] = "en"
        db.session.rollback()
        yield app, client
        db.session.close()
        db.engine.dispose()
        app.extensions["assembly.queue"].close()


@pytest.mark.parametrize("engines", ["postgresql"], indirect=True)
def test_a_database_that_is_gone_for_a_moment_is_said_and_then_it_goes_on(engines: Engines) -> None:
    with application(engines.config) as (_, client):
        assert client.get("/assemblies/").status_code == 200
        visitor = client.application.test_client()
        with gone(engines.config):
            assert visitor.get("/there-is-no-such-page").status_code == 404  # its frame asks the database, too
            for answer in (client.get("/assemblies/"), client.post("/assemblies/new", data=FORM), client.get("/")):
                assert (answer.status_code, GONE in answer.text) == (503, True)
                assert answer.headers["Retry-After"] == "60"
            assert client.get("/health").status_code == 503
        assert client.get("/assemblies/").status_code == 200
        assert client.post("/assemblies/new", data=FORM).status_code == 302
        assert [one.title for one in db.session.scalars(sa.select(Assembly))] == [FORM["title"]]


def test_a_database_that_is_locked_for_too_long_is_said_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    config = Config.from_environment({"ASSEMBLY_DATA": str(tmp_path / "instance")})
    with application(config) as (_, client):
        engine = database.make_engine(config.database_url)
        with engine.begin():  # with SQLite, to begin is to lock
            answer = client.post("/assemblies/new", data=FORM)
            assert (answer.status_code, GONE in answer.text) == (503, True)
            assert client.get("/assemblies/").status_code == 200  # readers go on
        engine.dispose()
        assert client.post("/assemblies/new", data=FORM).status_code == 302
        assert len(db.session.scalars(sa.select(Assembly)).all()) == 1


def test_only_a_database_that_does_not_answer_is_said_not_to(tmp_path: Path) -> None:
    """SQLite's driver has one error for all of these."""
    config = Config.from_environment({"ASSEMBLY_DATA": str(tmp_path / "instance")})
    with application(config) as (_, client):
        with fullness():
            long = FORM | {"question": "Wie? " * 100}
            answer = next(
                answer for _ in range(100) if (answer := client.post("/assemblies/new", data=long)).status_code != 302
            )
        assert (answer.status_code, FULL in answer.text, "Retry-After" in answer.headers) == (507, True, False)
        assert client.post("/assemblies/new", data=FORM).status_code == 302
        with db.session.begin():
            db.session.execute(sa.text("ALTER TABLE assemblies RENAME COLUMN question TO asked"))
        answer = client.get("/assemblies/")
        assert (answer.status_code, GONE in answer.text) == (500, False)


@contextlib.contextmanager
def fullness() -> Iterator[None]:
    """Let databases that are connected to meanwhile have no room to grow."""

    def on_connect(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA max_page_count=1")  # that is, no more than it has

    db.engine.dispose()
    sa.event.listen(db.engine, "connect", on_connect)
    try:
        yield
    finally:
        sa.event.remove(db.engine, "connect", on_connect)
        db.session.close()
        db.engine.dispose()


@pytest.mark.parametrize("engines", ["postgresql"], indirect=True)
def test_a_worker_whose_database_was_gone_goes_on_and_does_everything_once(
    engines: Engines, sessions: Sessions, tmp_path: Path
) -> None:
    folder = tmp_path / "traces"
    folder.mkdir()
    with working(engines):
        first = ask(sessions, "toy_touch", folder)
        wait_until(lambda: load(sessions, first).state is JobState.DONE)
        with gone(engines.config), pytest.raises(sa.exc.OperationalError):
            ask(sessions, "toy_touch", folder)
        for _ in range(3):
            ask(sessions, "toy_touch", folder)
        wait_until(lambda: all_ended(sessions))
    assert list(traces(folder).values()) == [1, 1, 1, 1]
