"""The application in production: which hosts it answers to, its cookie, the second factor."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from assembly import database
from assembly.app import create_app
from assembly.config import Config, ConfigurationError
from assembly.extensions import db

SETTINGS = {
    "SECRET_KEY": "k7Qx2vN9-tR4mW8zB1cY6pL3sD5fG0hJ",
    "PASSWORD_SALT": "u3Vb6nM9-aS2dF5gH8jK1lQ4wE7rT0yZ",
    "PUBLIC_URL": "https://buergerrat.example.org",
}


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Flask]:
    """An application as an operator starts it, with its database brought up to date."""
    address = f"sqlite:///{tmp_path / 'production.sqlite'}"
    config = Config.from_environment(SETTINGS | {"ASSEMBLY_DATA": str(tmp_path), "DATABASE_URL": address})
    app = create_app(config)
    with app.app_context():
        database.migrate(db.engine)
        yield app
        db.engine.dispose()
    app.extensions["assembly.queue"].close()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("buergerrat.example.org", 200),
        ("buergerrat.example.org:443", 200),
        ("127.0.0.1:8000", 200),
        ("evil.example", 400),
        ("buergerrat.example.org.evil.example", 400),
    ],
)
def test_only_the_configured_host_is_answered(production: Flask, host: str, status: int) -> None:
    """And this machine, for whoever looks whether it is well: a forged host would end up in links and redirects."""
    assert production.test_client().get("/account/login", headers={"Host": host}).status_code == status


def test_the_cookie_is_secure(production: Flask) -> None:
    answer = production.test_client().get("/account/login", base_url="https://buergerrat.example.org")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


@pytest.mark.parametrize(
    ("written", "meant"), [("", True), ("yes", True), ("1", True), ("no", False), ("0", False), (" Off ", False)]
)
def test_production_demands_a_second_factor_unless_told_otherwise(tmp_path: Path, written: str, meant: bool) -> None:
    settings = SETTINGS | {"ASSEMBLY_DATA": str(tmp_path), "DATABASE_URL": "sqlite://"}
    assert Config.from_environment(settings | {"REQUIRE_TOTP": written}).require_totp is meant


@pytest.mark.parametrize(("written", "meant"), [("", False), ("yes", True)])
def test_embedded_demands_none_unless_told_otherwise(tmp_path: Path, written: str, meant: bool) -> None:
    config = Config.from_environment({"ASSEMBLY_DATA": str(tmp_path), "REQUIRE_TOTP": written})
    assert config.require_totp is meant


def test_a_switch_that_is_neither_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"REQUIRE_TOTP must be “yes” or “no”; it is “maybe”\."):
        Config.from_environment({"ASSEMBLY_DATA": str(tmp_path), "REQUIRE_TOTP": "maybe"})


def test_the_end_of_a_request_starts_no_thread(app: Flask) -> None:
    """Flask runs a coroutine in a thread of its own; ours would have nothing to do there."""
    assert app.teardown_appcontext_funcs
    assert not any(inspect.iscoroutinefunction(function) for function in app.teardown_appcontext_funcs)
