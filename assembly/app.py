"""The application factory."""

from __future__ import annotations

import inspect
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from assembly import database, i18n, security, views
from assembly.config import THIS_MACHINE, Config
from assembly.counters import file_address
from assembly.extensions import csrf, db, limiter
from assembly.models.base import LARGEST_ROW_NUMBER
from assembly.queue import Queue
from assembly.requests import CleanRequest, refuse_addresses_with_nul
from assembly.resources import resource_folder
from assembly.services import sealing
from assembly.services.privacy.erased_codes import attach_key

MOST_UPLOADED = 32 * 2**20
"""Bytes of one request; 20,000 registrations as XLSX are about 3 MB."""
SESSION_HOURS = 8
"""A working day: after so long without a page, staff sign in again."""
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class RowNumber(IntegerConverter):
    """A number in an address; what no row can have is no address of ours."""

    def __init__(self, map: Map, *, min: int | None = None, max: int = LARGEST_ROW_NUMBER) -> None:  # noqa: A002  # the library's names
        """Take what addresses say of their numbers."""
        super().__init__(map, min=min, max=max)


def create_app(config: Config) -> Flask:
    """Return the web application; an embedded one has brought its database up to date."""
    app = Flask("assembly", template_folder=str(resource_folder("templates")))
    app.request_class = CleanRequest
    app.config.update(_settings(config))
    app.url_map.converters["int"] = RowNumber
    app.extensions["assembly.config"] = config
    if not config.embedded:  # behind the operator's proxy, which names the visitor's address and scheme
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]  # as documented
    db.init_app(app)
    _leave_out_coroutines(app)
    with app.app_context():
        database.configure(db.engine)
        attach_key(db.engine, config.secret_key)
        sealing.attach_keys(db.engine, config.secret_key)
        if config.embedded:
            database.migrate(db.engine)
        queue = Queue(config)
        queue.attach(db.engine)
        app.extensions["assembly.queue"] = queue
    app.before_request(_refuse_other_hosts)
    app.before_request(refuse_addresses_with_nul)
    app.before_request(_mark_reading)
    app.teardown_request(_forget_reading)
    csrf.init_app(app)
    limiter.init_app(app)
    i18n.init_app(app)
    security.init_app(app)
    views.init_app(app)
    return app


def _leave_out_coroutines(app: Flask) -> None:
    """Leave out the closing of asynchronous sessions: we have none, and it would start a thread for every request."""
    app.teardown_appcontext_funcs = [
        function for function in app.teardown_appcontext_funcs if not inspect.iscoroutinefunction(function)
    ]


def _refuse_other_hosts() -> tuple[str, int, dict[str, str]] | None:
    """Answer a forged host without a page, since a page has links, and these would lead there."""
    if isinstance(request.routing_exception, SecurityError):
        return "This host is not served here.\n", HTTPStatus.BAD_REQUEST, {"Content-Type": "text/plain"}
    return None


def _mark_reading() -> None:
    database.reading_only.set(request.method in READING_METHODS)


def _forget_reading(_fault: BaseException | None) -> None:
    database.reading_only.set(False)


def _settings(config: Config) -> dict[str, object]:
    return {
        "SECRET_KEY": config.secret_key,
        "SQLALCHEMY_ENGINES": {"default": config.database_url},
        "MAX_CONTENT_LENGTH": MOST_UPLOADED,
        "PROVIDE_AUTOMATIC_OPTIONS": False,  # nobody needs them, and they would pass by the guard
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=SESSION_HOURS),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.public_url.startswith("https:"),
        "SESSION_COOKIE_NAME": "assembly",
        "TRUSTED_HOSTS": None if config.embedded else [urlsplit(config.public_url).hostname, *THIS_MACHINE],
        "RATELIMIT_STORAGE_URI": config.redis_url or file_address(config.data_folder),
        "RATELIMIT_HEADERS_ENABLED": True,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a form left open over lunch is not lost
    }
