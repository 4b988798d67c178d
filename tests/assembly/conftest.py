"""An application with an empty database, and clients that are signed in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.app import create_app
from assembly.config import Config
from assembly.extensions import db
from assembly.models import Assembly, Role, User
from assembly.services import accounts, assemblies
from tests.assembly.engines import (  # noqa: F401  # fixtures
    empty_engines,
    engines,
    postgresql,
    queue,
    redis_server,
    sessions,
)

WORDS = {
    "title": "Bürgerrat Mobilität",
    "question": "Wie wollen wir uns in Auenfurt bewegen?",
    "commissioning_body": "Stadtrat Auenfurt",
    "panel_size": 48,
    "languages": ["de"],
}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """An embedded application in a folder of its own."""
    return Config.from_environment({"ASSEMBLY_DATA": str(tmp_path / "instance")})


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    """An application, in its context, for tests of services and of pages."""
    application = create_app(config)
    application.testing = True
    application.config["RATELIMIT_ENABLED"] = False
    with application.app_context():
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
