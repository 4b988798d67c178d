"""The application factory."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from assembly import database, i18n, views
from assembly.config import Config
from assembly.extensions import csrf, db, limiter, security
from assembly.queue import Queue
from assembly.resources import resource_folder

MOST_UPLOADED = 32 * 2**20
"""Bytes of one request; 20,000 registrations as XLSX are about 3 MB."""
SESSION_HOURS = 8
"""A working day: after so long without a page, staff sign in again."""
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def create_app(config: Config) -> Flask:
    """Return the web application; an embedded one has brought its database up to date."""
    app = Flask("assembly", template_folder=str(resource_folder("templates")))
    app.config.update(_settings(config))
    app.extensions["assembly.config"] = config
    if not config.embedded:  # behind the operator's proxy, which names the visitor's address and scheme
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]  # as documented
    db.init_app(app)
    with app.app_context():
        database.configure(db.engine)
        if config.embedded:
            database.migrate(db.engine)
        queue = Queue(config)
        queue.attach(db.engine)
        app.extensions["assembly.queue"] = queue
    csrf.init_app(app)
    limiter.init_app(app)
    i18n.init_app(app)
    security.init_app(app)
    app.before_request(_mark_reading)
    views.init_app(app)
    return app


def _mark_reading() -> None:
    database.reading_only.set(request.method in READING_METHODS)


def _settings(config: Config) -> dict[str, object]:
    return {
        "SECRET_KEY": config.secret_key,
        "SQLALCHEMY_ENGINES": {"default": config.database_url},
        "MAX_CONTENT_LENGTH": MOST_UPLOADED,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=SESSION_HOURS),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.public_url.startswith("https:"),
        "SESSION_COOKIE_NAME": "assembly",
        "RATELIMIT_STORAGE_URI": config.redis_url or "memory://",
        "RATELIMIT_HEADERS_ENABLED": True,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a form left open over lunch is not lost
    } | _security_settings(config)


def _security_settings(config: Config) -> dict[str, object]:
    return {
        "SECURITY_PASSWORD_SALT": config.password_salt,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_LENGTH_MIN": 12,
        "SECURITY_PASSWORD_COMPLEXITY_CHECKER": "zxcvbn",
        "SECURITY_REGISTERABLE": False,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TOTP_SECRETS": {"1": config.secret_key},
        "SECURITY_TOTP_ISSUER": "Sortition Assembly",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_RESET_PASSWORD_WITHIN": timedelta(days=3),
        "SECURITY_URL_PREFIX": "/account",
        "SECURITY_POST_LOGIN_VIEW": "/assemblies",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
        "SECURITY_EMAIL_SENDER": config.mail_sender,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": True,
        "SECURITY_DEFAULT_REMEMBER_ME": False,
        "SECURITY_USE_VERIFY_PASSWORD_CACHE": False,
    }
