"""Links with a token, under the address that the operator configured: the request's could be forged."""

from __future__ import annotations

from flask import current_app
from flask_security.recoverable import generate_reset_password_token
from flask_security.utils import url_for_security

from assembly.models import User


def outside(path: str) -> str:
    """Return the whole address of a page of ours."""
    public_url: str = current_app.extensions["assembly.config"].public_url
    return public_url + path


def password_link(user: User) -> str:
    """Return the link with which an account's password is chosen: valid for three days and for one password."""
    token = generate_reset_password_token(user)  # type: ignore[no-untyped-call]  # the library's
    return outside(url_for_security("reset_password", token=token))
