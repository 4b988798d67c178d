"""Errors as pages: what happened, in the reader's language, and what to do; never a traceback."""

from __future__ import annotations

import contextlib
from http import HTTPStatus

from flask import Flask, current_app, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from assembly import database
from assembly.extensions import db
from assembly.services.errors import ConflictError, ForbiddenError, NotFoundError, RuleError, ServiceError, StorageError
from assembly.views.messages import in_words

RETRY_SECONDS = "60"
"""After how long programs may ask again when the database did not answer."""
STATUS: dict[type[ServiceError], HTTPStatus] = {
    NotFoundError: HTTPStatus.NOT_FOUND,
    ForbiddenError: HTTPStatus.FORBIDDEN,
    ConflictError: HTTPStatus.CONFLICT,
    RuleError: HTTPStatus.UNPROCESSABLE_ENTITY,
    StorageError: HTTPStatus.INSUFFICIENT_STORAGE,
}
TEXTS = {
    HTTPStatus.BAD_REQUEST: _l("The request could not be understood. Go back, load the page again, and try once more."),
    HTTPStatus.UNAUTHORIZED: _l("Please sign in."),
    HTTPStatus.FORBIDDEN: _l("Your role does not allow this. Ask an organiser of the assembly."),
    HTTPStatus.NOT_FOUND: _l("This page does not exist, or not for your account."),
    HTTPStatus.METHOD_NOT_ALLOWED: _l("This address can only be reached through the button that belongs to it."),
    HTTPStatus.CONFLICT: _l("What you asked for contradicts what is there by now. Load the page again."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _l("The file is too large. At most 32 MB can be uploaded at once."),
    HTTPStatus.UNPROCESSABLE_ENTITY: _l("What was entered is not possible."),
    HTTPStatus.TOO_MANY_REQUESTS: _l("Too many attempts. Please wait a few minutes and try again."),
    HTTPStatus.SERVICE_UNAVAILABLE: _l(
        "The database does not answer at the moment. Wait a minute, load the page again, and look whether your last "
        "step was taken before you repeat it."
    ),
    HTTPStatus.INSUFFICIENT_STORAGE: _l(
        "The server has no room for this at the moment. Nothing was changed; please tell the office."
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: _l(
        "Something went wrong on our side. Nothing was changed. Please try again; if it happens again, tell the office."
    ),
}


def init_app(app: Flask) -> None:
    """Answer every error with the one error page."""
    app.register_error_handler(ServiceError, _service_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    for fault in database.FAULTS:
        app.register_error_handler(fault, _database_fault)
    app.register_error_handler(Exception, _unexpected)


def _page(status: int, text: str) -> ResponseReturnValue:
    return render_template("error.html", status=status, text=text), status


def _service_error(error: ServiceError) -> ResponseReturnValue:
    db.session.rollback()
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), HTTPStatus.CONFLICT)
    return _page(status, message_of(error))


def message_of(error: ServiceError) -> str:
    """Return the error's sentence in the reader's language."""
    text: str = gettext(error.message, **in_words(error.values))
    return text


def _csrf_error(_error: CSRFError) -> ResponseReturnValue:
    return _page(
        HTTPStatus.BAD_REQUEST,
        gettext("Your session has ended, so nothing was changed. Load the page again and repeat the last step."),
    )


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    text = TEXTS.get(HTTPStatus(error.code), TEXTS[HTTPStatus.BAD_REQUEST])
    return _page(error.code, str(text))


def _database_fault(error: Exception) -> ResponseReturnValue:
    """Say that the database is full, locked or gone; then the page is a visitor's, since nobody can be looked up."""
    with contextlib.suppress(*database.FAULTS):
        db.session.rollback()
    if database.is_full(error):
        _note(error)
        return _page(HTTPStatus.INSUFFICIENT_STORAGE, str(TEXTS[HTTPStatus.INSUFFICIENT_STORAGE]))
    g.is_without_database = True
    g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]  # noqa: SLF001  # Flask-Login's; it would ask the database
    if not database.is_away(error):
        return _unexpected(error)
    _note(error)
    page = render_template(
        "error.html", status=HTTPStatus.SERVICE_UNAVAILABLE, text=TEXTS[HTTPStatus.SERVICE_UNAVAILABLE]
    )
    return page, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": RETRY_SECONDS}


def _unexpected(error: Exception) -> ResponseReturnValue:
    if current_app.testing:
        raise error
    db.session.rollback()
    _note(error)
    return _page(HTTPStatus.INTERNAL_SERVER_ERROR, str(TEXTS[HTTPStatus.INTERNAL_SERVER_ERROR]))


def _note(error: Exception) -> None:
    """Log where it happened, but not the message: it may quote personal data."""
    trace, where = error.__traceback__, "unknown"
    while trace is not None:
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    current_app.logger.error("%s at %s", type(error).__name__, where)
