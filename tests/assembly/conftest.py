"""An application with an empty database, and clients that are signed in."""

from __future__ import annotations

import contextvars
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from assembly.app import create_app
from assembly.config import Config
from assembly.extensions import db, security
from assembly.models import Assembly, Role, User
from assembly.services import accounts, assemblies
from tests.assembly.compiled import compiled_once  # noqa: F401  # a fixture
from tests.assembly.engines import (  # noqa: F401  # fixtures
    SQLITE,
    emptied,
    empty_engines,
    engines,
    migrated_sqlite,
    postgresql,
    queue,
    redis_server,
    sessions,
)
from tests.assembly.scanner import clamds  # noqa: F401  # a fixture

WORDS = {
    "title": "Bürgerrat Mobilität",
    "question": "Wie wollen wir uns in Auenfurt bewegen?",
    "commissioning_body": "Stadtrat Auenfurt",
    "panel_size": 48,
    "languages": ["de"],
}


class Visitor(FlaskClient):
    """Sends each request in a context of its own, as it is outside the tests.

    Otherwise all would share the test's: what one authorised, or who was signed in, would hold for the next. The test's
    transaction ends before, so that it neither locks the request out nor sees old data afterwards.
    """

    def open(self, *arguments: Any, **more: Any) -> TestResponse:
        """Send a request."""
        if has_app_context():
            db.session.rollback()
        return contextvars.Context().run(partial(super().open, *arguments, **more))


@pytest.fixture
def config(tmp_path: Path, migrated_sqlite: Path) -> Config:
    """An embedded application in a folder of its own."""
    made = Config.from_environment({"ASSEMBLY_DATA": str(tmp_path / "instance")})
    shutil.copy(migrated_sqlite, made.data_folder / SQLITE)
    return made


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    """An application, in its context, for tests of services and of pages."""
    application = create_app(config)
    application.testing = True
    application.test_client_class = Visitor
    application.config["RATELIMIT_ENABLED"] = False
    with application.app_context():
        security.pwd_context.update(argon2__time_cost=1, argon2__memory_cost=64, argon2__parallelism=1)
        yield application
        db.session.close()
        db.engine.dispose()
        application.extensions["assembly.queue"].close()


@pytest.fixture
def session(app: Flask) -> Session:
    """The session of the application's context."""
    return db.session


@pytest.fixture
def organiser(session: Session) -> User:
    """An account that may create assemblies, and so becomes their organiser."""
    user = accounts.create_account(session, email="orga@example.org", name="Olga Organ")
    accounts.grant(session, user, Role.COUNCIL_OFFICE, by=None)
    session.commit()
    return user


@pytest.fixture
def assembly(session: Session, organiser: User) -> Assembly:
    """An assembly with its organiser."""
    made = assemblies.create_assembly(session, WORDS, by=organiser)
    session.commit()
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor."""
    return app.test_client()


def sign_in(client: FlaskClient, user: User) -> None:
    """Sign an account in without its password, as Flask-Security keeps it in the session."""
    with client.session_transaction() as cookie:
        cookie["_user_id"] = user.fs_uniquifier
        cookie["_fresh"] = True
        cookie["fs_cc"] = "set"
