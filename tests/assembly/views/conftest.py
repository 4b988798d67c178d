"""One application with everything in it, for tests that visit all of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from assembly.app import create_app
from assembly.config import Config
from assembly.extensions import db
from assembly.models import Channel, Member, Status
from assembly.services import accounts
from assembly.services.members import access, one_time
from assembly.services.panel import calling
from tests.assembly.conftest import Visitor
from tests.assembly.services.panels import START, DrawnPanel, drawn_panel, members_in
from tests.assembly.views.world import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One application for all these tests; whatever a POST changes is undone."""
    folder = tmp_path_factory.mktemp("routes")
    app = create_app(Config.from_environment({"ASSEMBLY_DATA": str(folder)}))
    app.testing = True
    app.test_client_class = Visitor
    app.config["RATELIMIT_ENABLED"] = False
    with app.app_context():
        made = World.made(app, db.session, folder / "assembly.sqlite")
        yield made
        made.close()
        db.session.close()
        db.engine.dispose()
        app.extensions["assembly.queue"].close()


@pytest.fixture
def panel(app: Flask, tmp_path: Path) -> Iterator[DrawnPanel]:
    """A panel of four in the application's own database, an hour after the draw; the first has confirmed the seat."""
    app.config["WTF_CSRF_ENABLED"] = False  # tokens have tests of their own
    with time_machine.travel(START, tick=True) as traveller:
        made = drawn_panel(sessionmaker(db.engine, expire_on_commit=False), tmp_path, traveller)
        with made.sessions.begin() as session:
            _, organiser = made.load(session)
            one = members_in(session, Status.DRAWN)[0]
            calling.confirm(session, one, channel=Channel.MAIL, language="en", by=organiser)
        yield made


@pytest.fixture
def member(session: Session, panel: DrawnPanel) -> Member:
    """The member who has confirmed."""
    return session.get_one(Member, members_in(session, Status.CONFIRMED)[0].id)


@pytest.fixture
def member_client(app: Flask, session: Session, member: Member) -> FlaskClient:
    """A browser in which the member's link was opened."""
    client = app.test_client()
    client.get(f"/m/{link_of(session, member)}")
    return client


def link_of(session: Session, member: Member) -> str:
    """Return a new link for a member."""
    link = access.renew(session, member, by=None).link
    session.commit()
    return link


def confirmed(session: Session, client: FlaskClient, member: Member) -> FlaskClient:
    """Return the browser of a member after the one-time code."""
    support = accounts.create_account(session, email="support@example.org", name="Sina Support")
    code = one_time.read_out(session, member, by=support)
    session.commit()
    assert client.post("/m/confirm", data={"code": code}).status_code == 302
    return client
