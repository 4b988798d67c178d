"""The application's log output names nobody: neither on any page nor when something goes wrong."""

from __future__ import annotations

import logging

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from assembly.extensions import db, limiter
from assembly.models import Contact, User
from tests.assembly.views.world import ACTORS, PEOPLE, World, rules_of
from tests.assembly.web import csrf_token, post


def personal_data(world: World) -> list[str]:
    """Return what must not be in the log: names, addresses and numbers of respondents and of accounts."""
    users = [part for user in world.users.values() for part in (user.name, user.email)]
    people = [part for names in PEOPLE for part in names]
    return [
        *users,
        *people,
        *world.links.values(),
        "0170 1234567",
        "lität.example",
        "klima.example",
        "Walburga",
        "Wunderlich",
    ]


def add_pages_that_fail(app: Flask) -> list[str]:
    """Add pages that fail with personal data in the message of the exception; return their addresses."""

    def with_a_message() -> str:
        contact = db.session.scalars(sa.select(Contact)).first()
        assert contact is not None
        raise ValueError(f"{contact.first_name} {contact.last_name} ({contact.email}) cannot be handled.")

    def with_a_statement() -> str:
        email = db.session.scalars(sa.select(User.email)).first()
        db.session.execute(sa.insert(User), [{"email": email, "name": "Yvonne Yilmaz", "fs_uniquifier": "x"}])
        return "never"

    def with_a_value() -> str:
        return str(db.session.execute(sa.text("SELECT nothing FROM nowhere WHERE name = :name"), {"name": "Zwickel"}))

    pages = {"/fail/message": with_a_message, "/fail/statement": with_a_statement, "/fail/value": with_a_value}
    for address, view in pages.items():
        view.is_public = True  # type: ignore[attr-defined]  # as guard.public does
        app.add_url_rule(address, endpoint=address.replace("/", "_"), view_func=view, methods=["POST"])
    return list(pages)


def status_of(answer: TestResponse) -> int:
    answer.get_data()
    answer.close()
    return answer.status_code


def test_nothing_in_the_log_is_about_a_person(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Walks all pages as everybody, signs in wrongly until it is refused, and lets pages fail; even SQL is logged."""
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.INFO, logger="sqlalchemy.engine")
    world.app.testing = False
    world.app._got_first_request = False
    failing = add_pages_that_fail(world.app)
    world.app.config["RATELIMIT_ENABLED"] = True
    limiter.reset()
    statuses = []
    for actor in ACTORS:
        for (_endpoint, method), rule in rules_of(world.app).items():
            if method in {"GET", "POST"} and not rule.rule.startswith("/fail"):
                client = world.visitor(actor)  # a new one each time, since one of the pages signs out
                data = {"csrf_token": csrf_token(client)} if method == "POST" else None
                statuses.append(status_of(client.open(world.address(rule), method=method, data=data)))
        world.restore()
    visitor = world.visitor("nobody")
    wrong = {"email": "orga@example.org", "password": "wrong"}
    statuses += [status_of(post(visitor, "/account/login", **wrong)) for _ in range(11)]
    failed = [status_of(post(visitor, address)) for address in failing]
    statuses += [status_of(visitor.get("/a/yvonne-yilmaz")), status_of(visitor.post("/language/de"))]
    world.restore()
    world.app.config["RATELIMIT_ENABLED"] = False
    world.app.testing = True
    limiter.reset()
    assert set(statuses) >= {200, 302, 400, 403, 404, 409, 422, 429}
    assert failed == [500, 500, 500]
    assert 500 not in statuses
    logged = caplog.text  # put together anew whenever it is asked for, and long
    assert "ValueError at " in logged
    assert "IntegrityError at " in logged
    assert "SELECT users.id" in logged
    assert [data for data in personal_data(world) if data in logged] == []


@pytest.mark.parametrize("name", ["flask_limiter", "sqlalchemy.engine", "assembly", "werkzeug"])
def test_no_logger_is_silenced_for_it(name: str) -> None:
    """The test before would hear them."""
    assert logging.getLogger(name).propagate
