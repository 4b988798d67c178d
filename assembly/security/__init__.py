"""Sign-in and accounts: Flask-Security with our texts, limits and rules. It stands beside the pages and serves them."""

from __future__ import annotations

from flask import Flask, abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security import UserMixin

from assembly.extensions import security
from assembly.security import forms, limits, links, sessions
from assembly.security.passwords import PasswordUtil
from assembly.security.settings import security_settings
from assembly.security.totp import Totp

UNUSED = ("security.two_factor_rescue", "security.two_factor_setup_validate", "security.tf_select")
"""Pages that Flask-Security always has.

The first sends mails to help with a second factor. The second starts set-up over after a wrong code, with a new picture
to scan; `two_factor_token_validation` asks again. The third is a choice among several kinds of second factors.
"""


def init_app(app: Flask) -> None:
    """Set up Flask-Security: our forms, no programming interface beside the pages, nothing that we do not use."""
    app.config.update(security_settings(app.extensions["assembly.config"]))
    security._totp_cls = Totp  # noqa: SLF001  # only its constructor takes it, and there an application is not known
    security._password_util_cls = PasswordUtil  # noqa: SLF001  # the same
    security.init_app(app, None, None, **forms.FORMS)
    security.want_json(lambda _request: False)
    app.login_manager.request_loader(_no_token)  # type: ignore[attr-defined]  # Flask-Login's
    security.login_context_processor(_for_sign_in)
    security.tf_setup_context_processor(_for_second_factor)
    security.mail_context_processor(_for_mails)
    for endpoint in UNUSED:
        app.view_functions[endpoint] = _not_here
    app.before_request(_refuse_json)
    limits.init_app(app)
    sessions.init_app(app)


def _for_sign_in() -> dict[str, object]:
    return {"has_openid_connect": current_app.extensions["assembly.config"].openid_connect is not None}


def _for_second_factor() -> dict[str, object]:
    return {"demands_second_factor": forms.demands_second_factor(current_user)}


def _for_mails() -> dict[str, object]:
    """Let mails name our addresses as the operator configured them: the request's host could be forged."""
    return {"outside": links.outside}


def _not_here(**_arguments: object) -> ResponseReturnValue:
    abort(404)


def _no_token(_request: object) -> UserMixin | None:
    """Know nobody by a token in the address or in a header: people sign in, on the page for it."""
    return None


def _refuse_json() -> None:
    """Take forms alone, since rate limits look at forms."""
    if request.blueprint == "security" and request.is_json:
        abort(415)
