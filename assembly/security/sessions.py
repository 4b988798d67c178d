"""Sessions end with the browser, after a working day without a page, and everywhere when the password changes.

The last is Flask-Security's: the cookie names the account by a random value that is drawn anew with the password.
"""

from __future__ import annotations

import time

from flask import Flask, session
from flask_login import current_user

RENEWED_EVERY_SECONDS = 300


def init_app(app: Flask) -> None:
    """Sign the cookie of whoever is signed in anew from time to time; one older than its lifetime is refused."""

    @app.before_request
    def renew() -> None:
        if current_user.is_authenticated:
            period = int(time.time()) // RENEWED_EVERY_SECONDS
            if session.get("seen") != period:
                session["seen"] = period
