"""Accounts that sign in as people do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from assembly.extensions import limiter, security
from assembly.models import User
from assembly.services import accounts
from tests.assembly.web import set_password


@pytest.fixture
def person(session: Session, organiser: User) -> User:
    """An account with a password and without a second factor."""
    set_password(session, organiser)
    return organiser


@pytest.fixture
def limited(app: Flask) -> Iterator[None]:
    """Rate limits as they are outside the tests, from zero."""
    app.config["RATELIMIT_ENABLED"] = True
    limiter.reset()
    yield
    limiter.reset()


@pytest.fixture
def auditor(session: Session) -> User:
    """Another account, without role."""
    user = accounts.create_account(session, email="audit@example.org", name="Anna Audit")
    session.commit()
    return user


@pytest.fixture
def mails(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses to which Flask-Security sent mail."""
    sent: list[str] = []
    monkeypatch.setattr(
        security.mail_util, "send_mail", lambda _t, _s, recipient, *_rest, **_more: sent.append(recipient)
    )
    return sent
